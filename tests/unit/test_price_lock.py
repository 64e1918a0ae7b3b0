"""The second lock of a profile: files and the system's key store together open no price."""

from __future__ import annotations

import ctypes
import gc
import json
import re
import sys
import threading
import weakref
from base64 import b64encode
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from kamdesk.db import backups, journal
from kamdesk.db.connect import connect
from kamdesk.db.queries.prices import index_of, prices_of
from kamdesk.db.records import ContractLinePrice
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.prices import LinePrices, Price, Ratio, Unreadable
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import keystore, pricelock, process
from kamdesk.security.pricelock import PriceLock
from kamdesk.services.drafts import keep_draft
from kamdesk.services.prices import remove_prices, set_prices
from kamdesk.services.tasks import add_task
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.unit.conftest import HUASHAN

STORE_PASSPHRASE = "a long enough passphrase"
PASSPHRASE = "prices are shut behind this"
NET = Price(Decimal("739148357.2613"), "CNY")
LINE = "0192f0c1-0000-7000-8000-0000000000f1"
KIND = "contract_line_price"


@pytest.fixture
def keys(tmp_path):
    made = keystore.create_with_passphrase(tmp_path / "keys", "profile", STORE_PASSPHRASE)
    yield made
    made.forget()


@pytest.fixture
def lock(keys):
    one = PriceLock(keys)
    one.open(PASSPHRASE)
    return one


def _reopened(tmp_path):
    return keystore.read_keystore(tmp_path / "keys").open_with_passphrase(STORE_PASSPHRASE)


def test_the_first_passphrase_becomes_the_price_passphrase(keys, tmp_path):
    one = PriceLock(keys)
    assert one.is_new
    assert one.needs_passphrase
    assert one.state is PriceState.LOCKED
    one.open(PASSPHRASE)
    assert one.state is PriceState.OPEN
    sealed = one.seal(KIND, "net_price", LINE, NET)
    again = PriceLock(_reopened(tmp_path))
    assert not again.is_new
    with pytest.raises(UserError) as caught:
        again.open("another passphrase")
    assert caught.value.code == "WRONG_PASSPHRASE"
    assert again.state is PriceState.LOCKED
    again.open(PASSPHRASE)
    assert again.unseal(KIND, "net_price", LINE, sealed) == NET


def test_a_short_first_passphrase_makes_no_key(keys):
    one = PriceLock(keys)
    with pytest.raises(UserError) as caught:
        one.open("short")
    assert caught.value.code == "PASSPHRASE_TOO_SHORT"
    assert one.is_new


def test_with_the_policy_of_the_key_store_nobody_types(keys, tmp_path):
    one = PriceLock(keys, policy="keyring")
    assert not one.needs_passphrase
    one.open()
    sealed = one.seal(KIND, "rebate", LINE, Ratio(5))
    again = PriceLock(_reopened(tmp_path))
    assert not again.needs_passphrase
    again.open()
    assert again.unseal(KIND, "rebate", LINE, sealed) == Ratio(5)


def test_h12_the_key_file_alone_opens_no_price(lock, keys, tmp_path):
    """H12: the profile is open, so the whole of the first tier is known; the price keys stay shut."""
    assert _reopened(tmp_path).price_unlock == "passphrase"
    with pytest.raises(UserError):
        _reopened(tmp_path).open_price_keys("")


def test_h12_every_wrong_guess_waits_longer_and_nothing_is_erased(keys, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    waits = []

    def sleep(seconds):
        waits.append(round(seconds))
        clock.now += seconds

    monkeypatch.setattr(
        pricelock, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep)
    )
    one = PriceLock(keys)
    one.open(PASSPHRASE)
    one.lock()
    for _ in range(10):
        with pytest.raises(UserError):
            one.open("not this passphrase")
    assert waits == [1, 2, 4, 8, 16, 30]
    one.open(PASSPHRASE)
    assert one.state is PriceState.OPEN


