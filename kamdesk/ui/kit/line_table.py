"""The lines of a contract to look at: a table that sorts them, and shows masked prices while a row is held."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import (
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from kamdesk.db.queries.prices import Envelopes
from kamdesk.domain.price_access import Look
from kamdesk.ui import discreet, theme
from kamdesk.ui.kit.line_model import Index, LinesModel
from kamdesk.ui.kit.sorting import Choice, after_click, pop_up, sort_menu
from kamdesk.ui.price_lock import PriceLock

WIDTHS = {"volume": 104, "rebate": 80, "value": 114}
PRICE_WIDTH = 84
LEAST_PRODUCT = 150
TALL_ROW = 46


class _Product(QStyledItemDelegate):
    """A product's name with its pack below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, LinesModel)
        line = model.lines[index.row()]
        box = QStyleOptionViewItem(option)
        self.initStyleOption(box, index)
        name, box.text = box.text, ""
        style = box.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, box, painter, box.widget)
        inside = box.rect.adjusted(8, 5, -8, -5)
        half = inside.height() // 2 if line.pack else inside.height()
        painter.save()
        for words, at, colour, bold in (
            (name, 0, "text", True),
            (line.pack if model.is_read(index.row()) else "", half, "muted", False),
        ):
            font = box.font
            font.setBold(bold)
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            room = QRect(inside.x(), inside.y() + at, inside.width(), half)
            shown = QFontMetrics(font).elidedText(
                words, Qt.TextElideMode.ElideRight, inside.width()
            )
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()


class LineTable(QTableView):
    """A calm table of contract lines; nothing in it can be edited. Headings sort: upwards, downwards, as it was."""

    copied = Signal(int)
    """The row that is to be copied (Ctrl+C)."""
    sorted = Signal(str, bool)
    """What the user sorts by, whether downwards."""

    def __init__(self, lock: PriceLock, role: str, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._lock = lock
        self.lines = LinesModel(lock, role)
        self.lines.setParent(self)
        self.setModel(self.lines)
        discreet.discreet().switched.connect(self._arrange)
        lock.masked.connect(self._arrange)
        self.setItemDelegateForColumn(0, _Product(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(TALL_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._on_heading)
        for at, key in enumerate(self.lines.keys[1:], start=1):
            self.setColumnWidth(at, WIDTHS.get(key, PRICE_WIDTH))

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Sort the lines, and show by what; a price once all are shown."""
        self.lines.sort_by(key, descending=descending)
        self._widen()

    def ask_sort(self) -> None:
        """Offer what the lines can be sorted by; what is chosen again is sorted the other way round."""
        lines = self.lines
        choices = (
            Choice(
                str(lines.headerData(at, Qt.Orientation.Horizontal)).capitalize(),
                key == lines.sorting,
                partial(self._on_heading, at),
                lines.can_sort(key),
            )
            for at, key in enumerate(lines.keys)
        )
        pop_up(sort_menu(self, self.tr("Sort by"), choices), self)

    def _on_heading(self, at: int) -> None:
        key = self.lines.keys[at]
        if self.lines.can_sort(key):
            sort, descending = after_click(
                key, self.lines.sorting, descending=self.lines.descending
            )
            self.sort_by(sort, descending=descending)
            self.sorted.emit(sort, descending)

    @Slot()
    def _arrange(self) -> None:
        self.lines.arrange()
        self._widen()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the masked prices of a row while the button is held on it."""
        super().mousePressEvent(event)
        self._hold(self.rowAt(event.position().toPoint().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Mask them again."""
        super().mouseReleaseEvent(event)
        self.lines.hold(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the masked prices of the chosen row while the space bar is held."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            if not self.currentIndex().isValid():
                self.selectRow(0)
            self._hold(self.currentIndex().row())
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            if self.currentIndex().isValid() and self.lines.has_open_prices:
                self.copied.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Mask them again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.lines.hold(-1)
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mask them again, also where the key is let go elsewhere."""
        super().focusOutEvent(event)
        self.lines.hold(-1)

    def _hold(self, row: int) -> None:
        is_masked = self.lines.is_masked and self.lines.has_open_prices
        if is_masked and 0 <= row < len(self.lines.lines):
            self.lines.hold(row)
            self._lock.looked.emit(Look.HELD, self.lines.lines[row].id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the room."""
        super().resizeEvent(event)
        self._share()

    def show_prices(self, sealed: Mapping[str, Envelopes]) -> None:
        """Show prices as wide as they are written; {} forgets them, and how wide they were."""
        self.lines.show_prices(sealed)
        self._widen()

    def _widen(self) -> None:
        """Make columns as wide as their cells, and as the heading with the arrow that says it is sorted by."""
        header = self.horizontalHeader()
        for at, key in enumerate(self.lines.keys[1:], start=1):
            least = WIDTHS.get(key, PRICE_WIDTH)
            wide = max(least, self.sizeHintForColumn(at) + 8, header.sectionSizeHint(at))
            self.setColumnWidth(at, wide)
        self._share()

    def _share(self) -> None:
        """Give the product what is left; where that is too little, leave out what each line comes to."""
        last = len(self.lines.keys) - 1
        if self.lines.keys[-1] == "value":
            self.showColumn(last)
        rest = self.viewport().width() - sum(map(self.columnWidth, range(1, last + 1)))
        if self.lines.keys[-1] == "value" and rest < LEAST_PRODUCT:
            # What the lines come to in all stands above the table in any case
            rest += self.columnWidth(last)
            self.hideColumn(last)
        self.setColumnWidth(0, max(LEAST_PRODUCT, rest))

    def fit(self) -> None:
        """Be as high as the lines are, up to eight."""
        rows = min(max(len(self.lines.lines), 1), 8)
        bar = self.horizontalScrollBar().sizeHint().height()
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + rows * TALL_ROW + bar + 4)
