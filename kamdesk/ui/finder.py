"""Ctrl+K: one line that finds customers, screens and actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from kamdesk.db.queries.customers import Found, find_customers
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import column
from kamdesk.ui.kit.discreet_rows import DiscreetRows
from kamdesk.ui.tasks import Tasks

Action = tuple[str, str, Callable[[], object]]
"""Words, icon, what it does."""


class Finder(QDialog):
    """A list that narrows while one types; arrows and Enter."""

    def __init__(
        self,
        parent: QWidget,
        tasks: Tasks,
        actions: Sequence[Action],
        open_customer: Callable[[str], object],
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._tasks, self._actions, self._open_customer = tasks, actions, open_customer
        self._runs: list[Callable[[], object]] = []
        self._found_for: str | None = None
        self._runs_first = False
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(self.tr("Customer, screen or action"))
        self.typed.setAccessibleName(self.tr("Find"))
        self.typed.textChanged.connect(self._ask)
        self.typed.returnPressed.connect(self._run)
        self.typed.installEventFilter(self)
        self.found = QListWidget()
        self.found.setAccessibleName(self.tr("Found"))
        self.found.setItemDelegate(DiscreetRows(self.found))
        self.found.setIconSize(QSize(16, 16))
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.itemClicked.connect(lambda _: self._run())
        layout = column(self.typed, self.found)
        layout.setContentsMargins(12, 12, 12, 12)
        self.setLayout(layout)
        self.resize(560, 420)
        self.move(parent.mapToGlobal(parent.rect().center()) - self.rect().center())
        self._ask("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                at = max(0, min(self.found.count() - 1, self.found.currentRow() + step))
                self.found.setCurrentRow(at)
                return True
        return super().eventFilter(watched, event)

    def _ask(self, typed: str) -> None:
        self._runs_first = False
        self._tasks.read(
            self,
            lambda reader: (typed, list(find_customers(reader, typed, limit=8))),
            lambda answer: self._show(*answer),
            key="find",
        )

    def _show(self, typed: str, customers: list[Found]) -> None:
        self.found.clear()
        self._runs, self._found_for = [], typed
        for one in customers:
            self._add(
                f"{one.text}    {one.detail}", "building-2", partial(self._open_customer, one.id)
            )
        words = typed.casefold().split()
        for name, image, run in self._actions:
            if all(part in name.casefold() for part in words):
                self._add(name, image, run)
                self.found.item(self.found.count() - 1).setData(DiscreetRows.OPEN, True)  # noqa: FBT003
        if not self._runs:
            self.found.addItem(self.tr("Nothing found"))
        self.found.setCurrentRow(0)
        if self._runs_first:
            self._run()

    def _add(self, words: str, image: str, run: Callable[[], object]) -> None:
        self.found.addItem(QListWidgetItem(icon(image), words))
        self._runs.append(run)

    def _run(self) -> None:
        if self._found_for != self.typed.text():
            self._runs_first = True  # the answer to the last key is still to come
            return
        at = self.found.currentRow()
        if 0 <= at < len(self._runs):
            self.close()
            self._runs[at]()
