"""Taking in what head office says: its records under the user's own unsent changes, never over them.

The record that is shown is always head office's version with the queued changes laid over it, in the order
in which they were made. A record without queued changes is its own base. Removals come with the bucket they
concern: a record that moved on in the meantime is not touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kamdesk.db import outbox, text_index
from kamdesk.db.capture import as_json
from kamdesk.db.describe import envelope_bytes
from kamdesk.db.outbox import QueuedOp, places
from kamdesk.db.reader import DriverConnection
from kamdesk.db.records import PRICE_BUCKETS, SPECS, opened_with
from kamdesk.db.work import Work
from kamdesk.domain import commands, merge
from kamdesk.domain.errors import Refused
from kamdesk.domain.spec import SEALED, FieldType, RecordSpec
from kamdesk.domain.values import dataclass

AT_ONCE = 500
"""Rows per transaction on a store that people work with."""
_AMONG = "(SELECT value FROM json_each(?))"
_LISTS = {FieldType.REFERENCES, FieldType.TAGS}
LOADING = "load"
"""In `meta`: the text index of a kind waits for the end of the first load."""

Put = Sequence[Any]
"""id, revision, bucket, then the values."""
Gone = tuple[str, int, str]
"""id, revision, the bucket that the record left or was deleted from."""


def put_rows(work: Work, kind: str, names: Sequence[str], rows: Sequence[Put]) -> None:
    """Take in records of one kind as they stand at head office. Fields not known here are kept aside."""
    spec = SPECS.get(kind)
    if spec is None or not rows:
        return
    connection = work.driver
    dirty = _dirty(connection, kind, [row[0] for row in rows])
    clean = [row for row in rows if row[0] not in dirty] if dirty else rows
    if clean:
        is_indexed = spec.searchable and not _is_loading(connection, kind)
        stale = _upsert(connection, spec, names, clean)
        if is_indexed:
            text_index.index_ids(connection, spec, stale)
        work.touch(kind, *(row[0] for row in clean))
    for row in rows:
        if row[0] in dirty and row[1] >= dirty[row[0]]:
            base = dict(zip(names, row[3:], strict=True))
            if not dirty[row[0]]:
                _note_unseen(work, spec, row[0], base)
            _set_base(connection, kind, row[0], rev=row[1], bucket=row[2], document=base)
            rebuild(work, spec, row[0])


def _note_unseen(work: Work, spec: RecordSpec, record_id: str, now: Mapping[str, object]) -> None:
    """Compare a record that is loaded anew with what its deletion was of: by content, as revisions are not known."""
    before = bases_of(work.driver, spec.kind, [record_id])[record_id].document
    if before is not None and any(
        not merge.same(
            *(clear_value(work, spec, record_id, name, one.get(name)) for one in (before, now))
        )
        for name in spec.names
        if name in now
    ):
        outbox.note_unseen(work.driver, spec.kind, record_id)


def clear_value(
    work: Work, spec: RecordSpec, record_id: str, name: str, value: object
) -> object:
    """Give a value as it can be compared: no two envelopes of one price are alike."""
    if name not in spec.sealed or not isinstance(value, str):
        return value
    return work.prices.unseal(spec.kind, name, record_id, envelope_bytes(value))


def remove_rows(work: Work, kind: str, entries: Sequence[Gone]) -> None:
    """Take out records that were deleted or left a bucket; unsent changes of theirs stay queued."""
    spec = SPECS.get(kind)
    if spec is None or not entries:
        return
    connection = work.driver
    dirty = _dirty(connection, kind, [entry[0] for entry in entries])
    for record_id, rev, bucket in entries:
        if record_id in dirty:
            changed = connection.execute(
                "UPDATE sync_base SET data = NULL, rev = ? WHERE kind = ? AND id = ? AND b = ? AND rev <= ? "
                "RETURNING id",
                (rev, kind, record_id, bucket, rev),
            ).fetchall()
            if changed:
                rebuild(work, spec, record_id)
    delete(
        work,
        spec,
        [
            entry[0]
            for entry in entries
            if entry[0] not in dirty
            and connection.execute(
                f"SELECT 1 FROM {kind} WHERE id = ? AND _b = ? AND _rev <= ?",
                (entry[0], entry[2], entry[1]),
            ).fetchone()
        ],
    )


@dataclass(slots=True)
class Base:
    """Head office's version of one record with unsent changes; `document` is None where it has none."""

    rev: int
    bucket: str
    document: Mapping[str, object] | None
    is_new: bool = False
    """It is not stored yet."""


def bases_of(connection: DriverConnection, kind: str, ids: Iterable[str]) -> dict[str, Base]:
    """Return the bases of those of these records that have one."""
    return {
        row[0]: Base(row[1], row[2], None if row[3] is None else json.loads(row[3]))
        for row in connection.execute(
            f"SELECT id, rev, b, data FROM sync_base WHERE kind = ? AND id IN {_AMONG}",
            (kind, as_json(list(ids))),
        ).fetchall()
    }


