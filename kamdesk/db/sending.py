"""What of the queue is handed in next: whole groups, in an order that head office can follow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kamdesk.db import outbox
from kamdesk.db.capture import SCHEMA
from kamdesk.db.outbox import OP_COLUMNS, UNSENT, QueuedGroup, read_op
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.records import SPECS
from kamdesk.domain.commands import COMMANDS
from kamdesk.domain.ids import is_id
from kamdesk.domain.spec import Policy
from kamdesk.domain.values import dataclass

IMPORTED = ("customer", "person")
"""The kinds that files bring in, and that other records refer to."""
Key = tuple[str, str]
"""kind, id."""
_AMONG = "(SELECT value FROM json_each(?))"
_AT_ONCE = 500


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
    next_mid = int(outbox.state(connection, "next_mid") or 1)
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
    outbox.write_state(connection, {"next_mid": next_mid})
    return _with_bases(connection, groups)


def is_sendable(reader: Reader, hold: Hold | None = None) -> bool:
    """Say whether anything in the queue can be handed in now."""
    return next(_sendable(reader.connection, hold, 1), None) is not None


def _sendable(connection: DriverConnection, hold: Hold | None, limit: int) -> Iterator[QueuedGroup]:
    unconfirmed = _deleted_unconfirmed(connection)
    # Held groups are passed by, so there is no telling how many must be looked at for `limit` others
    most = limit if hold is None and not unconfirmed else -1
    waiting: set[Key] = set()
    is_first = True
    for group in _read(connection, _in_order(connection, most), limit):
        if unconfirmed and not group.ops[0].mid and not unconfirmed.isdisjoint(_touched(group)):
            unconfirmed |= _touched(group)
            continue
        if hold is not None and _must_wait(group, waiting, hold):
            waiting |= _touched(group)
            is_settled = all(op.mid in hold.settled for op in group.ops)
            spends = hold.numbers_all and is_known(group, hold.schema)
            if not (group.ops[0].mid or spends) or (is_first and is_settled):
                continue
            group.is_held = True
        is_first = False
        yield group


def _deleted_unconfirmed(connection: DriverConnection) -> set[Key]:
    """Name the records whose deletion waits until they have come again.

    While a bucket is loaded anew, nobody knows here which revision was deleted: head office would take it for an older
    one and ask. See `apply.put_rows` for what happens then.
    """
    found = connection.execute(
        "SELECT s.kind, s.id FROM sync_base s JOIN sync_bucket l ON l.b = s.b AND l.state = 'loading' "
        "WHERE s.rev = 0 AND s.data IS NOT NULL AND EXISTS (SELECT 1 FROM sync_op o "
        "WHERE o.kind = s.kind AND o.id = s.id AND o.st = 'queued' AND o.op = 'delete' AND +o.mid IS NULL)"
    ).fetchall()
    return {(row[0], row[1]) for row in found}


def _read(connection: DriverConnection, gids: Sequence[str], limit: int) -> Iterator[QueuedGroup]:
    """Give these groups in their order, read as many at once as are likely to be needed."""
    at_once = min(limit, _AT_ONCE)
    for start in range(0, len(gids), at_once):
        part = gids[start : start + at_once]
        groups = {gid: QueuedGroup(gid) for gid in part}
        for row in connection.execute(
            f"SELECT {OP_COLUMNS} FROM sync_op WHERE gid IN {_AMONG} AND st = 'queued' ORDER BY mid IS NULL, mid, lid",
            (json.dumps(part),),
        ).fetchall():
            groups[row[2]].ops.append(read_op(row, row[1] or 0))
        yield from groups.values()


def _must_wait(group: QueuedGroup, waiting: set[Key], hold: Hold) -> bool:
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


def _touched(group: QueuedGroup) -> set[Key]:
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
            group.ops[at] = replace(op, base=0 if outbox.UNSEEN in op.args else base)
            expected[op.kind, op.id] = base + 1
    return groups
