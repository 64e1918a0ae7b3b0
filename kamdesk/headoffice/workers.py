"""Several server processes on one address and one PostgreSQL database."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from kamdesk.domain.errors import MachineError

_TRIES_WITHIN = 60.0
_MOST_TRIES = 5
_WAIT = 20.0


class Workers:
    """Starts server processes, starts one again that died, and ends all of them in order."""

    def __init__(
        self, taken: socket.socket, count: int, command: Callable[[int, int], Sequence[str]]
    ) -> None:
        self._taken = taken
        self._count = count
        self._command = command
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._deaths: list[float] = []
        self._is_ending = False

    def run(self) -> int:
        """Serve until a signal; 0 after an orderly end. Raises MachineError when they keep dying."""
        self._taken.set_inheritable(True)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._end)
        for number in range(self._count):
            self._start(number)
        try:
            while not self._is_ending:
                time.sleep(0.2)
                self._look()
        finally:
            self._stop()
        return 0

    def _start(self, number: int) -> None:
        fd = self._taken.fileno()
        self._running[number] = subprocess.Popen(  # noqa: S603  # our own program
            [*self._command(number, fd)], pass_fds=[fd], stdin=subprocess.DEVNULL
        )

    def _look(self) -> None:
        for number, process in list(self._running.items()):
            if process.poll() is None or self._is_ending:
                continue
            now = time.monotonic()
            self._deaths = [one for one in self._deaths if now - one < _TRIES_WITHIN] + [now]
            if len(self._deaths) > _MOST_TRIES:
                raise MachineError(
                    "The server processes keep ending by themselves; see the log above.",
                    code="WORKERS_DIE",
                )
            sys.stderr.write(f"server process {number + 1} ended ({process.returncode}); again\n")
            self._start(number)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_ending = True

    def _stop(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _WAIT
        for process in self._running.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def bound(fd: int) -> socket.socket:
    """Take over the listening socket that the first process bound."""
    return socket.socket(fileno=fd)
