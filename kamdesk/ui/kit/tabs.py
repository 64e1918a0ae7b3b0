"""Tabs of lines, made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtWidgets import QLayout, QTabWidget, QVBoxLayout, QWidget

from kamdesk.domain.values import dataclass
from kamdesk.ui.kit.bits import clear, nothing, put, rule, scrolled
from kamdesk.ui.kit.filler import Filler

Lines = Iterator[QWidget | QLayout]


@dataclass(frozen=True)
class Tab:
    """What stands on a tab, what makes its lines, and what is said where there are none."""

    title: str
    lines: Callable[[], Lines]
    image: str
    empty: str = ""


class LazyTabs(QTabWidget):
    """The same tabs for one record after the other; of each record only what is looked at is made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self._tabs: Sequence[Tab] = ()
        self._made: set[int] = set()
        self._last = 0
        self._layouts: list[QVBoxLayout] = []
        self._filler = Filler(self)
        self.currentChanged.connect(self._make)

    @property
    def is_filling(self) -> bool:
        """Say whether lines are still to come."""
        return self._filler.is_filling

    def prepare(self, count: int) -> Iterator[None]:
        """Make so many tabs, one with each step, before there is anything to show on them."""
        while self.count() < count:
            self._add("")
            yield

    def show_tabs(self, tabs: Sequence[Tab], *, at: int = 0) -> None:
        """Show these instead, the tab `at` on top."""
        self._filler.stop()
        self._tabs, self._made = (), set()
        for number, tab in enumerate(tabs):
            if number < self.count():
                if self.tabText(number) != tab.title:
                    self.setTabText(number, tab.title)
                clear(self._layouts[number])
            else:
                self._add(tab.title)
        self._tabs = tabs
        self.setCurrentIndex(at)
        self._make(at)

    def _add(self, title: str) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 12, 8, 8)
        layout.setSpacing(10)
        self._layouts.append(layout)
        self.addTab(scrolled(inside), title)

    def _make(self, number: int) -> None:
        if not 0 <= number < len(self._tabs) or number in self._made:
            return
        if self._filler.is_filling:  # the tab that was left is made when it is looked at again
            self._filler.stop()
            self._made.discard(self._last)
            clear(self._layouts[self._last])
        self._made.add(number)
        self._last = number
        self._filler.fill(_steps(self._layouts[number], self._tabs[number]), later=True)


def _steps(layout: QVBoxLayout, tab: Tab) -> Iterator[None]:
    """Put the lines of a tab one below the other, a fine line between them."""
    layout.addStretch(1)
    for line in tab.lines():
        if layout.count() > 1:
            put(layout, rule(), at=layout.count() - 1)
        put(layout, line, at=layout.count() - 1)
        yield
    if layout.count() == 1:
        put(layout, nothing(tab.image, "", tab.empty), at=0)
