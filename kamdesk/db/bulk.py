"""Many records at once, as an import brings them: what `Work.add` does for one, without an object for each.

The promises are those of the capture: row, queued op and text index stand or fall in one transaction, and the
guards against other writers stay on. Every record is a group of its own, so that one that head office refuses
holds up no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kamdesk.db import capture, text_index
from kamdesk.db.capture import as_json
from kamdesk.db.outbox import places
from kamdesk.db.work import Work
from kamdesk.domain import imports
from kamdesk.domain.spec import FieldType, RecordSpec

LISTS = frozenset({FieldType.REFERENCES, FieldType.TAGS})
_AMONG = "(SELECT value FROM json_each(?))"
New = tuple[str, Mapping[str, object]]
"""The id and the document of a record that is to be."""


def create_many(work: Work, spec: RecordSpec, records: Sequence[New], *, job: str) -> None:
    """Bring records into being; the documents must have passed `spec.check`. `job` is the import's id."""
    connection = work.driver
    if not records:
        return
    names = spec.names
    lists = {field.name for field in spec if field.type in LISTS}
    before = work.reader.value(f"SELECT max(_n) FROM {spec.kind}") or 0
    rows, bases, ops = [], [], []
    args = {imports.ARGUMENT: job}
    for number, (record_id, document) in enumerate(records, start=before + 1):
        bucket = spec.bucket.of(record_id, document)
        values = [
            as_json(document[name]) if name in lists and document.get(name) else document.get(name)
            for name in names
        ]
        rows.append((number, record_id, bucket, *values))
        bases.append((spec.kind, record_id, bucket))
        patch = capture.from_nothing(dict(document))
        ops.append(
            capture.op_row(
                spec.kind, record_id, "create", work.next_gid(), f=patch, args=args, job=job
            )
        )
    columns = ", ".join(names)
    capture.set_guard(connection, capture.CAPTURING)
    connection.executemany(
        f"INSERT OR FAIL INTO {spec.kind}(_n, id, _rev, _b, {columns})"
        f" VALUES(?,?,0,?,{places(names)})",
        rows,
    )
    capture.set_guard(connection, capture.SHUT)
    connection.executemany(
        "INSERT OR FAIL INTO sync_base(kind, id, rev, b, data) VALUES(?,?,0,?,NULL)", bases
    )
    connection.executemany(capture.INSERT_OP, ops)
    if spec.searchable:
        text_index.index_new(connection, spec, [(row[0], row[3:]) for row in rows])
    work.touch(spec.kind)
    work.outbox = True


def documents(work: Work, spec: RecordSpec, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    """Read records as documents, by id; those that are not here are left out."""
    found = {}
    lists = {field.name for field in spec if field.type in LISTS}
    for row in work.reader.rows(
        f"SELECT id, {', '.join(spec.names)} FROM {spec.kind} WHERE id IN {_AMONG}", as_json(ids)
    ):
        found[row[0]] = {
            name: json.loads(value) if value is not None and name in lists else value
            for name, value in zip(spec.names, row[1:], strict=True)
        }
    return found


def delete_many(work: Work, spec: RecordSpec, ids: Sequence[str], *, job: str) -> None:
    """Delete records: those that head office never heard of at once, the others by one queued op each."""
    if not ids:
        return
    connection = work.driver
    sent = {
        row[0]
        for row in work.reader.rows(
            # Not by the revision: while a store is loaded anew that of every record is 0. The plus keeps SQLite
            # from the index of numbers, under which all of an import lies at NULL
            f"SELECT t.id FROM {spec.kind} t WHERE t.id IN {_AMONG} AND NOT EXISTS (SELECT 1 FROM sync_op o"
            " WHERE o.kind = ? AND o.id = t.id AND o.st = 'queued' AND o.op = 'create' AND +o.mid IS NULL)",
            as_json(ids),
            spec.kind,
        )
    }
    for record_id, document in (documents(work, spec, sorted(sent)) if sent else {}).items():
        row = work.reader.row(f"SELECT _rev, _b FROM {spec.kind} WHERE id = ?", record_id)
        assert row is not None
        capture.keep_base(
            connection, capture.Fact(spec, record_id, "delete", row[1], row[0], document, {})
        )
    args = {imports.ARGUMENT: job}
    connection.executemany(
        capture.INSERT_OP,
        [
            capture.op_row(spec.kind, record_id, "delete", work.next_gid(), args=args, job=job)
            for record_id in ids
            if record_id in sent
        ],
    )
    unsent = [(spec.kind, record_id) for record_id in ids if record_id not in sent]
    connection.executemany(
        "DELETE FROM sync_op WHERE kind = ? AND id = ? AND st = 'queued'", unsent
    )
    connection.executemany("DELETE FROM sync_base WHERE kind = ? AND id = ?", unsent)
    if spec.searchable:
        text_index.forget_ids(connection, spec, ids)
    capture.set_guard(connection, capture.CAPTURING)
    connection.executemany(f"DELETE FROM {spec.kind} WHERE id = ?", [(one,) for one in ids])
    capture.set_guard(connection, capture.SHUT)
    work.touch(spec.kind)
    work.outbox = True
