"""The preview of a file in a process of its own, with a bound on its memory and its time.

The window hands over what is known already and gets the records back in parts, which it keeps as they came: a
file of two hundred thousand rows costs the window's process their text and no more. `python -m
kamdesk.importers.apart` answers one question on standard input with lines of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamdesk.domain.errors import KamError, MachineError, UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers import children
from kamdesk.importers.limits import bound

if TYPE_CHECKING:
    from kamdesk.importers.duplicates import Duplicate
    from kamdesk.importers.rows import Problem

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 120
MOST_RECORDS = 200_000
_PART = 200
_SHOWN = 1_000  # errors, and duplicates
MOST_WRONG = 20_000
"""Rows with errors that are kept with their cells."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read; what is blank is found out. `header_row` 0: there is none.

    `pasted` are copied cells to be read instead of a file, `name` what they are called. `sheet`: of a workbook.
    """

    path: Path
    kind: str = ""
    mapping: Mapping[str, str] | None = None
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    pasted: str = field(default="", repr=False)
    name: str = ""
    sheet: str = ""

    @property
    def title(self) -> str:
        """Say what is read: the name of the file, or of what was pasted."""
        return self.name or self.path.name


@dataclass(frozen=True, slots=True)
class Read:
    """One record of a file: its row, its document, and the row or the known record that it repeats."""

    row: int
    document: Mapping[str, object]
    of: int | str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Twice:
    """One record that repeats the row or the known record `of`, for lists. `why` is a marked text."""

    row: int
    name: str
    of: int | str
    why: str

    @property
    def id(self) -> str:
        """What lists call it."""
        return str(self.row)

    @property
    def is_known(self) -> bool:
        """Say whether it repeats what is here already."""
        return isinstance(self.of, str)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One row with errors: its cells, and of each error column, marked text and what fills it."""

    row: int
    cells: list[str]
    problems: list[tuple[str | None, str, dict[str, object]]]


@dataclass(slots=True)
class Seen:
    """What the child found. `told` is the preview as the command line prints it."""

    told: dict[str, Any] = field(default_factory=dict)
    samples: list[tuple[int, list[str]]] = field(default_factory=list)
    known: int = 0
    """Records that are known already."""
    repeated: int = 0
    """Records that the file brings twice."""
    parts: list[bytes] = field(default_factory=list)

    twice: list[Twice] = field(default_factory=list)
    """The first 1,000 of both."""
    wrong: list[bytes] = field(default_factory=list)

    def wrong_rows(self) -> list[Wrong]:
        """Return the rows with errors, at most 20,000; off the GUI thread."""
        return [Wrong(*one) for part in self.wrong for one in json.loads(part)["wrong"]]

    def records(self, part: int) -> list[Read]:
        """Return the records of one part, at most 200."""
        return [Read(*one) for one in json.loads(self.parts[part])["records"]]


def preview_apart(
    wanted: Wanted,
    known: Iterable[bytes] = (),
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    cancelled: threading.Event | None = None,
) -> Seen:
    """Read a file in a child process. `known` are lines of JSON, each a list of documents. Waits.

    Raises UserError and MachineError as `preview` does, and where the child exceeded its limits or was cancelled.
    """
    ended = cancelled or threading.Event()
    child = subprocess.Popen(  # noqa: S603  # this very program
        children.command("apart"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    feeder = threading.Thread(target=_feed, args=(child.stdin, wanted, known), daemon=True)
    feeder.start()
    seen = Seen()
    try:
        for line in child.stdout:
            if ended.is_set():
                raise _cancelled()
            if line.startswith(b'{"records"'):
                seen.parts.append(line)
                continue
            if line.startswith(b'{"wrong"'):
                seen.wrong.append(line)
                continue
            told = json.loads(line)
            if "progress" in told:
                progress(*told["progress"])
            elif "error" in told:
                raise _error(told["error"])
            else:
                seen.told, seen.known, seen.repeated = told["seen"], told["known"], told["repeated"]
                seen.twice = [Twice(*one) for one in told["twice"]]
                seen.samples = [(row, cells) for row, cells in told["samples"]]
                return seen
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importers", "The file is too large to be read here. Split it and import the parts."
            ),
            code="CHILD_LIMIT",
            context="importers",
        )
    finally:
        child.kill()
        feeder.join()
        child.stdout.close()
        child.wait()


