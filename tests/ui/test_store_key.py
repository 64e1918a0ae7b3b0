"""The key of the data is replaced from the settings of the real program, which opens again with everything."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from kamdesk import app as desktop
from kamdesk.db import open_store, outbox, rekey
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.session import KnownProfile
from kamdesk.security import keystore, oskeys
from kamdesk.services.tasks import add_task
from kamdesk.ui.first_start import FirstStart
from kamdesk.ui.kit.small_form import SmallForm
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.ui.conftest import ME, PROFILE
from tests.ui.hands import press, says, texts, until
from tests.ui.played_keyring import PlayedKeyring
from tests.ui.test_recovery import Rescuer

PASSPHRASE, ANOTHER = "correct horse battery", "another horse battery"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "data" / "profiles" / "p"
    made.mkdir(parents=True)
    return made


def filled(folder, keys):
    store = open_store.create(folder, keys, ME)
    state = {
        "user_id": ME.user_id, "role": PROFILE.role, "name": "Ann", "server": "http://127.0.0.1:9",
        "server_id": ME.user_id, "device_id": ME.user_id,
    }  # fmt: skip
    store.transact(Origin.SYNC, lambda work: outbox.write_state(work.driver, state))
    store.transact(Origin.USER, lambda work: add_task(work, title="Not sent yet", due_on=None))
    open_store.mark_clean(store)
    store.close()
    keys.forget()


@pytest.fixture
def program(qtbot, qapp, tmp_path, spoken):
    """Start the program as it is, on the profile that the test made."""
    started = []

    def start():
        one = desktop.Program(tmp_path / "data")
        started.append(one)
        one.show()
        return one

    yield start
    for one in started:
        try:
            if one.window is not None:
                until(lambda one=one: one.tasks.is_idle)
                one.window.closed.disconnect()
                one.window.close()
        finally:
            one.end()


def sign_in(program, passphrase):
    until(lambda: program.first is not None and "passphrase" in program.first.edits)
    program.first.edits["passphrase"].setText(passphrase)
    press(program.first, "Open")
    until(lambda: program.window is not None and program.window.isVisible())


def keys_card(program):
    until(lambda: program.window is not None and program._opened is not None)
    program.window.show_screen("settings", "")
    until(lambda: "settings" in program.window.screens)
    card = program.window.screens["settings"].keys
    until(lambda: card._facts is not None)
    return card


def form_of(card, title):
    def shown():
        return [one for one in card.findChildren(SmallForm) if one.isVisible() and says(one, title)]

    until(shown, f"no form {title!r}")
    return shown()[0]


def elsewhere(fn):
    """Do on another thread what may not be done on the window's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(fn).result()


def titles(program):
    store = program._opened.store
    return elsewhere(
        lambda: store.read(lambda one: [r[0] for r in one.rows("SELECT title FROM task")])
    )


def is_open_again(program, window):
    until(lambda: program.window not in (None, window) and program.window.isVisible())
    until(lambda: program._opened is not None)


def test_it_is_replaced_with_the_passphrase_and_the_program_opens_again(folder, program):
    keys = keystore.create_with_passphrase(folder, "p", PASSPHRASE)
    old = keys.store_key
    filled(folder, keys)
    one = program()
    sign_in(one, PASSPHRASE)
    card, window = keys_card(one), one.window
    press(card, "Replace the key of the data")
    form = form_of(card, "cannot be opened any more")
    [advice] = [label for label in form.findChildren(QLabel) if "any more" in label.text()]
    until(lambda: advice.height() >= advice.heightForWidth(advice.width()))  # all of it is seen
    [edit] = form.findChildren(QLineEdit)
    assert edit.echoMode() is QLineEdit.EchoMode.Password
    edit.setText("not this one at all")
    press(form, "Replace the key")
    until(lambda: says(form, "not the passphrase"))
    edit.setText(PASSPHRASE)
    press(form, "Replace the key")
    is_open_again(one, window)
    assert titles(one) == ["Not sent yet"]
    now = one._opened.upkeep._keys
    assert (now.store_key_id, now.generation) == (2, 2)
    assert now.store_key != old
    card = keys_card(one)
    until(lambda: says(card, "The key of your data is of"))
    until(lambda: now.leftovers is None and not now.has_older_store_keys)


