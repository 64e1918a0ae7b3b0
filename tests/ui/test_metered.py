"""A connection that costs by volume: what systems tell reaches the cabinet, and the user can send all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

from kamdesk.ui.metered import SOURCES, Metered, ask_qt, follow
from tests.ui.test_attachments import attached, cabinet_at, planned

MANAGER = """
import os
from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QObject, QSocketNotifier
from PySide6.QtDBus import QDBusConnection, QDBusMessage

NAME, PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
PROPERTIES = "org.freedesktop.DBus.Properties"

@ClassInfo({"D-Bus Interface": NAME})
class Manager(QObject):
    Metered = Property("uint", lambda _: 3)

app, bus, manager = QCoreApplication([]), QDBusConnection.systemBus(), Manager()
assert bus.registerObject(PATH, manager, QDBusConnection.RegisterOption.ExportAllProperties)
assert bus.registerService(NAME)

def tell(*_):
    for line in os.read(0, 4096).decode().splitlines():
        message = QDBusMessage.createSignal(PATH, PROPERTIES, "PropertiesChanged")
        message.setArguments([NAME, eval(line), ["Other"]])
        assert bus.send(message)

notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(tell)
print("ready", flush=True)
app.exec()
"""
LISTENER = """
import threading
from PySide6.QtCore import QCoreApplication, QTimer
from kamdesk.ui.metered import follow
app = QCoreApplication([])
def told(is_metered):
    print(is_metered, flush=True)
metered = follow(app, lambda listen: threading.Thread(target=listen).start(), told)
QTimer.singleShot(20000, app.quit)
app.exec()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None,
    reason="not run: no message bus here",
)
def test_network_manager_is_asked_and_heard_on_a_real_bus():
    children = []

    def start(*command, **more):
        child = subprocess.Popen(
            command, env={**os.environ, **more}, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        children.append(child)
        return child

    try:
        daemon = start("dbus-daemon", "--session", "--nofork", "--print-address")
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": daemon.stdout.readline().strip()}
        manager = start(sys.executable, "-c", MANAGER, **bus)
        assert manager.stdout.readline() == "ready\n"
        listener = start(sys.executable, "-c", LISTENER, **bus)
        assert listener.stdout.readline() == "True\n"  # a good guess that it costs
        for changed in ({"State": 70}, {"Metered": 4}):
            manager.stdin.write(f"{changed!r}\n")
            manager.stdin.flush()
        assert listener.stdout.readline() == "False\n"
    finally:
        for child in reversed(children):
            child.kill()
            child.wait(10)
            child.stdin.close()
            child.stdout.close()


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_what_any_system_tells_is_told_once_each_time_it_changes(qtbot, qapp, monkeypatch, system):
    told, sources = [], []
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setitem(SOURCES, system, sources.append)
    metered = follow(qapp, lambda listen: listen(), told.append)
    assert sources == [metered]
    for costs in (True, True, False):
        metered.tell(costs)
    qtbot.waitUntil(lambda: told == [True, False])


def test_a_system_that_tells_nothing_holds_nothing_back(qapp, monkeypatch):
    monkeypatch.setattr(sys, "platform", "plan9")
    told = []
    follow(qapp, lambda listen: listen(), told.append)
    assert told == []


@pytest.fixture
def cabinet(store, tmp_path):
    return cabinet_at(store, tmp_path)


@pytest.fixture
def source(monkeypatch):
    """The system's knowledge, played."""
    found: list[Metered] = []
    monkeypatch.setitem(SOURCES, sys.platform, found.append)
    return found


@pytest.fixture
def opened(opened, cabinet, source):
    return replace(opened, attachments=cabinet)


def test_attachments_that_wait_are_told_with_the_reason_and_sent_all_the_same(
    window, source, store, cabinet, qtbot, tasks
):
    window.show_screen("sync", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    card = window.screens["sync"].attachments
    assert not card.isVisible()
    one = attached(store, cabinet, planned(store), data=b"\x89PNG\r\n\x1a\n" + b"x" * 300_000)
    qtbot.waitUntil(card.isVisible)
    assert card.count.text() == "1, 293 KB left"
    assert not card.send.isVisible()
    source[0].tell(is_metered=True)
    qtbot.waitUntil(card.send.isVisible)
    assert "costs by volume" in card.why.text()
    assert not cabinet._may_go(one)
    card.send.click()
    assert cabinet._may_go(one)
    assert not card.send.isVisible()
    other = attached(store, cabinet, planned(store))
    qtbot.waitUntil(card.send.isVisible)  # what came later was not asked for
    assert not cabinet._may_go(other)
    source[0].tell(is_metered=False)
    qtbot.waitUntil(lambda: not card.send.isVisible())
    assert cabinet._may_go(other)


def test_what_qt_knows_is_followed_where_it_has_a_plugin(qtbot, qapp, monkeypatch):
    """On Windows; here the plugin is played."""

    class Network(QObject):
        isMeteredChanged = Signal(bool)  # noqa: N815  # Qt's name

        def isMetered(self):
            return True

    network = Network()
    monkeypatch.setattr(QNetworkInformation, "loadBackendByFeatures", lambda _: True)
    monkeypatch.setattr(QNetworkInformation, "instance", lambda: network)
    told = []
    metered = Metered(qapp, ask_qt)
    metered.told.connect(told.append)
    threading.Thread(target=metered.listen).start()
    qtbot.waitUntil(lambda: told == [True])
    network.isMeteredChanged.emit(False)  # noqa: FBT003
    assert told == [True, False]
