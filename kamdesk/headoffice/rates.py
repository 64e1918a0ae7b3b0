"""How often one device may ask: plenty for a first load, too little to hold up the others."""

from __future__ import annotations

import time
from collections.abc import Callable

from kamdesk.headoffice.problems import Rejected

BURST = 300.0
PER_SECOND = 10.0
_MOST_KEPT = 20_000


class Rates:
    """A bucket of tokens for each caller; in the event loop only, forgotten when full again."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Count one request. Raises Rejected 429, with the seconds to wait."""
        now = self._now()
        left, at = self._left.get(caller, (BURST, now))
        left = min(BURST, left + (now - at) * PER_SECOND)
        if left < 1:
            self._left[caller] = (left, now)
            raise Rejected(429, "throttled", retry_after=1)
        if len(self._left) > _MOST_KEPT:
            self._forget(now)
        self._left[caller] = (left - 1, now)

    def _forget(self, now: float) -> None:
        self._left = {
            caller: (left, at)
            for caller, (left, at) in self._left.items()
            if left + (now - at) * PER_SECOND < BURST
        }
