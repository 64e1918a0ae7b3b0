"""The rows of a contract's grid while they are typed: what stands in each cell, what is wrong with it, undo.

A price is kept as it was typed, sealed, also in memory: it is opened for a paint or an editor and kept nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from kamdesk.db.queries import sealed_texts
from kamdesk.db.queries.customers import Found
from kamdesk.db.queries.prices import Envelopes, opened
from kamdesk.domain.contracts import LARGEST_VOLUME
from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import Prices, PricesLocked
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.prices import LinePrices, Price, Unreadable, read_price, read_ratio
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.kit.grid_line import (
    GridLine,
    hide_note,
    note_of,
    seal_note,
    show_note,
    take_note,
    with_note,
)
from kamdesk.ui.kit.price_words import (
    DOTS,
    heading,
    hidden_name,
    total_words,
    unreadable,
    value_of,
    written,
)
from kamdesk.ui.price_lock import PriceLock

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MOST_UNDO = 100


class GridModel(QAbstractTableModel):
    """Rows that are typed; what is typed is never refused, only complained about."""

    edited = Signal()

    def __init__(self, lock: PriceLock, fields: Sequence[str]) -> None:
        super().__init__()
        self._lock = lock
        self.fields = tuple(fields)
        self.keys = ("product", "pack", "volume", "unit", *self.fields)
        if self.fields:
            self.keys += ("value",)
        self.keys += ("note",)
        self.lines: tuple[GridLine, ...] = ()
        self.place = ""
        """What the seals are bound to: the id of the contract."""
        self.currency = "CNY"
        self._before: list[tuple[GridLine, ...]] = []
        self._complaints: dict[tuple[str, str], str] = {}

    # ---- rows

    def set_lines(self, lines: Sequence[GridLine], *, undoable: bool = True) -> None:
        """Show these rows."""
        if undoable:
            self._remember()
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()
        if undoable:
            self.edited.emit()

    def insert(self, at: int, line: GridLine) -> None:
        """Add a row."""
        self._remember()
        self.beginInsertRows(_ROOT, at, at)
        self.lines = (*self.lines[:at], line, *self.lines[at:])
        self.endInsertRows()
        self.edited.emit()

    def remove(self, at: int) -> None:
        """Take a row away."""
        self._remember()
        self.beginRemoveRows(_ROOT, at, at)
        self.lines = (*self.lines[:at], *self.lines[at + 1 :])
        self.endRemoveRows()
        self.edited.emit()

    def move(self, at: int, to: int) -> bool:
        """Move a row to another place; False where there is none."""
        if not 0 <= to < len(self.lines) or at == to:
            return False
        lines = list(self.lines)
        lines.insert(to, lines.pop(at))
        self.set_lines(lines)
        return True

    def undo(self) -> bool:
        """Take the last change of the rows back; False where there is none."""
        if not self._before:
            return False
        lines = self._before.pop()
        self.set_lines(lines, undoable=False)
        self.edited.emit()
        return True

    def forget_undo(self) -> None:
        """Begin anew: what stands here is where undo ends."""
        self._before = []

    def _remember(self) -> None:
        self._before = [*self._before[-_MOST_UNDO:], self.lines]

    # ---- cells

    def text(self, at: int, key: str) -> str:
        """Return what was typed in a cell. Raises PricesLocked for a price that is locked."""
        line = self.lines[at]
        if key == "product":
            return line.words
        if key == "note":
            return note_of(line, self._lock.prices, self.place)
        if key not in self.fields:
            return str(getattr(line, key))
        sealed = line.sealed.get(key)
        if sealed is None:
            return ""
        return self._lock.prices.unseal_text(self.place, sealed) or ""

    def type(self, at: int, key: str, typed: str) -> None:
        """Put something into a cell. Raises PricesLocked for a price that is locked."""
        line = self.lines[at]
        if key == "note":
            self._put(at, with_note(line, typed, self._lock.prices, self.place), key)
            return
        if key not in self.fields:
            name = "words" if key == "product" else key
            changed = {name: typed, **({"product_id": ""} if key == "product" else {})}
            self._put(at, replace(line, **changed), key)  # type: ignore[arg-type]  # all are texts
            return
        sealed = dict(line.sealed)
        sealed.pop(key, None)
        if typed.strip():
            sealed[key] = self._lock.prices.seal_text(self.place, typed.strip())
        kept = tuple(one for one in line.unreadable if one != key)
        self._put(at, replace(line, sealed=sealed, unreadable=kept, typed=True), key)

    def choose(self, at: int, found: Found) -> None:
        """Put a product into its cell."""
        self._put(at, replace(self.lines[at], product_id=found.id, words=found.text), "product")

    def take_prices(
        self, prices: Mapping[str, Envelopes], notes: Mapping[str, sealed_texts.Envelopes]
    ) -> None:
        """Take in the stored prices and sealed notes of rows that waited for them; what was typed there stays."""
        lines = []
        for line in self.lines:
            known = prices.get(line.id)
            if line.waits and known is not None:
                sealed, shut = self._sealed(line.id, known)
                line = replace(line, sealed={**sealed, **line.sealed}, unreadable=shut)  # noqa: PLW2901
            if line.waits:
                line = take_note(line, notes, self._lock.prices, self.place)  # noqa: PLW2901
            lines.append(replace(line, waits=False))
        self.set_lines(lines, undoable=False)
        self.forget_undo()

    def seal_notes(self, is_kept: Callable[[str], bool]) -> None:
        """Keep every note that tells a price with the prices, but those that are kept as they are."""
        lines = []
        for at, line in enumerate(self.lines):
            note = "" if line.is_note_sealed else self.text(at, "note")
            is_to_seal = bool(price_in(note)) and not is_kept(note)
            lines.append(seal_note(line, self._lock.prices, self.place) if is_to_seal else line)
        self.set_lines(lines)

    def hide_notes(self) -> None:
        """Leave no letter of a note that tells a price, now that prices are about to be locked; nor for undo."""
        hidden: dict[int, GridLine] = {}  # what undo goes back to are mostly the same rows

        def hide(line: GridLine, prices: Prices, place: str) -> GridLine:
            if id(line) not in hidden:
                hidden[id(line)] = hide_note(line, prices, place)
            return hidden[id(line)]

        was = [*self._before, self.lines]  # held: an id is one row's for as long as that lives
        self._before = [
            tuple(hide(line, self._lock.prices, self.place) for line in lines) for lines in was[:-1]
        ]
        self._change_notes(hide)

    def show_notes(self) -> None:
        """Undo `hide_notes`."""
        self._change_notes(show_note)

    def _change_notes(self, change: Callable[[GridLine, Prices, str], GridLine]) -> None:
        lines = tuple(change(line, self._lock.prices, self.place) for line in self.lines)
        if lines != self.lines:
            self.set_lines(lines, undoable=False)

    def kept_lines(self) -> tuple[GridLine, ...]:
        """Return what a draft keeps of the rows: of what tells a price no letter, where the key is there."""
        if not self._lock.is_open:
            return self.lines
        try:
            return tuple(hide_note(line, self._lock.prices, self.place) for line in self.lines)
        except PricesLocked:  # meanwhile, by another thread
            return self.lines

    def _sealed(self, line_id: str, known: Envelopes) -> tuple[dict[str, str], tuple[str, ...]]:
        """Seal stored prices as if they had been typed, one at a time; give also those that cannot be read."""
        sealed, shut = {}, []
        for name in self.fields:
            value = opened(self._lock.prices, line_id, name, known)
            if isinstance(value, Unreadable):
                shut.append(name)
            elif value is not None:
                sealed[name] = self._lock.prices.seal_text(self.place, value.reveal())
        return sealed, tuple(shut)

    def _put(self, at: int, line: GridLine, key: str) -> None:
        if line == self.lines[at]:
            return
        self._remember()
        self.lines = (*self.lines[:at], line, *self.lines[at + 1 :])
        self._complaints.pop((line.id, key), None)
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.keys) - 1))
        self.edited.emit()

    # ---- what is wrong

    def complain(self, line_id: str, key: str, words: str) -> None:
        """Mark a cell as wrong until it is typed anew."""
        self._complaints[line_id, key] = words
        if self.lines:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.lines) - 1, len(self.keys) - 1)
            )

    def complaint(self, at: int, key: str) -> str:
        """Say what is wrong with a cell; "" for nothing."""
        line = self.lines[at]
        said = self._complaints.get((line.id, key))
        if said:
            return said
        try:
            if key == "product" and line.words and not line.product_id:
                return self.tr("Choose the product from the list.")
            if key == "volume":
                read_volume(line.volume)
            elif key in self.fields and self._lock.is_open:
                self._price(at, key)
        except PricesLocked:
            return ""
        except UserError as error:
            return speech.words(error)
        return ""

    def first_complaint(self) -> tuple[int, str, str] | None:
        """Return row, column and words of the first cell that is wrong."""
        for at, line in enumerate(self.lines):
            if line.is_empty:
                continue
            for key in self.keys:
                words = self.complaint(at, key)
                if words:
                    return at, key, words
        return None

    def advice(self, at: int) -> str:
        """Say what looks odd about the prices of a row, though it may be meant."""
        prices = self.prices(at)
        if prices is None:
            return ""
        for lower, higher, words in (
            (prices.contract, prices.list, self.tr("The contract price is above the list price.")),
            (prices.net, prices.contract, self.tr("The net price is above the contract price.")),
            (prices.floor, prices.net, self.tr("The net price is below the floor.")),
        ):
            if isinstance(lower, Price) and isinstance(higher, Price) and higher < lower:
                return words
        return ""

    def prices(self, at: int) -> LinePrices | None:
        """Return the prices of a row; None while they are locked or one is no price."""
        if not self._lock.is_open:
            return None
        try:
            return LinePrices(**{key: self._price(at, key) for key in self.fields})
        except UserError:
            return None

    def _price(self, at: int, key: str) -> Any:
        if key in self.lines[at].unreadable:
            return Unreadable("kept")
        typed = self.text(at, key)
        if key == "rebate":
            return read_ratio(typed, field=key)
        return read_price(typed, self.currency, field=key)

    def total(self) -> str:
        """Write what all rows come to; dots while prices are locked."""
        if not self._lock.is_open:
            return DOTS
        return total_words(self._value(at) for at in range(len(self.lines)))

    def _value(self, at: int) -> Price | None:
        prices = self.prices(at)
        try:
            return value_of(prices.net, read_volume(self.lines[at].volume)) if prices else None
        except UserError:
            return None

    # ---- QAbstractTableModel

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.keys)

    def is_secret(self, key: str) -> bool:
        """Say whether a column holds what only open prices show."""
        return key in self.fields or key == "value"

    def is_secret_cell(self, at: int, key: str) -> bool:
        """Say the same of one cell: a note is secret where it is kept with the prices."""
        return self.is_secret(key) or (key == "note" and bool(self.lines[at].note_kept))

    def flags(self, index: Index) -> Qt.ItemFlag:
        key = self.keys[index.column()]
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        is_secret = self.is_secret_cell(index.row(), key)
        if key == "value" or (is_secret and not self._lock.is_open):
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        at, key = index.row(), self.keys[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(at, key)
        if role == Qt.ItemDataRole.EditRole and key != "value":
            return self.text(at, key)
        is_secret = self.is_secret_cell(at, key)
        if role == Qt.ItemDataRole.AccessibleTextRole and is_secret:
            return hidden_name()
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.complaint(at, key)
        if role == Qt.ItemDataRole.ToolTipRole:
            words = self.complaint(at, key)
            return words or (None if is_secret else self._shown(at, key))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return side(is_number=key == "volume" or self.is_secret(key))
        if role == Qt.ItemDataRole.ForegroundRole and is_secret:
            return theme.colour("text" if self._lock.is_open and key != "value" else "muted")
        return None

    @property
    def _is_masked(self) -> bool:
        """Say whether prices are dots: locked ones; masked ones, and in train mode, but for the cell that is edited."""
        return not self._lock.is_open or self._lock.is_masked or discreet.is_on()

    def _shown(self, at: int, key: str) -> str:
        if key == "value":
            return DOTS if self._is_masked else written(self._value(at))
        if self.is_secret_cell(at, key):
            if self._is_masked:
                return DOTS
            return unreadable() if key in self.lines[at].unreadable else self.text(at, key)
        if key == "volume":
            try:
                number = read_volume(self.lines[at].volume)
            except UserError:
                return self.lines[at].volume
            return "" if number is None else speech.number(number)
        return self.text(at, key)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        key = self.keys[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(key).upper()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return side(is_number=key == "volume" or self.is_secret(key))
        return None

    def heading(self, key: str) -> str:
        """Return what a column is called."""
        words = {
            "product": self.tr("Product"),
            "pack": self.tr("Pack"),
            "volume": self.tr("Volume"),
            "unit": self.tr("Unit"),
            "note": self.tr("Note"),
        }
        return words.get(key) or heading(key)


def side(*, is_number: bool) -> int:
    """Numbers stand at the right."""
    where = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return int(where | Qt.AlignmentFlag.AlignVCenter)


def read_volume(typed: str) -> int | None:
    """Read a whole number as people type it: 12000, 12,000, １２０００. Raises UserError."""
    plain = re.sub(r"[\s'_]", "", unicodedata.normalize("NFKC", typed))
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    if not plain:
        return None
    if not re.fullmatch(r"\d{1,10}", plain) or int(plain) > LARGEST_VOLUME:
        raise UserError(
            QT_TRANSLATE_NOOP("contract", "The volume is a whole number up to {max}."),
            field="volume",
            code="bad_volume",
            context="contract",
            max=LARGEST_VOLUME,
        )
    return int(plain)
