"""Replacing the price key: everything is sealed anew, and killed anywhere both keys still open."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from base64 import b64decode
from datetime import timedelta
from decimal import Decimal

import pytest

from kamdesk.db import backups, open_store, renewal, reseal
from kamdesk.db.renewal import Renewal
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import LinePrices, Price, Ratio
from kamdesk.security import keystore
from kamdesk.security.pricelock import PriceLock
from kamdesk.services.drafts import keep_draft
from kamdesk.services.prices import set_prices
from tests.faults.checks import ROOT
from tests.faults.renewer import AT_ONCE, KEYS, KIM, PRICES, opened
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.unit.conftest import HUASHAN

NET, REBATE = Price(Decimal("739148357.2613"), "CNY"), Ratio(Decimal("12.375"))
DRAFT = new_id()
COUNT = 2 * AT_ONCE + 5


@pytest.fixture
def folder(tmp_path):
    """A profile with prices everywhere that prices can be: records, outbox, conflicts, drafts."""
    keys = keystore.create_with_passphrase(tmp_path / "profile", "profile", KEYS)
    store = open_store.create(tmp_path / "profile", keys, KIM)
    store.prices = lock = PriceLock(keys)
    lock.open(PRICES)
    lines = [new_id() for _ in range(COUNT)]

    def fill(work):
        for line in lines:
            set_prices(
                work, line_id=line, customer_id=HUASHAN, prices=LinePrices(net=NET, rebate=REBATE)
            )
        sealed = lock.seal_text(DRAFT, "23.50")
        keep_draft(work, DRAFT, form="contract", title="x", values={"lines": [{"net": sealed}]})
        fields = work.reader.value("SELECT f FROM sync_op WHERE id = ?", lines[0])
        work.driver.execute(
            "INSERT INTO sync_issue(id, kind, row_id, type, fields, op, created) VALUES(?,?,?,?,?,?,?)",
            (
                new_id(), "contract_line_price", lines[0], "conflict",
                json.dumps({"net_price": {"mine": json.loads(fields)["net_price"][1]}}),
                json.dumps({"f": json.loads(fields)}), "2026-11-25T00:00:00Z",
            ),
        )  # fmt: skip

    store.transact(Origin.USER, fill)
    store.close()
    return tmp_path / "profile"


def every_envelope(store):
    """Give every sealed value of the store: what and where it is, and its bytes."""
    names = ("list_price", "contract_price", "net_price", "rebate")
    for line, *cells in store.read(
        lambda one: one.rows(f"SELECT id, {', '.join(names)} FROM contract_line_price")
    ):
        yield from ((line, name, cell) for name, cell in zip(names, cells, strict=True) if cell)
    for line, content in store.read(lambda one: one.rows("SELECT id, f FROM sync_op")):
        for name, pair in json.loads(content).items():
            if name in names and pair[1]:
                yield line, name, b64decode(pair[1])
    for line, fields, op in store.read(
        lambda one: one.rows("SELECT row_id, fields, op FROM sync_issue")
    ):
        yield line, "net_price", b64decode(json.loads(fields)["net_price"]["mine"])
        yield line, "net_price", b64decode(json.loads(op)["f"]["net_price"][1])


def check(store, lock):
    """Demand that every value is there and right; return the keys that sealed them."""
    keys = set()
    count = 0
    for line, name, sealed in every_envelope(store):
        wanted = {"net_price": NET, "rebate": REBATE}.get(name)
        assert lock.unseal("contract_line_price", name, line, sealed) == wanted
        keys.add(int.from_bytes(sealed[6:10], "big"))
        count += 1
    assert count == COUNT * 4 * 2 + 2
    content = store.read(lambda one: one.value("SELECT data FROM draft WHERE id = ?", DRAFT))
    sealed = json.loads(content)["lines"][0]["net"]
    assert lock.unseal_text(DRAFT, sealed) == "23.50"
    return keys | {int.from_bytes(b64decode(sealed)[6:10], "big")}


def finish(folder):
    """Start the program again: what was interrupted is done, and the old key goes."""
    store, lock = opened(folder)
    check(store, lock)
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    if lock.newest_key > 1:
        assert check(store, lock) == {lock.newest_key}
        assert not lock.has_older_keys
        assert len(lock._keys.open_price_keys(PRICES)) == 1
    one.stop()
    store.close()
    return lock.newest_key


def run(folder, what, number):
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.renewer", str(folder), what, str(number)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["in", "after", "file"])
def test_h39_replacing_the_price_key_killed_in_any_batch_loses_nothing_and_goes_on(
    folder, what, tmp_path
):
    number = 0
    while True:
        number += 1
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        done = run(copy, what, number)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        made = finish(copy)
        assert made == 2 or (what == "file" and number <= 2), number
        if done.returncode == 0:
            break
    assert number > (3 if what == "file" else 8)


def test_an_old_key_stays_as_long_as_a_backup_needs_it(folder):
    store, lock = opened(folder)
    copy = backups.make(store.path, lock._keys.store_key, lock._keys.store_id)
    told = []
    one = Renewal(store, lock)
    one.renew(PRICES)
    one.seal_anew(lambda *numbers: told.append(numbers))
    assert told[-1] == (COUNT, COUNT)
    assert check(store, lock) == {2}
    store.close()
    store, lock = opened(folder)
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    assert lock.has_older_keys
    one.stop()
    store.close()
    copy.path.unlink()
    assert finish(folder) == 2


def test_in_the_run_that_replaced_it_the_old_key_still_opens_what_a_form_holds(folder):
    store, lock = opened(folder)
    typed = lock.seal_text(DRAFT, "1.50")
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    one.renew(PRICES)
    lock.lock()
    lock.open(PRICES)
    one._thread.join()
    assert lock.unseal_text(DRAFT, typed) == "1.50"
    one.stop()
    store.close()


def test_a_key_that_sealed_for_a_year_is_replaced_when_prices_are_opened(folder, monkeypatch):
    store, lock = opened(folder)
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    assert one.made_at() is not None
    later = clock.now() + renewal.LIFE + timedelta(days=1)
    monkeypatch.setattr(renewal.clock, "now", lambda: later)
    lock.lock()
    lock.open(PRICES)
    one._thread.join()
    assert lock.newest_key == 2
    assert check(store, lock) == {2}
    lock.lock()
    lock.open(PRICES)
    one._thread.join()
    assert lock.newest_key == 2
    one.stop()
    store.close()


def test_a_key_that_sealed_too_often_is_replaced_when_prices_are_opened(folder, monkeypatch):
    monkeypatch.setattr(renewal, "MOST_SEALS", 3 * renewal._BLOCK)
    store, lock = opened(folder)
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    lock._sealed += renewal._BLOCK  # as after a first load of many prices
    lock.lock()
    lock.open(PRICES)
    one._thread.join()
    assert lock.newest_key == 1
    lock.lock()
    lock.open(PRICES)
    one._thread.join()
    assert lock.newest_key == 2
    one.stop()
    store.close()
    assert finish(folder) == 2


def test_what_was_sealed_is_counted_when_the_program_ends(folder):
    store, lock = opened(folder)
    one = Renewal(store, lock)
    one.start()
    one._thread.join()
    lock._sealed += 5 * renewal._BLOCK
    one.stop()
    assert store.read(renewal._seals) == (1, 6 * renewal._BLOCK)
    store.close()


def test_locked_on_the_way_it_goes_on_when_prices_are_opened_again(folder, monkeypatch):
    monkeypatch.setattr(reseal, "AT_ONCE", AT_ONCE)
    store, lock = opened(folder)
    one = Renewal(store, lock)
    one.renew(PRICES)
    with pytest.raises(PricesLocked):
        one.seal_anew(lambda *_: lock.lock())
    lock.open(PRICES)
    assert check(store, lock) == {1, 2}
    store.close()
    assert finish(folder) == 2


def test_a_wrong_passphrase_replaces_nothing(folder):
    store, lock = opened(folder)
    with pytest.raises(UserError) as caught:
        Renewal(store, lock).renew("another long passphrase")
    assert caught.value.code == "WRONG_PASSPHRASE"
    assert lock.newest_key == 1
    assert check(store, lock) == {1}
    store.close()
