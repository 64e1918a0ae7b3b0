"""How the first rows of the great lists are found: along an index, in its order, whatever the number of records."""

from __future__ import annotations

from datetime import date

import pytest

from kamdesk.db import bulk
from kamdesk.db.queries.customers import CustomerFilter
from kamdesk.db.queries.tasks import TaskFilter, list_tasks
from kamdesk.db.queries.today import overdue_customers
from kamdesk.db.queries.visits import VisitFilter
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from tests.unit.conftest import HUASHAN, ME

DAY = date(2026, 11, 25)


def plans(store, wanted):
    """Return SQLite's plan for each part of a list."""

    def read(reader):
        return [
            " / ".join(
                row[3]
                for row in reader.rows(
                    f"EXPLAIN QUERY PLAN SELECT {order.number} FROM {leg.source} ORDER BY {leg.order}",
                    *leg.values,
                )
            )
            for order in (wanted.order(reader),)
            for leg in order.legs
        ]

    return store.read(read)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CustomerFilter(), "customer_by_tier"),
        (CustomerFilter(sort="name"), "customer_by_name"),
        (CustomerFilter(sort="name", descending=True), "customer_by_name"),
        (CustomerFilter(sort="city"), "customer_by_city"),
        (VisitFilter(), "visit_by_day"),
        (VisitFilter(until=DAY), "visit_by_day"),
        (TaskFilter(), "task_open"),
        (TaskFilter(assignee_id=ME.user_id, due_until=DAY), "task_open"),
    ],
)
def test_rows_come_in_the_order_of_an_index(store, wanted, index):
    for plan in plans(store, wanted):
        assert f"INDEX {index}" in plan
        assert "TEMP B-TREE" not in plan


def test_planned_visits_are_found_among_the_open_ones(store):
    (plan,) = plans(store, VisitFilter(state="planned", owner_id=ME.user_id, until=DAY))
    assert "INDEX visit_open (held_on<?)" in plan


def test_who_was_not_seen_is_told_from_the_index_alone(store):
    asked = []

    def read(reader):
        run = reader.rows

        def rows(sql, *values):
            if "GROUP BY customer_id" in sql:
                asked.extend(row[3] for row in run(f"EXPLAIN QUERY PLAN {sql}", *values))
            return run(sql, *values)

        reader.rows = rows
        overdue_customers(reader, today=DAY)

    store.read(read)
    assert any("COVERING INDEX visit_by_customer" in plan for plan in asked)


def test_open_tasks_come_by_due_day_those_without_one_last_low_ones_behind_their_like(store):
    rows = [
        ("late", "2026-11-01", "normal"), ("low", "2026-11-20", "low"), ("high", "2026-11-20", "high"),
        ("any day", None, "normal"), ("any day, low", None, "low"), ("done", "2026-10-01", "normal"),
    ]  # fmt: skip

    def fill(work):
        work.driver.executemany(
            "INSERT INTO task(id, _rev, _b, title, due_on, priority, state, assignee_id)"
            " VALUES(?1,1,'acct:x',?1,?2,?3,CASE WHEN ?1 = 'done' THEN 'done' ELSE 'open' END,'me')",
            rows,
        )

    store.transact(Origin.SYNC, fill)
    found = store.read(lambda reader: list_tasks(reader, TaskFilter(), offset=0, limit=10))
    assert [one.title for one in found] == ["late", "high", "low", "any day", "any day, low"]


def test_what_an_import_brought_is_looked_up_by_its_record_when_it_is_taken_back(store):
    asked = []

    def take_back(work):
        run = work.reader.rows

        def rows(sql, *values):
            if "NOT EXISTS (SELECT 1 FROM sync_op" in sql:
                asked.extend(row[3] for row in run(f"EXPLAIN QUERY PLAN {sql}", *values))
            return run(sql, *values)

        work.reader.rows = rows
        bulk.delete_many(work, SPECS["customer"], [HUASHAN], job="job")

    store.transact(Origin.USER, take_back)
    assert any("sync_op_queued (kind=? AND id=?)" in plan for plan in asked), asked
