"""The model of a list: the numbers of all rows in their order, and those rows that are looked at.

The first rows are read and shown at once; the whole order follows from another thread, and with it the length
of the list. A row that is scrolled to is read when it is painted. A newer question interrupts the older one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.listing import Wanted, number_of
from kamdesk.domain.values import dataclass
from kamdesk.ui import theme
from kamdesk.ui.kit.rows import Cell
from kamdesk.ui.tasks import Tasks

FIRST = 40
PAUSE_MS = 60
_AROUND = 20
_MOST_LINES = 2000
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True)
class Column:
    """One column: its heading, how a row is written in it, its width (0 takes what is left), its colour.

    `raw`: the number, day or amount behind the words, for an export. `sort`: what the list is asked to be
    sorted by when the heading is clicked; "" where it cannot be. `image`: the icon at the end of a row's cell, or "".
    """

    heading: str
    write: Callable[[Any], str]
    width: int = 0
    colour: Callable[[Any], str] = lambda _: "text"
    right: bool = False
    raw: Callable[[Any], Any] | None = None
    sort: str = ""
    image: Callable[[Any], str] = lambda _: ""

    def cell(self, one: Any) -> Cell:
        """Return what stands in this column of a row."""
        return Cell(self.write(one), self.colour(one), self.right, self.image(one))


@dataclass(frozen=True, slots=True)
class _Whole:
    """All of a list, how far it equals what was shown, and where the record `chosen` is in it (or -1)."""

    numbers: array[int]
    before: array[int]
    same_head: int
    same_tail: int
    place: int
    chosen: str = ""


class ListModel(QAbstractTableModel):
    """Rows (anything with an `id`) of what `wanted()` says, read off the GUI thread."""

    loaded = Signal()
    """What is shown was read: the first rows of another list, the same list anew, or all of it."""
    counted = Signal(int)
    """The whole list is known; how many rows it has."""
    moving = Signal()
    """Rows are about to come or go."""
    moved = Signal(int)
    """They did; where the chosen record is now, or -1."""
    arrived = Signal()
    """Rows that were scrolled to have been read."""

    def __init__(
        self, tasks: Tasks, columns: Sequence[Column], wanted: Callable[[], Wanted], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.chosen = ""
        """The id whose place is told after a change."""
        self.is_whole = False
        self._tasks = tasks
        self._columns = columns
        self._wanted = wanted
        self._shown: Wanted | None = None
        self._numbers: array[int] = array("q")
        self._lines: dict[int, Any] = {}
        self._again = False
        self._missing: tuple[int, int] | None = None
        self.on_screen: Callable[[], tuple[int, int]] = lambda: (0, FIRST)
        """Which rows are on the screen, first and last."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._read_missing)
        self._pause = QTimer(self)
        """The whole order is asked for when the first rows are on the screen, and not between two keys."""
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._read_whole)

    # ---- what Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role not in _WRITTEN or not index.isValid():
            return None
        one = self.line(index.row())
        if one is None:
            self.want(index.row())
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour(column.colour(one))
        return column.write(one)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading.upper()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def _alignment(self, column: int) -> int:
        side = (
            Qt.AlignmentFlag.AlignRight
            if self._columns[column].right
            else Qt.AlignmentFlag.AlignLeft
        )
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    # ---- what screens ask

    def line(self, row: int) -> Any:
        """Return a row, or None when it has not been read or is none."""
        if not 0 <= row < len(self._numbers):
            return None
        return self._lines.get(self._numbers[row])

    @property
    def rows(self) -> list[Any]:
        """The rows that have been read, in their order."""
        read = (self._lines.get(number) for number in self._numbers)
        return [one for one in read if one is not None]

    def row_of(self, record_id: str) -> int:
        """Return where a record is among the rows that have been read, or -1."""
        number = next((n for n, one in self._lines.items() if one and one.id == record_id), 0)
        return _place(self._numbers, number)

    def refresh(self) -> None:
        """Read what is wanted now: another list from its beginning, or what is shown anew."""
        wanted = self._wanted()
        numbers: list[int] = []
        if wanted == self._shown:
            first, last = self.on_screen()
            numbers = list(self._numbers[max(0, first - _AROUND) : last + _AROUND])
        else:
            self._pause.stop()
            for key in ("whole", "lines", "place"):
                self._tasks.drop(self, key)

        def read(reader: Any) -> tuple[list[int], dict[int, Any]]:
            first = wanted.order(reader).first(reader, FIRST)
            return first, wanted.lines(reader, {*first, *numbers})

        self._tasks.read(self, read, lambda answer: self._show(wanted, *answer), key="first")

    def find(self, record_id: str) -> None:
        """Tell with `moved` where a record is, which may not have been read."""
        wanted, numbers = self._wanted(), self._numbers
        self._tasks.read(
            self,
            lambda reader: _place(numbers, number_of(reader, wanted.kind, record_id)),
            self._place_found,
            key="place",
        )

    def _place_found(self, place: int) -> None:
        self.moving.emit()
        self.moved.emit(place)

    # ---- the list

    def _show(self, wanted: Wanted, first: list[int], lines: dict[int, Any]) -> None:
        is_short = len(first) < FIRST
        if wanted == self._shown:
            self._lines = lines
            if self._numbers:
                last = self.index(len(self._numbers) - 1, len(self._columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            if is_short:
                self._apply(_compared(self._numbers, array("q", first), self._number_of_chosen()))
        else:
            self._shown, self.is_whole, self._again = wanted, is_short, False
            self.moving.emit()
            self.beginResetModel()
            self._numbers, self._lines = array("q", first), lines
            self.endResetModel()
            self.moved.emit(self.row_of(self.chosen))
        self.loaded.emit()
        if is_short:
            self._pause.stop()
            self.counted.emit(len(self._numbers))
        else:
            self._pause.start()

    def _number_of_chosen(self) -> int:
        return next((n for n, one in self._lines.items() if one and one.id == self.chosen), 0)

    def _read_whole(self) -> None:
        """Ask for the whole order. What changes meanwhile is asked for afterwards, so that it comes to an end."""
        if self._tasks.is_reading(self, "whole"):
            self._again = True
            return
        wanted, before, chosen = self._wanted(), self._numbers, self.chosen

        def read(reader: Any) -> _Whole:
            numbers = wanted.order(reader).whole(reader)
            number = number_of(reader, wanted.kind, chosen) if chosen else 0
            return replace(_compared(before, numbers, number), chosen=chosen)

        self._tasks.read(self, read, self._on_whole, key="whole")

    def _on_whole(self, whole: _Whole) -> None:
        if whole.before is not self._numbers:
            self._read_whole()
            return
        if whole.chosen != self.chosen:  # somebody chose meanwhile
            place = _place(whole.numbers, self._number_of_chosen())
            whole = replace(whole, place=place)
        self._apply(whole)
        self.is_whole = True
        self.counted.emit(len(self._numbers))
        self.loaded.emit()
        if self._again:
            self._again = False
            self._read_whole()

    def _apply(self, whole: _Whole) -> None:
        """Tell the view what came and went, in the fewest rows, so that place and selection survive."""
        before, head = whole.before, whole.same_head
        gone = len(before) - head - whole.same_tail
        come = len(whole.numbers) - head - whole.same_tail
        if not gone and not come:
            return
        self.moving.emit()
        if gone:
            self.beginRemoveRows(_ROOT, head, head + gone - 1)
            self._numbers = before[:head] + before[head + gone :]
            self.endRemoveRows()
        if come:
            self.beginInsertRows(_ROOT, head, head + come - 1)
            self._numbers = whole.numbers
            self.endInsertRows()
        self.moved.emit(whole.place)

    # ---- rows that are scrolled to

    def want(self, row: int) -> None:
        """Read a row that is looked at, and what is around it; `arrived` tells when."""
        if self._numbers[row] in self._lines:
            return  # it went in the meantime
        first, last = self._missing or (row, row)
        self._missing = (min(first, row), max(last, row))
        if not self._timer.isActive():
            self._timer.start(0)

    def _read_missing(self) -> None:
        wanted = self._shown
        if self._missing is None or wanted is None:
            return
        first, last = max(0, self._missing[0] - _AROUND), self._missing[1] + _AROUND
        self._missing = None
        around = self._numbers[first : min(last, first + _MOST_LINES) + 1]
        numbers = [number for number in around if number not in self._lines]
        if numbers:
            self._tasks.read(
                self,
                lambda reader: {**dict.fromkeys(numbers), **wanted.lines(reader, numbers)},
                lambda lines: self._on_lines(lines, first, last),
                key="lines",
            )

    def _on_lines(self, lines: dict[int, Any], first: int, last: int) -> None:
        if len(self._lines) > _MOST_LINES:
            self._lines = {}
        self._lines.update(lines)
        last = min(last, len(self._numbers) - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))
        self.arrived.emit()


_WRITTEN = frozenset(
    {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole}
)


def _place(numbers: array[int], number: int) -> int:
    """Return where a number is, or -1."""
    if not number:
        return -1
    # In pieces, as below: within one call the window would wait for the interpreter while a million are looked at
    for start in range(0, len(numbers), _STEP):
        with suppress(ValueError):
            return numbers.index(number, start, start + _STEP)
    return -1


def _compared(before: array[int], numbers: array[int], chosen: int) -> _Whole:
    """Compare two orders from both ends; a million numbers take some milliseconds, off the GUI thread."""
    most = min(len(before), len(numbers))
    head = _same(before, numbers, most)
    tail = _same_end(before, numbers, most - head)
    return _Whole(numbers, before, head, tail, _place(numbers, chosen))


def _same(one: array[int], other: array[int], most: int) -> int:
    """Count how many numbers are the same from the start, at most `most`."""
    at = 0
    while at < most and one[at : at + _STEP] == other[at : at + _STEP]:
        at += _STEP
    while at < most and one[at] == other[at]:
        at += 1
    return min(at, most)


def _same_end(one: array[int], other: array[int], most: int) -> int:
    """Count how many numbers are the same from the end, at most `most`."""
    at, here, there = 0, len(one), len(other)
    while at + _STEP <= most and (
        one[here - at - _STEP : here - at] == other[there - at - _STEP : there - at]
    ):
        at += _STEP
    while at < most and one[here - at - 1] == other[there - at - 1]:
        at += 1
    return at


_STEP = 4096
