"""Tasks: the list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar

from kamdesk.db.queries import day, instant, sending
from kamdesk.db.queries.listing import Leg, Order, name_of_customer, page, read_lines, sorted_by
from kamdesk.db.queries.narrowing import Narrowing
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a list of tasks. `sending`: saved, sent, asking or confirmed."""

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
    """What the list shows. `state`: "open", "done" (done and dropped) or "" for all. `sort`: a key of `SORTS`."""

    state: str = "open"
    assignee_id: str = ""
    customer_id: str = ""
    due_until: date | None = None
    sort: str = ""
    descending: bool = False
    kind: ClassVar[str] = "task"

    def order(self, _reader: Reader) -> Order:
        """Prepare the order of the rows: open ones by due day, finished ones by latest first."""
        where = _where(self)
        if self.sort:
            chosen = sorted_by(SORTS[self.sort], "t._n", descending=self.descending)
            return Order("t._n", (Leg(f"task t WHERE {where.sql}", chosen, where.values),))
        if self.state == "done":
            legs = [Leg(f"task t WHERE {where.sql}", "t.done_at DESC, t._n", where.values)]
        else:
            # In two parts, so that those that are open come in the order of their index
            legs = [
                Leg(
                    f"task t WHERE {where.sql} AND t.due_on IS NOT NULL",
                    "t.due_on, t.priority = 'low', t._n",
                    where.values,
                )
            ]
            if self.due_until is None:
                without = f"task t WHERE {where.sql} AND t.due_on IS NULL"
                legs.append(Leg(without, "t.priority = 'low', t._n", where.values))
        return Order("t._n", tuple(legs))

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, TaskRow]:
        """Return the rows of these numbers."""
        return read_lines(reader, _LINE, "t._n", numbers, _line)


SORTS = {
    "title": "lower(t.title)",
    "customer": name_of_customer("t"),
    "due_on": "t.due_on",
    "state": "t.state",
}
"""What the list can be sorted by."""

_LINE = f"""
SELECT t.id, coalesce(t.title, ''), t.due_on, coalesce(t.priority, 'normal'), coalesce(t.state, ''),
  coalesce(t.customer_id, ''), coalesce(c.name, ''), coalesce(t.visit_id, ''), t.done_at, {sending("task", "t")}, t._n
FROM task t LEFT JOIN customer c ON c.id = t.customer_id"""


def _line(row: tuple[Any, ...]) -> TaskRow:
    values = [*row[:2], day(row[2]), *row[3:8], instant(row[8]), row[9]]
    return TaskRow(*values)


def list_tasks(reader: Reader, wanted: TaskFilter, *, offset: int, limit: int) -> list[TaskRow]:
    """Return some tasks of a list."""
    return page(reader, wanted, offset=offset, limit=limit)


def _where(wanted: TaskFilter) -> Narrowing:
    where = Narrowing("t", "1")
    if wanted.state == "open":
        where.add("t.state = 'open'")
    elif wanted.state == "done":
        where.add("t.state IN ('done','dropped')")
    where.equal(assignee_id=wanted.assignee_id, customer_id=wanted.customer_id)
    where.between("due_on", None, wanted.due_until)
    return where
