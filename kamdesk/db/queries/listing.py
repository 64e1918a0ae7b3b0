"""How a list is read in parts: the numbers of its rows in their order first, the rows themselves where one looks.

A list of a million rows is an array of a million numbers here (8 MB), and a page of it is a look-up of those
that are on the screen: any order is as good as any other, and the end is as near as the beginning.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol

from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass

_DIGITS_AT_ONCE = 8_000


@dataclass(frozen=True, slots=True)
class Leg:
    """A query of numbers: what is read, up to and with its WHERE; its order; what it is asked with."""

    source: str
    order: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """The numbers of a list: those that were ranked already, then what each leg gives.

    `number` is the SQL that a row is known by.
    """

    number: str
    legs: tuple[Leg, ...]
    ranked: tuple[int, ...] = ()

    def first(self, reader: Reader, limit: int) -> list[int]:
        """Return the numbers of the first rows."""
        found = list(self.ranked[:limit])
        for leg in self.legs:
            if len(found) < limit:
                rows = reader.rows(
                    f"SELECT {self.number} FROM {leg.source} ORDER BY {leg.order} LIMIT ?",
                    *leg.values,
                    limit - len(found),
                )
                found += [row[0] for row in rows]
        return found

    def whole(self, reader: Reader) -> array[int]:
        """Return all of the numbers."""
        numbers = array("q", self.ranked)
        for leg in self.legs:
            # One text of one row: a million rows would ask for the interpreter's lock a million times,
            # and the window with them.
            digits = reader.value(
                f"SELECT group_concat(n) FROM (SELECT {self.number} AS n FROM {leg.source} ORDER BY {leg.order})",
                *leg.values,
            )
            for part in _parts(digits or ""):
                numbers.extend(map(int, part.split(",")))
        return numbers


def _parts(digits: str) -> Iterator[str]:
    """Cut a long text of numbers at its commas, so that no piece holds the interpreter for long."""
    start = 0
    while start < len(digits):
        end = digits.find(",", start + _DIGITS_AT_ONCE)
        end = len(digits) if end < 0 else end
        yield digits[start:end]
        start = end + 1


def sorted_by(key: str, number: str, *, descending: bool) -> str:
    """Return the order by what a user chose, an SQL expression: without a value last, the newest first among equals."""
    way = "DESC" if descending else "ASC"
    return f"({key}) IS NULL, {key} {way}, {number} DESC"


def name_of_customer(record: str) -> str:
    """Return the SQL that sorts the records of an alias by their customer."""
    return (
        "(SELECT coalesce(k.pinyin, lower(k.name)) FROM customer k "
        f"WHERE k.id = {record}.customer_id)"
    )


def name_of_owner(record: str) -> str:
    """Return the SQL that sorts the records of an alias by whose they are."""
    return f"(SELECT lower(k.name) FROM colleague k WHERE k.id = {record}.owner_id)"


class Wanted(Protocol):
    """What a list shows: a filter and a sorting, equal to another when the list would be the same."""

    @property
    def kind(self) -> str:
        """The kind of the records that are listed."""
        ...

    def order(self, reader: Reader) -> Order:
        """Prepare the order of the rows."""
        ...

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, Any]:
        """Return the rows of these numbers; a record that went in the meantime is absent."""
        ...


def read_lines(
    reader: Reader,
    select: str,
    number: str,
    numbers: Collection[int],
    make: Callable[[tuple[Any, ...]], Any],
) -> dict[int, Any]:
    """Return rows by their numbers. `select` gives the number last and ends before its WHERE."""
    rows = reader.rows(
        f"{select} WHERE {number} IN (SELECT value FROM json_each(?))", json.dumps(list(numbers))
    )
    return {row[-1]: make(row[:-1]) for row in rows}


def page(reader: Reader, wanted: Wanted, *, offset: int, limit: int) -> list[Any]:
    """Return some rows of a list."""
    numbers = wanted.order(reader).first(reader, offset + limit)[offset:]
    lines = wanted.lines(reader, numbers)
    return [lines[number] for number in numbers if number in lines]


def number_of(reader: Reader, kind: str, record_id: str) -> int:
    """Return the number of a record, 0 when it is not on this computer."""
    return int(reader.value(f"SELECT _n FROM {kind} WHERE id = ?", record_id) or 0)
