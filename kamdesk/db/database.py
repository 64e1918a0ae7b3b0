"""The local store: one transaction per user action, snapshots for reading, one writer at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import capture, journal, threads
from kamdesk.db.connect import connect, fault, is_read_only, wrong
from kamdesk.db.gate import Gate
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Changes, Done, Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import NoPrices, Prices
from kamdesk.domain.roles import Actor, Role

T = TypeVar("T")

_FULL = 2
_STEPS = 5_000
"""How many steps of SQLite's machine lie between two looks whether a person waits."""
_log = logging.getLogger(__name__)


class GaveWay(Exception):  # noqa: N818
    """A transaction was taken back, because a person wants to save."""


class Database:
    """The open store of one profile. Implements `domain.store.Store`; usable from any thread but the GUI's."""

    def __init__(self, path: Path, key: bytes, actor: Actor | None = None) -> None:
        self.path = path
        self.actor = actor or Actor("", Role.REP)
        self.prices: Prices = NoPrices()
        self._key = bytes(key)
        self._gate = Gate()
        self._listeners: list[Callable[[Changes], None]] = []
        self._local = threading.local()
        self._readers: list[DriverConnection] = []
        self._lock = threading.Lock()
        self._closed = False
        self.is_read_only = is_read_only(path)
        """The file could not be written when it was opened; saves are refused until the next start."""
        self._file: tuple[int, int] | None = None
        self.make_room: Callable[[], bool] = bool
        """Frees some of a full disk for the save under way; says whether it could."""
        self.writers = 0
        """How many connections the writer has had: what one noted in TEMP tables ends with it."""
        self._engine = create_engine(
            "sqlite+pysqlite://",
            module=driver,
            creator=self._writer,
            poolclass=StaticPool,
            hide_parameters=True,
        )
        event.listen(self._engine, "begin", begin_immediate)

    def _writer(self) -> Any:
        connection = connect(self.path, self._key)
        capture.install_guards(connection, SPECS)
        journal.watch(connection)
        self._file = _identity(self.path)
        self.writers += 1
        return connection

    def transact(
        self,
        origin: Origin,
        fn: Callable[[Work], T],
        *,
        lasts: bool = True,
        gives_way: bool = False,
    ) -> Done[T]:
        """Run `fn(work)` as one transaction; durable when this returns.

        Without `lasts` it is durable with the next one that does, and may be lost with the power until then.
        Raises what `fn` raises, after rolling back; MachineError where the disk or the file is at fault; with
        `gives_way` GaveWay as soon as a person wants to save.
        """
        assert not threads.is_forbidden(), "a write on the GUI thread"
        if self.is_read_only:
            raise wrong("STORE_ONLY_READ")
        with (
            self._gate.turn(person=origin is Origin.USER),
            self._eased(lasts=lasts, gives_way=gives_way),
        ):
            value, changes = self._surely(origin, fn)
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:  # noqa: BLE001  # it is saved: whoever listens must not make it look otherwise
                _log.exception("a listener failed after a commit")
        return Done(value, changes)

    @contextmanager
    def _eased(self, *, lasts: bool, gives_way: bool) -> Iterator[None]:
        """Let the writer do without the wait for the disk, or stop for a person, for one transaction."""
        if lasts and not gives_way:
            yield
            return
        raw = self._writing()
        if gives_way:
            raw.set_progress_handler(lambda: self._gate.is_awaited, _STEPS)
            [(cache,)] = raw.execute("PRAGMA cache_size").fetchall()
            # What is sorted is sorted by so much at a time, and that is a single step
            raw.execute("PRAGMA cache_size=-1024")
        elif raw.execute("PRAGMA synchronous").fetchone()[0] == _FULL:
            raw.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        except driver.OperationalError as error:
            if gives_way and error.sqlite_errorcode == driver.SQLITE_INTERRUPT:
                raise GaveWay from error
            raise
        finally:
            with suppress(
                driver.ProgrammingError
            ):  # closed meanwhile: the next one begins with what it should be
                if gives_way:
                    raw.set_progress_handler(None, 0)
                    raw.execute(f"PRAGMA cache_size={cache}")
                elif raw.execute("PRAGMA synchronous").fetchone()[0] < _FULL:
                    raw.execute("PRAGMA synchronous=FULL")

    def _writing(self) -> Any:
        with _faults(), self._engine.connect() as connection:
            return connection.connection.dbapi_connection

    def _surely(self, origin: Origin, fn: Callable[[Work], T]) -> tuple[T, Changes]:
        """Run one transaction. One whose end is not known is looked up; one without room gets the ballast."""
        gid = new_id()
        finished: list[tuple[T, Changes]] = []
        try:
            with _faults():
                return self._transact(origin, fn, gid, finished)
        except MachineError as error:
            # An error of COMMIT may come after it became durable (measured: 64 of 652 injected faults)
            if finished and self._is_durable(gid):
                return finished[0]
            if error.code != "DISK_FULL" or not self.make_room():
                raise
        with _faults():
            return self._transact(origin, fn, gid, [])

    def _is_durable(self, gid: str) -> bool:
        self._engine.dispose()
        try:
            with self._engine.connect() as connection:
                return bool(
                    connection.exec_driver_sql(
                        "SELECT 1 FROM sync_op WHERE gid = ?", (gid,)
                    ).scalar()
                )
        except (MachineError, DBAPIError, driver.Error):
            return False

    def _transact(
        self, origin: Origin, fn: Callable[[Work], T], gid: str, finished: list[tuple[T, Changes]]
    ) -> tuple[T, Changes]:
        with self._engine.connect() as connection, connection.begin():
            if _identity(self.path) != self._file:
                # On most systems the lost file would go on taking saves until the program ends
                raise wrong("STORE_MOVED")
            raw = cast("DriverConnection", connection.connection.dbapi_connection)
            session = Session(connection, autoflush=True, expire_on_commit=False)
            try:
                work = Work(session, raw, origin, self.actor, self.prices, gid)
                # Reconciliation writes head office's rows; a person's writes pass through the capture.
                capture.set_guard(raw, capture.APPLYING if origin is Origin.SYNC else capture.SHUT)
                value = fn(work)
                changes = work.finish()
                if origin is Origin.SYNC:
                    capture.set_guard(raw, capture.SHUT)
            finally:
                session.close()
            finished.append((value, changes))
        return finished[0]

    @property
    def is_awaited(self) -> bool:
        """Say whether a person waits to save; long transactions of others end early for that."""
        return self._gate.is_awaited

    @property
    def saves(self) -> int:
        """Count what people have saved since the store was opened."""
        return self._gate.turns_of_people

    def checkpoint(self) -> None:
        """Move what the log holds into the store's file, while others read and save: the next save need not."""
        with _faults():
            self._reader().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def touched(self) -> list[journal.Frame]:
        """Return what was queued or kept as a draft since the last call, for the journal."""
        with (
            self._gate.turn(person=False),
            _faults(),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            raw = cast("DriverConnection", connection.connection.dbapi_connection)
            return journal.take_touched(raw)

    def read(self, fn: Callable[[Reader], T]) -> T:
        """Run `fn(reader)` on a snapshot; return its plain values."""
        assert not threads.is_forbidden(), "a query on the GUI thread"
        connection = self._reader()
        with _faults():
            connection.execute("BEGIN")
            try:
                return fn(Reader(connection))
            finally:
                connection.execute("ROLLBACK")

    def _reader(self) -> DriverConnection:
        existing = getattr(self._local, "connection", None)
        if existing is not None:
            return cast("DriverConnection", existing)
        connection = connect(self.path, self._key, query_only=True)
        self._local.connection = connection
        with self._lock:
            self._readers.append(connection)
        return cast("DriverConnection", connection)

    def on_commit(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Call `listener` after each commit, from the committing thread; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def close(self) -> None:
        """Close every connection; call when no thread uses the store any more."""
        if self._closed:
            return
        self._closed = True
        with self._gate.turn(person=True):
            self._engine.dispose()
        with self._lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def begin_immediate(connection: Connection) -> None:
    """Begin every transaction of an engine as a writer."""
    # IMMEDIATE: a reader that turns writer fails at once, busy_timeout or not
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _faults() -> Iterator[None]:
    """Turn the driver's errors into MachineError where the machine is at fault."""
    try:
        yield
    except DBAPIError as error:
        machine = fault(error.orig) if error.orig is not None else None
        if machine is None:
            raise
        raise machine from error
    except driver.Error as error:
        machine = fault(error)
        if machine is None:
            raise
        raise machine from error
