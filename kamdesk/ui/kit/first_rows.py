"""The first rows of a file as they are in it. A cell is asked for when it is painted: there are hundreds of columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

_LONGEST = 200
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class FirstRows(QAbstractTableModel):
    """Rows with their numbers, under the headings of the file."""

    def __init__(
        self, headings: Sequence[str], rows: Sequence[tuple[int, list[str]]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._headings, self._rows = headings, rows

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        _, cells = self._rows[index.row()]
        return cells[index.column()][:_LONGEST] if index.column() < len(cells) else ""

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return str(self._headings[section])
        return str(self._rows[section][0])
