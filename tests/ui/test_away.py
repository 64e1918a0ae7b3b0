"""Prices shut when the user is away: a locked screen, sleep, another user at the screen."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path

import pytest

from kamdesk.domain.price_access import PriceState
from kamdesk.ui import away, away_macos, away_windows
from kamdesk.ui.away import SOURCES, Away, follow
from kamdesk.ui.price_lock import PriceLock

SAVER, LOGIN = "org.gnome.ScreenSaver", "org.freedesktop.login1"
SESSION = "/org/freedesktop/login1/session/_32"
PROPERTIES = "org.freedesktop.DBus.Properties"

LISTENER = """
from PySide6.QtCore import QCoreApplication, QObject, QTimer, SLOT, Slot
from PySide6.QtDBus import QDBusConnection, QDBusInterface
from kamdesk.ui.away import Away
app = QCoreApplication([])
def ask():
    for bus in (QDBusConnection.sessionBus(), QDBusConnection.systemBus()):
        QDBusInterface("org.freedesktop.DBus", "/", "org.freedesktop.DBus", bus).call("GetId")
class End(QObject):
    @Slot()
    def over(self):
        ask()  # answered: what either bus told before is here
        QTimer.singleShot(0, app.quit)
end = End()
away = Away()
away.left.connect(lambda: print("left", flush=True))
heard = away.listen()
QDBusConnection.sessionBus().connect("", "/test", "test.Teller", "Over", end, SLOT("over()"))
ask()  # answered: what was asked before is in force
print("heard", heard, flush=True)
QTimer.singleShot(20000, app.quit)
app.exec()
"""
TELLER = """
import sys, time
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusMessage
app = QCoreApplication([])
bus = QDBusConnection.sessionBus()
assert bus.registerService("org.freedesktop.login1")
print("ready", flush=True)
for line in sys.stdin:
    path, interface, name, arguments = line.split(None, 3)
    message = QDBusMessage.createSignal(path, interface, name)
    message.setArguments(eval(arguments))
    assert bus.send(message)
    print("told", flush=True)
