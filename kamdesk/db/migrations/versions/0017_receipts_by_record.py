"""the receipt of a record is found without reading all changes"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX sync_op_acked ON sync_op(id) WHERE st = 'acked'")
