"""Writing the outbox: every change of a synced record becomes a queued op in the same transaction.

Facts are captured here, from what the session is about to flush; intents are said by services. Nothing else
may write a synced table: TEMP triggers on the writer's connection refuse it. (They read a flag in a TEMP
table: with `trusted_schema=OFF` a trigger that calls a Python function fails on every insert.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import inspect

from kamdesk.db.describe import Record, to_wire
from kamdesk.db.reader import DriverConnection
from kamdesk.domain import clock, merge
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.spec import Document, Policy, RecordSpec
from kamdesk.domain.values import dataclass

SCHEMA = 2  # of the ops that this program writes; equals sync.protocol.SCHEMA (a test holds them together)
SHUT, CAPTURING, APPLYING = 0, 1, 2
_ENCODER = msgspec.json.Encoder()  # writes what json does, in a sixth of the time


def as_json(value: object) -> str:
    """Write a value as compact JSON, the form that every table of the outbox uses."""
    return _ENCODER.encode(value).decode()


def install_guards(connection: DriverConnection, kinds: Iterable[str]) -> None:
    """Refuse writes to synced tables on this connection unless the guard is open."""
    # FAIL, not ABORT: with ABORT every statement keeps copies of the pages that it changes, in case one is refused
    connection.execute("CREATE TEMP TABLE guard(open INTEGER NOT NULL)")
    connection.execute("INSERT INTO temp.guard VALUES(0)")
    for kind in kinds:
        for event in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TEMP TRIGGER guard_{kind}_{event} BEFORE {event} ON main.{kind} "
                "WHEN (SELECT open FROM temp.guard) = 0 "
                "BEGIN SELECT RAISE(FAIL, 'write outside the outbox'); END"
            )


def set_guard(connection: DriverConnection, state: int) -> None:
    """Open the guard for a flush or for reconciliation, or shut it."""
    connection.execute("UPDATE OR FAIL temp.guard SET open = ?", (state,))


@dataclass(frozen=True, slots=True)
class Fact:
    """One captured change of one record, before it is queued."""

    spec: RecordSpec
    id: str
    op: str
    bucket: str
    rev: int
    before: Document
    patch: dict[str, list[Any]]


def fact_of_new(record: Record) -> Fact:
    """Describe a record that is about to be inserted."""
    document = record.document()
    return Fact(
        record.spec(), record.id, "create", record.bucket_name, 0, {}, from_nothing(document)
    )


def from_nothing(document: Document) -> dict[str, list[Any]]:
    """Give the fields of a create: from null to every value that there is."""
    return {name: [None, value] for name, value in document.items() if not merge.same(None, value)}


def fact_of_changed(record: Record, commanded: frozenset[str]) -> Fact | None:
    """Describe a changed record; `commanded` fields were set by an intent and travel as that command."""
    spec = record.spec()
    after = record.document()
    before = dict(after)
    state = inspect(record)
    for name in spec.names:
        history = state.attrs[name].history
        if history.has_changes():
            before[name] = to_wire(history.deleted[0]) if history.deleted else None
    patch = {
        name: change
        for name, change in merge.difference(spec, before, after).items()
        if name not in commanded and spec.field(name).policy is not Policy.SRV
    }
    if not patch and not commanded:
        return None
    return Fact(spec, record.id, "patch", record.bucket_name, record.rev, before, patch)


def fact_of_deleted(record: Record) -> Fact:
    """Describe a record that is about to be deleted."""
    return Fact(
        record.spec(), record.id, "delete", record.bucket_name, record.rev, record.document(), {}
    )


def check(fact: Fact) -> None:
    """Raise UserError, with its field, for what head office would refuse: here it can still be changed."""
    if fact.op == "delete":
        return
    given = {
        name: change[1] if len(change) == 2 else change[0]["add"]
        for name, change in fact.patch.items()
    }
    if fact.op == "create":
        given = {**dict.fromkeys(fact.spec.demanded), **given}
    for name, value in given.items():
        described = fact.spec.field(name)
        if described.is_sealed:
            continue
        try:
            described.check(value)
        except Refused as refused:
            params = {key: told for key, told in refused.params.items() if key != "field"}
            raise UserError(
                refused.text, field=name, code=refused.code, context=refused.context, **params
            ) from refused


def keep_base(connection: DriverConnection, fact: Fact) -> None:
    """Copy head office's version aside before its first local change; once per dirty record."""
    # Not by the revision: while a store is loaded anew that of every record is 0
    document = fact.before if fact.op != "create" else None
    add_base(connection, fact.spec.kind, fact.id, fact.rev, fact.bucket, document)


