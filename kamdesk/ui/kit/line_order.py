"""The order in which the lines of a contract are looked at: by what a heading stands for, without a value last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key

from PySide6.QtCore import QCollator

from kamdesk.db.queries.contracts import ContractLineRow
from kamdesk.domain.price_digits import Number
from kamdesk.domain.price_index import PriceIndex

Lines = list[ContractLineRow]


def by_product(lines: Sequence[ContractLineRow], *, descending: bool) -> Lines:
    """Sort by name as the user's language does, numbers within a name by their value."""
    collator = QCollator()
    collator.setNumericMode(True)
    key = cmp_to_key(collator.compare)
    return sorted(lines, key=lambda one: key(one.product or ""), reverse=descending)


def by_volume(lines: Sequence[ContractLineRow], *, descending: bool) -> Lines:
    """Sort by volume."""
    there = [one for one in lines if one.volume is not None]
    there.sort(key=lambda one: one.volume or 0, reverse=descending)
    return there + [one for one in lines if one.volume is None]


def by_price(
    lines: Sequence[ContractLineRow],
    number: Callable[[ContractLineRow], Number | None],
    *,
    descending: bool,
) -> Lines:
    """Sort by currency and a price, which is in memory for as long as that takes. Raises PricesLocked."""
    index = PriceIndex([one.id for one in lines], map(number, lines))
    try:
        return [lines[at] for at in index.order(descending=descending)]
    finally:
        index.wipe()
