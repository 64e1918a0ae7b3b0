"""Opening the store of a profile: created once, then never replaced by an empty one.

A missing, empty, foreign or newer store is refused with a sentence; the key store remembers that there was
one, so that nothing ever offers to "start fresh" over somebody's work.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, cipher, revisions
from kamdesk.db.connect import Keys, connect, is_read_only, is_store_of, raise_fault, wrong
from kamdesk.db.database import Database, begin_immediate
from kamdesk.db.generations import Keys as KeysToName
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.roles import Actor
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.keystore import store_file

CLEAN = "clean"


def create(profile_dir: Path, keys: Keys, actor: Actor) -> Database:
    """Make the first, empty store of a new profile. Raises MachineError("STORE_EXISTS") if there is one."""
    path = store_file(profile_dir, keys.generation)
    if path.exists() and path.stat().st_size:
        raise MachineError(
            QT_TRANSLATE_NOOP("store", "There is a store already; it was not touched."),
            code="STORE_EXISTS",
            context="store",
        )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise_fault(error)
    from kamdesk.db import migrate

    engine = _engine(path, keys)
    try:
        with engine.connect() as connection, connection.begin():
            migrate.upgrade(connection)
            connection.exec_driver_sql(
                "INSERT INTO meta(k, v) VALUES('store_id', ?), ('generation', ?), (?, '1')",
                (keys.store_id, str(keys.generation), CLEAN),
            )
    except (driver.Error, DBAPIError) as error:
        raise_fault(error)
    finally:
        engine.dispose()
    path.chmod(0o600)
    return Database(path, keys.store_key, actor)


def open_existing(profile_dir: Path, keys: KeysToName, actor: Actor) -> Database:
    """Open, check and if need be update the store that the key store names. Raises MachineError.

    One that cannot be written is opened to be read.
    """
    path = store_file(profile_dir, keys.generation)
    _demand_file(path)
    if is_read_only(path):
        _check_unwritten(path, keys)
        return Database(path, keys.store_key, actor)
    try:
        if not _is_begun(path, keys):
            from kamdesk.db.upgrade import upgrade

            upgrade(profile_dir, keys)
            path = store_file(profile_dir, keys.generation)
            if not _is_begun(path, keys):
                raise wrong("STORE_NOT_UPDATED")
    except driver.Error as error:
        raise_fault(error)
    return Database(path, keys.store_key, actor)


def _check_unwritten(path: Path, keys: Keys) -> None:
    with closing(connect(path, keys.store_key, query_only=True)) as connection:
        if _is_behind(connection, keys):
            raise wrong("STORE_BEHIND_READONLY")


def _is_begun(path: Path, keys: Keys) -> bool:
    """Check a store and note that it is in use; False, and nothing noted, for one that has to be updated first."""
    with closing(connect(path, keys.store_key)) as connection:
        if _is_behind(connection, keys) or cipher.is_old(connection):
            return False
        _check_after_crash(connection)
    return True


def _is_behind(connection: DriverConnection, keys: Keys) -> bool:
    reader = Reader(connection)
    if not is_store_of(reader, keys):
        raise backups.foreign()
    return revisions.is_behind(reader)


def mark_clean(database: Database) -> None:
    """Note an orderly end, so that the next start need not check the whole file."""
    database.transact(Origin.SYNC, lambda work: work.driver.execute(_SET_CLEAN, (CLEAN, "1")))


_SET_CLEAN = "INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v"


def _engine(path: Path, keys: Keys) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=lambda: connect(path, keys.store_key),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", begin_immediate)
    return engine


def _demand_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        size = 0
    except OSError as error:
        raise_fault(error)
    if not size:
        # SQLite would open a missing or empty file as a new store, with any key.
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "store",
                "The store of this profile is missing or empty. Nothing was created in its place.",
            ),
            code="STORE_MISSING",
            context="store",
        )


def _check_after_crash(connection: DriverConnection) -> None:
    is_clean = connection.execute("SELECT v FROM meta WHERE k = ?", (CLEAN,)).fetchone()
    if is_clean != ("1",):
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise wrong("STORE_DAMAGED")
    connection.execute(_SET_CLEAN, (CLEAN, "0"))
