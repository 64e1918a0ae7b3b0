"""A list with more rows than its first ones: what is painted, what is chosen, when the whole of it is read."""

from __future__ import annotations

from array import array

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHoverEvent
from PySide6.QtTest import QTest

from kamdesk.db import text_index
from kamdesk.domain.changes import Origin
from kamdesk.services.describe import spec_of
from kamdesk.ui import theme
from kamdesk.ui.kit import list_model
from tests.ui.hands import settled, until

MANY = 300
IDS = [f"c{number:04}" for number in range(MANY)]


def _many_customers(work):
    work.driver.executemany(
        "INSERT INTO customer(id, _rev, _b, kind, name, city, segment) VALUES(?,1,?,'hospital',?,'Leeds','C')",
        ((one, f"acct:{one}", f"Clinic {one}") for one in IDS),
    )
    text_index.index_ids(work.driver, spec_of("customer"), IDS)


@pytest.fixture
def customers(store, window, tasks):
    """The screen of customers with a list that is read in two steps."""
    store.transact(Origin.SYNC, _many_customers)
    settled(tasks)
    window.show_screen("customers", "")
    screen = window.screens["customers"]
    until(lambda: screen.table.records.line(0), "the first rows")
    return screen


def colour_at(table, row, x=2):
    """Return the colour near the upper left corner of a row, where nothing is written."""
    image = table.viewport().grab().toImage()
    return image.pixelColor(QPoint(x, table.rowViewportPosition(row) + 2)).name()


def ink_in(table, row, column):
    """Return the colours of what is painted in a cell besides its background and the line below it."""
    image = table.viewport().grab().toImage()
    top, left = table.rowViewportPosition(row), table.columnViewportPosition(column)
    return {
        image.pixelColor(x, y).name()
        for x in range(left, left + table.columnWidth(column))
        for y in range(top, top + table.rowHeight(row) - 1)
    } - {colour_at(table, row)}


def test_the_whole_list_is_read_after_the_first_rows(customers, tasks):
    assert 0 < customers.table.records.rowCount() < MANY
    settled(tasks)
    assert customers.table.records.rowCount() == MANY + 2


def test_a_row_that_is_chosen_before_the_list_is_whole_stays_chosen(customers, tasks):
    table = customers.table
    chosen = []

    def choose():
        assert tasks.is_reading(table.records, "whole")
        QTest.keyClick(table, Qt.Key.Key_Down)
        chosen.append(table.current_id)

    table.records._pause.timeout.connect(choose, Qt.ConnectionType.SingleShotConnection)
    until(lambda: chosen, "the whole list is read")
    settled(tasks)
    assert table.records.is_whole
    assert table.current_id == chosen[0] != ""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_chosen_row_and_the_one_below_the_pointer_are_lit(customers, tasks, qapp, mode):
    theme.apply(qapp, mode)
    settled(tasks)
    table = customers.table
    table.setCurrentIndex(table.model().index(2, 0))
    settled(tasks)
    inside = QPointF(5, table.rowViewportPosition(4) + 5)
    move = QHoverEvent(QEvent.Type.HoverMove, inside, inside, QPointF(-1, -1))
    qapp.sendEvent(table.viewport(), move)
    assert colour_at(table, 2) == QColor(theme.theme().colours["selected"]).name()
    assert colour_at(table, 3) == QColor(theme.theme().colours["card"]).name()
    assert colour_at(table, 4) == QColor(theme.theme().colours["hover"]).name()
    qapp.sendEvent(
        table.viewport(), QHoverEvent(QEvent.Type.HoverLeave, QPointF(-1, -1), inside, inside)
    )
    assert colour_at(table, 4) == QColor(theme.theme().colours["card"]).name()


def test_cells_are_written_in_their_colours_and_a_row_that_is_read_follows(customers, tasks):
    settled(tasks)
    table = customers.table
    assert QColor(theme.theme().colours["text"]).name() in ink_in(table, 0, 0)
    assert QColor(theme.theme().colours["muted"]).name() in ink_in(table, 0, 1)
    QTest.keyClick(table, Qt.Key.Key_End)
    settled(tasks)
    assert table.currentIndex().row() == MANY + 1
    assert QColor(theme.theme().colours["text"]).name() in ink_in(table, MANY + 1, 0)


def test_a_text_without_room_ends_in_dots(customers, tasks):
    settled(tasks)
    table = customers.table
    wide = ink_in(table, 1, 0)
    assert wide
    metrics = table.fontMetrics()
    long = "A very long name of a hospital " * 4
    shown = table._fit(metrics, long, 120)
    assert shown.endswith("…")
    assert metrics.horizontalAdvance(shown) <= 120
    assert table._fit(metrics, "Short", 120) == "Short"


def test_keys_in_a_hurry_ask_for_no_whole_list(customers, tasks):
    settled(tasks)
    asked = []
    customers.table.records.counted.connect(asked.append)
    for typed in ("C", "Cl", "Cli", "Clin"):
        customers.typed.setText(typed)
        until(lambda: not tasks.is_reading(customers.table.records, "first"))
        assert not tasks.is_reading(customers.table.records, "whole")
    settled(tasks)
    assert len(asked) == 1


def told(before, numbers, chosen=0):
    whole = list_model._compared(array("q", before), array("q", numbers), chosen)
    return whole.same_head, whole.same_tail, whole.place


@pytest.mark.parametrize("size", [0, 1, 5, 4095, 4096, 4097, 20_000])
def test_two_orders_are_compared_from_both_ends(size):
    numbers = list(range(1, size + 1))
    assert told(numbers, numbers)[0] == size
    assert told(numbers, [*numbers, -1]) == (size, 0, -1)
    assert told(numbers, [-1, *numbers]) == (0, size, -1)
    half = size // 2
    without = numbers[:half] + numbers[half + 1 :]
    assert told(numbers, without)[:2] == (half, max(0, size - half - 1))
    mixed = [*numbers[:half], -7, -8, *numbers[half:]]
    assert told(numbers, mixed, -8) == (half, size - half, half + 1)


@pytest.mark.parametrize("place", [0, 4095, 4096, 9_999])
def test_the_chosen_one_is_found_wherever_it_is(place):
    assert told([], range(1, 10_001), place + 1)[2] == place
    assert told([], range(1, 10_001), 20_000)[2] == -1
