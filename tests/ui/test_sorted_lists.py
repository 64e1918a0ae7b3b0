"""Lists sorted by keyboard and by heading, as this user had them last; and the model behind them, as Qt wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from kamdesk.db.queries.customers import CustomerFilter
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.services.contracts import ContractEntry, draft_contract
from kamdesk.services.promotions import PromotionEntry, draft_request
from kamdesk.services.tasks import add_task
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.ui.kit.list_model import FIRST, Column, ListModel
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.window import MainWindow
from tests.ui.conftest import PROFILE
from tests.ui.hands import settled, until
from tests.unit.conftest import HUASHAN, MARY, ME

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
SCREENS = ("customers", "visits", "tasks", "promotions", "contracts")


@pytest.fixture
def store(store):
    store.actor = Actor(ME.user_id, Role.KAM, ME.name)

    def work_of_a_week(work):
        for number, customer in enumerate((MARY, HUASHAN, MARY)):
            day = f"2026-12-0{number + 1}"
            plan_visit(
                work, VisitEntry(new_id(), customer, held_on=_day(day), objective=f"{number}")
            )
            add_task(work, title=f"Task {number}", due_on=_day(day), customer_id=customer)
            draft_request(work, PromotionEntry(new_id(), customer, planned_on=_day(day)))
            draft_contract(work, ContractEntry(new_id(), customer, title=f"Supply {number}"))

    store.transact(Origin.USER, work_of_a_week)
    return store


def _day(text):
    return date.fromisoformat(text)


@pytest.fixture
def opened(store, line):
    return Opened(store, line, replace(PROFILE, role="KAM"), store.close)


def listed(window, tasks, name):
    window.show_screen(name, "")
    settled(tasks)
    return window.screens[name].table


def customers_of(table):
    return [getattr(one, "customer", None) or one.name for one in table.records.rows]


def sort_by_keyboard(window, name, times=1):
    """Ctrl+Shift+O, down to the customer, Enter."""
    table = window.screens[name].table
    for _ in range(times):
        window.activateWindow()
        QTest.keyClick(window, Qt.Key.Key_O, CTRL_SHIFT)
        until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
        menu = QApplication.activePopupWidget()
        assert QTest.qWaitForWindowExposed(menu)
        words = [one.text() for one in menu.actions()]
        assert words[-1] == "As it comes"
        at = next(at for at, one in enumerate(words) if one.startswith("Customer"))
        for _ in range(at + 1):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        until(lambda: QApplication.activePopupWidget() is None, "the menu goes")
    return table


@pytest.mark.parametrize("name", SCREENS)
def test_every_list_is_sorted_by_keyboard_and_stays_so(window, tasks, name, store, opened):
    table = listed(window, tasks, name)
    sort_by_keyboard(window, name)
    settled(tasks)
    found = customers_of(table)
    spelled = sorted(found, key=lambda one: "fu dan" if one.startswith("复旦") else one.lower())
    assert found == spelled
    assert len(set(found)) == 2
    assert table.horizontalHeader().isSortIndicatorShown()
    sort_by_keyboard(window, name)
    settled(tasks)
    assert customers_of(table) == spelled[::-1]
    assert table.horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.DescendingOrder


def test_the_order_is_kept_for_this_user_alone(qtbot, opened, tasks, store):
    kept = []
    first = MainWindow(opened, tasks, Preferences("", kept.append))
    qtbot.addWidget(first)
    first.show()
    qtbot.waitExposed(first)
    listed(first, tasks, "visits")
    sort_by_keyboard(first, "visits", times=2)
    settled(tasks)
    again = MainWindow(opened, tasks, Preferences(kept[-1], kept.append))
    qtbot.addWidget(again)
    again.show()
    table = listed(again, tasks, "visits")
    assert (table.sort, table.descending) == ("customer", True)
    assert customers_of(table)[0] == "St Mary's Hospital"
    other = Opened(store, opened.connection, replace(opened.profile, user_id=new_id()), store.close)
    theirs = MainWindow(other, tasks, Preferences(kept[-1], kept.append))
    qtbot.addWidget(theirs)
    theirs.show()
    assert listed(theirs, tasks, "visits").sort == ""


def test_an_order_of_another_version_is_none(qtbot, opened, tasks):
    kept = f'{{"sort.visits.{ME.user_id}": "colour down"}}'
    window = MainWindow(opened, tasks, Preferences(kept, lambda _: None))
    qtbot.addWidget(window)
    window.show()
    table = listed(window, tasks, "visits")
    assert (table.sort, table.descending) == ("", False)
    assert len(customers_of(table)) == 3


def test_a_heading_sorts_upwards_downwards_and_not_at_all(window, tasks):
    table = listed(window, tasks, "tasks")
    as_it_comes = customers_of(table)
    seen = []
    for _ in range(3):
        table.horizontalHeader().sectionClicked.emit(0)
        settled(tasks)
        seen.append([one.title for one in table.records.rows])
    assert seen[0] == ["Task 0", "Task 1", "Task 2"]
    assert seen[1] == seen[0][::-1]
    assert customers_of(table) == as_it_comes


# ---- the model


@pytest.fixture
def model(qtbot, tasks, store):
    """The model of a list of customers, whose filter is that of its holder."""
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.filter = CustomerFilter()
    columns = [Column("Customer", lambda one: one.name), Column("City", lambda one: one.city)]
    made = ListModel(tasks, columns, lambda: holder.filter, holder)
    made.holder = holder
    return made


def many(store, names):
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executemany(
            "INSERT INTO customer(id, _rev, _b, kind, name, segment) VALUES(?,1,'x','hospital',?,'B')",
            [(new_id(), name) for name in names],
        ),
    )


def test_the_model_is_one_that_qt_accepts_through_all_its_transitions(
    model, tasks, store, qtmodeltester
):
    """The tester looks at everything again at every signal of the model; what it finds fails the test."""
    qtmodeltester.check(model, force_py=True)
    assert model.rowCount() == 0
    model.refresh()
    settled(tasks)
    assert model.rowCount() == 2
    many(store, [f"Clinic {number:03}" for number in range(3 * FIRST)])
    model.refresh()
    settled(tasks)
    assert model.rowCount() == 3 * FIRST + 2  # most of it not read yet
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("DELETE FROM customer WHERE name LIKE 'Clinic 0_5'"),
    )
    many(store, ["Clinic 077a", "A clinic"])
    model.refresh()
    settled(tasks)
    assert model.rowCount() == 3 * FIRST - 6
    model.holder.filter = CustomerFilter(sort="name", descending=True)
    model.refresh()
    settled(tasks)
    assert model.line(0).name.startswith("St Mary")
    model.holder.filter = CustomerFilter(segment="C")
    model.refresh()
    settled(tasks)
    assert model.rowCount() == 0


def test_the_tester_finds_a_model_that_lies(model, tasks, qtmodeltester, qtbot):
    """The control: a row is said to go, and stays."""
    model.refresh()
    settled(tasks)
    qtmodeltester.check(model, force_py=True)
    with qtbot.capture_exceptions() as found:
        model.beginRemoveRows(QModelIndex(), 0, 0)
        model.endRemoveRows()
    assert found
