"""The whole program after crashes, its diagnostic bundle, and closing a profile to go back to a backup."""

from __future__ import annotations

import zipfile

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from kamdesk import app as desktop
from kamdesk import crashes
from kamdesk.domain.connection import Link
from kamdesk.domain.rescue import KeyFacts, StoreCopy
from kamdesk.domain.session import KnownProfile
from kamdesk.ui.kit.diagnostics import DiagnosticsDialog
from tests.ui.test_recovery import Rescuer


class Care:
    """An `Upkeep` with two backups."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.listeners = []

    def copies(self):
        return [StoreCopy("one.kdb", crashes.clock.now(), 1 << 20)]

    def back_up(self):
        return self.copies()[0]

    def keys(self):
        return KeyFacts(by_keyring=True, has_passphrase=False)

    def watch(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


@pytest.fixture
def program(qtbot, qapp, tmp_path, door, monkeypatch, spoken):
    folder = tmp_path / "data" / "profiles" / "p"
    folder.mkdir(parents=True)
    object.__setattr__(door.opened, "upkeep", Care(folder))
    door.known = [KnownProfile("p", "Ann", by_passphrase=False)]
    monkeypatch.setattr(desktop, "Door", lambda *_: door)
    monkeypatch.setattr(desktop, "Help", lambda _: Rescuer(door.opened))
    started = []

    def start():
        one = desktop.Program(tmp_path / "data")
        started.append(one)
        one.show()
        qtbot.waitUntil(lambda: one.window is not None)
        qtbot.waitUntil(lambda: one.tasks.is_idle)
        return one

    yield start
    for one in started:
        if one.window is not None:
            qtbot.waitUntil(lambda one=one: one.tasks.is_idle)
            one.window.closed.disconnect()
            one.window.close()
        one.end()
        one.first.close()


def texts(widget):
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


def test_after_three_crashes_reconciling_waits_until_the_user_says_so(
    program, qtbot, tmp_path, line
):
    for _ in range(3):
        crashes.Watch(tmp_path / "data").begin()
    window = program().window
    qtbot.waitUntil(lambda: any("ended unexpectedly" in one for one in texts(window)))
    assert line.status().link is Link.PAUSED
    qtbot.waitUntil(lambda: window.strip.pause.isVisible())
    window.strip.pause.click()
    assert line.asked[-1] == "resume"


def test_the_bundle_is_seen_before_it_is_saved(program, qtbot, tmp_path):
    one = program()
    window = one.window
    window.show_diagnostics()
    dialog = window.findChild(DiagnosticsDialog)
    qtbot.waitUntil(lambda: dialog.texts != {})
    assert dialog.names.item(0).text() == "facts.txt"
    assert dialog.shown.toPlainText() == dialog.texts["facts.txt"]
    dialog.write(tmp_path / "nowhere" / "b.zip")
    qtbot.waitUntil(lambda: "could not be written" in dialog.error.text())
    shown = dict(dialog.texts)
    dialog.write(tmp_path / "b.zip")
    qtbot.waitUntil((tmp_path / "b.zip").exists)
    qtbot.waitUntil(lambda: one.tasks.is_idle)
    with zipfile.ZipFile(tmp_path / "b.zip") as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == shown


def test_what_the_caretaker_tells_is_a_banner(program, qtbot):
    one = program()
    (listener,) = one._opened.upkeep.listeners
    listener(desktop.MachineError("The disk is damaged.", code="STORE_DAMAGED"))
    qtbot.waitUntil(lambda: "The disk is damaged." in texts(one.window))


def test_going_back_closes_the_profile_and_shows_its_backups(program, qtbot, door, store):
    one = program()
    one.window.show_screen("settings", "")
    backups = one.window.screens["settings"].backups
    qtbot.waitUntil(lambda: backups.back.isEnabled())
    backups.back.click()
    qtbot.waitUntil(lambda: one.window is None and one.first.recovery is not None)
    assert store._closed
    qtbot.waitUntil(lambda: one.tasks.is_idle)
    labels = [button.text() for button in one.first.findChildren(QPushButton)]
    assert labels.count("Restore") == 2


def test_what_a_screen_of_the_closed_window_still_asks_holds_nothing_up(program, qtbot, store):
    one = program()
    one.window.go_back_wanted.emit()
    one.tasks.read(one, lambda _: None, lambda _: None)
    qtbot.waitUntil(lambda: one.window is None and one.first.recovery is not None)
    assert store._closed