def test_a_profile_of_the_key_store_types_nothing(folder, program, tmp_path, monkeypatch):
    ring = PlayedKeyring(tmp_path / "ring.json")
    monkeypatch.setattr(oskeys, "find_backend", lambda _given=None, **_: ring)
    filled(folder, keystore.create_with_keyring(folder, "p"))
    one = program()
    card = keys_card(one)
    until(lambda: titles(one) == ["Not sent yet"])
    window = one.window
    press(card, "Replace the key of the data")
    form = form_of(card, "cannot be opened any more")
    assert not form.findChildren(QLineEdit)
    press(form, "Replace the key")
    is_open_again(one, window)
    assert titles(one) == ["Not sent yet"]
    assert one._opened.upkeep._keys.store_key_id == 2


def test_a_changed_passphrase_offers_it(folder, program):
    filled(folder, keystore.create_with_passphrase(folder, "p", PASSPHRASE))
    one = program()
    sign_in(one, PASSPHRASE)
    card, window = keys_card(one), one.window
    press(card, "Change the passphrase")
    form = form_of(card, "Passphrase until now")
    for edit, words in zip(form._edits.values(), (PASSPHRASE, ANOTHER, ANOTHER), strict=True):
        edit.setText(words)
    press(form, "Set the passphrase")
    offer = form_of(card, "Whoever knows the old one")
    press(offer, "Replace the key")
    is_open_again(one, window)
    assert titles(one) == ["Not sent yet"]
    assert one._opened.upkeep._keys.store_key_id == 2
    again = keystore.read_keystore(folder).open_with_passphrase(ANOTHER)
    assert again.store_key_id == 2


def test_closing_the_program_replaces_a_key_that_is_due(folder, program, monkeypatch):
    filled(folder, keystore.create_with_passphrase(folder, "p", PASSPHRASE))
    one = program()
    sign_in(one, PASSPHRASE)
    card = keys_card(one)
    upkeep = one._opened.upkeep
    until(lambda: elsewhere(upkeep.keys).store_key_made_at is not None)
    assert not elsewhere(upkeep.keys).replaces_at_close
    later = clock.now() + rekey.LIFE + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    card.refresh()
    until(lambda: says(card, "It is replaced when you close KAMDesk."))
    until(lambda: one.tasks.is_idle)
    window, one.window = one.window, None
    window.closed.disconnect()
    window.close()
    one.end()
    again = keystore.read_keystore(folder).open_with_passphrase(PASSPHRASE)
    assert (again.store_key_id, again.generation) == (2, 2)
    store = open_store.open_existing(folder, again, ME)
    assert not rekey.is_due(store, again)
    store.close()


# ---- the page while it goes on


class Replacing(Rescuer):
    """A `domain.rescue.Rescuer` that waits to be let on."""

    def __init__(self, opened):
        super().__init__(opened)
        self.gate, self.was_stopped = threading.Event(), None

    def replace_key(self, profile_id, passphrase, told, stopped):
        told(1, 2)
        assert self.gate.wait(20)
        self.was_stopped = stopped()
        told(2, 2)
        return self._answer("replace_key", passphrase)


@pytest.fixture
def page(qtbot, door, tasks, opened):
    door.known = [KnownProfile("p", "Ann · Hehe", by_passphrase=False)]
    rescuer = Replacing(opened)
    window = FirstStart(door, tasks, None, rescuer, "p", new_key="typed")
    qtbot.addWidget(window)
    window.show()
    until(lambda: window.rekeying is not None and window.rekeying.bar.value() == 500)
    yield window, rescuer
    rescuer.gate.set()
    until(lambda: tasks.is_idle)


def test_how_far_it_is_is_shown_and_it_can_be_stopped(page, qtbot, opened):
    window, rescuer = page
    assert says(window, "Ann · Hehe")
    with qtbot.waitSignal(window.opened) as caught:
        press(window, "Cancel")
        assert says(window, "Stopping")
        rescuer.gate.set()
    assert rescuer.was_stopped
    assert caught.args == [opened]


def test_the_end_cannot_be_stopped_any_more(page, qtbot):
    window, rescuer = page
    with qtbot.waitSignal(window.opened):
        rescuer.gate.set()
        until(lambda: says(window, "Checking the copy"))
        assert not window.rekeying.stop.isEnabled()
    assert ("replace_key", "typed") in rescuer.asked


def test_what_fails_is_said_and_the_data_opens_as_it_was(page, qtbot):
    window, rescuer = page
    rescuer.answers.append(MachineError("There is too little room.", code="NO_ROOM"))
    rescuer.gate.set()
    until(lambda: says(window, "There is too little room."))
    assert any("as it was" in one for one in texts(window))
    with qtbot.waitSignal(window.opened):
        press(window, "Open your data")


def test_closing_the_window_meanwhile_ends_in_order(page, tasks):
    window, rescuer = page
    window.close()
    QApplication.processEvents()
    rescuer.gate.set()
    until(lambda: tasks.is_idle)
