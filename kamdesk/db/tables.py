"""Tables that are the store's own: outbox, bases, buckets, issues, drafts. None of them is synced.

No foreign key points into the outbox and nothing cascades: unsent work outlives whatever it refers to.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, text

from kamdesk.db.describe import metadata
from kamdesk.db.outbox import UNSENT

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
    Column("job", String),  # the import that this belongs to; null: a person did it
    # Not IN: a list of more than two values is a table of its own that every insert makes and drops
    CheckConstraint("op = 'create' OR op = 'patch' OR op = 'delete' OR op = 'cmd'", name="op"),
    CheckConstraint("st IN ('queued','acked')", name="st"),
    sqlite_autoincrement=True,
)
Index("sync_op_queued", sync_op.c.kind, sync_op.c.id, sqlite_where=text("st = 'queued'"))
Index("sync_op_acked", sync_op.c.id, sqlite_where=text("st = 'acked'"))
Index("sync_op_gid", sync_op.c.gid)
Index("sync_op_people", sync_op.c.lid, sqlite_where=text(UNSENT + " AND job IS NULL"))
Index("sync_op_jobs", sync_op.c.lid, sqlite_where=text(UNSENT + " AND job IS NOT NULL"))

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
    ),  # conflict | rejected | failed | overwritten | mass_delete | lost
    Column("title", String),  # what the record was called when it happened
    Column("fields", String),  # JSON {"phone": {"old":, "mine":, "theirs":, "by":, "at":}}
    Column("op", String),  # JSON of the op as it was sent
    Column("server", String),  # JSON of head office's record
    Column("code", String),
    Column("params", String),
    Column("created", String, nullable=False),
    Column(
        "state", String, nullable=False, server_default="open"
    ),  # open | mine | theirs | mixed | edited | restored | dismissed
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

import_job = Table(
    "import_job",
    metadata,
    Column("id", String, primary_key=True),
    Column("n", Integer, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),  # the name of the file
    Column("state", String, nullable=False),  # see domain.imports.JobState
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("created", Integer, nullable=False, server_default="0"),
    Column("updated", Integer, nullable=False, server_default="0"),
    Column("at", String, nullable=False),
)
"""What was imported on this computer, so that it can be taken back later."""

import_entry = Table(
    "import_entry",
    metadata,
    Column("job", Integer, primary_key=True),  # n of the job
    Column("at", Integer, primary_key=True),  # the order in which it was done
    Column("id", String, nullable=False),
    Column("effect", String, nullable=False),  # created | updated
    Column("was", String),  # of a created record: a digest; of an updated one: JSON of what changed
    Column("kept", String),  # why an undo left it: edited | used
    sqlite_with_rowid=False,
)

import_map = Table(
    "import_map",
    metadata,
    Column("kind", String, primary_key=True),
    Column("headings", String, primary_key=True),  # JSON list of the headings of a table
    Column("mapping", String, nullable=False),  # JSON {heading: field}
    Column("at", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Which column was which field, so that the same table is understood the next time."""

reveal = Table(
    "reveal",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),  # a user's id
    Column("what", String, nullable=False),  # see domain.price_access.Look
    Column("record", String, nullable=False),  # a contract or a line of one; "" for all prices
)
"""Who looked at which prices on this computer, or took them out of it; never a value."""
