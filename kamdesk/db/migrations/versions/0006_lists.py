"""indexes that lists are read from"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out: indexes on expressions are not described by the records. The expressions are those of
    # db.queries.customers and db.queries.closeness; SQLite uses an index only for the very same text.
    name = "coalesce(pinyin, lower(name))"
    active = "WHERE coalesce(status, 'active') = 'active'"
    for index, columns in (
        ("customer_by_name", name),
        ("customer_by_tier", f"coalesce(nullif(segment, ''), 'Z'), {name}"),
        ("customer_by_city", f"coalesce(city, province, ''), {name}"),
    ):
        op.execute(f"CREATE INDEX {index} ON customer({columns}) {active}")
    op.execute(
        "CREATE INDEX customer_archived ON customer(status) WHERE coalesce(status, 'active') <> 'active'"
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("visit_customer_id"))
        batch_op.drop_index(batch_op.f("visit_held_on"))
        batch_op.create_index("visit_by_customer", ["customer_id", "state", "held_on"])
        batch_op.create_index("visit_by_day", ["held_on", "held_at", "state", "owner_id"])
