"""The stores that the simulation runs on: the real code on SQLite in memory, on encrypted files, on PostgreSQL.

A crash is an exception at a commit that nothing in the product catches; what was not committed is gone, as
SQLite and PostgreSQL would have it after a power cut.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import capture, migrate, open_store
from kamdesk.db.database import Database, begin_immediate
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Changes, Done, Origin
from kamdesk.domain.roles import Actor
from kamdesk.headoffice import schema
from kamdesk.headoffice.store import Store
from tests.sync.sim.port import PlainConnection, PlainEngine

T = TypeVar("T")
KEY, STORE_ID = b"\x07" * 32, "simulated"


class Crash(BaseException):
    """The power went. Not an Exception: nothing may go on after it."""


class Fuse:
    """Blows at the n-th commit from now, before or after it."""

    def __init__(self) -> None:
        self.left = 0
        self.after = False

    def arm(self, commits: int, *, after: bool) -> None:
        """Blow at the `commits`-th commit from now; 0: not at all."""
        self.left, self.after = commits, after

    def commit(self, plain: Callable[[], None]) -> None:
        """Commit, unless the power goes before; it may go after."""
        blows = self.left == 1
        self.left = max(self.left - 1, 0)
        if blows and not self.after:
            raise Crash
        plain()
        if blows:
            raise Crash

    def guard(self, engine: Engine) -> None:
        """Watch the commits of an engine."""
        plain = engine.dialect.do_commit
        engine.dialect.do_commit = lambda one: self.commit(lambda: plain(one))  # type: ignore[method-assign]


class Disk(driver.Connection):  # type: ignore[misc]
    """A database in memory that outlives the program, as a file does."""

    fuse = Fuse()

    def commit(self) -> None:
        """Commit, unless the power goes."""
        self.fuse.commit(super().commit)

    def close(self) -> None:
        """End what was not committed, and stay."""
        if self.in_transaction:
            self.rollback()


def memory() -> Any:
    """Open an empty SQLite in memory."""
    raw = driver.connect(
        ":memory:",
        check_same_thread=False,
        isolation_level=None,
        factory=Disk,
        cached_statements=1000,
    )
    raw.execute("PRAGMA temp_store=MEMORY")
    raw.execute("PRAGMA trusted_schema=OFF")
    return raw


def clone(raw: Any) -> Any:
    """Copy a database in memory."""
    copy = memory()
    raw.backup(copy)
    return copy


@cache
def _first_engine() -> Engine:
    return create_engine("sqlite+pysqlite://", module=driver, creator=memory, poolclass=StaticPool)


def _engine(raw: Any) -> Engine:
    """Make an engine over one connection; all of them share what they compiled."""
    first = _first_engine()
    with first.connect():
        pass  # lets the dialect look at the version once
    engine = Engine(StaticPool(lambda: raw), first.dialect, first.url)
    engine._compiled_cache = first._compiled_cache
    return engine


# ---- the device


def empty_device() -> Any:
    """Make the tables of the local store, in memory."""
    raw = memory()
    engine = _engine(raw)
    event.listen(engine, "begin", begin_immediate)
    with engine.connect() as connection, connection.begin():
        migrate.upgrade(connection)
    return raw


class Watched(Database):
    """The real store, whose commits may crash and whose user works between any two transactions."""

    between: Callable[[], None] = staticmethod(lambda: None)

    def watch(self, fuse: Fuse, between: Callable[[], None]) -> None:
        """Say what may blow, and what happens between two transactions of reconciliation."""
        self.between = between
        self._guard(fuse)

    def _guard(self, fuse: Fuse) -> None:
        fuse.guard(self._engine)

    def transact(self, origin: Origin, fn: Callable[[Any], T], **how: bool) -> Done[T]:
        if origin is Origin.SYNC:
            self.between()
        return super().transact(origin, fn, **how)

    def read(self, fn: Callable[[Reader], T]) -> T:
        self.between()
        return super().read(fn)


class _NoSession:
    """Stands where nothing is asked of the ORM."""

    def flush(self) -> None:
        """Nothing waits to be written."""


_NO_SESSION: Any = _NoSession()


class MemoryDatabase(Watched):
    """The real store over one connection to SQLite in memory, which outlives a crash as a disk does."""

    def __init__(self, raw: Any, actor: Actor) -> None:
        self._raw = raw
        super().__init__(Path("memory"), b"", actor)
        self._engine = _engine(self._writer())
        event.listen(self._engine, "begin", begin_immediate)

    def _guard(self, fuse: Fuse) -> None:
        self._raw.fuse = fuse

    def _transact(
        self, origin: Origin, fn: Callable[[Any], T], gid: str, finished: list[tuple[T, Changes]]
    ) -> tuple[T, Changes]:
        """Run reconciliation's transactions without the session that they never use: a sixth of all time."""
        if origin is not Origin.SYNC:
            return super()._transact(origin, fn, gid, finished)
        with PlainConnection(self._raw).execution_options(begin="BEGIN IMMEDIATE").begin():
            work = Work(_NO_SESSION, self._raw, origin, self.actor, self.prices, gid)
            capture.set_guard(self._raw, capture.APPLYING)
            value = fn(work)
            finished.append((value, work.finish()))
            capture.set_guard(self._raw, capture.SHUT)
        return finished[0]

    def _writer(self) -> Any:
        if not self._raw.execute(
            "SELECT 1 FROM temp.sqlite_master WHERE name = 'guard'"
        ).fetchone():
            capture.install_guards(self._raw, schema_kinds())
        capture.set_guard(self._raw, capture.SHUT)
        return self._raw

    def _reader(self) -> Any:
        return self._raw