def rebuild(work: Work, spec: RecordSpec, record_id: str) -> None:
    """Show a record as it is: head office's version, with what is queued laid over it."""
    rebuild_many(work, spec, bases_of(work.driver, spec.kind, [record_id]))


def rebuild_many(work: Work, spec: RecordSpec, bases: Mapping[str, Base]) -> None:
    """Show records as they are. Bases that no queued change needs any more go; new ones are stored otherwise."""
    connection = work.driver
    queued = outbox.queued_of(connection, spec.kind, bases)
    shown: dict[tuple[str, ...], list[Put]] = {}
    gone = []
    for record_id, base in bases.items():
        if base.is_new and record_id in queued:
            _set_base(
                connection, spec.kind, record_id,
                rev=base.rev, bucket=base.bucket, document=base.document,
            )  # fmt: skip
        document = base.document
        for op in queued.get(record_id, ()):
            document = _with(spec, document, op, work)
        if document is None:
            gone.append(record_id)
        else:
            row = (record_id, base.rev, base.bucket, *document.values())
            shown.setdefault(tuple(document), []).append(row)
    delete(work, spec, gone)
    for names, rows in shown.items():
        stale = _upsert(connection, spec, names, rows, force=True)
        if spec.searchable:
            text_index.index_ids(connection, spec, stale)
    connection.execute(
        f"DELETE FROM sync_base WHERE kind = ? AND id IN {_AMONG}",
        (spec.kind, as_json([one for one in bases if one not in queued])),
    )
    if bases:
        work.touch(spec.kind, *bases)


def _with(
    spec: RecordSpec, document: Mapping[str, object] | None, op: QueuedOp, work: Work
) -> Mapping[str, object] | None:
    """Lay one change over a document; one that no longer fits shows nothing, and head office will say so."""
    if op.op == "delete":
        return None
    if op.op == "create":
        return {**(document or {}), **{name: pair[-1] for name, pair in op.f.items()}}
    if document is None:
        return None
    if op.op == "patch":
        return merge.overlay(spec, document, op.f)
    try:
        change = commands.decide(
            spec.kind, op.cmd, document=document, args=op.args, actor=work.actor
        )
    except Refused:
        return document
    return {**document, **change}


def settle(
    work: Work,
    op: QueuedOp,
    base: Base,
    *,
    status: str,
    rev: int,
    row: tuple[int, str, Mapping[str, object] | None] | None,
) -> None:
    """Move the base of a record to what head office answered to one change of it; `rebuild_many` stores it.

    `row`: revision, bucket and document as they stand there (None: deleted), where head office sent them.
    """
    spec = SPECS[op.kind]
    connection = work.driver
    if op.op == "create" and spec.opens_bucket and status in {"applied", "noop"}:
        _follow_new(connection, op.id)
    bucket = base.bucket
    document: Mapping[str, object] | None
    if row is not None:
        now, there, document = row
        if document is not None:
            bucket = there
        if now < base.rev:
            return
    elif status in {"applied", "merged", "noop"} and rev == base.rev + 1:
        now = rev
        document = _with(spec, base.document, op, work)
        if document is not None:
            # After a restore a create may bring a record back to where it was before it was moved
            bucket = spec.bucket.of(op.id, document)
    else:
        return
    # An answer obeys the subscription too: what the user may no longer see is not kept
    if not connection.execute("SELECT 1 FROM sync_bucket WHERE b = ?", (bucket,)).fetchone():
        document = None
    base.rev, base.bucket, base.document, base.is_new = now, bucket, document, True


def _follow_new(connection: DriverConnection, customer_id: str) -> None:
    """Follow the buckets of a customer that one brought in oneself.

    Head office subscribed the author in the same commit, and all that the buckets hold is here.
    """
    followed = {
        prefix
        for prefix in PRICE_BUCKETS
        if connection.execute(
            "SELECT 1 FROM sync_bucket WHERE b >= ? AND b < ? LIMIT 1", (f"{prefix}:", f"{prefix};")
        ).fetchone()
    }
    connection.executemany(
        "INSERT OR IGNORE INTO sync_bucket(b, state) VALUES(?, 'live')",
        [(f"{prefix}:{customer_id}",) for prefix in sorted(opened_with(followed))],
    )


def _set_base(
    connection: DriverConnection,
    kind: str,
    record_id: str,
    *,
    rev: int,
    bucket: str,
    document: Mapping[str, object] | None,
) -> None:
    connection.execute(
        "INSERT INTO sync_base(kind, id, rev, b, data) VALUES(?,?,?,?,?) "
        "ON CONFLICT(kind, id) DO UPDATE SET rev = excluded.rev, b = excluded.b, data = excluded.data",
        (kind, record_id, rev, bucket, None if document is None else as_json(document)),
    )


