"""Reading on a snapshot with the driver alone: SQL in, tuples out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Cursor(Protocol):
    """What is used of a driver's cursor."""

    rowcount: int

    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...


class DriverConnection(Protocol):
    """What is used of a driver's connection."""

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Iterable[Sequence[object]], /) -> Cursor: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


class Superseded(Exception):  # noqa: N818
    """Nobody waits for the answer any more."""


class Reader:
    """A view of the store as it stood when the reading began."""

    def __init__(self, connection: DriverConnection) -> None:
        self.connection = connection
        self._stopped = False

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._run(sql, parameters).fetchall()

    def row(self, sql: str, *parameters: object) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        return self._run(sql, parameters).fetchone()

    def stop(self) -> None:
        """End the query under way with the driver's error and refuse further ones; from any thread."""
        self._stopped = True
        self.connection.interrupt()

    def _run(self, sql: str, parameters: Sequence[object]) -> Cursor:
        if self._stopped:
            raise Superseded
        return self.connection.execute(sql, parameters)

    def value(self, sql: str, *parameters: object) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(sql, *parameters)
        return found[0] if found else None
