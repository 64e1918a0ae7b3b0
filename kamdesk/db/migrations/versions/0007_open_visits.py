"""open visits by day"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Among 300,000 visits the few that are planned are found at once; the text is that of the queries.
    op.execute(
        "CREATE INDEX visit_open ON visit(held_on, held_at, owner_id) WHERE state IN ('planned','in_progress')"
    )
