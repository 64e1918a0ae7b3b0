"""Colleagues, for the filters of those who look after a team."""

from __future__ import annotations

from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """One colleague who has work on this computer."""

    id: str
    name: str
    role: str


def team(reader: Reader) -> list[Member]:
    """Return those who own visits, promotion requests or contracts on this computer, by name."""
    rows = reader.rows(
        "SELECT w.id, coalesce(w.name, ''), coalesce(w.role, '') FROM colleague w WHERE w.id IN"
        " (SELECT owner_id FROM visit UNION SELECT owner_id FROM promotion_request"
        " UNION SELECT owner_id FROM contract) ORDER BY w.name"
    )
    return [Member(*row) for row in rows]
