"""The queue of what this computer has to hand in, as reconciliation takes it and as head office answers it.

A change gets its number (`mid`) when it is first sent and keeps it for ever; from then on it is frozen. What
head office confirmed stays for 35 days, so that it can be handed in again should head office be restored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any

from kamdesk.db import receipts
from kamdesk.db.capture import SCHEMA
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.commands import COMMANDS
from kamdesk.domain.ids import is_id
from kamdesk.domain.spec import Policy
from kamdesk.domain.values import dataclass

ARCHIVE_DAYS = 35
UNKNOWN_MID = 1 << 52
"""The next number of a store that does not know which numbers it has used."""
UNSENT = "st = 'queued' AND mid IS NULL"
IMPORTED = ("customer", "person")
"""The kinds that files bring in, and that other records refer to."""
_AMONG = "(SELECT value FROM json_each(?))"
_AT_ONCE = 500
_OP = "lid, mid, gid, kind, id, op, f, cmd, args, sv, at"


@dataclass(frozen=True, slots=True)
class QueuedOp:
    """One change in the queue. `base`: the revision that head office will find if nobody else wrote."""

    lid: int
    mid: int
    gid: str
    kind: str
    id: str
    op: str
    f: Mapping[str, list[Any]]
    cmd: str
    args: Mapping[str, Any]
    sv: int
    at: str
    base: int = 0


@dataclass(slots=True)
class QueuedGroup:
    """The changes of one user action, which stand or fall together.

    `is_held`: it was sent before, and cannot be repeated now; only what became of it is asked.
    """

    gid: str
    ops: list[QueuedOp] = field(default_factory=list)
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """What cannot be sent now: prices while they are locked, and what an older head office does not know.

    `settled`: numbers whose verdicts wait here for the key. `numbers_all`: no price is held back, it is handed in
    without values; for a role that lost its prices. `schema`: the version of the declarations that is spoken.
    """

    settled: frozenset[int] = frozenset()
    numbers_all: bool = False
    has_prices: bool = False
    schema: int = SCHEMA


def count_waiting(reader: Reader) -> int:
    """Count the changes that head office has not confirmed."""
    return int(reader.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") or 0)


def take(connection: DriverConnection, limit: int, hold: Hold | None = None) -> list[QueuedGroup]:
    """Number and return the next whole groups: first those that were sent before, in their order.

    Then what people did, then what imports brought: a visit never waits behind a file, except for the imported
    records that it is about, which go before it. At most `limit` changes, but one group is never divided.
    With `hold`, groups that need the price key wait, and so do later ones of the same records; everything else
    passes them by.
    """
    groups: list[QueuedGroup] = []
    numbered: dict[int, int] = {}
    taken = 0
    next_mid = int(_state(connection, "next_mid") or 1)
    for group in _sendable(connection, hold, limit):
        if groups and taken + len(group.ops) > limit:
            break
        for at, op in enumerate(group.ops):
            if not op.mid:
                group.ops[at] = replace(op, mid=next_mid)
                numbered[op.lid] = next_mid
                next_mid += 1
        groups.append(group)
        taken += len(group.ops)
    connection.executemany(
        "UPDATE OR FAIL sync_op SET mid = ? WHERE lid = ?",
        [(mid, lid) for lid, mid in numbered.items()],
    )
    _set_state(connection, "next_mid", next_mid)
    return _with_bases(connection, groups)


def is_sendable(reader: Reader, hold: Hold | None = None) -> bool:
    """Say whether anything in the queue can be handed in now."""
    return next(_sendable(reader.connection, hold, 1), None) is not None


def _sendable(connection: DriverConnection, hold: Hold | None, limit: int) -> Iterator[QueuedGroup]:
    # Held groups are passed by, so there is no telling how many must be looked at for `limit` others
    most = limit if hold is None else -1
    waiting: set[tuple[str, str]] = set()
    is_first = True
    for group in _read(connection, _in_order(connection, most), limit):
        if hold is not None and _must_wait(group, waiting, hold):
            waiting |= _touched(group)
            is_settled = all(op.mid in hold.settled for op in group.ops)
            spends = hold.numbers_all and is_known(group, hold.schema)
            if not (group.ops[0].mid or spends) or (is_first and is_settled):
                continue
            group.is_held = True
        is_first = False
        yield group


def _read(connection: DriverConnection, gids: Sequence[str], limit: int) -> Iterator[QueuedGroup]:
    """Give these groups in their order, read as many at once as are likely to be needed."""
    at_once = min(limit, _AT_ONCE)
    for start in range(0, len(gids), at_once):
        part = gids[start : start + at_once]
        groups = {gid: QueuedGroup(gid) for gid in part}
        for row in connection.execute(
            f"SELECT {_OP} FROM sync_op WHERE gid IN {_AMONG} AND st = 'queued' ORDER BY mid IS NULL, mid, lid",
            (json.dumps(part),),
        ).fetchall():
            groups[row[2]].ops.append(_op(row, row[1] or 0))
        yield from groups.values()


def _must_wait(group: QueuedGroup, waiting: set[tuple[str, str]], hold: Hold) -> bool:
    """Say whether a group needs the price key or a newer head office, or comes after one that does."""
    if not is_known(group, hold.schema):
        return True
    return any(
        (not hold.has_prices and needs_key(op.kind, op.f))
        or (op.kind, op.id) in waiting
        or op.mid in hold.settled  # a delete needs no key, but its verdict may quote a price
        for op in group.ops
    )


def is_known(group: QueuedGroup, schema: int) -> bool:
    """Say whether declarations of this version know the kinds and fields of a group."""
    return schema >= SCHEMA or all(
        op.kind in SPECS
        and SPECS[op.kind].since <= schema
        and all(SPECS[op.kind].field(name).since <= schema for name in op.f)
        for op in group.ops
    )


def needs_key(kind: str, changes: Mapping[str, object]) -> bool:
    """Say whether a change cannot be handed in while prices are locked."""
    spec = SPECS.get(kind)
    return spec is not None and any(name in changes for name in spec.sealed)


def _touched(group: QueuedGroup) -> set[tuple[str, str]]:
    """Name the records that later groups may not reach head office before.

    Also what a new record belongs to, where head office decides about that: a contract is not handed into review
    while its lines wait.
    """
    found = {(op.kind, op.id) for op in group.ops}
    for op in group.ops:
        for one in SPECS.get(op.kind, ()):
            pair = op.f.get(one.name)
            if one.kind in COMMANDS and one.policy is Policy.FIXED and pair:
                found.add((one.kind, str(pair[-1])))
    return found


def _in_order(connection: DriverConnection, limit: int) -> list[str]:
    """Name the groups that are next, each once."""
    order = dict.fromkeys(
        row[0]
        for row in connection.execute(
            "SELECT gid FROM sync_op WHERE st = 'queued' AND mid IS NOT NULL ORDER BY mid LIMIT ?",
            (limit,),
        ).fetchall()
    )
    people = connection.execute(
        f"SELECT gid FROM sync_op WHERE {UNSENT} AND job IS NULL ORDER BY lid LIMIT ?", (limit,)
    ).fetchall()
    jobs = connection.execute(
        f"SELECT gid FROM sync_op WHERE {UNSENT} AND job IS NOT NULL ORDER BY lid LIMIT ?", (limit,)
    ).fetchall()
    for (gid,) in people:
        if jobs and gid not in order:
            order.update(dict.fromkeys(_before(connection, gid)))
        order.setdefault(gid)
    for (gid,) in jobs:
        order.setdefault(gid)
    return list(order)


def _before(connection: DriverConnection, gid: str) -> list[str]:
    """Name the groups of imports that a group builds on: its records, and those that they refer to."""
    found: dict[str, None] = {}
    for kind, record_id, f in connection.execute(
        "SELECT kind, id, f FROM sync_op WHERE gid = ? AND st = 'queued'", (gid,)
    ).fetchall():
        named = [(kind, record_id)]
        for reference in _references(json.loads(f) if f else {}):
            named += [(other, reference) for other in IMPORTED]
        for one in named:
            for (other,) in connection.execute(
                f"SELECT gid FROM sync_op WHERE kind = ? AND id = ? AND {UNSENT} AND job IS NOT NULL"
                " ORDER BY lid",
                one,
            ).fetchall():
                if other != gid and other not in found:
                    found.update(dict.fromkeys(_before(connection, other)))
                    found.setdefault(other)
    return list(found)


def _references(value: object) -> Iterator[str]:
    """Give whatever looks like an id within the fields of an op."""
    if isinstance(value, str) and is_id(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _op(row: tuple[Any, ...], mid: int) -> QueuedOp:
    lid, _, gid, kind, record_id, op, f, cmd, args, sv, at = row
    return QueuedOp(
        lid, mid, gid, kind, record_id, op, json.loads(f) if f else {}, cmd or "",
        json.loads(args) if args else {}, sv, at,
    )  # fmt: skip


def _with_bases(connection: DriverConnection, groups: list[QueuedGroup]) -> list[QueuedGroup]:
    """Say on which revision each change is made: the base's, one more for each earlier change of the record."""
    ids: dict[str, set[str]] = {}
    for op in (op for group in groups for op in group.ops):
        ids.setdefault(op.kind, set()).add(op.id)
    expected = {
        (kind, row[0]): int(row[1])
        for kind, some in ids.items()
        for row in connection.execute(
            f"SELECT id, rev FROM sync_base WHERE kind = ? AND id IN {_AMONG}",
            (kind, json.dumps(sorted(some))),
        ).fetchall()
    }
    for group in groups:
        for at, op in enumerate(group.ops):
            base = expected.get((op.kind, op.id), 0)
            group.ops[at] = replace(op, base=base)
            expected[op.kind, op.id] = base + 1
    return groups


