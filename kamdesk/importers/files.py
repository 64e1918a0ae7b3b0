"""Reading tables: workbooks as `sheets` does, text in any common encoding, delimiter and way of quoting.

A file is never held in memory as a whole; what is malformed is refused with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers.dialects import delimiter_of, is_quoted
from kamdesk.importers.encodings import encoding_of
from kamdesk.importers.lines import lines_of
from kamdesk.importers.sheets import SheetTable, open_sheet

MAX_BYTES = 512 * 1024 * 1024
MAX_FIELD = (
    100_000  # characters; below the limit of the csv module, which is one for the whole process
)
MAX_COLUMNS = 1_000
MAX_ROWS = 1_000_000
_SAMPLE = 400  # lines
_SAMPLE_SIZE = 1 << 19  # characters

Table: TypeAlias = "TextTable | SheetTable | PastedTable"
Row = tuple[int, list[str]]
"""The number of a row as a spreadsheet counts it, from 1 and blank rows included, and its cells."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A readable table and how to read it. `rows` can be asked for any number of times."""

    path: Path
    size: int
    encoding: str
    delimiter: str
    quoted: bool

    def rows(self, read: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Yield the rows that are not blank; `read` is told the bytes read so far.

        Raises UserError, with the line, for what exceeds a limit.
        """
        try:
            yield from self._rows(read)
        except OSError as error:
            raise _unreadable(self.path) from error

    def _rows(self, read: Callable[[int], None] | None) -> Iterator[Row]:
        lines = lines_of(self.path, self.encoding, read)
        yield from _divided(lines, self.delimiter, quoted=self.quoted)


@dataclass(frozen=True, slots=True)
class PastedTable:
    """Cells as a spreadsheet program copies them; they stay in memory and never become a file."""

    text: str
    size: int
    quoted: bool
    encoding: str = ""
    delimiter: str = ""

    def rows(self, read: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Yield the rows that are not blank. Raises UserError, with the line, for what exceeds a limit."""
        if read is not None:
            read(0)
        yield from _divided(_lines_in(self.text), "\t", quoted=self.quoted)


def _divided(lines: Iterator[str], delimiter: str, *, quoted: bool) -> Iterator[Row]:
    """Divide lines into the rows that are not blank, with their numbers."""
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]  # an int at run time
    number = found = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _field_too_long(reader.line_num) from error
        if cells is None:
            return
        number += 1
        if number == 1 and cells:
            cells[0] = cells[0].removeprefix("\ufeff")
            if _names_the_delimiter(cells, delimiter):
                continue
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        _check_row(cells, line=reader.line_num)
        found += 1
        if found > MAX_ROWS:
            raise _too_many_rows()
        yield number, cells


def _lines_in(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline=""))


def pasted_table(text: str) -> PastedTable:
    """Take what was copied from a spreadsheet as a table. Raises UserError for what is none."""
    if not text.strip():
        raise _empty()
    size = len(text)
    _check_sample(list(islice(_lines_in(text), _SAMPLE)), "\t")
    return PastedTable(text, size, is_quoted(partial(_lines_in, text), "\t"))


def open_table(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str = ""
) -> Table:
    """Find out how a file is to be read; what the user has chosen is taken as it is.

    Raises MachineError for a file that cannot be read and UserError for one that is not a table.
    """
    try:
        size = _checked_size(path)
        book = open_sheet(path, sheet) if encoding is None else None
        if book is not None:
            return book
        encoding = encoding or encoding_of(path)
        sample = _sample(path, encoding)
        if not any(line.strip('\ufeff \t\r\n,;|~"') for line in sample):
            raise _empty()
        delimiter = delimiter or delimiter_of(sample)
        _check_sample(sample, delimiter)
        quoted = is_quoted(partial(lines_of, path, encoding), delimiter)
    except OSError as error:
        raise _unreadable(path) from error
    except LookupError as error:
        raise UserError(
            QT_TRANSLATE_NOOP("importers", "The encoding {encoding} is not known."),
            code="ENCODING_UNKNOWN",
            context="importers",
            encoding=encoding,
        ) from error
    return TextTable(path, size, encoding, delimiter, quoted)


def _names_the_delimiter(cells: list[str], delimiter: str) -> bool:
    """Recognise the `sep=;` that tells Excel the delimiter; it is no row of the table."""
    return delimiter.join(cells).strip('"').lower() == f"sep={delimiter}"


def _checked_size(path: Path) -> int:
    if not path.is_file():
        raise MachineError(
            QT_TRANSLATE_NOOP("importers", "The file {name} is not there."),
            code="FILE_MISSING",
            context="importers",
            name=path.name,
        )
    size = path.stat().st_size
    if size == 0:
        raise _empty()
    if size > MAX_BYTES:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importers", "The file is larger than {max} MB. Split it and import the parts."
            ),
            code="FILE_TOO_LARGE",
            context="importers",
            max=MAX_BYTES // (1024 * 1024),
        )
    return size


def _sample(path: Path, encoding: str) -> list[str]:
    found: list[str] = []
    size = 0
    for line in islice(lines_of(path, encoding), _SAMPLE):
        found.append(line)
        size += len(line)
        if size > _SAMPLE_SIZE:
            break
    return found


def _check_sample(sample: list[str], delimiter: str) -> None:
    """Refuse at once, before the whole file is read for its quotes, what is no table to begin with."""
    reader = csv.reader(sample, delimiter=delimiter)
    try:
        for cells in reader:
            _check_width(cells, line=reader.line_num)
    except csv.Error as error:
        raise _field_too_long(reader.line_num) from error


def _check_row(cells: list[str], *, line: int) -> None:
    _check_width(cells, line=line)
    if max(map(len, cells)) > MAX_FIELD:
        raise _field_too_long(line)


def _check_width(cells: list[str], *, line: int) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importers", "Line {line} has {found} columns; at most {max} can be read."
            ),
            code="TOO_MANY_COLUMNS",
            context="importers",
            line=line,
            found=len(cells),
            max=MAX_COLUMNS,
        )


def _field_too_long(line: int) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers",
            "A cell in line {line} is longer than {max} characters. Look for a quotation mark that is not closed.",
        ),
        code="FIELD_TOO_LONG",
        context="importers",
        line=line,
        max=MAX_FIELD,
    )


def _too_many_rows() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers", "The file has more than {max} rows. Split it and import the parts."
        ),
        code="TOO_MANY_ROWS",
        context="importers",
        max=MAX_ROWS,
    )


def _empty() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("importers", "The file is empty."), code="FILE_EMPTY", context="importers"
    )


def _unreadable(path: Path) -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "importers", "The file {name} cannot be read. Close it in other programs and try again."
        ),
        code="FILE_UNREADABLE",
        context="importers",
        name=path.name,
    )
