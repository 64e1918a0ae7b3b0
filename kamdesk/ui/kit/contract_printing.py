"""Contracts on paper: without prices as a rule; with them only while they are open, watermarked and on record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from kamdesk.db.queries.contracts import ContractWhole
from kamdesk.domain import clock
from kamdesk.domain.price_access import PricesLocked
from kamdesk.reports.tables import Value
from kamdesk.services import disclosures
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.line_model import LinesModel, open_values
from kamdesk.ui.kit.paper import Sheet
from kamdesk.ui.kit.price_export import watermark
from kamdesk.ui.kit.printing import Printing, Target, paint


def offer(
    desk: Desk, parent: QWidget, whole: ContractWhole, model: LinesModel, *, below: QWidget
) -> QMenu:
    """Show the ways a contract is printed: those with prices only while prices are open."""
    translate = QCoreApplication.translate
    plain = PrintContract(desk, parent, whole, model)
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(translate("contract_printing", "Print this contract"))
    menu.addAction(translate("contract_printing", "Print…"), plain.ask)
    menu.addAction(translate("contract_printing", "Save as PDF…"), plain.ask_pdf)
    if model.has_open_prices:
        priced = PrintPrices(desk, parent, whole, model)
        menu.addSeparator()
        menu.addAction(translate("contract_printing", "Print with prices…"), priced.ask)
        menu.addAction(translate("contract_printing", "Save as PDF with prices…"), priced.ask_pdf)
    menu.popup(below.mapToGlobal(QPoint(0, below.height())))
    return menu


class PrintContract(Printing):
    """Prints a contract without its prices: who has none, or has locked them, prints it too."""

    def __init__(
        self, desk: Desk, parent: QWidget, whole: ContractWhole, model: LinesModel
    ) -> None:
        super().__init__(desk, parent, whole.row.title or whole.row.no)
        self._whole, self._model = whole, model

    def print_on(self, target: Target) -> None:
        """Print what the lines are about."""
        rows = [open_values(line) for line in self._model.lines]
        beside = (
            f"{self._whole.row.customer} · {self._desk.profile.name} · {speech.day(clock.today())}"
        )
        sheet = self._sheet(beside, self._model.open_headings(), rows)
        told = (
            self.tr("The contract, without prices, is in {name}").format(name=target.name)
            if isinstance(target, Path)
            else self.tr("The contract was printed, without prices")
        )
        self._put(target, sheet, told)

    def _sheet(
        self, beside: str, headings: tuple[str, ...], values: list[list[Value]], mark: str = ""
    ) -> Sheet:
        rows = [[_words(one) for one in line] for line in values]
        right = (
            [not isinstance(one, str) for one in values[0]] if values else [False] * len(headings)
        )
        return Sheet(self._title, beside, headings, rows, right, mark)

    def _put(self, target: Target, sheet: Sheet, told: str) -> None:
        desk = self._desk
        desk.tasks.run(
            self, lambda: paint(target, sheet, lambda _: None), lambda _: desk.say(told),
            failed=desk.fail,
        )  # fmt: skip


class PrintPrices(PrintContract):
    """Prints a contract with its prices: noted for the audit first, and only while they are open."""

    def print_on(self, target: Target) -> None:
        """Note it, then print; nothing where prices were locked meanwhile."""
        desk, model = self._desk, self._model
        locked = self.tr("Prices were locked: nothing was printed")
        told = (
            self.tr("The contract with its prices is in {name}").format(name=target.name)
            if isinstance(target, Path)
            else self.tr(
                "The contract was printed with its prices; the printer's queue may keep a copy"
            )
        )

        def put(_: object) -> None:
            try:
                values = [model.values(line) for line in model.lines]
            except PricesLocked:
                desk.say(locked)
                return
            sheet = self._sheet(self._whole.row.customer, model.headings(), values, watermark(desk))
            self._put(target, sheet, told)

        desk.tasks.write(
            self, lambda work: disclosures.note(work, "printed", self._whole.row.id), put,
            failed=desk.fail,
        )  # fmt: skip


def _words(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return speech.day(value)
    return speech.digits(str(value))
