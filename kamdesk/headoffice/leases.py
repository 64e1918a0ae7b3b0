"""How long devices may open prices without being here, and what they are told to delete.

A device's price keys open only with a share that head office gives it with its lease. The share is the same for
as long as the device is known, so that work it could not send opens again after a new lease.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.roles import Level, Role, may_read
from kamdesk.headoffice import audit
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.kinds import SPECS
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import WIPE, Caller
from kamdesk.sync.protocol import (
    Lease,
    Order,
    Result,
    SyncRequest,
    SyncResponse,
    lease_message,
    order_message,
)

DAYS, MOST_DAYS = 14, 90
PRICES = "prices"
_RENEW = "price_key/{}"
What = Literal["prices", "wipe"]


def days(connection: Connection) -> int:
    """Return how many days a device may open prices without being here."""
    found = connection.execute(text("SELECT v FROM meta WHERE k = 'lease_days'")).scalar()
    return int(found or DAYS)


def set_days(store: Store, count: int) -> None:
    """Decide for how many days; devices learn it the next time they are here. Raises UserError."""
    if not 1 <= count <= MOST_DAYS:
        raise UserError("A lease lasts from 1 to {most} days.", code="BAD_POLICY", most=MOST_DAYS)
    with store.write("policy") as writer:
        writer.connection.execute(
            text(
                "INSERT INTO meta (k, v) VALUES ('lease_days', :v) "
                "ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            {"v": str(count)},
        )
        writer.ledger_changed()
        audit.note(writer, "policy.lease_days", str(count))


def masked_roles(connection: Connection) -> set[str]:
    """Name the roles whose open prices are dots until they are held, whatever their users would like."""
    found = connection.execute(text("SELECT v FROM meta WHERE k = 'price_masking'")).scalar()
    return set(str(found or "").split())


def set_masked_roles(store: Store, roles: Collection[str]) -> None:
    """Decide for which roles; computers learn it the next time they are here. Raises UserError."""
    known = sorted(role.value for role in Role if may_read(role, Level.L3))
    if not set(roles) <= set(known):
        raise UserError(
            "Choose among the roles that see prices: {known}.",
            code="BAD_POLICY",
            known=", ".join(known),
        )
    with store.write("policy") as writer:
        writer.connection.execute(
            text(
                "INSERT INTO meta (k, v) VALUES ('price_masking', :v) "
                "ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            {"v": " ".join(sorted(set(roles)))},
        )
        writer.ledger_changed()
        audit.note(writer, "policy.price_masking", " ".join(sorted(set(roles))) or "-")


def lease(store: Store, device_id: str, *, held: int) -> Lease:
    """Write the lease of a device from now on, with its share unless that is the one it holds."""
    with store.read() as connection:
        row, length = _row(connection, device_id), days(connection)
    share_id, share = row or _make_share(store, device_id)
    now = clock.now()
    made = Lease(share_id, clock.stamp(now), clock.stamp(now + timedelta(days=length)))
    message = lease_message(store.server_id, device_id, made)
    made.signature = base64.b64encode(store.sign(message)).decode()
    if held != share_id:
        made.share = store.seals.opened_text(f"lease/{device_id}", share)
    return made


def _row(connection: Connection, device_id: str) -> tuple[int, str] | None:
    row = connection.execute(
        text("SELECT share_id, share FROM device_lease WHERE device_id = :id"), {"id": device_id}
    ).one_or_none()
    return None if row is None else (int(row.share_id), str(row.share))


def _make_share(store: Store, device_id: str) -> tuple[int, str]:
    share = base64.b64encode(secrets.token_bytes(32)).decode()
    with store.write("lease") as writer:
        writer.connection.execute(
            text(
                "INSERT INTO device_lease (device_id, share_id, share) VALUES (:id, :share_id, :share) "
                "ON CONFLICT (device_id) DO NOTHING"
            ),
            {
                "id": device_id,
                # Of the clock, not 1: the share of a device that is enrolled anew must not pass for the old one
                "share_id": int(time.time()),
                "share": store.seals.sealed_text(f"lease/{device_id}", share),
            },
        )
        writer.ledger_changed()
        row = _row(writer.connection, device_id)
    assert row is not None
    return row


def is_due(caller: Caller, role: Role, held: int | None) -> bool:
    """Say whether a device gets a lease: it knows what that is, and may have prices."""
    return held is not None and not caller.order and may_read(role, Level.L3)


# ---- orders ----------------------------------------------------------------------------------------------


def tell(store: Store, caller: Caller, request: SyncRequest, answer: SyncResponse) -> None:
    """Add the lease of a device to an answer, or the order that it was given."""
    if is_due(caller, caller.role, request.lease):
        answer.lease = lease(store, caller.device_id, held=request.lease or 0)
        answer.renew = _renewal(store, caller, request.renewed)
        with store.read() as connection:
            answer.masking = "held" if caller.role.value in masked_roles(connection) else ""
    if caller.order:
        answer.order = order(store, caller)
        _strip(answer.results, request, everything=caller.order == WIPE)


def order(store: Store, caller: Caller) -> Order:
    """Write the order that a device was given, signed."""
    with store.read() as connection:
        at = connection.execute(
            text("SELECT at FROM device_order WHERE device_id = :id"), {"id": caller.device_id}
        ).scalar()
    key = base64.b64encode(store.seals.rescue_key).decode()
    made = Order(caller.order, at or clock.stamp(), key)  # type: ignore[arg-type]
    message = order_message(store.server_id, caller.device_id, made)
    made.signature = base64.b64encode(store.sign(message)).decode()
    return made


def _strip(results: list[Result], request: SyncRequest, *, everything: bool) -> None:
    """Let verdicts quote no price: what a device says must not become a way to ask."""
    priced = {
        op.mid for group in request.groups for op in group.ops
        if op.k in SPECS and SPECS[op.k].sealed
    }  # fmt: skip
    for at, one in enumerate(results):
        if everything or one.mid in priced:
            results[at] = msgspec.structs.replace(one, row=None, fields={}, overwritten={})


def give_order(store: Store, device_id: str, what: What) -> None:
    """Tell a device to delete its prices, or everything, the next time it is here. Raises UserError."""
    with store.write("revoke") as writer:
        _demand_active(writer, device_id)
        writer.connection.execute(
            text(
                "INSERT INTO device_order (device_id, what, at) VALUES (:id, :what, :at) "
                "ON CONFLICT (device_id) DO UPDATE SET what = excluded.what, at = excluded.at"
            ),
            {"id": device_id, "what": what, "at": clock.stamp()},
        )
        writer.ledger_changed()
        audit.note(writer, f"device.{what}_revoked", device_id)


def lift_order(store: Store, device_id: str) -> None:
    """Let a device have its prices again, or keep what it has not deleted yet. Raises UserError."""
    with store.write("revoke") as writer:
        found = writer.connection.execute(
            text("DELETE FROM device_order WHERE device_id = :id"), {"id": device_id}
        ).rowcount
        if not found:
            raise UserError(
                "The device {device} was not told to delete anything.",
                code="NO_ORDER",
                device=device_id,
            )
        writer.ledger_changed()
        audit.note(writer, "device.order_lifted", device_id)


# ---- price keys ------------------------------------------------------------------------------------------


def want_new_key(store: Store, device_id: str) -> None:
    """Have a device replace its price key when prices are opened there the next time. Raises UserError."""
    with store.write("renew") as writer:
        _demand_active(writer, device_id)
        writer.connection.execute(
            text(
                "INSERT INTO meta (k, v) VALUES (:k, :v) ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            {"k": _RENEW.format(device_id), "v": clock.stamp()},
        )
        writer.ledger_changed()
        audit.note(writer, "device.price_key_wanted", device_id)


def _renewal(store: Store, caller: Caller, followed: str) -> str:
    """Return since when a new price key is wanted; "" where none is, or where the device has made it."""
    key = {"k": _RENEW.format(caller.device_id)}
    with store.read() as connection:
        wanted = connection.execute(text("SELECT v FROM meta WHERE k = :k"), key).scalar() or ""
    if not wanted or wanted != followed:
        return wanted
    with store.write("renew") as writer:
        done = {**key, "v": wanted}
        writer.connection.execute(text("DELETE FROM meta WHERE k = :k AND v = :v"), done)
        writer.ledger_changed()
        audit.note(writer, "device.price_key_replaced", caller.device_id)
    return ""


def _demand_active(writer: Writer, device_id: str) -> None:
    found = writer.connection.execute(
        text("SELECT 1 FROM sync_device WHERE id = :id AND status = 'active'"), {"id": device_id}
    ).scalar()
    if not found:
        raise no_device(device_id)


def no_device(device_id: str) -> UserError:
    """Say that there is no such device, or none that is still let in."""
    return UserError("There is no device {device}.", code="NO_SUCH_DEVICE", device=device_id)


__all__ = [
    "DAYS", "WIPE", "days", "give_order", "lease", "lift_order", "masked_roles", "order",
    "set_days", "set_masked_roles", "tell", "want_new_key",
]  # fmt: skip