def schema_kinds() -> list[str]:
    """Name the synced tables."""
    return list(SPECS)


class Keys:
    """What the key store would give; one key for all, so that a prepared file can be copied."""

    store_key, store_id, generation = KEY, STORE_ID, 1


def file_device(folder: Path, template: Path, actor: Actor) -> Watched:
    """Open an encrypted store on disk, a copy of a prepared one where there is none yet."""
    if not folder.exists():
        shutil.copytree(template, folder)
    opened = open_store.open_existing(folder, Keys(), actor)
    path = opened.path
    opened.close()
    return Watched(path, KEY, actor)


# ---- head office


class SimStore(Store):
    """The real store of head office, whose commits may crash and where others write before any snapshot."""

    def __init__(self, engine: Engine, path: Path | None, raw: Disk | None = None) -> None:
        self.before_read: Callable[[], None] = lambda: None
        self._raw = raw
        super().__init__(engine, path, KEY)

    def guard(self, fuse: Fuse) -> None:
        """Say what may blow at a commit."""
        if self._raw is not None:
            self._raw.fuse = fuse
        else:
            fuse.guard(self.engine)

    @contextmanager
    def read(self, **options: Any) -> Iterator[Connection]:
        self.before_read()
        with super().read(**options) as connection:
            yield connection


def memory_office(raw: Any) -> SimStore:
    """Open head office on SQLite in memory."""
    return SimStore(PlainEngine(raw), Path("memory"), raw)  # type: ignore[arg-type]


def new_office() -> tuple[Any, SimStore]:
    """Make the tables of head office, in memory."""
    raw = memory()
    engine = _engine(raw)
    with engine.connect() as connection, connection.begin():
        schema.prepare(connection, "Hehe Pharma")
    return raw, memory_office(raw)


_TABLES = [table for table in schema.metadata.sorted_tables if table.name != "commit_gate"]
Dump = dict[str, list[dict[str, Any]]]


def dump(database: Any) -> Dump:
    """Read all tables of head office, from an engine or from SQLite in memory."""
    engine = _engine(database) if isinstance(database, Disk) else database
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in _TABLES
        }


def refill(store: Store, tables: Dump) -> None:
    """Put the content of all tables of a PostgreSQL back, as a restore does."""
    with store.engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # no guard of any table
        for table in _TABLES:
            connection.execute(text(f"DELETE FROM {table.name}"))
        for table in _TABLES:
            if tables[table.name]:
                connection.execute(table.insert(), tables[table.name])
        connection.execute(text("SET session_replication_role = DEFAULT"))


def standing(store: Store, *kinds: str, gone: int = 0) -> list[tuple[str, str]]:
    """List (kind, id) of the records of some kinds, living or deleted ones."""
    numbers = ",".join(str(spec.number) for spec in schema.KINDS.values() if spec.kind in kinds)
    with store.engine.connect() as connection:
        found = connection.execute(
            text(
                f"SELECT kind, id FROM sync_row WHERE gone = {gone} AND kind IN ({numbers}) ORDER BY id"
            )
        ).all()
        connection.rollback()
    return [(schema.KINDS[kind].kind, record_id) for kind, record_id in found]
