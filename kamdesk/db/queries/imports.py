"""What was imported on this computer, and what is known already when a file comes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from kamdesk.db.queries import instant
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass

_KNOWN = {
    "customer": (
        "id, name, code, province, city, postcode, address, pinyin, aliases",
        "coalesce(status, 'active') = 'active'",
    ),
    "person": ("id, name, customer_id, phone, email", "coalesce(status, 'active') = 'active'"),
    "product": ("id, name, form, holder, code", "coalesce(status, 'active') = 'active'"),
}
CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import of the list. `waiting`: its changes that head office has not confirmed."""

    id: str
    kind: str
    title: str
    state: str
    total: int
    done: int
    created: int
    updated: int
    kept: int
    waiting: int
    at: datetime | None


def list_imports(reader: Reader, *, offset: int, limit: int) -> list[ImportRow]:
    """Return imports, the newest first."""
    rows = reader.rows(
        "SELECT j.id, j.kind, j.title, j.state, j.total, j.done, j.created, j.updated,"
        " (SELECT count(*) FROM import_entry e WHERE e.job = j.n AND e.kept IS NOT NULL),"
        " (SELECT count(*) FROM sync_op o WHERE o.job = j.id AND o.st = 'queued'), j.at"
        " FROM import_job j ORDER BY j.n DESC LIMIT ? OFFSET ?",
        limit,
        offset,
    )
    return [
        ImportRow(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], instant(r[10]))
        for r in rows
    ]


def kept_records(reader: Reader, import_id: str, *, limit: int = 500) -> list[tuple[str, str]]:
    """Return name and reason (edited, used) of the records that an undo left."""
    job = reader.row("SELECT n, kind FROM import_job WHERE id = ?", import_id)
    if job is None:
        return []
    return [
        (row[0], row[1])
        for row in reader.rows(
            f"SELECT t.name, e.kept FROM import_entry e JOIN {job[1]} t ON t.id = e.id"
            " WHERE e.job = ? AND e.kept IS NOT NULL ORDER BY e.at LIMIT ?",
            job[0],
            limit,
        )
    ]


def known_records(
    reader: Reader, kind: str, *, after: int = 0
) -> tuple[list[dict[str, object]], int]:
    """Return the next records with what tells them apart, and where to go on; 0 when all are given."""
    columns, clause = _KNOWN[kind]
    names = [name.strip() for name in columns.split(",")]
    rows = reader.rows(
        f"SELECT _n, {columns} FROM {kind} WHERE _n > ? AND {clause} ORDER BY _n LIMIT ?",
        after,
        CHUNK,
    )
    found = [
        {
            name: json.loads(value) if name == "aliases" else value
            for name, value in zip(names, row[1:], strict=True)
            if value
        }
        for row in rows
    ]
    return found, rows[-1][0] if len(rows) == CHUNK else 0


def kept_mapping(reader: Reader, headings: Sequence[str]) -> tuple[str, Mapping[str, str]] | None:
    """Return the kind and the mapping that a table with these headings had the last time."""
    row = reader.row(
        "SELECT kind, mapping FROM import_map WHERE headings = ? ORDER BY at DESC LIMIT 1",
        json.dumps(list(headings), ensure_ascii=False),
    )
    return (row[0], json.loads(row[1])) if row else None
