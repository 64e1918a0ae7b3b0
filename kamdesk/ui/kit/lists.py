"""Lists that read a page at a time and keep selection and place when what they show changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from kamdesk.ui import theme
from kamdesk.ui.tasks import Tasks

PAGE = 100
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True)
class Column:
    """One column: its heading, how a row is written in it, its width (0 takes what is left), its colour.

    `raw`: the number, day or amount behind the words, for an export.
    """

    heading: str
    write: Callable[[Any], str]
    width: int = 0
    colour: Callable[[Any], str] = lambda _: "text"
    right: bool = False
    raw: Callable[[Any], Any] | None = None


class PagedModel(QAbstractTableModel):
    """Rows (anything with an `id`), read page by page with `read(reader, offset, limit)` off the GUI thread."""

    loaded = Signal()

    def __init__(
        self,
        tasks: Tasks,
        columns: Sequence[Column],
        read: Callable[[Any, int, int], list[Any]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._columns = columns
        self._read = read
        self.rows: list[Any] = []
        self._has_more = False
        self._is_reading = False

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        column, one = self._columns[index.column()], self.rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return column.write(one)
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour(column.colour(one))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading.upper()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if self._columns[section].right
                else Qt.AlignmentFlag.AlignLeft
            )
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._has_more

    def fetchMore(self, parent: Index) -> None:
        if parent.isValid() or self._is_reading or not self._has_more:
            return
        self._is_reading = True
        offset = len(self.rows)
        self._tasks.read(
            self, lambda reader: self._read(reader, offset, PAGE), self._append, key="rows"
        )

    def _append(self, more: list[Any]) -> None:
        self._is_reading = False
        self._has_more = len(more) == PAGE
        if more:
            self.beginInsertRows(_ROOT, len(self.rows), len(self.rows) + len(more) - 1)
            self.rows += more
            self.endInsertRows()

    def refresh(self) -> None:
        """Read again what is shown."""
        size = max(PAGE, -(-len(self.rows) // PAGE) * PAGE)
        self._is_reading = True
        self._tasks.read(
            self,
            lambda reader: (self._read(reader, 0, size), size),
            lambda answer: self._replace(*answer),
            key="rows",
        )

    def _replace(self, rows: list[Any], size: int) -> None:
        self._is_reading = False
        self._has_more = len(rows) == size
        if [one.id for one in rows] == [one.id for one in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(
                    self.index(0, 0), self.index(len(rows) - 1, len(self._columns) - 1)
                )
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        self.loaded.emit()


class RecordTable(QTableView):
    """A calm table of records: one is chosen, arrows move, Enter opens."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(
        self,
        tasks: Tasks,
        columns: Sequence[Column],
        read: Callable[[Any, int, int], list[Any]],
        *,
        name: str,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._wanted = ""
        self.records = PagedModel(tasks, columns, read, self)
        self.setModel(self.records)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(40)
        for at, column in enumerate(columns):
            if column.width:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
                self.setColumnWidth(at, column.width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        self.records.modelAboutToBeReset.connect(self._remember)
        self.records.modelReset.connect(self._restore)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.doubleClicked.connect(
            lambda index: self.opened.emit(self.records.rows[index.row()].id)
        )

    @property
    def current_id(self) -> str:
        """The id of the chosen record, or ""."""
        at = self.currentIndex().row()
        return str(self.records.rows[at].id) if 0 <= at < len(self.records.rows) else ""

    def choose(self, record_id: str) -> None:
        """Choose a record, now or when it has been read."""
        self._wanted = record_id
        self._restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current_id:
            self.opened.emit(self.current_id)
            return
        super().keyPressEvent(event)

    def _on_current(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self.records.rows):
            self._wanted = str(self.records.rows[index.row()].id)
            self.chosen.emit(self._wanted)

    def _remember(self) -> None:
        self._wanted = self.current_id or self._wanted
        self._scrolled = self.verticalScrollBar().value()

    def _restore(self) -> None:
        for at, one in enumerate(self.records.rows):
            if one.id == self._wanted:
                if at != self.currentIndex().row():
                    self.setCurrentIndex(self.records.index(at, 0))
                self.verticalScrollBar().setValue(getattr(self, "_scrolled", 0))
                self.scrollTo(self.records.index(at, 0))
                return
