"""A day with prices in the real window against the real head office, for the leak scanner to look through afterwards.

`python -m tests.leaks.session FOLDER`, in a process whose writes are tapped. Every price that is typed is a canary.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from kamdesk.domain.changes import Origin
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.services.prices import set_prices
from kamdesk.ui.kit.attachment_page import RecordAttachments
from kamdesk.ui.kit.contract_printing import PrintPrices
from kamdesk.ui.kit.price_export import PriceExportDialog, copy_line
from tests.leaks.planted import CANARIES
from tests.tour import HOSPITAL, Tour
from tests.tour_contracts import _type, show_prices

LIST, CONTRACT, NET, LATER = CANARIES


def outside_of(folder: Path) -> Path:
    """Say where what the user takes out goes: beside the folder that is looked through."""
    return folder.with_name(folder.name + ".out")


class Session(Tour):
    """Works with canary prices and takes no pictures."""

    def play(self) -> None:
        """Do everything that touches a price once."""
        self.office.start()
        self._begin()
        contract = self._draft()
        self._look(contract)
        line = self._change(contract)
        self._take_out(contract)
        self._fail(line)
        self._attach()
        self._lock_while_away(contract)
        self._keep()
        self._again()

    def _begin(self) -> None:
        self.say("set up")
        self.open_program("kam", "wang.min")
        assert self.program is not None
        self.press(next(reversed(self.program.first.edits.values())), Qt.Key.Key_Return)
        self.until(lambda: self.program and self.program.window, "the window", 60)
        self.until(
            lambda: self.status().last_reconciled and not self.status().expected,
            "the first load", 120,
        )  # fmt: skip

    def _draft(self) -> str:
        self.say("a contract, half typed, left, taken up, handed in")
        self.window.show_screen("customers", "")
        found: list[Any] = []
        self.window.desk.tasks.read(
            self.window,
            lambda reader: reader.value("SELECT id FROM customer WHERE name = ?", HOSPITAL),
            found.append,
        )
        self.until(lambda: found, "the hospital")
        self.hospital = str(found[0])
        self.window.draft_contract(customer_id=found[0])
        self.until(lambda: self.window.form.customer.record_id == found[0], "the customer")
        show_prices(self)
        form = self.window.form
        self.type(form.title_edit, "Canaries")
        form.activateWindow()
        form.lines.setFocus()
        self.until(form.lines.hasFocus, "the cursor is in the grid")
        form.lines.go(0, "product")
        _type("entresto", Qt.Key.Key_Return)
        self.until(lambda: form.lines.currentIndex().column() == 1, "the product is chosen")
        for cell in ("28 tabs", "12", "box", LIST, CONTRACT, NET, "3"):
            _type(cell, Qt.Key.Key_Tab)
        self.rest(1.5)
        self.take_up("en")
        self.rest()
        show_prices(self)
        drafted: str = self.window.form.entry_id
        self.press(self.window.form, Qt.Key.Key_Return, ctrl=True)
        self.until(lambda: self.window.form is None, "it is handed in")
        self.until(lambda: self.office.has("contract", drafted), "it is sent", 40)
        return drafted

    def _look(self, contract: str) -> None:
        self.say("looked at, exported, found")
        self.window.show_screen("contracts", contract)
        self.rest(1)
        screen = self.window.screens["contracts"]
        self.until(lambda: screen._shown and screen._shown.row.id == contract, "its page")
        export = screen.export()
        if export is not None:
            export.read  # noqa: B018  # an export without prices needs no permission
        self.window.open_finder()
        self.type(self.window.finder.typed, "Canaries")
        self.rest()
        self.window.finder.close()

    def _change(self, contract: str) -> str:
        self.say("a price changed")
        line: list[Any] = []
        self.window.desk.tasks.read(
            self.window,
            lambda reader: reader.rows(
                "SELECT l.id, c.customer_id FROM contract_line l JOIN contract c ON c.id = l.contract_id "
                "WHERE c.id = ?",
                contract,
            )[0],
            line.append,
        )
        self.until(lambda: line, "its line")
        line_id, customer = line[0]
        later = LinePrices(net=Price(Decimal(LATER), "CNY"))
        self.window.desk.tasks.write(
            self.window,
            lambda work: set_prices(work, line_id=line_id, customer_id=customer, prices=later),
        )
        self.until(lambda: not self.status().waiting, "it is sent", 40)
        self.rest()
        return str(line_id)

    def _take_out(self, contract: str) -> None:
        """Copy, export and print with prices: the files that were asked for hold them, and stand elsewhere."""
        self.say("copied, exported, printed as PDF and on a printer")
        screen = self.window.screens["contracts"]
        self.until(lambda: screen._shown and screen._shown.row.id == contract, "its page")

        def has_price() -> bool:
            model = screen._lines.lines
            return bool(model.sealed) and Decimal(NET) in model.values(model.lines[0])

        self.until(has_price, "its prices, once head office has refused the change")
        desk, whole, lines = self.window.desk, screen._shown, screen._lines.lines
        outside = outside_of(self.folder)
        outside.mkdir()
        copy_line(desk, self.window, lines, contract, 0)
        self.until(lambda: NET[:9] in QGuiApplication.clipboard().text(), "the copy")
        sheet, paper, printed = (outside / name for name in ("sheet.csv", "paper.pdf", "printed.pdf"))
        PriceExportDialog(desk, self.window, whole, lines).on_chosen(sheet)
        self.until(sheet.exists, "the export")
        PrintPrices(desk, self.window, whole, lines).print_on(paper)
        self.until(paper.exists, "the PDF")
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(printed))
        PrintPrices(desk, self.window, whole, lines).print_on(printer)
        self.until(lambda: printed.exists() and printed.read_bytes().rstrip().endswith(b"%%EOF"), "paper")
        assert NET[:9] in sheet.read_text("utf-8-sig")
        assert {one.name for one in outside.iterdir()} == {"sheet.csv", "paper.pdf", "printed.pdf"}

    def _fail(self, line: str) -> None:
        self.say("exceptions in the middle of prices, logged with everything that there is (H2)")
        root, before = logging.getLogger(), logging.getLogger().level
        root.setLevel(logging.DEBUG)
        store = self.program.tasks.store if self.program else None
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
        self.until(lambda: not thread.is_alive(), "the faults")
        root.setLevel(before)

    def _attach(self) -> None:
        self.say("files full of prices attached, kept through a draft, sent, given way, fetched, looked at")
        sources = self.folder.with_name(f"user-of-{self.folder.name}")  # the user's own: not of this program
        sources.mkdir()
        prices = "".join(f"{one} " for one in CANARIES).encode()
        image = QImage(40, 30, QImage.Format.Format_RGB32)
        image.fill("white")
        picture, paper = sources / "board.png", sources / "minutes.pdf"
        assert image.save(str(picture))
        picture.write_bytes(picture.read_bytes() + prices * 9_000)  # two pieces on the line
        paper.write_bytes(b"%PDF-1.7 " + prices * 100)
        self.window.show_screen("customers", "")
        self.window.record_visit(customer_id=self.hospital)
        form = self.window.form
        self.until(lambda: form.customer.record_id, "the customer")
        form.attachments.attach_files([picture, paper])
        self.until(lambda: len(form.attachments.items) == 2, "they are kept")
        for edit in (form.objective, form.outcome, form.next_step):
            self.type(edit, "Canaries")
        self.take_up("en")
        form, visit = self.window.form, self.window.form.entry_id
        self.until(lambda: len(form.attachments.items) == 2, "they are there again")
        self.press(form, Qt.Key.Key_Return, ctrl=True)
        self.until(lambda: self.window.form is None, "it is saved")
        self.window.show_screen("visits", visit)
        self.until(
            lambda: all(one.is_stored for one in self._strip(visit).items), "they are sent", 60
        )
        self.until(lambda: not self.status().waiting, "nothing waits that would paint the page anew")
        self.rest()
        strip = self._strip(visit)
        one = strip.items[0]
        strip.cabinet._files.discard(one.content)
        strip.opening.open(one)
        self.until(lambda: strip.opening.dialog is not None, "it is fetched and shown", 60)
        strip.opening.dialog.accept()
        strip.take_away(strip.items[1])
        self.until(lambda: len(strip.items) == 1, "one is taken away")
        self.window.strip.undo.click()
        self.until(lambda: len(strip.items) == 2, "and comes back")

    def _strip(self, visit: str) -> Any:
        """Return the list of attachments on the page of a visit."""
        screen = self.window.screens["visits"]
        self.until(lambda: screen._whole and screen._whole.row.id == visit, "its page")
        # A page that is painted anew, because its visit was sent meanwhile, has another one
        self.until(
            lambda: [len(one.items) for one in screen.findChildren(RecordAttachments)][-1:] == [2],
            "its files",
        )
        return screen.findChildren(RecordAttachments)[-1]

    def _lock_while_away(self, contract: str) -> None:
        self.say("locked while head office is away, and back")
        self.office.stop()
        self.window.desk.prices.lock()
        self.until(lambda: self.window.desk.prices.state is PriceState.LOCKED, "locked")
        self.window.show_screen("contracts", contract)
        self.rest(1)
        self.office.start()
        self.window.desk.connection.reconcile_now()
        show_prices(self)

    def _keep(self) -> None:
        self.say("backed up, bundled, journalled")
        upkeep = self.window.desk.upkeep
        done: list[Any] = []
        self.window.desk.tasks.run(self.window, upkeep.back_up, done.append)
        self.until(lambda: done, "the backup", 60)

    def _again(self) -> None:
        self.say("closed, started again")
        self.window.close()
        assert self.program is not None
        self.program.end()


def main() -> int:
    """Play it; 0 when every step was as it should be."""
    folder = Path(sys.argv[1])
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    session = Session(app, folder, folder)
    try:
        session.play()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    except Exception:  # noqa: BLE001  # told to whoever reads the output
        traceback.print_exc()
        return 1
    finally:
        with suppress(Exception):
            session.end()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
