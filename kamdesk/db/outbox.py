"""The queue of what this computer has to hand in, as reconciliation takes it and as head office answers it.

A change gets its number (`mid`) when it is first sent and keeps it for ever; from then on it is frozen. What
head office confirmed stays for 35 days, so that it can be handed in again should head office be restored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from kamdesk.db import receipts
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.domain import clock
from kamdesk.domain.commands import RESTORES, SETTLES
from kamdesk.domain.values import dataclass

IS_OF = "coalesce(json_extract(i.op, '$.lid') = o.lid, json_extract(i.op, '$.mid') = o.mid)"
"""Whether an issue `i` is of a change `o`: by its place in the queue, which it keeps; numbers are given anew where the
computer gets another name, and issues of older programs tell nothing else."""
ARCHIVE_DAYS = 35
UNKNOWN_MID = 1 << 52
"""The next number of a store that does not know which numbers it has used."""
UNSEEN = "unseen"
"""In the arguments of a deletion: what head office has now is not what was deleted."""
FORGOTTEN_AT_ONCE = 250
_FORGOT = "forgot"
"""In what reconciliation remembers: the day on which nothing old was left."""
UNSENT = "st = 'queued' AND mid IS NULL"
_AMONG = "(SELECT value FROM json_each(?))"
OP_COLUMNS = "lid, mid, gid, kind, id, op, f, cmd, args, sv, at"


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


def count_waiting(reader: Reader) -> int:
    """Count the changes that head office has not confirmed."""
    return int(reader.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") or 0)


def read_op(row: tuple[Any, ...], mid: int) -> QueuedOp:
    """Read a row of `OP_COLUMNS`."""
    lid, _, gid, kind, record_id, op, f, cmd, args, sv, at = row
    return QueuedOp(
        lid, mid, gid, kind, record_id, op, json.loads(f) if f else {}, cmd or "",
        json.loads(args) if args else {}, sv, at,
    )  # fmt: skip


def by_mids(connection: DriverConnection, mids: Iterable[int]) -> dict[int, QueuedOp]:
    """Return the queued changes with these numbers; those that were answered before are absent."""
    rows = connection.execute(
        f"SELECT {OP_COLUMNS} FROM sync_op WHERE mid IN {_AMONG} AND st = 'queued'",
        (json.dumps(list(mids)),),
    ).fetchall()
    return {row[1]: read_op(row, row[1]) for row in rows}


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
        f"SELECT {OP_COLUMNS} FROM sync_op WHERE kind = ? AND id IN {_AMONG} AND st = 'queued' ORDER BY lid",
        (kind, json.dumps(list(ids))),
    ).fetchall():
        found.setdefault(row[4], []).append(read_op(row, row[1] or 0))
    return found


def note_unseen(connection: DriverConnection, kind: str, record_id: str) -> None:
    """Have head office ask before it deletes a record: somebody changed what was deleted here."""
    connection.execute(
        "UPDATE sync_op SET args = json_set(coalesce(args, '{}'), '$.' || ?, json('true')) "
        "WHERE kind = ? AND id = ? AND st = 'queued' AND op = 'delete' AND +mid IS NULL",
        (UNSEEN, kind, record_id),
    )


def note_restored(connection: DriverConnection, kind: str, record_id: str) -> None:
    """Have head office bring a deleted record back with the create that was just queued."""
    connection.execute(
        "UPDATE sync_op SET args = json_set(coalesce(args, '{}'), '$.' || ?, json('true')) "
        "WHERE kind = ? AND id = ? AND st = 'queued' AND op = 'create' AND +mid IS NULL",
        (RESTORES, kind, record_id),
    )


def note_settled(
    connection: DriverConnection, kind: str, record_id: str, names: Iterable[str]
) -> None:
    """Let head office know that another's value was seen and not taken in the change that was just queued."""
    for lid, args in connection.execute(
        "SELECT lid, args FROM sync_op "
        "WHERE kind = ? AND id = ? AND st = 'queued' AND op = 'patch' AND +mid IS NULL",
        (kind, record_id),
    ).fetchall():
        told = json.loads(args or "{}")
        told[SETTLES] = sorted({*told.get(SETTLES, ()), *names})  # several may be folded into one
        connection.execute("UPDATE sync_op SET args = ? WHERE lid = ?", (json.dumps(told), lid))


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
    if int(state(connection, "next_mid") or 1) >= UNKNOWN_MID:
        return 0
    lowest = connection.execute(
        "SELECT min(mid) FROM sync_op WHERE st = 'queued' AND mid IS NOT NULL"
    ).fetchone()
    if lowest and lowest[0] is not None:
        return int(lowest[0]) - 1
    return int(state(connection, "next_mid") or 1) - 1


def lost_after(last: int) -> str:
    """Write the condition on answered changes that head office, which knows those up to a number, has lost."""
    # Changes without a number were confirmed under an earlier name of this computer. A head office that has
    # nothing of its present name may have been restored to a time before it knew the computer at all.
    return "mid > ?" if last else "mid > ? OR mid IS NULL"


def queue_again(connection: DriverConnection, last: int) -> list[tuple[str, str]]:
    """Queue what head office no longer knows, with the same numbers; return the records concerned.

    Where the archive no longer reaches back far enough, the queue is numbered anew from `last`: head office
    has seen none of those numbers in its present history.
    """
    lost = f"st = 'acked' AND ({lost_after(last)})"
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
    """Drop confirmed changes that are older than the archive is deep, by head office's time; and settled issues.

    Looked for once a day, and some at a time: whoever saves meanwhile must not wait for it.
    """
    today = clock.stamp(now)[:10]
    if state(connection, _FORGOT) == today:
        return
    # All of SQLAlchemy, and the first page is read by way of this module
    from kamdesk.db import issues as issues_db

    oldest = clock.stamp(now - timedelta(days=ARCHIVE_DAYS))
    receipts.forget_before(connection, oldest)
    gone = connection.execute(
        "DELETE FROM sync_op WHERE acked_at < ? AND (mid IS NULL OR mid < (SELECT max(mid) FROM sync_op)) "
        "AND lid IN (SELECT lid FROM sync_op WHERE st = 'acked' ORDER BY lid LIMIT ?) RETURNING lid",
        (oldest, FORGOTTEN_AT_ONCE),
    ).fetchall()
    # By the clock of this computer too, which says when something was settled: one that is ahead must not end an undo
    settled = min(oldest, clock.stamp(clock.now() - timedelta(days=ARCHIVE_DAYS)))
    cards = issues_db.forget_settled(connection, settled, FORGOTTEN_AT_ONCE)
    if max(len(gone), cards) < FORGOTTEN_AT_ONCE:
        _set_state(connection, _FORGOT, today)


def read_state(reader: Reader) -> dict[str, str]:
    """Return everything that reconciliation remembers: server, device, cursor, tokens."""
    return dict(reader.rows("SELECT k, v FROM sync_state"))


def write_state(connection: DriverConnection, values: Mapping[str, object]) -> None:
    """Remember these values; part of the caller's transaction."""
    for name, value in values.items():
        _set_state(connection, name, value)


def state(connection: DriverConnection, name: str) -> str | None:
    """Return one value of what reconciliation remembers."""
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