def _dirty(connection: DriverConnection, kind: str, ids: Sequence[str]) -> dict[str, int]:
    """Return the revisions of the bases of those records that have queued changes."""
    if not connection.execute("SELECT 1 FROM sync_base WHERE kind = ? LIMIT 1", (kind,)).fetchone():
        return {}
    found: dict[str, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        found.update(
            connection.execute(
                f"SELECT id, rev FROM sync_base WHERE kind = ? AND id IN ({places(part)})",
                (kind, *part),
            ).fetchall()
        )
    return found


def _upsert(
    connection: DriverConnection,
    spec: RecordSpec,
    names: Sequence[str],
    rows: Sequence[Put],
    *,
    force: bool = False,
) -> list[str]:
    """Store rows; return those whose text has to be indexed anew."""
    columns, stored = _stored(spec, names, rows)
    # OR FAIL or IGNORE, and no ON CONFLICT: with that SQLite keeps copies of the pages that each row changes
    insert = f"INTO {spec.kind}({', '.join(columns)}) VALUES({places(columns)})"
    had = _standing(connection, spec.kind, columns, [stored[0][0]])
    was_here = bool(had)
    if not was_here:
        # Most likely all are new, as in a first load: that is told by how many went in
        done = connection.executemany(f"INSERT OR IGNORE {insert}", stored)
        if done.rowcount == len(stored):
            return [row[0] for row in stored]
    if len(stored) > 1 or not had:
        had = _standing(connection, spec.kind, columns, [row[0] for row in stored])
    searched = {
        at for at, name in enumerate(columns) if name in spec.names and spec.field(name).searchable
    }
    fresh = [row for row in stored if row[0] not in had]
    # Where not all were new, nobody knows which of these stood here before
    stale = [row[0] for row in (fresh if was_here else stored)]
    changed: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    for row in stored:
        stands = had.get(row[0])
        if stands is None:
            continue
        differing = tuple(at for at in range(2, len(row)) if stands[at] != row[at])
        if not searched.isdisjoint(differing):
            stale.append(row[0])
        last = (row[0],) if force else (row[0], row[1])
        changed.setdefault(differing, []).append((row[1], *(row[at] for at in differing), *last))
    if fresh:
        connection.executemany(f"INSERT OR FAIL {insert}", fresh)
    newer = "" if force else " AND ? >= _rev"
    for differing, parts in changed.items():
        # No others: every index that a column is in would be written anew, changed or not
        told = "".join(f", {columns[at]} = ?" for at in differing)
        connection.executemany(
            f"UPDATE OR FAIL {spec.kind} SET _rev = ?{told} WHERE id = ?{newer}", parts
        )
    return stale


def _stored(
    spec: RecordSpec, names: Sequence[str], rows: Sequence[Put]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Give the columns, and rows as these hold them, each record once; fields not known here are in `_x`."""
    if len({row[0] for row in rows}) < len(rows):
        rows = list({row[0]: row for row in rows}.values())
    turned = list(zip(*rows, strict=True))  # column by column: most need nothing done to them
    columns, values = ["id", "_rev", "_b"], turned[:3]
    strange: dict[str, Sequence[Any]] = {}
    for name, column in zip(names, turned[3:], strict=True):
        if name not in spec.names:
            strange[name] = column
            continue
        form = _stored_form(spec.field(name).type)
        columns.append(name)
        values.append(
            column if form is None else tuple(None if one is None else form(one) for one in column)
        )
    if strange:
        columns.append("_x")
        values.append(
            tuple(
                as_json(dict(zip(strange, aside, strict=True)))
                for aside in zip(*strange.values(), strict=True)
            )
        )
    return columns, list(zip(*values, strict=True))


def _standing(
    connection: DriverConnection, kind: str, columns: Sequence[str], ids: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """Return what these columns hold of the records that are here."""
    sql = f"SELECT {', '.join(columns)} FROM {kind} WHERE id IN {_AMONG}"
    return {row[0]: row for row in connection.execute(sql, (as_json(ids),)).fetchall()}


def _stored_form(type_: FieldType) -> Callable[[Any], Any] | None:
    """Return what turns a value of a document into what its column holds; None: they are the same."""
    if type_ in SEALED:
        return envelope_bytes
    return as_json if type_ in _LISTS else None


def delete(work: Work, spec: RecordSpec, ids: Sequence[str]) -> None:
    """Take records out, and out of the text index."""
    if not ids:
        return
    if spec.searchable:
        text_index.forget_ids(work.driver, spec, ids)
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        work.driver.execute(f"DELETE FROM {spec.kind} WHERE id IN ({places(part)})", part)
    work.touch(spec.kind, *ids)


def _is_loading(connection: DriverConnection, kind: str) -> bool:
    row = connection.execute("SELECT v FROM meta WHERE k = ?", (f"index:{kind}",)).fetchone()
    return row is not None and row[0] == LOADING
