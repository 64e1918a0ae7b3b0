"""Printing: the dialog of the system, then pages painted off the GUI thread. Loaded only where somebody prints."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from kamdesk.db.queries.contracts import ContractWhole
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import PricesLocked
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.reports.tables import Value
from kamdesk.services import disclosures
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.exporting import ExportJob, Tell, follow
from kamdesk.ui.kit.line_table import LinesModel
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.paper import MOST_ROWS, Sheet, print_on
from kamdesk.ui.kit.price_export import watermark

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class Printing(QObject):
    """Asks where to print. Subclasses say what."""

    def __init__(self, desk: Desk, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self._desk, self._parent, self._title = desk, parent, title

    def ask(self) -> None:
        """Show the dialog of the system. Printers are looked for before that, off the GUI thread."""
        self._desk.tasks.run(self, _printer, self._show, key="printer", failed=self._desk.fail)

    def _show(self, printer: QPrinter) -> None:
        from PySide6.QtPrintSupport import QPrintDialog

        printer.setDocName(self._title)
        dialog = QPrintDialog(printer, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Print"))
        dialog.accepted.connect(lambda: self.print_on(printer))
        QDialog.open(dialog)  # its own `open` wants a slot by name

    def print_on(self, printer: QPrinter) -> None:
        """Print on what was chosen."""
        raise NotImplementedError


class PrintList(Printing):
    """Prints a whole list, as it is exported: without anything confidential."""

    def __init__(self, desk: Desk, parent: QWidget, export: Export) -> None:
        super().__init__(desk, parent, export.title)
        self._export = export
        self.job: ExportJob | None = None

    def print_on(self, printer: QPrinter) -> None:
        """Read the list and print it, with a bar that can cancel it."""
        beside = f"{self._desk.profile.name} · {speech.day(clock.today())}"
        put = partial(_put, self._export, beside, printer)
        self.job = ExportJob(self._desk.tasks, self._parent, self._export, put, most=MOST_ROWS)
        told = self.tr("Printed, pages: {n}")
        follow(
            self._desk, self._parent, self.job, title=self.tr("Print"), busy=self.tr("Printing…"),
            told=lambda count: told.format(n=count),
            given_up=self.tr("Printing was cancelled"),
        )  # fmt: skip


class PrintContract(Printing):
    """Prints a contract with its prices: noted for the audit first, and only while they are open."""

    def __init__(
        self, desk: Desk, parent: QWidget, whole: ContractWhole, model: LinesModel
    ) -> None:
        super().__init__(desk, parent, whole.row.title or whole.row.no)
        self._whole, self._model = whole, model

    def print_on(self, printer: QPrinter) -> None:
        """Note it, then print; nothing where prices were locked meanwhile."""
        desk, model = self._desk, self._model
        told, locked = self.tr("The contract was printed with its prices"), self.tr(
            "Prices were locked: nothing was printed"
        )
        customer = self._whole.row.customer

        def put(_: object) -> None:
            try:
                values = [model.values(line) for line in model.lines]
            except PricesLocked:
                desk.say(locked)
                return
            rows = [[_words(one) for one in line] for line in values]
            right = [not isinstance(one, str) for one in values[0]] if values else []
            sheet = Sheet(self._title, customer, model.headings(), rows, right, watermark(desk))
            desk.tasks.run(
                self, lambda: _paint(printer, sheet, lambda _: None), lambda _: desk.say(told),
                failed=desk.fail,
            )  # fmt: skip

        desk.tasks.write(
            self, lambda work: disclosures.note(work, "printed", self._whole.row.id), put,
            failed=desk.fail,
        )  # fmt: skip


def _printer() -> QPrinter:
    from PySide6.QtPrintSupport import QPrinter

    return QPrinter(QPrinter.PrinterMode.HighResolution)


def _put(export: Export, beside: str, printer: QPrinter, rows: list[Any], tell: Tell) -> int:
    if len(rows) > MOST_ROWS:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "paper",
                "More than {max} rows are too many to print. Narrow the list, or export it (Ctrl+E).",
            ),
            code="TOO_MANY_ROWS",
            context="paper",
            max=MOST_ROWS,
        )
    columns: list[Column] = list(export.columns)
    words = []
    for at, one in enumerate(rows):
        if at % 100 == 0:
            tell(at, 2 * len(rows))
        words.append([_written(column, one) for column in columns])
    sheet = Sheet(
        export.title, beside, [column.heading for column in columns], words,
        [column.right for column in columns],
    )  # fmt: skip
    return _paint(printer, sheet, lambda done: tell(len(rows) + done, 2 * len(rows)))


def _paint(printer: QPrinter, sheet: Sheet, told: Callable[[int], object]) -> int:
    """Print, or leave nothing behind."""
    try:
        return print_on(printer, sheet, told)
    except BaseException:
        printer.abort()
        if printer.outputFileName():
            with suppress(OSError):
                Path(printer.outputFileName()).unlink(missing_ok=True)
        raise


def _written(column: Column, one: Any) -> str:
    """Write a cell as it stands on the screen, but days as such: paper is read later."""
    value = column.raw(one) if column.raw is not None else None
    if isinstance(value, datetime):
        return speech.instant(value)
    return speech.day(value) if isinstance(value, date) else column.write(one)


def _words(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return speech.day(value)
    return speech.digits(str(value))
