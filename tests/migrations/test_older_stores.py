"""Stores that earlier versions wrote: migrated after a verified backup, whole, and never a way without return."""

from __future__ import annotations

import errno
import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kamdesk.db import backups, cipher, generations, journal, migrate, open_store, revisions
from kamdesk.db.connect import connect
from kamdesk.db.database import Database
from kamdesk.db.oldkeys import OldKeys
from kamdesk.db.queries.prices import prices_of
from kamdesk.db.reader import Reader
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import MachineError
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.security.keystore import OpenKeys, store_file
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.unlock import open_keys
from kamdesk.services.tasks import add_task
from kamdesk.sync import enrol
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.migrations import write
from tests.migrations.conftest import VERSIONS, copied
from tests.migrations.looking import content, lost
from tests.sync.world import Laptop, World

PRICED = "0004"
"""The version since which there are prices."""
NAMED = "0008"
"""The version since which they name their line."""
ME = write.KIM
UPGRADE = migrate.upgrade


def opened(folder: Path) -> tuple[OpenKeys, Database]:
    """Open a profile with today's program."""
    keys = open_keys(folder, write.PASSPHRASE)
    return keys, open_store.open_existing(folder, keys, write.KIM)


def revision_of(path: Path, key: bytes) -> str | None:
    with closing(connect(path, key, query_only=True)) as connection:
        return revisions.current(Reader(connection))


def unsent_in_journal(folder: Path, keys: OpenKeys) -> set[str]:
    kept = journal.read(journal.file_of(keys.store_file), keys.store_key, keys.store_id)
    return {frame["id"] for frame in kept.unsent}


def queued(store: Database) -> set[str]:
    found = store.read(lambda reader: reader.rows("SELECT id FROM sync_op WHERE st = 'queued'"))
    return {one for (one,) in found}


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "backup"
    }


def test_there_is_a_store_of_every_version_before_this_one():
    assert {*revisions.known()[:-1]} <= {*VERSIONS}


def test_store_of_an_older_version_is_migrated_whole_after_a_backup(old):
    keys = open_keys(old, write.PASSPHRASE)
    before = content(keys.store_file, keys.store_key)
    assert len(before["sync_op"][1]) >= 6
    generation, journal_before = keys.generation, unsent_in_journal(old, keys)
    keys, store = opened(old)
    assert keys.generation == generation + 1
    assert [one.name for one in old.glob("store/*.kdb")] == [store.path.name]
    assert [one.stem for one in old.glob("journal/*")] == [store.path.stem]
    assert journal_before <= unsent_in_journal(old, keys) == queued(store)
    assert revision_of(store.path, keys.store_key) == revisions.newest()
    # 0010 lets unsent prices name their line; everything else is as it was
    given = {"sync_op"} if PRICED <= old.name < NAMED else set()
    assert {*lost(before, store.path, keys.store_key)} == given
    [copy] = backups.find(old)
    assert revision_of(copy.path, keys.store_key) == old.name
    assert content(copy.path, keys.store_key) == before
    store.transact(Origin.USER, lambda work: add_task(work, title="Today", due_on=None))
    store.close()


def test_unsent_work_of_an_older_version_reaches_head_office(old, world):
    keys, store = opened(old)
    prices = store.prices = PriceLock(keys)
    if old.name >= PRICED:
        prices.open(write.PRICES)
        found = store.read(lambda reader: prices_of(reader, prices, [write.LINE]))
        assert found == {write.LINE: LinePrices(net=Price(write.NET, "CNY"))}
    waiting = store.read(lambda reader: reader.rows("SELECT DISTINCT kind, id FROM sync_op"))
    laptop = _signed_in(world, store).sync()
    assert laptop.issues == []
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    for kind, record_id in waiting:
        world.document(kind, record_id)
    assert world.document("visit", write.VISIT)["outcome"] == "他们下周开会"
    if old.name >= PRICED:
        price = world.document("contract_line_price", write.LINE)
        assert price["net_price"] == "23.5 CNY"
    assert laptop.value("SELECT count(*) FROM draft WHERE id = ?", write.DRAFT) == 1
    second = world.laptop("min").sync()
    assert second.rows("SELECT title FROM task ORDER BY title") == laptop.rows(
        "SELECT title FROM task ORDER BY title"
    )


