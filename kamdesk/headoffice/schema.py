"""The tables of head office, the guard around them, and what happens when a program of another version opens them.

Instants are stored as the wire writes them, so that they compare as text on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    inspect,
    text,
)

from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice import schema_office, upgrades
from kamdesk.headoffice.columns import number as _number
from kamdesk.headoffice.columns import words as _text
from kamdesk.headoffice.kinds import AT_REST, SPECS
from kamdesk.headoffice.seals import Seals
from kamdesk.security.signing import new_signing_key

VERSION = 8
KINDS: dict[int, RecordSpec] = {spec.number: spec for spec in SPECS.values()}

metadata = MetaData()
Table("meta", metadata, _text("k", primary_key=True), _text("v", nullable=True))
Table(
    "signing_key",
    metadata,
    _number("one", primary_key=True),
    Column("private", LargeBinary, nullable=False),
)
Table("sync_head", metadata, _number("one", primary_key=True), _number("seq"), _text("server_id"))
Table(
    "sync_commit",
    metadata,
    _number("seq", primary_key=True),
    _number("nonce"),
    _text("at"),
    _text("origin"),
)
_row = Table(
    "sync_row",
    metadata,
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    _text("id", primary_key=True),
    _text("bucket"),
    _number("seq"),
    _number("rev"),
    Column("gone", SmallInteger, nullable=False),
    _text("data", nullable=True),  # JSON array in the field order of the kind; null once it is gone
    _text("by_device"),
    _text("by_user"),
    _text("written", nullable=True),  # see `authors`
)
Index("sync_row_bucket", _row.c.bucket, _row.c.seq)
Index("sync_row_seq", _row.c.seq)
_left = Table(
    "sync_left",
    metadata,
    _text("bucket", primary_key=True),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    _text("id", primary_key=True),
    _number("seq"),
    _number("rev"),
)
Index("sync_left_bucket", _left.c.bucket, _left.c.seq)
Index("sync_left_seq", _left.c.seq)
# By kind as well: a role that may not read a kind compares digests without it.
Table(
    "sync_digest",
    metadata,
    _text("bucket", primary_key=True),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    _number("n"),
    _number("x"),
)
_device = Table(
    "sync_device",
    metadata,
    _text("id", primary_key=True),
    _text("user_id"),
    _text("name"),
    _text("os"),
    _text("app"),
    _text("public_key"),
    _text("status"),  # active | revoked | wiped
    _number("last_mid"),
    _number("ack"),
    _text("created_at"),
    _text("last_seen"),
    _text("disk"),  # encrypted | plain | "" where nobody told
)
Index("sync_device_user", _device.c.user_id)
Table(
    "sync_result",
    metadata,
    _text("device_id", primary_key=True),
    _number("mid", primary_key=True),
    _number("h"),  # the head when it was decided
    _text("g"),  # hashes of group and change: another one under the same number is a cloned device
    _text("body"),
)
Table(
    "sync_deadletter",
    metadata,
    _text("incident", primary_key=True),
    _text("device_id"),
    _number("mid"),
    _text("body"),
    _text("error"),
    _text("at"),
)
_notice = Table(
    "sync_notice",
    metadata,
    _text("id", primary_key=True),
    _text("user_id"),
    _number("seq"),  # the commit that last changed it
    Column("kind", SmallInteger, nullable=False),
    _text("row_id"),
    _text("at"),
    _text("by_name"),
    _text("fields"),
    Column("settled", SmallInteger, nullable=False),
)
Index("sync_notice_user", _notice.c.user_id, _notice.c.seq)
_user_bucket = Table(
    "user_bucket", metadata, _text("user_id", primary_key=True), _text("bucket", primary_key=True)
)
Index("user_bucket_bucket", _user_bucket.c.bucket)
_account = Table(
    "account",
    metadata,
    _text("id", primary_key=True),
    _text("login", unique=True),
    _text("name"),
    _text("role"),
    _text("password", nullable=True),
    _text("status"),  # active | disabled
    _text("created_at"),
    _text("scope_hash"),
    _number("scope_seq"),  # the commit that last changed the subscription
)
Table(
    "territory",
    metadata,
    _text("id", primary_key=True),
    _text("name", unique=True),
    _text("parent", nullable=True),
)
_assigned = Table(
    "account_territory",
    metadata,
    _text("user_id", primary_key=True),
    _text("territory_id", primary_key=True),
)
Index("account_territory_territory", _assigned.c.territory_id)
_place = Table(
    "customer_place",
    metadata,
    _text("bucket", primary_key=True),
    _text("territory_id"),
    _text("sort"),
)
Index("customer_place_territory", _place.c.territory_id)
_planned = Table(
    "planned_visit",
    metadata,
    _text("visit_id", primary_key=True),
    _text("owner_id"),
    _text("customer_id"),
    _text("held_on"),
)
Index("planned_visit_owner", _planned.c.owner_id, _planned.c.held_on)
Table(
    "enrolment_code", metadata, _text("hash", primary_key=True), _text("user_id"), _text("expires")
)
_access = Table(
    "access_token", metadata, _text("hash", primary_key=True), _text("device_id"), _text("expires")
)
Index("access_token_device", _access.c.device_id)
_refresh = Table(
    "refresh_token",
    metadata,
    _text("hash", primary_key=True),
    _text("device_id"),
    _number("generation"),
    _text("issued_at"),
    _text("traded_at", nullable=True),  # when its successor was first handed out
    Column("spent", SmallInteger, nullable=False),
)
Index("refresh_token_device", _refresh.c.device_id)
Table(
    "throttle",
    metadata,
    _text("k", primary_key=True),
    _number("fails"),
    _text("last_at"),
    _text("until"),
)
Table("commit_gate", metadata, _number("one", primary_key=True), _number("is_open"))
schema_office.declare(metadata)

OPEN_GATE = "set_config('kamdesk.commit', 'on', true)"
"""On PostgreSQL: lets the transaction write `sync_row`, until its end."""
_SQLITE_GUARD = """CREATE TRIGGER {name} BEFORE {event} ON sync_row
WHEN (SELECT is_open FROM commit_gate) = 0
BEGIN SELECT RAISE(ABORT, 'sync_row is written by the commit rule only'); END"""
_POSTGRESQL_GUARD = (
    """CREATE FUNCTION kamdesk_commit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('kamdesk.commit', true), '') <> 'on' THEN
    RAISE EXCEPTION 'sync_row is written by the commit rule only';
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER sync_row_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON sync_row
FOR EACH STATEMENT EXECUTE FUNCTION kamdesk_commit_guard()""",
    # the head row is updated by every commit: room for the new version beside the old one
    "ALTER TABLE sync_head SET (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, "
    "autovacuum_vacuum_threshold = 1000)",
)


def prepare(connection: Connection, company: str) -> None:
    """Create what is missing; refuse what a newer program wrote. Runs in one transaction of the caller."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7221801)"))
    tables = set(inspect(connection).get_table_names())
    if "meta" not in tables:
        if "sync_head" in tables or (connection.dialect.name == "sqlite" and tables):
            raise MachineError(
                "The database belongs to another program. Nothing was changed.",
                code="FOREIGN_DATABASE",
            )
        _create(connection, company)
        return
    found = connection.execute(text("SELECT v FROM meta WHERE k = 'headoffice_schema'")).scalar()
    if found is None:
        raise MachineError(
            "The database belongs to another program. Nothing was changed.", code="FOREIGN_DATABASE"
        )
    if int(found) > VERSION:
        raise MachineError(
            "The database was written by a newer version of this program (format {found}, this program knows "
            "{known}). Nothing was changed; install the newer version.",
            code="DATABASE_NEWER",
            found=found,
            known=VERSION,
        )
    if int(found) < VERSION:
        upgrades.run(connection, metadata, found=int(found), version=VERSION)
    if company:
        connection.execute(text("UPDATE meta SET v = :v WHERE k = 'company'"), {"v": company})
    _follow_fields(connection)