"""


class Bus:
    """A real bus that is the session's and the system's at once: somebody tells, the program listens."""

    def __init__(self, stack: list[subprocess.Popen[str]]) -> None:
        self._stack = stack
        daemon = self._start(["dbus-daemon", "--session", "--nofork", "--print-address"])
        address = daemon.stdout.readline().strip()
        self._env = {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
        self._teller = self._start([sys.executable, "-c", TELLER])
        assert self._teller.stdout.readline() == "ready\n"
        self._listener = self._start([sys.executable, "-c", LISTENER])
        self.heard = int(self._listener.stdout.readline().split()[1])

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            command, env={**os.environ, **getattr(self, "_env", {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self._stack.append(child)
        return child

    def tell(self, path: str, interface: str, name: str, *arguments: object) -> None:
        self._teller.stdin.write(f"{path} {interface} {name} {list(arguments)!r}\n")
        self._teller.stdin.flush()
        assert self._teller.stdout.readline() == "told\n"

    def tell_number(self, path: str, interface: str, name: str, number: int) -> None:
        """Tell with an unsigned number, which Python has none of."""
        subprocess.run(
            ["dbus-send", "--session", "--type=signal", path, f"{interface}.{name}", f"uint32:{number}"],
            env={**os.environ, **self._env}, check=True,
        )  # fmt: skip

    def times_left(self) -> int:
        """End it, and count how often the program found the user away."""
        self.tell("/test", "test.Teller", "Over")
        return self._listener.communicate(timeout=20)[0].split().count("left")


@pytest.fixture
def bus() -> Iterator[Bus]:
    if sys.platform != "linux":
        pytest.skip("not run: message buses are of Linux")
    if shutil.which("dbus-daemon") is None:
        pytest.skip("not run: no dbus-daemon here")
    stack: list[subprocess.Popen[str]] = []
    try:
        yield Bus(stack)
    finally:
        for child in reversed(stack):
            child.kill()
            child.wait(10)


@pytest.mark.parametrize("name", ["org.freedesktop.ScreenSaver", SAVER])
def test_a_screen_that_is_locked_is_heard_on_a_real_bus(bus, name):
    assert bus.heard >= 9
    for is_locked in (False, True):
        bus.tell("/" + name.replace(".", "/"), name, "ActiveChanged", is_locked)
    assert bus.times_left() == 1


def test_an_idle_session_of_gnome_is_heard(bus):
    if shutil.which("dbus-send") is None:
        pytest.skip("not run: no dbus-send here")
    name, path = away.PRESENCE
    for status in (0, 2, 3, 0):
        bus.tell_number(path, name, "StatusChanged", status)
    assert bus.times_left() == 1


def test_sleep_and_a_locked_session_are_heard(bus):
    for is_before in (True, False):
        bus.tell("/org/freedesktop/login1", f"{LOGIN}.Manager", "PrepareForSleep", is_before)
    bus.tell(SESSION, f"{LOGIN}.Session", "Lock")
    assert bus.times_left() == 2


def test_another_user_at_the_screen_is_heard_and_what_else_changes_is_not(bus):
    others = ["IdleSinceHint"]  # a list of words, or the bus would take it for one of anything
    for interface, changed in (
        (f"{LOGIN}.Session", {"Active": True}),
        (f"{LOGIN}.Session", {"IdleHint": False}),
        (f"{LOGIN}.Seat", {"Active": False}),
        (f"{LOGIN}.Session", {"Active": False}),
    ):
        bus.tell(SESSION, PROPERTIES, "PropertiesChanged", interface, changed, others)
    assert bus.times_left() == 1


def test_a_signal_of_other_types_does_not_end_the_program(bus):
    for arguments in ([5], ["x"], [f"{LOGIN}.Session", {"Active": False}, []]):
        bus.tell(SESSION, PROPERTIES, "PropertiesChanged", *arguments)
    bus.tell(SESSION, f"{LOGIN}.Session", "Lock")
    assert bus.times_left() == 1


class OpenPrices:
    state = PriceState.OPEN

    def watch(self, _listener):
        return lambda: None

    def lock(self):
        self.state = PriceState.LOCKED


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_prices_shut_whatever_system_tells_that_the_user_is_away(qapp, monkeypatch, system):
    told: list[Away] = []
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setitem(SOURCES, system, lambda away: told.append(away) or 1)
    lock = PriceLock(OpenPrices(), qapp)
    woke: list[int] = []
    away = follow(qapp, lambda listen: listen(), lock.lock, lambda: woke.append(1))
    assert told == [away]
    told[0].on_session(f"{LOGIN}.Session", {"Active": False})
    assert not lock.is_open
    assert not woke
    away.returned.emit()
    assert woke


def test_a_system_that_tells_nothing_leaves_it_to_the_clock(qapp, monkeypatch):
    monkeypatch.setattr(sys, "platform", "freebsd")
    assert Away(qapp).listen() == 0


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_system_that_cannot_be_heard_does_not_end_the_program(
    qapp, monkeypatch, qtbot, system, caplog
):
    monkeypatch.setattr(sys, "platform", system)
    Away(qapp).listen()
    qtbot.waitUntil(lambda: "does not tell when the user is away" in caplog.text)


# ---- Windows and macOS, whose own side is played here


class Sessions:
    """What is called of Windows."""

    def __init__(self):
        self.registered = []

    def WTSRegisterSessionNotification(self, window, which):
        self.registered.append((window, which))
        return 1


@pytest.mark.parametrize(
    ("message", "what", "leaves"),
    [
        (away_windows.WM_WTSSESSION_CHANGE, away_windows.WTS_SESSION_LOCK, True),
        (away_windows.WM_WTSSESSION_CHANGE, away_windows.WTS_CONSOLE_DISCONNECT, True),
        (away_windows.WM_WTSSESSION_CHANGE, 8, False),  # unlocked
        (away_windows.WM_POWERBROADCAST, away_windows.PBT_APMSUSPEND, True),
        (away_windows.WM_POWERBROADCAST, 0x12, False),  # awake again
        (0x0200, away_windows.WTS_SESSION_LOCK, False),  # the mouse
    ],
)
def test_windows_tells_a_window_that_is_never_shown(qapp, message, what, leaves):
    away, sessions, left, back = Away(qapp), Sessions(), [], []
    away.left.connect(lambda: left.append(1))
    away.returned.connect(lambda: back.append(1))
    ear = away_windows.listen(away, sessions)
    assert sessions.registered == [(int(ear.winId()), 0)]
    assert not ear.isVisible()
    told = wintypes.MSG(message=message, wParam=what)
    assert ear.nativeEvent(b"windows_generic_MSG", ctypes.addressof(told)) == (False, 0)
    assert bool(left) is leaves
    assert bool(back) is ((message, what) == (away_windows.WM_POWERBROADCAST, 0x12))
    ear.deleteLater()


class Center:
    """What is called of macOS."""

    def __init__(self):
        self.blocks = {}

    def addObserverForName_object_queue_usingBlock_(self, name, _sender, _queue, block):
        self.blocks[name] = block
        return name


def test_macos_tells_its_observers(qapp):
    away, everybody, workspace, left = Away(qapp), Center(), Center(), []
    away.left.connect(lambda: left.append(1))
    back = []
    away.returned.connect(lambda: back.append(1))
    assert len(away_macos.listen(away, (everybody, workspace))) == 5
    workspace.blocks.pop(away_macos.AWAKE)(object())
    assert (left, back) == ([], [1])
    for block in (*everybody.blocks.values(), *workspace.blocks.values()):
        block(object())
    assert len(left) == 4
    assert set(everybody.blocks) == {"com.apple.screenIsLocked"}


@pytest.mark.parametrize("sleeps", [(3600.0, 0.0), (3600.0, 3600.0), (0.0, 0.0)])
def test_sleep_that_nobody_tells_of_is_noticed_by_the_clocks(qapp, monkeypatch, sleeps):
    """The clock on the wall counts sleep; the other one does on some systems."""
    away, back = Away(qapp), []
    away.returned.connect(lambda: back.append(1))
    wall, counted = (
        clock() + gone for clock, gone in zip((time.time, time.monotonic), sleeps, strict=True)
    )
    monkeypatch.setattr(time, "time", lambda: wall + 10)
    monkeypatch.setattr(time, "monotonic", lambda: counted + 10)
    away.look()
    assert bool(back) is (sleeps != (0.0, 0.0))
    away.look()
    assert len(back) <= 1


def test_after_sleep_the_connection_begins_again(window, line):
    window._away.returned.emit()
    assert "woke" in line.asked
