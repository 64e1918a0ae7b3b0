"""A disk that is full, read-only, damaged or loses the file: nothing acknowledged is lost, nothing saved twice."""

from __future__ import annotations

import errno
import shutil
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, connect
from kamdesk.db import caretaker as caretaker_module
from kamdesk.db.caretaker import BALLAST_BYTES, Caretaker
from kamdesk.db.database import Database
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.services.tasks import add_task


class Marks:
    """What a caretaker needs of the key store."""

    def __init__(self, keys):
        self.store_id, self.store_key, self.mark = keys.store_id, keys.store_key, 0

    def set_high_water(self, mark):
        self.mark = mark


def add(store, title="x" * 900):
    return store.transact(Origin.USER, lambda work: add_task(work, title=title, due_on=None)).value


def count(store, table="task"):
    return store.read(lambda reader: reader.value(f"SELECT count(*) FROM {table}"))


def limit(store, pages):
    with store._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def fill(store):
    limit(store, 1)
    for _ in range(1000):
        try:
            add(store)
        except MachineError as error:
            return error
    raise AssertionError("the disk was never full")


def test_h27_a_full_disk_is_said_and_what_was_saved_is_there(store):
    before = count(store)
    error = fill(store)
    assert error.code == "DISK_FULL"
    assert count(store) == count(store, "sync_op")
    limit(store, 1 << 30)
    add(store)
    assert count(store) > before


def test_h27_the_ballast_lets_the_save_under_way_succeed(store, tmp_path, keys):
    told = []
    caretaker = Caretaker(store, Marks(keys), told.append)
    caretaker._keep_ballast()
    ballast = tmp_path / "ballast.bin"
    assert ballast.stat().st_size == BALLAST_BYTES
    fill(store)
    before = count(store)

    def freed():
        limit_was_the_ballast = caretaker.free_ballast()
        raw = store._engine.raw_connection().dbapi_connection
        raw.execute("PRAGMA max_page_count=1000000")
        return limit_was_the_ballast

    store.make_room = freed
    while ballast.exists():
        add(store)
    assert count(store) > before
    assert [error.code for error in told] == ["RESERVE_USED"], "who works is told at once"


def test_h27_a_disk_that_is_nearly_full_is_told_once_and_no_file_of_the_program(
    store, tmp_path, keys, monkeypatch
):
    class Full(Marks):
        def set_high_water(self, mark):
            raise MachineError("no", code="FILE_NOT_WRITTEN", context="security")

    told, free = [], [backups.LEAST_FREE - 1]
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(
        caretaker_module.shutil, "disk_usage", lambda _: usage._replace(free=free[0])
    )
    caretaker = Caretaker(store, Full(keys), told.append)
    for _ in range(3):
        with caretaker._told():
            caretaker._look_at_room()
            caretaker._raise_mark()
    assert [error.code for error in told] == ["DISK_LOW"]
    free[0] = backups.LEAST_FREE
    with caretaker._told():
        caretaker._raise_mark()
    assert [error.code for error in told] == ["DISK_LOW", "FILE_NOT_WRITTEN"]
    free[0] = 0
    caretaker._look_at_room()
    assert told[-1].code == "DISK_LOW", "told again when it comes again"
    assert count(store) == count(store, "sync_op")
    assert not caretaker.free_ballast()


class Failing:
    """A COMMIT whose error comes after it became durable, or before."""

    def __init__(self, store, *, durable):
        self.store, self.durable = store, durable
        self.engine = store._engine
        self.real = self.engine.dialect.do_commit

    def __enter__(self):
        def commit(connection):
            self.engine.dialect.do_commit = self.real
            if self.durable:
                self.real(connection)
            error = driver.OperationalError("disk I/O error")
            raise OperationalError("COMMIT", None, error)

        # isolation level None: SQLAlchemy says COMMIT through the connection
        self.engine.dialect.do_commit = commit
        return self

    def __exit__(self, *_):
        self.engine.dialect.do_commit = self.real


def test_h24_an_error_after_the_commit_became_durable_is_a_save_and_makes_no_double(store):
    with Failing(store, durable=True):
        task = add(store, "once")
    assert store.read(lambda reader: reader.rows("SELECT id FROM task")) == [(task,)]
    assert count(store, "sync_op") == 1


def test_h23_an_error_before_the_commit_is_no_save(store):
    with Failing(store, durable=False), pytest.raises(MachineError) as caught:
        add(store, "never")
    assert caught.value.code == "STORE_IO"
    assert count(store) == count(store, "sync_op") == 0
    add(store, "again")
    assert count(store) == 1


