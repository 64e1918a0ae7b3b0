"""A profile that lost its store or its keys comes back: from a backup or from head office, with its unsent work."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as FailingKeyring

from kamdesk import doorkeeper
from kamdesk.db import journal
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link, SignIn
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.doorkeeper import Profiles
from kamdesk.headoffice import leases
from kamdesk.rescuer import Rescue
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


class Lost:
    """A profile with one task that is sent, one that is backed up unsent, and one that is in the journal alone."""

    def __init__(self, door: Profiles, world: World) -> None:
        self.door, self.world = door, world
        self.opened = door.enrol(SignIn(world.url, "ann", PASSWORD), PASSPHRASE)
        until(lambda: self.opened.connection.status().link is Link.ONLINE)
        self.add("sent")
        until(lambda: self.opened.connection.status().waiting == 0)
        world.cut()
        self.add("backed up")
        self.opened.upkeep.back_up()
        self.add("in the journal")
        self.path: Path = self.opened.store.path
        self.opened.upkeep._caretaker.write_journal()
        self.opened.close()
        (known,) = door.profiles()
        self.id = known.id
        for backup in (self.path.parent.parent / "backup").iterdir():
            if backup.stat().st_mtime > self.path.parent.stat().st_mtime:
                backup.unlink()

    def add(self, title: str) -> None:
        self.opened.store.transact(
            Origin.USER, lambda work: add_task(work, title=title, due_on=None)
        )


@pytest.fixture
def lost(door, world):
    return Lost(door, world)


def titles(opened):
    return {row[0] for row in opened.store.read(lambda r: r.rows("SELECT title FROM task"))}


def at_head_office(world):
    with world.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT data FROM sync_row WHERE gone = 0").scalars()
        return [data for data in rows if "sent" in data or "backed up" in data or "journal" in data]


HARM = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "rubbish": lambda path: path.write_bytes(b"\x07" * 50_000),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:10_000]),
    "plain": lambda path: path.write_bytes(b"SQLite format 3\x00" + bytes(8000)),
}


@pytest.mark.parametrize("harm", HARM)
def test_h30_harmed_store_is_restored_with_what_was_not_sent(lost, world, harm):
    HARM[harm](lost.path)
    rescue = Rescue(lost.door)
    with pytest.raises(MachineError):
        rescue.open(lost.id, PASSPHRASE)
    found = rescue.look(lost.id, PASSPHRASE)
    assert [one.title for one in found.unsent] == ["backed up", "in the journal"]
    assert found.copies
    opened = rescue.restore(lost.id, PASSPHRASE, found.copies[-1].id)
    assert titles(opened) == {"sent", "backed up", "in the journal"}
    world.connect()
    opened.connection.reconcile_now()
    until(lambda: opened.connection.status().waiting == 0)
    assert titles(opened) == {"sent", "backed up", "in the journal"}
    assert len(at_head_office(world)) == 3
    opened.store.transact(Origin.USER, lambda work: add_task(work, title="sent later", due_on=None))
    until(lambda: opened.connection.status().waiting == 0)
    assert len(at_head_office(world)) == 4
    opened.close()


def test_without_a_backup_head_office_sends_everything_again_and_unsent_work_is_on_top(lost, world):
    lost.path.unlink()
    for backup in (lost.path.parent.parent / "backup").iterdir():
        backup.unlink()
    rescue = Rescue(lost.door)
    found = rescue.look(lost.id, PASSPHRASE)
    assert found.copies == ()
    assert found.server == world.url
    with pytest.raises(MachineError):
        rescue.begin_again(lost.id, PASSPHRASE, SignIn(world.url, "ann", PASSWORD))
    world.connect()
    with pytest.raises(UserError) as another:
        rescue.begin_again(lost.id, PASSPHRASE, SignIn(world.url, "sam", PASSWORD))
    assert another.value.code == "another_user"
    opened = rescue.begin_again(lost.id, PASSPHRASE, SignIn(world.url, "ann", PASSWORD))
    until(lambda: opened.connection.status().waiting == 0)
    until(lambda: titles(opened) == {"sent", "backed up", "in the journal"})
    assert len(at_head_office(world)) == 3
    opened.close()


def test_a_backup_of_somebody_else_or_a_broken_one_changes_nothing(lost, tmp_path):
    before = lost.path.read_bytes()
    strange = tmp_path / "strange.kdb"
    strange.write_bytes(b"\x07" * 50_000)
    for name in (str(strange), str(tmp_path / "nothing.kdb"), str(tmp_path)):
        with pytest.raises(MachineError):
            Rescue(lost.door).restore(lost.id, PASSPHRASE, name)
    assert lost.path.read_bytes() == before
    opened = lost.door.open(lost.id, PASSPHRASE)
    assert titles(opened) == {"sent", "backed up", "in the journal"}
    opened.close()


def test_h31_lost_keys_are_listed_and_the_profile_can_be_put_aside_whole(lost, door, world):
    folder = door.folder_of(lost.id)
    for name in ("keystore.json", "keystore.prev"):
        (folder / name).unlink()
    (known,) = door.profiles()
    store = lost.path.read_bytes()
    with pytest.raises(MachineError) as caught:
        door.open(known.id, PASSPHRASE)
    assert caught.value.code == "KEYSTORE_MISSING"
    rescue = Rescue(door)
    assert rescue.look(known.id, PASSPHRASE).folder == str(folder)
    rescue.set_aside(known.id)
    assert door.profiles() == []
    (aside,) = (folder.parent.parent / doorkeeper.SET_ASIDE).iterdir()
    assert (aside / "store" / lost.path.name).read_bytes() == store
    world.connect()
    opened = door.enrol(SignIn(world.url, "ann", PASSWORD), PASSPHRASE)
    until(lambda: titles(opened) == {"sent"})
    opened.close()


def test_stray_files_and_rubbish_beside_profiles_do_not_stop_the_program(door, lost):
    folder = door.folder_of(lost.id)
    (folder.parent / ".DS_Store").write_bytes(b"x")
    for rubbish in ("[" * 100_000, '{"label": {}, "last_used": 5}', "", "\x00", "[1]"):
        (folder / doorkeeper.LABEL).write_text(rubbish)
        (known,) = door.profiles()
        assert known.label == lost.id


def test_h41_a_key_store_that_went_away_leaves_everything_and_says_what_to_do(
    lost, door, monkeypatch
):
    import keyring

    keyring.set_keyring(FailingKeyring())
    before = lost.path.read_bytes()
    folder = door.folder_of(lost.id)
    assert journal.file_of(lost.path).exists()
    sealed = doorkeeper.keystore.read_keystore(folder)
    with pytest.raises(MachineError) as caught:
        sealed.open_with_keyring()
    assert caught.value.code == "KEY_MISSING"
    assert lost.path.read_bytes() == before


def test_after_its_key_was_replaced_a_profile_is_reconciled_as_before(lost, world):
    told = []
    opened = Rescue(lost.door).replace_key(
        lost.id, PASSPHRASE, lambda done, of: told.append((done, of)), bool
    )
    assert told[-1][0] == told[-1][1]
    assert titles(opened) == {"sent", "backed up", "in the journal"}
    world.connect()
    opened.connection.reconcile_now()
    until(lambda: opened.connection.status().waiting == 0)
    assert len(at_head_office(world)) == 3
    opened.close()
    opened = lost.door.open(lost.id, PASSPHRASE)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    assert opened.upkeep.keys().store_key_made_at is not None
    assert opened.upkeep._keys.store_key_id == 2
    opened.close()


def test_a_key_that_head_office_wants_replaced_is_replaced_when_the_profile_is_closed(door, world):
    opened = door.enrol(SignIn(world.url, "kim", PASSWORD), PASSPHRASE)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    assert not opened.upkeep.keys().replaces_at_close
    leases.want_new_key(world.store, opened.profile.device_id)
    opened.connection.reconcile_now()
    until(lambda: opened.upkeep.keys().replaces_at_close)
    opened.close()
    (known,) = door.profiles()
    opened = door.open(known.id, PASSPHRASE)
    assert opened.upkeep._keys.store_key_id == 2
    assert not opened.upkeep.keys().replaces_at_close
    opened.close()
