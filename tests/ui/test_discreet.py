"""Train mode: prices and amounts are dots, rows but the chosen one too; what is held is shown and noted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from kamdesk.db.queries.contracts import ContractLineRow
from kamdesk.domain.money import Money
from kamdesk.domain.price_access import Look, PriceState
from kamdesk.domain.prices import Price
from kamdesk.ui import discreet, speech
from kamdesk.ui.kit.line_table import LineTable
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.price_words import DOTS, total_words
from kamdesk.ui.kit.rows import Cell, RowsView
from kamdesk.ui.kit.small_table import SmallModel
from kamdesk.ui.price_lock import PriceLock

NET = Price(Decimal("198.50"), "CNY")


@pytest.fixture(autouse=True)
def _over():
    yield
    discreet.switch(on=False)


class OpenPrices:
    state = PriceState.OPEN

    def watch(self, _listener):
        return lambda: None

    def lock(self):
        self.state = PriceState.LOCKED

    def numbers(self, _kind, _field, rows):
        """Open every envelope as the same price."""
        return ((*NET.parts(), NET.currency) for _ in rows)


def line(name: str) -> ContractLineRow:
    fields = dict.fromkeys(ContractLineRow.__dataclass_fields__)
    fields |= {"id": name, "product": name, "pack": "", "volume": 10, "unit": "box", "note": ""}
    return ContractLineRow(**fields)


@pytest.fixture
def table(qtbot, qapp, spoken):
    shown = LineTable(PriceLock(OpenPrices(), qapp), "KAM", name="Products")
    qtbot.addWidget(shown)
    shown.lines.show_lines([line("one"), line("two")])
    shown.show_prices({"one": {"net": b"sealed"}, "two": {"net": b"sealed"}})
    shown.resize(900, 300)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def cells(table: LineTable, row: int) -> list[str]:
    return [table.lines.data(table.lines.index(row, at)) for at in range(table.lines.columnCount())]


def test_prices_and_what_they_come_to_are_dots(table):
    assert "198.50" in cells(table, 0)
    discreet.switch(on=True)
    assert "198.50" not in cells(table, 0)
    assert DOTS in cells(table, 0)
    assert "one" not in cells(table, 0)
    assert table.lines.total() == DOTS
    assert total_words([NET]) == DOTS
    assert speech.money(Money(500_000, "CNY")) == DOTS


def test_a_row_that_is_held_is_shown_and_noted(table):
    discreet.switch(on=True)
    noted = []
    table.lines._lock.looked.connect(lambda *one: noted.append(one))
    at = QPoint(20, table.rowViewportPosition(1) + 10)
    QTest.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert {"two", "198.50"} <= set(cells(table, 1))
    assert "198.50" not in cells(table, 0)
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert "198.50" not in cells(table, 1)
    assert noted == [(Look.HELD, "two")]


def test_the_space_bar_does_the_same_and_leaving_masks_again(table):
    discreet.switch(on=True)
    table.setCurrentIndex(table.lines.index(0, 0))
    QTest.keyPress(table, Qt.Key.Key_Space)
    assert "198.50" in cells(table, 0)
    QTest.keyRelease(table, Qt.Key.Key_Space)
    assert "198.50" not in cells(table, 0)


def test_locked_prices_stay_locked_however_one_holds(table):
    discreet.switch(on=True)
    table.lines._lock.prices.lock()
    QTest.keyPress(table, Qt.Key.Key_Space)
    assert DOTS in cells(table, 0)


class Names(RowsView):
    def cells(self, row: int) -> list[Cell]:
        return [Cell(f"Hospital {row}")]


def test_a_list_can_be_read_in_the_chosen_row_alone(qtbot, spoken, monkeypatch):
    from kamdesk.ui.kit import rows

    shown = Names(name="Names")
    qtbot.addWidget(shown)
    model = SmallModel([Column("Name", str)])
    model.rows = [1, 2, 3]
    shown.setModel(model)
    written: list[str] = []
    fit = rows.RowsView._fit
    monkeypatch.setattr(
        rows.RowsView, "_fit",
        lambda self, metrics, text, width: (written.append(text), fit(self, metrics, text, width))[1],
    )  # fmt: skip
    shown.selectRow(1)
    discreet.switch(on=True)
    shown.viewport().grab()
    assert written[-3:] == [discreet.DOTS, "Hospital 1", discreet.DOTS]
    discreet.switch(on=False)
    shown.viewport().grab()
    assert written[-3:] == ["Hospital 0", "Hospital 1", "Hospital 2"]


def test_beside_the_pointer_stands_only_what_can_be_read(qtbot, spoken):
    shown = Names(name="Names")
    qtbot.addWidget(shown)
    model = SmallModel([Column("Name", lambda row: f"Hospital {row}")])
    model.rows = [1, 2, 3]
    shown.setModel(model)
    shown.show()
    shown.selectRow(1)

    def beside(row: int) -> str:
        QToolTip.hideText()
        qtbot.waitUntil(lambda: not QToolTip.isVisible())
        at = shown.visualRect(model.index(row, 0)).center()
        asked = QHelpEvent(QEvent.Type.ToolTip, at, shown.viewport().mapToGlobal(at))
        QApplication.sendEvent(shown.viewport(), asked)
        return QToolTip.text() if QToolTip.isVisible() else ""

    assert beside(2) == "Hospital 3"
    discreet.switch(on=True)
    assert beside(2) == ""
    assert beside(1) == "Hospital 2"
    assert beside(0) == ""


def test_f9_switches_it_and_curtains_fall_when_another_program_is_in_front(qtbot, window):
    train = next(one for one in window.actions() if one.shortcut().toString() == "F9")
    train.trigger()
    assert discreet.is_on()
    window._curtains.follow(Qt.ApplicationState.ApplicationInactive)
    [curtain] = [one for one in window._curtains._drawn if one.parent() is window]
    assert curtain.geometry() == window.rect()
    picture = window.grab().toImage()
    assert len({picture.pixel(x, 60) for x in range(0, picture.width(), 7)}) == 1
    window._curtains.follow(Qt.ApplicationState.ApplicationActive)
    assert window._curtains._drawn == []
    train.trigger()
    window._curtains.follow(Qt.ApplicationState.ApplicationInactive)
    assert window._curtains._drawn == []
    assert window.windowTitle() == "KAMDesk"  # in no mode does a title tell anything
