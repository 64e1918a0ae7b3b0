"""Exported lists: what a spreadsheet program shows is what was exported, and nothing of it runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import load_workbook

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.formulas import guarded, unguarded
from kamdesk.importers.files import open_table
from kamdesk.importers.preview import preview
from kamdesk.reports import tables
from kamdesk.reports.tables import Table, as_csv, as_xlsx, write
from kamdesk.security import files

HOSTILE = ["=cmd|'/c calc'!A1", "+1", "-2", "@x", "\t=1", "＝1+1", "'=1", '=HYPERLINK("http://x")']


def cells(data):
    sheet = load_workbook(io.BytesIO(data)).get_sheet_by_index(0)
    return sheet.to_python()


def table(*rows, columns=("Name", "City")):
    return Table("Customers", columns, rows)


@pytest.mark.parametrize("text", HOSTILE)
def test_h58_formulas_are_text_in_both_files(text):
    written = table([text, "x"])
    assert cells(as_xlsx(written))[1][0] == text
    line = list(csv.reader(io.StringIO(as_csv(written).decode("utf-8-sig"))))[1]
    assert line[0] == "'" + text


@pytest.mark.parametrize("text", [*HOSTILE, "华山医院", "O'Neill", "'quoted'", "", "2 + 2"])
def test_h58_what_was_guarded_comes_back_as_it_was(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_h58_exported_customers_are_imported_as_they_were(tmp_path, ending):
    path = tmp_path / f"list.{ending}"
    write(table(["=华山医院", "上海"], ["-中山医院", "上海"], columns=("医院名称", "城市")), path)
    seen = preview(path)
    assert [one["name"] for one in seen.records] == ["=华山医院", "-中山医院"]
    assert seen.errors == ()


def test_days_numbers_and_amounts_keep_their_type():
    row = [
        date(2026, 11, 24), datetime(2026, 11, 24, 8, 30, tzinfo=UTC), 12, Decimal("12000.50"), None, "007",
    ]  # fmt: skip
    here = datetime(2026, 11, 24, 8, 30, tzinfo=UTC).astimezone().replace(tzinfo=None)
    written = table(row, columns=tuple("abcdef"))
    found = cells(as_xlsx(written))[1]
    assert found[:4] == [date(2026, 11, 24), here, 12.0, 12000.5]
    assert found[4:] == ["", "007"]
    line = list(csv.reader(io.StringIO(as_csv(written).decode("utf-8-sig"))))[1]
    assert line == [
        "2026-11-24",
        here.isoformat(sep=" ", timespec="minutes"),
        "12",
        "12000.50",
        "",
        "007",
    ]


def test_numbers_below_zero_are_numbers():
    assert b"-5\r\n" in as_csv(table([-5], columns=("n",)))
    assert cells(as_xlsx(table([-5], columns=("n",))))[1] == [-5.0]


def test_csv_opens_in_excel_with_its_chinese(tmp_path):
    path = tmp_path / "x.CSV"
    write(table(["华山医院", "上海"]), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfName,City\r\n")
    assert open_table(path).encoding == "utf-8-sig"


@pytest.mark.parametrize("title", ["a/b:c*d?[e]\\f", "", "'x'", "华" * 60])
def test_any_title_makes_a_sheet(title):
    assert cells(as_xlsx(Table(title, ("a",), [["x"]])))[1] == ["x"]


def test_very_long_texts_and_empty_lists_are_written():
    assert len(cells(as_xlsx(table(["x" * 40_000, "y"])))[1][0]) == 32_767
    assert cells(as_xlsx(table())) == [["Name", "City"]]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 1)
    with pytest.raises(UserError) as refused:
        write(table(["a", "b"], ["c", "d"]), tmp_path / "x.xlsx")
    assert refused.value.code == "TOO_MANY_ROWS"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "no" / "x.csv"
    with pytest.raises(MachineError):
        write(table(["a", "b"]), path)
    old = tmp_path / "old.csv"
    write(table(["a", "b"]), old)
    before = old.read_bytes()

    def refused(*_):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(files.os, "replace", refused)
    with pytest.raises(MachineError):
        write(table(["c", "d"]), old)
    assert old.read_bytes() == before


def test_an_export_touches_no_other_file_of_the_folder(tmp_path):
    other = tmp_path / "list.csv.tmp"
    other.write_bytes(b"the user's own")
    write(table(["a", "b"]), tmp_path / "list.csv")
    assert other.read_bytes() == b"the user's own"
    assert {one.name for one in tmp_path.iterdir()} == {"list.csv", "list.csv.tmp"}
