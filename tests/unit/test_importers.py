"""Reading import files: the real ones, and ones that are broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamdesk.domain.errors import KamError
from kamdesk.importers.preview import preview

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")
CN = DATA / "hospitals_cn_wuhan2020map" / "hospitals_cn_masked.csv"
UK = DATA / "hospitals_uk_nhs_choices" / "Hospital_tilde.csv"
FR = DATA / "medicines_fr_bdpm" / "2026-01" / "CIS_bdpm.txt"


@needs_data
def test_the_chinese_hospitals_lose_only_their_exact_duplicates():
    seen = preview(CN)
    assert (seen.kind, seen.rows, len(seen.records)) == ("customer", 6753, 6729)
    beijing = next(one for one in seen.records if one["name"] == "北京医院")
    assert (beijing["pinyin"], beijing["initials"]) == ("bei jing yi yuan", "bjyy")
    assert len(seen.duplicates) == 40


@needs_data
def test_the_english_hospitals_are_read_without_quoting_in_their_code_page():
    seen = preview(UK)
    assert (seen.encoding, seen.delimiter, len(seen.records)) == ("cp1252", "~", 1216)
    hall = next(one for one in seen.records if one["code"] == "NMV02")
    assert (hall["city"], hall["latitude_e6"]) == ("York", 53995392)


@needs_data
def test_the_french_medicines_are_recognised_without_a_header():
    seen = preview(FR)
    assert (seen.kind, seen.header_row, len(seen.records)) == ("product", None, 15799)
    assert any(one.get("atc") for one in seen.records)


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("gb18030", ";"), ("utf-16", "\t"), ("utf-8-sig", ","), ("utf-8", "|")],
)
def test_any_common_encoding_and_delimiter_is_read(tmp_path, encoding, delimiter):
    path = tmp_path / "customers.csv"
    lines = [
        ["名称", "省份", "城市"],
        ["华山医院", "上海市", "上海"],
        ["浙江医院", "浙江省", "杭州"],
    ]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    seen = preview(path)
    assert [one["name"] for one in seen.records] == ["华山医院", "浙江医院"]
    assert json.loads(seen.to_json())["rows"] == 2


def test_a_row_without_a_name_is_an_error_with_its_line_and_the_rest_goes_in(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("name,city\nA,x\n,y\nB,z\n", encoding="utf-8")
    seen = preview(path, kind="customer")
    assert [one["name"] for one in seen.records] == ["A", "B"]
    assert [error["row"] for error in json.loads(seen.to_json())["errors"]]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff" * 500, b"PK\x03\x04rubbish"])
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(KamError) as caught:
        preview(path)
    assert caught.value.code
    assert str(caught.value)
