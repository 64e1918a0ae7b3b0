"""The page that takes a profile off this computer: says first what head office never got, and asks."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from kamdesk.domain.rescue import Findings, Rescuer
from kamdesk.domain.session import KnownProfile
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, clear, row, text, waiting_bar
from kamdesk.ui.kit.forgetting import forget_all
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.recovery import unsent_parts
from kamdesk.ui.tasks import Tasks

SHOWN = 5
"""Changes that are listed; the others are counted."""


class RemovalPage(QWidget):
    """Emits `removed` when nothing of the profile is left here, `left` to keep it, `open_wanted` to send first."""

    removed = Signal()
    left = Signal()
    open_wanted = Signal(str)

    def __init__(
        self, rescuer: Rescuer, tasks: Tasks, profile: KnownProfile, passphrase: str
    ) -> None:
        super().__init__()
        self._rescuer, self._tasks, self._profile = rescuer, tasks, profile
        self._passphrase = passphrase
        self._found = Findings("")
        self.passphrase: QLineEdit | None = None
        self.known = QCheckBox()
        self.content = QVBoxLayout(self)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(theme.GAP)
        self._look()

    def forget(self) -> None:
        """Keep nothing of what was typed in secret."""
        self._passphrase = ""
        forget_all([self.passphrase] if self.passphrase is not None else [])
        self.passphrase = None

    def _begin(self, heading: str) -> None:
        forget_all([self.passphrase] if self.passphrase is not None else [])
        self.passphrase = None
        clear(self.content)
        self.content.addWidget(text(self._profile.label, "section"))
        self.content.addWidget(text(heading, "title", wrap=True))

    def _wait(self, words: str) -> None:
        self._begin(words)
        self.content.addWidget(waiting_bar(words))

    def _look(self) -> None:
        self._wait(self.tr("Looking for what was not sent…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.look(self._profile.id, self._passphrase),
            self._on_found,
            failed=lambda error: self._paint(speech.words(error)),
        )

    def _on_found(self, found: Findings) -> None:
        self._found = found
        wrong = self.tr("This is not the passphrase.") if self._passphrase else ""
        self._paint("" if found.is_opened else wrong)

    def _paint(self, trouble: str = "") -> None:
        found = self._found
        self._begin(self.tr("Remove this profile from this computer?"))
        self.content.addWidget(text(self._told(), wrap=True))
        for part in unsent_parts(found.unsent, SHOWN):
            self.content.addWidget(part)
        if not found.is_opened and self._profile.has_passphrase:
            self._ask_passphrase()
        gone = self.tr(
            "Its data, its backups and its keys are deleted here. What head office has stays there, and can be set up "
            "here again."
        )
        self.content.addWidget(text(gone, "muted", wrap=True))
        is_safe = found.is_opened and not found.unsent and not found.drafts
        remove = button(self.tr("Remove"), self._remove)
        remove.setEnabled(is_safe)
        if not is_safe:
            self.known = QCheckBox(self.tr("I know that this work is lost"))
            self.known.toggled.connect(remove.setEnabled)
            self.content.addWidget(self.known)
        error = text(trouble, "error", wrap=True)
        error.setVisible(bool(trouble))
        self.content.addWidget(error)
        keep = button(self.tr("Keep it"), self.left.emit)
        send = button(
            self.tr("Open it and send first"), lambda: self.open_wanted.emit(self._passphrase),
            look="primary",
        )  # fmt: skip
        send.setVisible(not is_safe)
        self.content.addLayout(row(remove, None, keep, send))
        # After what stood here before is gone, which would take the focus with it
        first = self.passphrase or (keep if is_safe else send)
        QTimer.singleShot(0, first, lambda: first.setFocus())

    def _told(self) -> str:
        unsent, drafts = len(self._found.unsent), self._found.drafts
        if not self._found.is_opened:
            return self.tr(
                "Whether there is work that was never sent to head office can only be told with its key. "
                "If there is, it is lost for ever."
            )
        told = []
        if unsent:
            told.append(
                speech.counted(
                    unsent,
                    self.tr("1 change was never sent to head office and is lost for ever."),
                    self.tr("{n} changes were never sent to head office and are lost for ever."),
                )
            )
        if drafts:
            told.append(
                speech.counted(
                    drafts,
                    self.tr("1 half-typed form is lost too."),
                    self.tr("{n} half-typed forms are lost too."),
                )
            )
        return " ".join(told) or self.tr("Head office has confirmed everything that is in it.")

    def _ask_passphrase(self) -> None:
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.returnPressed.connect(self._use_passphrase)
        self.content.addWidget(
            Field(self.tr("Passphrase, to see what was not sent"), self.passphrase)
        )
        self.content.addLayout(row(None, button(self.tr("Look"), self._use_passphrase)))

    def _use_passphrase(self) -> None:
        assert self.passphrase is not None
        self._passphrase = self.passphrase.text()
        self._look()

    def _remove(self) -> None:
        self._wait(self.tr("Removing the profile…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.remove(self._profile.id),
            lambda _: self.removed.emit(),
            failed=lambda error: self._paint(speech.words(error)),
        )
