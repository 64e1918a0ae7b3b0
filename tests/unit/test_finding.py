"""Which customers are found, which come first, and that a list read in parts is the same list."""

from __future__ import annotations

import random
import unicodedata

import pytest

from kamdesk.db import text_index
from kamdesk.db.queries import closeness
from kamdesk.db.queries.customers import CustomerFilter, find_customers, list_customers
from kamdesk.db.records import SPECS, Customer
from kamdesk.domain.changes import Origin


def test_no_index_calls_a_function_so_that_writing_a_record_copies_no_pages(store):
    """Beside the guards' triggers SQLite would keep, and encipher, a copy of every page in case one fails."""
    for kind, spec in SPECS.items():
        columns = ", ".join(spec.names)
        steps = store.read(
            lambda reader, kind=kind, columns=columns: reader.rows(
                f"EXPLAIN INSERT OR FAIL INTO {kind}(id, _rev, _b, {columns}) SELECT id, 0, '', {columns} FROM {kind}"
            )
        )
        assert not [step for step in steps if "Func" in step[1]], kind


HOSPITALS = (
    ("中山医院", "zhong shan yi yuan", "zsyy", "广州", "A"),
    ("复旦大学附属中山医院", "fu dan da xue fu shu zhong shan yi yuan", "fddxfszsyy", "上海", "B"),
    ("中山大学附属第一医院", "zhong shan da xue fu shu di yi yi yuan", "zsdxfsdyyy", "广州", "C"),
    ("浙江大学附属第一医院", "zhe jiang da xue fu shu di yi yi yuan", "zjdxfsdyyy", "杭州", "A"),
    ("浙一院", "zhe yi yuan", "zyy", "杭州", "B"),
    ("上海市第一人民医院", "shang hai shi di yi ren min yi yuan", "shsdyrmyy", "上海", ""),
    ("Hôpital Saint-Louis", None, "hsl", "Paris", "A"),
    ("Smith Clinic", None, "sc", "London", "B"),
    ("Blacksmith Surgery", None, "bs", "London", "B"),
)


def put(store, rows):
    """Put customers with (name, pinyin, initials, city, segment) into the store, as head office sends them."""

    def write(work):
        for number, (name, pinyin, initials, city, segment) in enumerate(rows):
            work.driver.execute(
                "INSERT INTO customer(id, _rev, _b, kind, name, pinyin, initials, city, segment, code)"
                " VALUES(?,1,'b','hospital',?,?,?,?,?,?)",
                (f"h{number}", name, pinyin, initials, city, segment, f"H{number:05}"),
            )
        text_index.index_ids(work.driver, Customer.spec(), [f"h{n}" for n in range(len(rows))])

    store.transact(Origin.SYNC, write)


@pytest.fixture
def hospitals(store):
    store.transact(Origin.SYNC, lambda work: work.driver.execute("DELETE FROM customer"))
    put(store, HOSPITALS)
    return store


def names(store, typed="", **wanted):
    rows = store.read(
        lambda reader: list_customers(reader, CustomerFilter(typed, **wanted), offset=0, limit=100)
    )
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("中山医院", "中山医院"),
        ("中山", "中山医院"),
        ("zhongshan", "中山医院"),
        ("zsyy", "中山医院"),
        ("zsdx", "中山大学附属第一医院"),
        ("zhej 一院", "浙江大学附属第一医院"),
        ("zheyiy", "浙一院"),
        ("第一", "上海市第一人民医院"),
        ("shanghai shi", "上海市第一人民医院"),
        ("smith", "Smith Clinic"),
        ("surg", "Blacksmith Surgery"),
        ("hopital", "Hôpital Saint-Louis"),
        (unicodedata.normalize("NFD", "hôpital"), "Hôpital Saint-Louis"),
        (unicodedata.normalize("NFC", "hôpital"), "Hôpital Saint-Louis"),
        ("ＳＭＩＴＨ", "Smith Clinic"),
        ("H00003", "浙江大学附属第一医院"),
    ],
)
def test_the_closest_comes_first(hospitals, typed, first):
    assert names(hospitals, typed)[0] == first
    found = hospitals.read(lambda reader: find_customers(reader, typed))
    assert found[0].text == first


@pytest.mark.parametrize(
    "typed", ["z", "zh", "zho", "zhon", "zhong", "zhongs", "zhongsh", "zhongsha"]
)
def test_every_letter_of_a_spelling_finds_it(hospitals, typed):
    assert {"中山医院", "复旦大学附属中山医院", "中山大学附属第一医院"} <= set(
        names(hospitals, typed)
    )


