"""A calm table: one row is chosen, its cells are text, and it is painted here.

A style sheet draws each cell by itself, through twelve questions to the model: 0.25 ms a cell, 23 ms for a screen of
customers, which is a frame missed with every key (measured). Painted in one piece it is a tenth of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QHoverEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from kamdesk.ui import discreet, theme
from kamdesk.ui.icons import icon

Index = QModelIndex | QPersistentModelIndex
_PAD, _IMAGE = 8, 14
_IMAGE_COLOURS = {"circle-alert": "amber"}
_MOST_FITTED = 4000
_HOVERS = frozenset({QEvent.Type.HoverEnter, QEvent.Type.HoverMove, QEvent.Type.HoverLeave})


class Cell(NamedTuple):
    """What is written in a cell, in which colour of the theme, on which side; `image`: an icon at its end."""

    text: str
    colour: str = "text"
    right: bool = False
    image: str = ""


class RowsView(QTableView):
    """Paints whole rows. Subclasses write `cells`."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.ROW)
        self.horizontalHeader().setHighlightSections(False)
        # All of it is painted here: what lies below need not be
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        discreet.discreet().switched.connect(self.viewport().update)
        self._under_pointer = -1
        self._fitted: dict[tuple[str, int], str] = {}

    def lay_out(self, widths: Iterable[int]) -> None:
        """Give the columns their widths; 0 takes what is left."""
        for at, width in enumerate(widths):
            if width:
                self.setColumnWidth(at, width)
            else:
                self.horizontalHeader().setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)

    def cells(self, row: int) -> Sequence[Cell]:
        """Return what is written in a row, column by column; nothing while it is being read."""
        raise NotImplementedError

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer: the row below it is lit."""
        if event.type() in _HOVERS and isinstance(event, QHoverEvent):
            is_gone = event.type() == QEvent.Type.HoverLeave
            self._light(-1 if is_gone else self.rowAt(event.position().toPoint().y()))
        elif event.type() == QEvent.Type.FontChange:
            self._fitted.clear()
        elif isinstance(event, QHelpEvent) and self._is_masked(self.rowAt(event.pos().y())):
            QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def _is_masked(self, row: int) -> bool:
        """Say whether a row is dots in train mode, beside the pointer too: only the chosen one is read."""
        chosen = self.selectionModel()
        return discreet.is_on() and not (chosen and chosen.isRowSelected(row))

    def _light(self, row: int) -> None:
        if row == self._under_pointer:
            return
        for one in (self._under_pointer, row):
            if one >= 0:
                self.viewport().update(self._strip(one))
        self._under_pointer = row

    def _strip(self, row: int) -> QRect:
        return QRect(0, self.rowViewportPosition(row), self.viewport().width(), self.rowHeight(row))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        part = event.rect()
        painter.fillRect(part, theme.colour("card"))
        first = self.rowAt(part.top())
        if first < 0:
            return
        last = self.rowAt(part.bottom())
        painter.setFont(self.font())
        metrics, columns = painter.fontMetrics(), self._columns_in(part)
        colours: dict[str, QColor] = {}
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        for row in range(first, (last if last >= 0 else self.model().rowCount() - 1) + 1):
            strip = self._strip(row)
            if row in chosen or row == self._under_pointer:
                painter.fillRect(strip, theme.colour("selected" if row in chosen else "hover"))
            painter.fillRect(strip.x(), strip.bottom(), strip.width(), 1, _known(colours, "grid"))
            cells = self.cells(row)
            if not cells:
                continue
            is_masked = discreet.is_on() and row not in chosen
            base = strip.y() + (strip.height() + metrics.ascent() - metrics.descent()) // 2
            for at, x, width in columns:
                text, colour, right, image = cells[at]
                if image:
                    width -= _IMAGE + _PAD
                    middle = strip.y() + (strip.height() - _IMAGE) // 2
                    place = QRect(x + width + _PAD, middle, _IMAGE, _IMAGE)
                    icon(image, _IMAGE_COLOURS.get(image, "muted")).paint(painter, place)
                shown = self._fit(metrics, discreet.masked(text) if is_masked else text, width)
                if right:
                    x += width - metrics.horizontalAdvance(shown)
                painter.setPen(_known(colours, colour))
                painter.drawText(QPoint(x, base), shown)

    def _columns_in(self, part: QRect) -> list[tuple[int, int, int]]:
        """Return the columns that a part of the view cuts: number, where the text begins, and its room."""
        found = []
        for at in range(self.model().columnCount()):
            x, width = self.columnViewportPosition(at), self.columnWidth(at)
            if x < part.right() + 1 and x + width > part.left() and not self.isColumnHidden(at):
                found.append((at, x + _PAD, width - 2 * _PAD))
        return found

    def _fit(self, metrics: QFontMetrics, text: str, width: int) -> str:
        """Return a text as far as there is room for it."""
        known = self._fitted.get((text, width))
        if known is None:
            if len(self._fitted) >= _MOST_FITTED:
                self._fitted.clear()
            known = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._fitted[text, width] = known
        return known


def _known(colours: dict[str, QColor], name: str) -> QColor:
    if name not in colours:
        colours[name] = theme.colour(name)
    return colours[name]
