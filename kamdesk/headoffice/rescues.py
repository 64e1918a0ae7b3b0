"""What devices left that were told to delete everything: kept sealed, read and handed in by an administrator."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role
from kamdesk.headoffice import audit, ingest
from kamdesk.headoffice.leases import WIPE, no_device
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import MAX_INFLATED, MAX_OPS, SCHEMA, Group, Parted, Parting, SyncRequest


class LeftItem(msgspec.Struct):
    """One change that cannot be handed in, for its prices were locked; `fields`: all else of it."""

    kind: str
    title: str
    what: str
    at: str
    record: str = ""
    fields: dict[str, Any] = {}


class Left(msgspec.Struct):
    """What one device left: `groups` as it would have handed them in, half-typed `drafts`, and what is `lost`."""

    device: str
    user: str
    login: str
    at: str
    seen: tuple[int, int] = (0, 0)
    groups: list[Group] = []
    drafts: list[dict[str, Any]] = []
    lost: list[LeftItem] = []


@dataclass(frozen=True, slots=True)
class Rescued:
    """One parcel in the list."""

    id: str
    at: str
    login: str
    device: str
    bytes: int
    applied_at: str


def take(store: Store, caller: Caller, parting: Parting) -> Parted:
    """Keep what a device leaves, and let it in no more. Raises Rejected where it was not told to leave."""
    if caller.order != WIPE:
        raise Rejected(409, "not_leaving")
    try:
        body = base64.b64decode(parting.sealed, validate=True)
    except ValueError:  # binascii.Error, or what is not ASCII at all
        raise Rejected(400, "bad_request", field="sealed") from None
    if body and store.seals.opened_parcel(caller.device_id, body) is None:
        # The device keeps its file then, and says where it is
        raise Rejected(400, "bad_request", field="sealed")
    with store.write("parting") as writer:
        rescue_id = _keep(writer.connection, caller, body) if body else ""
        writer.connection.execute(
            text("UPDATE sync_device SET status = 'wiped', last_seen = :at WHERE id = :id"),
            {"at": clock.stamp(), "id": caller.device_id},
        )
        writer.ledger_changed()
        with audit.acting(f"device:{caller.device_id}"):
            audit.note(writer, "device.wiped", caller.device_id, rescue=rescue_id)
    return Parted(rescue_id)


def _keep(connection: Any, caller: Caller, body: bytes) -> str:
    rescue_id = new_id()
    connection.execute(
        text(
            "INSERT INTO rescue (id, device_id, user_id, at, body) VALUES (:id, :device, :user, :at, :body)"
        ),
        {
            "id": rescue_id,
            "device": caller.device_id,
            "user": caller.user_id,
            "at": clock.stamp(),
            "body": body,
        },
    )
    return rescue_id


def listed(store: Store) -> list[Rescued]:
    """List what is kept, the newest first."""
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT r.id, r.at, a.login, r.device_id, length(r.body), coalesce(r.applied_at, '') "
                "FROM rescue r JOIN account a ON a.id = r.user_id ORDER BY r.at DESC"
            )
        ).all()
    return [Rescued(*row) for row in rows]


def read(store: Store, named: str) -> Left:
    """Open a parcel by its id, or a file that a device could not send. On record. Raises UserError."""
    path = Path(named)
    if path.is_file():
        device, body = path.stem.removeprefix("rescue-"), path.read_bytes()
    else:
        with store.read() as connection:
            row = connection.execute(
                text("SELECT device_id, body FROM rescue WHERE id = :id"), {"id": named}
            ).one_or_none()
        if row is None:
            raise UserError("There is no rescue {id}.", code="NO_SUCH_RESCUE", id=named)
        device, body = str(row.device_id), bytes(row.body)
    opened = store.seals.opened_parcel(device, body)
    if opened is None:
        raise UserError(
            "This is nothing that a device sealed to this head office.", code="NOT_OURS"
        )
    left = _left(opened)
    with store.write("rescue") as writer:
        writer.ledger_changed()
        audit.note(writer, "rescue.read", device, changes=sum(len(one.ops) for one in left.groups))
    return left


def _left(packed: bytes) -> Left:
    inflate = zlib.decompressobj()
    data = inflate.decompress(packed, MAX_INFLATED)
    if inflate.unconsumed_tail:
        raise UserError("The rescue is too large.", code="TOO_LARGE")
    return msgspec.json.decode(data, type=Left)


def apply(store: Store, named: str) -> dict[str, int]:
    """Hand in what a device left, as its user; count the verdicts. Twice is once. Raises UserError.

    Also where head office was restored since to a time before: nobody else could bring that work back.
    """
    left = read(store, named)
    caller = _caller(store, left)
    counts: dict[str, int] = {}
    left.seen = _known(store, left)
    for groups in _portions(left.groups):
        _close_gap(store, left.device, groups[0].ops[0].mid)
        request = SyncRequest(
            store.server_id, left.device, SCHEMA, seen=left.seen, groups=groups
        )
        for result in ingest.push(store, caller, request)[1]:
            counts[result.st] = counts.get(result.st, 0) + 1
    with store.write("rescue") as writer:
        writer.connection.execute(
            text("UPDATE rescue SET applied_at = :at WHERE device_id = :device"),
            {"at": clock.stamp(), "device": left.device},
        )
        writer.ledger_changed()
        audit.note(writer, "rescue.applied", left.device, **counts)
    return counts


def _portions(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Divide groups into what a request may carry: not too many changes, and numbers without a gap."""
    portion: list[Group] = []
    for group in groups:
        is_full = portion and sum(len(one.ops) for one in (*portion, group)) > MAX_OPS
        if is_full or (portion and group.ops[0].mid != portion[-1].ops[-1].mid + 1):
            yield portion
            portion = []
        portion.append(group)
    if portion:
        yield portion


def _known(store: Store, left: Left) -> tuple[int, int]:
    """Return what the device had seen; of a history that was lost, the oldest commit: its edits overwrite nothing."""
    with store.read() as connection:
        nonce = connection.execute(
            text("SELECT nonce FROM sync_commit WHERE seq = :seq"), {"seq": left.seen[0]}
        ).scalar()
        if nonce == left.seen[1]:
            return left.seen
        oldest = connection.execute(
            text("SELECT seq, nonce FROM sync_commit ORDER BY seq LIMIT 1")
        ).one_or_none()
    return (0, 0) if oldest is None else (oldest.seq, oldest.nonce)


def _close_gap(store: Store, device: str, first: int) -> None:
    """Count the numbers before as used: of what was lost with a history, or could not be left for want of a key."""
    with store.write("rescue") as writer:
        writer.connection.execute(
            text("UPDATE sync_device SET last_mid = :last WHERE id = :id AND last_mid < :last"),
            {"last": first - 1, "id": device},
        )
        writer.ledger_changed()


def _caller(store: Store, left: Left) -> Caller:
    with store.read() as connection:
        row = connection.execute(
            text(
                "SELECT a.id, a.login, a.name, a.role, a.status, a.scope_hash FROM sync_device d "
                "JOIN account a ON a.id = d.user_id WHERE d.id = :id"
            ),
            {"id": left.device},
        ).one_or_none()
    if row is None:
        raise no_device(left.device)
    if row.status != "active":
        # A disabled user works on nothing: all of it would be refused, for good
        raise UserError(
            "The user {login} is disabled. Enable the user, hand this in, and disable the user again.",
            code="USER_DISABLED",
            login=row.login,
        )
    return Caller(left.device, row.id, row.login, row.name, Role(row.role), row.scope_hash, "")
