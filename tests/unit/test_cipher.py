"""Stores whose pages have the HMAC of an earlier form: read, copied and restored as ever, written anew by an update."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, cipher, first_page, generations, open_store, text_index
from kamdesk.db.connect import connect
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.security import keystore
from kamdesk.security.keystore import store_file
from kamdesk.services.tasks import add_task
from tests.readonly import read_only
from tests.unit.conftest import HUASHAN, ME, _two_hospitals

NEW, OLD = cipher.FORMS


@pytest.fixture
def keys(tmp_path):
    return keystore.create_with_passphrase(tmp_path, "profile", "correct horse battery")


def _indexed(work):
    _two_hospitals(work)
    text_index.index_ids(work.driver, SPECS["customer"], [HUASHAN])


@pytest.fixture
def older(tmp_path, keys, monkeypatch):
    """Return the folder of a profile that the program before this form made."""
    with monkeypatch.context() as before:
        before.setattr(cipher, "FORMS", (OLD,))
        store = open_store.create(tmp_path, keys, ME)
        store.transact(Origin.SYNC, _indexed)
        store.transact(Origin.USER, lambda work: add_task(work, title="before", due_on=None))
        store.close()
    assert form_of(store.path, keys.store_key) == OLD
    return tmp_path


def form_of(path, key):
    with closing(connect(path, key, query_only=True)) as connection:
        return cipher.form_of(connection)


def contents(path, key):
    """Everything that is in a file, but for which generation it is and whether it was closed."""
    with closing(connect(path, key, query_only=True)) as connection:
        schema = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        ).fetchall()
        rows = {
            name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
            for kind, name, _ in schema
            if kind == "table" and name != "meta"
        }
    return schema, rows


def titles(store):
    return {row[0] for row in store.read(lambda reader: reader.rows("SELECT title FROM task"))}


def test_a_new_store_has_todays_form_and_opens_with_its_key_alone(tmp_path, keys):
    store = open_store.create(tmp_path, keys, ME)
    assert form_of(store.path, keys.store_key) == NEW
    store.close()
    with pytest.raises(MachineError) as caught:
        connect(store.path, os.urandom(32), query_only=True)
    assert caught.value.code == "STORE_UNREADABLE"


def test_an_update_writes_an_older_store_anew_and_keeps_it_as_a_copy(older, keys):
    before = contents(store_file(older, 1), keys.store_key)
    store = open_store.open_existing(older, keys, ME)
    assert keys.generation == 2
    assert form_of(store.path, keys.store_key) == NEW
    assert contents(store.path, keys.store_key) == before
    assert store.read(lambda reader: text_index.find(reader, "customer", "华山", limit=5))
    store.transact(Origin.USER, lambda work: add_task(work, title="after", due_on=None))
    store.close()
    with closing(connect(store.path, keys.store_key, query_only=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not store_file(older, 1).exists()
    [copy] = backups.find(older)
    assert form_of(copy.path, keys.store_key) == OLD
    assert contents(copy.path, keys.store_key) == before


def test_the_window_says_that_an_older_store_is_updated_before_it_shows_a_page_of_it(older, keys):
    assert first_page.read(older, keys) is None
    with read_only(older):
        assert first_page.read(older, keys) is not None  # it stays as it is
    open_store.open_existing(older, keys, ME).close()
    assert first_page.read(older, keys) is not None


def test_a_copy_of_an_older_form_is_restored_in_todays(older, keys):
    store = open_store.open_existing(older, keys, ME)
    store.close()
    [copy] = backups.find(older)
    generations.restore(older, keys, copy.path, ME)
    assert form_of(keys.store_file, keys.store_key) == NEW
    back = open_store.open_existing(older, keys, ME)
    assert titles(back) == {"before"}
    back.close()


def test_a_copy_of_an_older_form_is_put_under_another_key_and_read_with_it_alone(older, keys):
    open_store.open_existing(older, keys, ME).close()
    [copy] = backups.find(older)
    other = os.urandom(32)
    backups.put_under(copy.path, keys.store_key, other, keys.store_id)
    assert backups.is_opened_by(copy.path, other)
    assert not backups.is_opened_by(copy.path, keys.store_key)
    backups.verify(copy.path, other, keys.store_id)


def test_an_older_store_that_cannot_be_written_is_read_as_it_is(older, keys):
    path = store_file(older, 1)
    with read_only(older):
        store = open_store.open_existing(older, keys, ME)
        assert store.is_read_only
        assert titles(store) == {"before"}
        store.close()
    assert keys.generation == 1
    assert form_of(path, keys.store_key) == OLD


def test_an_update_that_fails_while_it_writes_anew_changes_nothing(older, keys, monkeypatch):
    path = store_file(older, 1)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def torn(connection, target, key):
        target.write_bytes(os.urandom(8192))
        raise driver.OperationalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(cipher, "write_anew", torn)
        with pytest.raises(MachineError) as caught:
            open_store.open_existing(older, keys, ME)
    assert caught.value.code == "DISK_FULL"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert not list(path.parent.glob("*.new*"))
    store = open_store.open_existing(older, keys, ME)
    assert titles(store) == {"before"}
    store.close()


@pytest.mark.parametrize("form", cipher.FORMS)
def test_a_page_of_either_form_that_was_changed_is_never_read(older, keys, form):
    path = store_file(older, 1)
    if form == NEW:
        store = open_store.open_existing(older, keys, ME)
        store.close()
        path = store.path
    whole, spoilt = path.read_bytes(), older / "spoilt.kdb"
    for at in range(4096 + 100, len(whole), len(whole) // 7):
        data = bytearray(whole)
        data[at] ^= 1
        spoilt.write_bytes(data)
        with closing(connect(spoilt, keys.store_key, query_only=True)) as connection:
            found = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        assert len(found) == 1
