"""Open prices that are dots until somebody holds them, and what is put on record then."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest

from kamdesk.domain.changes import Origin
from kamdesk.ui.kit.held import Held
from kamdesk.ui.price_lock import HELD, LOCKS, MASKING, MINIMISED
from kamdesk.ui.screens.contract_list import Contracts
from tests.ui.test_contracts import (  # noqa: F401  # fixtures
    PASSPHRASE,
    _cheap_passphrases,
    form,
    keys,
    lock,
    opened,
    policy,
    role,
    rows,
    saved,
    settle,
    show,
    start_grid,
    store,
    type_line,
)
from tests.ui.test_sealed_texts import MARK, TOLD, sealed_visit

DOTS = "••••••"


def page_of(window) -> Contracts:
    return window.findChild(Contracts)


def cell(table, row: int, key: str) -> str:
    return str(table.lines.index(row, table.lines.keys.index(key)).data())


def looks(store) -> list[str]:
    return [row[0] for row in rows(store, "SELECT what FROM reveal ORDER BY n")]


@pytest.fixture
def table(form, qtbot, window, tasks):
    saved(form, qtbot, window, tasks, locked=False)
    window.prefer(MASKING, HELD)
    window.show_screen("contracts", form.entry_id)
    page = page_of(window)
    qtbot.waitUntil(lambda: page._lines is not None and page._lines.isVisible())
    settle(qtbot, tasks)
    return page._lines


def test_masked_prices_are_dots_though_they_are_open_until_a_line_is_held(
    table, qtbot, store, tasks, window
):
    page = page_of(window)
    before = looks(store)
    QTest.keyPress(table, Qt.Key.Key_Space)  # nothing was chosen yet: the first line
    assert cell(table, 0, "net") not in {DOTS, "—"}
    QTest.keyRelease(table, Qt.Key.Key_Space)
    assert (cell(table, 0, "net"), page._total.text()) == (DOTS, DOTS)
    assert page._hint.isVisible()
    place = table.visualRect(table.lines.index(0, 1)).center()
    QTest.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert cell(table, 0, "net") not in {DOTS, "—"}
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert cell(table, 0, "net") == DOTS
    QTest.keyPress(table, Qt.Key.Key_Space)
    assert cell(table, 0, "net") not in {DOTS, "—"}
    QTest.keyRelease(table, Qt.Key.Key_Space)
    assert cell(table, 0, "net") == DOTS
    settle(qtbot, tasks)
    assert looks(store)[len(before) :] == ["held"] * 3


def test_the_total_is_held_too_and_what_is_locked_is_not_shown(table, qtbot, store, tasks, window):
    total = page_of(window)._total
    assert isinstance(total, Held)
    QTest.keyPress(total, Qt.Key.Key_Space)
    assert "CNY" in total.text()
    QTest.keyRelease(total, Qt.Key.Key_Space)
    assert total.text() == DOTS
    window.desk.prices.lock()
    QTest.mousePress(total, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert total.text() == DOTS
    QTest.mouseRelease(total, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


def test_without_the_choice_they_are_shown_as_long_as_they_are_open(
    table, qtbot, store, tasks, window
):
    window.prefer(MASKING, "")
    settle(qtbot, tasks)
    assert cell(table, 0, "net") not in {DOTS, "—"}
    assert "CNY" in page_of(window)._total.text()
    assert not page_of(window)._hint.isVisible()


def test_a_price_is_seen_while_it_is_typed_and_not_after(form, qtbot, window, tasks):
    window.prefer(MASKING, HELD)
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "10", "box", "250", "240", "739148.26", "3")
    rows_ = form.lines.rows
    net = rows_.index(0, rows_.keys.index("net"))
    assert net.data() == DOTS
    assert net.data(Qt.ItemDataRole.EditRole) == "739148.26"
    assert form.total.text() == DOTS


def test_a_sealed_text_is_held_to_be_read(window, store, qtbot, tasks, lock):
    lock.open("prices are shut behind this")
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    visit = sealed_visit(window, qtbot)
    window.prefer(MASKING, HELD)
    window.show_screen("visits", visit)
    found: list[Held] = []

    def shown() -> bool:
        found[:] = [one for one in window.findChildren(Held) if one.isVisible()]
        return len(found) == 1

    qtbot.waitUntil(shown)
    [label] = found
    assert label.text() == DOTS
    QTest.mousePress(label, Qt.MouseButton.LeftButton)
    assert label.text() == TOLD
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton)
    assert label.text() == DOTS
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", visit) == [("held",)]
    window.desk.prices.lock()
    qtbot.waitUntil(lambda: shown() and found[0].text() == DOTS)
    QTest.keyPress(found[0], Qt.Key.Key_Space)
    assert found[0].text() == MARK
    QTest.keyRelease(found[0], Qt.Key.Key_Space)


@pytest.mark.parametrize("what", ["visits", "contracts"])
def test_who_opens_prices_elsewhere_has_not_seen_what_is_behind(
    window, store, qtbot, tasks, lock, what, request
):
    """On record is what somebody saw: when it is on the screen, and not before."""
    if what == "visits":
        lock.open("prices are shut behind this")
        qtbot.waitUntil(lambda: window.desk.prices.is_open)
        record = sealed_visit(window, qtbot)
    else:
        form = request.getfixturevalue("form")
        saved(form, qtbot, window, tasks, locked=False)
        record = form.entry_id
    window.show_screen(what, record)
    settle(qtbot, tasks)
    window.desk.prices.lock()
    window.show_screen("today", "")
    settle(qtbot, tasks)
    store.transact(Origin.SYNC, lambda work: work.driver.execute("DELETE FROM reveal"))
    lock.open("prices are shut behind this")
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    settle(qtbot, tasks)
    assert looks(store) == ["unlocked"]
    window.show_screen(what, "")
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", record) == [("shown",)]


def test_dots_that_become_a_text_while_they_are_behind_are_on_record_when_it_is_seen(
    window, store, qtbot, tasks, lock
):
    lock.open("prices are shut behind this")
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    visit = sealed_visit(window, qtbot)
    window.prefer(MASKING, HELD)
    window.show_screen("visits", visit)
    settle(qtbot, tasks)
    window.show_screen("settings", "")
    window.prefer(MASKING, "")
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", visit) == []
    window.show_screen("visits", "")
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", visit) == [("shown",)]
    window.desk.prices.lock()
    window.prefer(MASKING, HELD)
    lock.open("prices are shut behind this")
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    window.prefer(MASKING, "")
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", visit) == [("shown",)] * 2


class Mask(QObject):
    changed = Signal(object)
    masked, looked = Signal(), Signal(object, str)
    is_masked = is_open = True

    def set(self, *, on: bool) -> None:
        self.is_masked = on
        self.masked.emit()


def test_a_hold_that_ends_while_nothing_is_masked_has_ended(qtbot):
    lock = Mask()
    label = Held(lock, lambda: "23.50", "line")
    qtbot.addWidget(label)
    label.show()
    qtbot.mousePress(label, Qt.MouseButton.LeftButton)
    assert label.text() == "23.50"
    lock.set(on=False)
    qtbot.mouseRelease(label, Qt.MouseButton.LeftButton)
    lock.set(on=True)
    assert label.text() == DOTS


def test_what_head_office_decides_goes_before_what_the_user_chose(table, window, lock, qtbot):
    window.prefer(MASKING, "")
    assert cell(table, 0, "net") not in {DOTS, "—"}
    window.show_screen("settings", "")
    card = window.screens["settings"].masks
    assert not card.decided.isVisibleTo(card)
    lock.set_masked(on=True)  # as reconciliation does
    qtbot.waitUntil(lambda: cell(table, 0, "net") == DOTS)
    qtbot.waitUntil(lambda: card.decided.isVisible())
    assert not card.choice.isEnabled()
    lock.set_masked(on=False)
    qtbot.waitUntil(lambda: cell(table, 0, "net") not in {DOTS, "—"})
    qtbot.waitUntil(card.choice.isEnabled)
    assert not card.decided.isVisible()


@pytest.mark.parametrize("chosen", ["", LOCKS])
def test_a_window_that_is_minimised_locks_prices_where_the_user_wants_that(
    chosen, window, lock, qtbot
):
    lock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    window.prefer(MINIMISED, chosen)
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    assert window.desk.prices.is_open is (chosen != LOCKS)
    window.showNormal()


def test_the_choice_is_kept(window):
    window.prefer(MINIMISED, LOCKS)
    window.show_screen("settings", "")
    assert window._prices.locks_minimised
    assert window.screens["settings"].masks.minimised is not None
