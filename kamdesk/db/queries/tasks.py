"""Tasks: the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kamdesk.db.queries import day, instant, sending
from kamdesk.db.reader import Reader


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a list of tasks. `sending`: saved, sent or confirmed."""

    id: str
    title: str
    due_on: date | None
    priority: str
    state: str
    customer_id: str
    customer: str
    visit_id: str
    done_at: datetime | None
    sending: str


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What the list shows. `state`: "open", "done" (done and dropped) or "" for all."""

    state: str = "open"
    assignee_id: str = ""
    customer_id: str = ""
    due_until: date | None = None


_LINE = f"""
SELECT t.id, coalesce(t.title, ''), t.due_on, coalesce(t.priority, 'normal'), coalesce(t.state, ''),
  coalesce(t.customer_id, ''), coalesce(c.name, ''), coalesce(t.visit_id, ''), t.done_at, {sending("task", "t")}
FROM task t LEFT JOIN customer c ON c.id = t.customer_id"""


def list_tasks(reader: Reader, wanted: TaskFilter, *, offset: int, limit: int) -> list[TaskRow]:
    """Return a page of tasks: open ones by due day, finished ones by latest first."""
    clause, values = _where(wanted)
    order = (
        "t.done_at DESC, t.id"
        if wanted.state == "done"
        else "t.due_on NULLS LAST, t.priority = 'low', t.id"
    )
    rows = reader.rows(
        f"{_LINE} WHERE {clause} ORDER BY {order} LIMIT ? OFFSET ?", *values, limit, offset
    )
    return [
        TaskRow(
            row[0],
            row[1],
            day(row[2]),
            row[3],
            row[4],
            row[5],
            row[6],
            row[7],
            instant(row[8]),
            row[9],
        )
        for row in rows
    ]


def count_tasks(reader: Reader, wanted: TaskFilter) -> int:
    """Return how many tasks the filter leaves."""
    clause, values = _where(wanted)
    return int(reader.value(f"SELECT count(*) FROM task t WHERE {clause}", *values))


def _where(wanted: TaskFilter) -> tuple[str, list[object]]:
    clauses, values = ["1"], list[object]()
    if wanted.state == "open":
        clauses.append("t.state = 'open'")
    elif wanted.state == "done":
        clauses.append("t.state IN ('done','dropped')")
    for column, value in (
        ("t.assignee_id = ?", wanted.assignee_id),
        ("t.customer_id = ?", wanted.customer_id),
    ):
        if value:
            clauses.append(column)
            values.append(value)
    if wanted.due_until is not None:
        clauses.append("t.due_on <= ?")
        values.append(wanted.due_until.isoformat())
    return " AND ".join(clauses), values
