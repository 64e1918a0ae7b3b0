"""What changed in the store, told to the screens: collected for a moment, so that 500 rows are one refresh."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from kamdesk.domain.changes import Changes
from kamdesk.domain.store import Store

PAUSE_MS = 40


class ChangeBus(QObject):
    """Publishes `Changes` in the GUI thread. Lives there; `watch` may be told from any thread."""

    changed = Signal(object)
    _told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._collected: list[Changes] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._publish)
        self._told.connect(self._collect, Qt.ConnectionType.QueuedConnection)

    def watch(self, store: Store) -> Callable[[], None]:
        """Follow a store; returns what ends it."""
        return store.on_commit(self._told.emit)

    @Slot(object)
    def _collect(self, changes: Changes) -> None:
        self._collected.append(changes)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _publish(self) -> None:
        collected, self._collected = self._collected, []
        self.changed.emit(Changes.merged(collected))
