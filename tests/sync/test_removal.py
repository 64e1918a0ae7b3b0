"""A profile that is signed out of stays whole; one that is removed says first what was never sent, and is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamdesk import rescuer as rescuer_module
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import MachineError
from kamdesk.rescuer import Rescue
from kamdesk.security import glance, keystore
from kamdesk.services.tasks import add_task
from tests.headoffice.conftest import PASSWORD
from tests.sync.test_doorkeeper import PASSPHRASE, door
from tests.sync.world import World, until

__all__ = ["door"]


@pytest.fixture
def two(door, world: World):
    """Profiles of ann, who has something unsent, and of kim on the same computer."""
    for login in ("ann", "kim"):
        opened = door.enrol(SignIn(world.url, login, PASSWORD), PASSPHRASE)
        until(lambda one=opened: one.connection.status().waiting == 0)
        if login == "ann":
            world.cut()
            opened.store.transact(
                Origin.USER, lambda work: add_task(work, title="Call", due_on=None)
            )
        opened.close()
        if login == "ann":
            world.connect()
    return {one.label.partition(" ")[0]: one.id for one in door.profiles()}


def test_what_was_never_sent_is_told_before_and_the_other_profile_stays(door, two):
    rescuer = Rescue(door)
    found = rescuer.look(two["Ann"], PASSPHRASE)
    assert found.is_opened
    assert [one.title for one in found.unsent] == ["Call"]
    assert rescuer.look(two["Kim"], PASSPHRASE).unsent == ()
    shut = rescuer.look(two["Ann"], "another passphrase")
    assert (shut.is_opened, shut.unsent) == (False, ())
    rescuer.remove(two["Ann"])
    assert not door.folder_of(two["Ann"]).exists()
    assert [one.id for one in door.profiles()] == [two["Kim"]]
    door.open(two["Kim"], PASSPHRASE).close()


def test_a_profile_that_is_open_is_not_removed(door, two):
    opened = door.open(two["Ann"], PASSPHRASE)
    with pytest.raises(MachineError) as caught:
        Rescue(door).remove(two["Ann"])
    assert caught.value.code == "IN_USE"
    opened.store.transact(Origin.USER, lambda work: add_task(work, title="Still", due_on=None))
    opened.close()
    assert two["Ann"] in {one.id for one in door.profiles()}


def test_a_removal_that_was_killed_is_ended_at_the_next_start_and_the_profile_never_opens_again(
    door, two, monkeypatch
):
    folder = door.folder_of(two["Ann"])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rescuer_module.keystore, "erase_keystore", killed)
        with pytest.raises(KeyboardInterrupt):
            Rescue(door).remove(two["Ann"])
    assert (folder / keystore.FILE_NAME).exists()
    Rescue(door).remove(two["Kim"])
    assert glance.only_profile(folder.parent) is None
    assert door.profiles() == []
    assert not folder.exists()


def test_files_that_another_program_holds_go_later_and_are_no_profile_meanwhile(
    door, two, monkeypatch
):
    folder, real = door.folder_of(two["Ann"]), Path.unlink

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path.name == "profile.json":
            raise PermissionError(path)
        real(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", unlink)
        Rescue(door).remove(two["Ann"])
        assert [one.id for one in door.profiles()] == [two["Kim"]]
    assert folder.exists()
    assert not list(folder.rglob("*.kdb"))
    assert [one.id for one in door.profiles()] == [two["Kim"]]
    assert not folder.exists()
