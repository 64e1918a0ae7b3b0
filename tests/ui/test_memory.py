"""H14: what is left in the memory of the real window after the lock, read from outside by /proc."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from kamdesk.db import open_store
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.security import keystore, pricekeys, slots
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.unlock import open_keys
from kamdesk.services.contracts import ContractEntry, LineEntry, draft_contract
from kamdesk.services.prices import set_prices
from kamdesk.services.visits import VisitEntry, report_visit
from tests.ui.shown_prices import KEYS, KIM, PRICES
from tests.unit.conftest import HUASHAN, _two_hospitals

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: /proc is of Linux")
ROOT = Path(__file__).resolve().parents[2]
COUNT = 200
BASE = 0x06B8_F7A1_0000  # as ten-thousandths: the prices share all digits but the last, and all bytes but one
TEXT = str(BASE)[:-3]
NUMBERS = [number for number in range(256) if (BASE + number) % 10][
    :COUNT
]  # a nought at the end is not written
# Python's own form of a whole number: 30 bits in each four bytes
_INT = rb"(.)" + re.escape(
    (BASE & 0x3FFF_FFFF).to_bytes(4, "little")[1:] + (BASE >> 30).to_bytes(4, "little")
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A profile with a contract of 200 lines, each at a price of its own."""
    for module in (pricekeys, slots):
        cheap = partial(module.PassphraseWork, memory_kib=64, passes=1, lanes=1)
        monkeypatch.setattr(module, "PassphraseWork", cheap)
    folder = tmp_path / "profile"
    keys = keystore.create_with_passphrase(folder, "profile", KEYS)
    store = open_store.create(folder, keys, KIM)
    store.transact(Origin.SYNC, _two_hospitals)
    store.prices = lock = PriceLock(keys)
    lock.open(PRICES)
    lines = [LineEntry(new_id(), new_id(), "28 tabs", 1, "box") for _ in range(COUNT)]

    def draft(work):
        entry = ContractEntry(new_id(), HUASHAN, title="Supply", lines=tuple(lines))
        draft_contract(work, entry)
        for number, line in zip(NUMBERS, lines, strict=True):
            prices = LinePrices(net=Price(Decimal(BASE + number).scaleb(-4), "CNY"))
            set_prices(work, line_id=line.id, customer_id=HUASHAN, prices=prices)

    store.transact(Origin.USER, draft)
    store.close()
    return folder, [bytes(one) for one in keys.open_price_keys(PRICES).values()]


