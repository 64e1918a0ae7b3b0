"""The leak scanner proves itself: what is planted is found, noise is not."""

from __future__ import annotations

import base64
import json
import os
import pickle
import struct
from random import Random

import pytest

from kamdesk.security import envelope, leaks
from kamdesk.security.leaks import Needles
from tests.leaks import planted

TEXTS = {
    "plain": "739148357.2613", "grouped": "739,148,357.2613", "decimal comma": "739148357,2613",
    "German": "739.148.357,2613", "blanks": "739 148 357.2613", "exponent": "7.391483572613E+8",
    "whole part": "739148357", "wan": "73914.83572613万", "full width": "７３９１４８３５７．２６１３",
    "two places more": "739148357.261300",
}  # fmt: skip
CODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def test_all_19_planted_forms_are_found_and_nothing_clean_is(tmp_path):
    assert len(planted.FORMS) == 19
    missed, false = planted.found(tmp_path)
    assert (missed, false) == ([], [])


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("coding", CODINGS)
def test_every_spelling_is_found_in_every_coding(name, coding):
    if name == "full width" and coding == "utf-16-be":
        pytest.skip("not looked for")
    written = f"net: {TEXTS[name]} agreed".encode(coding)
    assert leaks.in_bytes(written, planted.needles())


@pytest.mark.parametrize("at", [0, 1, 2])
def test_base64_is_found_at_every_alignment(at):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        hidden = encode(b"?" * at + planted.SEEN.encode() + b"?>")
        assert leaks.in_bytes(b'{"v":"' + hidden + b'"}', planted.needles()) == {"base64"}


@pytest.mark.parametrize("order", "<>")
def test_doubles_and_whole_numbers_are_found_in_both_byte_orders(order):
    double = struct.pack(f"{order}d", float(planted.SEEN))
    assert leaks.in_bytes(b"\x07" + double + b"\x07", planted.needles()) == {"floating point"}
    whole = struct.pack(f"{order}q", int(planted.SEEN.replace(".", "")))
    assert "whole number" in leaks.in_bytes(b"\x07" + whole + b"\x07", planted.needles())


@pytest.mark.parametrize(
    ("written", "is_leak"),
    [
        ("net 198.50 CNY", True), ("¥198.50", True), ('{"net": "198.5 CNY"}', True),
        ("the price is 198.50 now", True), ("CNY 198.50", True),
        ("room 19850", False), ("198", False), ("12:10:198.50", False), ("call 198 50", False),
    ],
)  # fmt: skip
def test_a_short_price_counts_where_it_looks_like_one(written, is_leak):
    needles = Needles()
    needles.add(19850, 2, "CNY")
    assert bool(leaks.in_bytes(written.encode(), needles)) is is_leak


@pytest.mark.parametrize(
    ("row", "is_leak"),
    [
        ("box,1000,198.50,12", True), ("12.5,739148357.2613", True), ("7,739148357", True),
        ("1,198.50", False), ("total 12,198.50 in all", False), ("1.198,50", False), ("198,500,198", False),
    ],
)  # fmt: skip
def test_prices_side_by_side_are_told_from_one_that_is_grouped(row, is_leak):
    needles = planted.needles()
    needles.add(19850, 2, "CNY")
    assert bool(leaks.in_bytes(row.encode(), needles)) is is_leak


def test_a_price_that_a_utf_16_file_begins_with_is_found():
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        assert leaks.in_bytes(planted.SEEN.encode(coding), planted.needles())


def test_a_small_whole_number_is_no_price_and_a_large_one_is():
    needles = Needles()
    needles.add(172902, 2, "CNY")
    needles.add(172902000, 2, "CNY")
    for value, is_found in ((17290200, False), (17290200000, True)):
        for order in ("big", "little"):
            written = b"\x07" + value.to_bytes(8, order) + b"\x07"
            assert bool(leaks.in_bytes(written, needles)) is is_found


