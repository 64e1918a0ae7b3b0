"""Backups: of one moment, read back before they count, encrypted, thinned out, never at the cost of a save."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, cipher
from kamdesk.db.backups import Backup
from kamdesk.db.connect import PLAIN_HEADER
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.services.tasks import add_task


def count(path, key):
    with closing(driver.connect(str(path))) as connection:
        cipher.unlock(connection, key)
        return connection.execute("SELECT count(*) FROM task").fetchone()[0]


def add(store, title="x"):
    store.transact(Origin.USER, lambda work: add_task(work, title=title, due_on=None))


def test_h5_a_backup_is_whole_encrypted_and_alone(store, keys):
    add(store, "very private")
    made = backups.make(store.path, keys.store_key, keys.store_id)
    data = made.path.read_bytes()
    assert count(made.path, keys.store_key) == 1
    assert not data.startswith(PLAIN_HEADER)
    assert b"private" not in data
    assert [one.name for one in made.path.parent.iterdir()] == [made.path.name]


def test_a_backup_while_people_save_is_of_one_moment(store, keys):
    stop = threading.Event()

    def save():
        while not stop.is_set():
            add(store)

    thread = threading.Thread(target=save)
    thread.start()
    try:
        made = backups.make(store.path, keys.store_key, keys.store_id)
    finally:
        stop.set()
        thread.join()
    with closing(driver.connect(str(made.path))) as copy:
        cipher.unlock(copy, keys.store_key)
        tasks, ops = copy.execute(
            "SELECT (SELECT count(*) FROM task), (SELECT count(*) FROM sync_op)"
        ).fetchone()
    assert tasks == ops


def test_h38_a_backup_that_cannot_be_read_back_leaves_the_older_ones(store, keys, monkeypatch):
    made = backups.make(store.path, keys.store_key, keys.store_id)

    def garbled(source, key, target, **_):
        target.write_bytes(os.urandom(8192))

    monkeypatch.setattr(backups, "copy", garbled)
    with pytest.raises(MachineError):
        backups.make(store.path, keys.store_key, keys.store_id)
    assert [one.path for one in backups.find(store.path.parent.parent)] == [made.path]
    assert list(made.path.parent.glob("*.new")) == []


def test_no_backup_takes_the_room_that_saves_need(store, keys, monkeypatch):
    free = shutil.disk_usage("/")._replace(free=backups.LEAST_FREE)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: free)
    with pytest.raises(MachineError) as caught:
        backups.make(store.path, keys.store_key, keys.store_id)
    assert caught.value.code == "NO_ROOM"


def test_a_copy_from_before_many_deletions_stays_for_a_month(store, keys, monkeypatch):
    profile_dir, now = store.path.parent.parent, backups.clock.now()
    before = backups.make(store.path, keys.store_key, keys.store_id)
    backups.keep(before)

    def left_after(days: int) -> set[Path]:
        for minutes in (1, 2):  # within one hour only the newest stays
            later = now + timedelta(days=days, minutes=minutes)
            monkeypatch.setattr(backups.clock, "now", lambda later=later: later)
            backups.make(store.path, keys.store_key, keys.store_id)
        monkeypatch.setattr(backups, "WEEKS", 1)
        monkeypatch.setattr(backups, "DAYS", 1)
        monkeypatch.setattr(backups, "HOURS", 1)
        backups.thin_out(profile_dir)
        return set(before.path.parent.iterdir())

    assert before.path in left_after(34)
    assert len(left_after(36)) == 1


def test_backups_are_thinned_out_to_hours_days_and_weeks():
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    all_of_them = [
        Backup(Path(f"{hours}"), now - timedelta(hours=hours), 1, 1) for hours in range(24 * 60)
    ]
    kept = sorted(backups.kept_of(all_of_them), key=lambda one: one.made_at, reverse=True)
    ages = [(now - one.made_at) // timedelta(hours=1) for one in kept]
    assert ages[:3] == [0, 1, 2]
    assert len([age for age in ages if age < 24 * 7]) >= 9
    assert max(ages) > 24 * 14
    assert len(kept) <= backups.HOURS + backups.DAYS + backups.WEEKS


@pytest.mark.parametrize(
    "earlier",
    ["20261124T115959Z-g000001", "20261124T110000Z-g000002"],
    ids=["clock back", "same second"],
)
def test_a_backup_just_made_is_there_whatever_the_clock_did(store, keys, monkeypatch, earlier):
    folder = backups.folder_of(store.path.parent.parent)
    folder.mkdir(exist_ok=True)
    (folder / f"{earlier}.kdb").write_bytes(b"earlier")
    now = datetime(2026, 11, 24, 11, 0, 0, tzinfo=UTC)
    monkeypatch.setattr(backups.clock, "now", lambda: now)
    made = backups.make(store.path, keys.store_key, keys.store_id)
    assert made.made_at == now
    assert count(made.path, keys.store_key) == 0


def test_strange_files_among_the_backups_are_nobodys_business(store, keys):
    made = backups.make(store.path, keys.store_key, keys.store_id)
    (made.path.parent / "letter.txt").write_text("x")
    (made.path.parent / "20261124T0230Z-g7.kdb").mkdir()
    assert [one.path for one in backups.find(store.path.parent.parent)] == [made.path]