def add_base(
    connection: DriverConnection,
    kind: str,
    record_id: str,
    rev: int,
    bucket: str,
    document: Document | None,
) -> None:
    """Give a record without a base one; None: head office does not have it."""
    connection.execute(
        "INSERT OR IGNORE INTO sync_base(kind, id, rev, b, data) VALUES(?,?,?,?,?)",
        (kind, record_id, rev, bucket, None if document is None else as_json(document)),
    )


def queue(connection: DriverConnection, fact: Fact, gid: str, *, job: str = "") -> None:
    """Queue a fact (`job`: the import it is part of), folding it into the record's last op while that was never sent.

    An op that was sent is frozen: folding into it would lose the later value when its answer comes.
    """
    keep_base(connection, fact)
    if fact.op == "patch" and not fact.patch:
        return
    last = connection.execute(
        "SELECT lid, op, f, mid FROM sync_op WHERE kind = ? AND id = ? AND st = 'queued' ORDER BY lid DESC LIMIT 1",
        (fact.spec.kind, fact.id),
    ).fetchone()
    if last and last[3] is None:
        if fact.op == "patch" and last[1] in {"create", "patch"}:
            _fold(connection, fact, last)
            return
        if fact.op == "delete" and fact.rev == 0 and _withdraw(connection, fact):
            return
    row = op_row(fact.spec.kind, fact.id, fact.op, gid, f=fact.patch, job=job)
    connection.execute(INSERT_OP, row)


def _fold(connection: DriverConnection, fact: Fact, last: tuple[Any, ...]) -> None:
    earlier = json.loads(last[2])
    if last[1] == "create":
        after = merge.overlay(
            fact.spec, {name: pair[1] for name, pair in earlier.items()}, fact.patch
        )
        folded = from_nothing(after)
    else:
        folded = merge.combine(fact.spec, earlier, fact.patch)
    if folded:
        connection.execute("UPDATE sync_op SET f = ? WHERE lid = ?", (as_json(folded), last[0]))
        return
    connection.execute("DELETE FROM sync_op WHERE lid = ?", (last[0],))
    drop_base_if_clean(connection, fact.spec.kind, fact.id)


def _withdraw(connection: DriverConnection, fact: Fact) -> bool:
    """Drop the ops of a record that head office never heard of.

    Its revision does not tell: while a store is loaded anew that of every record is 0.
    """
    where = "kind = ? AND id = ? AND st = 'queued'"
    counted = connection.execute(
        f"SELECT count(mid), count(*) FILTER (WHERE op = 'create') FROM sync_op WHERE {where}",
        (fact.spec.kind, fact.id),
    ).fetchone()
    if counted is None or counted[0] or not counted[1]:
        return False
    connection.execute(f"DELETE FROM sync_op WHERE {where}", (fact.spec.kind, fact.id))
    drop_base_if_clean(connection, fact.spec.kind, fact.id)
    return True


def drop_base_if_clean(connection: DriverConnection, kind: str, record_id: str) -> None:
    """Forget the base of a record that has no queued ops any more: the record is its own base."""
    connection.execute(
        "DELETE FROM sync_base WHERE kind = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM sync_op o"
        " WHERE o.kind = sync_base.kind AND o.id = sync_base.id AND o.st = 'queued')",
        (kind, record_id),
    )


def insert(
    connection: DriverConnection,
    kind: str,
    record_id: str,
    op: str,
    gid: str,
    *,
    f: object = None,
    cmd: str | None = None,
    args: object = None,
) -> None:
    """Append one op to the queue."""
    connection.execute(INSERT_OP, op_row(kind, record_id, op, gid, f=f, cmd=cmd, args=args))


# OR FAIL: an error ends the transaction anyway, and no copies of pages are kept to undo one row
INSERT_OP = "INSERT OR FAIL INTO sync_op(gid, kind, id, op, f, cmd, args, sv, at, job) VALUES(?,?,?,?,?,?,?,?,?,?)"


def op_row(
    kind: str,
    record_id: str,
    op: str,
    gid: str,
    *,
    f: object = None,
    cmd: str | None = None,
    args: object = None,
    job: str = "",
) -> tuple[object, ...]:
    """Write one op as `INSERT_OP` takes it; `job` is the import it belongs to."""
    return (
        gid,
        kind,
        record_id,
        op,
        as_json(f) if f else None,
        cmd,
        as_json(args) if args is not None else None,
        SCHEMA,
        clock.stamp(),
        job or None,
    )
