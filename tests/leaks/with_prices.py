"""The part of the session about contracts: prices typed, undone, changed, disputed, taken out, and among exceptions."""

from __future__ import annotations

import logging
import threading
import traceback
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from kamdesk.domain.changes import Origin
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.services.prices import set_prices
from kamdesk.ui.kit.conflict_card import ConflictCard
from kamdesk.ui.kit.contract_printing import PrintPrices
from kamdesk.ui.kit.price_export import PriceExportDialog, copy_line
from tests.leaks.planted import CANARIES, REBATE
from tests.leaks.with_files import outside_of
from tests.tour_contracts import _type, show_prices

if TYPE_CHECKING:
    from tests.leaks.session import Session

NET = CANARIES["net price"]


def type_line(session: Session, title: str, *prices: str) -> Any:
    """Open the form of a contract, name it, and type its first line; return the form."""
    session.window.draft_contract(customer_id=session.hospital)
    session.until(
        lambda: session.window.form.customer.record_id == session.hospital, "the customer"
    )
    show_prices(session)
    form = session.window.form
    session.type(form.title_edit, title)
    form.activateWindow()
    form.lines.setFocus()
    session.until(form.lines.hasFocus, "the cursor is in the grid")
    form.lines.go(0, "product")
    _type("entresto", Qt.Key.Key_Return)
    session.until(lambda: form.lines.currentIndex().column() == 1, "the product is chosen")
    for cell in ("28 tabs", "12", "box", *prices):
        _type(cell, Qt.Key.Key_Tab)
    return form


