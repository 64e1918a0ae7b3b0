"""The lines of a contract to look at: prices are dots until they are shown.

They are kept sealed, and opened one at a time at every paint: what was never held as a number or a text is not left in
memory when prices are locked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
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

from kamdesk.db.queries.contracts import ContractLineRow
from kamdesk.db.queries.prices import Envelopes, number_of
from kamdesk.domain.price_access import Look, PricesLocked
from kamdesk.domain.price_digits import Number, plain, times, total
from kamdesk.domain.prices import Unreadable
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.reports.tables import Value
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.kit.price_words import (
    DOTS,
    fields_of,
    heading,
    hidden_name,
    unreadable,
)
from kamdesk.ui.price_lock import PriceLock

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
WIDTHS = {"volume": 104, "rebate": 80, "value": 114}
PRICE_WIDTH = 84
LEAST_PRODUCT = 150
TALL_ROW = 46


class LinesModel(QAbstractTableModel):
    """Lines and, while prices are open, their sealed prices."""

    def __init__(self, lock: PriceLock, role: str) -> None:
        super().__init__()
        self._lock = lock
        self.sealed: Mapping[str, Envelopes] = {}
        self.lines: Sequence[ContractLineRow] = ()
        self.held = -1
        """The row whose prices are shown though they are masked, for as long as it is held."""
        self._prices_of = fields_of(role)
        self.keys = ("product", "volume", *self._prices_of)
        if self._prices_of:
            self.keys += ("value",)

    def show_lines(self, lines: Sequence[ContractLineRow]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self.lines, self.sealed = lines, {}
        self.endResetModel()

    def show_prices(self, sealed: Mapping[str, Envelopes]) -> None:
        """Show what was read; {} forgets it."""
        self.sealed = sealed
        if self.lines:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.lines) - 1, len(self.keys) - 1)
            )

    @property
    def has_open_prices(self) -> bool:
        """Say whether there are prices that could be shown."""
        return self._lock.is_open and bool(self._prices_of)

    @property
    def is_masked(self) -> bool:
        """Say whether open prices are dots until their row is held: in train mode, or by the user's choice."""
        return discreet.is_on() or self._lock.is_masked

    def is_secret(self, column: int) -> bool:
        """Say whether a column holds what only open prices show."""
        return self.keys[column] in self._prices_of or self.keys[column] == "value"

    def total(self) -> str:
        """Write what all lines come to; dots while prices are locked, and in train mode."""
        if not self._lock.is_open or discreet.is_on():
            return DOTS
        try:
            whole = total(self._value(line) for line in self.lines)
        except PricesLocked:
            return DOTS  # meanwhile, by another thread
        return "—" if whole is None else f"{speech.digits(plain(whole))} {whole[2]}"

    def values(self, line: ContractLineRow) -> list[Value]:
        """Return what a line holds, prices as exact numbers; for an export or a copy. Raises PricesLocked."""
        if not self._lock.is_open:
            raise PricesLocked
        found = [self._of(line, key) for key in self._prices_of]
        whole = self._value(line)
        prices = [
            Decimal(plain(one)) if isinstance(one, tuple) else None for one in (*found, whole)
        ]
        return [*open_values(line), *prices, whole[2] if whole else ""]

    def headings(self) -> tuple[str, ...]:
        """Return what `values` are called."""
        prices = *map(heading, self._prices_of), heading("value"), self.tr("Currency")
        return (*self.open_headings(), *prices)

    def open_headings(self) -> tuple[str, ...]:
        """Return what `open_values` are called."""
        return self.tr("Product"), self.tr("Pack"), self.tr("Volume"), self.tr("Unit")

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line, key = self.lines[index.row()], self.keys[index.column()]
        is_secret = self.is_secret(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            words = self._secret(line, key) if is_secret else _open(line, key)
            return words if is_secret or self.is_read(index.row()) else discreet.masked(words)
        if role == Qt.ItemDataRole.AccessibleTextRole and is_secret:
            return hidden_name()
        if role == Qt.ItemDataRole.ToolTipRole and not is_secret and self.is_read(index.row()):
            note = "" if is_sealed(line.note) else line.note
            return " · ".join(filter(None, (_open(line, key), note)))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(key in {"volume", "value", *self._prices_of})
        if role == Qt.ItemDataRole.ForegroundRole and is_secret:
            return theme.colour(self._colour(line, key))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        key = self.keys[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heading(key).upper()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(key in {"volume", "value", *self._prices_of})
        return None

    def _heading(self, key: str) -> str:
        words = {"product": self.tr("Product"), "volume": self.tr("Volume")}
        return words.get(key) or heading(key)

    def _of(self, line: ContractLineRow, key: str) -> Number | Unreadable | None:
        return number_of(self._lock.prices, line.id, key, self.sealed.get(line.id, {}))

    def _value(self, line: ContractLineRow) -> Number | None:
        """Return what a line comes to: its net price times its volume."""
        net = self._of(line, "net")
        return times(net, line.volume) if isinstance(net, tuple) and line.volume else None

    def is_read(self, row: int) -> bool:
        """Say whether what a line is about is on the screen; in train mode while it is held."""
        return row == self.held or not discreet.is_on()

    def hold(self, row: int) -> None:
        """Show the masked prices of one row; -1 masks them again."""
        if row == self.held:
            return
        for one in (self.held, row):
            if 0 <= one < len(self.lines):
                self.held = row
                self.dataChanged.emit(self.index(one, 0), self.index(one, len(self.keys) - 1))
        self.held = row

    def _secret(self, line: ContractLineRow, key: str) -> str:
        is_held = 0 <= self.held < len(self.lines) and self.lines[self.held] is line
        if not self._lock.is_open or (self.is_masked and not is_held):
            return DOTS
        try:
            found = self._value(line) if key == "value" else self._of(line, key)
        except PricesLocked:
            return DOTS  # meanwhile, by another thread
        if isinstance(found, Unreadable):
            return unreadable()
        return "—" if found is None else speech.digits(plain(found))

    def _colour(self, line: ContractLineRow, key: str) -> str:
        if not self._lock.is_open:
            return "muted"
        try:
            is_unreadable = key != "value" and isinstance(self._of(line, key), Unreadable)
        except PricesLocked:
            return "muted"
        return "red" if is_unreadable else "text"


def open_values(line: ContractLineRow) -> list[Value]:
    """Return what a line holds without its prices."""
    return [line.product, line.pack, line.volume, line.unit]


def _open(line: ContractLineRow, key: str) -> str:
    if key == "product":
        return line.product or "—"
    return "—" if line.volume is None else f"{speech.number(line.volume)} {line.unit}".strip()


def _side(is_number: bool) -> int:  # noqa: FBT001  # one of two sides
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


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
    """A calm table of contract lines; nothing in it can be sorted or edited."""

    copied = Signal(int)
    """The row that is to be copied (Ctrl+C)."""

    def __init__(self, lock: PriceLock, role: str, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._lock = lock
        self.lines = LinesModel(lock, role)
        self.lines.setParent(self)
        self.setModel(self.lines)
        discreet.discreet().switched.connect(self.viewport().update)
        lock.masked.connect(self.viewport().update)
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
        header.setSectionsClickable(False)
        for at, key in enumerate(self.lines.keys[1:], start=1):
            self.setColumnWidth(at, WIDTHS.get(key, PRICE_WIDTH))

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
        for at, key in enumerate(self.lines.keys[1:], start=1):
            least = WIDTHS.get(key, PRICE_WIDTH)
            self.setColumnWidth(at, max(least, self.sizeHintForColumn(at) + 8))
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
