"""The database of head office: one code on embedded SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlcipher3 import dbapi2 as driver

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice import schema, sealkey, secure
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.durable import Disk
from kamdesk.headoffice.seals import Seals
from kamdesk.headoffice.sql import text
from kamdesk.security.signing import public_key, sign

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=20000",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "cache_size=-32768",
    "journal_size_limit=67108864",
)
_POOL = 12
_REST = 5.0
_RETRY_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300"})


def is_transient(error: BaseException) -> bool:
    """Say whether the same transaction may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, SQLAlchemyError) and "timeout" in type(error).__name__.lower()
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state in _RETRY_STATES or state == "23505":  # two devices brought the same id at once
        return True
    return isinstance(error, OperationalError) and (state is None or state.startswith("08"))


class Store:
    """Head office's data. Safe to use from any thread; every `read` and `write` is one transaction."""

    def __init__(self, engine: Engine, path: Path | None, seal_key: bytes, url: str = "") -> None:
        self.engine = engine
        self.path = path
        self.url = url  # of a PostgreSQL database, as libpq reads it
        self.listeners: list[Callable[[int], None]] = []
        # SQLite lets waiting writers starve; they queue here instead
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock() if path is not None else contextlib.nullcontext()
        )
        self.disk = Disk(engine) if path is None else None
        self.is_secured = False
        with self.read() as connection:
            self.is_secured = secure.is_on(connection)
            self.server_id: str = connection.execute(
                text("SELECT server_id FROM sync_head")
            ).scalar_one()
            self.seals = Seals(seal_key, self.server_id)
            self.company: str = connection.execute(
                text("SELECT v FROM meta WHERE k = 'company'")
            ).scalar_one()
            self._private: bytes = bytes(
                connection.execute(text("SELECT private FROM signing_key")).scalar_one()
            )

    @property
    def public_key(self) -> bytes:
        """The key that devices pin at enrolment."""
        return public_key(self._private)

    def sign(self, message: bytes) -> bytes:
        """Sign for the devices that pinned `public_key`."""
        return sign(self._private, message)

    def mark(self, typed: str) -> str:
        """Return what stands for a text that is not to be kept, and from which nobody else finds it."""
        key = hashlib.sha256(b"kamdesk/mark\0" + self._private).digest()
        return hmac.digest(key, typed.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    @classmethod
    def open(cls, database: str | Path, *, company: str = "") -> Store:
        """Open or create a database: a path, or a `postgresql://` URL. Raises MachineError with a sentence."""
        url = str(database)
        is_server = url.startswith(("postgresql", "postgres:"))
        path = None if is_server else Path(url.removeprefix("sqlite:///"))
        engine = _postgresql(url) if path is None else _sqlite(path)
        try:
            with (
                engine if is_server else engine.execution_options(begin="BEGIN IMMEDIATE")
            ).begin() as made:
                schema.prepare(made, company)
                seal_key = sealkey.load(made, path)
                if secure.is_on(made):
                    secure.open_for(made, secure.EVERYTHING)
                schema.seal_amounts(made, seal_key)
            url = f"postgresql://{url.split('://', 1)[1]}" if is_server else ""
            return cls(engine, path, seal_key, url)
        except MachineError:
            engine.dispose()
            raise
        except DatabaseError as error:
            engine.dispose()
            raise _sentence(error, path) from error

    @contextlib.contextmanager
    def read(self, *, subscriber: str = secure.EVERYTHING) -> Iterator[Connection]:
        """Give one snapshot that does not change while it is read.

        With a `subscriber`, a secured database itself shows the records of this user's buckets alone.
        """
        with self.engine.connect() as connection:
            if self.path is None:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if self.is_secured:
                    secure.open_for(connection, subscriber)
                yield connection

    @contextlib.contextmanager
    def write(self, origin: str, *, device: str = "", user: str = "") -> Iterator[Writer]:
        """Give a writer; what it was told is committed at the end by the commit rule, or nothing is."""
        with self._turn, self.engine.connect() as plain:
            connection = (
                plain if self.path is None else plain.execution_options(begin="BEGIN IMMEDIATE")
            )
            with connection.begin():
                if self.is_secured:
                    secure.open_for(connection, secure.EVERYTHING)
                writer = Writer(connection, self.seals, origin=origin, device=device, user=user)
                yield writer
                writer.finish()
        if writer.seq:
            self.settle()
            for listener in self.listeners:
                listener(writer.seq)

    def settle(self) -> None:
        """Return when all numbered commits so far are on the disk; nothing is told of them before."""
        if self.disk is not None:
            self.disk.wait()

    def head(self) -> int:
        """Return the number of the newest commit."""
        with self.read() as connection:
            return head_of(connection)[0]

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def head_of(connection: Connection) -> tuple[int, int]:
    """Return number and nonce of the newest commit that this transaction sees."""
    row = connection.execute(
        text("SELECT h.seq, c.nonce FROM sync_head h LEFT JOIN sync_commit c ON c.seq = h.seq")
    ).one()
    return row[0], row[1] or 0


def _sqlite(path: Path) -> Engine:
    if not path.absolute().parent.is_dir():
        raise MachineError(
            "The folder of the database does not exist: {folder}",
            code="NO_FOLDER",
            folder=str(path.parent),
        )

    def connect() -> Any:
        raw = driver.connect(str(path), check_same_thread=False, isolation_level=None)
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}").fetchall()
        return raw

    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=connect,
        poolclass=QueuePool,
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=20,
        hide_parameters=True,  # what people wrote does not belong in logs
    )

    def begin(connection: Connection) -> None:
        # IMMEDIATE for writers: a reader that turns writer fails at once, busy_timeout or not
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    event.listen(engine, "begin", begin)
    return engine


def _postgresql(url: str) -> Engine:
    rest = url.split("://", 1)[1]
    engine = create_engine(
        f"postgresql+psycopg://{rest}",
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=20,
        hide_parameters=True,  # what people wrote does not belong in logs
        isolation_level="READ COMMITTED",
        connect_args={
            "options": "-c idle_in_transaction_session_timeout=10000",
            "connect_timeout": 10,
        },
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check_after_a_rest)
    return engine


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _check_after_a_rest(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that rested for a while whether it still stands: asking each time is a way there and back."""
    if time.monotonic() - record.info.get("used", -math.inf) < _REST:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error  # the pool makes another


def _sentence(error: DatabaseError, path: Path | None) -> MachineError:
    reason = str(error.orig).strip().splitlines()[0]
    if path is None:
        return MachineError(
            "The PostgreSQL database cannot be opened: {reason}",
            code="DATABASE_UNREACHABLE",
            reason=reason,
        )
    if "not a database" in reason or "malformed" in reason:
        return MachineError(
            "The file is not a database of head office, or it is damaged: {path}. Nothing was changed.",
            code="DATABASE_DAMAGED",
            path=str(path),
        )
    return MachineError(
        "The database {path} cannot be opened: {reason}",
        code="DATABASE_UNREACHABLE",
        path=str(path),
        reason=reason,
    )
