"""Prices between their sealed form here and the clear one inside TLS; only while they are open, only in memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from kamdesk.db.outbox import QueuedOp
from kamdesk.db.records import SPECS
from kamdesk.domain import prices as values
from kamdesk.domain.price_access import Prices
from kamdesk.domain.prices import Unreadable
from kamdesk.sync.protocol import FieldConflict, Result


class Unsendable(Exception):  # noqa: N818  # what became of the change
    """A sealed value in the queue cannot be opened any more: it was changed, or its key is gone."""


def opened_changes(prices: Prices, op: QueuedOp) -> Mapping[str, list[Any]]:
    """Give the changes of one op as they travel. Raises PricesLocked, Unsendable."""
    spec = SPECS.get(op.kind)
    if spec is None or not spec.sealed:
        return op.f
    return {
        name: [_opened(prices, op, name, one) for one in pair] if name in spec.sealed else pair
        for name, pair in op.f.items()
    }


def _opened(prices: Prices, op: QueuedOp, name: str, sealed: str | None) -> str | None:
    if sealed is None:
        return None
    value = prices.unseal(op.kind, name, op.id, base64.b64decode(sealed))
    if isinstance(value, Unreadable):
        raise Unsendable(value.why)
    return values.to_wire(value)


def sealed_rows(
    prices: Prices, kind: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[list[Any]]:
    """Seal the prices in `[id, rev, bucket, *fields]` as they came. Raises PricesLocked."""
    sealed = [(at, name) for at, name in enumerate(names, start=3) if name in SPECS[kind].sealed]
    made = []
    for row in rows:
        one = list(row)
        for at, name in sealed:
            one[at] = _sealed(prices, kind, name, one[0], one[at])
        made.append(one)
    return made


def _sealed(prices: Prices, kind: str, name: str, record_id: str, wire: object) -> str:
    # What is no price at all is a bug over there; it must not pass for "no price"
    value = SPECS[kind].field(name).secret(wire)
    return base64.b64encode(prices.seal(kind, name, record_id, value)).decode("ascii")


def sealed_result(prices: Prices, op: QueuedOp, result: Result) -> Result:
    """Seal whatever a verdict quotes; what the user saw and wanted is in the op already. Raises PricesLocked."""
    spec = SPECS.get(op.kind)
    if spec is None or not spec.sealed:
        return result
    fields = {
        name: _sealed_conflict(prices, op, name, one) if name in spec.sealed else one
        for name, one in result.fields.items()
    }
    overwritten = {
        name: _sealed(prices, op.kind, name, op.id, one) if name in spec.sealed else one
        for name, one in result.overwritten.items()
    }
    row = result.row
    if row is not None and row.data is not None and row.k == op.kind:
        [whole] = sealed_rows(prices, row.k, spec.names, [[row.id, row.rev, row.b, *row.data]])
        row = msgspec.structs.replace(row, data=whole[3:])
    return msgspec.structs.replace(result, fields=fields, overwritten=overwritten, row=row)


def _sealed_conflict(
    prices: Prices, op: QueuedOp, name: str, conflict: FieldConflict
) -> FieldConflict:
    old, mine = op.f[name][0], op.f[name][-1]
    theirs = _sealed(prices, op.kind, name, op.id, conflict.theirs)
    return msgspec.structs.replace(conflict, old=old, mine=mine, theirs=theirs)
