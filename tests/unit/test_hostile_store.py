"""The store among hostile things: a library that does not encrypt, foreign logs, copies without keys, a full disk."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, generations, open_store
from kamdesk.db.connect import connect
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.security import files, keystore
from kamdesk.services.tasks import add_task
from tests.unit.conftest import ME, Keys
from tests.unit.test_journal import Desk

ROOT = Path(__file__).resolve().parents[2]
SECRET = "底价 281474976"
WITHOUT_ENCRYPTION = """
import sqlite3, sys, types
from pathlib import Path
fake = types.ModuleType("sqlcipher3")
fake.dbapi2 = sys.modules["sqlcipher3.dbapi2"] = sqlite3
sys.modules["sqlcipher3"] = fake
from kamdesk.db import open_store
from kamdesk.domain.errors import MachineError
from tests.unit.conftest import ME, Keys
try:
    open_store.create(Path(sys.argv[1]), Keys(bytes(32)), ME)
except MachineError as error:
    print(error.code)
"""


def said(store, title: str) -> None:
    store.transact(Origin.USER, lambda work: add_task(work, title=title, due_on=None))


def fill_up(store) -> None:
    for _ in range(800):
        said(store, "x" * 1000)


def titles(store) -> set[str]:
    return {row[0] for row in store.read(lambda reader: reader.rows("SELECT title FROM task"))}


def test_h4_a_library_that_does_not_encrypt_writes_no_store(tmp_path):
    """As of a distribution that puts the plain one in its place: there `PRAGMA key` does nothing, without a word."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ENCRYPTION, str(tmp_path)], cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "STORE_NOT_ENCRYPTED", done.stderr
    assert [one for one in tmp_path.rglob("*") if one.is_file() and one.stat().st_size] == []


def test_h5_neither_outbox_nor_conflicts_nor_drafts_are_read_from_a_copy(store, keys, tmp_path):
    def fill(work) -> None:
        add_task(work, title=SECRET, due_on=None)  # in the outbox too
        for sql in (
            "INSERT INTO sync_issue(id, kind, row_id, type, fields, created) VALUES('i','task','x','conflict',?,'')",
            "INSERT INTO draft(id, form, title, data, saved_at) VALUES('d','visit','',?,'')",
            "INSERT INTO sync_base(kind, id, rev, b, data) VALUES('task','x',1,'',?)",
        ):
            work.driver.execute(sql, (f'["{SECRET}"]',))

    store.transact(Origin.USER, fill)
    made = backups.make(store.path, keys.store_key, keys.store_id)
    copies = [made.path, *store.path.parent.iterdir()]
    assert any(one.name.endswith("-wal") for one in copies)
    for copy in copies:
        assert SECRET.encode() not in copy.read_bytes()
    for copy in (made.path, shutil.copy(store.path, tmp_path / "copy.kdb")):
        for key in (os.urandom(32), bytes(32)):
            with pytest.raises(MachineError) as caught:
                connect(Path(copy), key, query_only=True)
            assert caught.value.code == "STORE_UNREADABLE"
        plain = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        with pytest.raises(sqlite3.DatabaseError, match="not a database"):
            plain.execute("SELECT * FROM sqlite_master")
        plain.close()


def test_h6_no_connection_may_sort_into_a_file(store, keys):
    writer = connect(store.path, keys.store_key)
    reader = connect(store.path, keys.store_key, query_only=True)
    for one in (writer, reader, store._engine.raw_connection().dbapi_connection):
        assert one.execute("PRAGMA temp_store").fetchone()[0] == 2  # in memory
    writer.close()
    reader.close()


def test_h30_a_log_of_another_store_is_never_taken_in(tmp_path):
    """It is refused or left out; nothing of it is read, and nothing that was saved is missing."""
    desk, other = Desk(tmp_path / "one"), Desk(tmp_path / "other")
    desk.do(lambda work: add_task(work, title="mine", due_on=None))
    other.do(lambda work: add_task(work, title="theirs", due_on=None))
    wal = Path(f"{other.path}-wal").read_bytes()
    assert len(wal) > 4096
    desk.caretaker.stop()
    desk.store.close()
    other.caretaker.stop()
    other.store.close()
    Path(f"{desk.path}-wal").write_bytes(wal)
    Path(f"{desk.path}-shm").unlink(missing_ok=True)
    try:
        desk.reopen()
    except MachineError:
        generations.restore(desk.folder, desk.keys, backups.find(desk.folder)[0].path, ME)
        desk.reopen()
    assert desk.titles() == {"mine"}
    desk.caretaker.stop()
    desk.store.close()


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_h27_a_full_disk_under_the_key_file_leaves_the_old_one(tmp_path, monkeypatch, call):
    keys = keystore.create_with_passphrase(tmp_path, "profile", "correct horse battery")
    before = (tmp_path / keystore.FILE_NAME).read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(files.os, "fsync", full)
    else:
        monkeypatch.setattr(files.os, "fdopen", lambda handle, _mode: os.close(handle) or full())
    with pytest.raises(MachineError) as caught:
        keys.add_passphrase_slot("another passphrase, long")
    assert caught.value.code == "FILE_NOT_WRITTEN"
    monkeypatch.undo()
    assert (tmp_path / keystore.FILE_NAME).read_bytes() == before
    again = keystore.read_keystore(tmp_path).open_with_passphrase("correct horse battery")
    assert again.store_key == keys.store_key


@pytest.mark.parametrize("what", ["backup", "migration", "checkpoint"])
def test_h27_a_full_disk_in_a_backup_a_migration_or_a_checkpoint_leaves_what_was_there(
    store, keys, tmp_path, monkeypatch, what
):
    said(store, "saved")
    if what == "checkpoint":
        real = store._engine.raw_connection().dbapi_connection
        real.execute("PRAGMA wal_autocheckpoint=1")
        real.execute(f"PRAGMA max_page_count={real.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(MachineError) as caught:
            fill_up(store)
        assert caught.value.code == "DISK_FULL"
        real.execute("PRAGMA max_page_count=1000000")
    else:
        full = driver.OperationalError("database or disk is full")

        def fail(*_args, **_how):
            raise full

        made = backups.make(store.path, keys.store_key, keys.store_id)
        monkeypatch.setattr(backups, "copy_open", fail)
        do = {
            "backup": lambda: backups.make(store.path, keys.store_key, keys.store_id),
            "migration": lambda: generations.restore(tmp_path, _Marks(keys), made.path, ME),
        }
        with pytest.raises(MachineError) as caught:
            do[what]()
        assert caught.value.code == "DISK_FULL"
        assert [one.path for one in backups.find(tmp_path)] == [made.path]
        assert not list(tmp_path.rglob("*.new"))
        assert [one.name for one in store.path.parent.glob("*.kdb")] == [store.path.name]
    said(store, "after")
    assert {"saved", "after"} <= titles(store)
    store.close()
    again = open_store.open_existing(tmp_path, keys, ME)
    assert {"saved", "after"} <= titles(again)
    again.close()


class _Marks:
    """What `generations` needs of the key store."""

    high_water = 0

    def older_store_keys(self) -> list[bytes]:
        return []

    def __init__(self, keys: Keys) -> None:
        self.store_key, self.store_id, self.generation = (
            keys.store_key,
            keys.store_id,
            keys.generation,
        )

    def set_generation(self, generation: int) -> None:
        raise AssertionError("nothing is put in force")
