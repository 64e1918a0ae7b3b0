"""Today: what is planned, what is due, who has not been seen for too long, what was left half-typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from kamdesk.db.queries import day, instant
from kamdesk.db.queries.promotions import PromotionRow, returned_to, to_decide
from kamdesk.db.queries.tasks import TaskFilter, TaskRow, list_tasks
from kamdesk.db.queries.visits import VisitFilter, VisitRow, list_visits
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass

_MOST_LATE = 1000
CADENCE_DAYS = {"A": 10, "B": 30, "C": 90}
"""How often a customer of each segment is to be seen, until a call plan says otherwise."""


@dataclass(frozen=True, slots=True)
class OverdueCustomer:
    """A customer that has not been seen within its segment's cadence."""

    id: str
    name: str
    segment: str
    last_visit: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was left half-typed."""

    id: str
    form: str
    title: str
    saved_at: datetime | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the first page. `overdue`: None where it was not asked for."""

    visits: tuple[VisitRow, ...]
    coming: tuple[VisitRow, ...]
    reported: tuple[VisitRow, ...]
    tasks: tuple[TaskRow, ...]
    overdue: tuple[OverdueCustomer, ...] | None
    drafts: tuple[Draft, ...]
    to_decide: tuple[PromotionRow, ...]
    returned: tuple[PromotionRow, ...]
    issues: int
    replaced: int
    """Values of the user's that others replaced, which he has not looked at."""
    customers: int


def agenda(reader: Reader, *, user_id: str, today: date, decides: bool = False) -> Today:
    """Return the first page of one user for one day, without the overdue customers: they have to be searched for.

    `decides`: with the requests that wait for an answer.
    """
    planned = list_visits(
        reader,
        VisitFilter(state="planned", owner_id=user_id, until=today + timedelta(days=7)),
        offset=0,
        limit=100,
    )
    reported = VisitFilter(state="reported", owner_id=user_id, since=today, until=today)
    return Today(
        visits=tuple(row for row in planned if row.held_on is not None and row.held_on <= today),
        coming=tuple(row for row in planned if row.held_on is not None and row.held_on > today),
        reported=tuple(list_visits(reader, reported, offset=0, limit=50)),
        tasks=tuple(
            list_tasks(
                reader,
                TaskFilter(assignee_id=user_id, due_until=today + timedelta(days=14)),
                offset=0,
                limit=50,
            )
        ),
        overdue=None,
        drafts=tuple(drafts(reader)),
        to_decide=tuple(to_decide(reader, user_id=user_id, limit=20) if decides else ()),
        returned=tuple(returned_to(reader, user_id=user_id, limit=20)),
        issues=_open_issues(reader, "<>"),
        replaced=_open_issues(reader, "="),
        customers=int(reader.value("SELECT count(*) FROM (SELECT 1 FROM customer LIMIT 1)") or 0),
    )


def _open_issues(reader: Reader, compared: str) -> int:
    return int(
        reader.value(
            f"SELECT count(*) FROM sync_issue WHERE state = 'open' AND type {compared} 'replaced'"
        )
        or 0
    )


def overdue_customers(reader: Reader, *, today: date, limit: int = 30) -> list[OverdueCustomer]:
    """Return the customers with a segment that were not seen in time, the worst first."""
    # One walk through the index of visits: asking it for each of 100,000 customers takes seconds (measured)
    latest = reader.rows(
        "SELECT customer_id, max(held_on) AS last FROM visit INDEXED BY visit_by_customer"
        " WHERE +state IN ('completed','submitted','reviewed') GROUP BY customer_id"
        " HAVING last < ? ORDER BY last LIMIT ?",
        (today - timedelta(days=min(CADENCE_DAYS.values()))).isoformat(),
        _MOST_LATE,
    )
    last_of = dict(iter(latest))
    rows = reader.rows(
        "SELECT c.id, c.name, c.segment FROM customer c WHERE c.id IN (SELECT value FROM json_each(?))"
        " AND c.segment IN ('A','B','C') AND coalesce(c.status, 'active') = 'active'",
        json.dumps(list(last_of)),
    )
    late = []
    for customer_id, name, segment in rows:
        last = day(last_of[customer_id])
        if last is None:
            continue
        days = (today - last).days
        if days > CADENCE_DAYS[segment]:
            late.append(OverdueCustomer(customer_id, name, segment, last, days))
    late.sort(key=lambda one: (CADENCE_DAYS[one.segment] - one.days, one.name))
    return late[:limit]


def drafts(reader: Reader) -> list[Draft]:
    """Return the half-typed forms, the latest first."""
    rows = reader.rows(
        "SELECT id, form, coalesce(title, ''), saved_at, data FROM draft ORDER BY saved_at DESC LIMIT 50"
    )
    return [Draft(row[0], row[1], row[2], instant(row[3]), json.loads(row[4])) for row in rows]
