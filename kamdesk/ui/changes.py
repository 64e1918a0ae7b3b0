"""What changed in the store, told to the screens: collected for a moment, so that 500 rows are one refresh.

What a person saves shows at once. What reconciliation brings is collected for longer the longer it goes on: a first
load that had every screen read and painted anew with each of its parts took twice the time, and clicks waited for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from kamdesk.domain.changes import Changes, Origin
from kamdesk.domain.store import Store

PAUSE_MS = 40
_LONGEST_MS = 1000
_QUIET = 1.0


class ChangeBus(QObject):
    """Publishes `Changes` in the GUI thread. Lives there; `watch` may be told from any thread."""

    changed = Signal(object)
    _told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._people = _Collection(self)
        self._stream = _Collection(self, is_stream=True)
        self._told.connect(self._collect, Qt.ConnectionType.QueuedConnection)

    def watch(self, store: Store) -> Callable[[], None]:
        """Follow a store; returns what ends it."""
        return store.on_commit(self._told.emit)

    @Slot(object)
    def _collect(self, changes: Changes) -> None:
        (self._stream if changes.origin is Origin.SYNC else self._people).add(changes)


class _Collection(QObject):
    """Changes that are told together; those of a stream less and less often while they keep coming."""

    def __init__(self, bus: ChangeBus, *, is_stream: bool = False) -> None:
        super().__init__(bus)
        self._bus, self._is_stream = bus, is_stream
        self._collected: list[Changes] = []
        self._pause, self._told_at = PAUSE_MS, 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._publish)

    def add(self, changes: Changes) -> None:
        """Collect one more."""
        self._collected.append(changes)
        if self._timer.isActive():
            return
        if time.monotonic() - self._told_at > _QUIET:
            self._pause = PAUSE_MS
        self._timer.start(self._pause)

    @Slot()
    def _publish(self) -> None:
        collected, self._collected = self._collected, []
        self._told_at = time.monotonic()
        if self._is_stream:
            self._pause = min(2 * self._pause, _LONGEST_MS)
        self._bus.changed.emit(Changes.merged(collected))
