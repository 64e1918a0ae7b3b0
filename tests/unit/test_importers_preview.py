"""What a preview says: kind, mapping, records, duplicates, errors."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from kamdesk.db.records import SPECS
from kamdesk.domain.errors import UserError
from kamdesk.importers import preview as module
from kamdesk.importers.fields import TARGETS
from kamdesk.importers.preview import preview

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")
CN = DATA / "hospitals_cn_wuhan2020map" / "hospitals_cn_masked.csv"
BDPM = DATA / "medicines_fr_bdpm" / "2026-01"


@pytest.fixture
def table(tmp_path: Path):
    def make(text: str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return make


def test_every_target_is_a_declared_field_and_keeps_its_limit():
    for kind, targets in TARGETS.items():
        for target in targets:
            if target.label:
                continue  # how a person's customer is called
            field = SPECS[kind].field(target.field)
            assert not field.max_length or target.max_length == field.max_length, target.field


@needs_data
def test_records_of_the_real_files_are_legal_documents():
    for path, kind in ((CN, "customer"), (BDPM / "CIS_bdpm.txt", "product")):
        defaults = {"kind": "hospital", "status": "active"} if kind == "customer" else {}
        for record in preview(path).records:
            SPECS[kind].check({**defaults, **record})


@needs_data
def test_rows_left_out_and_values_cut_of_the_chinese_file_are_reported():
    seen = preview(CN)
    assert [each.code for each in seen.duplicates].count("IDENTICAL_ROW") == seen.identical == 24
    assert [(each.column, each.code) for each in seen.errors] == [("tel", "TOO_LONG")]


@needs_data
def test_the_same_hospitals_in_gb18030_give_the_same_records(tmp_path):
    other = tmp_path / "gb.csv"
    with (
        CN.open(encoding="utf-8-sig", newline="") as file,
        other.open("w", encoding="gb18030", newline="") as copy,
    ):
        csv.writer(copy, delimiter=";").writerows(csv.reader(file))
    seen = preview(other)
    assert (seen.encoding, seen.delimiter) == ("gb18030", ";")
    assert seen.records == preview(CN).records


@needs_data
def test_packs_get_the_name_of_their_medicine_and_no_prices():
    seen = preview(BDPM / "CIS_CIP_bdpm.txt")
    assert (seen.rows, len(seen.records)) == (20875, 20875)
    assert str(seen.records[0]["name"]).startswith("ANASTROZOLE ACCORD 1 mg")
    assert seen.records[0]["code"] == "3400949497294"
    assert set(seen.mapping) == {"3", "4", "5", "7"}


@needs_data
def test_a_table_of_neither_customers_nor_products_asks_which():
    with pytest.raises(UserError) as caught:
        preview(BDPM / "CIS_COMPO_bdpm.txt")
    assert caught.value.code == "KIND_UNKNOWN"


def test_atc_codes_come_from_the_file_beside(tmp_path):
    line = (
        "60000001\tDEMO 5 mg, comprimé\tcomprimé\torale\tAutorisation active\tProcédure nationale\t"
    )
    line += "Commercialisée\t12/03/1998\t\t\t HOLDER\tNon"
    (tmp_path / "CIS_bdpm.txt").write_bytes(line.encode("cp1252") + b"\r\n")
    alone = preview(tmp_path / "CIS_bdpm.txt")
    (tmp_path / "CIS_MITM.txt").write_text("60000001\tC03CA01\tDEMO\thttps://x\n", encoding="utf-8")
    joined = preview(tmp_path / "CIS_bdpm.txt")
    assert "atc" not in alone.records[0]
    assert joined.records[0]["atc"] == "C03CA01"
    assert joined.to_dict()["header_row"] is None
    assert joined.columns[:2] == ("1", "2")


def test_title_rows_stand_above_the_header(table):
    seen = preview(
        table("医院名单（2026年）,,\n,,\n名称（必填）,城市*,联系电话\n华山医院,上海,021-1234567\n")
    )
    assert (seen.header_row, seen.rows) == (3, 1)
    assert seen.mapping == {"名称（必填）": "name", "城市*": "city", "联系电话": "phone"}
    assert seen.record_rows == (4,)


def test_a_table_without_header_is_recognised_by_its_content(table):
    rows = [f"第{n}人民医院,浙江省,杭州市,0571-8888{n:04}" for n in range(100, 140)]
    seen = preview(table("\n".join(rows)))
    assert (seen.kind, seen.header_row, len(seen.records)) == ("customer", None, 40)
    assert seen.mapping == {"1": "name", "2": "province", "3": "city", "4": "phone"}


def test_the_mapping_can_be_edited(table):
    path = table("name,city,note\nA,x,C0\nB,y,C1\n")
    seen = preview(path, kind="customer", mapping={"name": "name", "note": "code", "city": ""})
    assert [dict(one) for one in seen.records] == [
        {"name": "A", "code": "C0", "initials": "a"},
        {"name": "B", "code": "C1", "initials": "b"},
    ]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [({"nowhere": "name"}, "MAPPING_COLUMN"), ({"name": "salary"}, "MAPPING_FIELD")],
)
def test_a_mapping_of_what_is_not_there_is_refused(table, mapping, code):
    with pytest.raises(UserError) as caught:
        preview(table("name,city\nA,x\n"), kind="customer", mapping=mapping)
    assert caught.value.code == code


def test_without_a_column_for_the_name_the_preview_asks_for_one(table):
    seen = preview(table("foo,bar\n1,2\n"), kind="customer")
    assert (seen.rows, seen.records, seen.errors[0].code) == (1, (), "NAME_NOT_MAPPED")


def test_h54_of_ten_thousand_rows_37_bad_ones_are_named_and_the_others_go_in(table):
    bad = {number * 270 + 5 for number in range(37)}
    lines = [
        f",Lyon,{number}" if number in bad else f"Hospital {number},Lyon,{number}"
        for number in range(10_000)
    ]
    seen = preview(table("name,city,postcode\n" + "\n".join(lines) + "\n"))
    assert seen.rows == 10_000
    assert len(seen.records) == 9_963
    assert {(each.row, each.code) for each in seen.errors} == {
        (at + 2, "NAME_MISSING") for at in bad
    }


def test_h54_bad_rows_are_left_out_and_bad_values_only_leave_their_field(table):
    text = (
        "name,city,email,latitude,phone\n"
        ",Lyon,,,\n"
        f"{'x' * 201},Paris,,,\n"
        "A,Nice,nobody,95,1.39E+10\n"
        "B,Nice,b@example.org,43.7,+33 4 00 00 00 00\n"
        "C,Nice,,,,too,many\n"
        "total\n"
    )
    seen = preview(table(text))
    assert [one["name"] for one in seen.records] == ["A", "B"]
    assert seen.records[0] == {"name": "A", "city": "Nice", "initials": "a"}
    assert [(each.row, each.column, each.code) for each in seen.errors] == [
        (2, "name", "NAME_MISSING"),
        (3, "name", "TOO_LONG"),
        (4, "email", "BAD_EMAIL"),
        (4, "latitude", "BAD_COORDINATE"),
        (4, "phone", "NUMBER_SHORTENED"),
        (6, None, "ROW_TOO_WIDE"),
        (7, None, "ROW_TOO_SHORT"),
    ]


def test_a_file_does_not_set_what_it_does_not_say(table):
    (record,) = preview(table("名称,城市\n华山医院,上海\n")).records
    assert set(record) == {"name", "city", "pinyin", "initials"}


def test_duplicates_are_found_within_the_file_and_against_what_is_known(table):
    text = "名称,省份,城市,编码\n华山医院,上海市,上海市,1\n华 山医院,上海,上海,2\n中山医院,上海,上海,3\n北院,,x,9\n"
    known = [
        {"id": "k1", "name": "中山医院", "province": "上海市", "city": "上海市"},
        {"id": "k2", "code": "9"},
    ]
    seen = preview(table(text), known=known)
    assert [(each.row, each.of, each.code) for each in seen.duplicates] == [
        (3, 2, "SAME_NAME_CITY"),
        (4, "k1", "SAME_NAME_CITY"),
        (5, "k2", "SAME_CODE"),
    ]


def test_branches_in_other_cities_are_no_duplicates(table):
    seen = preview(table("name,city\nSt Mary's Hospital,London\nSt Mary's Hospital,Leeds\n"))
    assert seen.duplicates == ()


def test_continuation_rows_belong_to_the_product_above(table):
    text = (
        "Single exit prices 2026,,,\n"
        "Applicant,Nappi code,Product name,Ingredient\n"
        "Demo Ltd,701,Demotab,A\n,,,B\nDemo Ltd,702,Otherin,C\n"
    )
    seen = preview(table(text))
    assert (seen.kind, seen.header_row, seen.rows, len(seen.records)) == ("product", 2, 3, 2)
    assert seen.errors == ()


def test_the_json_has_the_agreed_form(table):
    path = table("名称,省份,城市,电话\n华山医院,上海市,上海,1.39E+10\n华山医院,上海市,上海,021-5\n")
    found = json.loads(preview(path).to_json())
    assert found == {
        "kind": "customer",
        "encoding": "utf-8",
        "delimiter": ",",
        "header_row": 1,
        "columns": ["名称", "省份", "城市", "电话"],
        "rows": 2,
        "records": 2,
        "mapping": {"名称": "name", "省份": "province", "城市": "city", "电话": "phone"},
        "duplicates": [{"row": 3, "of": 2, "why": "same name and city"}],
        "errors": [
            {
                "row": 2,
                "column": "电话",
                "message": "A spreadsheet has shortened this number; it was left out.",
            }
        ],
    }


def test_long_lists_are_cut_with_their_totals(table, monkeypatch):
    monkeypatch.setattr(module, "SHOWN", 3)
    found = preview(table("name,city\nA,x\n" + "A,x\n" * 5 + ",y\n,z\n,q\n,r\n,s\n")).to_dict()
    assert len(found["duplicates"]) == len(found["errors"]) == 3
    assert (found["duplicates_total"], found["errors_total"]) == (5, 5)


def test_progress_is_told_and_a_preview_can_be_cancelled(table):
    path = table("name,city\n" + "".join(f"Hospital {n},x\n" for n in range(3000)))
    told = []
    preview(path, progress=lambda read, of: told.append((read, of)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert told == sorted(told)
    assert len(told) > 3
    with pytest.raises(UserError) as caught:
        preview(path, is_cancelled=lambda: True)
    assert caught.value.code == "CANCELLED"


def test_products_and_customers_are_told_apart_by_their_columns(table):
    assert preview(table("药品名称,剂型,生产企业\n阿司匹林,片剂,示例药业\n")).kind == "product"
    assert (
        preview(table("Nom de l'établissement;Ville;Téléphone\nCHU;Lyon;04 00 00 00\n")).kind
        == "customer"
    )
    with pytest.raises(UserError) as caught:
        preview(table("name,code\nA,1\n"))
    assert caught.value.code == "KIND_UNKNOWN"
    assert preview(table("name,code\nA,1\n"), kind="product").mapping == {
        "name": "name",
        "code": "code",
    }


def test_columns_of_one_name_and_of_none_can_be_told_apart(table):
    seen = preview(table("name,city,city,\nA,x,y,z\n"), kind="customer")
    assert seen.columns == ("name", "city", "city (2)", "4")
    assert seen.records[0]["city"] == "x"


def test_copied_cells_are_read_as_a_table_without_a_file():
    copied = 'Hospital name\tCity\r\nSt "M" Hospital\tLeeds\r\n"Two\nlines"\t"a ""b"""\r\n'
    seen = preview(Path(), pasted=copied)
    assert (seen.kind, seen.header_row, seen.rows, seen.encoding) == ("customer", 1, 2, "")
    assert [one["name"] for one in seen.records] == ['St "M" Hospital', "Two lines"]
    assert seen.records[1]["city"] == 'a "b"'


def test_copied_inches_at_the_beginning_of_a_cell_are_no_open_quotation():
    seen = preview(Path(), pasted='Product name\tATC\r\n"5 tube\tB01AC06\r\n6 tube\tB01AC07\r\n')
    assert len(seen.records) == 2


def test_more_columns_than_can_be_read_are_refused_when_copied():
    with pytest.raises(UserError) as caught:
        preview(Path(), pasted="a\t" * 2000)
    assert caught.value.code == "TOO_MANY_COLUMNS"
