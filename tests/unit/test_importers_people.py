"""People of a file: each belongs to a customer that is known, or the row says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamdesk.importers.preview import preview

CUSTOMERS = (
    {"id": "1", "name": "St Mary's Hospital", "city": "London", "code": "RJ1"},
    {"id": "2", "name": "St Mary's Hospital", "city": "Leeds"},
    {"id": "3", "name": "ST. MARYS HOSPITAL", "city": "York", "code": "RJ3"},
    {"id": "4", "name": "复旦大学附属华山医院", "city": "上海市", "aliases": ["华山医院"]},
    {"id": "5", "name": "Two of a kind"},
    {"id": "6", "name": "Two of a kind"},
)
KNOWN = (*CUSTOMERS, {"id": "p", "name": "Ada King", "customer_id": "1"})


def read(*rows, known=KNOWN):
    return preview(Path(), pasted="\r\n".join("\t".join(row) for row in rows), known=known)


def belongs(code="", name="", city=""):
    """Return the customer that a row comes to, or the code of what is wrong with it."""
    seen = read(
        ("Name", "Customer code", "Hospital", "City", "Department"),
        ("Eve", code, name, city, "Ward"),
    )
    assert seen.kind == "person"
    return seen.records[0]["customer_id"] if seen.records else seen.errors[0].code


@pytest.mark.parametrize(
    ("code", "name", "city", "found"),
    [
        ("rj1", "", "", "1"),
        ("RJ1", "whatever it is called", "", "1"),
        ("", "St Mary's Hospital", "Leeds", "2"),
        ("", "St Mary's Hospital", "", "CUSTOMER_AMBIGUOUS"),
        ("", "St Mary's Hospital", "York", "3"),
        ("", "st marys hospital", "york", "3"),
        ("", "St Mary's Hospital", "Paris", "CUSTOMER_UNKNOWN"),
        ("", "华山医院", "上海", "4"),
        ("", "Two of a kind", "", "CUSTOMER_AMBIGUOUS"),
        ("", "Two of a kind", "London", "CUSTOMER_AMBIGUOUS"),
        ("RJ9", "ST. MARYS HOSPITAL", "", "CUSTOMER_UNKNOWN"),
        ("RJ9", "", "", "CUSTOMER_UNKNOWN"),
        ("", "St Mary", "", "CUSTOMER_UNKNOWN"),
        ("", "", "London", "CUSTOMER_MISSING"),
    ],
)
def test_a_customer_is_found_by_code_or_name_and_city_and_never_guessed(code, name, city, found):
    assert belongs(code, name, city) == found


def test_what_is_wrong_names_the_customer_and_the_row():
    seen = read(("Name", "Hospital", "Title"), ("Eve", "Nowhere", "Dr"), ("Al", "华山医院", "Dr"))
    assert [one["name"] for one in seen.records] == ["Al"]
    assert [(one.row, "Nowhere" in str(one)) for one in seen.errors] == [(2, True)]
    assert seen.records[0].keys() == {"name", "customer_id", "title", "initials"}


def test_the_same_name_at_the_same_customer_is_there_twice_or_known():
    seen = read(
        ("Name", "Customer code", "Phone"),
        ("ADA KING", "RJ1", "1"),
        ("Eve", "RJ1", "2"),
        ("eve", "RJ1", "3"),
        ("Eve", "RJ3", "4"),
    )
    assert [(one.row, one.of, one.code) for one in seen.duplicates] == [
        (2, "p", "SAME_PERSON"),
        (4, 3, "SAME_PERSON"),
    ]
    assert len(seen.records) == 4


def test_people_are_spelled_as_people_are():
    seen = read(("姓名", "医院"), ("仇英", "华山医院"), ("单雄信", "华山医院"))
    assert [one["initials"] for one in seen.records] == ["qy", "sxx"]


def test_without_a_store_people_stay_with_the_customer_that_the_file_names():
    seen = read(
        ("姓名", "医院"), ("王芳", "甲医院"), ("王芳", "乙医院"), ("王芳", "甲 医院"), known=None
    )
    assert (len(seen.records), seen.errors) == (3, ())
    assert [(one.row, one.of) for one in seen.duplicates] == [(4, 2)]


def test_people_without_a_column_for_the_customer_ask_for_one():
    seen = preview(Path(), pasted="Name\tTitle\r\nEve\tDr\r\n", kind="person", known=KNOWN)
    assert [one.code for one in seen.errors] == ["CUSTOMER_NOT_MAPPED"]
    assert seen.records == ()


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (("name", "city", "phone"), "customer"),
        (("医院名称", "联系人", "电话", "地址", "省份", "城市", "等级"), "customer"),
        (("医院名称", "联系人", "电话"), "person"),
        (("Account name", "Contact name", "Job title", "E-mail"), "person"),
        (("药品名称", "剂型", "生产企业"), "product"),
    ],
)
def test_people_and_customers_are_told_apart_by_their_columns(headings, kind):
    assert read(headings, tuple("abcdefg"[: len(headings)])).kind == kind
