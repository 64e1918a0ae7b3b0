"""Pages of many lines are made a part at a time, and only where somebody looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.ui.kit import filler
from kamdesk.ui.kit.bits import row, text
from kamdesk.ui.kit.tabs import LazyTabs, Tab
from tests.ui.conftest import PROFILE
from tests.ui.hands import press, settled, until
from tests.unit.conftest import HUASHAN

POLISHED = Qt.WidgetAttribute.WA_WState_Polished


class Played:
    """Tabs whose making is written down."""

    def __init__(self, qtbot):
        self.made = []
        self.tabs = LazyTabs()
        qtbot.addWidget(self.tabs)
        self.tabs.show()

    def tab(self, name, count):
        def lines():
            for number in range(count):
                self.made.append(f"{name}{number}")
                yield text(f"{name}{number}")

        return Tab(name, lines, "inbox", f"no {name}")

    def seen(self):
        return [one.text() for one in self.tabs.findChildren(QLabel) if one.isVisible()]


@pytest.fixture
def played(qtbot, spoken):
    return Played(qtbot)


def test_only_the_tab_on_top_is_made(played):
    played.tabs.show_tabs([played.tab("a", 2), played.tab("b", 3)])
    until(lambda: not played.tabs.is_filling)
    assert played.made == ["a0", "a1"]
    played.tabs.setCurrentIndex(1)
    until(lambda: not played.tabs.is_filling)
    assert played.made == ["a0", "a1", "b0", "b1", "b2"]
    played.tabs.setCurrentIndex(0)
    played.tabs.setCurrentIndex(1)
    assert len(played.made) == 5


def test_many_lines_are_made_in_slices_and_all_of_them_in_order(played, monkeypatch):
    monkeypatch.setattr(filler, "SLICE_SECONDS", 0)
    played.tabs.show_tabs([played.tab("a", 40)])
    until(lambda: played.made)
    assert len(played.made) < 40
    assert played.tabs.is_filling
    until(lambda: not played.tabs.is_filling)
    QTest.qWait(20)
    assert [one for one in played.seen() if one] == [f"a{number}" for number in range(40)]


def test_a_line_is_shown_within_its_slice(played):
    """Shown by events of its own, what it costs to style it would be in no slice."""
    shown = []

    def lines():
        for number in range(3):
            label = text(f"a{number}")
            yield row(label, text("b"))
            shown.append(label.isVisible() and label.testAttribute(POLISHED))

    played.tabs.show_tabs([Tab("a", lines, "inbox")])
    until(lambda: not played.tabs.is_filling)
    assert shown == [True] * 3


def test_a_tab_that_was_left_half_made_is_made_again(played, monkeypatch):
    monkeypatch.setattr(filler, "SLICE_SECONDS", 0)
    played.tabs.show_tabs([played.tab("a", 9), played.tab("b", 2)])
    played.tabs.setCurrentIndex(1)
    until(lambda: not played.tabs.is_filling)
    played.tabs.setCurrentIndex(0)
    until(lambda: not played.tabs.is_filling)
    QTest.qWait(20)
    assert [one for one in played.seen() if one] == [f"a{number}" for number in range(9)]


def test_the_next_record_takes_the_place_of_the_one_before(played):
    played.tabs.show_tabs([played.tab("a", 3)])
    played.tabs.show_tabs([played.tab("b", 0)])
    until(lambda: not played.tabs.is_filling)
    QTest.qWait(20)
    assert [one for one in played.seen() if one] == ["no b"]


def test_of_what_is_hidden_nothing_is_made_until_it_is_shown(played):
    played.tabs.hide()
    played.tabs.show_tabs([played.tab("a", 3)])
    QTest.qWait(40)
    assert played.made == []
    assert played.tabs.is_filling
    played.tabs.show()
    until(lambda: not played.tabs.is_filling)
    assert played.made == ["a0", "a1", "a2"]


def test_a_newer_record_takes_the_place_of_one_that_was_never_shown(played):
    played.tabs.hide()
    played.tabs.show_tabs([played.tab("a", 3)])
    QTest.qWait(40)
    played.tabs.show_tabs([played.tab("b", 2)])
    played.tabs.show()
    until(lambda: not played.tabs.is_filling)
    assert played.made == ["b0", "b1"]


def test_tabs_made_ahead_hold_the_first_record_also_where_only_some_were(played):
    steps = played.tabs.prepare(2)
    next(steps)
    played.tabs.show_tabs([played.tab("a", 1), played.tab("b", 1)])
    until(lambda: not played.tabs.is_filling)
    assert list(steps) == []
    assert [played.tabs.tabText(number) for number in range(played.tabs.count())] == ["a", "b"]
    assert played.made == ["a0"]


def test_a_day_that_is_not_looked_at_is_made_when_it_is(window, store, tasks):
    page = window.screens["today"]
    window.show_screen("customers", "")
    settled(tasks)
    page.refresh()  # as when its answer comes after somebody has gone on to another screen
    page._shown = None
    settled(tasks)
    assert page.is_filling
    window.show_screen("today", "")
    until(lambda: not page.is_filling)
    assert [
        one for one in page.findChildren(QLabel) if one.isVisible() and one.text() == "Visits today"
    ]


def test_a_day_of_many_visits_shows_the_first_leads_to_all_and_stays_where_it_is(
    window, store, tasks, monkeypatch
):
    monkeypatch.setattr(filler, "SLICE_SECONDS", 0)

    def plan(work, count, since=0):
        work.driver.executemany(
            "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, kind, state, held_on, version)"
            " VALUES(?,1,'acct:x',?,?,'call','planned',?,1)",
            (
                (f"v{number}", HUASHAN, PROFILE.user_id, str(clock.today() + timedelta(1)))
                for number in range(since, since + count)
            ),
        )
        work.touch("visit")

    page = window.screens["today"]
    store.transact(Origin.SYNC, lambda work: plan(work, 60))
    settled(tasks)
    until(lambda: not page.is_filling)
    named = [one for one in page.findChildren(QLabel) if one.isVisible() and "华山" in one.text()]
    assert len(named) == 12
    QTest.qWait(20)
    bar = page._inside.parentWidget().parentWidget().verticalScrollBar()
    bar.setValue(100)
    store.transact(Origin.SYNC, lambda work: plan(work, 1, 60))
    settled(tasks)
    until(lambda: not page.is_filling)
    assert len(page._shown.coming) == 61
    assert bar.value() == 100
    press(page, "Show all 61")
    assert window.stack.currentWidget().name == "visits"
    settled(tasks)
