"""Printing: pages with headings and numbers; of prices, who printed them on every page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSizeF
from PySide6.QtGui import QColor, QImage, QPageLayout, QPainter, QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QMessageBox

from kamdesk.domain.errors import MachineError
from kamdesk.ui.desk import Export
from kamdesk.ui.kit import printing
from kamdesk.ui.kit.exporting import GivenUpError
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.paper import MOST_ROWS, Pages, Sheet, print_on
from kamdesk.ui.kit.printing import PrintList

A4 = QSizeF(680, 1010)


def sheet_of(count: int, *, watermark: str = "", long: str = "复旦大学附属华山医院") -> Sheet:
    rows = [[str(n), long, f"{n * 1000:,}"] for n in range(count)]
    return Sheet(
        "Customers", "Li Wei", ["No.", "Name", "Beds"], rows, [True, False, True], watermark
    )


def pages_of(sheet: Sheet, size: QSizeF = A4) -> Pages:
    return Pages(sheet, size, QImage(1, 1, QImage.Format.Format_RGB32))


def painted(sheet: Sheet, number: int = 0) -> QImage:
    image = QImage(int(A4.width()), int(A4.height()), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    pages_of(sheet).paint(painter, number)
    painter.end()
    return image


def into_pdf(tmp_path, name="out.pdf") -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / name))
    return printer


def test_every_row_is_on_one_page_and_the_pages_are_numbered(qapp):
    pages = pages_of(sheet_of(200))
    assert pages.count > 3
    rows = [row[0] for number in range(pages.count) for row in pages.rows_of(number)]
    assert rows == [str(n) for n in range(200)]
    assert pages.texts(1) == ("", f"Page 2 of {pages.count}")
    assert pages.last_row(pages.count - 1) == 200


def test_an_empty_list_is_one_page(qapp):
    pages = pages_of(sheet_of(0))
    assert (pages.count, list(pages.rows_of(0))) == (1, [])


def test_long_texts_wrap_and_one_without_an_end_does_not_run_for_ever(qapp):
    short, long = pages_of(sheet_of(60)), pages_of(sheet_of(60, long="药 " * 200))
    assert long.count > short.count
    endless = pages_of(sheet_of(3, long="x" * 100_000))
    assert 1 <= endless.count <= 3


def test_who_printed_prices_is_on_every_page(qapp):
    mark = "Confidential · Li Wei (li.wei) · 2026-11-25 10:00"
    pages = pages_of(sheet_of(120, watermark=mark))
    assert {pages.texts(number)[0] for number in range(pages.count)} == {mark}
    for number in (0, pages.count - 1):
        assert painted(sheet_of(120, watermark=mark), number) != painted(sheet_of(120), number)


def test_a_table_wider_than_the_paper_lies(qapp):
    made = []
    for count in (3, 14):
        writer = QPdfWriter(buffer := QBuffer())
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        columns = [f"A longer heading {n}" for n in range(count)]
        print_on(writer, Sheet("T", "", columns, [columns], [False] * count), lambda _: None)
        made.append(writer.pageLayout().orientation())
        assert bytes(buffer.data()[:5]) == b"%PDF-"
    assert made == [QPageLayout.Orientation.Portrait, QPageLayout.Orientation.Landscape]


def test_where_nothing_can_be_printed_it_is_said(qapp, tmp_path):
    with pytest.raises(MachineError) as caught:
        print_on(into_pdf(tmp_path / "not there"), sheet_of(1), lambda _: None)
    assert caught.value.code == "NOT_PRINTED"


def test_the_list_that_is_shown_is_printed(qtbot, window, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "_printer", QPrinter)
    window.show_screen("customers", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    window.lists.print()
    qtbot.waitUntil(lambda: window.findChild(QPrintDialog) is not None)
    window.findChild(QPrintDialog).reject()
    export = window.screens["customers"].export()
    one = PrintList(window.desk, window, export)
    one.print_on(into_pdf(tmp_path))
    qtbot.waitUntil(lambda: one.job.is_over)
    assert "pages: 1" in window.strip.said.text()
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_without_a_printer_it_is_said_and_a_pdf_is_offered(
    qtbot, window, tasks, tmp_path, monkeypatch
):
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: [])
    window.show_screen("customers", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    window.lists.print()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert "no printer" in box.text()
    box.defaultButton().click()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    assert dialog.selectedFiles()[0].endswith(".pdf")
    path = tmp_path / "customers.pdf"
    path.write_bytes(b"what was there")
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    qtbot.waitUntil(lambda: tasks.is_idle and path.read_bytes().startswith(b"%PDF-"))
    assert "pages: 1" in window.strip.said.text()


def test_a_pdf_that_cannot_be_written_leaves_what_was_there(qapp, tmp_path):
    path = tmp_path / "out.pdf"
    path.write_bytes(b"what was there")

    def give_up(_done: int) -> None:
        raise GivenUpError

    with pytest.raises(GivenUpError):
        printing.paint(path, sheet_of(3), give_up)
    with pytest.raises(MachineError):
        printing.paint(tmp_path / "nowhere" / "out.pdf", sheet_of(3), lambda _: None)
    assert path.read_bytes() == b"what was there"
    assert [one.name for one in tmp_path.iterdir()] == ["out.pdf"]


@pytest.mark.parametrize("how", ["cancelled", "too long"])
def test_what_is_not_printed_whole_leaves_no_file(qtbot, window, tasks, tmp_path, how):
    columns = [Column("Number", str)]
    count = 3000 if how == "cancelled" else MOST_ROWS + 1
    export = Export("Long", columns, lambda _reader, _offset, limit: list(range(min(count, limit))))
    one = PrintList(window.desk, window, export)
    one.print_on(into_pdf(tmp_path))
    if how == "cancelled":
        one.job.progressed.connect(
            lambda done, total: one.job.cancel() if done > total / 2 else None
        )
    qtbot.waitUntil(lambda: one.job.is_over and tasks.is_idle)
    told = window.strip.said.text() + str(one.job.error or "")
    assert ("cancelled" if how == "cancelled" else "too many") in told
    assert not (tmp_path / "out.pdf").exists()
