"""From an older format of the database to this one: each step adds, none takes away."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, MetaData, inspect

from kamdesk.headoffice import secure
from kamdesk.headoffice.sql import text


def run(connection: Connection, metadata: MetaData, *, found: int, version: int) -> None:
    """Bring a database of format `found` to `version`, in the transaction of the caller. Raises MachineError.

    A secured one stays so: the server's role gets what it needs of the new tables.
    """
    secure.demand_owner(connection)
    for step in range(found, version):
        for do in _STEPS[step]:
            do(connection, metadata)
    connection.execute(
        text("UPDATE meta SET v = :v WHERE k = 'headoffice_schema'"), {"v": str(version)}
    )
    secure.renew(connection)


def guard_audit(connection: Connection) -> None:
    """Refuse, in the database itself, to change or remove what the audit holds."""
    if connection.dialect.name == "postgresql":
        for statement in _POSTGRESQL_AUDIT:
            connection.execute(text(statement))
        return
    for table in ("audit_event", "audit_seal"):
        for event in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
                )
            )


_POSTGRESQL_AUDIT = (
    """CREATE FUNCTION kamdesk_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is only added to';
END $$""",
    """CREATE TRIGGER audit_event_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION kamdesk_audit_guard()""",
    """CREATE TRIGGER audit_seal_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION kamdesk_audit_guard()""",
)


def _tables(*names: str) -> Callable[[Connection, MetaData], None]:
    def make(connection: Connection, metadata: MetaData) -> None:
        metadata.create_all(connection, tables=[metadata.tables[name] for name in names])

    return make


def _column(table: str, name: str, more: str = "") -> Callable[[Connection, MetaData], None]:
    """Add a text column; `more`: what is said of it besides."""

    def add(connection: Connection, _metadata: MetaData) -> None:
        if name not in {one["name"] for one in inspect(connection).get_columns(table)}:
            collated = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
            connection.execute(
                text(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR{collated} {more}")
            )

    return add


def _guard(connection: Connection, _metadata: MetaData) -> None:
    guard_audit(connection)


_STEPS: dict[int, tuple[Callable[[Connection, MetaData], None], ...]] = {
    1: (
        _tables(
            "audit_event",
            "audit_seal",
            "audit_witness",
            "admin_session",
            "integration",
            "import_log",
        ),
        _guard,
    ),
    2: (_tables("external_code"),),
    3: (_tables("imported_row"),),
    4: (_tables("device_lease", "device_order", "rescue"),),
    5: (_tables("blob", "blob_part"),),
    6: (_tables("sync_notice"), _column("sync_row", "written")),
    7: (_column("sync_device", "disk", "NOT NULL DEFAULT ''"),),
}