def _feed(pipe: Any, wanted: Wanted, known: Iterable[bytes]) -> None:
    question = {
        "path": str(wanted.path), "pasted": wanted.pasted, "kind": wanted.kind, "encoding": wanted.encoding,
        "mapping": None if wanted.mapping is None else dict(wanted.mapping),
        "delimiter": wanted.delimiter, "header_row": wanted.header_row, "sheet": wanted.sheet,
    }  # fmt: skip
    try:
        # What is copied may hold half a character; escaped, it passes
        pipe.write(json.dumps(question).encode() + b"\n")
        for line in known:
            pipe.write(line + b"\n")
        pipe.close()
    except OSError:
        return  # the child has ended, and its answer says why


def _cancelled() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("importers", "The import was cancelled."),
        code="CANCELLED",
        context="importers",
    )


def _error(told: Mapping[str, Any]) -> KamError:
    kind = UserError if told["is_user"] else MachineError
    return kind(told["text"], code=told["code"], context=told["context"], **told["params"])


# ---- the child


def main() -> int:
    """Answer one question."""
    bound(memory=MEMORY, cpu_seconds=CPU_SECONDS)
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        _answer(asked)
    except KamError as error:
        _say(
            {
                "error": {
                    "text": error.text, "code": error.code, "context": error.context,
                    "params": dict(error.params), "is_user": isinstance(error, UserError),
                }
            }
        )  # fmt: skip
    return 0


def _answer(asked: Mapping[str, Any]) -> None:
    part: list[list[object]] = []
    counts = {"known": 0, "repeated": 0, "records": 0}
    samples: list[tuple[int, list[str]]] = []
    twice: list[tuple[object, ...]] = []

    def take(row: int, document: Mapping[str, object], duplicate: Duplicate | None) -> None:
        counts["records"] += 1
        if counts["records"] > MOST_RECORDS:
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "importers", "The file has more than {max} rows. Split it and import the parts."
                ),
                code="TOO_MANY_ROWS",
                context="importers",
                max=MOST_RECORDS,
            )
        if duplicate is not None:
            counts["known" if isinstance(duplicate.of, str) else "repeated"] += 1
            if len(twice) < _SHOWN:
                twice.append((row, document["name"], duplicate.of, duplicate.why))
        part.append(
            [row, document, duplicate.of if duplicate else None, duplicate.why if duplicate else ""]
        )
        if len(part) == _PART:
            _say({"records": part})
            part.clear()

    wrong = _Rejected()
    from kamdesk.importers.preview import preview  # noqa: PLC0415  # the window does without

    seen = preview(
        Path(asked["path"]),
        pasted=asked["pasted"],
        kind=asked["kind"] or None,
        mapping=asked["mapping"],
        known=_known(),
        encoding=asked["encoding"] or None,
        delimiter=asked["delimiter"] or None,
        header_row=asked["header_row"],
        sheet=asked["sheet"],
        progress=lambda done, size: _say({"progress": [done, size]}),
        take=take,
        reject=wrong.take,
        sample=samples,
    )
    if part:
        _say({"records": part})
    wrong.hand_over()
    told = {**seen.to_dict(), "records": counts["records"], "errors": [
        {"row": one.row, "column": one.column, "text": one.message, "params": dict(one.params)}
        for one in seen.errors[:_SHOWN]
    ], "errors_total": seen.errors_total}  # fmt: skip
    _say(
        {
            "seen": told,
            "samples": samples,
            "twice": twice,
            "known": counts["known"],
            "repeated": counts["repeated"],
        }
    )


class _Rejected:
    """Hands the rows with errors over in parts, up to the bound."""

    def __init__(self) -> None:
        self._part: list[list[object]] = []
        self._count = 0

    def take(self, row: int, cells: Sequence[str], problems: Sequence[Problem]) -> None:
        self._count += 1
        if self._count > MOST_WRONG:
            return
        told = [(one.column, one.message, dict(one.params)) for one in problems]
        self._part.append([row, list(cells), told])
        if len(self._part) == _PART:
            self.hand_over()

    def hand_over(self) -> None:
        if self._part:
            _say({"wrong": self._part})
            self._part.clear()


def _known() -> Iterator[Mapping[str, object]]:
    for line in sys.stdin.buffer:
        yield from json.loads(line)


def _say(told: object) -> None:
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(written.encode("utf-8", "surrogatepass") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
