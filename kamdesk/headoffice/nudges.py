"""Telling waiting devices that there is something for them, without a thread for each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from kamdesk.headoffice.listen import Listener
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store, head_of

_EVERY = 0.7
"""Seconds between looks at the database, for commits of other processes that cannot be heard."""
_EVERY_WHILE_LISTENING = 15.0
_AT_MOST_EVERY = 0.05
"""Seconds between two looks under many commits: one look tells of all of them."""
_logger = logging.getLogger(__name__)

T = TypeVar("T")
Run = Callable[[Callable[[], T]], Awaitable[T]]


def touched_users(
    connection: Connection, after: int, until: int, user_id: str | None = None
) -> set[str]:
    """Name the users for whom something changed in a range of commits, or only say it of one user."""
    one = "AND u.user_id = :user" if user_id is not None else ""
    end = "LIMIT 1" if user_id is not None else ""
    values = {"after": after, "until": until, "user": user_id}
    found: set[str] = set()
    for table in ("sync_row", "sync_left"):
        found |= set(
            connection.execute(
                text(
                    f"SELECT DISTINCT u.user_id FROM {table} r CROSS JOIN user_bucket u "
                    f"WHERE r.seq > :after AND r.seq <= :until AND u.bucket = r.bucket {one} {end}"
                ),
                values,
            ).scalars()
        )
    found |= set(
        connection.execute(
            text(
                f"SELECT u.id FROM account u WHERE u.scope_seq > :after AND u.scope_seq <= :until "
                f"{one.replace('u.user_id', 'u.id')}"
            ),
            values,
        ).scalars()
    )
    return found


class Nudges:
    """Who waits, and what wakes them. All methods but `committed` and `close` run in the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, dict[asyncio.Future[int], int]] = {}  # by user, with what each has
        self._seen: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stir = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: Listener | None = None
        self._closed = asyncio.Event()

    def start(self) -> None:
        """Begin to watch; called in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._tasks.append(asyncio.create_task(self._watch()))
        if self._store.url:
            self._listener = Listener(self._store.url, self._stir.set)
            self._tasks.append(asyncio.create_task(self._listener.run()))
        self._store.listeners.append(self.committed)

    async def stop(self) -> None:
        """End watching."""
        self.close_now()
        with contextlib.suppress(ValueError):
            self._store.listeners.remove(self.committed)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def committed(self, seq: int) -> None:
        """Note a commit of this process; from any thread."""
        del seq
        self._call(self._stir.set)

    def close(self) -> None:
        """Let everybody who waits go at once; from any thread."""
        self._call(self.close_now)

    def _call(self, do: Callable[[], None]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended first
                self._loop.call_soon_threadsafe(do)

    def close_now(self) -> None:
        """As `close`, in the event loop."""
        self._closed.set()
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.cancel()

    async def wait(self, user_id: str, *, after: int, seconds: float) -> int | None:
        """Return the head once there is something for the user past `after`; None when time is up."""
        if self._closed.is_set():
            return None
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user_id, {})[future] = after
        try:
            # Asked after registering: the watch goes on from here, so that no commit falls in between
            head, is_new = await asyncio.to_thread(self._something_for, user_id, after)
            if is_new:
                return head
            if self._seen is None:
                self._seen = head
                self._stir.set()
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if self._closed.is_set():
                return None
            raise
        finally:
            self._forget(user_id, future)

    def _forget(self, user_id: str, future: asyncio.Future[int]) -> None:
        futures = self._waiting.get(user_id)
        if futures is not None:
            futures.pop(future, None)
            if not futures:
                del self._waiting[user_id]

    def _something_for(self, user_id: str, after: int) -> tuple[int, bool]:
        with self._store.read() as connection:
            head = head_of(connection)[0]
            return head, head > after and bool(touched_users(connection, after, head, user_id))

    async def _watch(self) -> None:
        while True:
            is_told = self._listener is not None and self._listener.is_listening
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    self._stir.wait(), _EVERY_WHILE_LISTENING if is_told else _EVERY
                )
            await asyncio.sleep(_AT_MOST_EVERY)
            self._stir.clear()
            if not self._waiting:
                self._seen = None
            if self._seen is None:
                continue
            try:
                head, users = await asyncio.to_thread(self._news, self._seen)
            except SQLAlchemyError:
                _logger.warning("the database did not answer the look for news")
                continue
            self._seen = head
            for user_id in users & self._waiting.keys():
                for future, after in self._waiting[user_id].items():
                    if head > after and not future.done():
                        future.set_result(head)

    def _news(self, seen: int) -> tuple[int, set[str]]:
        with self._store.read() as connection:
            head = head_of(connection)[0]
            return head, touched_users(connection, seen, head) if head > seen else set()
