"""The shapes that files of customers come in: each gives the same records, or a clear sentence."""

from __future__ import annotations

import csv
import io
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from kamdesk.domain.errors import KamError, UserError
from kamdesk.importers.preview import preview

WEST = [
    ["Hospital name", "City", "Telephone", "Latitude", "Postcode"],
    ["Hôpital Saint-Louis", "Paris", "01 42 49 49 49", "48,8730", "75010"],
    ["CHU de Liège", "Liège", "04 366 71 11", "50,5720", "04000"],
    ["Klinikum Großhadern", "München", "089 44000", "48,1106", "81377"],
    ["Clínica Ñandú", "Sevilla", "954 000 000", "37,3800", "41001"],
]
EURO = [*WEST, ["Žižkov Cœur € Clinic", "Praha", "224 000", "50,0800", "13000"]]
CHINA = [
    ["医院名称", "城市", "电话", "纬度", "邮编"],
    ["复旦大学附属华山医院", "上海", "021-52889999", "31.2170", "200040"],
    ["中山大学附属第一医院", "广州", "020-28823388", "23.1290", "510080"],
    ["四川大学华西医院", "成都", "028-85422286", "30.6410", "610041"],
]
TAIWAN = [
    ["醫院名稱", "城市", "電話", "緯度", "郵遞區號"],
    ["臺大醫院", "臺北市", "02-23123456", "25.0410", "100225"],
    ["長庚紀念醫院", "桃園市", "03-3281200", "25.0610", "333423"],
    ["榮民總醫院", "高雄市", "07-3422121", "22.6800", "813414"],
]
JAPAN = [
    ["病院名", "市区町村", "電話番号", "緯度", "郵便番号"],
    ["東京大学医学部附属病院", "文京区", "03-3815-5411", "35.7126", "113-8655"],
    ["さくらクリニック", "横浜市", "045-000-0000", "35.4437", "220-0011"],
]
WHOLE = ["name", "city", "phone", "latitude_e6", "postcode"]
TITLE = [["Customer list 2026", "", "", "", ""], [], ["Exported by sales", "", "", "", ""], []]


def text(rows, delimiter=",", end="\r\n", encoding="utf-8"):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)
    return written.getvalue().encode(encoding)


@pytest.fixture
def made(tmp_path):
    def make(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def told(path, **asked):
    """What the preview says of each record, as it stood in the file; degrees with four decimals."""
    seen = preview(path, **asked)
    return [
        [
            f"{one[name] / 1e6:.4f}" if name == "latitude_e6" else one.get(name, "")
            for name in WHOLE
            if name in seen.mapping.values()
        ]
        for one in seen.records
    ]


def plain(rows):
    return [[*row[:3], row[3].replace(",", "."), row[4]] for row in rows[1:]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        (WEST, "utf-8"), (WEST, "utf-8-sig"), (WEST, "utf-16"), (WEST, "utf-16-le"), (WEST, "utf-16-be"),
        (WEST, "cp1252"), (WEST, "iso8859-15"), (EURO, "iso8859-15"), (EURO, "utf-8"),
        (CHINA, "utf-8"), (CHINA, "utf-8-sig"), (CHINA, "utf-16-le"), (CHINA, "gb18030"), (CHINA, "gbk"),
        (TAIWAN, "big5"), (TAIWAN, "utf-8"), (JAPAN, "shift_jis"), (JAPAN, "utf-8"),
    ],
)  # fmt: skip
def test_encodings_and_delimiters(made, rows, encoding, delimiter):
    assert told(made(text(rows, delimiter, encoding=encoding))) == plain(rows)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    ("rows", "encoding"), [(WEST, "cp1252"), (CHINA, "gbk"), (CHINA, "utf-16")]
)
def test_ends_of_lines(made, rows, encoding, end):
    assert told(made(text(rows, ";", end, encoding))) == plain(rows)


def test_apostrophes_typed_as_accents_stay_in_their_code_page(made):
    rows = [WEST[0], ["Clinique de l´Étoile", "Paris", "", "48,1", "75001"], *WEST[1:]]
    assert (
        preview(made(text(rows, ";", encoding="cp1252"))).records[0]["name"]
        == "Clinique de l´Étoile"
    )