def by_mids(connection: DriverConnection, mids: Iterable[int]) -> dict[int, QueuedOp]:
    """Return the queued changes with these numbers; those that were answered before are absent."""
    rows = connection.execute(
        f"SELECT {_OP} FROM sync_op WHERE mid IN {_AMONG} AND st = 'queued'",
        (json.dumps(list(mids)),),
    ).fetchall()
    return {row[1]: _op(row, row[1]) for row in rows}


def records_of(connection: DriverConnection, mids: Iterable[int]) -> list[tuple[str, str]]:
    """Name the records that the changes with these numbers are of."""
    rows = connection.execute(
        f"SELECT DISTINCT kind, id FROM sync_op WHERE mid IN {_AMONG}", (json.dumps(list(mids)),)
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def queued_of(
    connection: DriverConnection, kind: str, ids: Iterable[str]
) -> dict[str, list[QueuedOp]]:
    """Return the queued changes of each of these records that has any, in the order in which they were made."""
    found: dict[str, list[QueuedOp]] = {}
    for row in connection.execute(
        f"SELECT {_OP} FROM sync_op WHERE kind = ? AND id IN {_AMONG} AND st = 'queued' ORDER BY lid",
        (kind, json.dumps(list(ids))),
    ).fetchall():
        found.setdefault(row[4], []).append(_op(row, row[1] or 0))
    return found


def confirm(connection: DriverConnection, verdicts: Mapping[int, str], at: str) -> None:
    """Move answered changes into the archive, with head office's verdicts as JSON and its time of that."""
    connection.executemany(
        "UPDATE OR FAIL sync_op SET st = 'acked', res = ?, acked_at = ? WHERE mid = ?",
        [(told, at, mid) for mid, told in verdicts.items()],
    )


def verdict(connection: DriverConnection, mid: int) -> str | None:
    """Return the verdict on an answered change as JSON; None while it is queued, or not in the archive."""
    row = connection.execute(
        "SELECT res FROM sync_op WHERE mid = ? AND st = 'acked'", (mid,)
    ).fetchone()
    return row[0] if row else None


def open_again(connection: DriverConnection, mid: int) -> tuple[str, str]:
    """Queue one answered change again, to take in another verdict on it; return kind and id of its record."""
    row = connection.execute(
        "UPDATE sync_op SET st = 'queued', res = NULL, acked_at = NULL WHERE mid = ? RETURNING kind, id",
        (mid,),
    ).fetchall()[0]
    return row[0], row[1]


def unnumber(connection: DriverConnection, mid: int) -> None:
    """Let a change wait for a new number: head office had not got it, and took the old one as spent."""
    connection.execute("UPDATE sync_op SET mid = NULL WHERE mid = ? AND st = 'queued'", (mid,))


def acknowledged(connection: DriverConnection) -> int:
    """Return the highest number up to which every verdict is kept here."""
    if int(_state(connection, "next_mid") or 1) >= UNKNOWN_MID:
        return 0
    lowest = connection.execute(
        "SELECT min(mid) FROM sync_op WHERE st = 'queued' AND mid IS NOT NULL"
    ).fetchone()
    if lowest and lowest[0] is not None:
        return int(lowest[0]) - 1
    return int(_state(connection, "next_mid") or 1) - 1


def queue_again(connection: DriverConnection, last: int) -> list[tuple[str, str]]:
    """Queue what head office no longer knows, with the same numbers; return the records concerned.

    Where the archive no longer reaches back far enough, the queue is numbered anew from `last`: head office
    has seen none of those numbers in its present history.
    """
    # Changes without a number were confirmed under an earlier name of this computer. A head office that has
    # nothing of its present name may have been restored to a time before it knew the computer at all.
    lost = "st = 'acked' AND (mid > ?" + (" OR mid IS NULL)" if not last else ")")
    found = connection.execute(
        f"SELECT DISTINCT kind, id FROM sync_op WHERE {lost}", (last,)
    ).fetchall()
    connection.execute(
        f"UPDATE sync_op SET st = 'queued', res = NULL, acked_at = NULL WHERE {lost}", (last,)
    )
    numbers = [
        row[0]
        for row in connection.execute(
            "SELECT mid FROM sync_op WHERE st = 'queued' AND mid > ? ORDER BY mid", (last,)
        ).fetchall()
    ]
    if numbers != list(range(last + 1, last + 1 + len(numbers))):
        connection.execute("UPDATE sync_op SET mid = NULL WHERE st = 'queued' AND mid > ?", (last,))
        numbers = []
    _set_state(connection, "next_mid", last + 1 + len(numbers))
    return [(row[0], row[1]) for row in found]


def take_back(connection: DriverConnection, first: int) -> None:
    """Take the numbers from `first` on away again: the request that carried them never left."""
    connection.execute("UPDATE sync_op SET mid = NULL WHERE st = 'queued' AND mid >= ?", (first,))
    _set_state(connection, "next_mid", first)


def number_anew(connection: DriverConnection) -> None:
    """Forget all numbers, for a device that head office knows under a new name."""
    connection.execute("UPDATE sync_op SET mid = NULL")
    _set_state(connection, "next_mid", 1)


def forget_numbers(connection: DriverConnection) -> None:
    """Let head office say where the numbers go on: this is an older copy of the store.

    The first number of the next request is beyond any that head office knows; it answers with the last that it does.
    """
    connection.execute("UPDATE sync_op SET mid = NULL WHERE st = 'queued'")
    _set_state(connection, "next_mid", UNKNOWN_MID)


def forget_old(connection: DriverConnection, now: datetime) -> None:
    """Drop confirmed changes that are older than the archive is deep, by head office's time."""
    oldest = clock.stamp(now - timedelta(days=ARCHIVE_DAYS))
    receipts.forget_before(connection, oldest)
    connection.execute(
        "DELETE FROM sync_op WHERE st = 'acked' AND acked_at < ? "
        "AND (mid IS NULL OR mid < (SELECT max(mid) FROM sync_op))",
        (oldest,),
    )


def read_state(reader: Reader) -> dict[str, str]:
    """Return everything that reconciliation remembers: server, device, cursor, tokens."""
    return dict(reader.rows("SELECT k, v FROM sync_state"))


def write_state(connection: DriverConnection, values: Mapping[str, object]) -> None:
    """Remember these values; part of the caller's transaction."""
    for name, value in values.items():
        _set_state(connection, name, value)


def _state(connection: DriverConnection, name: str) -> str | None:
    row = connection.execute("SELECT v FROM sync_state WHERE k = ?", (name,)).fetchone()
    return row[0] if row else None


def _set_state(connection: DriverConnection, name: str, value: object) -> None:
    connection.execute(
        "INSERT INTO sync_state(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v",
        (name, str(value)),
    )


def places(rows: Iterable[object]) -> str:
    """Write the placeholders for a list of values."""
    return ",".join("?" for _ in rows)