def test_locking_shuts_at_once_and_tells(lock):
    told = []
    stop = lock.watch(told.append)
    sealed = lock.seal(KIND, "net_price", LINE, NET)
    epoch = lock.epoch
    lock.lock()
    assert lock.epoch == epoch + 1
    assert told == [PriceState.LOCKED]
    for refused in (
        lambda: lock.seal(KIND, "net_price", LINE, NET),
        lambda: lock.unseal(KIND, "net_price", LINE, sealed),
        lambda: lock.seal_text("draft", "x"),
        lambda: lock.unseal_text("draft", "x"),
    ):
        with pytest.raises(PricesLocked):
            refused()
    stop()
    lock.open(PASSPHRASE)
    assert told == [PriceState.LOCKED]


def test_h13_a_lock_while_the_passphrase_is_stretched_wins(keys, monkeypatch):
    """H13."""
    one = PriceLock(keys)
    one.open(PASSPHRASE)
    one.lock()
    real = keys.open_price_keys

    def slow(passphrase):
        found = real(passphrase)
        one.lock()
        return found

    monkeypatch.setattr(keys, "open_price_keys", slow)
    with pytest.raises(PricesLocked):
        one.open(PASSPHRASE)
    assert one.state is PriceState.LOCKED


def test_a_role_without_prices_has_none(keys):
    one = PriceLock(keys, is_allowed=False)
    assert one.state is PriceState.ABSENT
    with pytest.raises(UserError) as caught:
        one.open(PASSPHRASE)
    assert caught.value.code == "PRICES_ABSENT"
    assert keys.price_unlock is None


def test_h20_losing_the_right_deletes_the_keys(lock, keys, tmp_path):
    """H20: what was sealed can never be read again, also not with the passphrase."""
    lock.set_allowed(is_allowed=False)
    assert lock.state is PriceState.ABSENT
    assert _reopened(tmp_path).price_unlock is None
    assert b'price"' not in (tmp_path / "keys" / keystore.FILE_NAME).read_bytes()
    assert b'price"' not in (tmp_path / "keys" / keystore.PREVIOUS_NAME).read_bytes()


def test_h8_a_value_moved_elsewhere_cannot_be_read_and_others_can(lock):
    sealed = lock.seal(KIND, "net_price", LINE, NET)
    assert lock.unseal(KIND, "list_price", LINE, sealed) == Unreadable("tampered")
    assert lock.unseal(KIND, "net_price", new_id(), sealed) == Unreadable("tampered")
    assert lock.unseal(KIND, "net_price", LINE, b"rubbish") == Unreadable("format")
    assert lock.unseal(KIND, "net_price", LINE, sealed) == NET


@pytest.fixture
def few(lock, monkeypatch):
    """Sealed prices of every kind, more than are opened together."""
    monkeypatch.setattr(pricelock, "_TOGETHER", 4)
    kinds = (
        NET, Price(Decimal("-0.5"), "EUR"), None, Ratio(Decimal("12.5")), Price(0, "CNY"),
        Price(Decimal(10**20), "CNY"), Price(-Decimal(10**20), "CNY"),
        Price(Decimal(2**64 - 1), "CNY"), Price(Decimal(2**63), "CNY"),
    )  # fmt: skip
    ids = [new_id() for _ in kinds]
    return [
        (one, lock.seal(KIND, "net_price", one, value))
        for one, value in zip(ids, kinds, strict=True)
    ], kinds


def _parts(value):
    if value is None or isinstance(value, Unreadable):
        return None
    return (*value.parts(), value.currency if isinstance(value, Price) else "PCT")


def test_prices_opened_together_are_what_each_is_alone(lock, few):
    rows, kinds = few
    assert list(lock.numbers(KIND, "net_price", rows)) == [_parts(one) for one in kinds]
    gaps = [(one, None if at % 3 else sealed) for at, (one, sealed) in enumerate(rows)]
    assert list(lock.numbers(KIND, "net_price", gaps)) == [
        None if at % 3 else _parts(one) for at, one in enumerate(kinds)
    ]
    assert list(lock.numbers(KIND, "net_price", [(one, None) for one, _ in rows])) == [None] * 9
    assert list(lock.numbers(KIND, "net_price", [])) == []


