"""Tables of records: one is chosen, arrows move, Enter opens; place and choice survive what changes below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from kamdesk.db.queries.listing import Wanted
from kamdesk.ui.desk import Screen
from kamdesk.ui.kit.list_model import Column, ListModel
from kamdesk.ui.kit.rows import Cell, RowsView
from kamdesk.ui.kit.sorting import Choice, after_click, pop_up, sort_menu
from kamdesk.ui.tasks import Tasks

__all__ = ["Column", "RecordTable", "keep_sorting"]


def keep_sorting(screen: Screen, table: RecordTable, again: Callable[[], None]) -> None:
    """Sort a list as this user had it last, and keep what is chosen from now on; `again` reads it."""
    name = f"sort.{screen.name}.{screen.desk.profile.user_id}"
    sort, _, way = screen.desk.preference(name).partition(" ")
    table.sort_by(sort, descending=way == "down")

    def on_sorted() -> None:
        screen.desk.prefer(name, f"{table.sort} down" if table.descending else table.sort)
        again()

    table.sorted.connect(on_sorted)


class RecordTable(RowsView):
    """A calm table of records. Headings with a `sort` can be clicked: upwards, downwards, as it was."""

    chosen = Signal(str)
    opened = Signal(str)
    sorted = Signal()
    typed = Signal(str)
    """Somebody typed here what belongs into the search field."""

    def __init__(
        self,
        tasks: Tasks,
        columns: Sequence[Column],
        wanted: Callable[[], Wanted],
        parent: QWidget | None = None,
        *,
        name: str,
    ) -> None:
        super().__init__(parent, name=name)
        self.sort, self.descending = "", False
        self._columns = columns
        self._is_moving = False
        self._awaits_line = False
        self._awaits_end = False
        self._goes_there = False
        self._seen_at: int | None = None
        self._scrolled = 0
        self.records = ListModel(tasks, columns, wanted, self)
        self.records.on_screen = self._rows_on_screen
        self.setModel(self.records)
        self._look()
        self.records.moving.connect(self._remember)
        self.records.modelReset.connect(self._forget)
        self.records.moved.connect(self._restore)
        self.records.arrived.connect(self._on_arrived)
        self.records.counted.connect(self._on_counted)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.doubleClicked.connect(self._open)

    def _look(self) -> None:
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionsClickable(any(column.sort for column in self._columns))
        header.sectionClicked.connect(self._on_heading)
        header.setMinimumSectionSize(40)
        self.lay_out(column.width for column in self._columns)

    def cells(self, row: int) -> list[Cell]:
        """Return what is written in a row that was read; one that was not is asked for."""
        one = self.records.line(row)
        if one is None:
            self.records.want(row)
            return []
        return [column.cell(one) for column in self._columns]

    @property
    def current_id(self) -> str:
        """The id of the chosen record, or ""."""
        one = self.records.line(self.currentIndex().row())
        return str(one.id) if one is not None else ""

    def choose(self, record_id: str) -> None:
        """Choose a record and go to it, now or when it has been read."""
        self.records.chosen = record_id
        self._goes_there = True
        row = self.records.row_of(record_id)
        if row >= 0:
            self._remember()
            self._restore(row)
        elif self.records.is_whole:
            self.records.find(record_id)

    # ---- keys and clicks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current_id:
            self.opened.emit(self.current_id)
            return
        super().keyPressEvent(event)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and the last row; in a table of Qt they go to the ends of a row."""
        if action == QAbstractItemView.CursorAction.MoveHome:
            return self.records.index(0, 0)
        if action == QAbstractItemView.CursorAction.MoveEnd:
            self._awaits_end = not self.records.is_whole
            return self.records.index(self.records.rowCount() - 1, 0)
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, search: str) -> None:
        """Hand what is typed to the search: Qt would look through every row on the GUI thread."""
        if search.strip():
            self.typed.emit(search)

    def _open(self, index: QModelIndex | QPersistentModelIndex) -> None:
        one = self.records.line(index.row())
        if one is not None:
            self.opened.emit(one.id)

    def sort_by(self, sort: str, *, descending: bool) -> None:
        """Show and remember what the list is sorted by; "" or a column that is none: as it comes."""
        at = next((at for at, one in enumerate(self._columns) if sort and one.sort == sort), -1)
        self.sort, self.descending = (sort, descending) if at >= 0 else ("", False)
        header = self.horizontalHeader()
        header.setSortIndicatorShown(at >= 0)
        way = Qt.SortOrder.DescendingOrder if self.descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(at, way)

    def ask_sort(self) -> None:
        """Offer the columns to sort by; a column chosen again is sorted the other way round."""
        way = self.tr("{column}, downwards") if self.descending else self.tr("{column}, upwards")
        menu = sort_menu(
            self,
            self.tr("Sort by"),
            (
                Choice(
                    way.format(column=one.heading) if one.sort == self.sort else one.heading,
                    one.sort == self.sort,
                    partial(self._choose_sort, one.sort),
                )
                for one in self._columns
                if one.sort
            ),
        )
        menu.addSeparator()
        menu.addAction(self.tr("As it comes"), partial(self._choose_sort, ""))
        pop_up(menu, self)

    def _choose_sort(self, sort: str) -> None:
        self._sort(sort, bool(sort) and sort == self.sort and not self.descending)

    def _sort(self, sort: str, descending: bool) -> None:  # noqa: FBT001  # a pair
        self.sort_by(sort, descending=descending)
        self.sorted.emit()

    def _on_heading(self, at: int) -> None:
        sort = self._columns[at].sort
        if sort:
            self._sort(*after_click(sort, self.sort, descending=self.descending))

    def _on_current(self, index: QModelIndex) -> None:
        if self._is_moving or not index.isValid():
            return
        one = self.records.line(index.row())
        self._awaits_line = one is None
        if one is not None:
            self.records.chosen = str(one.id)
            self.chosen.emit(self.records.chosen)

    # ---- what changes below

    def _rows_on_screen(self) -> tuple[int, int]:
        last = self.rowAt(self.viewport().height() - 1)
        return max(0, self.rowAt(0)), last if last >= 0 else self.records.rowCount()

    def _on_arrived(self) -> None:
        if self._awaits_line:
            self._on_current(self.currentIndex())

    def _on_counted(self, count: int) -> None:
        if self._awaits_end and count:
            self._awaits_end = False
            self.setCurrentIndex(self.records.index(count - 1, 0))

    def _remember(self) -> None:
        """Note where the chosen row is on the screen before rows come or go."""
        self._is_moving = True
        self._scrolled = self.verticalScrollBar().value()
        y = self.rowViewportPosition(self.currentIndex().row())
        is_seen = self.currentIndex().isValid() and 0 <= y < self.viewport().height()
        self._seen_at = y if is_seen else None

    def _forget(self) -> None:
        """Another list begins at its beginning."""
        self._seen_at, self._scrolled = None, 0

    def _restore(self, place: int) -> None:
        """Choose the same record again, at the same height; `place` is where it is now."""
        bar = self.verticalScrollBar()
        self.setCurrentIndex(self.records.index(place, 0) if place >= 0 else QModelIndex())
        if place >= 0 and self._goes_there:
            self._goes_there = False
            self.scrollTo(self.records.index(place, 0))
            self._is_moving = False
            self.chosen.emit(self.records.chosen)
        elif place >= 0 and self._seen_at is not None:
            bar.setValue(bar.value() + self.rowViewportPosition(place) - self._seen_at)
        else:
            bar.setValue(self._scrolled)
        self._is_moving = False
