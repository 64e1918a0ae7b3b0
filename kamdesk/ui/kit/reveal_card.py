"""The part of the settings about looks at prices: who saw which, when, as this computer noted it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from kamdesk.db.queries.reveals import RevealRow, reveals
from kamdesk.domain.price_access import Look
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, clear, column, fixed, row, text
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.small_table import SmallTable

SHOWN, ALL = 5, 500


def look_words(what: Look) -> str:
    """Say what somebody did."""
    translate = QCoreApplication.translate
    return {
        Look.UNLOCKED: translate("reveal_card", "Unlocked prices"),
        Look.SHOWN: translate("reveal_card", "Saw the prices"),
        Look.HELD: translate("reveal_card", "Held a line to see it"),
        Look.COPIED: translate("reveal_card", "Copied prices"),
        Look.EXPORTED: translate("reveal_card", "Exported with prices"),
        Look.WRITTEN: translate("reveal_card", "Kept a price in a text"),
        Look.PRINTED: translate("reveal_card", "Printed with prices"),
    }[what]


class RevealCard(QWidget):
    """Shows the newest looks; all of them in a dialog."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.all = button(self.tr("Show all…"), self._show_all, image="history")
        self.all.hide()
        told = self.tr(
            "Every look at prices is noted on this computer, encrypted and without the price. What is copied, "
            "exported or printed with prices is told to head office as well."
        )
        self.setLayout(
            column(
                text(self.tr("Who looked at prices"), "heading"),
                fixed(text(told, "muted", wrap=True)),
                self._list,
                row(self.all, None),
            )
        )

    def refresh(self) -> None:
        """Read the newest again."""
        self._desk.tasks.read(
            self, lambda reader: reveals(reader, limit=SHOWN), self._paint, key="reveals"
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was noted since."""
        super().showEvent(event)
        self.refresh()

    def _paint(self, found: Sequence[RevealRow]) -> None:
        clear(self._list)
        for one in found:
            said = (speech.instant(one.at), look_words(one.what), one.contract, one.customer)
            self._list.addWidget(text(" · ".join(filter(None, said)), wrap=True))
        if not found:
            self._list.addWidget(fixed(text(self.tr("Nobody has looked at prices yet."), "muted")))
        self.all.setVisible(len(found) == SHOWN)

    def _show_all(self) -> None:
        RevealDialog(self._desk, self).open()


class RevealDialog(QDialog):
    """Lists the looks at prices that are kept."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Who looked at prices"))
        self.resize(900, 560)
        self.table = SmallTable(
            [
                Column(self.tr("When"), lambda one: speech.instant(one.at), 150),
                Column(self.tr("Who"), lambda one: one.who or "—", 130),
                Column(self.tr("What"), lambda one: look_words(one.what), 170),
                Column(self.tr("Contract"), lambda one: one.contract or "—"),
                Column(self.tr("Customer"), lambda one: one.customer or "—", 220),
            ],
            name=self.windowTitle(),
        )
        layout = column(
            text(self.windowTitle(), "title"),
            self.table,
            row(None, button(self.tr("Close"), self.reject)),
            gap=theme.GAP,
        )
        layout.setStretch(1, 1)
        layout.setContentsMargins(theme.MARGIN, 16, theme.MARGIN, 16)
        self.setLayout(layout)
        desk.tasks.read(
            self, lambda reader: reveals(reader, limit=ALL), self.table.show_rows, failed=desk.fail
        )
