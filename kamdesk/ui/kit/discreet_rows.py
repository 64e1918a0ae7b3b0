"""Train mode for rows of what was found. A module of its own: the window is painted without the class QStyle."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from kamdesk.ui import discreet


class DiscreetRows(QStyledItemDelegate):
    """Rows of what was found: in train mode only the marked one is read. `OPEN` data: words of the program."""

    OPEN = Qt.ItemDataRole.UserRole + 7

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        """Paint dots, or the row."""
        view = option.widget
        is_marked = isinstance(view, QAbstractItemView) and view.currentIndex() == index
        if not discreet.is_on() or is_marked or index.data(self.OPEN):
            super().paint(painter, option, index)
            return
        box = QStyleOptionViewItem(option)
        self.initStyleOption(box, index)
        box.text = discreet.masked(box.text)
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, box, painter, view)
