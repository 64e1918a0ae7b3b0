"""Hearing of commits of other processes at once, by PostgreSQL's LISTEN; where that fails, others look by the clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg

from kamdesk.headoffice.commit import CHANNEL

_AGAIN_AFTER = 2.0
_CHECK_EVERY = 30.0
_logger = logging.getLogger(__name__)


class Listener:
    """One connection of its own that waits for news, for as long as the event loop runs."""

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        self._url = url
        self._heard = heard
        self.is_listening = False

    async def run(self) -> None:
        """Listen until cancelled; connect again after every break."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, NotImplementedError) as error:
                if self.is_listening:
                    _logger.warning("no news from the database: %s", type(error).__name__)
            self.is_listening = False
            await asyncio.sleep(_AGAIN_AFTER)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=10, application_name="kamdesk-listen"
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.is_listening = True
            self._heard()  # what came while nobody listened
            while True:
                async for _ in connection.notifies(timeout=_CHECK_EVERY):
                    self._heard()
                await connection.execute("SELECT 1")  # a dead line shows only when it is used
