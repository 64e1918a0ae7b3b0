"""Profiles on a computer: made by enrolling, opened again, and refused with a sentence when something is wrong."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk import doorkeeper
from kamdesk.db import cipher, compaction
from kamdesk.db.queries.waiting import waiting
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link, SignIn
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.doorkeeper import Profiles
from kamdesk.security import folders
from kamdesk.security.oskeys import KeyringProblem
from kamdesk.security.probe import KeyringState
from kamdesk.services.tasks import add_task
from tests.headoffice.conftest import PASSWORD
from tests.sync.world import World, until

PASSPHRASE = "correct horse battery"


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profiles:
    """The profiles of a computer that has no key store."""
    state = KeyringState("fail", next(iter(KeyringProblem)))
    monkeypatch.setattr(doorkeeper, "probe_keyring", lambda **_: state)
    return Profiles(tmp_path / "data")


def enrolled(door: Profiles, world: World, passphrase: str = PASSPHRASE):
    return door.enrol(SignIn(world.url, "ann", PASSWORD), passphrase)


def file_of(opened) -> Path:
    return opened.store.path


def test_enrolled_profile_is_listed_and_opens_with_its_unsent_work(door, world):
    opened = enrolled(door, world)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    world.cut()
    opened.store.transact(Origin.USER, lambda work: add_task(work, title="Call", due_on=None))
    opened.close()
    (known,) = door.profiles()
    assert (known.label, known.by_passphrase) == ("Ann · Hehe Pharma", True)
    again = door.open(known.id, PASSPHRASE)
    assert [one.title for one in again.store.read(waiting)] == ["Call"]
    assert again.profile.login == "ann"
    world.connect()
    again.connection.reconcile_now()
    until(lambda: again.connection.status().waiting == 0)
    again.close()


def test_much_empty_room_is_given_back_when_the_profile_is_closed(door, world, monkeypatch):
    opened = enrolled(door, world)
    opened.store.transact(Origin.USER, lambda work: add_task(work, title="Kept", due_on=None))
    first = file_of(opened)
    monkeypatch.setattr(compaction, "is_wasteful", lambda _: True)
    opened.close()
    monkeypatch.undo()
    (known,) = door.profiles()
    again = door.open(known.id, PASSPHRASE)
    assert (file_of(again).name, first.exists()) == ("g000002.kdb", False)
    assert again.store.read(lambda reader: reader.value("SELECT title FROM task")) == "Kept"
    again.close()


def test_wrong_passphrase_is_told_and_the_right_one_still_opens(door, world):
    enrolled(door, world).close()
    (known,) = door.profiles()
    with pytest.raises(UserError) as wrong:
        door.open(known.id, "something else entirely")
    assert wrong.value.code == "WRONG_PASSPHRASE"
    door.open(known.id, PASSPHRASE).close()


def test_h33_a_profile_whose_folder_became_synchronised_opens_only_when_told_and_without_a_log(
    door, world, tmp_path, monkeypatch
):
    monkeypatch.setattr(folders._Accepted, "any_folder", False)
    enrolled(door, world).close()
    synced = tmp_path / "Dropbox" / "KAMDesk"
    synced.parent.mkdir()
    door.folder_of("").parent.rename(synced)
    moved = Profiles(synced)
    (known,) = moved.profiles()
    before = {one: one.read_bytes() for one in synced.rglob("*") if one.is_file()}
    with pytest.raises(MachineError) as refused:
        moved.open(known.id, PASSPHRASE)
    assert refused.value.code == "FOLDER_UNSAFE"
    assert "Dropbox" in str(refused.value)
    assert {one: one.read_bytes() for one in synced.rglob("*") if one.is_file()} == before
    with pytest.raises(UserError) as refused:
        enrolled(moved, world)
    assert refused.value.code == "CLOUD_FOLDER"
    folders.accept_any()
    for title in ("one", "two"):
        opened = moved.open(known.id, PASSPHRASE)
        opened.store.transact(
            Origin.USER, lambda work, title=title: add_task(work, title=title, due_on=None)
        )
        writer = opened.store._engine.raw_connection().dbapi_connection
        modes = [
            writer.execute(f"PRAGMA {one}").fetchone()[0] for one in ("journal_mode", "synchronous")
        ]
        assert modes == ["delete", 3]
        assert not list(synced.rglob("*-wal"))
        assert ("one",) in opened.store.read(lambda reader: reader.rows("SELECT title FROM task"))
        opened.close()


def test_h61_profile_in_use_is_refused(door, world):
    opened = enrolled(door, world)
    (known,) = door.profiles()
    with pytest.raises(MachineError) as used:
        door.open(known.id, PASSPHRASE)
    assert used.value.code == "IN_USE"
    opened.close()


def test_short_passphrase_is_told_before_anybody_is_asked(door, world):
    with pytest.raises(UserError) as short:
        enrolled(door, world, "short")
    assert short.value.field == "passphrase"
    assert door.profiles() == []


@pytest.mark.parametrize(
    ("sign_in", "field"),
    [
        ({"user": "ann", "password": "wrong words"}, "password"),
        ({"code": "AAAA-AAAA-AAAA-AAAA"}, "code"),
        ({}, "user"),
        ({"user": "ann"}, "password"),
        ({"user": "ann", "password": PASSWORD, "server": "http://example.com"}, "server"),
        ({"user": "ann", "password": PASSWORD, "server": "ftp://x y"}, "server"),
    ],
)
def test_refused_sign_in_names_its_field_and_leaves_nothing_behind(door, world, sign_in, field):
    wanted = SignIn(**{"server": world.url, **sign_in})
    with pytest.raises(UserError) as refused:
        door.enrol(wanted, PASSPHRASE)
    assert refused.value.field == field
    assert door.profiles() == []


def test_nobody_at_the_address_is_told(door, world):
    world.cut()
    with pytest.raises(MachineError) as nobody:
        enrolled(door, world)
    assert nobody.value.code == "connect"
    assert door.profiles() == []


def test_same_user_is_not_set_up_twice(door, world):
    enrolled(door, world).close()
    with pytest.raises(UserError) as twice:
        enrolled(door, world)
    assert twice.value.code == "profile_exists"


@pytest.mark.parametrize("harm", ["missing", "empty", "rubbish", "newer"])
def test_harmed_store_is_refused_and_not_touched(door, world, harm):
    opened = enrolled(door, world)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    path, key = file_of(opened), opened.store._key
    opened.close()
    if harm == "missing":
        path.unlink()
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "rubbish":
        path.write_bytes(b"\x07" * path.stat().st_size)
    else:
        with closing(driver.connect(str(path), isolation_level=None)) as connection:
            cipher.unlock(connection, key)
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes() if path.exists() else None
    (known,) = door.profiles()
    with pytest.raises(MachineError) as refused:
        door.open(known.id, PASSPHRASE)
    assert refused.value.code in {
        "STORE_MISSING",
        "STORE_UNREADABLE",
        "STORE_DAMAGED",
        "STORE_NEWER",
    }
    assert (path.read_bytes() if path.exists() else None) == before


def test_nothing_of_what_was_typed_stands_in_the_clear_beside_the_store(door, world, tmp_path):
    opened = enrolled(door, world)
    opened.store.transact(
        Origin.USER, lambda work: add_task(work, title="Net price 23.50", due_on=None)
    )
    until(lambda: opened.connection.status().waiting == 0)
    refresh = opened.store.read(
        lambda reader: reader.value("SELECT v FROM sync_state WHERE k = 'refresh'")
    )
    opened.close()
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (b"Net price", PASSWORD.encode(), PASSPHRASE.encode(), refresh.encode()):
                assert secret not in content, path
