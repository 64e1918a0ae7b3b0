"""Looks at prices on the screen: on record on this computer. What leaves it is in `disclosures`."""

from __future__ import annotations

from kamdesk.db import reveals
from kamdesk.db.work import Work
from kamdesk.domain.price_access import Look


def note_look(work: Work, what: Look, record_id: str) -> None:
    """Note that somebody looked at the prices of a contract or a line; "" where prices as such were opened."""
    reveals.add(work, what, record_id)
