"""Tables of values and the files they become: xlsx and csv that no spreadsheet program runs as formulas.

A cell that begins like a formula is text in xlsx by its type, and in csv by an apostrophe before it, which the
import takes away again (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.domain.formulas import guarded
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.files import write_copy

Value = str | int | Decimal | date | datetime | None
MAX_ROWS = 1_048_575  # of a sheet, below the headings
AT_ONCE = 500
"""Rows after which one is told how far it is."""
Told = Callable[[int], object]
_MAX_TEXT = 32_767  # characters of a cell in a workbook
_WIDEST = 60


def _nobody(_done: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of plain values, in the order of the columns."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    watermark: str = ""
    """Who took this out, when and where: above the headings, and on every page that is printed."""


def write(table: Table, path: Path, told: Told = _nobody) -> None:
    """Write a table as its file name says: csv, or else xlsx. Whole or not at all.

    `told` hears how many rows are done, and may raise to end it.
    Raises UserError for more rows than a sheet holds, MachineError where the file cannot be written.
    """
    if len(table.rows) > MAX_ROWS:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "reports", "A sheet holds {max} rows at most. Narrow the list and export it again."
            ),
            code="TOO_MANY_ROWS",
            context="reports",
            max=MAX_ROWS,
        )
    as_bytes = as_csv if path.suffix.casefold() == ".csv" else as_xlsx
    write_copy(path, as_bytes(table, told))


def _counted(table: Table, told: Told) -> Iterator[Sequence[Value]]:
    for at, row in enumerate(table.rows):
        if at % AT_ONCE == 0:
            told(at)
        yield row


def as_csv(table: Table, told: Told = _nobody) -> bytes:
    """Return a table as csv that Excel opens rightly: UTF-8 with its mark, days as 2026-11-24."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if table.watermark:
        writer.writerow([guarded(table.watermark)])
    writer.writerow(guarded(heading) for heading in table.columns)
    writer.writerows([_written(value) for value in row] for row in _counted(table, told))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, datetime):
        return _local(value).isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _local(value: datetime) -> datetime:
    """Give an instant as the clock on the wall showed it; a sheet knows no zones."""
    return value.astimezone().replace(tzinfo=None)


def as_xlsx(table: Table, told: Told = _nobody) -> bytes:
    """Return a table as a workbook of one sheet: headings that stay, a filter, widths that fit."""
    import xlsxwriter  # noqa: PLC0415  # only where something is exported

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_sheet_name(table.title))
        bold = book.add_format({"bold": True, "bottom": 1})
        forms = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        top = 1 if table.watermark else 0
        if table.watermark:
            sheet.write_string(0, 0, table.watermark)
            plain = table.watermark.replace("&", "&&")[:200]
            sheet.set_header(f"&C{plain}")
            sheet.set_footer(f"&C{plain}")
        for at, heading in enumerate(table.columns):
            sheet.write_string(top, at, heading, bold)
        for number, row in enumerate(_counted(table, told), start=top + 1):
            for at, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, at, value[:_MAX_TEXT])
                elif isinstance(value, datetime):
                    sheet.write_datetime(number, at, _local(value), forms[datetime])
                elif isinstance(value, date):
                    sheet.write_datetime(number, at, value, forms[date])
                elif isinstance(value, Decimal):
                    sheet.write_number(number, at, value, forms[Decimal])
                elif value is not None:
                    sheet.write_number(number, at, value)
        for at, width in enumerate(_widths(table)):
            sheet.set_column(at, at, width)
        sheet.freeze_panes(top + 1, 0)
        if table.columns:
            sheet.autofilter(top, 0, top + len(table.rows), len(table.columns) - 1)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    """Keep what a sheet may be called; 31 characters and none of []:*?/\\."""
    plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in title).strip(" '")
    return plain[:31] or "KAMDesk"


def _widths(table: Table) -> Iterable[int]:
    for at, heading in enumerate(table.columns):
        texts = [heading, *(_written(row[at]) for row in table.rows[:200])]
        # A Chinese character is as wide as two Latin ones
        widest = max(
            sum(2 if letter > "\u2e7f" else 1 for letter in text[:_WIDEST]) for text in texts
        )
        yield max(8, min(_WIDEST, widest + 2))