def _signed_in(world: World, store: Database) -> Laptop:
    enrolled = enrol.enrol(SignIn(world.url, "min", PASSWORD, device_name="laptop"))
    assert enrolled.profile.user_id == write.KIM.user_id
    store.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
    laptop = Laptop(store, Transport(enrolled.server), write.KIM.user_id)
    world.laptops.append(laptop)
    return laptop


def test_the_older_program_refuses_the_newer_store_and_opens_the_copy_from_before(old, monkeypatch):
    keys = open_keys(old, write.PASSPHRASE)
    before = content(keys.store_file, keys.store_key)
    keys, store = opened(old)
    store.close()
    digest = hashlib.sha256(store.path.read_bytes()).hexdigest()
    older = tuple(one for one in revisions.known() if one <= old.name)
    monkeypatch.setattr(revisions, "known", lambda: older)
    monkeypatch.setattr(cipher, "FORMS", cipher.FORMS[-1:])
    with pytest.raises(MachineError) as caught:
        opened(old)
    assert caught.value.code == "STORE_UNREADABLE"
    assert hashlib.sha256(store.path.read_bytes()).hexdigest() == digest
    [copy] = backups.find(old)
    # As the older program puts it back, but for the unsent work on top
    copy.path.replace(store_file(old, copy.generation))
    keys.set_generation(copy.generation)
    keys, store = opened(old)
    assert revision_of(store.path, keys.store_key) == old.name
    assert lost(before, store.path, keys.store_key) == {}
    store.close()


