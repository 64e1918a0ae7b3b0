"""A table of a few rows that are all in memory: one is chosen, arrows move, Enter opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent

from kamdesk.ui import theme
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.rows import Cell, RowsView

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class SmallModel(QAbstractTableModel):
    """Rows (anything with an `id`) under their columns."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns
        self.rows: Sequence[Any] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, one = self.columns[index.column()], self.rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return column.write(one)
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour(column.colour(one))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].heading.upper()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self.columns[section])
        return None


def _side(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class SmallTable(RowsView):
    """Shows a `SmallModel`; who was chosen stays chosen."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, columns: Sequence[Column], *, name: str) -> None:
        super().__init__(name=name)
        self.records = SmallModel(columns)
        self.records.setParent(self)
        self.setModel(self.records)
        self.horizontalHeader().setSectionsClickable(False)
        self.lay_out(column.width for column in columns)
        self.doubleClicked.connect(lambda _: self.opened.emit(self.current_id))
        self.selectionModel().currentRowChanged.connect(
            lambda *_: self.chosen.emit(self.current_id)
        )

    def cells(self, row: int) -> list[Cell]:
        """Return what is written in a row."""
        one = self.records.rows[row]
        return [column.cell(one) for column in self.records.columns]

    @property
    def current_id(self) -> str:
        """The id of the chosen row, or ""."""
        at = self.currentIndex().row()
        return str(self.records.rows[at].id) if 0 <= at < len(self.records.rows) else ""

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these; the first is chosen where nothing was."""
        before = self.current_id
        with QSignalBlocker(self):
            self.records.show_rows(rows)
        if rows:
            self.choose(before if any(one.id == before for one in rows) else rows[0].id)

    def choose(self, record_id: str) -> None:
        """Choose a row."""
        for at, one in enumerate(self.records.rows):
            if one.id == record_id:
                self.setCurrentIndex(self.records.index(at, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current_id:
            self.opened.emit(self.current_id)
            return
        super().keyPressEvent(event)