def test_h8_one_spoilt_price_costs_none_of_those_beside_it(lock, few):
    rows, kinds = few
    wanted = [_parts(one) for one in kinds]
    for at, (one, sealed) in enumerate(rows):
        others = rows[:at] + rows[at + 1 :]
        for spoilt in (
            sealed[:-1] + bytes((sealed[-1] ^ 1,)),  # the tag
            sealed[:9] + b"\xee" + sealed[10:],  # another key
            sealed[:-5],
            sealed + b"\x00",
            b"",
            b"\x00" * len(sealed),
            others[0][1],  # of another line
            lock.seal(KIND, "rebate", one, NET),  # of another column
        ):
            found = list(
                lock.numbers(KIND, "net_price", [*rows[:at], (one, spoilt), *rows[at + 1 :]])
            )
            assert found == [*wanted[:at], None, *wanted[at + 1 :]]


def test_h14_prices_are_opened_no_further_once_they_are_locked(lock, few):
    rows, _ = few
    opening = lock.numbers(KIND, "net_price", rows)
    next(opening)
    lock.lock()
    with pytest.raises(PricesLocked):
        list(opening)


def test_a_draft_opens_in_its_place_alone(lock):
    sealed = lock.seal_text("contract:1", '{"net": "23.5"}')
    assert "23.5" not in sealed
    assert lock.unseal_text("contract:1", sealed) == '{"net": "23.5"}'
    assert lock.unseal_text("contract:2", sealed) is None
    assert lock.unseal_text("contract:1", "rubbish") is None


def test_the_keys_are_not_in_the_file_and_not_in_the_repr(lock, keys, tmp_path):
    found = keys.open_price_keys(PASSPHRASE)
    content = (tmp_path / "keys" / keystore.FILE_NAME).read_bytes()
    assert found[1].hex() not in content.decode()
    assert repr(lock) == "<PriceLock open>"


def test_the_store_opens_as_before_a_price_key_was_made(lock, keys, tmp_path):
    assert _reopened(tmp_path).store_key == keys.store_key


@pytest.mark.parametrize("size", [32, 48, 64, 112, 512])
def test_h14_sweeping_writes_over_a_freed_piece_to_its_last_byte(size):
    take, give = ctypes.pythonapi.PyObject_Malloc, ctypes.pythonapi.PyObject_Free
    take.restype, take.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    give.restype, give.argtypes = None, [ctypes.c_void_p]
    for fill in (lambda: None, process.sweep):
        held = [take(size) for _ in range(400)]
        for block in held:
            ctypes.memset(block, 0xA7, size)
        for block in held:
            give(block)
        fill()
        held = [take(size) for _ in range(400)]
        left = sum(b"\xa7" * 7 in ctypes.string_at(block + 16, size - 16) for block in held)
        for block in held:
            give(block)
        # An object that is made meanwhile, on another thread too, may lie on a piece without its last bytes
        assert (left <= 3) is (fill is process.sweep)


def test_sweeping_ends_and_destroys_nothing_of_the_window():
    """A collection on the sweep's thread destroyed QObjects and froze the window."""

    class Circle:
        pass

    gc.disable()
    try:
        one = Circle()
        one.itself = one
        alive = weakref.ref(one)
        del one
        process.sweep()
        assert alive() is not None
    finally:
        gc.enable()


# ---- in the store


@pytest.fixture
def priced(store, lock):
    store.prices = lock
    store.actor = Actor("u", Role.KAM, "Kim")
    return store


def _set(store, **prices):
    store.transact(
        Origin.USER,
        lambda work: set_prices(
            work, line_id=LINE, customer_id=HUASHAN, prices=LinePrices(**prices)
        ),
    )


