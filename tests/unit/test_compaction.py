"""A store with much empty room gets smaller: by one switch, with everything that was in it."""

from __future__ import annotations

import shutil
import sys
from collections import namedtuple

import pytest

from kamdesk.db import compaction, generations, journal, open_store, text_index
from kamdesk.db.caretaker import Caretaker
from kamdesk.db.queries.customers import find_customers
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.security import keystore
from kamdesk.services.drafts import keep_draft
from kamdesk.services.tasks import add_task
from tests.faults import tap
from tests.faults.compactor import PASSPHRASE
from tests.migrations.looking import content
from tests.unit.conftest import HUASHAN, ME, _two_hospitals


@pytest.fixture
def profile(tmp_path):
    """A closed profile: most of its store is empty, and not all of its work was sent."""
    folder = tmp_path / "profile"
    folder.mkdir()
    keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    store = open_store.create(folder, keys, ME)
    store.transact(Origin.SYNC, _two_hospitals)
    store.transact(
        Origin.SYNC, lambda work: text_index.index_ids(work.driver, SPECS["customer"], [HUASHAN])
    )
    store.transact(Origin.SYNC, _many_then_none)
    store.transact(Origin.USER, lambda work: add_task(work, title="not sent", due_on=None))
    store.transact(
        Origin.USER,
        lambda work: keep_draft(work, "d", form="visit", title="Half", values={"a": "typed"}),
    )
    caretaker = Caretaker(store, keys, lambda _: None)
    caretaker.write_journal()
    caretaker._raise_mark()
    caretaker._journal.close()
    open_store.mark_clean(store)
    store.close()
    keys.forget()
    return folder


def _many_then_none(work):
    for number in range(400):
        work.driver.execute(
            "INSERT INTO customer(id, _rev, _b, kind, name) VALUES(?, 1, 'acct:x', 'hospital', ?)",
            (f"0192f0c1-0000-7000-9000-{number:012d}", f"Hospital {number} " + "x" * 3000),
        )
    work.driver.execute("DELETE FROM customer WHERE _b = 'acct:x'")


def opened(folder):
    return keystore.read_keystore(folder).open_with_passphrase(PASSPHRASE)


def test_empty_room_is_given_back_with_everything_that_was_there(profile, monkeypatch):
    keys = opened(profile)
    old, before = keys.store_file, content(keys.store_file, keys.store_key)
    size, known = (
        old.stat().st_size,
        journal.read(journal.file_of(old), keys.store_key, keys.store_id),
    )
    store = open_store.open_existing(profile, keys, ME)
    assert not store.read(compaction.is_wasteful)  # it is little, by its bytes
    monkeypatch.setattr(compaction, "LEAST", 1024 * 1024)
    assert store.read(compaction.is_wasteful)
    open_store.mark_clean(store)
    store.close()
    assert compaction.compact(profile, keys)
    assert keys.generation == 2
    assert keys.store_file.stat().st_size < size / 2
    assert content(keys.store_file, keys.store_key) == before
    kept = journal.read(journal.file_of(keys.store_file), keys.store_key, keys.store_id)
    assert (kept.ops, kept.drafts) == (known.ops, known.drafts)
    assert len(kept.ops) == len(kept.drafts) == 1
    assert not old.exists()
    assert not journal.file_of(old).exists()
    store = open_store.open_existing(profile, keys, ME)
    generations.demand_newest(profile, keys, store)
    assert not store.read(compaction.is_wasteful)
    assert [one.id for one in store.read(lambda reader: find_customers(reader, "hsyy"))] == [
        HUASHAN
    ]
    store.transact(Origin.USER, lambda work: add_task(work, title="later", due_on=None))
    assert store.read(lambda reader: reader.value("SELECT max(lid) FROM sync_op")) == 2
    store.close()


def test_h27_without_room_for_a_second_store_nothing_is_touched(profile, monkeypatch):
    keys = opened(profile)
    before = {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()}
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 1 << 40, 210 << 20))
    assert not compaction.compact(profile, keys)
    assert {path: path.read_bytes() for path in profile.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the write tap is of Linux")
def test_h35_giving_back_room_killed_anywhere_leaves_the_old_or_the_new_whole(profile, tmp_path):
    library = tap.compiled(tmp_path)
    if library is None:
        pytest.skip("not run: there is no gcc for the write tap")
    keys = opened(profile)
    before, master = content(keys.store_file, keys.store_key), bytes(keys._master)
    as_it_was = tmp_path / "as it was"
    shutil.copytree(profile, as_it_was)
    events = tap.changes_of("tests.faults.compactor", profile, tmp_path / "log", library)
    special = {at for at, one in enumerate(events) if one.what in "RUT"}
    chosen = {at + beside for at in special for beside in (0, 1)} | {*range(0, len(events), 12)}
    generations_seen = set()
    for number in sorted(chosen | {len(events)}):
        killed = tmp_path / "killed"
        shutil.rmtree(killed, ignore_errors=True)
        shutil.copytree(as_it_was, killed)
        tap.put_back(killed, profile, events[:number])
        now = keystore.read_keystore(killed)._open(lambda _: bytearray(master))
        generations_seen.add(now.generation)
        store = open_store.open_existing(killed, now, ME)
        generations.demand_newest(killed, now, store)
        assert [*generations.kept_of(killed, now).ops] == [1]
        store.close()
        assert content(now.store_file, now.store_key) == before
    assert generations_seen == {1, 2}
