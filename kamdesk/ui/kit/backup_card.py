"""The part of the settings about backups: when the last was made, making one, going back to one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kamdesk.domain.rescue import StoreCopy, Upkeep
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, clear, column, fixed, row, text

SHOWN = 5


class BackupCard(QWidget):
    """Lists the backups of the open profile."""

    def __init__(self, desk: Desk, upkeep: Upkeep) -> None:
        super().__init__()
        self._desk, self._upkeep = desk, upkeep
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.now = button(self.tr("Back up now"), self._back_up)
        self.back = button(self.tr("Go back to a backup…"), desk.go_back, image="history")
        told = self.tr(
            "KAMDesk backs up by itself every four hours and when it is closed: encrypted, on this computer."
        )
        layout = column(
            text(self.tr("Backups"), "heading"),
            fixed(text(told, "muted", wrap=True)),
            row(self._list, None, button(self.tr("Show the folder"), self._show_folder, look="quiet")),
            row(self.now, self.back, None),
        )
        self.setLayout(layout)
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._desk.tasks.run(self, self._upkeep.copies, self._paint, key="copies")

    def _paint(self, copies: list[StoreCopy]) -> None:
        clear(self._list)
        for copy in copies[:SHOWN]:
            told = self.tr("{when} · {size} MB").format(
                when=speech.instant(copy.made_at), size=speech.number(max(1, copy.size >> 20))
            )
            self._list.addWidget(fixed(text(told)))
        if not copies:
            self._list.addWidget(fixed(text(self.tr("There is no backup yet."), "muted")))
        self.back.setEnabled(bool(copies))

    def _back_up(self) -> None:
        self.now.setEnabled(False)
        self._desk.tasks.run(self, self._upkeep.back_up, self._backed_up, failed=self._failed)

    def _backed_up(self, _: Any) -> None:
        self.now.setEnabled(True)
        self._desk.say(self.tr("The backup was made and checked"))
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self.now.setEnabled(True)
        self._desk.fail(error)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._upkeep.folder))
