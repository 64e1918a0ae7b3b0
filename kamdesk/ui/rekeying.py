"""The page that puts the data of a closed profile under a new key, with how far that is and a way to stop it."""

from __future__ import annotations

import threading

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from kamdesk.domain.rescue import Rescuer
from kamdesk.domain.session import KnownProfile
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, clear, row, text
from kamdesk.ui.tasks import Tasks

_STEPS = 1000


class KeyPage(QWidget):
    """Emits `opened` with a `session.Opened`, or `left` where it did not work and the user has read why."""

    opened = Signal(object)
    left = Signal()
    _told = Signal(int)

    def __init__(
        self, rescuer: Rescuer, tasks: Tasks, profile: KnownProfile, passphrase: str
    ) -> None:
        super().__init__()
        self._stopped = threading.Event()
        self._step = -1
        self._content = QVBoxLayout(self)
        self._content.setContentsMargins(0, 0, 0, 0)
        self._content.setSpacing(theme.GAP)
        self._content.addWidget(text(profile.label, "section"))
        self._content.addWidget(text(self.tr("Replacing the key of your data"), "title", wrap=True))
        told = self.tr(
            "Your data is copied under a new key and checked, then KAMDesk opens it again. If anything interrupts it, "
            "your data stays as it is."
        )
        self._content.addWidget(text(told, "muted", wrap=True))
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("How much is copied"))
        self._content.addWidget(self.bar)
        self.stage = text(self.tr("Copying…"), "muted")
        self._content.addWidget(self.stage)
        self.stop = button(self.tr("Cancel"), self._stop)
        self._content.addLayout(row(None, self.stop))
        self._told.connect(self._show)
        tasks.run(
            self,
            lambda: rescuer.replace_key(
                profile.id, passphrase, self._progress, self._stopped.is_set
            ),
            self.opened.emit,
            failed=self._failed,
        )

    def _progress(self, done: int, everything: int) -> None:
        """Take word of how far it is, on the thread that does it."""
        step = done * _STEPS // max(everything, 1)
        if step != self._step:
            self._step = step
            self._told.emit(step)

    def _show(self, step: int) -> None:
        self.bar.setValue(step)
        if step == _STEPS and not self._stopped.is_set():
            self.stop.setEnabled(False)
            self.stage.setText(self.tr("Checking the copy, then opening it…"))

    def _stop(self) -> None:
        self._stopped.set()
        self.stop.setEnabled(False)
        self.stage.setText(self.tr("Stopping; your data opens with the key until now…"))

    def _failed(self, error: Exception) -> None:
        clear(self._content)
        self._content.addWidget(text(self.tr("The key was not replaced"), "title", wrap=True))
        self._content.addWidget(text(speech.words(error), "error", wrap=True))
        self._content.addWidget(
            text(self.tr("Your data is as it was, under the key until now."), "muted", wrap=True)
        )
        self._content.addLayout(
            row(None, button(self.tr("Open your data"), self.left.emit, look="primary"))
        )
