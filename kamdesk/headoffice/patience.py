"""Not waiting for ever: a connection must bring a request's head in time, or it is closed."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = 20.0
"""Seconds from the first byte of a request, or from the connection, until its head is whole."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP, which by itself waits for ever for a head that never ends."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; stop waiting once they were a whole head."""
        self._arm()
        super().data_received(data)
        if self._timer is not None and self._is_busy():
            self._timer.cancel()
            self._timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer with the connection."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _arm(self) -> None:
        if self._timer is None and not self._is_busy():
            self._timer = asyncio.get_running_loop().call_later(HEAD_WITHIN, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if not self._is_busy():
            self.transport.close()
