"""Which imports there were and what was wrong in them: by line, field and code; never a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from kamdesk.domain import clock
from kamdesk.domain.errors import Refused
from kamdesk.headoffice import audit
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store

_MOST_ERRORS = 200
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Import:
    """One import, for lists."""

    id: str
    at: str
    actor: str
    kind: str
    rows: int
    created: int
    updated: int
    unchanged: int
    refused: int
    errors: list[dict[str, object]]


def note(
    store: Store, import_id: str, kind: str, *, rows: int, counts: Mapping[str, int],
    errors: Iterable[tuple[int, Refused]],
) -> None:  # fmt: skip
    """Put an import that took several commits on record, in the log and in the audit; as `note_in`."""
    with store.write("import-log") as writer:
        note_in(writer, import_id, kind, rows=rows, counts=counts, errors=errors)


def note_in(
    writer: Writer, import_id: str, kind: str, *, rows: int, counts: Mapping[str, int],
    errors: Iterable[tuple[int, Refused]],
) -> None:  # fmt: skip
    """Put an import on record in its own commit: both stand, or neither does. `counts`: created, updated, unchanged."""
    listed = [
        {"line": line, "code": one.code, "field": str(one.params.get("field", ""))}
        for line, one in errors
    ]
    writer.connection.execute(
        text(
            "INSERT INTO import_log (id, at, actor, kind, rows, created, updated, unchanged, refused, errors) "
            "VALUES (:id, :at, :actor, :kind, :rows, :created, :updated, :unchanged, :refused, :errors)"
        ),
        {
            "id": import_id, "at": clock.stamp(), "actor": audit.actor(), "kind": kind,
            "rows": rows, "refused": len(listed), **counts,
            "errors": msgspec.json.encode(listed[:_MOST_ERRORS]).decode(),
        },
    )  # fmt: skip
    writer.connection.execute(
        text(
            "DELETE FROM import_log WHERE id NOT IN "
            "(SELECT id FROM import_log ORDER BY at DESC, id DESC LIMIT :most)"
        ),
        {"most": _KEPT},
    )
    audit.note(writer, "import", import_id, kind=kind, rows=rows, refused=len(listed), **counts)


def imports(store: Store, *, most: int = 50) -> list[Import]:
    """List the newest imports, the last one first."""
    with store.read() as connection:
        rows = (
            connection.execute(
                text(
                    "SELECT id, at, actor, kind, rows, created, updated, unchanged, refused, errors "
                    "FROM import_log ORDER BY at DESC, id DESC LIMIT :most"
                ),
                {"most": most},
            )
            .mappings()
            .all()
        )
    return [Import(**{**row, "errors": msgspec.json.decode(row["errors"])}) for row in rows]
