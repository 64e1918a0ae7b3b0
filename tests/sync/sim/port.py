"""Head office's database in memory, behind the few calls of SQLAlchemy that head office makes.

Half of a run would be spent in SQLAlchemy's engine. Here the same statements go to the same SQLite directly; that
this changes nothing is shown by the seeds that run again on SQLAlchemy, in a file and on PostgreSQL.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlcipher3 import dbapi2 as driver


@lru_cache(maxsize=1000)
def _row_of(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


class Told(list[Any]):
    """The answer to one statement: rows, or values."""

    rowcount = -1

    def fetchall(self) -> list[Any]:
        return self

    all = fetchall

    def first(self) -> Any:
        return self[0] if self else None

    fetchone = first

    def one(self) -> Any:
        if not self:
            raise NoResultFound
        return self.one_or_none()

    def one_or_none(self) -> Any:
        if len(self) > 1:
            raise MultipleResultsFound
        return self.first()

    def scalars(self) -> Told:
        return Told(row[0] for row in self)

    def scalar(self) -> Any:
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def mappings(self) -> Told:
        return Told(row._asdict() for row in self)


class PlainConnection:
    """What head office uses of a connection."""

    dialect = SimpleNamespace(name="sqlite")

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._begin = "BEGIN"

    def execution_options(self, *, begin: str = "BEGIN") -> PlainConnection:
        """Say how transactions begin."""
        self._begin = begin
        return self

    @contextmanager
    def begin(self) -> Iterator[PlainConnection]:
        """Run one transaction; a crash at its commit leaves what a power cut would leave."""
        self._raw.execute(self._begin)
        try:
            yield self
            self._raw.commit()
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """End what was begun."""
        if self._raw.in_transaction:
            self._raw.rollback()

    def execute(self, statement: Any, values: Any = ()) -> Told:
        """Run one statement, for one set of values or for each of many."""
        sql = statement.text.replace("\\:", ":")
        try:
            run = self._raw.executemany if isinstance(values, list) else self._raw.execute
            found = run(sql, values)
            rows: Sequence[Any] = found.fetchall() if found.description else ()
        except driver.Error as error:
            raise DBAPIError.instance(sql, None, error, driver.Error) from error
        told = Told()
        if rows:
            told.extend(map(_row_of(tuple(one[0] for one in found.description))._make, rows))
        told.rowcount = found.rowcount
        return told


class PlainEngine:
    """What head office uses of an engine."""

    dialect = PlainConnection.dialect

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @contextmanager
    def connect(self) -> Iterator[PlainConnection]:
        """Give the connection; what was not committed ends with it."""
        connection = PlainConnection(self._raw)
        try:
            yield connection
        finally:
            connection.rollback()

    @contextmanager
    def begin(self) -> Iterator[PlainConnection]:
        """Run one transaction."""
        with self.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Nothing is kept open."""
