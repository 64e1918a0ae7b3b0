"""What users bring in: customers of their own territory, and what of an import they may take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from kamdesk.db.records import SPECS
from kamdesk.domain.errors import Refused
from kamdesk.domain.imports import import_id
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice import schema
from kamdesk.headoffice.commit import Row
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.sql import text
from kamdesk.sync.protocol import Op

if TYPE_CHECKING:
    from kamdesk.headoffice.verdicts import Session


def admit(session: Session, document: dict[str, object]) -> None:
    """Give a new customer to its author's territory. Raises Refused for an author without one."""
    place = session.writer.connection.execute(
        text(
            "SELECT a.territory_id FROM account_territory a JOIN territory t ON t.id = a.territory_id "
            "WHERE a.user_id = :user ORDER BY t.name LIMIT 1"
        ),
        {"user": session.caller.user_id},
    ).scalar()
    if place is None:
        raise Refused("The user has no territory.", code="no_territory")
    document["territory_id"] = place
    document["status"] = "active"


def note(session: Session, row: Row, op: Op) -> None:
    """Remember which bucket a new record opens, and the import that it came with."""
    if row.spec.opens_bucket:
        session.opened.add(row.bucket)
    if named := import_id(op.args):
        session.imported[row.spec.kind, row.id] = named


def keep(connection: Connection, session: Session) -> None:
    """Store what was noted, of the records that stand at the end of the transaction."""
    rows = [
        {
            "kind": SPECS[kind].number,
            "id": record_id,
            "import": named,
            "user": session.caller.user_id,
        }
        for (kind, record_id), named in session.imported.items()
        if session.writer.get(kind, record_id) is not None
    ]
    if rows:
        connection.execute(
            text(
                "INSERT INTO imported_row (kind, id, import_id, user_id) VALUES (:kind, :id, :import, :user) "
                "ON CONFLICT (kind, id) DO UPDATE SET import_id = excluded.import_id, user_id = excluded.user_id"
            ),
            rows,
        )


def may_take_back(session: Session, spec: RecordSpec, op: Op) -> bool:
    """Say whether this deletion undoes an import that the same user made."""
    named = import_id(op.args)
    if not named:
        return False
    if session.imported.get((spec.kind, op.id)) == named:
        return True
    found = session.writer.connection.execute(
        text(
            "SELECT 1 FROM imported_row WHERE kind = :kind AND id = :id AND import_id = :import "
            "AND user_id = :user"
        ),
        {"kind": spec.number, "id": op.id, "import": named, "user": session.caller.user_id},
    ).scalar()
    return found is not None


def taken_back(connection: Connection, kind: str, gone: Sequence[str]) -> list[str]:
    """Name those of these deleted records that were deleted by the user whose import had brought them."""
    if not gone:
        return []
    found = connection.execute(
        text(
            "SELECT i.id FROM imported_row i JOIN sync_row r ON r.kind = i.kind AND r.id = i.id "
            f"WHERE i.kind = :kind AND {among(connection, 'i.id', 'ids')} "
            "AND r.gone = 1 AND r.by_user = i.user_id"
        ),
        {"kind": SPECS[kind].number, "ids": listed(connection, gone)},
    )
    return list(found.scalars())


def check_unused(session: Session, row: Row) -> None:
    """Raise Refused where other records belong to a customer: they would be orphans."""
    if not row.spec.opens_bucket:
        return
    others = session.writer.connection.execute(
        text("SELECT kind, id FROM sync_row WHERE bucket = :bucket AND gone = 0"),
        {"bucket": row.bucket},
    ).all()
    known = {(schema.KINDS[kind].kind, record_id) for kind, record_id in others}
    known |= {
        (one.spec.kind, one.id) for _, one in session.writer.changes() if one.bucket == row.bucket
    }
    for kind, record_id in known - {(row.spec.kind, row.id)}:
        standing = session.writer.get(kind, record_id)
        if standing is not None and not standing.is_gone:
            raise Refused("Other records belong to it.", code="in_use")
