"""The team's screen: one line for each, and the way into his work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.period import Period
from kamdesk.domain.session import Opened
from tests.ui.conftest import PROFILE
from tests.unit.conftest import HUASHAN, MARY


@pytest.fixture
def role():
    return "KAM"


@pytest.fixture
def opened(store, line, role):
    return Opened(store, line, replace(PROFILE, role=role), store.close)


@pytest.fixture
def store(store):
    today = clock.today().isoformat()

    def fill(work):
        for one in (
            ("v1", HUASHAN, "li", "completed", today),
            ("v2", MARY, "wu", "completed", today),
            ("v3", MARY, "wu", "completed", "2020-01-01"),
        ):
            work.driver.execute(
                "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, state, held_on)"
                " VALUES(?, 1, 'acct:x', ?, ?, ?, ?)",
                one,
            )
        work.driver.execute(
            "INSERT INTO promotion_request(id, _rev, _b, customer_id, owner_id, state, planned_on, estimate_minor,"
            " currency) VALUES('p1', 1, 'acct:x', ?, 'wu', 'submitted', ?, 1200000, 'CNY')",
            (MARY, today),
        )
        work.driver.execute(
            "INSERT INTO colleague(id, _rev, _b, name, role) VALUES('li', 1, 'ref', 'Li', 'REP'),"
            " ('wu', 1, 'ref', 'Wu', 'REP')"
        )

    store.transact(Origin.SYNC, fill)
    return store


def shown(table) -> list[list[str]]:
    model = table.records
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_team_is_counted_and_leads_to_the_visits_of_one(window, qtbot):
    window.show_screen("team", "")
    page = window.screens["team"]
    qtbot.waitUntil(lambda: page.table.records.rowCount() == 2)
    li, wu = shown(page.table)
    assert (li[:4], li[6]) == (["Li", "Representative", "1", "1"], "—")
    assert (wu[:4], wu[6]) == (["Wu", "Representative", "1", "1"], "1 · ¥12,000")
    assert "visits 2" in page.sums.text()
    page.period.choose(Period.ANY)
    qtbot.waitUntil(lambda: shown(page.table)[1][2] == "2")
    page.table.choose("wu")
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    visits = window.screens["visits"]
    qtbot.waitUntil(lambda: {one.owner for one in visits.table.records.rows} == {"Wu"})
    assert visits.team.currentText() == "Wu"
    assert len(visits.table.records.rows) == 2
    visits.period.choose(Period.THIS_MONTH)
    qtbot.waitUntil(lambda: len(visits.table.records.rows) == 1)


@pytest.mark.parametrize("role", ["REP"])
def test_a_rep_has_no_team(window, role):
    assert "team" not in window.rail.shown
