"""Workbooks: read as people see them, refused with a sentence, never the end of the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from datetime import date

import pytest
import xlsxwriter

from kamdesk.domain.errors import UserError
from kamdesk.importers import sheets
from kamdesk.importers.files import open_table
from kamdesk.importers.preview import preview

pytest.importorskip("resource")  # what bounds the child has no counterpart elsewhere
HEAD = ["医院名称", "城市", "电话"]


@pytest.fixture
def workbook(tmp_path):
    """Write rows into an xlsx, one sheet for each list of rows."""

    def write(*pages, first=0):
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            for rows in pages:
                sheet = book.add_worksheet()
                for at, row in enumerate(rows, start=first):
                    for column, value in enumerate(row):
                        if isinstance(value, date):
                            form = book.add_format({"num_format": "yyyy-mm-dd"})
                            sheet.write_datetime(at, column, value, form)
                        else:
                            sheet.write(at, column, value)
        return path

    return write


def refusal(path):
    began = time.monotonic()
    with pytest.raises(UserError) as refused:
        list(open_table(path).rows())
    assert time.monotonic() - began < 10
    return refused.value.code


def test_cells_are_read_as_people_see_them(workbook):
    path = workbook([["x", 703312001, 2.5, True, date(2026, 11, 24), "", " a "], [None, 1e-7]])
    rows = list(open_table(path).rows())
    assert rows == [
        (1, ["x", "703312001", "2.5", "1", "2026-11-24", "", " a "]),
        (2, ["", "1e-07", "", "", "", "", ""]),
    ]


def test_rows_are_counted_as_the_sheet_counts_them(workbook):
    path = workbook([HEAD, ["华山医院", "上海", "021"], [], ["中山医院", "上海", ""]], first=4)
    assert [number for number, _ in open_table(path).rows()] == [5, 6, 8]


def test_first_filled_sheet_is_taken(workbook):
    assert list(open_table(workbook([], [["name"]])).rows()) == [(1, ["name"])]


def test_hospitals_come_out_of_a_workbook_as_out_of_text(workbook):
    seen = preview(
        workbook([["医院名单"], HEAD, ["华山医院", "上海", "021-5288"], ["华山医院", "上海", ""]])
    )
    assert (seen.kind, seen.encoding, seen.header_row, seen.rows) == ("customer", "xlsx", 2, 2)
    assert seen.records[0]["name"] == "华山医院"
    assert [(one.row, one.of) for one in seen.duplicates] == [(4, 3)]


def test_progress_is_told_while_a_workbook_is_read(workbook):
    path = workbook([HEAD, *([f"医院{n}", "上海", ""] for n in range(500))])
    told = []
    preview(path, progress=lambda at, of: told.append((at, of)))
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == path.stat().st_size


def test_empty_workbook_says_so(workbook):
    assert refusal(workbook([])) == "SHEET_NO_SHEET"


def test_workbook_cut_short_is_damaged(workbook):
    path = workbook([HEAD, ["a", "b", "c"]])
    path.write_bytes(path.read_bytes()[:-300])
    assert refusal(path) == "SHEET_DAMAGED"


def test_every_byte_that_flips_is_either_read_or_refused(workbook):
    path = workbook([HEAD, ["a", "b", "c"]])
    whole = path.read_bytes()
    for at in range(0, len(whole), len(whole) // 25):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        try:
            list(open_table(path).rows())
        except UserError as refused:
            assert refused.code.startswith(("SHEET_", "FORMAT_", "NUL_"))  # noqa: PT017


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_archive_of_something_else_holds_no_sheet(tmp_path):
    assert refusal(zipped(tmp_path / "a.docx", {"word/document.xml": "<w/>"})) == "SHEET_NO_SHEET"


def test_h52_zip_bomb_is_refused_from_its_directory(tmp_path):
    bomb = {"xl/workbook.xml": "<workbook/>", "xl/sharedStrings.xml": b"\0" * (64 << 20)}
    assert refusal(zipped(tmp_path / "bomb.xlsx", bomb)) == "SHEET_MEMORY"


def test_too_many_members_are_refused(tmp_path):
    many = {"xl/workbook.xml": "", **{f"xl/{n}.xml": "" for n in range(sheets.MAX_MEMBERS)}}
    assert refusal(zipped(tmp_path / "many.xlsx", many)) == "SHEET_MEMORY"


def cells_at(workbook, tmp_path, places, name="wide.xlsx"):
    """Make a sheet whose few cells stand at these places; its claim is what stands between them."""
    source = workbook([["x"]])
    target = tmp_path / name
    by_row = {}
    for place in places:
        by_row.setdefault(int("".join(filter(str.isdigit, place))), []).append(place)
    inside = "".join(
        f'<row r="{number}">' + "".join(f'<c r="{one}"><v>1</v></c>' for one in found) + "</row>"
        for number, found in sorted(by_row.items())
    )
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "xl/worksheets/sheet1.xml":
                content = (
                    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                    b"<sheetData>" + inside.encode() + b"</sheetData></worksheet>"
                )
            new.writestr(member, content)
    return target


@pytest.mark.parametrize("places", [["A1", "XFD1048576"], ["A1", "ALL1048576"]])
def test_sheet_that_claims_thousands_of_millions_of_cells_is_refused(workbook, tmp_path, places):
    path = cells_at(workbook, tmp_path, places)
    # From a small process of its own: what a child took counts from what its parent held at the fork
    code = f"""