def test_envelopes_and_rows_of_numbers_hold_no_everyday_price_by_chance():
    """A session without a leak told of one now and then: small numbers are everywhere."""
    needles = planted.needles()
    random = Random(1)
    head = envelope.header(envelope.Purpose.PRICE, 1)
    sealed = [head + random.randbytes(44) for _ in range(3000)]
    numbers = b"".join(
        random.randrange(1 << 28).to_bytes(8, "big") + b"\x07" for _ in range(60_000)
    )
    assert leaks.in_bytes(b"".join(sealed) + numbers, needles) == set()
    assert leaks.in_bytes(b" ".join(map(base64.b64encode, sealed)), needles) == set()


SEALED = "Prof. Wang agrees to 底价二十三块五 until March, if we deliver monthly"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "gb18030", "json", "base64"])
@pytest.mark.parametrize("part", [slice(None), slice(20, 60)])
def test_a_sealed_text_is_found_whole_and_in_part(coding, part):
    needles = Needles()
    needles.add_text(SEALED)
    words = f"note: {SEALED[part]}; ok"
    if coding == "json":
        written = json.dumps(words).encode()
    elif coding == "base64":
        written = base64.b64encode(words.encode())
    else:
        written = words.encode(coding)
    assert leaks.in_bytes(written, needles)


def test_a_short_sealed_text_is_found_and_one_of_a_few_letters_is_not_looked_for():
    needles = Needles()
    needles.add_text("底价五")
    needles.add_text("5")
    assert needles.texts == 2
    assert leaks.in_bytes("今天谈到底价五，".encode(), needles) == {"text"}
    assert not leaks.in_bytes("今天谈到售价五，5555".encode(), needles)


def test_other_texts_and_noise_are_no_sealed_text():
    needles = Needles()
    needles.add_text(SEALED)
    other = "Prof. Li agrees to meet in March; 底价 is not told, we deliver weekly"
    for written in (other.encode(), json.dumps(other).encode(), other.encode("gb18030")):
        assert not leaks.in_bytes(written, needles)
    assert not leaks.in_bytes(os.urandom(2_000_000), needles)


def test_a_search_for_texts_keeps_none_of_them():
    needles = Needles()
    needles.add_text(SEALED)
    assert b"agrees" not in pickle.dumps(vars(needles))


def test_nothing_but_zeros_is_looked_through_like_anything_else():
    for order in ("big", "little"):
        whole = int(planted.SEEN.replace(".", "")).to_bytes(8, order)
        assert leaks.in_bytes(bytes(5000) + whole + bytes(5000), planted.needles())


def test_a_percentage_counts_beside_its_own_unit_alone():
    needles = Needles()
    needles.add(125, 1, "PCT")
    assert leaks.in_bytes(b'"rebate": "12.5 PCT"', needles)
    assert not leaks.in_bytes(b"battery 12.5, took 12.50 ms", needles)


def test_a_price_across_two_pieces_is_found(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(os.urandom(leaks.PIECE - 7) + planted.SEEN.encode() + os.urandom(9000))
    [hit] = leaks.search([tmp_path], planted.needles()).hits
    assert (hit.place, hit.form) == (str(file), "text")


def test_what_is_looked_for_is_not_kept_as_text():
    needles = planted.needles()
    kept = repr(vars(needles))
    assert planted.SEEN not in kept
    assert "7391483572613" not in kept


def test_a_search_says_what_it_read_and_can_be_stopped(tmp_path):
    for name in "abc":
        (tmp_path / name).write_bytes(os.urandom(200_000))
    told = []
    report = leaks.search(
        [tmp_path], planted.needles(), progress=lambda done, all_: told.append((done, all_))
    )
    assert (report.files, report.bytes, report.is_whole) == (3, 600_000, True)
    assert told[-1] == (600_000, 600_000)
    report = leaks.search([tmp_path], planted.needles(), stopped=lambda: len(told) > 0)
    assert (report.files, report.is_whole) == (0, False)
