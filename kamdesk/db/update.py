"""Bringing a store to the form that this program writes. Alembic is imported only for a store that needs it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import cipher, revisions
from kamdesk.db.connect import connect
from kamdesk.db.database import begin_immediate
from kamdesk.db.reader import Reader


def bring_up_to_date(path: Path, key: bytes) -> None:
    """Migrate a store that is not in force, in one transaction, its pages too. Raises MachineError("STORE_NEWER")."""
    with closing(connect(path, key)) as connection:
        is_behind = revisions.is_behind(Reader(connection))
        is_old = cipher.is_old(connection)
        if is_old:
            cipher.write_anew(connection, anew := path.with_name(f"{path.name}-anew"), key)
    if is_old:
        anew.replace(path)
    if not is_behind:
        return
    from kamdesk.db import migrate

    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=lambda: connect(path, key),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", begin_immediate)
    try:
        with engine.connect() as connection, connection.begin():
            migrate.upgrade(connection)
    finally:
        engine.dispose()