def _ops(store):
    return store.read(
        lambda reader: reader.rows("SELECT kind, op, f, gid FROM sync_op ORDER BY lid")
    )


def test_prices_come_back_as_they_were_set(priced, lock):
    _set(priced, net=NET, rebate=Ratio(Decimal("12.5")))
    found = priced.read(lambda reader: prices_of(reader, lock, [LINE, new_id()]))
    assert found == {LINE: LinePrices(net=NET, rebate=Ratio(Decimal("12.5")))}


def test_only_envelopes_reach_the_store_and_the_outbox(priced):
    _set(priced, net=NET)
    _set(priced, net=NET + NET)
    everything = priced.read(
        lambda reader: [
            row
            for (table,) in reader.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not table.startswith("find_")
            for row in reader.rows(f"SELECT * FROM {table}")
        ]
    )
    assert "7391483" not in str(everything)
    assert "14782967" not in str(everything)
    assert any(
        isinstance(cell, bytes) and cell.startswith(b"KD\x01\x01")
        for row in everything
        for cell in row
    )


def test_a_price_in_the_clear_does_not_commit(priced):
    with pytest.raises(Exception, match="envelope"):
        priced.transact(
            Origin.USER,
            lambda work: work.add(
                ContractLinePrice(
                    id=LINE, line_id=LINE, customer_id=HUASHAN, net_price=b"739148357.2613"
                )
            ),
        )
    assert _ops(priced) == []


def test_the_same_price_again_is_no_change(priced):
    _set(priced, net=NET)
    before = _ops(priced)
    _set(priced, net=Price(Decimal("739148357.26130"), "CNY"))
    assert _ops(priced) == before


def test_the_floor_is_a_record_of_its_own_for_those_who_may(priced, lock):
    with pytest.raises(UserError) as caught:
        _set(priced, net=NET, floor=NET)
    assert caught.value.field == "floor"
    priced.actor = Actor("u", Role.RM, "Rao")
    _set(priced, net=NET, floor=NET)
    assert [(kind, op) for kind, op, *_ in _ops(priced)] == [
        ("contract_line_price", "create"),
        ("contract_line_floor", "create"),
    ]
    assert len({row[3] for row in _ops(priced)}) == 1
    found = priced.read(lambda reader: prices_of(reader, lock, [LINE]))
    assert found[LINE].floor == NET


def test_h12_all_that_the_first_tier_opens_holds_no_price(priced, lock, keys, tmp_path):
    """Store, outbox, drafts, conflicts, the journal and a backup, with every key but the passphrase's."""
    _set(priced, net=NET)
    _set(priced, net=NET + NET, rebate=Ratio(Decimal("73.9148")))

    def fill(work):
        sealed = lock.seal_text("contract:1", '{"net": "739148357.2613"}')
        keep_draft(work, "d", form="contract", title="x", values={"sealed": sealed})
        quoted = b64encode(lock.seal(KIND, "net_price", LINE, NET)).decode()
        work.driver.execute(
            "INSERT INTO sync_issue(id, kind, row_id, type, fields, created) VALUES('i',?,?,'conflict',?,'')",
            (KIND, LINE, json.dumps({"net_price": {"mine": quoted, "theirs": quoted}})),
        )

    priced.transact(Origin.USER, fill)
    lock.lock()
    key, store_id = (
        priced._key,
        priced.read(lambda r: r.value("SELECT v FROM meta WHERE k = 'store_id'")),
    )
    made = backups.make(priced.path, key, store_id)
    written = journal.Journal(tmp_path / "j.kdj", key, store_id)
    written.write_anew(priced.read(journal.everything))
    written.close()
    kept = journal.read(tmp_path / "j.kdj", key, store_id)
    read = [str(kept.ops), str(kept.drafts)]
    for path in (priced.path, made.path):
        with closing(connect(path, key, query_only=True)) as opened:
            tables = opened.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
            ).fetchall()
            read += [
                str(opened.execute(f"SELECT * FROM {name}").fetchall())
                for (name,) in tables if not name.startswith("find_")
            ]  # fmt: skip
    everything = "".join(read)
    assert LINE in everything
    assert '"sealed"' in everything
    for form in ("739148357", "73.9148", "1478296714", "7391483572613", "14782967145226"):
        assert form not in everything
    blobs = [bytes.fromhex(one) for one in re.findall(r"(?:[0-9a-f]{2}){20,}", everything)]
    assert not any(b"739148357" in one for one in blobs)


