"""The lines of a contract to look at, as a model: prices are dots until they are shown.

They are kept sealed, and opened one at a time at every paint: what was never held as a number or a text is not left in
memory when prices are locked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from kamdesk.db.queries.contracts import ContractLineRow
from kamdesk.db.queries.prices import Envelopes, number_of
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.price_digits import Number, plain, times, total
from kamdesk.domain.prices import Unreadable
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.reports.tables import Value
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.kit import line_order
from kamdesk.ui.kit.price_words import DOTS, fields_of, heading, hidden_name, unreadable
from kamdesk.ui.price_lock import PriceLock

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class LinesModel(QAbstractTableModel):
    """Lines and, while prices are open, their sealed prices."""

    def __init__(self, lock: PriceLock, role: str) -> None:
        super().__init__()
        self._lock = lock
        self.sealed: Mapping[str, Envelopes] = {}
        self.lines: Sequence[ContractLineRow] = ()
        self._given: Sequence[ContractLineRow] = ()
        self._wanted, self.descending = "", False
        self.held = -1
        """The row whose prices are shown though they are masked, for as long as it is held."""
        self._prices_of = fields_of(role)
        self.keys = ("product", "volume", *self._prices_of)
        if self._prices_of:
            self.keys += ("value",)

    def show_lines(self, lines: Sequence[ContractLineRow]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self._given = self.lines = lines
        self.sealed = {}
        self.endResetModel()
        self.arrange()

    def show_prices(self, sealed: Mapping[str, Envelopes]) -> None:
        """Show what was read; {} forgets it."""
        self.sealed = sealed
        self.arrange()
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

    def can_sort(self, key: str) -> bool:
        """Say whether the lines can be sorted by this: by a price only while all of them are shown."""
        if key not in self.keys:
            return False
        is_shown = self._lock.is_open and not self.is_masked and bool(self.sealed)
        return is_shown or not self.is_secret(self.keys.index(key))

    @property
    def sorting(self) -> str:
        """What the lines are sorted by now; "" as the contract has them, also while prices are not shown."""
        return self._wanted if self.can_sort(self._wanted) else ""

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Sort the lines; "" puts them back."""
        self._wanted, self.descending = key, descending
        self.arrange()

    def arrange(self) -> None:
        """Put the lines in their order, where that may be seen; which price is the lowest is a secret too."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.keys) - 1)
        wanted = self._in_order()
        if all(one is other for one, other in zip(wanted, self.lines, strict=True)):
            return
        self.hold(-1)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        rows = {line.id: row for row, line in enumerate(wanted)}
        after = [self.index(rows[self.lines[one.row()].id], one.column()) for one in before]
        self.lines = wanted
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _in_order(self) -> Sequence[ContractLineRow]:
        key, way = self.sorting, self.descending
        if not key:
            return self._given
        if key == "product":
            return line_order.by_product(self._given, descending=way)
        if key == "volume":
            return line_order.by_volume(self._given, descending=way)
        try:
            return line_order.by_price(self._given, partial(self._number, key), descending=way)
        except PricesLocked:
            return self._given  # meanwhile, by another thread

    def _number(self, key: str, line: ContractLineRow) -> Number | None:
        found = self._value(line) if key == "value" else self._of(line, key)
        return found if isinstance(found, tuple) else None

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
            # Qt's own arrow lies on words that are on the right
            arrow = (" ↓" if self.descending else " ↑") if key == self.sorting else ""
            return self._heading(key).upper() + arrow
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(key in {"volume", "value", *self._prices_of})
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("Sort") if self.can_sort(key) else self.tr("Sorted while prices are shown")
            )
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
