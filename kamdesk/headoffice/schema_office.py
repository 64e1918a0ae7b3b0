"""The tables around the feed: the audit, administrators in the browser, other systems, imports."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, MetaData, SmallInteger, Table

from kamdesk.headoffice.columns import number, words


def declare(metadata: MetaData) -> None:
    """Add the tables to those of the feed."""
    Table(
        "audit_event",
        metadata,
        number("n", primary_key=True, autoincrement=False),
        words("at"),
        words("actor"),
        words("action"),
        words("subject"),
        words("detail"),  # canonical JSON; never what a record holds
        words("hash"),
    )
    Table(
        "audit_seal",
        metadata,
        words("day", primary_key=True),
        number("n"),
        words("hash"),
        words("mac"),
    )
    Table(
        "audit_witness",
        metadata,
        words("device_id", primary_key=True),
        number("n"),
        words("hash"),
        words("at"),
    )
    session = Table(
        "admin_session",
        metadata,
        words("hash", primary_key=True),
        words("user_id"),
        words("csrf"),
        words("expires"),
    )
    Index("admin_session_user", session.c.user_id)
    Table(
        "integration",
        metadata,
        words("id", primary_key=True),
        words("name", unique=True),
        words("scopes"),  # separated by blanks
        words("hash", unique=True),
        words("status"),  # active | revoked
        words("created_at"),
        words("used_at", nullable=True),
    )
    Table(
        "import_log",
        metadata,
        words("id", primary_key=True),
        words("at"),
        words("actor"),
        words("kind"),
        number("rows"),
        number("created"),
        number("updated"),
        number("unchanged"),
        number("refused"),
        words("errors"),  # JSON: line, field and code; never a value
    )
    Table(
        "external_code",  # how other systems call a record
        metadata,
        Column("kind", SmallInteger, primary_key=True, autoincrement=False),
        words("code", primary_key=True),
        words("record_id"),
    )
    # What devices brought in from files: whoever did may take it back.
    Table(
        "imported_row",
        metadata,
        number("kind", primary_key=True, autoincrement=False),
        words("id", primary_key=True),
        words("import_id"),
        words("user_id"),
    )
    Table(
        "device_lease",  # the share without which a device's price keys do not open, sealed
        metadata,
        words("device_id", primary_key=True),
        number("share_id"),
        words("share"),
    )
    Table(
        "device_order",
        metadata,
        words("device_id", primary_key=True),
        words("what"),  # prices | wipe
        words("at"),
    )
    # What a device that was told to delete everything could not hand in, sealed to head office.
    Table(
        "rescue",
        metadata,
        words("id", primary_key=True),
        words("device_id"),
        words("user_id"),
        words("at"),
        Column("body", LargeBinary, nullable=False),
        words("applied_at", nullable=True),
    )
    Table(
        "blob",  # the contents of attachments, and how much of each is here
        metadata,
        words("bucket", primary_key=True),
        words("sha256", primary_key=True),
        number("size"),
        number("have"),
        words("at"),
    )
    Table(
        "blob_part",
        metadata,
        words("bucket", primary_key=True),
        words("sha256", primary_key=True),
        number("n", primary_key=True, autoincrement=False),
        Column("data", LargeBinary, nullable=False),  # sealed
    )
