"""How the cells of a text table are told apart: the delimiter, and whether quotes enclose cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from kamdesk.domain.errors import UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

DELIMITERS = (",", ";", "\t", "|", "~")

Lines = Callable[[], Iterator[str]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What reading a table in one way gives: is it a rectangle?"""

    width: int
    rows: int
    ragged: int
    spread: int  # cells that hold the end of a line
    broken_at: int = 0  # line where a quoted cell begins that never ends
    stray: bool = False  # a quoted cell goes on after its closing quote


def delimiter_of(sample: Sequence[str]) -> str:
    """Choose the delimiter that cuts most lines of the sample into the same number of cells."""
    first = sample[0].strip('\ufeff"\r\n') if sample else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[-1]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        shape = _sampled(sample, delimiter)
        if shape.width < 2 or not shape.rows:
            continue
        score = ((shape.rows - shape.ragged) / shape.rows) ** 4 * min(shape.width, 64) ** 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sampled(sample: Sequence[str], delimiter: str) -> _Shape:
    quoted = _shape(iter(sample), delimiter, quoting=csv.QUOTE_MINIMAL, strict=False)
    if quoted.rows * 4 >= len(sample):
        return quoted
    return _shape(iter(sample), delimiter, quoting=csv.QUOTE_NONE, strict=False)


def is_quoted(lines: Lines, delimiter: str) -> bool:
    """Say whether quotes enclose cells in this file, or are characters like any other.

    Raises UserError, with the line, where a quoted cell never ends and quotes cannot be plain either.
    """
    if not any('"' in line for line in lines()):
        return False
    strict = _shape(lines(), delimiter, quoting=csv.QUOTE_MINIMAL, strict=True)
    if not strict.broken_at and not strict.spread:
        return True
    plain = _shape(lines(), delimiter, quoting=csv.QUOTE_NONE, strict=False)
    may_be_plain = plain.width > 1 and not _mostly_enclose(lines(), delimiter)
    if may_be_plain and not plain.ragged:
        return False
    if not strict.broken_at:
        return True
    if strict.stray:
        lenient = _shape(lines(), delimiter, quoting=csv.QUOTE_MINIMAL, strict=False)
        if lenient.ragged <= plain.ragged and not lenient.spread:
            return True
    if may_be_plain and plain.ragged * 100 <= plain.rows:
        return False
    raise UserError(
        QT_TRANSLATE_NOOP(
            "importers", "The quotation mark in line {line} is never closed. Correct the file."
        ),
        code="QUOTE_NOT_CLOSED",
        context="importers",
        line=strict.broken_at,
    )


def _mostly_enclose(lines: Iterator[str], delimiter: str) -> bool:
    """Say whether most lines with quotes have them around whole cells."""
    mark = re.escape(delimiter)
    enclosed = re.compile(f'(?:^|{mark})"(?:[^"]|"")*"(?:{mark}|[\r\n]|$)')
    quotes = around = 0
    for line in lines:
        if '"' in line:
            quotes += 1
            around += enclosed.search(line) is not None
    return around * 2 > quotes


def _shape(lines: Iterator[str], delimiter: str, *, quoting: int, strict: bool) -> _Shape:
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)  # type: ignore[arg-type]  # an int at run time
    widths: Counter[int] = Counter()
    spread = begins = 0
    try:
        for cells in reader:
            begins = reader.line_num + 1
            if cells:
                widths[len(cells)] += 1
            # A line lies within one cell when the next row begins more than one line further on.
            spread += any("\n" in cell or "\r" in cell for cell in cells)
    except csv.Error as error:
        # "unexpected end of data": the quote was never closed; else text follows a closing quote.
        # The number of the line is where that row began.
        stray = "expected after" in str(error)
        return _summary(widths, spread, broken_at=max(begins, 1), stray=stray)
    return _summary(widths, spread)


def _summary(
    widths: Counter[int], spread: int, *, broken_at: int = 0, stray: bool = False
) -> _Shape:
    if not widths:
        return _Shape(0, 0, 0, spread, broken_at, stray)
    width, most = widths.most_common(1)[0]
    rows = widths.total()
    return _Shape(width, rows, rows - most, spread, broken_at, stray)