def _create(connection: Connection, company: str) -> None:
    metadata.create_all(connection)
    connection.execute(
        text("INSERT INTO sync_head (one, seq, server_id) VALUES (1, 0, :id)"), {"id": new_id()}
    )
    connection.execute(text("INSERT INTO commit_gate (one, is_open) VALUES (1, 0)"))
    connection.execute(
        text("INSERT INTO signing_key (one, private) VALUES (1, :key)"), {"key": new_signing_key()}
    )
    values = {
        "headoffice_schema": str(VERSION),
        "company": company,
        "lineage": secrets.token_hex(8),
        "fields": _fields_now(),
    }
    connection.execute(
        text("INSERT INTO meta (k, v) VALUES (:k, :v)"),
        [{"k": k, "v": v} for k, v in values.items()],
    )
    if connection.dialect.name == "postgresql":
        for statement in _POSTGRESQL_GUARD:
            connection.execute(text(statement))
    else:
        for event in ("INSERT", "UPDATE", "DELETE"):
            statement = _SQLITE_GUARD.format(name=f"sync_row_guard_{event.lower()}", event=event)
            connection.execute(text(statement))
    upgrades.guard_audit(connection)


def _fields_now() -> str:
    return msgspec.json.encode({spec.kind: spec.names for spec in SPECS.values()}).decode()


