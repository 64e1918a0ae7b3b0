"""What head office is told of a computer: its program, its system, its disk; once after a start, and only news kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kamdesk import __version__
from kamdesk.headoffice import health
from kamdesk.headoffice.cli import main
from kamdesk.security import posture
from kamdesk.security.posture import Disk
from kamdesk.sync.about import Knowing, system
from kamdesk.sync.engine import Engine
from kamdesk.sync.problems import Answered
from kamdesk.sync.protocol import About

ABOUT = About("9.9", "Windows 11", "plain")


def held(world):
    [one] = health.devices(world.store)
    return one.app, one.os, one.disk


def test_it_is_told_once_it_is_known_and_once_only(world):
    laptop = world.laptop()
    said = [None, ABOUT, About("never", "asked", "")]
    asked = []
    laptop.engine = Engine(
        laptop.database, laptop.transport, about=lambda: (asked.append(1), said[len(asked) - 1])[1]
    )
    before = held(world)
    laptop.sync()
    laptop.sync()
    laptop.sync()
    assert before[2] == ""
    assert held(world) == ("9.9", "Windows 11", "plain")
    assert len(asked) == 2


def test_after_an_update_head_office_knows_the_new_program(world):
    laptop = world.laptop()
    for app in ("9.8", "9.9"):
        laptop.engine = Engine(
            laptop.database, laptop.transport, about=lambda app=app: About(app, "Linux", "")
        )
        laptop.sync()
        assert held(world)[0] == app


@pytest.mark.parametrize(
    "about", [About("x" * 201, "", ""), About("", "a\0b", ""), About("", "", "perhaps")]
)
def test_what_no_computer_says_is_refused(world, about):
    laptop = world.laptop()
    before = held(world)
    laptop.engine = Engine(laptop.database, laptop.transport, about=lambda: about)
    with pytest.raises(Answered):
        laptop.sync()
    assert held(world) == before


def test_the_disk_is_looked_at_beside_everything_else(monkeypatch):
    monkeypatch.setattr(posture, "disk_of", lambda _folder: Disk.ENCRYPTED)
    knowing = Knowing(Path("/"))
    end = time.monotonic() + 10
    while knowing() is None and time.monotonic() < end:
        time.sleep(0.01)
    assert knowing() == About(__version__, system(), "encrypted")


def test_the_administrator_lists_it(world, capsys):
    laptop = world.laptop()
    laptop.engine = Engine(laptop.database, laptop.transport, about=lambda: ABOUT)
    laptop.sync()
    assert main(["--database", world.file, "device", "list"]) == 0
    assert capsys.readouterr().out.split("\t")[-3:] == ["9.9", "0", "plain\n"]
