"""What an import would do, before it does anything: records, duplicates and errors by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.domain.spec import Document
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers.belonging import Customers
from kamdesk.importers.duplicates import IDENTICAL, Duplicate, Finder
from kamdesk.importers.fields import is_enough
from kamdesk.importers.files import Row, Table, open_table, pasted_table
from kamdesk.importers.layouts import values_beside
from kamdesk.importers.mapping import Plan, plan
from kamdesk.importers.packed import unpacked
from kamdesk.importers.rows import BadRow, Problem, RowReader

SHOWN = 1_000  # entries of a list in the JSON form
KEPT = 100_000  # duplicates, and errors, kept in memory; the totals go on counting
_FIRST_ROWS = 100
_SAMPLE = 20

Progress = Callable[[int, int], None]
Take = Callable[[int, Document, Duplicate | None], None]
"""Takes one record with its row, and what it repeats."""
Reject = Callable[[int, Sequence[str], Sequence[Problem]], None]
"""Takes one row that is left out, or of which something is, with what is wrong."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds and what would be created. `record_rows` says which row each record is from.

    Records hold what the file says and nothing else: a customer without a `kind`, a record without a
    `status` get the importing side's defaults, so that importing again does not undo later changes.
    """

    kind: str
    encoding: str
    delimiter: str
    header_row: int | None
    columns: tuple[str, ...]
    rows: int
    records: tuple[Document, ...]
    record_rows: tuple[int, ...]
    mapping: Mapping[str, str]
    duplicates: tuple[Duplicate, ...]
    errors: tuple[Problem, ...]
    duplicates_total: int
    errors_total: int
    identical: int  # rows left out because an earlier one is the same
    sheet: str = ""  # of a workbook: which was read, of which
    sheets: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the preview as the command line prints it; long lists are cut, with their totals."""
        found: dict[str, object] = {
            "kind": self.kind,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header_row": self.header_row,
            "columns": list(self.columns),
            "rows": self.rows,
            "records": len(self.records),
            "mapping": dict(self.mapping),
            "duplicates": [
                {"row": each.row, "of": each.of, "why": each.why}
                for each in self.duplicates[:SHOWN]
            ],
            "errors": [
                {"row": each.row, "column": each.column, "message": str(each)}
                for each in self.errors[:SHOWN]
            ],
        }
        if len(self.sheets) > 1:
            found["sheet"], found["sheets"] = self.sheet, list(self.sheets)
        if self.duplicates_total > SHOWN:
            found["duplicates_total"] = self.duplicates_total
        if self.errors_total > SHOWN:
            found["errors_total"] = self.errors_total
        return found

    def to_json(self) -> str:
        """Return `to_dict` as JSON text, Chinese as it is."""
        return json.dumps(self.to_dict(), ensure_ascii=False)


