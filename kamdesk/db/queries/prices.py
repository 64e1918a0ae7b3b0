"""Prices for the screens: opened in memory, dropped when they were locked meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kamdesk.db.outbox import places
from kamdesk.db.reader import Reader
from kamdesk.domain.price_index import PriceIndex
from kamdesk.domain.prices import Cells, LinePrices, PricesLocked

_AT_ONCE = 500
_PRICE = "contract_line_price"
_FLOOR = "contract_line_floor"
_FIELDS = ("list_price", "contract_price", "net_price", "rebate")


def prices_of(reader: Reader, prices: Cells, line_ids: Iterable[str]) -> dict[str, LinePrices]:
    """Return the prices of those of these lines that have any here.

    Raises PricesLocked, also where they were locked while they were read.
    """
    epoch = prices.epoch
    found: dict[str, LinePrices] = {}
    wanted = list(dict.fromkeys(line_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for line_id, *sealed in _rows(reader, _PRICE, _FIELDS, some):
            values: list[Any] = [
                None if one is None else prices.unseal(_PRICE, name, line_id, one)
                for name, one in zip(_FIELDS, sealed, strict=True)
            ]
            found[line_id] = LinePrices(*values)
        for line_id, sealed in _rows(reader, _FLOOR, ("floor_price",), some):
            value: Any = (
                None if sealed is None else prices.unseal(_FLOOR, "floor_price", line_id, sealed)
            )
            found[line_id] = replace(found.get(line_id, LinePrices()), floor=value)
    if prices.epoch != epoch:
        raise PricesLocked
    return found


def index_of(reader: Reader, prices: Cells, kind: str, field: str) -> PriceIndex:
    """Open one field of all records of a kind, to be summed, sorted and filtered. Raises PricesLocked."""
    epoch = prices.epoch
    rows = reader.rows(f"SELECT id, {field} FROM {kind}")
    index = PriceIndex([row[0] for row in rows], prices.numbers(kind, field, iter(rows)))
    if prices.epoch != epoch:
        index.wipe()
        raise PricesLocked
    return index


def _rows(
    reader: Reader, kind: str, names: tuple[str, ...], ids: list[str]
) -> list[tuple[Any, ...]]:
    return reader.rows(
        f"SELECT id, {', '.join(names)} FROM {kind} WHERE id IN ({places(ids)})", *ids
    )
