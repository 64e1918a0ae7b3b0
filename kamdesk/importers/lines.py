"""The lines of a text file, read as a stream, with an end to how long one may be."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

MAX_LINE = 4 * 1024 * 1024  # characters


def lines_of(path: Path, encoding: str, read: Callable[[int], None] | None = None) -> Iterator[str]:
    """Yield lines with their ends, whichever they are; `read` is told the bytes read so far.

    Characters that cannot be decoded become U+FFFD, which the preview reports beside the row.
    """
    with (
        path.open("rb") as file,
        io.TextIOWrapper(file, encoding, errors="replace", newline="") as text,
    ):
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise UserError(
                    QT_TRANSLATE_NOOP(
                        "importers",
                        "Line {line} is longer than {max} characters; this is not a table.",
                    ),
                    code="LINE_TOO_LONG",
                    context="importers",
                    line=number,
                    max=MAX_LINE,
                )
            if read is not None and number % 500 == 0:
                read(file.tell())
            yield line
