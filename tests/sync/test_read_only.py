"""H28: a profile whose disk or folder is read-only is opened to be read, and nothing that was saved is missing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kamdesk import doorkeeper
from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link, SignIn
from kamdesk.domain.errors import MachineError
from kamdesk.doorkeeper import Profiles
from kamdesk.security.oskeys import KeyringProblem
from kamdesk.security.probe import KeyringState
from kamdesk.services.tasks import add_task
from tests.headoffice.conftest import PASSWORD
from tests.readonly import read_only
from tests.sync.world import until

PASSPHRASE = "correct horse battery"
ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, sys
from pathlib import Path
from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.unlock import open_keys
from kamdesk.services.tasks import add_task
folder = Path(sys.argv[1])
store = open_store.open_existing(folder, open_keys(folder, sys.argv[2]), Actor("x", Role.REP))
store.transact(Origin.USER, lambda work: add_task(work, title="Just before", due_on=None))
os._exit(9)
"""


@pytest.fixture
def door(tmp_path, monkeypatch):
    state = KeyringState("fail", next(iter(KeyringProblem)))
    monkeypatch.setattr(doorkeeper, "probe_keyring", lambda **_: state)
    return Profiles(tmp_path / "data")


@pytest.fixture
def profile(door, world, tmp_path):
    """The id of a profile with one task."""
    world.customer("Huashan")
    opened = door.enrol(SignIn(world.url, "ann", PASSWORD), PASSPHRASE)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    until(lambda: opened.store.read(lambda one: one.value("SELECT count(*) FROM customer")) == 1)
    opened.store.transact(Origin.USER, lambda work: add_task(work, title="Call", due_on=None))
    opened.close()
    return door.profiles()[0].id


def titles(opened):
    return [row[0] for row in opened.store.read(lambda one: one.rows("SELECT title FROM task"))]


def digests(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_h28_what_cannot_be_written_is_read_and_says_so(door, profile, tmp_path):
    data = tmp_path / "data"
    before, told = digests(data), []
    with read_only(data):
        opened = door.open(profile, PASSPHRASE)
        opened.upkeep.watch(told.append)
        assert [one.code for one in told] == ["STORE_ONLY_READ"]
        assert "read-only" in str(told[0])
        assert "start KAMDesk again" in str(told[0])
        assert titles(opened) == ["Call"]
        assert opened.profile.login == "ann"
        assert opened.upkeep.keys().has_passphrase
        with pytest.raises(MachineError) as caught:
            opened.store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None))
        assert caught.value.code == "STORE_ONLY_READ"
        with pytest.raises(MachineError):
            opened.upkeep.back_up()
        opened.close()
    assert digests(data) == before
    again = door.open(profile, PASSPHRASE)
    again.store.transact(Origin.USER, lambda work: add_task(work, title="Later", due_on=None))
    assert titles(again) == ["Call", "Later"]
    again.close()


def test_h28_what_was_saved_just_before_a_crash_is_read_too(door, profile, tmp_path):
    """It is still in the WAL, which SQLite reads only where it may write."""
    folder = door.folder_of(profile)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, folder, PASSPHRASE], cwd=ROOT, env={**os.environ}
    )
    assert done.returncode == 9
    assert next(folder.glob("store/*.kdb-wal")).stat().st_size
    with read_only(tmp_path / "data"):
        opened = door.open(profile, PASSPHRASE)
        assert titles(opened) == ["Call", "Just before"]
        opened.close()
    again = door.open(profile, PASSPHRASE)
    assert titles(again) == ["Call", "Just before"]
    again.close()


def test_h28_a_store_that_would_have_to_be_updated_says_so(door, profile, tmp_path, monkeypatch):
    monkeypatch.setattr(open_store.revisions, "newest", lambda: "9999")
    with read_only(tmp_path / "data"), pytest.raises(MachineError) as caught:
        door.open(profile, PASSPHRASE)
    assert caught.value.code == "STORE_BEHIND_READONLY"
