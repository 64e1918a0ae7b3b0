"""Gives people who were created on this computer their pinyin, a moment later, so that typing finds them."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer

from kamdesk.db.queries.customers import people_without_spelling
from kamdesk.domain.changes import Changes, Origin
from kamdesk.importers.spelling import spell_apart
from kamdesk.services.people import spell_people
from kamdesk.ui.changes import ChangeBus
from kamdesk.ui.tasks import Tasks

PAUSE_MS = 1500
_log = logging.getLogger(__name__)


class Speller(QObject):
    """Watches the bus; lives as long as the window."""

    def __init__(self, tasks: Tasks, bus: ChangeBus, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        bus.changed.connect(self._on_changed)

    def _on_changed(self, changes: Changes) -> None:
        if changes.origin is not Origin.SYNC and changes.concerns("person"):
            self._timer.start()

    def _look(self) -> None:
        self._tasks.read(self, people_without_spelling, self._spell)

    def _spell(self, names: dict[str, str]) -> None:
        if names:
            self._tasks.run(self, lambda: spell_apart(names), self._store, failed=self._give_up)

    def _store(self, spelled: dict[str, tuple[str, str]]) -> None:
        self._tasks.write(self, lambda work: spell_people(work, spelled), failed=self._give_up)

    def _give_up(self, error: Exception) -> None:
        """Without pinyin a person is still found by the name; the next start tries again."""
        _log.warning("names could not be spelled: %s", type(error).__name__)
