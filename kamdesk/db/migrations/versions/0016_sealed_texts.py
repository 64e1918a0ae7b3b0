"""texts that are sealed with the prices"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_text",
        sa.Column("_n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("_rev", sa.Integer(), nullable=False),
        sa.Column("_b", sa.String(), nullable=False),
        sa.Column("_x", sa.String(), nullable=True),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.Column("record_kind", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("objective", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("next_step", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("_n"),
        sa.UniqueConstraint("id", name=op.f("sealed_text_id_key")),
    )
    with op.batch_alter_table("sealed_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("sealed_text__b"), ["_b"], unique=False)
