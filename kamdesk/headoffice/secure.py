"""A second line on PostgreSQL: the server works with a role that owns nothing, and the database shows by bucket.

Whoever tells a device something reads as its user; without saying for whom, the role sees no record at all.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.headoffice.sql import text

EVERYTHING = "*"
_SETTING = "kamdesk.subscriber"
_SUBSCRIBED = "bucket IN (SELECT u.bucket FROM user_bucket u WHERE u.user_id = subscriber)"
_SHOWN = {"sync_row": _SUBSCRIBED, "sync_left": _SUBSCRIBED, "sync_notice": "user_id = subscriber"}
"""What a subscriber sees of the tables that hold what people wrote."""
_ONLY_ADDED = ("audit_event", "audit_seal")
_SUBSCRIBER = text(f"SELECT set_config('{_SETTING}', :subscriber, true)")


def is_on(connection: Connection) -> bool:
    """Say whether this database is secured."""
    return role_of(connection) is not None


def role_of(connection: Connection) -> str | None:
    """Return the role of the server where this database is secured."""
    if connection.dialect.name != "postgresql":
        return None
    found = connection.execute(text("SELECT v FROM meta WHERE k = 'secured'")).scalar()
    return str(found) if found is not None else None


def demand_owner(connection: Connection) -> None:
    """Raise MachineError where the server's role would have to change tables, which belong to the owner."""
    role = role_of(connection)
    if role is not None and connection.execute(text("SELECT current_user")).scalar() == role:
        raise MachineError(
            "The database is of an older format, and the role {role} may not change its tables. Run any command once "
            "as the owner of the database, `doctor` for example, then start again. Nothing was changed.",
            code="NEEDS_OWNER",
            role=role,
        )


def renew(connection: Connection) -> None:
    """Secure a database again that was secured before, after its tables became more; a role that has gone is left."""
    role = role_of(connection)
    is_there = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if role is not None and connection.execute(is_there, {"role": role}).scalar() is not None:
        secure(connection, role)


def open_for(connection: Connection, subscriber: str) -> None:
    """Say for whom this transaction reads; it ends with the transaction."""
    connection.execute(_SUBSCRIBER, {"subscriber": subscriber})


def secure(connection: Connection, role: str) -> None:
    """Give `role` what the server needs and nothing more; as the owner, in one transaction. Raises UserError."""
    if connection.dialect.name != "postgresql":
        raise UserError("Only a PostgreSQL database can be secured so.", code="NEEDS_POSTGRESQL")
    if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", role):
        raise UserError("{role} is not the name of a role.", code="BAD_ROLE_NAME", role=role)
    found = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).scalar()
    if found is None:
        raise UserError(
            "There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '...'",
            code="NO_SUCH_ROLE",
            role=role,
        )
    if found:
        raise UserError(
            "The role {role} may see everything; take one that is no superuser and has no BYPASSRLS.",
            code="ROLE_TOO_STRONG",
            role=role,
        )
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    )
    for table in _ONLY_ADDED:
        connection.execute(text(f"REVOKE UPDATE, DELETE ON {table} FROM {role}"))
    whose = f"current_setting('{_SETTING}', true)"
    for table, shown in _SHOWN.items():
        rule = shown.replace("subscriber", whose)
        connection.execute(text(f"DROP POLICY IF EXISTS kamdesk_by_bucket ON {table}"))
        connection.execute(
            text(
                f"CREATE POLICY kamdesk_by_bucket ON {table} USING ({whose} = '{EVERYTHING}' OR {rule})"
            )
        )
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    connection.execute(
        text(
            "INSERT INTO meta (k, v) VALUES ('secured', :role) ON CONFLICT (k) DO UPDATE SET v = excluded.v"
        ),
        {"role": role},
    )
