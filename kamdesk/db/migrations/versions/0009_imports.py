"""imports"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


_OUTBOX = """CREATE TABLE sync_op_new (
    lid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, mid INTEGER, gid VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    id VARCHAR NOT NULL, op VARCHAR NOT NULL, f VARCHAR, cmd VARCHAR, args VARCHAR, sv INTEGER NOT NULL,
    at VARCHAR NOT NULL, st VARCHAR DEFAULT 'queued' NOT NULL, res VARCHAR, acked_at VARCHAR, job VARCHAR,
    CONSTRAINT op CHECK (op = 'create' OR op = 'patch' OR op = 'delete' OR op = 'cmd'),
    CONSTRAINT st CHECK (st IN ('queued','acked')),
    CONSTRAINT sync_op_mid_key UNIQUE (mid)
)"""
_COLUMNS = "lid, mid, gid, kind, id, op, f, cmd, args, sv, at, st, res, acked_at"
_UNSENT = "st = 'queued' AND mid IS NULL"


def upgrade() -> None:
    """Rebuild the outbox with the import that an op belongs to; the numbers it has given go on."""
    op.execute(_OUTBOX)
    op.execute(f"INSERT INTO sync_op_new({_COLUMNS}) SELECT {_COLUMNS} FROM sync_op")
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'sync_op_new'")
    op.execute(
        "INSERT INTO sqlite_sequence(name, seq) SELECT 'sync_op_new', seq FROM sqlite_sequence WHERE name = 'sync_op'"
    )
    op.execute("DROP TABLE sync_op")
    op.execute("ALTER TABLE sync_op_new RENAME TO sync_op")
    op.execute("CREATE INDEX sync_op_queued ON sync_op(kind, id) WHERE st = 'queued'")
    op.execute("CREATE INDEX sync_op_gid ON sync_op(gid)")
    op.execute(f"CREATE INDEX sync_op_people ON sync_op(lid) WHERE {_UNSENT} AND job IS NULL")
    op.execute(f"CREATE INDEX sync_op_jobs ON sync_op(lid) WHERE {_UNSENT} AND job IS NOT NULL")
    op.create_table(
        "import_job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("n", name=op.f("import_job_n_key")),
    )
    op.create_table(
        "import_entry",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("kept", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("job", "at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_map",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("headings", sa.String(), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "headings"),
        sqlite_with_rowid=False,
    )
