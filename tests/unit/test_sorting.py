"""Lists sorted by what the user chose: the same rows in order, both ways, what has no value last."""

from __future__ import annotations

import pytest

from kamdesk.db.queries import contracts, promotions, tasks, visits
from kamdesk.db.queries.contracts import ContractFilter, list_contracts
from kamdesk.db.queries.promotions import PromotionFilter, list_promotions
from kamdesk.db.queries.tasks import TaskFilter, list_tasks
from kamdesk.db.queries.visits import VisitFilter, list_visits
from kamdesk.domain.changes import Origin
from tests.unit.conftest import HUASHAN, MARY, ME

OTHER = "0192f0c1-0000-7000-8000-000000000002"
CUSTOMERS = (HUASHAN, MARY, None)
SPELLED = {"复旦大学附属华山医院": "fu dan", "St Mary's Hospital": "st mary's hospital"}


@pytest.fixture(autouse=True)
def _filled(store):
    """Seven records of each kind with every mixture of values, also missing ones."""

    def fill(work):
        for user, name in ((ME.user_id, "Wei"), (OTHER, "ann")):
            work.driver.execute(
                "INSERT INTO colleague(id, _rev, _b, name) VALUES(?,1,'ref',?)", (user, name)
            )
        for n in range(7):
            customer, owner = CUSTOMERS[n % 3], (ME.user_id, OTHER)[n % 2]
            day = f"2026-0{n * 3 % 7 + 1}-01"
            work.driver.execute(
                "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, state, held_on, held_at) "
                "VALUES(?,1,'x',?,?,?,?,?)",
                (
                    f"v{n}",
                    customer,
                    owner,
                    ("planned", "completed", "missed")[n % 3],
                    day,
                    f"1{n}:00",
                ),
            )
            work.driver.execute(
                "INSERT INTO task(id, _rev, _b, title, due_on, state, customer_id) VALUES(?,1,'x',?,?,?,?)",
                (f"t{n}", "bCaDeFG"[n], None if n == 3 else day, ("open", "done")[n % 2], customer),
            )
            work.driver.execute(
                "INSERT INTO promotion_request(id, _rev, _b, customer_id, owner_id, state, planned_on, "
                "estimate_minor, currency) VALUES(?,1,'x',?,?,?,?,?,?)",
                (
                    f"p{n}", customer, owner, ("submitted", "approved")[n % 2], day,
                    None if n == 2 else (900, 5, 70_000)[n % 3], ("CNY", "EUR")[n % 2],
                ),
            )  # fmt: skip
            work.driver.execute(
                "INSERT INTO contract(id, _rev, _b, customer_id, title, no, starts_on, ends_on, state, owner_id) "
                "VALUES(?,1,'x',?,?,?,?,?,?,?)",
                (
                    f"c{n}", customer, "bCaDeFG"[n], ("", "K-2", "K-10")[n % 3], day,
                    None if n == 5 else day, ("in_review", "active")[n % 2], owner,
                ),
            )  # fmt: skip

    store.transact(Origin.SYNC, fill)


def spelled(row):
    return SPELLED.get(row.customer)


KEYS = {
    "visits": {
        "held_on": lambda one: (one.held_on, one.held_at),
        "customer": spelled,
        "state": lambda one: one.state,
        "owner": lambda one: one.owner.lower(),
    },
    "tasks": {
        "title": lambda one: one.title.lower(),
        "customer": spelled,
        "due_on": lambda one: one.due_on,
        "state": lambda one: one.state,
    },
    "promotions": {
        "planned_on": lambda one: one.planned_on,
        "customer": spelled,
        "estimate": lambda one: one.estimate and (one.estimate.currency, one.estimate.minor),
        "state": lambda one: one.state,
        "owner": lambda one: one.owner.lower(),
    },
    "contracts": {
        "customer": spelled,
        "title": lambda one: one.title.lower(),
        "no": lambda one: one.no or None,
        "starts_on": lambda one: one.starts_on,
        "ends_on": lambda one: one.ends_on,
        "state": lambda one: one.state,
    },
}
LISTS = {
    "visits": (list_visits, VisitFilter, {}),
    "tasks": (list_tasks, TaskFilter, {"state": ""}),
    "promotions": (list_promotions, PromotionFilter, {"user_id": ME.user_id}),
    "contracts": (list_contracts, ContractFilter, {"user_id": ME.user_id}),
}
ALL = [(name, sort) for name, sorts in KEYS.items() for sort in sorts]


def test_every_way_to_sort_is_tried_here():
    rooms = {"visits": visits, "tasks": tasks, "promotions": promotions, "contracts": contracts}
    for name, room in rooms.items():
        assert {*room.SORTS} == {*KEYS[name]}


@pytest.mark.parametrize(("name", "sort"), ALL)
def test_a_list_is_sorted_both_ways_with_the_same_rows(store, name, sort):
    read, wanted, fixed = LISTS[name]

    def rows(**how):
        return store.read(lambda one: read(one, wanted(**fixed, **how), offset=0, limit=99))

    key = KEYS[name][sort]
    up, down = rows(sort=sort), rows(sort=sort, descending=True)
    assert {one.id for one in up} == {one.id for one in down} == {one.id for one in rows()}
    for found, backwards in ((up, False), (down, True)):
        keys = [key(one) for one in found]
        known = [one for one in keys if one is not None]
        assert keys == sorted(known, reverse=backwards) + [None] * (len(keys) - len(known))
    assert len(up) == 7