def test_locked_prices_are_neither_set_nor_read(priced, lock):
    _set(priced, net=NET)
    lock.lock()
    with pytest.raises(PricesLocked):
        _set(priced, net=NET + NET)
    with pytest.raises(PricesLocked):
        priced.read(lambda reader: prices_of(reader, lock, [LINE]))


def test_h13_what_was_read_across_a_lock_is_dropped(priced, lock, monkeypatch):
    """H13: locked and unlocked again while a worker reads."""
    _set(priced, net=NET)
    real = lock.unseal

    def unseal(*place):
        value = real(*place)
        lock.lock()
        lock.open(PASSPHRASE)
        return value

    monkeypatch.setattr(lock, "unseal", unseal)
    with pytest.raises(PricesLocked):
        priced.read(lambda reader: prices_of(reader, lock, [LINE]))


def test_prices_are_removed_without_a_key(priced, lock):
    _set(priced, net=NET)
    lock.lock()
    priced.transact(Origin.USER, lambda work: remove_prices(work, line_id=LINE))
    assert _ops(priced) == []  # never sent, so it never was


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("prices", "unsent"),
    [(4_000, 500), pytest.param(100_000, 10_000, marks=pytest.mark.soak, id="soak")],
)
def test_h64_locking_and_unlocking_a_hundred_times_leaves_no_key_and_no_memory_behind(
    priced, lock, keys, tmp_path, monkeypatch, prices, unsent
):
    """With many prices and much that is not sent: `pytest -m soak` for as many as the design names."""
    swept = []
    monkeypatch.setattr(pricelock.process, "sweep", lambda: swept.append(1))  # 40 ms each
    sealed = [(new_id(), lock.seal(KIND, "net_price", LINE, NET)) for _ in range(prices)]
    sealed = [(one, lock.seal(KIND, "net_price", one, NET)) for one, _ in sealed]

    def fill(work):
        work.driver.executemany(
            "INSERT INTO contract_line_price(id, _rev, _b, net_price) VALUES(?,1,'price:x',?)",
            sealed,
        )

    priced.transact(Origin.SYNC, fill)
    priced.transact(
        Origin.USER,
        lambda work: [add_task(work, title=f"Task {n}", due_on=None) for n in range(unsent)],
    )

    def once():
        lock.lock()
        lock.open(PASSPHRASE)
        index = priced.read(lambda reader: index_of(reader, lock, KIND, "net_price"))
        assert index.sum("CNY").parts()[0] == NET.parts()[0] * len(sealed)
        index.order()
        index.wipe()

    def seen():
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        ours = Counter(
            type(one).__name__
            for one in gc.get_objects()
            if str(type(one).__module__).startswith(
                ("kamdesk.security", "kamdesk.domain", "kamdesk.db")
            )
        )
        return pages, ours, threading.active_count()

    for _ in range(5):
        once()
    file = (tmp_path / "keys" / keystore.FILE_NAME).read_bytes()
    pages, ours, threads = seen()
    for _ in range(100):
        once()
    after, theirs, running = seen()
    assert theirs == ours
    assert running <= threads + 1  # the sweep of the last one
    assert after <= pages * 1.1
    assert (tmp_path / "keys" / keystore.FILE_NAME).read_bytes() == file
    assert len(swept) >= 100
