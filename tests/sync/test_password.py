"""A user chooses another password at head office: by the one in force, throttled, on record."""

from __future__ import annotations

import pytest

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.headoffice import audit
from kamdesk.headoffice.throttle import _FREE
from kamdesk.sync.runner import Reconciler
from tests.sync.world import PASSWORD

NEW = "nine blue paper boats"


@pytest.fixture
def laptop(world):
    return world.laptop()


@pytest.fixture
def line(laptop):
    return Reconciler(laptop.database, laptop.transport)


def test_another_password_holds_at_once_and_this_computer_stays(world, laptop, line):
    line.change_password(PASSWORD, NEW)
    laptop.sync()
    with pytest.raises(UserError):
        world.laptop()
    line.change_password(NEW, PASSWORD)
    world.laptop().sync()
    told = [one for one in audit.newest(world.store) if one.action == "user.password"]
    assert [one.actor for one in told] == [f"user:{laptop.user_id}"] * 2


def test_who_does_not_know_the_one_in_force_changes_nothing_and_is_throttled(world, line):
    for _ in range(_FREE["user"]):
        with pytest.raises(UserError) as caught:
            line.change_password("not this one at all", NEW)
        assert (caught.value.field, caught.value.code) == ("current", "sign_in_failed")
    with pytest.raises(MachineError) as throttled:
        line.change_password(PASSWORD, NEW)
    assert throttled.value.code == "throttled"


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [("", NEW, "current"), (PASSWORD, "short", "new"), (PASSWORD, "password1234", "new")],
)
def test_what_is_no_password_is_said_at_its_field(line, current, new, field):
    with pytest.raises(UserError) as caught:
        line.change_password(current, new)
    assert caught.value.field == field


def test_head_office_itself_takes_no_weak_one(world, line, monkeypatch):
    monkeypatch.setattr("kamdesk.sync.enrol.check_password", lambda *_args, **_named: None)
    with pytest.raises(MachineError) as caught:
        line.change_password(PASSWORD, "short")
    assert caught.value.code == "refused"
    world.laptop()
