"""Prices for the screens: opened in memory, dropped when they were locked meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kamdesk.db.outbox import places
from kamdesk.db.reader import Reader
from kamdesk.domain.price_access import Cells, PricesLocked
from kamdesk.domain.price_digits import Number
from kamdesk.domain.price_index import PriceIndex
from kamdesk.domain.prices import LinePrices, Secret, Unreadable

_AT_ONCE = 500
_PRICE = "contract_line_price"
_FLOOR = "contract_line_floor"
_COLUMNS = {
    "list": (_PRICE, "list_price"),
    "contract": (_PRICE, "contract_price"),
    "net": (_PRICE, "net_price"),
    "rebate": (_PRICE, "rebate"),
    "floor": (_FLOOR, "floor_price"),
}
"""Where each price of a line is kept, by its name in `LinePrices`."""
Envelopes = Mapping[str, bytes]
"""The prices of one line as they are sealed, by their names in `LinePrices`."""


def unsent_prices(reader: Reader) -> int:
    """Count the changes that hold a price, or a text that is sealed like one, and were not sent."""
    from kamdesk.db.records import SPECS  # not for the first page

    kinds = [kind for kind, spec in SPECS.items() if spec.sealed]
    return int(
        reader.value(
            f"SELECT count(*) FROM sync_op WHERE st = 'queued' AND kind IN ({places(kinds)})",
            *kinds,
        )
        or 0
    )


def prices_of(reader: Reader, prices: Cells, line_ids: Iterable[str]) -> dict[str, LinePrices]:
    """Return the prices of those of these lines that have any here.

    Raises PricesLocked, also where they were locked while they were read.
    """
    epoch = prices.epoch
    found = {
        line_id: LinePrices(**{name: opened(prices, line_id, name, sealed) for name in sealed})  # type: ignore[arg-type]
        for line_id, sealed in envelopes_of(reader, line_ids).items()
    }
    if prices.epoch != epoch:
        raise PricesLocked
    return found


def envelopes_of(reader: Reader, line_ids: Iterable[str]) -> dict[str, Envelopes]:
    """Return the sealed prices of those of these lines that have any here: to be shown, one at a time."""
    found: dict[str, dict[str, bytes]] = {}
    wanted = list(dict.fromkeys(line_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for kind in (_PRICE, _FLOOR):
            names = [name for name, (its, _) in _COLUMNS.items() if its == kind]
            columns = tuple(_COLUMNS[name][1] for name in names)
            for line_id, *sealed in _rows(reader, kind, columns, some):
                cells = found.setdefault(line_id, {})
                cells.update(
                    (name, one) for name, one in zip(names, sealed, strict=True) if one is not None
                )
    return dict(found)


def opened(prices: Cells, line_id: str, name: str, sealed: Envelopes) -> Secret | Unreadable | None:
    """Open one price of a line for as long as it is looked at. Raises PricesLocked."""
    if name not in sealed:
        return None
    kind, column = _COLUMNS[name]
    return prices.unseal(kind, column, line_id, sealed[name])


def number_of(
    prices: Cells, line_id: str, name: str, sealed: Envelopes
) -> Number | Unreadable | None:
    """Do as `opened`, as a whole number: for what is only written on the screen."""
    if name not in sealed:
        return None
    kind, column = _COLUMNS[name]
    [found] = prices.numbers(kind, column, [(line_id, sealed[name])])
    return found if found is not None else _why(prices, line_id, name, sealed)


def _why(prices: Cells, line_id: str, name: str, sealed: Envelopes) -> Unreadable | None:
    """Tell "nothing", which is a value too, from what cannot be opened."""
    found = opened(prices, line_id, name, sealed)
    return found if isinstance(found, Unreadable) else None


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