@pytest.mark.parametrize("rows", [WEST, CHINA, JAPAN])
def test_a_header_in_row_5_below_a_block_of_titles(made, rows):
    path = made(text([*TITLE, *rows], ";"))
    assert preview(path).header_row == 5
    assert told(path) == plain(rows)


@pytest.mark.parametrize("rows", [WEST, CHINA])
def test_no_header_at_all(made, rows):
    seen = preview(made(text(rows[1:], ";")))
    assert (seen.header_row, seen.mapping["1"], len(seen.records)) == (None, "name", len(rows) - 1)


@pytest.mark.parametrize(
    "last",
    [["Total", "", "", "", "4"], ["合计", "", "4", "", ""], ["Grand total: 4", "", "", "", ""],
     ["总计：4家", "", "", "", ""], ["Summe", "", "", "188,13", ""]],
)  # fmt: skip
@pytest.mark.parametrize("rows", [WEST, CHINA])
def test_a_row_of_totals_is_no_record(made, rows, last):
    path = made(text([*rows, last], ";"))
    assert told(path) == plain(rows)
    (error,) = preview(path).errors
    assert (error.row, error.code) == (len(rows) + 1, "TOTAL_ROW")


def test_a_hospital_may_be_called_total(made):
    rows = [*WEST, ["Total Care", "Pau", "", "", ""], ["Total", "Pau", "", "", ""]]
    assert [one["name"] for one in preview(made(text(rows))).records[-2:]] == [
        "Total Care",
        "Total",
    ]


def test_empty_columns_between_and_after(made):
    spread = [[row[0], "", *row[1:], "", ""] for row in WEST]
    assert told(made(text(spread, ";"))) == plain(WEST)


def test_300_columns(made):
    wide = [
        [*row, *(f"Extra {n}" if not at else "x" for n in range(295))]
        for at, row in enumerate(WEST)
    ]
    assert told(made(text(wide, ";"))) == plain(WEST)


def test_headings_that_come_twice(made):
    rows = [["Name", "City", "Phone", "Phone", "Name"], ["A Clinic", "Pau", "05 59", "06 12", "x"]]
    seen = preview(made(text(rows)))
    assert seen.columns == ("Name", "City", "Phone", "Phone (2)", "Name (2)")
    assert (seen.records[0]["name"], seen.records[0]["phone"]) == ("A Clinic", "05 59")


def test_digits_of_full_width(made):
    rows = [
        ["医院名称", "编码", "电话", "邮编"],
        ["华山医院", "Ｈ００１", "０２１－５２８８", "２０００４０"],
    ]
    (record,) = preview(made(text(rows))).records
    assert [record[name] for name in ("code", "phone", "postcode")] == [
        "H001",
        "021-5288",
        "200040",
    ]


def test_ends_of_lines_within_quotes(made):
    rows = [
        ["Hospital name", "City", "Address"],
        ["Hôpital\r\nSaint-Louis", "Paris", '1 av.\nVellefaux, "A"'],
    ]
    (record,) = preview(made(text(rows))).records
    assert (record["name"], record["address"]) == ("Hôpital Saint-Louis", '1 av. Vellefaux, "A"')


# ---- workbooks


@pytest.fixture
def book(tmp_path):
    """Write sheets by name, each a list of rows."""

    def write(*, hidden="", **sheets):
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path)) as workbook:
            for name, rows in sheets.items():
                sheet = workbook.add_worksheet(name)
                for at, row in enumerate(rows):
                    for place, value in enumerate(row):
                        if isinstance(value, str):
                            sheet.write_string(at, place, value)
                        else:
                            sheet.write(at, place, value)
                if name == hidden:
                    sheet.hide()
        return path

    return write


@pytest.mark.parametrize("rows", [WEST, CHINA, TAIWAN, JAPAN])
def test_workbooks(book, rows):
    assert told(book(list=rows)) == plain(rows)


def test_numbers_of_a_workbook_are_what_people_see(book):
    rows = [WEST[0], ["A Clinic", "Pau", 559123456, 43.295, 64000]]
    assert told(book(list=rows)) == [["A Clinic", "Pau", "559123456", "43.2950", "64000"]]


