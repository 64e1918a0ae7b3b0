"""What opens the data, in the settings: an emergency passphrase, the key store again, another price key."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit

from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.keeper import Keeper
from kamdesk.security import keystore
from kamdesk.security.pricelock import PriceLock
from kamdesk.services.prices import set_prices
from kamdesk.ui.kit.small_form import SmallForm
from tests.played_keys import _cheap_passphrases, ring  # noqa: F401  # fixtures
from tests.ui.conftest import PROFILE
from tests.ui.hands import press, settled, until
from tests.unit.conftest import HUASHAN, ME, _two_hospitals

EMERGENCY, PRICES = "the day the key store fails", "prices are shut behind this"


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "p"


@pytest.fixture
def keys(folder, ring):
    keystore.create_with_keyring(folder, "profile")
    return keystore.read_keystore(folder).open_with_keyring()


@pytest.fixture
def store(folder, keys):
    database = open_store.create(folder, keys, Actor(ME.user_id, Role.KAM, ME.name))
    database.transact(Origin.SYNC, _two_hospitals)
    yield database
    database.close()


@pytest.fixture
def lock(keys, store):
    store.prices = one = PriceLock(keys)
    return one


@pytest.fixture
def opened(folder, store, keys, lock, line):
    keeper = Keeper(folder, store, keys)
    keeper.start(lock)
    yield Opened(store, line, PROFILE, store.close, prices=lock, upkeep=keeper)
    keeper.stop()


@pytest.fixture
def card(window, tasks):
    window.show_screen("settings", "")
    settled(tasks)
    return window.screens["settings"].keys


def type_in(card, **typed):
    form = card.findChild(SmallForm)
    until(form.isVisible)
    for name, words in typed.items():
        form._edits[name].setText(words)
    form._save.click()
    return form


def said(widget, words):
    return any(words in one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def test_an_emergency_passphrase_is_offered_and_opens_the_data_when_the_key_store_lost_its_entry(
    card, folder, ring, keys, tasks
):
    assert said(card, "Only the key store of this computer")
    press(card, "Set an emergency passphrase")
    form = type_in(card, new="short", again="short")
    until(lambda: said(form, "at least 10 characters"))
    type_in(card, new=EMERGENCY, again="something else entirely")
    until(lambda: said(form, "not the same"))
    type_in(card, new=EMERGENCY, again=EMERGENCY)
    until(lambda: said(card, "Should it fail, the emergency passphrase does"))
    ring.kept.clear()
    again = keystore.read_keystore(folder).open_with_passphrase(EMERGENCY)
    assert again.store_key == keys.store_key
    assert again.opened_by == "passphrase"


def test_after_an_emergency_the_key_store_is_used_again(card, folder, ring, keys, tasks):
    keys.add_passphrase_slot(EMERGENCY)
    ring.kept.clear()
    keys.opened_by = "passphrase"
    card.refresh()
    press(card, "Use the key store again")
    until(lambda: not card.keyring.isVisible())
    assert keystore.read_keystore(folder).open_with_keyring().store_key == keys.store_key


def test_the_passphrase_is_asked_for_at_every_start_and_the_key_store_opens_it_again(
    card, folder, ring, keys, tasks
):
    assert not card.alone.isVisible()
    keys.add_passphrase_slot(EMERGENCY)
    card.refresh()
    press(card, "Ask at every start")
    form = type_in(card, passphrase="a guess that is long")
    until(lambda: said(form, "not the passphrase"))
    type_in(card, passphrase=EMERGENCY)
    until(lambda: said(card, "KAMDesk asks for at every start"))
    assert keystore.read_keystore(folder).unlock_kind == "passphrase"
    assert not card.alone.isVisible()
    press(card, "Let the key store open it")
    until(lambda: said(card, "Should it fail, the emergency passphrase does"))
    assert keystore.read_keystore(folder).open_with_keyring().store_key == keys.store_key


def test_a_key_store_that_fails_again_is_said(card, folder, ring, keys, tasks, window):
    keys.add_passphrase_slot(EMERGENCY)
    keys.opened_by = "passphrase"
    ring.on_set = lambda _: (_ for _ in ()).throw(RuntimeError("stub received bad data"))
    card.refresh()
    press(card, "Use the key store again")
    until(lambda: said(window, "took no new entry (RuntimeError)"))
    until(card.keyring.isEnabled)
    assert card.keyring.isVisible()


def test_the_price_key_is_replaced_by_hand(card, lock, store, tasks):
    assert not card.renew.isVisible()
    lock.open(PRICES)
    line = new_id()
    prices = LinePrices(net=Price(1, "CNY"))
    store.transact(
        Origin.USER,
        lambda work: set_prices(work, line_id=line, customer_id=HUASHAN, prices=prices),
    )
    until(card.renew.isVisible)
    until(card.renew.isEnabled)
    press(card, "Replace the price key")
    form = type_in(card, passphrase="not the right one")
    until(lambda: said(form, "not the passphrase"))
    type_in(card, passphrase=PRICES)
    until(lambda: lock.newest_key == 2)
    settled(tasks)
    [(sealed,)] = store.read(lambda one: one.rows("SELECT net_price FROM contract_line_price"))
    assert sealed[6:10] == (2).to_bytes(4, "big")
    lock.lock()
    until(lambda: said(card, "Show prices to replace it now"))
    assert not card.renew.isEnabled()


def test_passphrases_are_never_shown(card):
    press(card, "Set an emergency passphrase")
    form = card.findChild(SmallForm)
    assert all(
        one.echoMode() is QLineEdit.EchoMode.Password for one in form.findChildren(QLineEdit)
    )
    form.reject()


def test_a_listener_that_fails_keeps_nothing_from_the_others_and_ends_no_thread(
    folder, store, keys
):
    keeper = Keeper(folder, store, keys)
    first, second = MachineError("one", code="A"), MachineError("two", code="B")
    heard = []

    def gone(_error):
        raise RuntimeError("Internal C++ object already deleted")

    keeper.tell(first)
    keeper.watch(gone)
    unwatch = keeper.watch(heard.append)
    keeper.tell(second)
    assert heard == [second]
    unwatch()
    keeper.tell(first)
    assert heard == [second]
