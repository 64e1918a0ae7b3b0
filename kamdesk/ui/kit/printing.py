"""Printing: the dialog of the system, then pages painted off the GUI thread. Loaded only where somebody prints."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt
from PySide6.QtGui import QPdfWriter
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.filenames import name_for
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.reports.pages import write_pdf
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.exporting import ExportJob, Tell, follow
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.paper import MOST_ROWS, Sheet, print_on

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


Target: TypeAlias = "QPrinter | Path"
"""A printer, or the PDF file that the pages become instead."""


class Printing(QObject):
    """Asks where to print. Subclasses say what."""

    def __init__(self, desk: Desk, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self._desk, self._parent, self._title = desk, parent, title

    def ask(self) -> None:
        """Show the dialog of the system; without a printer, offer a file.

        Printers are looked for before that, off the GUI thread.
        """
        self._desk.tasks.run(self, _printer, self._show, key="printer", failed=self._desk.fail)

    def ask_pdf(self) -> None:
        """Ask for the PDF file that the pages are to become."""
        filters = [self.tr("PDF document (*.pdf)")]
        dialog = FileDialog(self._parent, self.tr("Save as PDF"), filters, suffix="pdf")
        dialog.selectFile(name_for(self._title, f" {clock.today().isoformat()}.pdf"))
        dialog.fileSelected.connect(lambda name: self.print_on(Path(name)))
        dialog.open()

    def _show(self, printer: QPrinter | None) -> None:
        from PySide6.QtPrintSupport import QPrintDialog

        if printer is None:
            self._offer_pdf()
            return
        printer.setDocName(self._title)
        dialog = QPrintDialog(printer, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Print"))
        dialog.accepted.connect(lambda: self.print_on(printer))
        QDialog.open(dialog)  # its own `open` wants a slot by name

    def _offer_pdf(self) -> None:
        box = QMessageBox(self._parent)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(self.tr("Print"))
        box.setText(self.tr("This computer has no printer."))
        box.setInformativeText(
            self.tr("The pages can be saved as a PDF file, to be printed elsewhere.")
        )
        save = box.addButton(self.tr("Save as PDF…"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        save.clicked.connect(self.ask_pdf)
        box.open()

    def print_on(self, target: Target) -> None:
        """Print on what was chosen."""
        raise NotImplementedError


class PrintList(Printing):
    """Prints a whole list, as it is exported: without anything confidential."""

    def __init__(self, desk: Desk, parent: QWidget, export: Export) -> None:
        super().__init__(desk, parent, export.title)
        self._export = export
        self.job: ExportJob | None = None

    def print_on(self, target: Target) -> None:
        """Read the list and print it, with a bar that can cancel it."""
        beside = f"{self._desk.profile.name} · {speech.day(clock.today())}"
        put = partial(_put, self._export, beside, target)
        self.job = ExportJob(self._desk.tasks, self._parent, self._export, put, most=MOST_ROWS)
        told = self.tr("Printed, pages: {n}")
        follow(
            self._desk, self._parent, self.job, title=self.tr("Print"), busy=self.tr("Printing…"),
            told=lambda count: told.format(n=count),
            given_up=self.tr("Printing was cancelled"),
        )  # fmt: skip


def _printer() -> QPrinter | None:
    """Return the printer that is printed on where nothing else is said; None where there is none at all."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    return (
        QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrinterInfo.availablePrinterNames()
        else None
    )


def _put(export: Export, beside: str, target: Target, rows: list[Any], tell: Tell) -> int:
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
    return paint(target, sheet, lambda done: tell(len(rows) + done, 2 * len(rows)))


def paint(target: Target, sheet: Sheet, told: Callable[[int], object]) -> int:
    """Print, or leave nothing behind; off the GUI thread."""
    if isinstance(target, Path):
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setTitle(sheet.title)
        count = print_on(writer, sheet, told)
        write_pdf(target, bytes(buffer.data().data()))
        return count
    try:
        return print_on(target, sheet, told)
    except BaseException:
        target.abort()
        if target.outputFileName():
            with suppress(OSError):
                Path(target.outputFileName()).unlink(missing_ok=True)
        raise


def _written(column: Column, one: Any) -> str:
    """Write a cell as it stands on the screen, but days as such: paper is read later."""
    value = column.raw(one) if column.raw is not None else None
    if isinstance(value, datetime):
        return speech.instant(value)
    return speech.day(value) if isinstance(value, date) else column.write(one)
