"""older prices name their line"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fill in what 0008 left empty: head office refuses a price, and its whole contract, that names no line."""
    kinds = "('contract_line_price', 'contract_line_floor')"
    for kind in ("contract_line_price", "contract_line_floor"):
        op.execute(f"UPDATE {kind} SET line_id = id WHERE line_id IS NULL")
    op.execute(
        f"UPDATE sync_op SET f = json_set(f, '$.line_id', json_array(NULL, id)) WHERE kind IN {kinds} "
        "AND op = 'create' AND st = 'queued' AND json_extract(f, '$.line_id') IS NULL"
    )
    op.execute(
        f"UPDATE sync_base SET data = json_set(data, '$.line_id', id) WHERE kind IN {kinds} "
        "AND data IS NOT NULL AND json_extract(data, '$.line_id') IS NULL"
    )
