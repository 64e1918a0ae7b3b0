"""Replacing the key of the store: by one switch, killed anywhere, and the old key opens nothing afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections import namedtuple
from decimal import Decimal

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, generations, journal, open_store, rekey, renewal
from kamdesk.db.caretaker import Caretaker
from kamdesk.db.connect import connect
from kamdesk.db.oldkeys import OldKeys
from kamdesk.db.queries import attachments
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.security import (
    keyfile,
    keystore,
    leaks,
    oskeys,
    outer,
    pricekeys,
    wrapping,
)
from kamdesk.security.keyfile import Lease
from kamdesk.security.leaks import Needles
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.services.drafts import keep_draft
from kamdesk.services.prices import set_prices
from kamdesk.services.tasks import add_task
from tests.faults import rekeyer, tap, trees
from tests.faults.rekeyer import KIM, PASSPHRASE
from tests.migrations.looking import content
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.ui.played_keyring import PlayedKeyring
from tests.unit.conftest import HUASHAN, _two_hospitals

PRICES = "prices are shut behind this"
NET = Price(Decimal("739148357.2613"), "CNY")
LINE = new_id()
STAMP = "2026-11-25T00:00:00Z"
STATES = 60
STORE = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"
PAPER = b"a signed paper " * 5000


@pytest.fixture
def ring(tmp_path, monkeypatch):
    one = PlayedKeyring(tmp_path / "ring.json")
    monkeypatch.setattr(oskeys, "find_backend", lambda _given=None, **_: one)
    return one


def filled(folder, keys):
    """Fill a profile with everything that stands under the key of the store, and close it."""
    store = open_store.create(folder, keys, KIM)
    store.prices = lock = PriceLock(keys)
    lock.open(PRICES)
    store.transact(Origin.SYNC, _two_hospitals)
    store.transact(Origin.USER, lambda work: add_task(work, title="not sent", due_on=None))
    store.transact(
        Origin.USER,
        lambda work: set_prices(
            work, line_id=LINE, customer_id=HUASHAN, prices=LinePrices(net=NET)
        ),
    )
    papers = SealedFiles(folder / rekey.ATTACHMENTS, keys.store_key, keys.store_id)
    kept = papers.keep(PAPER)
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute(
            "INSERT INTO attachment(id, _rev, _b, sha256, size, name) VALUES(?, 1, 'acct:x', ?, ?, 'p.pdf')",
            (new_id(), kept.sha256, kept.size),
        ),
    )
    caretaker = Caretaker(store, keys, lambda _: None)
    backups.keep(caretaker.back_up())
    store.transact(
        Origin.USER,
        lambda work: keep_draft(work, "d", form="visit", title="Half", values={"a": "typed"}),
    )
    caretaker.write_journal()
    caretaker._raise_mark()
    caretaker._journal.close()
    # What a restore put aside: a store that is whole, one that is not, and a journal
    aside = folder / generations.QUARANTINE
    aside.mkdir(mode=0o700)
    [copy] = backups.find(folder)
    shutil.copy(copy.path, aside / "20261101T000000Z-g000001.kdb")
    broken = bytearray(copy.path.read_bytes())
    broken[8192:12288] = bytes(4096)
    (aside / "20261102T000000Z-g000001.kdb").write_bytes(broken)
    shutil.copy(journal.file_of(store.path), aside / "20261102T000000Z-g000001.kdj")
    open_store.mark_clean(store)
    lock.lock()
    store.close()
    return broken


@pytest.fixture
def profile(tmp_path):
    """A closed profile that a passphrase opens."""
    folder = tmp_path / "profile"
    folder.mkdir()
    keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    filled(folder, keys)
    keys.forget()
    return folder


@pytest.fixture
def ringed(tmp_path, ring):
    """A closed profile that the key store opens."""
    folder = tmp_path / "profile"
    folder.mkdir()
    keys = keystore.create_with_keyring(folder, "profile")
    filled(folder, keys)
    keys.forget()
    return folder


def in_a_child(fn):
    """Do something in a process of its own, which may be killed; return how it ended, as `subprocess` does."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            fn()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def opened(folder):
    return keystore.read_keystore(folder).open_with_passphrase(PASSPHRASE)


