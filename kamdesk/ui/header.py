"""The line above every screen: where one is, how much is there, the search, and the one primary action."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from kamdesk.ui import theme
from kamdesk.ui.kit.bits import button, fixed, row, text


class Header(QWidget):
    """Made anew with the window when the language changes. `begin`: what begins a visit, a promotion, a contract."""

    def __init__(
        self, begin: Mapping[str, Callable[[], object]], find: Callable[[], object]
    ) -> None:
        super().__init__()
        self.title = text("", "title")
        self.counted = fixed(text("", "muted"))
        search = button(
            self.tr("Search customers and actions…   Ctrl+K"), find, look="search", image="search"
        )
        search.setMinimumWidth(300)
        words = {
            "visit": self.tr("Record visit") + "   Ctrl+N",
            "promotion": self.tr("New request") + "   Ctrl+Shift+P",
            "contract": self.tr("New contract") + "   Ctrl+Shift+T",
        }
        self._primary = {
            what: button(words[what], act, look="primary", image="plus")
            for what, act in begin.items()
        }
        line = row(self.title, self.counted, None, search, *self._primary.values(), gap=theme.GAP)
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)

    def show_place(self, title: str, primary: str) -> None:
        """Name the screen, and offer what is begun there; "" for nothing."""
        self.title.setText(title)
        for what, one in self._primary.items():
            one.setVisible(what == primary)

    def count(self, words: str) -> None:
        """Say how much is there."""
        self.counted.setText(words)