class Child:
    """The process, and its memory."""

    def __init__(self, folder, environment=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.shown_prices", str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n"

    def do(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def memory(self):
        """Give what the process can write, piece by piece."""
        with (
            Path(f"/proc/{self.process.pid}/maps").open() as maps,
            Path(f"/proc/{self.process.pid}/mem").open("rb", 0) as memory,
        ):
            for line in maps:
                place, rights, *_ = line.split()
                if "w" in rights:
                    start, end = (int(one, 16) for one in place.split("-"))
                    try:
                        memory.seek(start)
                        yield memory.read(end - start)
                    except (OSError, ValueError, OverflowError):
                        continue

    def found(self, keys):
        """Say how many of the prices are there in each form, and how many copies of the keys."""
        high = (BASE >> 16).to_bytes(6, "little")
        digits = "".join(f"{digit}[,.]?" for digit in TEXT[:-1]) + TEXT[-1]
        wide = digits.replace("[,.]?", "(?:[,.]\0)?")
        forms = {
            "text": re.compile(f"{digits}(\\d{{3}})".encode()),
            "utf-16": re.compile(
                re.sub(r"(\d)", "\\1\0", wide).encode() + b"((?:\\d\0){3})"
            ),
            "number": re.compile(rb"(.)\0" + re.escape(high), re.DOTALL),
            "int": re.compile(_INT, re.DOTALL),
            "envelope": re.compile(re.escape((BASE >> 16).to_bytes(4, "big")) + rb"\0(.)", re.DOTALL),
        }  # fmt: skip
        seen = {name: set() for name in forms}
        copies = 0
        for piece in self.memory():
            for name, form in forms.items():
                seen[name].update(match[1] for match in form.finditer(piece))
            copies += sum(piece.count(key) for key in keys)
        return {name: len(some) for name, some in seen.items()} | {"keys": copies}

    def end(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def child(folder):
    one = Child(folder[0])
    yield one
    one.end()


NOTHING = {"text": 0, "utf-16": 0, "number": 0, "int": 0, "envelope": 0, "keys": 0}


def test_h14_after_the_lock_no_key_and_no_price_is_in_memory(child, folder):
    _, keys = folder
    assert child.found(keys) == NOTHING
    for _ in range(2):
        child.do("open")
        shown = child.found(keys)
        assert shown["keys"] >= 1
        assert shown["text"] + shown["utf-16"] >= 1
        child.do("lock")
        assert child.found(keys) == NOTHING


def test_h14_lines_that_were_sorted_by_price_leave_none_either(child, folder):
    _, keys = folder
    child.do("open")
    for _ in range(2):
        child.do("sort")
    child.do("lock")
    assert child.found(keys) == NOTHING


def test_h14_a_form_that_was_open_leaves_no_price_either(child, folder):
    _, keys = folder
    child.do("open")
    child.do("edit")
    found = child.found(keys)
    assert sum(found[form] for form in ("text", "utf-16", "number", "int", "envelope")) > 10
    child.do("lock")
    assert child.found(keys) == NOTHING


def test_h14_the_passphrase_that_opened_prices_is_not_in_memory_either(tmp_path, monkeypatch):
    secret = "only typed, kept nowhere 7391"
    cheap = partial(pricekeys.PassphraseWork, memory_kib=64, passes=1, lanes=1)
    monkeypatch.setattr(pricekeys, "PassphraseWork", cheap)
    monkeypatch.setattr(slots, "PassphraseWork", cheap)
    folder = tmp_path / "profile"
    keys = keystore.create_with_passphrase(folder, "profile", KEYS)
    store = open_store.create(folder, keys, KIM)
    PriceLock(keys).open(secret)
    store.close()
    child = Child(folder)
    try:
        for _ in range(2):
            child.do("unlock " + bytes(code ^ 0x55 for code in secret.encode()).hex())
            child.do("lock")
            part = secret[5:]
            found = [
                sum(piece.count(part.encode(form)) for piece in child.memory())
                for form in ("ascii", "utf-16-le", "utf-32-le")
            ]
            assert found == [0, 0, 0]
    finally:
        child.end()


def test_h14_a_sealed_text_that_was_read_is_not_in_memory_after_the_lock(folder):
    secret = "they would take it for a price of 7391 each"
    keys = open_keys(folder[0], KEYS)
    store = open_store.open_existing(folder[0], keys, KIM)
    store.prices = PriceLock(keys)
    store.prices.open(PRICES)
    visit = VisitEntry(
        new_id(), HUASHAN, held_on=clock.today(), objective="stock", outcome=secret,
        next_step="call", sealed=frozenset({"outcome"}),
    )  # fmt: skip
    store.transact(Origin.USER, lambda work: report_visit(work, visit))
    store.close()
    child = Child(folder[0])

    def copies():
        return sum(
            piece.count(secret.encode(form))
            for piece in child.memory()
            for form in ("ascii", "utf-16-le")
        )

    try:
        assert copies() == 0
        for _ in range(2):
            child.do("read_visit")
            assert copies() >= 1
            child.do("lock")
            assert copies() == 0
    finally:
        child.end()


def test_h14_the_search_finds_what_a_careless_program_keeps(child, folder):
    """The control: all of them, in every form, also after the lock."""
    _, keys = folder
    child.do("open")
    child.do("hold")
    child.do("lock")
    found = child.found(keys)
    assert found.pop("keys") == 0
    assert (
        min(found.values()) >= COUNT - 2
    )  # one or two are cut by the end of a piece, or moved while it is read