def test_a_store_that_was_deleted_under_the_program_takes_no_saves_that_would_be_lost(store):
    add(store)
    moved = store.path.with_suffix(".moved")
    store.path.rename(moved)
    with pytest.raises(MachineError) as caught:
        add(store)
    assert caught.value.code == "STORE_MOVED"
    moved.rename(store.path)
    add(store)
    assert count(store) == 2


def test_h28_a_store_that_became_read_only_says_so(store):
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(MachineError) as caught:
        add(store)
    assert caught.value.code == "STORE_READONLY"
    assert count(store) == 0


def test_h38_a_backup_that_cannot_be_read_back_is_told_and_made_again_later(
    store, tmp_path, keys, monkeypatch
):
    told = []
    caretaker = Caretaker(store, Marks(keys), told.append)
    add(store)
    before = caretaker.back_up()
    now = clock.now() + backups.EVERY + timedelta(minutes=1)

    def look(later: timedelta) -> list[backups.Backup]:
        with clock.frozen(lambda: now + later), caretaker._told():
            caretaker._back_up_if_due()
        return backups.find(tmp_path)

    def unreadable(*_args):
        raise connect.wrong("STORE_IO")

    monkeypatch.setattr(backups, "verify", unreadable)
    assert look(timedelta()) == [before]
    assert [one.code for one in told] == ["STORE_IO"]
    assert look(timedelta(seconds=1)) == [before]  # not again and again
    monkeypatch.undo()
    assert len(look(timedelta(seconds=1))) == 1
    assert len(told) == 1
    assert len(look(timedelta(hours=1))) == 2


def test_h29_damage_found_in_the_background_is_told_and_the_next_start_looks(store, tmp_path, keys):
    for _ in range(300):
        add(store)
    store.read(lambda reader: reader.rows("PRAGMA wal_checkpoint(TRUNCATE)"))
    store._engine.dispose()
    with store.path.open("r+b") as file:
        file.seek(store.path.stat().st_size // 2)
        file.write(bytes(8192))
    told = []
    caretaker = Caretaker(store, Marks(keys), told.append)
    with caretaker._told():
        caretaker.back_up()
    assert [one.code for one in told] == ["STORE_DAMAGED_NOW"]
    assert caretaker.is_damaged


def test_h29_once_a_week_a_wrong_index_is_found_and_made_anew(store, tmp_path, keys, monkeypatch):
    """Damage that no page tells: a search would miss records, and nobody would know."""
    add(store, "one")
    caretaker = Caretaker(store, Marks(keys), lambda _: None)
    with closing(connect.connect(store.path, keys.store_key)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        # An index of another column than it was filled from
        changed = connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(due_on', '(title') "
            "WHERE type = 'index' AND tbl_name = 'task' AND sql LIKE '%(due_on%'"
        )
        assert changed.rowcount
    store.close()
    again = Database(store.path, keys.store_key, store.actor)
    caretaker = Caretaker(again, Marks(keys), lambda _: None)
    looked = []
    true_look = backups.has_wrong_indexes
    monkeypatch.setattr(
        backups, "has_wrong_indexes", lambda *a: (looked.append(1), true_look(*a))[1]
    )
    now = clock.now()

    def look(later: timedelta) -> backups.Backup:
        with clock.frozen(lambda: now + later):
            caretaker._back_up_if_due()
            return backups.find(tmp_path)[0]

    assert true_look(look(timedelta()).path, keys.store_key)
    assert not true_look(look(timedelta(hours=5)).path, keys.store_key)
    assert len(looked) == 1
    look(timedelta(days=8))
    assert len(looked) == 2
    again.close()


def test_an_error_of_the_program_is_raised_as_it_is_and_never_as_its_own_cause():
    """`raise x from x` once sent the log round in a circle for good."""
    error = driver.OperationalError("no such table: nonsense")
    with pytest.raises(driver.OperationalError) as caught:
        connect.raise_fault(error)
    assert caught.value is error
    assert caught.value.__cause__ is None


def test_what_is_wrong_with_the_machine_is_raised_with_its_cause():
    error = driver.OperationalError("database or disk is full")
    wrapped = OperationalError("COMMIT", None, error)
    for one in (error, wrapped, OSError(errno.ENOSPC, "full")):
        with pytest.raises(MachineError) as caught:
            connect.raise_fault(one)
        assert caught.value.code == "DISK_FULL"
        assert caught.value.__cause__ is one