def _follow_fields(connection: Connection) -> None:
    """Rewrite stored payloads when a kind's fields are no longer those they were written with."""
    stored = connection.execute(text("SELECT v FROM meta WHERE k = 'fields'")).scalar_one()
    before: dict[str, list[str]] = msgspec.json.decode(stored)
    if {spec.kind: list(spec.names) for spec in SPECS.values()} == before:
        return
    open_gate(connection)
    for spec in SPECS.values():
        names = before.get(spec.kind)
        if names is None or tuple(names) == spec.names:
            continue
        rows = connection.execute(
            text("SELECT id, data FROM sync_row WHERE kind = :kind AND gone = 0"),
            {"kind": spec.number},
        ).all()
        changed = []
        for record_id, data in rows:
            document = dict(zip(names, msgspec.json.decode(data), strict=True))
            changed.append({"kind": spec.number, "id": record_id, "data": encode(spec, document)})
        if changed:
            connection.execute(
                text("UPDATE sync_row SET data = :data WHERE kind = :kind AND id = :id"), changed
            )
    close_gate(connection)
    connection.execute(text("UPDATE meta SET v = :v WHERE k = 'fields'"), {"v": _fields_now()})


def seal_amounts(connection: Connection, seal_key: bytes) -> None:
    """Seal, once, the amounts that were stored before they were sealed at rest."""
    if connection.execute(text("SELECT v FROM meta WHERE k = 'amounts'")).scalar() is not None:
        return
    server_id = connection.execute(text("SELECT server_id FROM sync_head")).scalar_one()
    seals = Seals(seal_key, server_id)
    open_gate(connection)
    for spec in (SPECS[kind] for kind in AT_REST):
        changed = [
            {
                "kind": spec.number,
                "id": one.id,
                "data": encode(spec, seals.sealed(spec, one.id, decode(spec, one.data))),
            }
            for one in connection.execute(
                text("SELECT id, data FROM sync_row WHERE kind = :kind AND gone = 0"),
                {"kind": spec.number},
            ).all()
        ]
        if changed:
            connection.execute(
                text("UPDATE sync_row SET data = :data WHERE kind = :kind AND id = :id"), changed
            )
    close_gate(connection)
    connection.execute(text("INSERT INTO meta (k, v) VALUES ('amounts', 'sealed')"))


def encode(spec: RecordSpec, document: dict[str, Any]) -> str:
    """Write a document as it is stored and sent: the values in the field order of its kind."""
    return msgspec.json.encode([document.get(name) for name in spec.names]).decode()


def decode(spec: RecordSpec, data: str) -> dict[str, Any]:
    """Read what `encode` wrote."""
    return dict(zip(spec.names, msgspec.json.decode(data), strict=True))


def open_gate(connection: Connection) -> None:
    """Let this transaction write `sync_row`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {OPEN_GATE}"))
    else:
        connection.execute(text("UPDATE commit_gate SET is_open = 1"))


def close_gate(connection: Connection) -> None:
    """End what `open_gate` began; on PostgreSQL it also ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('kamdesk.commit', '', true)"))
    else:
        connection.execute(text("UPDATE commit_gate SET is_open = 0"))