def tidied(folder, keys):
    """Open the profile, let the old keys go, and close it."""
    store = open_store.open_existing(folder, keys, KIM)
    generations.demand_newest(folder, keys, store)
    old = OldKeys(folder, store, keys)
    old.run()
    assert not old.copies_left
    open_store.mark_clean(store)
    store.close()


def papers_of(folder, keys):
    files = SealedFiles(folder / rekey.ATTACHMENTS, keys.store_key, keys.store_id)
    store = open_store.open_existing(folder, keys, KIM)
    known = store.read(attachments.known)
    open_store.mark_clean(store)
    store.close()
    return [files.read(one) for one in known]


def without_clock(found):
    return {name: rows for name, rows in found.items() if name != "sync_state"}


def opened_by(key, master, folder, store_id, profile="profile"):
    """Return the files that this key of a store, or this master key, opens in any way."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        stem = path.stem[-7:]
        if (
            key in data
            or key.hex().encode() in data
            or (path.suffix == ".kdb" and backups.is_opened_by(path, key))
            or (path.suffix == ".kdj" and journal.read(path, key, store_id, stem=stem).state)
            or (path.suffix == outer.ENDING and outer.is_sealed_by(path, key, store_id))
        ):
            found.append(path.name)
        if path.name.startswith("keystore") and keyfile.parse(data).is_sealed_by(master):
            found.append(path.name)
    return found


def test_everything_is_there_under_the_new_key_and_the_old_one_opens_nothing(profile):
    keys = opened(profile)
    old, master = keys.store_key, bytearray(keys._master)
    before = content(keys.store_file, old)
    files_before = {path.name for path in (profile / rekey.ATTACHMENTS).iterdir()}
    assert len(opened_by(old, master, profile, keys.store_id)) > 6
    told = []
    rekey.replace_key(profile, keys, PASSPHRASE, told=lambda done, of: told.append((done, of)))
    assert told
    assert told[-1][0] == told[-1][1]
    keys = opened(profile)
    assert (keys.generation, keys.store_key_id) == (2, 2)
    assert keys.store_key != old
    assert content(keys.store_file, keys.store_key) == before
    kept = journal.read(journal.file_of(keys.store_file), keys.store_key, keys.store_id)
    assert (len(kept.ops), len(kept.drafts)) == (2, 1)
    assert papers_of(profile, keys) == [PAPER]
    assert not files_before & {path.name for path in (profile / rekey.ATTACHMENTS).iterdir()}
    tidied(profile, keys)
    assert keys.leftovers is None
    assert not keys.has_older_store_keys
    assert opened_by(old, master, profile, keys.store_id) == []
    # The files still hold what they held, for who has the new key
    [copy] = backups.find(profile)
    backups.verify(copy.path, keys.store_key, keys.store_id)
    assert copy.path.with_suffix(".keep").exists()
    backups.verify(
        profile / "quarantine" / "20261101T000000Z-g000001.kdb", keys.store_key, keys.store_id
    )


def test_what_cannot_be_read_is_kept_as_it_is_and_sealed(tmp_path):
    folder = tmp_path / "profile"
    folder.mkdir()
    keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    broken = filled(folder, keys)
    old = keys.store_key
    rekey.replace_key(folder, keys, PASSPHRASE)
    tidied(folder, keys)
    sealed = folder / "quarantine" / "20261102T000000Z-g000001.kdb.kdq"
    assert outer.unseal_file(sealed, keys.store_key, keys.store_id) == ([old], bytes(broken))
    # And again: under the second key alone, still with what opens the inside, and not once more around it
    first = keys.store_key
    rekey.replace_key(folder, keys, PASSPHRASE)
    tidied(folder, keys)
    assert outer.unseal_file(sealed, keys.store_key, keys.store_id) == ([old], bytes(broken))
    assert not outer.is_sealed_by(sealed, first, keys.store_id)
    assert not sealed.with_name(sealed.name + outer.ENDING).exists()
    # One that is damaged itself is sealed as it is
    spoilt = bytearray(sealed.read_bytes())
    spoilt[-40] ^= 1
    sealed.write_bytes(spoilt)
    second = keys.store_key
    rekey.replace_key(folder, keys, PASSPHRASE)
    tidied(folder, keys)
    twice = sealed.with_name(sealed.name + outer.ENDING)
    assert outer.unseal_file(twice, keys.store_key, keys.store_id) == ([second], bytes(spoilt))


def with_a_log(folder, keys):
    """Put a store in quarantine as a crash leaves it: what was saved last is in its log alone."""
    store = open_store.open_existing(folder, keys, KIM)
    store.transact(Origin.USER, lambda work: add_task(work, title="in the log", due_on=None))
    aside = folder / generations.QUARANTINE / "20261103T000000Z-g000001.kdb"
    shutil.copy(store.path, aside)
    shutil.copy(f"{store.path}-wal", f"{aside}-wal")
    open_store.mark_clean(store)
    store.close()
    return aside


@pytest.mark.parametrize("times", [1, 2])
def test_a_store_that_lies_sealed_in_quarantine_can_be_put_in_force(profile, times):
    keys = opened(profile)
    aside = with_a_log(profile, keys)
    pieces = [aside, aside.with_name(aside.name + "-wal")]
    for _ in range(times):
        old = keys.store_key
        rekey.replace_key(profile, keys, PASSPHRASE)
        new, store_id = keys.store_key, keys.store_id
        pieces = [outer.seal_file(one, new, store_id, [old]) for one in pieces]
        tidied(profile, keys)
        assert not keys.has_older_store_keys
    sealed = pieces[0]
    assert sealed.name == aside.name + outer.ENDING * times
    before = sealed.read_bytes()
    generations.restore(profile, keys, sealed, KIM)
    store = open_store.open_existing(profile, keys, KIM)
    titles = store.read(lambda one: one.rows("SELECT title FROM task ORDER BY title"))
    store.close()
    assert titles == [("in the log",), ("not sent",)]
    assert sealed.read_bytes() == before
    assert [path.name for path in (profile / "store").glob("*.new*")] == []


def test_a_sealed_store_that_is_damaged_or_of_another_profile_is_not_put_in_force(
    profile, tmp_path
):
    keys = opened(profile)
    rekey.replace_key(profile, keys, PASSPHRASE)
    tidied(profile, keys)
    before = keys.generation
    [damaged] = (profile / generations.QUARANTINE).glob("*.kdb.kdq")
    with pytest.raises(MachineError, match="damaged") as caught:
        generations.restore(profile, keys, damaged, KIM)
    assert caught.value.code == "STORE_DAMAGED"
    foreign = tmp_path / "20261103T000000Z-g000001.kdb"
    foreign.write_bytes(b"somebody else's")
    foreign = outer.seal_file(foreign, os.urandom(32), keys.store_id, [os.urandom(32)])
    with pytest.raises(MachineError) as caught:
        generations.restore(profile, keys, foreign, KIM)
    assert caught.value.code == "STORE_FOREIGN"
    with pytest.raises(MachineError) as caught:
        generations.restore(profile, keys, tmp_path / "gone.kdb.kdq", KIM)
    assert caught.value.code == "STORE_IO"
    assert keys.generation == before
    assert [path.name for path in (profile / "store").glob("*.new*")] == []


def test_a_damaged_store_is_sealed_with_its_log_and_nothing_is_made_in_its_place(profile):
    """Looked at without its store, the log became that of a new and empty one; the old key was needed for ever."""
    keys = opened(profile)
    aside = with_a_log(profile, keys)
    broken = bytearray(aside.read_bytes())
    broken[100:4096] = bytes(3996)
    aside.write_bytes(broken)
    log, index = (aside.with_name(aside.name + ending) for ending in ("-wal", "-shm"))
    index.write_bytes(bytes(32768))
    interrupted = aside.with_name("20261103T000000Z-g000002.new-journal")
    interrupted.write_bytes(b"half a copy")
    written, old = log.read_bytes(), keys.store_key
    rekey.replace_key(profile, keys, PASSPHRASE)
    tidied(profile, keys)
    assert not keys.has_older_store_keys
    kept = {one: one.with_name(one.name + outer.ENDING) for one in (aside, log)}
    for one, content_ in ((aside, bytes(broken)), (log, written)):
        assert outer.unseal_file(kept[one], keys.store_key, keys.store_id) == ([old], content_)
    assert not any(one.exists() for one in (aside, log, index, interrupted))


def test_what_is_sealed_never_takes_the_place_of_another(tmp_path):
    key = os.urandom(32)
    sealed = []
    for content_ in (b"one", b"two", b"three"):
        (tmp_path / "a.kdb").write_bytes(content_)
        sealed.append(outer.seal_file(tmp_path / "a.kdb", key, STORE, [key]))
    assert [outer.unseal_file(one, key, STORE)[1] for one in sealed] == [b"one", b"two", b"three"]


def test_a_log_without_its_store_opens_nothing_and_nothing_is_made(tmp_path):
    (tmp_path / "a.kdb-wal").write_bytes(b"a log")
    assert not backups.is_opened_by(tmp_path / "a.kdb", os.urandom(32))
    assert [one.name for one in tmp_path.iterdir()] == ["a.kdb-wal"]


def test_an_empty_store_under_the_right_key_is_a_foreign_one(tmp_path):
    key, path = os.urandom(32), tmp_path / "a.kdb"
    connection = connect(path, key)
    connection.execute("CREATE TABLE other(v)")
    connection.close()
    with pytest.raises(MachineError) as caught:
        backups.verify(path, key, STORE)
    assert caught.value.code == "STORE_FOREIGN"


def test_prices_open_with_their_passphrase_and_leave_the_old_master_key(profile):
    keys = opened(profile)
    master = bytearray(keys._master)
    rekey.replace_key(profile, keys, PASSPHRASE)
    keys = opened(profile)
    assert keys._file.keys_for(keyfile.PRICE_ROOT)
    store = open_store.open_existing(profile, keys, KIM)
    store.prices = lock = PriceLock(keys)
    with pytest.raises(UserError):
        lock.open("not this one at all")
    lock.open(PRICES)
    [(sealed,)] = store.read(lambda one: one.rows("SELECT net_price FROM contract_line_price"))
    store.close()
    assert sealed
    assert not keys._file.keys_for(keyfile.PRICE_ROOT)
    with pytest.raises(UserError):
        pricekeys.opened(keys._file, master, PRICES, None)
    for key in pricekeys.opened(keys._file, keys._master, PRICES, None).values():
        wrapping.erase(key)


def test_the_lease_goes_with_the_master_key_and_prices_open_with_it(profile):
    keys = opened(profile)
    keys.keep_lease(Lease(5, STAMP, STAMP, 0, STAMP), bytearray(range(32)))
    before = keys.open_price_keys(PRICES)  # bound to the lease by this
    rekey.replace_key(profile, keys, PASSPHRASE)
    keys = opened(profile)
    assert keys.lease.share_id == 5
    assert keys.open_price_keys(PRICES) == before
    assert keys._file.price_wrap == keyfile.LEASED_WRAP
    assert not keys._file.keys_for(keyfile.PRICE_ROOT)
    keys.drop_lease_share()
    with pytest.raises(UserError) as shut:
        keys.open_price_keys(PRICES)
    assert shut.value.code == "LEASE_ENDED"


def test_closing_meanwhile_leaves_the_backups_for_the_next_start(profile):
    keys = opened(profile)
    for _ in range(2):  # two older keys at once
        rekey.replace_key(profile, keys, PASSPHRASE)
    store = open_store.open_existing(profile, keys, KIM)
    old = OldKeys(profile, store, keys)
    old._stopped.set()
    old.run()
    assert len(keys.older_store_keys()) == 2
    open_store.mark_clean(store)
    store.close()
    keys = opened(profile)
    tidied(profile, keys)
    assert keys.older_store_keys() == []
    [copy] = backups.find(profile)
    backups.verify(copy.path, keys.store_key, keys.store_id)


def test_an_entry_that_the_key_store_does_not_delete_keeps_no_key_alive(ringed, ring, monkeypatch):
    keys = keystore.read_keystore(ringed).open_with_keyring()
    rekey.replace_key(ringed, keys)
    with monkeypatch.context() as broken:
        broken.setattr(oskeys, "delete_entry", lambda *_: 1 / 0)
        tidied(ringed, keys)
    assert not keys.has_older_store_keys
    assert keys.leftovers is not None
    tidied(ringed, keys)
    assert keys.leftovers is None
    assert len(json.loads(ring.path.read_text())) == 1


def test_two_replacements_before_prices_are_opened_lose_no_price(profile):
    for _ in range(2):
        keys = opened(profile)
        rekey.replace_key(profile, keys, PASSPHRASE)
        tidied(profile, keys)
    keys = opened(profile)
    assert keys.open_price_keys(PRICES)
    assert keys.open_price_keys(PRICES)


def test_a_disk_that_does_not_let_a_backup_be_read_keeps_it_and_its_key(profile, monkeypatch):
    keys = opened(profile)
    rekey.replace_key(profile, keys, PASSPHRASE)
    [copy] = backups.find(profile)

    def refused(path, *_):
        error = driver.OperationalError("disk I/O error")
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(backups, "_reading", refused)
        store = open_store.open_existing(profile, keys, KIM)
        OldKeys(profile, store, keys).run()
        open_store.mark_clean(store)
        store.close()
    assert copy.path.exists()
    assert keys.has_older_store_keys
    tidied(profile, keys)
    backups.verify(copy.path, keys.store_key, keys.store_id)


def test_a_wrong_passphrase_changes_nothing(profile):
    keys = opened(profile)
    before = (profile / keystore.FILE_NAME).read_bytes()
    with pytest.raises(UserError) as caught:
        rekey.replace_key(profile, keys, "wrong horse battery")
    assert caught.value.code == "WRONG_PASSPHRASE"
    assert (profile / keystore.FILE_NAME).read_bytes() == before


def test_stopping_it_leaves_everything_as_it_was(profile):
    keys = opened(profile)
    names = {path.relative_to(profile) for path in profile.rglob("*")}
    before = content(keys.store_file, keys.store_key)
    calls = []

    def stopped():
        calls.append(1)
        return len(calls) > 1

    with pytest.raises(InterruptedError):
        rekey.replace_key(profile, keys, PASSPHRASE, stopped=stopped)
    assert {path.relative_to(profile) for path in profile.rglob("*")} == names
    assert keys.leftovers is None
    keys = opened(profile)
    assert keys.generation == 1
    assert content(keys.store_file, keys.store_key) == before
    assert papers_of(profile, keys) == [PAPER]


def test_h27_without_room_for_a_second_store_its_key_stays(profile, monkeypatch):
    keys = opened(profile)
    before = {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()}
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 1 << 40, 200 << 20))
    with pytest.raises(MachineError) as caught:
        rekey.replace_key(profile, keys, PASSPHRASE)
    assert caught.value.code == "NO_ROOM"
    assert {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()} == before


def test_a_late_writer_is_refused_and_not_left_behind(profile):
    keys = opened(profile)
    late = open_store.open_existing(
        profile, keys, KIM
    )  # as a thread that did not end in time has it
    refused = []

    def write(*_):
        if not refused:
            with pytest.raises(MachineError) as caught:
                late.transact(Origin.USER, lambda work: add_task(work, title="late", due_on=None))
            refused.append(caught.value.code)

    late.transact(Origin.SYNC, lambda work: work.driver.execute("PRAGMA busy_timeout=1"))
    rekey.replace_key(profile, keys, PASSPHRASE, told=write)
    assert refused == ["STORE_BUSY"]
    with pytest.raises(MachineError) as caught:
        late.transact(Origin.USER, lambda work: add_task(work, title="later", due_on=None))
    assert caught.value.code == "STORE_MOVED"
    late.close()


def test_a_backup_of_before_is_restored_while_its_key_is_kept(profile):
    keys = opened(profile)
    rekey.replace_key(profile, keys, PASSPHRASE)
    [copy] = backups.find(profile)
    assert not backups.is_opened_by(copy.path, keys.store_key)
    generations.restore(profile, keys, copy.path, KIM)
    tidied(profile, keys)
    assert [*generations.kept_of(profile, keys).drafts] == ["d"]


def test_the_key_store_gets_a_new_entry_and_loses_the_old_one(ringed, ring):
    keys = keystore.read_keystore(ringed).open_with_keyring()
    old, [entry] = keys.store_key, [*json.loads(ring.path.read_text())]
    rekey.replace_key(ringed, keys)
    tidied(ringed, keys)
    entries = json.loads(ring.path.read_text())
    assert len(entries) == 1
    assert entry not in entries
    again = keystore.read_keystore(ringed).open_with_keyring()
    assert again.store_key == keys.store_key != old


def test_an_emergency_passphrase_opens_the_new_key_too(ringed, ring):
    keys = keystore.read_keystore(ringed).open_with_keyring()
    keys.add_passphrase_slot(PASSPHRASE)
    master = bytes(keys._master)
    rekey.replace_key(ringed, keys, PASSPHRASE)
    assert bytes(keys._master) != master
    assert opened(ringed).store_key == keys.store_key
    # Without it, the key of the store is replaced all the same, and it goes on opening
    master = bytes(keys._master)
    rekey.replace_key(ringed, keys)
    assert bytes(keys._master) == master
    assert opened(ringed).store_key == keys.store_key
    assert keystore.read_keystore(ringed).open_with_keyring().store_key == keys.store_key


def test_a_key_store_that_takes_no_entry_changes_nothing(ringed, ring, monkeypatch):
    keys = keystore.read_keystore(ringed).open_with_keyring()
    old = keys.store_key
    monkeypatch.setattr(ring, "set_password", lambda *_: None)
    with pytest.raises(MachineError) as caught:
        rekey.replace_key(ringed, keys)
    assert caught.value.code == "KEYRING_LIES"
    assert keystore.read_keystore(ringed).open_with_keyring().store_key == old
    tidied(ringed, keys)
    assert keys.leftovers is None
    assert len(json.loads(ring.path.read_text())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the write tap is of Linux")
def test_h35_replacing_the_key_killed_at_any_write_leaves_the_old_or_the_new_whole(
    profile, tmp_path
):
    library = tap.compiled(tmp_path)
    if library is None:
        pytest.skip("not run: there is no gcc for the write tap")
    keys = opened(profile)
    before, old = content(keys.store_file, keys.store_key), keys.store_key
    old_master = bytearray(keys._master)
    as_it_was = tmp_path / "as it was"
    shutil.copytree(profile, as_it_was)
    events = tap.changes_of("tests.faults.rekeyer", profile, tmp_path / "log", library)
    new = opened(profile).store_key
    needles = Needles()
    needles.add(7391483572613, 4, "CNY")
    for one in events:  # deleted files too
        assert not {
            key for key in (old, new) for form in (key, key.hex().encode()) if form in one.data
        }
        assert not leaks.in_bytes(one.data, needles)
    special = {at for at, one in enumerate(events) if one.what in "RUT"}
    chosen = {at + beside for at in special for beside in (0, 1)} | {*range(0, len(events), 40)}
    seen = set()
    for number in sorted(chosen | {len(events)}):
        killed = tmp_path / "killed"
        shutil.rmtree(killed, ignore_errors=True)
        shutil.copytree(as_it_was, killed)
        tap.put_back(killed, profile, events[:number])
        now = opened(killed)
        tidied(killed, now)
        seen.add((now.generation, now.store_key_id))
        assert content(now.store_file, now.store_key) == before
        assert [*generations.kept_of(killed, now).ops] == [1, 2]
        assert papers_of(killed, now) == [PAPER]
        assert now.open_price_keys(PRICES)
        [copy] = backups.find(killed)
        backups.verify(copy.path, now.store_key, now.store_id)
        assert now.leftovers is None
        assert not now.has_older_store_keys
        if now.store_key_id == 2:
            assert opened_by(old, old_master, killed, now.store_id) == []
    assert seen == {(1, 1), (2, 2)}


def test_a_copy_that_is_being_made_is_left_alone_and_one_that_was_killed_is_removed_before(profile):
    keys = opened(profile)
    store = open_store.open_existing(profile, keys, KIM)
    old = OldKeys(profile, store, keys)
    under_way = [
        profile / name for name in ("backup/20261201T080000Z-g000001.new", "store/g000002.new")
    ]
    under_way += [path.with_name(f"{path.name}-journal") for path in under_way]
    for path in under_way:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    old.run()
    assert all(path.exists() for path in under_way)
    old.start()
    old.stop()
    assert not any(path.exists() for path in under_way)
    store.close()


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the write tap is of Linux")
def test_h22_a_power_cut_while_the_key_is_replaced_leaves_the_old_or_the_new_whole(
    profile, tmp_path
):
    library = tap.compiled(tmp_path)
    if library is None:
        pytest.skip("not run: there is no gcc for the write tap")
    keys = opened(profile)
    before, tree = content(keys.store_file, keys.store_key), trees.Tree.of(profile)
    events = tap.events_of("tests.faults.rekeyer", profile, tmp_path / "log", library)
    chosen = {*range(0, len(events), max(1, len(events) // STATES)), len(events) - 1}
    rng, seen = random.Random(7), set()
    for at, event in enumerate(events):
        tree.take(event)
        if at not in chosen:
            continue
        cut = tmp_path / "cut"
        shutil.rmtree(cut, ignore_errors=True)
        tree.write_to(cut, rng, profile)
        now = opened(cut)
        tidied(cut, now)
        seen.add(now.generation)
        assert content(now.store_file, now.store_key) == before
        assert papers_of(cut, now) == [PAPER]
        assert [*generations.kept_of(cut, now).ops] == [1, 2]
        assert not now.has_older_store_keys
    assert seen == {1, 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="not run: processes are not forked here")
def test_h35_replacing_the_key_killed_around_the_key_store_opens_with_one_entry_left(
    ringed, ring, tmp_path
):
    keys = keystore.read_keystore(ringed).open_with_keyring()
    before = content(keys.store_file, keys.store_key)
    seen, kept_in = set(), ring.path
    for number in range(1, 200):
        killed, entries = tmp_path / "killed", tmp_path / "killed.json"
        shutil.rmtree(killed, ignore_errors=True)
        shutil.copytree(ringed, killed)
        shutil.copy(kept_in, entries)
        ended = in_a_child(lambda: rekeyer.main(killed, entries, number))  # noqa: B023  # called at once
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        ring.path = entries
        now = keystore.read_keystore(killed).open_with_keyring()
        tidied(killed, now)
        seen.add(now.generation)
        assert content(now.store_file, now.store_key) == before
        assert papers_of(killed, now) == [PAPER]
        assert len(json.loads(entries.read_text())) == 1
        again = keystore.read_keystore(killed).open_with_keyring()
        assert again.store_key == now.store_key
    assert ended == 0
    assert seen == {1, 2}


def test_an_order_of_head_office_and_the_age_make_it_due_and_it_is_followed_at_the_close(profile):
    keys = opened(profile)
    store = open_store.open_existing(profile, keys, KIM)
    assert not rekey.is_due(store, keys)
    rekey.note_made(store, keys)
    store.transact(Origin.SYNC, lambda work: renewal.note_wanted(work, "2026-11-25T00:00:00Z"))
    assert rekey.is_due(store, keys)
    # Head office is told of the price key alone, and may have stopped asking by the time of the close
    store.transact(Origin.SYNC, lambda work: renewal.note_wanted(work, ""))
    assert rekey.is_due(store, keys)
    open_store.mark_clean(store)
    store.close()
    master = bytes(keys._master)
    assert not rekey.replace_if_due(profile, keys, is_due=False)
    assert rekey.replace_if_due(profile, keys, is_due=True)
    assert keys.store_key_id == 2
    assert bytes(keys._master) == master  # nobody was there to type the passphrase
    assert opened(profile).store_key == keys.store_key
    store = open_store.open_existing(profile, keys, KIM)
    assert not rekey.is_due(store, keys)
    store.transact(Origin.SYNC, lambda work: renewal.note_wanted(work, "2026-11-26T00:00:00Z"))
    assert rekey.is_due(store, keys)
    store.close()
