"""The next request of a first load, made while the answer before it is stored.

Line and head office would rest otherwise while this computer writes. An answer that came ahead counts only when its
request is, word for word, the one that would be made now; it is then as good as one that was long on its way.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kamdesk.sync.portions import timed
from kamdesk.sync.problems import Answered, HistoryChanged, Unreachable
from kamdesk.sync.protocol import SyncRequest, SyncResponse

_log = logging.getLogger(__name__)


class Ahead:
    """At most one request ahead. Used by one thread at a time; asks on another, so `ask` must be safe there."""

    def __init__(
        self,
        ask: Callable[[SyncRequest], SyncResponse],
        start: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self._ask, self._start = ask, start or _on_a_thread
        self._wanted: SyncRequest | None = None
        self._answer: tuple[SyncResponse, float] | None = None
        self._is_over = threading.Event()
        self._is_over.set()

    def begin(self, wanted: SyncRequest) -> None:
        """Ask; nothing happens while an earlier request is under way that nobody wants any more."""
        if not self._is_over.is_set():
            return
        self._wanted, self._answer = wanted, None
        self._is_over.clear()
        self._start(self._fetch)

    def _fetch(self) -> None:
        try:
            if (wanted := self._wanted) is not None:
                self._answer = timed(lambda: self._ask(wanted))
        except (Answered, HistoryChanged, Unreachable):
            pass  # it is asked again, where what is wrong is looked into
        except Exception:  # noqa: BLE001  # asked again too: a bug must not end the thread with nothing said
            _log.exception("a request ahead failed")
        finally:
            self._is_over.set()

    def answer(self, wanted: SyncRequest) -> tuple[SyncResponse, float] | None:
        """Return the answer to this request if it was made ahead, when it is there, and its seconds; None: ask."""
        asked, self._wanted = self._wanted, None
        if asked is None or asked != wanted:
            return None
        self._is_over.wait()
        answer, self._answer = self._answer, None
        return answer


def _on_a_thread(do: Callable[[], None]) -> None:
    # A daemon: the end of the program does not wait for a name that does not resolve
    threading.Thread(target=do, name="sync-ahead", daemon=True).start()
