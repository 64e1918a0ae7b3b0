"""Many commits on one way to the disk: on PostgreSQL the head is locked for as long as a commit takes.

Were every commit to wait for the disk while it holds the lock, a company could make as many as the disk can flush
one after the other, a hundred or two a second. So commits let go of the lock first, and whoever told one, or is about
to tell what it read, waits here until the disk has it. One flush serves all who wait. See docs/decisions/0020.
"""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine

from kamdesk.headoffice.sql import text

_BEHIND = text("SELECT pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn()")
# Something must be written: a commit without content does not wait for the disk
_FLUSH = text("SELECT pg_logical_emit_message(true, 'kamdesk', '')")


class Disk:
    """Waits until everything that was committed before is on the disk. Safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        # Nothing but the statement itself: one way there and back
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._state = threading.Condition()
        self._begun = 0
        self._ended = 0
        self._is_busy = False
        self._failure: BaseException | None = None

    def wait(self) -> None:
        """Return when what was committed before this call is durable. Raises what the database raises."""
        with self._state:
            needed = self._begun + 1  # one that is under way may have begun too early
            while self._ended < needed and self._is_busy:
                self._state.wait()
            if self._ended >= needed:
                if self._failure is not None:
                    raise self._failure
                return
            self._is_busy = True
            self._begun += 1
            mine = self._begun
        failure: BaseException | None = None
        try:
            with self._engine.connect() as connection:
                connection.execute(_FLUSH)
        except BaseException as error:
            failure = error
            raise
        finally:
            with self._state:
                self._is_busy, self._ended, self._failure = False, mine, failure
                self._state.notify_all()


def is_behind(connection: Connection) -> bool:
    """Say whether this transaction may have seen what is not on the disk yet; ask before it ends, wait after it."""
    return connection.dialect.name == "postgresql" and bool(connection.execute(_BEHIND).scalar())
