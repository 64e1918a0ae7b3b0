"""Setting the prices of a contract line: sealed before the store sees them, in the group of their line."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.db.records import ContractLineFloor, ContractLinePrice
from kamdesk.db.work import Work
from kamdesk.domain.errors import UserError
from kamdesk.domain.prices import LinePrices, Secret, Unreadable
from kamdesk.domain.roles import Level, may_read
from kamdesk.i18n import QT_TRANSLATE_NOOP

Values = Mapping[str, Secret | Unreadable | None]


def set_prices(work: Work, *, line_id: str, customer_id: str, prices: LinePrices) -> None:
    """Store the prices of a line; call it in the transaction that stores the line.

    None takes a price away. What cannot be read stays as it is. Raises PricesLocked, UserError with the field.
    """
    prices.check()
    _set(
        work,
        ContractLinePrice,
        line_id,
        customer_id,
        {
            "list_price": prices.list,
            "contract_price": prices.contract,
            "net_price": prices.net,
            "rebate": prices.rebate,
        },
    )
    if may_read(work.actor.role, Level.L4):
        _set(work, ContractLineFloor, line_id, customer_id, {"floor_price": prices.floor})
    elif prices.floor is not None:
        raise UserError(
            QT_TRANSLATE_NOOP("prices", "Your role does not set the floor price."),
            field="floor",
            code="not_allowed",
            context="prices",
        )


def remove_prices(work: Work, *, line_id: str) -> None:
    """Delete the prices of a line, in the transaction that deletes the line. Needs no key."""
    for cls in (ContractLinePrice, ContractLineFloor):
        record = work.get(cls, line_id)
        if record is not None:
            work.delete(record)


def _set(
    work: Work,
    cls: type[ContractLinePrice | ContractLineFloor],
    line_id: str,
    customer_id: str,
    wanted: Values,
) -> None:
    kind, cells = cls.__tablename__, work.prices
    record = work.get(cls, line_id)
    values = {name: value for name, value in wanted.items() if not isinstance(value, Unreadable)}
    if record is None:
        if any(value is not None for value in values.values()):
            sealed = {
                name: cells.seal(kind, name, line_id, value) for name, value in values.items()
            }
            work.add(cls(id=line_id, line_id=line_id, customer_id=customer_id, **sealed))
        return
    for name, value in values.items():
        standing = getattr(record, name)
        before = None if standing is None else cells.unseal(kind, name, line_id, standing)
        # Sealed again, the same value would look like another one and travel for nothing
        if before != value:
            setattr(record, name, cells.seal(kind, name, line_id, value))
