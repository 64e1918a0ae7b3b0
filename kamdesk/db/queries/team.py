"""The team at a glance: what everybody did in a period, what waits for an answer, what is overdue."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from kamdesk.db.queries import day
from kamdesk.db.queries.colleagues import team
from kamdesk.db.reader import Reader
from kamdesk.domain.money import Money
from kamdesk.domain.values import dataclass

_REPORTED = "('completed','submitted','reviewed')"


@dataclass(frozen=True, slots=True)
class Requests:
    """How many requests there are, and what they come to by currency."""

    count: int = 0
    sums: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One colleague. `reported` and `planned`: visits in the period; `approved`: requests held in it.

    `open`: requests that wait for an answer, whenever they are held; `overdue`: next steps whose day has passed
    without another visit to that customer.
    """

    id: str
    name: str
    role: str
    reported: int
    planned: int
    customers: int
    last_visit: date | None
    open: Requests
    approved: Requests
    overdue: int


def team_overview(
    reader: Reader, *, since: date | None, until: date | None, today: date
) -> list[MemberRow]:
    """Return everybody who has work on this computer, by name."""
    first, last = (since or date.min).isoformat(), (until or date.max).isoformat()
    visits = _visits(reader, first, last)
    waiting = _requests(reader, "p.state = 'submitted'")
    approved = _requests(
        reader, "p.state = 'approved' AND p.planned_on BETWEEN ? AND ?", first, last
    )
    overdue = dict(iter(reader.rows(_OVERDUE, today.isoformat())))
    return [
        MemberRow(
            one.id,
            one.name,
            one.role,
            *visits.get(one.id, (0, 0, 0, None)),
            waiting.get(one.id, Requests()),
            approved.get(one.id, Requests()),
            overdue.get(one.id, 0),
        )
        for one in team(reader)
    ]


_OVERDUE = f"""SELECT v.owner_id, count(*) FROM visit v WHERE v.state IN {_REPORTED} AND v.next_step_due < ?
AND NOT EXISTS (SELECT 1 FROM visit w WHERE w.customer_id = v.customer_id AND w.owner_id = v.owner_id
  AND w.state IN {_REPORTED} AND w.held_on > v.held_on) GROUP BY v.owner_id"""


def _visits(reader: Reader, first: str, last: str) -> dict[str, tuple[int, int, int, date | None]]:
    rows = reader.rows(
        f"SELECT owner_id, count(CASE WHEN state IN {_REPORTED} AND held_on BETWEEN ?1 AND ?2 THEN 1 END),"
        " count(CASE WHEN state IN ('planned','in_progress') AND held_on BETWEEN ?1 AND ?2 THEN 1 END),"
        f" count(DISTINCT CASE WHEN state IN {_REPORTED} AND held_on BETWEEN ?1 AND ?2 THEN customer_id END),"
        f" max(CASE WHEN state IN {_REPORTED} THEN held_on END) FROM visit GROUP BY owner_id",
        first,
        last,
    )
    return {row[0]: (row[1], row[2], row[3], day(row[4])) for row in rows}


def _requests(reader: Reader, clause: str, *values: object) -> dict[str, Requests]:
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, list[Money]] = defaultdict(list)
    for owner, currency, count, minor in reader.rows(
        "SELECT p.owner_id, p.currency, count(*), sum(p.estimate_minor) FROM promotion_request p"
        f" WHERE {clause} GROUP BY 1, 2 ORDER BY 4 DESC",
        *values,
    ):
        counts[owner] += count
        if currency and minor is not None:
            sums[owner].append(Money(minor, currency))
    return {owner: Requests(count, tuple(sums[owner])) for owner, count in counts.items()}


def sum_requests(requests: list[Requests]) -> Requests:
    """Add up what several people asked for; currencies are never mixed."""
    totals: dict[str, int] = defaultdict(int)
    for one in requests:
        for money in one.sums:
            totals[money.currency] += money.minor
    return Requests(
        sum(one.count for one in requests),
        tuple(Money(minor, currency) for currency, minor in totals.items()),
    )
