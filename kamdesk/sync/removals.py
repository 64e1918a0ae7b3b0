"""How much of what is here head office deletes in one reconciliation, and whether that can be meant."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from kamdesk.db import holds
from kamdesk.db.database import Database
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.sync.protocol import SyncResponse

FEWEST = 200
SHARE = 0.1
"""More than both of a table, and nobody believes it without asking."""
_log = logging.getLogger(__name__)


class Removals:
    """Counts over one reconciliation. Used by one thread at a time."""

    def __init__(self, database: Database, keep_copy: Callable[[], object]) -> None:
        self._database, self._keep_copy = database, keep_copy
        self._gone: Counter[str] = Counter()
        self.is_held = False
        """An answer was put back, because the user has to be asked or said to wait."""

    def begin(self) -> None:
        """Count from nothing, for the next reconciliation."""
        self._gone.clear()
        self.is_held = False

    def must_wait(self, answer: SyncResponse) -> bool:
        """Say whether an answer deletes more than is believed; opens the question, with a copy of all, once.

        What is loaded anew, or leaves with a customer, is no deletion; nor is an import that was taken back.
        """
        found = self._database.read(lambda reader: self._too_many(reader, answer))
        decision = self._database.read(holds.decision)
        if not found or decision == "theirs":
            return False
        self.is_held = True
        if not decision:
            has_copy = self._has_copy()
            self._database.transact(
                Origin.SYNC, lambda work: holds.hold(work, found, has_copy=has_copy)
            )
        return True

    def _has_copy(self) -> bool:
        try:
            self._keep_copy()
        except (MachineError, OSError) as error:  # nothing is deleted yet, so it can be asked
            _log.warning("no copy before the deletions: %s", type(error).__name__)
            return False
        return True

    def _too_many(self, reader: Reader, answer: SyncResponse) -> dict[str, tuple[int, int]]:
        fresh: Counter[str] = Counter()
        for delta in (answer.delta, answer.price_delta):
            for page in delta.pages if delta is not None else []:
                meant = set(page.undone)
                gone = [one for one in page.dele if one[0] not in meant]
                if gone and page.k in SPECS:
                    fresh[page.k] += holds.count_present(reader, page.k, gone)
        found = {}
        for kind, count in fresh.items():
            total = count + self._gone[kind]
            if total > FEWEST:
                before = holds.count_all(reader, kind) + self._gone[kind]
                if total > SHARE * before:
                    found[kind] = (total, before)
        if not found:
            self._gone.update(fresh)
        return found
