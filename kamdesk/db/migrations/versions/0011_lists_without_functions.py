"""indexes of lists that call no function"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sort names by a collation instead of lower(); see db.queries.closeness.NAME_KEY for why."""
    name = "coalesce(pinyin, name) COLLATE NOCASE"
    active = "WHERE coalesce(status, 'active') = 'active'"
    for index, columns in (
        ("customer_by_name", name),
        ("customer_by_tier", f"CASE WHEN segment > '' THEN segment ELSE 'Z' END, {name}"),
        ("customer_by_city", f"coalesce(city, province, ''), {name}"),
    ):
        op.execute(f"DROP INDEX {index}")
        op.execute(f"CREATE INDEX {index} ON customer({columns}) {active}")
