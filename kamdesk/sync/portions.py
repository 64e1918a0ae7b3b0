"""How many records of a first load are asked for at once.

Few answers cost less, on both sides; a long one is lost whole where a line breaks. So a quick line brings more each
time, and a slow or broken one less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from kamdesk.sync import planner

MOST = 4
"""Times `planner.ROWS_OF_FIRST_LOAD`, at the most."""
_LEAST = 0.125
_QUICK, _SLOW = 1.0, 8.0

T = TypeVar("T")


class Portion:
    """What one answer should bring. Used by one thread at a time."""

    def __init__(self) -> None:
        self._times = 1.0

    @property
    def rows(self) -> int:
        """How many records to ask for."""
        return max(1, int(planner.ROWS_OF_FIRST_LOAD * self._times))

    def came(self, seconds: float) -> None:
        """Note how long such an answer took."""
        if seconds < _QUICK:
            self._times = min(self._times * 2, MOST)
        elif seconds > _SLOW:
            self.broke()

    def broke(self) -> None:
        """Note that none came."""
        self._times = max(self._times / 2, _LEAST)


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and the seconds that it took."""
    began = time.perf_counter()
    value = call()
    return value, time.perf_counter() - began