def draft(session: Session) -> str:
    """Type a contract, undo a price, leave it, take it up, hand it in; return its id."""
    session.say("a contract, half typed, left, taken up, handed in")
    form = type_line(
        session, "Canaries", CANARIES["list price"], CANARIES["contract price"],
        CANARIES["undone price"], REBATE,
    )  # fmt: skip
    form.lines.go(0, "rebate")
    QTest.keyClick(form.lines, Qt.Key.Key_Delete)
    QTest.keyClick(form.lines, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.lines.rows.text(0, "rebate") == REBATE
    form.lines.go(0, "net")
    session.rest(1.5)  # the draft with the price that is given up
    _type(NET, Qt.Key.Key_Tab)
    assert form.lines.rows.text(0, "net") == NET
    session.rest(1.5)
    session.take_up("en")
    session.rest()
    show_prices(session)
    drafted: str = session.window.form.entry_id
    session.press(session.window.form, Qt.Key.Key_Return, ctrl=True)
    session.until(lambda: session.window.form is None, "it is handed in")
    session.until(lambda: session.office.has("contract", drafted), "it is sent", 40)
    assert session.office.document("contract_line_price", line_of(session, drafted)[0])[
        "rebate"
    ] == (f"{REBATE} PCT")
    return drafted


def line_of(session: Session, contract: str) -> tuple[str, str]:
    """Return the first line of a contract, and its customer."""
    found: list[Any] = []
    session.window.desk.tasks.read(
        session.window,
        lambda reader: reader.rows(
            "SELECT l.id, c.customer_id FROM contract_line l JOIN contract c ON c.id = l.contract_id "
            "WHERE c.id = ?",
            contract,
        )[0],
        found.append,
    )
    session.until(lambda: found, "its line")
    return found[0]  # type: ignore[no-any-return]


def _set(session: Session, contract: str, net: str) -> str:
    line_id, customer = line_of(session, contract)
    prices = LinePrices(net=Price(Decimal(net), "CNY"))
    session.window.desk.tasks.write(
        session.window,
        lambda work: set_prices(work, line_id=line_id, customer_id=customer, prices=prices),
    )
    session.rest()
    return line_id


def change(session: Session, contract: str) -> str:
    """Change a price under review, which head office refuses; return the line."""
    session.say("a price changed")
    line = _set(session, contract, CANARIES["changed price"])
    session.until(lambda: not session.status().waiting, "it is sent", 40)
    session.rest()
    return line


def differ(session: Session) -> None:
    """Change a price that head office changes too; keep mine, take the conflict up again, keep head office's."""
    session.say("two prices for one line: mine is kept, taken up again, head office's is kept")
    form = type_line(session, "Disputed", "1000")
    contract = form.entry_id
    form.keep.click()
    session.until(lambda: session.window.form is None, "it is kept")
    session.until(lambda: session.office.has("contract", contract), "it is sent", 40)
    session.until(lambda: not session.status().waiting, "with its price")
    before = session.status().issues
    session.office.stop()
    line = _set(session, contract, CANARIES["my price of two"])
    theirs = f"{CANARIES['their price of two']} CNY"
    session.office.edit("contract_line_price", line, net_price=theirs)
    session.office.start()
    session.window.desk.connection.reconcile_now()
    session.until(lambda: session.status().issues > before, "the conflict", 60)
    session.window.show_screen("sync", "")
    page = session.window.screens["sync"]
    session.until(lambda: isinstance(page._first, ConflictCard), "the card")
    page._first.keep_mine()
    session.until(lambda: session.status().issues == before, "settled")
    session.until(lambda: not session.status().waiting, "and sent", 40)
    standing = session.office.document("contract_line_price", line)
    assert standing["net_price"] == f"{CANARIES['my price of two']} CNY"
    again = next(one for one in page.findChildren(QPushButton) if one.text() == "Take up again")
    again.click()
    session.until(lambda: session.status().issues > before, "taken up again")
    session.until(lambda: isinstance(page._first, ConflictCard), "the card again")
    page._first.keep_theirs()
    session.until(lambda: session.status().issues == before, "settled again")


def take_out(session: Session, contract: str) -> None:
    """Copy, export and print with prices: the files that were asked for hold them, and stand elsewhere."""
    session.say("copied, exported, printed as PDF and on a printer")
    session.window.show_screen("contracts", contract)
    screen = session.window.screens["contracts"]
    session.until(lambda: screen._shown and screen._shown.row.id == contract, "its page")

    def has_price() -> bool:
        model = screen._lines.lines
        return bool(model.sealed) and Decimal(NET) in model.values(model.lines[0])

    session.until(has_price, "its prices, once head office has refused the change")
    desk, whole, lines = session.window.desk, screen._shown, screen._lines.lines
    outside = outside_of(session.folder)
    outside.mkdir()
    copy_line(desk, session.window, lines, contract, 0)
    session.until(lambda: NET[:9] in QGuiApplication.clipboard().text(), "the copy")
    sheet, book, paper, printed = (
        outside / name for name in ("sheet.csv", "book.xlsx", "paper.pdf", "printed.pdf")
    )
    for path in (sheet, book):
        PriceExportDialog(desk, session.window, whole, lines).on_chosen(path)
        session.until(path.exists, "the export")
    PrintPrices(desk, session.window, whole, lines).print_on(paper)
    session.until(paper.exists, "the PDF")
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(printed))
    PrintPrices(desk, session.window, whole, lines).print_on(printer)
    session.until(
        lambda: printed.exists() and printed.read_bytes().rstrip().endswith(b"%%EOF"), "paper"
    )
    assert NET[:9] in sheet.read_text("utf-8-sig")
    assert {one.name for one in outside.iterdir()} == {
        one.name for one in (sheet, book, paper, printed)
    }


def fail(session: Session, line: str) -> None:
    """Raise exceptions in the middle of prices, with the log at its loudest (H2)."""
    session.say("exceptions in the middle of prices, logged with everything that there is (H2)")
    root, before = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.DEBUG)
    store = session.program.tasks.store if session.program else None
    assert store is not None
    price = Price(Decimal(NET), "CNY")

    def broken(work: Any) -> None:
        work.driver.execute(
            "INSERT INTO contract_line_price(id) VALUES(?)", (line,)
        )  # there is one already, and it is not allowed

    def wrong(_work: Any) -> None:
        raise RuntimeError(f"{price} {price!r} {price:>20} {LinePrices(net=price)}")

    def run() -> None:
        for fault in (broken, wrong):
            try:
                store.transact(Origin.USER, fault)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is logged
                logging.getLogger("kamdesk").exception("on purpose", exc_info=error)
                traceback.print_exc()

    thread = threading.Thread(target=run)
    thread.start()
    session.until(lambda: not thread.is_alive(), "the faults")
    root.setLevel(before)
