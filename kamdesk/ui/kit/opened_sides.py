"""What the sides of a conflict about something sealed say, while prices are open: nobody should choose blind."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import Slot

from kamdesk.db.queries.issues import IssueRow
from kamdesk.domain.price_access import Look, PricesLocked, PriceState
from kamdesk.domain.prices import Price, Ratio, SecretText
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.price_words import unreadable, written
from kamdesk.ui.price_lock import PriceLock


class OpenedSide(Held):
    """One side's value below the dots that are chosen by, while prices are open. `sealed`: as the issue has it."""

    def __init__(self, lock: PriceLock, one: IssueRow, name: str, sealed: object) -> None:
        self._cell, self._sealed = (one.kind, name, one.row_id), sealed
        super().__init__(lock, self._told, one.row_id, "strong", wrap=True)
        self.hide()
        lock.changed.connect(self.follow)

    @Slot(object)
    def follow(self, _state: PriceState | None = None) -> None:
        """Show it while prices are open, and wipe it when they lock."""
        self.setVisible(self._lock.is_open)
        self.refresh()

    def _told(self) -> str:
        if not isinstance(self._sealed, str) or not self._lock.is_open:
            return ""
        try:
            found = self._lock.prices.unseal(*self._cell, base64.b64decode(self._sealed))
        except PricesLocked:
            return ""
        except binascii.Error:
            return unreadable()
        if isinstance(found, SecretText):
            return found.reveal()
        return written(found) if found is None or isinstance(found, Price | Ratio) else unreadable()


def note_seen(lock: PriceLock, record_id: str) -> None:
    """Put on record that values were seen, where they are seen without being held."""
    if lock.is_open and not lock.is_masked:
        lock.looked.emit(Look.SHOWN, record_id)
