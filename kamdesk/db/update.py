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
    _renew_pages(path, key)
    with closing(connect(path, key)) as connection:
        if not revisions.is_behind(Reader(connection)):
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


def _renew_pages(path: Path, key: bytes) -> None:
    with closing(connect(path, key)) as connection:
        if not cipher.is_old(connection):
            return
        anew = path.with_name(f"{path.name}-anew")
        cipher.write_anew(connection, anew, key)
    anew.replace(path)
