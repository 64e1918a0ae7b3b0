"""What the program says when something that nobody expected happens in it: once, calmly, with details to copy."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

QUIET_SECONDS = 600.0
"""The same failure at the same place is shown once in this time; a widget that fails to paint fails each time."""
_log = logging.getLogger(__name__)


class Bugs(QObject):
    """Shows one dialog at a time, over whichever window is in front. Lives in the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self.box: QMessageBox | None = None

    def show(self, error: BaseException) -> None:
        """Say that something unexpected happened and that the data is safe."""
        from kamdesk.logs import describe

        details = describe(error)
        self._counts[details] = self._counts.get(details, 0) + 1
        now = time.monotonic()
        if self.box is not None or now - self._shown.get(details, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._shown[details] = now
        box = QMessageBox(QApplication.activeModalWidget() or QApplication.activeWindow())
        box.setWindowTitle("KAMDesk")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(
            self.tr("Something unexpected happened. What you saved is safe on this computer.")
        )
        box.setInformativeText(self.tr("You can go on working. The details help to mend it."))
        copy = box.addButton(self.tr("Copy details"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(self.tr("Go on"), QMessageBox.ButtonRole.AcceptRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        box.finished.connect(self._on_closed)
        self.box = box
        box.open()

    def is_new(self, error: BaseException) -> bool:
        """Say whether a failure deserves its lines in the log: the first few of its kind do."""
        from kamdesk.logs import describe

        return self._counts.get(describe(error), 0) < 3  # noqa: PLR2004  # enough to see that it repeats

    def _on_closed(self, _: int) -> None:
        box, self.box = self.box, None
        if box is not None:
            box.deleteLater()
