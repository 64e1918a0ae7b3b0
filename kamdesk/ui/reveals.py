"""Puts looks at prices on record: each unlocking, each contract once while they are open, each line that is held."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from kamdesk.domain.price_access import Look, PriceState
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.tasks import Tasks


class RevealLog(QObject):
    """Listens to the lock of one window. A store that takes nothing keeps no record, and hinders nobody."""

    def __init__(self, lock: PriceLock, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._is_open = False
        self._shown: set[str] = set()
        lock.changed.connect(self._on_lock)
        lock.looked.connect(self._on_look)

    def _on_lock(self, state: PriceState) -> None:
        was_open, self._is_open = self._is_open, state is PriceState.OPEN
        if not self._is_open:
            self._shown.clear()
        elif not was_open:
            self._note(Look.UNLOCKED, "")

    def _on_look(self, what: str, record_id: str) -> None:
        if what == Look.SHOWN:
            if record_id in self._shown:
                return
            self._shown.add(record_id)
        self._note(Look(what), record_id)

    def _note(self, what: Look, record_id: str) -> None:
        def note(work: Any) -> None:
            # It comes with the store, and the window is painted before that
            from kamdesk.services.reveals import note_look

            note_look(work, what, record_id)

        self._tasks.write(self, note, failed=lambda _: None)
