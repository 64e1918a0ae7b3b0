"""Prices that left a desktop by copy, export or print, on record: who, which contract, when; never a value."""

from __future__ import annotations

from collections.abc import Sequence

from kamdesk.domain.ids import is_id
from kamdesk.headoffice import audit
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import Disclosure

MOST = 100


def check(told: Sequence[Disclosure]) -> None:
    """Raise Rejected for what no device can have said, before anything of its request is taken."""
    if len(told) > MOST or any(not is_id(one.record) or len(one.at) > 40 for one in told):
        raise Rejected(400, "bad_request", field="disclosed")


def note(store: Store, caller: Caller, told: Sequence[Disclosure]) -> None:
    """Put on record what a device tells."""
    if not told:
        return
    with store.write("audit") as writer, audit.acting(f"user:{caller.user_id}"):
        writer.ledger_changed()
        for one in told:
            audit.note(
                writer,
                f"price.{one.how or one.what}",
                one.record,
                device=caller.device_id,
                at=one.at,
            )
