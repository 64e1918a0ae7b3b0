"""The team at a glance: counted by person and period, from there into anybody's work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kamdesk.db.queries.promotions import PromotionFilter, sum_promotions
from kamdesk.db.queries.team import Requests, sum_requests, team_overview
from kamdesk.domain.changes import Origin
from kamdesk.domain.money import Money
from kamdesk.domain.period import Period, bounds
from tests.unit.conftest import HUASHAN, MARY

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.THIS_MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Period.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        (Period.THIS_QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        (Period.LAST_90_DAYS, TODAY - timedelta(days=89), TODAY),
        (Period.THIS_YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        (Period.ANY, None, None),
    ],
)
def test_periods_move_with_today(period, first, last):
    assert bounds(period, TODAY) == (first, last)


def test_periods_around_the_turn_of_the_year():
    assert bounds(Period.LAST_MONTH, date(2027, 1, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert bounds(Period.THIS_MONTH, date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 2, 29))


@pytest.fixture
def store(store):
    visits = [
        ("v1", HUASHAN, "li", "completed", "2026-11-03", "2026-11-10"),
        ("v2", HUASHAN, "li", "reviewed", "2026-11-20", "2026-11-30"),  # settles the step of v1
        ("v3", MARY, "li", "submitted", "2026-10-30", "2026-11-05"),  # overdue
        ("v4", MARY, "li", "planned", "2026-11-28", None),
        ("v5", MARY, "li", "amended", "2026-11-02", "2026-11-03"),
        ("v6", MARY, "wu", "missed", "2026-11-02", None),
    ]
    requests = [
        ("p1", "li", "submitted", "2027-01-05", 100_00, "CNY"),
        ("p2", "li", "submitted", "2026-11-30", 50_00, "CNY"),
        ("p3", "li", "submitted", "2026-11-30", 70_00, "EUR"),
        ("p4", "li", "approved", "2026-11-12", 30_00, "CNY"),
        ("p5", "li", "approved", "2026-10-12", 99_00, "CNY"),
        ("p6", "li", "draft", "2026-11-12", 99_00, "CNY"),
    ]

    def fill(work):
        for one in visits:
            work.driver.execute(
                "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, state, held_on, next_step_due)"
                " VALUES(?, 1, 'acct:x', ?, ?, ?, ?, ?)",
                one,
            )
        for one in requests:
            work.driver.execute(
                "INSERT INTO promotion_request(id, _rev, _b, owner_id, state, planned_on, estimate_minor, currency)"
                " VALUES(?, 1, 'acct:x', ?, ?, ?, ?, ?)",
                one,
            )
        work.driver.execute(
            "INSERT INTO colleague(id, _rev, _b, name, role) VALUES('li', 1, 'ref', 'Li', 'REP'),"
            " ('wu', 1, 'ref', 'Wu', 'REP'), ('no', 1, 'ref', 'Nobody', 'REP')"
        )

    store.transact(Origin.SYNC, fill)
    return store


def test_everybody_is_counted_by_period(store):
    since, until = bounds(Period.THIS_MONTH, TODAY)
    li, wu = store.read(lambda reader: team_overview(reader, since=since, until=until, today=TODAY))
    assert (li.name, li.reported, li.customers, li.planned) == ("Li", 2, 1, 1)
    assert (li.last_visit, li.overdue) == (date(2026, 11, 20), 1)
    assert li.open == Requests(3, (Money(150_00, "CNY"), Money(70_00, "EUR")))
    assert li.approved == Requests(1, (Money(30_00, "CNY"),))
    assert (wu.name, wu.reported, wu.last_visit, wu.open) == ("Wu", 0, None, Requests())
    ever = store.read(lambda reader: team_overview(reader, since=None, until=None, today=TODAY))
    assert (ever[0].reported, ever[0].approved.count) == (3, 2)


def test_sums_of_several_people_never_mix_currencies():
    one = Requests(2, (Money(10, "CNY"), Money(5, "EUR")))
    assert sum_requests([one, Requests(1, (Money(7, "CNY"),)), Requests()]) == Requests(
        3, (Money(17, "CNY"), Money(5, "EUR"))
    )


def test_requests_are_filtered_by_the_day_they_are_planned_for(store):
    since, until = bounds(Period.THIS_MONTH, TODAY)
    wanted = PromotionFilter(user_id="kam", since=since, until=until)
    found = store.read(lambda reader: sum_promotions(reader, wanted))
    assert (found.count, found.sums) == (3, (Money(80_00, "CNY"), Money(70_00, "EUR")))
    assert found.by_state == {"submitted": 2, "approved": 1}