def test_work_done_after_the_update_goes_back_with_the_user(store, keys, tmp_path):
    """This program as the older one: what a newer one queued is laid over the copy, fields it does not know too."""
    store.transact(Origin.USER, lambda work: add_task(work, title="Before", due_on=None))
    copy = backups.make(store.path, keys.store_key, keys.store_id)
    later = store.transact(Origin.USER, lambda work: add_task(work, title="After", due_on=None))
    store.close()
    with closing(connect(store.path, keys.store_key)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.execute("ALTER TABLE task ADD COLUMN colour VARCHAR")
        newer.execute("ALTER TABLE sync_op ADD COLUMN shape VARCHAR")
        newer.execute("UPDATE task SET colour = 'red'")
        newer.execute("UPDATE sync_op SET f = json_set(f, '$.colour', json_array(NULL, 'red'))")
    with pytest.raises(MachineError) as caught:
        open_store.open_existing(tmp_path, keys, ME)
    assert caught.value.code == "STORE_NEWER"
    generations.restore(tmp_path, keys, copy.path, ME)
    back = open_store.open_existing(tmp_path, keys, ME)
    assert back.read(lambda reader: reader.rows("SELECT title FROM task ORDER BY _n")) == [
        ("Before",),
        ("After",),
    ]
    kept = back.read(lambda reader: reader.value("SELECT f FROM sync_op WHERE id = ?", later.value))
    assert json.loads(kept)["colour"] == [None, "red"]
    back.close()


def test_the_copy_from_before_a_migration_outlives_those_that_follow(tmp_path):
    """Copies of the same hour give way to the newest; this one is the only way back."""
    old = copied(VERSIONS[0], tmp_path / "profile")
    keys, store = opened(old)
    [before] = backups.find(old)
    for _ in range(2):
        backups.make(store.path, keys.store_key, keys.store_id)
    store.close()
    assert before in backups.find(old)
    assert revision_of(before.path, keys.store_key) == VERSIONS[0]


def _raises(_connection: object) -> None:
    raise RuntimeError("a mistake in a migration")


def _loses_a_task(connection: Any) -> None:
    UPGRADE(connection)
    connection.exec_driver_sql("DELETE FROM task WHERE id = (SELECT min(id) FROM task)")


def _forgets_a_column(connection: Any) -> None:
    UPGRADE(connection)
    connection.exec_driver_sql("ALTER TABLE task RENAME COLUMN title TO heading")


def _forgets_a_column_of_its_own(connection: Any) -> None:
    UPGRADE(connection)
    connection.exec_driver_sql("ALTER TABLE sync_op RENAME COLUMN acked_at TO confirmed_at")


@pytest.mark.parametrize(
    "mistake", [_raises, _loses_a_task, _forgets_a_column, _forgets_a_column_of_its_own]
)
def test_a_migration_that_fails_or_loses_something_changes_nothing(mistake, tmp_path, monkeypatch):
    old = copied(VERSIONS[0], tmp_path / "profile")
    opened_by_older = open_keys(old, write.PASSPHRASE)
    before = content(opened_by_older.store_file, opened_by_older.store_key)
    files = files_of(old)
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", mistake)
        for _ in range(2):
            with pytest.raises(MachineError) as caught:
                opened(old)
            assert caught.value.code == "STORE_NOT_UPDATED"
    assert {name: data for name, data in files_of(old).items() if name in files} == files
    keys = open_keys(old, write.PASSPHRASE)
    assert keys.generation == opened_by_older.generation
    assert content(keys.store_file, keys.store_key) == before
    assert not list(old.glob("backup/*.keep"))
    keys, store = opened(old)
    assert revision_of(store.path, keys.store_key) == revisions.newest()
    store.close()


def test_too_little_room_for_an_update_is_said_and_changes_nothing(tmp_path, monkeypatch):
    old = copied(VERSIONS[0], tmp_path / "profile")
    files = files_of(old)
    monkeypatch.setattr(backups, "LEAST_FREE", 1 << 60)
    with pytest.raises(MachineError) as caught:
        opened(old)
    assert caught.value.code == "NO_ROOM"
    assert files_of(old) == files
    assert backups.find(old) == []


@pytest.mark.parametrize(("where", "at"), [("copy_open", 1), ("copy_open", 2), ("_flush", 1)])
def test_h27_a_full_disk_in_an_update_is_said_and_changes_nothing(where, at, tmp_path, monkeypatch):
    old = copied(VERSIONS[0], tmp_path / "profile")
    files, real, calls = files_of(old), getattr(backups, where), []

    def fill(*args: Any, **how: Any) -> None:
        calls.append(1)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*args, **how)

    with monkeypatch.context() as patched:
        patched.setattr(backups, where, fill)
        with pytest.raises(MachineError) as caught:
            opened(old)
    assert caught.value.code == "DISK_FULL"
    assert {name: data for name, data in files_of(old).items() if name in files} == files
    assert not [*old.glob("backup/*.keep"), *old.rglob("*.new")]
    _, store = opened(old)
    store.close()


def test_what_an_update_that_was_killed_left_behind_is_put_aside_while_the_profile_is_open(
    tmp_path, monkeypatch
):
    old = copied(VERSIONS[0], tmp_path / "profile")
    with monkeypatch.context() as patched:
        patched.setattr(
            generations, "remove", lambda *_: None
        )  # as if killed right after the switch
        keys, store = opened(old)
    before = keys.generation - 1
    assert store_file(old, before).exists()
    (old / "store" / "g000000.kdb-wal").touch()  # as if killed between a file and what is beside it
    OldKeys(old, store, keys).run()
    assert [one.name for one in old.glob("store/*.kdb")] == [store.path.name]
    [aside] = old.glob(f"quarantine/*{store_file(old, before).name}")
    assert revision_of(aside, keys.store_key) == VERSIONS[0]
    assert not list(old.glob("store/g000000*"))
    store.close()