import resource, time
from pathlib import Path
from kamdesk.domain.errors import UserError
from kamdesk.importers.files import open_table
began = time.monotonic()
try:
    list(open_table(Path({str(path)!r})).rows())
except UserError as refused:
    print(refused.code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.monotonic() - began)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told, kilobytes, seconds = done.stdout.split()
    assert told in {"SHEET_MEMORY", "SHEET_WIDE"}
    assert int(kilobytes) <= 256 * 1024
    assert float(seconds) < 10


def test_h52_entities_are_not_expanded(workbook, tmp_path):
    path = workbook([["x"]])
    target = tmp_path / "laughs.xlsx"
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]>"
    )
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read me")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            content = old.read(member).decode()
            if member == "xl/sharedStrings.xml":
                head, _, rest = content.partition("?>")
                file = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{secret}">]>'
                content = f"{head}?>{bomb}{file}{rest.replace('>x<', '>&j;&f;x<')}"
            new.writestr(member, content)
    try:
        text = json.dumps(list(open_table(target).rows()))
    except UserError:
        return
    assert "do not read me" not in text
    assert len(text) < 1000


def test_protected_workbook_asks_for_one_without_a_password(tmp_path):
    path = tmp_path / "protected.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(4096))
    assert refusal(path) in {"SHEET_DAMAGED", "SHEET_PASSWORD"}


def test_reader_that_dies_is_a_sentence(workbook, monkeypatch):
    path = workbook([HEAD, ["a", "b", "c"]])
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert refusal(path) == "SHEET_DAMAGED"


def test_reader_ends_with_whoever_stops_reading(workbook):
    path = workbook([["x"] for _ in range(20_000)])
    rows = open_table(path).rows()
    next(rows)
    rows.close()
    left = subprocess.run(
        ["pgrep", "-f", f"kamdesk.importers.sheets {path}"], capture_output=True, check=False
    )
    assert left.stdout == b""


class TestCommand:
    """`python -m kamdesk preview`."""

    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "kamdesk", "preview", *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    def test_prints_the_preview_as_json(self, workbook):
        done = self.run(workbook([HEAD, ["华山医院", "上海", "021"]]), "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["kind"] == "customer"
        assert told["mapping"] == {"医院名称": "name", "城市": "city", "电话": "phone"}
        assert (told["rows"], told["records"], told["header_row"]) == (1, 1, 1)

    def test_says_what_is_wrong_and_fails(self, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(b"")
        done = self.run(path, "--json")
        assert (done.returncode, done.stdout) == (1, "")
        assert "The file is empty." in done.stderr
        assert "Traceback" not in done.stderr

    def test_needs_no_window(self, workbook):
        code = (
            "import sys; from kamdesk.__main__ import main; "
            f"main(['preview', {str(workbook([HEAD, ['a', 'b', 'c']]))!r}]); "
            "assert not [m for m in sys.modules if m.startswith(('PySide6', 'sqlalchemy', 'requests'))]"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
