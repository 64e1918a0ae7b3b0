"""The lines of a contract sorted by their headings; by a price only while all of them are shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.ui import discreet
from kamdesk.ui.kit.line_table import LineTable
from kamdesk.ui.price_lock import PriceLock
from tests.ui.test_discreet import line

NETS = {"Zestril": 20, "Entresto": 100, "Plavix 9": 3, "Plavix 75": None, "Lasilix": 20}
AS_GIVEN = list(NETS)


class Played:
    """Prices whose envelopes say what is in them."""

    state = PriceState.OPEN

    def watch(self, _listener):
        return lambda: None

    def numbers(self, _kind, _field, rows):
        if self.state is not PriceState.OPEN:
            raise PricesLocked
        return ((int(sealed), 0, "CNY") for _, sealed in rows)


@pytest.fixture(autouse=True)
def _over():
    yield
    discreet.switch(on=False)


@pytest.fixture
def prices():
    return Played()


@pytest.fixture
def table(qtbot, qapp, spoken, prices):
    shown = LineTable(PriceLock(prices, qapp), "KAM", name="Products")
    qtbot.addWidget(shown)
    shown.lines.show_lines([line(name) for name in NETS])
    open_prices(shown)
    shown.resize(1000, 400)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def open_prices(table):
    table.show_prices({name: {"net": b"%d" % net} for name, net in NETS.items() if net is not None})


def names(table):
    return [one.product for one in table.lines.lines]


def arrows(table):
    words = {
        key: table.lines.headerData(at, Qt.Orientation.Horizontal)
        for at, key in enumerate(table.lines.keys)
    }
    return {key: one[-1] for key, one in words.items() if one[-1] in "↑↓"}


def click(table, key):
    header = table.horizontalHeader()
    at = table.lines.keys.index(key)
    place = QPoint(header.sectionViewportPosition(at) + header.sectionSize(at) // 2, 8)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_heading_sorts_upwards_downwards_and_as_it_was(table):
    assert arrows(table) == {}
    click(table, "net")
    assert names(table) == ["Plavix 9", "Zestril", "Lasilix", "Entresto", "Plavix 75"]
    assert arrows(table) == {"net": "↑"}
    click(table, "net")
    assert names(table) == ["Entresto", "Zestril", "Lasilix", "Plavix 9", "Plavix 75"]
    assert arrows(table) == {"net": "↓"}
    click(table, "net")
    assert names(table) == AS_GIVEN
    assert arrows(table) == {}


def test_what_lines_come_to_and_names_with_numbers_are_sorted_as_one_reads_them(table):
    click(table, "value")
    assert names(table)[0] == "Plavix 9"
    click(table, "product")
    assert names(table) == ["Entresto", "Lasilix", "Plavix 9", "Plavix 75", "Zestril"]
    click(table, "volume")
    assert names(table) == AS_GIVEN


def test_the_chosen_line_stays_chosen(table):
    table.setCurrentIndex(table.lines.index(1, 0))
    click(table, "net")
    assert table.lines.lines[table.currentIndex().row()].product == "Entresto"
    assert {one.row() for one in table.selectionModel().selectedRows()} == {3}


def test_the_order_of_prices_goes_with_them_and_comes_back_with_them(table, prices):
    click(table, "net")
    prices.state = PriceState.LOCKED
    table.show_prices({})
    assert names(table) == AS_GIVEN
    assert arrows(table) == {}
    click(table, "net")
    assert names(table) == AS_GIVEN
    prices.state = PriceState.OPEN
    open_prices(table)
    assert names(table)[0] == "Plavix 9"
    assert arrows(table) == {"net": "↑"}


def test_masked_prices_are_not_told_by_their_order(table):
    click(table, "net")
    discreet.switch(on=True)
    assert names(table) == AS_GIVEN
    click(table, "net")
    assert names(table) == AS_GIVEN
    discreet.switch(on=False)
    assert names(table)[0] == "Plavix 9"


def test_a_held_line_is_no_other_one_after_sorting(table):
    discreet.switch(on=True)
    table.lines.hold(1)
    click(table, "product")
    assert names(table)[0] == "Entresto"
    assert table.lines.held == -1


def test_the_keyboard_has_a_menu_that_offers_what_can_be_sorted_by(table, prices):
    table.ask_sort()
    [menu] = table.findChildren(QMenu)
    assert all(one.isEnabled() for one in menu.actions())
    menu.actions()[0].trigger()
    assert names(table)[0] == "Entresto"
    menu.close()
    menu.deleteLater()
    prices.state = PriceState.LOCKED
    table.show_prices({})
    table.ask_sort()
    menu = table.findChildren(QMenu)[-1]
    assert [one.isEnabled() for one in menu.actions()] == [True, True, *[False] * 5]
    menu.close()
