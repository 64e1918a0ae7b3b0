"""Opening tables of any shape: read right, or refused with a code and a line, quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kamdesk.domain.errors import KamError, MachineError, UserError
from kamdesk.importers import files
from kamdesk.importers.files import open_table
from kamdesk.importers.preview import preview

SECONDS = 2.0
ROWS = [["名称", "省份", "城市"], ["华山医院", "上海市", "上海"], ["浙江医院", "浙江省", "杭州"]]


@pytest.fixture
def made(tmp_path: Path):
    def make(content: bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def read(path: Path) -> list[list[str]]:
    return [cells for _, cells in open_table(path).rows()]


def refusal(path: Path) -> KamError:
    begun = time.perf_counter()
    with pytest.raises(KamError) as caught:
        preview(path)
    assert time.perf_counter() - begun < SECONDS
    assert caught.value.context == "importers"
    assert "{" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_h53_chinese_is_read_in_every_encoding_delimiter_and_line_end(
    made, encoding, delimiter, end
):
    text = end.join(delimiter.join(row) for row in ROWS * 20)
    table = open_table(made(text.encode(encoding)))
    assert table.delimiter == delimiter
    assert [cells for _, cells in table.rows()] == ROWS * 20


def test_french_in_cp1252_is_not_taken_for_chinese(made):
    text = "nom;ville\nHôpital Édouard-Herriot;Lyon\nCentre médical «Été»;Orléans\nL’Hôtel-Dieu;Nîmes\n"
    table = open_table(made(text.encode("cp1252")))
    assert (table.encoding, table.delimiter) == ("cp1252", ";")
    assert next(iter(table.rows()))[1] == ["nom", "ville"]
    assert [cells[0] for _, cells in table.rows()][3] == "L’Hôtel-Dieu"


def test_traditional_chinese_is_left_to_the_likeliest_encoding(made):
    text = "名稱,城市\n" + "國立臺灣大學醫學院附設醫院,臺北市\n臺中榮民總醫院,臺中市\n" * 30
    assert read(made(text.encode("big5")))[1][0] == "國立臺灣大學醫學院附設醫院"


def test_one_broken_character_does_not_spoil_the_encoding_of_the_others(made):
    content = "name,city\n" + "华山医院,上海\n" * 60
    seen = preview(
        made(content.encode() + b"Bad \xff\xfe name,Paris\nGood,Lyon\n"), kind="customer"
    )
    assert (seen.encoding, seen.errors[0].code, seen.errors[0].row) == (
        "utf-8",
        "UNREADABLE_CHARACTERS",
        62,
    )
    assert seen.records[-1]["name"] == "Good"


def test_quotes_enclose_delimiters_quotes_and_line_ends(made):
    text = 'name,city\n"A, ""the"" hospital","Lyon\nNord"\nB,Paris\n'
    assert read(made(text.encode())) == [
        ["name", "city"],
        ['A, "the" hospital', "Lyon\nNord"],
        ["B", "Paris"],
    ]


def test_quotes_that_are_plain_characters_are_kept(made):
    text = 'name\tcity\n"Le Phare" clinique\tLyon\n"Ouvert\tParis\nClinique 5"\tNice\n'
    assert read(made(text.encode()))[1:] == [
        ['"Le Phare" clinique', "Lyon"],
        ['"Ouvert', "Paris"],
        ['Clinique 5"', "Nice"],
    ]


def test_h53_mixed_line_ends_and_blank_lines_do_not_lose_rows(made):
    table = open_table(made(b"name,city\r\nA,x\n\nB,y\r\r\nC,z"))
    assert list(table.rows()) == [
        (1, ["name", "city"]),
        (2, ["A", "x"]),
        (4, ["B", "y"]),
        (6, ["C", "z"]),
    ]


def test_the_line_that_tells_excel_the_delimiter_is_no_row(made):
    assert read(made(b"sep=|\nname|city\nA|x\n")) == [["name", "city"], ["A", "x"]]


def test_what_the_user_chooses_is_taken(made):
    table = open_table(
        made("nom,ville\nM\xfcnchen,x\n".encode("cp1250")), encoding="cp1250", delimiter=";"
    )
    assert [cells for _, cells in table.rows()] == [["nom,ville"], ["München,x"]]


def test_h53_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(made):
    rows = "".join(f'"Hospital {number}","Road, {number}"\n' for number in range(300))
    error = refusal(made(f'name,address\n{rows}"Open, x\n{rows}'.encode()))
    assert (error.code, error.params["line"]) == ("QUOTE_NOT_CLOSED", 302)


def test_h53_a_zero_character_is_refused_with_its_line(made):
    error = refusal(made(b"name,city\n" + b"A,x\n" * 40_000 + b"B\x00,y\n"))
    assert (error.code, error.params["line"]) == ("NUL_CHARACTER", 40_002)


def test_h53_a_cell_of_a_megabyte_is_refused_with_its_line(made):
    error = refusal(made(b"name,city\nA,x\n" + b"y" * 1_000_000 + b",z\n"))
    assert (error.code, error.params["line"]) == ("FIELD_TOO_LONG", 3)


def test_h53_a_million_columns_are_refused_with_their_line(made):
    error = refusal(made(b"," * 1_000_000 + b"\n"))
    assert error.code in {"TOO_MANY_COLUMNS", "FILE_EMPTY"}
    error = refusal(made(b"a," * 1_000_000 + b"\n"))
    assert (error.code, error.params["line"]) == ("TOO_MANY_COLUMNS", 1)


def test_a_line_without_end_is_refused(made):
    error = refusal(made(b"name,city\n" + b"a b," * 2_000_000))
    assert (error.code, error.params["line"]) == ("LINE_TOO_LONG", 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\xef\xbb\xbf\r\n\r\n", "FILE_EMPTY"),
        (b" \n\t\n", "FILE_EMPTY"),
        (b"PK\x03\x04" + b"x" * 100, "SHEET_DAMAGED"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "FORMAT_UNKNOWN"),
        (b"%PDF-1.7\n", "FORMAT_UNKNOWN"),
        (bytes(range(1, 32)) * 100, "FORMAT_UNKNOWN"),
        (bytes(range(256)) * 4000, "FORMAT_UNKNOWN"),
    ],
)
def test_what_is_no_table_is_refused_as_what_it_is(made, content, code):
    assert refusal(made(content)).code == code


def test_a_file_over_the_limit_is_refused_before_it_is_read(made, monkeypatch):
    path = made(b"name\n")
    with path.open("r+b") as file:
        file.truncate(files.MAX_BYTES + 1)  # sparse: no disk is used
    assert refusal(path).code == "FILE_TOO_LARGE"


def test_too_many_rows_are_refused(made, monkeypatch):
    monkeypatch.setattr(files, "MAX_ROWS", 10)
    assert refusal(made(b"name,city\n" + b"A,x\n" * 20)).code == "TOO_MANY_ROWS"


def test_a_file_that_is_not_there_is_a_fault_of_the_machine(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(MachineError) as caught:
            open_table(path)
        assert caught.value.code == "FILE_MISSING"


def test_an_encoding_that_does_not_exist_is_refused(made):
    with pytest.raises(UserError) as caught:
        open_table(made(b"name\nA\n"), encoding="klingon-8")
    assert caught.value.code == "ENCODING_UNKNOWN"
