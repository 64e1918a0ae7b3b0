"""Colleagues, for the filters of those who look after a team."""

from __future__ import annotations

from datetime import date

from kamdesk.db.queries import day
from kamdesk.db.reader import Reader
from kamdesk.db.representatives import colleague_of
from kamdesk.domain.medical_reps import needs_filing
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


@dataclass(frozen=True, slots=True)
class Filing:
    """A medical representative's filing with the authority. `until`: its last day, where it has one."""

    number: str
    until: date | None


def filing_of(reader: Reader, user_id: str, role: str) -> Filing | None:
    """Return the filing that a user promotes with, empty where it is missing; None for who needs none."""
    me = colleague_of(reader, user_id)
    if me is None or not needs_filing(role, me):
        return None
    until = me["mr_filing_until"]
    return Filing(str(me["mr_filing_no"] or ""), day(until if isinstance(until, str) else None))
