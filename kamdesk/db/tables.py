"""Tables that are the store's own: outbox, bases, buckets, issues, drafts. None of them is synced.

No foreign key points into the outbox and nothing cascades: unsent work outlives whatever it refers to.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, text

from kamdesk.db.describe import metadata

meta = Table("meta", metadata, Column("k", String, primary_key=True), Column("v", String))
"""store_id, generation, schema, clean: what the key store and the start-up checks compare."""

sync_state = Table(
    "sync_state", metadata, Column("k", String, primary_key=True), Column("v", String)
)
"""server_id, device_id, profile, refresh token, cursor, seen head and nonce, next mid, ack, last_ok."""

sync_base = Table(
    "sync_base",
    metadata,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("rev", Integer, nullable=False),
    Column("b", String, nullable=False),
    Column("data", String),  # JSON object of the fields; null: head office does not have the record
    sqlite_with_rowid=False,
)
"""Head office's copy of a record; here only while the record has queued ops."""

sync_op = Table(
    "sync_op",
    metadata,
    Column("lid", Integer, primary_key=True),
    Column("mid", Integer, unique=True),  # null until first sent; dense per device
    Column("gid", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("op", String, nullable=False),
    Column("f", String),  # JSON {"phone": ["old", "new"]}
    Column("cmd", String),
    Column("args", String),
    Column("sv", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("st", String, nullable=False, server_default="queued"),
    Column("res", String),  # JSON verdict
    Column("acked_at", String),
    CheckConstraint("op IN ('create','patch','delete','cmd')", name="op"),
    CheckConstraint("st IN ('queued','acked')", name="st"),
    sqlite_autoincrement=True,
)
Index("sync_op_queued", sync_op.c.kind, sync_op.c.id, sqlite_where=text("st = 'queued'"))
Index("sync_op_gid", sync_op.c.gid)

sync_bucket = Table(
    "sync_bucket",
    metadata,
    Column("b", String, primary_key=True),
    Column("state", String, nullable=False),  # loading | live
    Column("after", Integer, nullable=False, server_default="0"),
    Column("start", Integer, nullable=False, server_default="0"),
    Column("prio", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('loading','live')", name="state"),
)

sync_issue = Table(
    "sync_issue",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("row_id", String, nullable=False),
    Column(
        "type", String, nullable=False
    ),  # conflict | rejected | failed | overwritten | mass_delete
    Column("title", String),  # what the record was called when it happened
    Column("fields", String),  # JSON {"phone": {"old":, "mine":, "theirs":, "by":, "at":}}
    Column("op", String),  # JSON of the op as it was sent
    Column("server", String),  # JSON of head office's record
    Column("code", String),
    Column("params", String),
    Column("created", String, nullable=False),
    Column(
        "state", String, nullable=False, server_default="open"
    ),  # open | mine | theirs | dismissed
    Column("settled", String),
)
Index("sync_issue_row", sync_issue.c.kind, sync_issue.c.row_id)

sync_receipt = Table(
    "sync_receipt",
    metadata,
    Column("last", Integer, primary_key=True),  # changes up to this number were decided
    Column("head", Integer, primary_key=True),  # at this commit
    Column("at", String, nullable=False),  # by head office's clock
    Column("message", LargeBinary, nullable=False),
    Column("signature", String, nullable=False),
)
"""Head office's signatures, kept as long as the confirmed changes that they prove."""

draft = Table(
    "draft",
    metadata,
    Column("id", String, primary_key=True),
    Column("form", String, nullable=False),
    Column("title", String),
    Column("data", String, nullable=False),  # JSON of what was typed
    Column("saved_at", String, nullable=False),
)
"""Half-typed forms; removed in the transaction that saves what they became."""
