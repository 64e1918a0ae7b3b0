"""Who looked at which prices on this computer: kept in the encrypted store, never a value."""

from __future__ import annotations

from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.price_access import Look

KEPT = 5000
"""So many, the newest: some years of a busy user."""


def add(work: Work, what: Look, record_id: str) -> None:
    """Keep one more, and as many as are kept."""
    work.driver.execute(
        "INSERT INTO reveal(at, who, what, record) VALUES(?,?,?,?)",
        (clock.stamp(), work.actor.user_id, what.value, record_id),
    )
    work.driver.execute("DELETE FROM reveal WHERE n <= (SELECT max(n) FROM reveal) - ?", (KEPT,))
