"""Run by Alembic inside the connection that `kamdesk.db.migrate` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from kamdesk.db import records, tables  # noqa: F401  # they fill the metadata
from kamdesk.db.describe import metadata


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # Our own column types are text or bytes in the file; a migration must not depend on today's classes.
    if kind == "type" and isinstance(item, sa.TypeDecorator):
        return "sa.LargeBinary()" if isinstance(item.impl, sa.LargeBinary) else "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_plain,
    include_name=lambda name, kind, _parents: (
        not (kind == "table" and str(name).startswith("find_"))
        and not (kind == "index" and str(name).startswith(("customer_by_", "customer_archived")))
    ),
)
with context.begin_transaction():
    context.run_migrations()