def preview(
    path: Path,
    *,
    pasted: str = "",
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    known: Iterable[Mapping[str, object]] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
    sheet: str = "",
    take: Take | None = None,
    reject: Reject | None = None,
    sample: list[Row] | None = None,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Preview:
    """Read a whole file and say what importing it would create.

    `pasted` are cells copied from a spreadsheet, read instead of the file.
    `mapping` is column -> field ("" leaves a column out). `known` are documents with their `id`, to find
    what exists already; for people these are the customers, by which theirs are found, and the people. Without
    it nothing is known, and people stay with the customer that the file names. `header_row` 0: there is none.
    `sheet` names the sheet of a workbook; without it the first filled one is read.
    With `take` the records are handed over one by one and not kept, with `reject` the rows with errors are
    handed over too; `sample` is filled with the first rows.
    `progress` is told (bytes read, bytes of the file) from the calling thread.
    Raises UserError or MachineError where the file as a whole cannot be taken, or was cancelled.
    """
    with _opened(path, pasted, encoding=encoding, delimiter=delimiter, sheet=sheet) as table:
        first = list(islice(table.rows(), _FIRST_ROWS))
        found = plan(first, kind=kind, mapping=mapping, header_row=header_row)
        reading = _Reading(found, {} if pasted else _beside(found, path), known, take, reject)
        if sample is not None:
            sample += [row for row in first if row[0] > (found.header_row or 0)][:_SAMPLE]
        _read(table, reading, found.header_row or 0, progress, is_cancelled)
        return reading.finished(table)


@contextmanager
def _opened(
    path: Path, pasted: str, *, encoding: str | None, delimiter: str | None, sheet: str
) -> Iterator[Table]:
    if pasted:
        yield pasted_table(pasted)
        return
    with unpacked(path) as content:
        yield open_table(content, encoding=encoding, delimiter=delimiter, sheet=sheet)


def _read(
    table: Table,
    reading: _Reading,
    header_row: int,
    progress: Progress | None,
    is_cancelled: Callable[[], bool],
) -> None:
    """Read a whole table, telling how far it is."""

    def read(position: int) -> None:
        if is_cancelled():
            raise UserError(
                QT_TRANSLATE_NOOP("importers", "The import was cancelled."),
                code="CANCELLED",
                context="importers",
            )
        if progress is not None:
            progress(min(position, table.size), table.size)

    read(0)
    for number, cells in table.rows(read):
        if number > header_row:
            reading.take(number, cells)
    read(table.size)


def _beside(found: Plan, path: Path) -> dict[str, dict[str, str]]:
    if found.layout is None:
        return {}
    mapped = set(found.mapping.values()) - {"name"}
    return {
        name: values
        for name, values in values_beside(found.layout, path).items()
        if name not in mapped
    }


class _Reading:
    """One pass over the rows of a file."""

    def __init__(
        self,
        found: Plan,
        beside: dict[str, dict[str, str]],
        known: Iterable[Mapping[str, object]] | None,
        take: Take | None,
        reject: Reject | None,
    ) -> None:
        self._hand_over = take
        self._reject = reject
        self._plan = found
        self._reader = RowReader(found, beside)
        self._customers: Customers | None = None
        if found.kind == "person" and known is not None:
            self._customers = Customers()
            known = _people(known, self._customers)
        self._finder = Finder(found.kind, known or ())
        self._is_enough = is_enough(found.kind, found.mapping.values())
        self._seen: dict[bytes, int] = {}
        self._rows = 0
        self._has_record = False
        self._identical = 0
        self._records: list[Document] = []
        self._record_rows: list[int] = []
        self._duplicates: list[Duplicate] = []
        self._duplicates_total = 0
        self._errors: list[Problem] = []
        self._errors_total = 0

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read one row: a record, a repetition, a continuation of the row above, or an error."""
        self._rows += 1
        if not self._is_enough:
            return
        if (self._has_record or self._record_rows) and self._reader.continues(cells):
            return
        earlier = self._seen.setdefault(_digest(cells), number)
        if earlier != number:
            self._identical += 1
            self._repeats(Duplicate(number, earlier, *IDENTICAL))
            return
        try:
            document, problems = self._reader.read(number, cells)
            if self._customers is not None:
                self._customers.settle(number, document)
        except BadRow as error:
            self._blame(number, cells, [error.problem])
            return
        self._blame(number, cells, problems)
        duplicate = self._finder.take(number, document)
        if duplicate is not None:
            self._repeats(duplicate)
        if self._hand_over is not None:
            self._hand_over(number, document, duplicate)
            self._has_record = True
            return
        self._records.append(document)
        self._record_rows.append(number)

    def _repeats(self, duplicate: Duplicate) -> None:
        self._duplicates_total += 1
        if len(self._duplicates) < KEPT:
            self._duplicates.append(duplicate)

    def _blame(self, number: int, cells: Sequence[str], problems: Sequence[Problem]) -> None:
        for problem in problems:
            self._report(problem)
        if problems and self._reject is not None:
            self._reject(number, cells, problems)

    def _report(self, problem: Problem) -> None:
        self._errors_total += 1
        if len(self._errors) < KEPT:
            self._errors.append(problem)

    def finished(self, table: Table) -> Preview:
        """Return what was found."""
        header = self._plan.header_row
        if not self._is_enough:
            self._report(_lacking(header or 1, self._plan))
        return Preview(
            kind=self._plan.kind,
            encoding=table.encoding,
            delimiter=table.delimiter,
            header_row=header,
            columns=self._plan.columns,
            rows=self._rows,
            records=tuple(self._records),
            record_rows=tuple(self._record_rows),
            mapping=dict(self._plan.mapping),
            duplicates=tuple(self._duplicates),
            errors=tuple(self._errors),
            duplicates_total=self._duplicates_total,
            errors_total=self._errors_total,
            identical=self._identical,
            sheet=getattr(table, "sheet", ""),
            sheets=getattr(table, "sheets", ()),
        )


def _people(
    known: Iterable[Mapping[str, object]], customers: Customers
) -> Iterator[Mapping[str, object]]:
    """Divide what is known: the customers are taken in, the people passed on."""
    for document in known:
        if "customer_id" in document:
            yield document
        else:
            customers.add(document)


def _lacking(row: int, found: Plan) -> Problem:
    if "name" in found.mapping.values():
        text = QT_TRANSLATE_NOOP(
            "importers", "Choose the column that holds the customer's name or code."
        )
        return Problem(row, None, "CUSTOMER_NOT_MAPPED", text)
    text = QT_TRANSLATE_NOOP("importers", "Choose the column that holds the name.")
    return Problem(row, None, "NAME_NOT_MAPPED", text)


def _digest(cells: Sequence[str]) -> bytes:
    text = "\x1f".join(cells)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