def test_a_city_finds_all_its_customers(hospitals):
    assert set(names(hospitals, "杭州")) == {"浙江大学附属第一医院", "浙一院"}


def test_words_must_all_be_found(hospitals):
    assert names(hospitals, "上海 中山") == ["复旦大学附属中山医院"]
    assert names(hospitals, "广州 smith") == []


def test_of_many_matches_those_that_begin_so_come_first_and_none_is_left_out(store):
    """More than are rated one by one: the one that is called so has the last number."""
    rng = random.Random(1)
    many = [
        (f"大学{rng.choice('东西南北')}医院{n}", f"da xue yi yuan {n}", "dxyy", "", "")
        for n in range(1200)
    ]
    put(store, [*many, ("医院管理中心", "yi yuan guan li zhong xin", "yyglzx", "", "B")])
    for typed in ("医院", "yiyuan", "yy", "y"):
        found = names_of_all(store, CustomerFilter(typed))
        assert found[0] == "医院管理中心", typed
        assert {one[0] for one in many} <= set(found), typed
        assert len(found) == len(set(found)), typed
    assert len(names_of_all(store, CustomerFilter("医院", segment="B"))) == 1
    assert closeness.FEW < 1200


def names_of_all(store, wanted):
    """Read a list as the window does: its whole order, then the rows."""

    def read(reader):
        order = wanted.order(reader)
        numbers = order.whole(reader)
        assert list(numbers)[:40] == order.first(reader, 40)
        lines = wanted.lines(reader, numbers)
        return [lines[number].name for number in numbers]

    return store.read(read)


def test_archived_customers_are_neither_listed_nor_found(hospitals):
    hospitals.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("UPDATE customer SET status = 'archived' WHERE id = 'h0'"),
    )
    assert "中山医院" not in names(hospitals)
    assert "中山医院" not in names(hospitals, "中山")


@pytest.mark.parametrize("typed", ["", "院", "zhongshan"])
@pytest.mark.parametrize("sort", ["name", "city", "segment", "last_visit", "next_visit"])
def test_a_sorted_list_has_the_same_rows_in_order_and_backwards(hospitals, sort, typed):
    def write(work):
        for number, day in enumerate(("2026-01-05", "2026-03-01", "2025-07-01", "2026-01-05")):
            for state in ("completed", "planned", "missed"):
                work.driver.execute(
                    "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, state, held_on, held_at)"
                    " VALUES(?,1,'b',?,'u',?,?,'08:00')",
                    (f"{number}{state}", f"h{number % 3}", state, day),
                )

    hospitals.transact(Origin.SYNC, write)
    forward = CustomerFilter(typed, sort=sort)
    assert set(names_of_all(hospitals, forward)) == set(names(hospitals, typed))

    def rows(wanted):
        return hospitals.read(lambda reader: list_customers(reader, wanted, offset=0, limit=100))

    key = {
        "name": lambda one: one.name,
        "city": lambda one: one.city,
        "segment": lambda one: one.segment or "Z",
        "last_visit": lambda one: one.last_visit,
        "next_visit": lambda one: one.next_visit,
    }[sort]
    up, down = rows(forward), rows(CustomerFilter(typed, sort=sort, descending=True))
    assert len(up) == len(down)
    if sort in {"last_visit", "next_visit"}:
        # Those without a visit stay at the end, whichever way
        assert [key(one) is None for one in up] == sorted(key(one) is None for one in up)
        assert [key(one) is None for one in down] == sorted(key(one) is None for one in down)
        up, down = ([one for one in rows if key(one)] for rows in (up, down))
    if sort != "name":
        assert [key(one) for one in up] == sorted(key(one) for one in up)
    assert [key(one) for one in down] == [key(one) for one in up][::-1]


def test_names_sort_by_their_spelling(hospitals):
    assert names(hospitals, sort="name")[:3] == [
        "Blacksmith Surgery",
        "复旦大学附属中山医院",
        "Hôpital Saint-Louis",
    ]


def test_many_matches_sorted_by_name_are_the_same_rows(store):
    many = [(f"医院{n:05}", f"yi yuan {n:05}", "yy", "", "A") for n in range(2500)]
    put(store, many[::-1])
    found = names_of_all(store, CustomerFilter("医院", sort="name"))
    assert [one for one in found if one.startswith("医院")] == [one[0] for one in many]


def test_while_the_index_is_built_sorted_lists_are_filtered_too(hospitals):
    hospitals.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("INSERT INTO meta VALUES('index:customer', 'load')"),
    )
    assert names(hospitals, "zhongshan", sort="name")[-1] == "中山医院"
    assert set(names(hospitals, "smith")) == {"Smith Clinic", "Blacksmith Surgery"}
