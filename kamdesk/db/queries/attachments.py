"""Attachments of a record, and which contents are to be kept, handed in or can be spared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kamdesk.db.queries import instant
from kamdesk.db.reader import Reader
from kamdesk.domain.attachments import PARENTS, Content


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One attachment. `is_stored`: head office has the bytes."""

    id: str
    parent_id: str
    name: str
    content: Content
    owner_id: str
    owner: str
    attached_at: datetime | None
    is_stored: bool


def attachments_of(reader: Reader, kind: str, parents: Sequence[str]) -> list[AttachmentRow]:
    """Return what is attached to these records of a kind, in the order in which it was."""
    column = PARENTS[kind]
    return [
        AttachmentRow(
            row[0],
            row[1],
            row[2],
            Content(row[3], row[4]),
            row[5],
            row[6],
            instant(row[7]),
            bool(row[8]),
        )
        for row in reader.rows(
            f"SELECT a.id, a.{column}, a.name, a.sha256, a.size, a.owner_id, coalesce(w.name, ''), a.attached_at, "
            "a.upload_state IS NOT NULL FROM attachment a LEFT JOIN colleague w ON w.id = a.owner_id "
            f"WHERE a.{column} IN (SELECT value FROM json_each(?)) ORDER BY a.attached_at, a._n",
            json.dumps(list(parents)),
        )
    ]


def content_of(reader: Reader, attachment_id: str) -> Content | None:
    """Return what an attachment's content is, None where the record has gone."""
    row = reader.row("SELECT sha256, size FROM attachment WHERE id = ?", attachment_id)
    return Content(row[0], row[1]) if row is not None else None


def waiting(reader: Reader) -> list[tuple[str, Content]]:
    """Return the attachments that head office knows and whose bytes it does not have."""
    return [
        (row[0], Content(row[1], row[2]))
        for row in reader.rows(
            "SELECT a.id, a.sha256, a.size FROM attachment a WHERE a.upload_state IS NULL AND a._rev > 0 "
            "AND NOT EXISTS (SELECT 1 FROM sync_op o WHERE o.kind = 'attachment' AND o.id = a.id "
            "AND o.st = 'queued') ORDER BY a._n"
        )
    ]


def unsent(reader: Reader) -> list[tuple[str, Content]]:
    """Return the attachments whose bytes head office does not have, as far as records tell."""
    return [
        (row[0], Content(row[1], row[2]))
        for row in reader.rows(
            "SELECT id, sha256, size FROM attachment WHERE upload_state IS NULL ORDER BY _n LIMIT 1000"
        )
    ]


def spare(reader: Reader) -> list[Content]:
    """Return the contents that head office has for every record that names them: they can be fetched again.

    What a half-typed form names is not spared: it may be of another customer, for whom head office does not have it.
    """
    drafted = set(_drafted(reader))
    return [
        content
        for row in reader.rows(
            "SELECT sha256, size FROM attachment GROUP BY sha256, size HAVING count(*) = count(upload_state)"
        )
        if (content := Content(*row)) not in drafted
    ]


def _drafted(reader: Reader) -> list[Content]:
    """Return the contents that half-typed forms name."""
    return [
        Content(*row)
        for row in reader.rows(
            "SELECT json_extract(e.value, '$.sha256'), json_extract(e.value, '$.size') "
            "FROM draft d, json_each(d.data, '$.attachments.added') e"
        )
    ]


def known(reader: Reader) -> list[Content]:
    """Return all contents that a record names, a change of the archive, or a half-typed form: it is saved later."""
    found = {Content(*row) for row in reader.rows("SELECT sha256, size FROM attachment")}
    found |= {
        Content(row[0], row[1])
        for row in reader.rows(
            "SELECT json_extract(f, '$.sha256[1]'), json_extract(f, '$.size[1]') FROM sync_op "
            "WHERE kind = 'attachment' AND op = 'create' AND f IS NOT NULL"
        )
        if isinstance(row[0], str) and isinstance(row[1], int)
    }
    found.update(_drafted(reader))
    found |= {
        Content(document["sha256"], document["size"])
        for (data,) in reader.rows(
            "SELECT data FROM sync_base WHERE kind = 'attachment' AND data IS NOT NULL"
        )
        for document in (json.loads(data),)
    }
    return sorted(found, key=lambda one: one.sha256)
