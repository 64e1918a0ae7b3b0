"""Files that are damaged, hostile or far too large: refused with a sentence, within the bounds of memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kamdesk.domain.errors import UserError
from kamdesk.importers import packed
from kamdesk.importers.apart import Wanted, preview_apart
from kamdesk.importers.preview import preview

CEILING_MB = 256
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def _cell(name: str, words: str) -> str:
    return f'<c r="{name}" t="inlineStr"><is><t>{words}</t></is></c>'


def _sheet(inside: str, before: str = "") -> str:
    head = _cell("A1", "Hospital name") + _cell("B1", "City")
    return f'{before}<worksheet xmlns="{_MAIN}"><sheetData><row r="1">{head}</row>{inside}</sheetData></worksheet>'


GOOD = _sheet(f'<row r="2">{_cell("A2", "Charité")}{_cell("B2", "Berlin")}</row>')


def _book(path: Path, sheet: str = GOOD, **others: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": sheet, **others}.items():
            archive.writestr(name, content)
    return path


def _entities() -> str:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE w [<!ENTITY a0 "lol">{lines}]>'


def _file(path: Path, what: str) -> Path:
    """Write one malformed file."""
    book, text = path / "f.xlsx", path / "f.csv"
    if what == "truncated":
        book.write_bytes(_book(book).read_bytes()[:700])
    elif what == "bomb":
        _book(book)
        # In parts: a child is born with the size of its parent in its measure
        with (
            zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/media/a.bin", "w", force_zip64=True) as file,
        ):
            for _ in range(300):
                file.write(b"\0" * (1 << 20))
    elif what == "outside entity":
        declared = '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        _book(book, _sheet(f'<row r="2">{_cell("A2", "&e;")}</row>', declared))
    elif what == "laughs":
        _book(book, _sheet(f'<row r="2">{_cell("A2", "&a11;")}</row>', _entities()))
    elif what == "empty cells":
        _book(book, _sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    elif what == "members":
        _book(book, **{f"x/{n}": b"" for n in range(100_000)})
    elif what == "macros":
        _book(book, **{"xl/vbaProject.bin": b"0" * 100})
    elif what == "encrypted":
        book.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    elif what == "5 GB":
        with text.open("wb") as file:
            file.write(b"Hospital name,City\nA,B\n")
            file.truncate(5 << 30)
    elif what == "zero":
        text.write_bytes(b"Hospital name,City\nA\0B,C\n" * 10)
    elif what == "long cell":
        text.write_text("Hospital name,City\n" + "x" * (1 << 20) + ",B\n")
    elif what == "columns":
        text.write_text(",".join(f"c{n}" for n in range(10**6)) + "\n")
    return book if book.exists() else text


REFUSALS = {
    "truncated": "SHEET_DAMAGED", "bomb": "SHEET_MEMORY", "outside entity": "SHEET_DAMAGED",
    "laughs": "SHEET_DAMAGED", "empty cells": "SHEET_", "members": "SHEET_MEMORY",
    "macros": "SHEET_MACROS", "encrypted": "SHEET_", "5 GB": "FILE_TOO_LARGE",
    "zero": "NUL_CHARACTER", "long cell": "FIELD_TOO_LONG", "columns": "LINE_TOO_LONG",
}  # fmt: skip
_MEASURE = """
import json, re, resource, sys
from pathlib import Path
from kamdesk.domain.errors import KamError
from kamdesk.importers.preview import preview
try:
    preview(Path(sys.argv[1]))
    code = ""
except KamError as error:
    code = error.code
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
status = Path("/proc/self/status")
if status.exists():
    # What getrusage says of this process begins with the peak of the one that started it
    mine = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1])
else:
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([code, max(mine, children) // 1024]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the measure is that of Unix")
@pytest.mark.parametrize("what", REFUSALS)
def test_h52_a_malformed_file_is_refused_within_bounds(tmp_path: Path, what: str) -> None:
    path = _file(tmp_path, what)
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    code, megabytes = json.loads(ended.stdout)
    assert code.startswith(REFUSALS[what])
    assert megabytes < CEILING_MB


def test_a_formula_is_read_as_the_value_that_was_kept_and_never_computed(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2" t="str"><f>1+1</f><v>Charité</v></c>' + _cell("B2", "Berlin")
    seen = preview(_book(tmp_path / "f.xlsx", _sheet(row + "</row>")))
    assert [one["name"] for one in seen.records] == ["Charité"]


def test_h52_text_that_is_called_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_text("Hospital name,City\nCharité,Berlin\n", encoding="utf-8")
    assert [one["city"] for one in preview(path).records] == ["Berlin"]


def test_a_packed_table_is_read_and_one_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(b"Hospital name,City\nCharite,Berlin\n"))
    assert [one["city"] for one in preview(path).records] == ["Berlin"]
    monkeypatch.setattr(packed, "MAX_UNPACKED", 20)
    with pytest.raises(UserError) as refused:
        preview(path)
    assert refused.value.code == "FILE_TOO_LARGE"
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(UserError):
        preview(path)


def test_the_child_says_what_the_preview_says(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        preview_apart(Wanted(_file(tmp_path, "zero")))
    assert (refused.value.code, refused.value.params["line"]) == ("NUL_CHARACTER", 2)


def test_the_row_of_headings_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\nc,d\nHospital name,City\nCharite,Berlin\n", encoding="utf-8")
    assert preview(path).header_row == 3
    seen = preview(path, kind="customer", header_row=2)
    assert (seen.columns, seen.rows) == (("c", "d"), 2)
    bare = preview(path, kind="customer", header_row=0)
    assert (bare.header_row, bare.columns) == (None, ("1", "2"))
