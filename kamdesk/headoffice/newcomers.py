"""What users bring in: customers of their own territory, and what of an import they may take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from kamdesk.domain.errors import Refused
from kamdesk.domain.imports import import_id
from kamdesk.domain.spec import RecordSpec, naming
from kamdesk.headoffice import schema
from kamdesk.headoffice.commit import Row
from kamdesk.headoffice.kinds import SPECS
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.sql import text
from kamdesk.sync.protocol import Op

if TYPE_CHECKING:
    from kamdesk.headoffice.verdicts import Session

_NAMING = naming(SPECS.values(), "product")
"""Which fields of a kind name products."""


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
    """Raise Refused where other records belong to a customer or name a product: they would be orphans."""
    if row.spec.kind == "product" and row.id in _named_products(session, row):
        raise Refused("Other records name it.", code="in_use")
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


def _named_products(session: Session, product: Row) -> set[str]:
    """Return the products that are named by records written since the product's import; one look per request.

    Nothing that stood still since then can name a product of that import.
    """
    if (product.spec.kind, product.id) not in session.imported and session.named is None:
        session.named = _named_since(session, product)
    named = set(session.named or ())
    for _, row in session.writer.changes():
        if row.spec.kind in _NAMING and not row.is_gone:
            named |= _products(row.spec.kind, row.document)
    return named


def _named_since(session: Session, product: Row) -> frozenset[str]:
    connection = session.writer.connection
    since = connection.execute(
        text(
            "SELECT min(r.seq) FROM imported_row i JOIN sync_row r ON r.kind = i.kind AND r.id = i.id "
            "WHERE i.import_id = (SELECT import_id FROM imported_row WHERE kind = :kind AND id = :id)"
        ),
        {"kind": product.spec.number, "id": product.id},
    ).scalar()
    numbers = ", ".join(str(SPECS[kind].number) for kind in _NAMING)
    rows = connection.execute(
        text(
            "SELECT kind, data FROM sync_row "
            f"WHERE seq >= :since AND gone = 0 AND kind IN ({numbers})"
        ),
        {"since": min(product.seq, since or product.seq)},
    )
    named = set[str]()
    for kind, data in rows:
        spec = schema.KINDS[kind]
        named |= _products(spec.kind, schema.decode(spec, data))
    return frozenset(named)


def _products(kind: str, document: Mapping[str, object]) -> set[str]:
    named = set[str]()
    for field in _NAMING[kind]:
        value = document.get(field.name)
        if isinstance(value, list):
            named.update(value)
        elif isinstance(value, str):
            named.add(value)
    return named
