"""Reading workbooks (xls, xlsx, xlsb, ods) in a process of its own, within limits.

A workbook is a program's worth of trouble: archives that unpack without end, sheets that claim seventeen
thousand million cells. The reader that meets them is a child with a bound on its memory and its time; when it
dies, a sentence is what is left of it. `python -m kamdesk.importers.sheets FILE` writes JSON lines.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kamdesk.domain.errors import KamError, UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers import children
from kamdesk.importers.limits import bound

MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 300  # unpacked to packed; sheets full of one number reach 150
MAX_MEMBERS = 5_000
MEMORY = 512 * 1024 * 1024  # address space of the child; some 200 MB of it can hold cells
CPU_SECONDS = 60
MAX_COLUMNS = 1_000
_DIRECTORY_END = 66_000  # the last record of an archive, with the longest comment
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Row = tuple[int, list[str]]


@dataclass(slots=True)
class SheetTable:
    """One sheet of a workbook, the first filled one unless it is named. `rows` can be asked for any number of times."""

    path: Path
    size: int
    encoding: str
    """xlsx, xls or ods: what stands where a text file names its encoding."""
    delimiter: str = ""
    sheet: str = ""
    """The name of the sheet; found out when rows are read."""
    sheets: tuple[str, ...] = ()
    """The names of all sheets, once rows are read."""

    def rows(self, read: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Yield the rows that are not blank; `read` is told about how many bytes were read so far.

        Raises UserError for a workbook that cannot be read, or is too large.
        """
        child = subprocess.Popen(  # noqa: S603  # this very program
            children.command("sheets", str(self.path), self.sheet),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout is not None
        try:
            head = _line(child.stdout.readline())
            if not isinstance(head, dict):
                # What asks for more memory than there is does not come to say so
                raise _problem("memory" if child.wait() < 0 else "damaged")
            if "error" in head:
                raise _problem(str(head["error"]), sheets=", ".join(head.get("sheets", ())))
            self.sheet, self.sheets = head["sheet"], tuple(head["sheets"])
            total = max(1, int(head["rows"]))
            for at, line in enumerate(child.stdout):
                told = _line(line)
                if not isinstance(told, list):
                    break
                number, cells = told
                yield number, cells
                if read is not None and at % 100 == 0:
                    read(min(self.size, number * self.size // total))
            else:
                if child.wait() == 0:
                    return
            raise _problem("memory")
        finally:
            child.kill()
            child.stdout.close()
            child.wait()


def open_sheet(path: Path, sheet: str = "") -> SheetTable | None:
    """Recognise a workbook by its first bytes; None for anything else. `sheet`: the name of the one to be read.

    Raises UserError for an archive that would unpack beyond all bounds, or holds no sheet.
    """
    with path.open("rb") as file:
        start = file.read(8)
    size = path.stat().st_size
    if start == _OLE:
        return SheetTable(path, size, "xls", sheet=sheet)
    if not start.startswith(_ZIP):
        return None
    return SheetTable(path, size, _format_of(path), sheet=sheet)


def _format_of(path: Path) -> str:
    """Look into the directory of an archive, and no further."""
    if _claims_too_many(path):
        raise _problem("memory")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _problem("damaged") from error
    names = {one.filename for one in members}
    unpacked = sum(one.file_size for one in members)
    packed = max(1, path.stat().st_size)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > packed * MAX_RATIO:
        raise _problem("memory")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise _problem("macros")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    raise _problem("no_sheet")


def _claims_too_many(path: Path) -> bool:
    """Read how many members an archive says it has, before a hundred thousand of them are listed."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _DIRECTORY_END))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and int.from_bytes(tail[at + 10 : at + 12], "little") > MAX_MEMBERS


def _line(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _problem(code: str, *, sheets: str = "") -> KamError:
    texts = {
        "password": QT_TRANSLATE_NOOP(
            "importers", "The workbook is protected by a password. Save it without one."
        ),
        "memory": QT_TRANSLATE_NOOP(
            "importers",
            "The workbook is too large to be read whole. Save the sheet as csv and choose that.",
        ),
        "no_such_sheet": QT_TRANSLATE_NOOP(
            "importers", "The workbook has no sheet of that name. It has: {sheets}."
        ),
        "no_sheet": QT_TRANSLATE_NOOP("importers", "The file holds no sheet with rows."),
        "macros": QT_TRANSLATE_NOOP(
            "importers", "The workbook holds macros. Save it as xlsx, without them."
        ),
        "wide": QT_TRANSLATE_NOOP(
            "importers",
            "The sheet has too many columns. Save the columns that you need as csv.",
        ),
    }
    damaged = QT_TRANSLATE_NOOP(
        "importers",
        "The workbook is damaged and cannot be read. Open it in Excel, save it anew and try again.",
    )
    return UserError(
        texts.get(code, damaged),
        code=f"SHEET_{(code if code in texts else 'damaged').upper()}",
        context="importers",
        sheets=sheets,
    )


# ---- the child


def main() -> int:
    """Read one workbook and write its rows to standard output."""
    bound(memory=MEMORY, cpu_seconds=CPU_SECONDS)
    from python_calamine import (  # noqa: PLC0415  # for the child alone
        CalamineError,
        PasswordError,
        load_workbook,
    )

    try:
        book = load_workbook(sys.argv[1])
        names, wanted = _names(book), sys.argv[2]
        if wanted and wanted not in names:
            return _fail("no_such_sheet", names)
        for name in (wanted,) if wanted else names:
            sheet = book.get_sheet_by_name(name)
            if sheet.width > MAX_COLUMNS:
                return _fail("wide")
            if sheet.height:
                break
        else:
            return _fail("no_sheet")
        out = sys.stdout
        first = (sheet.start or (0, 0))[0]
        out.write(json.dumps({"rows": sheet.total_height, "sheet": name, "sheets": names}) + "\n")
        # The rows begin at the first filled one; people count from the top of the sheet
        for number, cells in enumerate(sheet.to_python(skip_empty_area=True), start=first + 1):
            written = [_text(cell) for cell in cells]
            if any(written):
                out.write(json.dumps([number, written], ensure_ascii=True) + "\n")
        out.flush()
    except PasswordError:
        return _fail("password")
    except MemoryError:
        return _fail("memory")
    except (CalamineError, OSError, ValueError):
        return _fail("damaged")
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return _fail("memory")  # the reader gives up so on claims beyond all bounds
    return 0


def _names(book: Any) -> list[str]:
    """Name the sheets that hold tables, those that people see first."""
    tables = [one for one in book.sheets_metadata if str(one.typ).endswith(".WorkSheet")]
    seen = sorted(tables, key=lambda one: not str(one.visible).endswith(".Visible"))
    return [one.name for one in seen]


def _fail(code: str, sheets: Sequence[str] = ()) -> int:
    print(json.dumps({"error": code, "sheets": list(sheets)}), flush=True)
    return 1


def _text(cell: object) -> str:
    """Write one cell as people see it: 703312001, not 703312001.0; 2015-03-27, not a serial number."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        is_day = not (cell.hour or cell.minute or cell.second)
        return cell.date().isoformat() if is_day else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


if __name__ == "__main__":
    sys.exit(main())
