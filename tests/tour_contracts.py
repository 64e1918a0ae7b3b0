"""The part of the tour about contracts: drafted with sealed prices, shown, locked. On the manager's laptop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kamdesk.domain.price_access import PriceState
from kamdesk.ui.kit.line_table import LineTable
from kamdesk.ui.kit.price_words import DOTS
from kamdesk.ui.kit.small_form import SmallForm

if TYPE_CHECKING:
    from tests.tour import Tour

PRICE_PASSPHRASE = "prices of the demo, no secret"


def contract(tour: Tour) -> None:
    """Draft a contract with the keyboard, hand it in, look at its prices, lock them."""
    _draft(tour)
    _look(tour)
    _lock(tour)


def show_prices(tour: Tour) -> None:
    """Show prices; where the policy asks for a passphrase, it is chosen here."""
    lock = tour.window.desk.prices
    if lock.is_open:
        return
    tour.window.show_prices()
    holder = tour.window.form or tour.window
    for dialog in holder.findChildren(SmallForm):
        for edit in dialog._edits.values():
            tour.type(edit, PRICE_PASSPHRASE)
        tour.press(dialog, Qt.Key.Key_Return)
    tour.until(lambda: lock.state is PriceState.OPEN, "prices are open")
    tour.rest()


def _type(words: str, key: Qt.Key) -> None:
    """Type into the cell where the cursor stands, and go on."""
    for letter in words:
        QTest.keyClick(QApplication.focusWidget(), letter)
    QTest.keyClick(QApplication.focusWidget(), key)


def _draft(tour: Tour) -> None:
    tour.say("a contract drafted with sealed prices")
    tour.window.draft_contract(customer_id=tour.hospital)
    form = tour.window.form
    tour.until(lambda: form.customer.record_id == tour.hospital, "the customer")
    show_prices(tour)
    tour.type(form.title_edit, "心血管产品年度供货合同")
    form.activateWindow()
    form.lines.setFocus()
    tour.until(form.lines.hasFocus, "the cursor is in the grid")
    form.lines.go(0, "product")
    for product, *cells in (
        ("entresto", "28 tabs", "12000", "box", "248", "221.4", "198.5", "3"),
        ("lasilix", "30 tabs", "8000", "box", "18.6", "16.2", "15.1", "5"),
    ):
        at = form.lines.currentIndex().row()
        _type(product, Qt.Key.Key_Return)
        tour.until(
            lambda at=at: (
                form.lines.rows.lines[at].product_id and form.lines.currentIndex().column() == 1
            ),
            "the product is chosen",
        )
        for cell in cells:
            _type(cell, Qt.Key.Key_Tab)
        QTest.keyClick(form.lines, Qt.Key.Key_Return)  # at the end: a new row
    QTest.keyClick(form.lines, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert form.total.text() == "2,502,800.00 CNY", form.total.text()
    tour.shoot_form()
    tour.drafted = tour.window.form.entry_id
    tour.press(tour.window.form, Qt.Key.Key_Return, ctrl=True)
    tour.until(lambda: tour.window.form is None, "the contract is handed in")
    tour.until(lambda: tour.office.has("contract", tour.drafted), "it is sent", 40)
    assert tour.office.document("contract", tour.drafted)["state"] == "in_review"


def _cells(tour: Tour) -> list[str]:
    """Return what stands in the first line of the contract that is shown."""
    tables: list[Any] = [one for one in tour.window.findChildren(LineTable) if one.isVisible()]
    if not tables:
        return []
    model = tables[0].lines
    return [model.data(model.index(0, at)) for at in range(model.columnCount())]


def _look(tour: Tour) -> None:
    tour.say("its prices shown")
    tour.window.show_screen("contracts", tour.drafted)
    screen = tour.window.screens["contracts"]
    tour.until(lambda: screen._shown and screen._shown.row.id == tour.drafted, "its page")
    tour.until(lambda: "198.50" in _cells(tour), "its prices")
    tour.shoot_all()


def _lock(tour: Tour) -> None:
    tour.say("prices locked")
    tour.window.show_screen("contracts", tour.drafted)
    tour.rest()
    tour.window.strip.prices.click()
    tour.until(lambda: not tour.window.desk.prices.is_open, "locked")
    assert "198.50" not in _cells(tour)
    assert DOTS in _cells(tour)
    tour.shoot(variant="light-en")
    show_again(tour)


def show_again(tour: Tour) -> None:
    """Unlock once more: the passphrase that was chosen opens them."""
    show_prices(tour)
    tour.until(lambda: "198.50" in _cells(tour), "its prices again")
    tour.window.desk.prices.lock()


def team(tour: Tour) -> None:
    """Look at the team."""
    tour.say("the team at a glance")
    tour.window.show_screen("team", "")
    page = tour.window.screens["team"]
    tour.until(lambda: page.table.records.rowCount() >= 2, "everybody's line")
    tour.shoot_all()