def test_titles_in_merged_cells_above_the_header(tmp_path):
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.merge_range(0, 0, 1, 4, "客户名单（2026年）")
        sheet.merge_range(2, 0, 2, 4, "制表日期：2026年11月25日")
        for at, row in enumerate(CHINA, start=4):
            sheet.write_row(at, 0, row)
    assert preview(path).header_row == 5
    assert told(path) == plain(CHINA)


def test_a_sheet_is_chosen_and_the_first_filled_one_that_people_see_otherwise(book):
    path = book(hidden="old", empty=[], old=TAIWAN, west=WEST, 客户=CHINA)
    seen = preview(path)
    assert (seen.sheet, seen.sheets) == ("west", ("empty", "west", "客户", "old"))
    assert seen.to_dict()["sheet"] == "west"
    assert told(path) == plain(WEST)
    assert told(path, sheet="客户") == plain(CHINA)
    assert told(path, sheet="old") == plain(TAIWAN)
    with pytest.raises(UserError) as refused:
        preview(path, sheet="x")
    assert refused.value.code == "SHEET_NO_SUCH_SHEET"
    assert "empty, west, 客户, old" in str(refused.value)
    with pytest.raises(UserError) as refused:
        preview(path, sheet="empty")
    assert refused.value.code == "SHEET_NO_SHEET"


def test_the_command_line_chooses_a_sheet(book):
    asked = [
        sys.executable,
        "-m",
        "kamdesk",
        "preview",
        str(book(a=WEST, b=CHINA)),
        "--sheet",
        "b",
        "--json",
    ]
    done = subprocess.run(asked, capture_output=True, check=True, cwd=Path(__file__).parents[2])
    answer = json.loads(done.stdout)
    assert (answer["sheet"], answer["sheets"], answer["records"]) == (
        "b",
        ["a", "b"],
        len(CHINA) - 1,
    )


@pytest.mark.parametrize("rows", [WEST, CHINA])
def test_an_old_workbook(tmp_path, rows):
    path = tmp_path / "old.xls"
    path.write_bytes(old_workbook(rows))
    assert preview(path).encoding == "xls"
    assert told(path) == plain(rows)


def old_workbook(rows):
    """Write an xls of one sheet: the records of BIFF8 in the one stream of a compound file."""

    def record(number, data=b""):
        return struct.pack("<HH", number, len(data)) + data

    def label(at, place, words):
        return record(
            0x204, struct.pack("<HHHHB", at, place, 0, len(words), 1) + words.encode("utf-16-le")
        )

    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x42, b"\xb0\x04")
    entry = struct.pack("<IBBBB", 0, 0, 0, 4, 0) + b"list"
    sheet_at = len(begin) + len(record(0x85, entry)) + len(record(0x0A))
    book = begin + record(0x85, struct.pack("<I", sheet_at) + entry[4:]) + record(0x0A)
    book += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for at, row in enumerate(rows):
        for place, words in enumerate(row):
            book += label(at, place, words)
    book += record(0x0A)
    book += b"\0" * (max(4096, -(-len(book) // 512) * 512) - len(book))
    sectors = len(book) // 512
    chain = [*range(1, sectors), -2, -2, -3]  # the stream, the directory, this table
    table = struct.pack("<128i", *chain, *[-1] * (128 - len(chain)))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    )
    header += b"\0" * 10 + struct.pack("<iiiiiiii", 1, sectors, 0, 4096, -2, 0, -2, 0)
    header += struct.pack("<109i", sectors + 1, *[-1] * 108)

    def named(name, kind, child, start, size):
        words = (name + "\0").encode("utf-16-le")
        entry = words.ljust(64, b"\0") + struct.pack("<HBBiii", len(words), kind, 1, -1, -1, child)
        return entry + b"\0" * 36 + struct.pack("<iII", start, size, 0)

    directory = named("Root Entry", 5, 1, -2, 0) + named("Workbook", 2, -1, 0, len(book))
    return header + book + directory.ljust(512, b"\0") + table


def test_h52_a_workbook_with_macros_says_what_to_do(tmp_path):
    path = tmp_path / "book.xlsm"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet().write_row(0, 0, WEST[0])
        macro = tmp_path / "vbaProject.bin"
        macro.write_bytes(b"\xd0\xcf\x11\xe0")
        workbook.add_vba_project(str(macro))
    with pytest.raises(KamError) as refused:
        preview(path)
    assert str(refused.value) == "The workbook holds macros. Save it as xlsx, without them."
