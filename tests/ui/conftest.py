"""The window without a screen, on a real store, with a head office and a doorkeeper that tests can play."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from kamdesk.db import open_store
from kamdesk.db.database import Database
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Farewell, Link, Profile, SignIn, Status
from kamdesk.domain.session import KeyCheck, KnownProfile, Opened
from tests.unit.conftest import ME, Keys, _two_hospitals

PROFILE = Profile(
    user_id=ME.user_id, login="li.wei", name="李伟", role="REP", territory="East China",
    company="Hehe Pharma", server="https://kamdesk.example.com", device_id="laptop-1",
)  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Keep the collector away from widgets while Qt works, and leave none behind.

    `deleteLater` posts an event that only a running loop delivers, so windows would outlive their test.
    """
    if not {"qtbot", "qapp"} & set(getattr(item, "fixturenames", ())):
        return (yield)
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    gc.disable()
    try:
        return (yield)
    finally:
        if QApplication.instance():
            for widget in QApplication.topLevelWidgets():
                widget.close()
                widget.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.enable()
        gc.collect()


def pytest_collection_modifyitems(items):
    """Mark what needs Qt."""
    for item in items:
        if "qtbot" in getattr(item, "fixturenames", ()):
            item.add_marker("gui")


class Line:
    """A `Connection` whose truth the test decides."""

    def __init__(self) -> None:
        self.now = Status(link=Link.OFFLINE)
        self.parted: Farewell | None = None
        self.asked: list[str] = []
        self.listeners: list[Callable[[Status], None]] = []

    def status(self) -> Status:
        return self.now

    def watch(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def farewell(self) -> Farewell | None:
        return self.parted

    def reconcile_now(self) -> None:
        self.asked.append("now")

    def check_now(self) -> None:
        self.asked.append("check")

    def woke(self) -> None:
        self.asked.append("woke")

    def set_paused(self, *, paused: bool) -> None:
        self.asked.append("pause" if paused else "resume")
        self.tell(link=Link.PAUSED if paused else Link.ONLINE)

    def tell(self, **changed) -> None:
        """Tell the listeners from a thread of its own, as reconciliation does."""
        self.now = replace(self.now, **changed)

        def call() -> None:
            for listener in tuple(self.listeners):
                listener(self.now)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()


class Door:
    """A `Doorkeeper` with scripted answers: an exception is raised, anything else returned."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.known: list[KnownProfile] = []
        self.keys = KeyCheck(trusted=True)
        self.answers: list[Exception] = []
        self.tried: list[tuple[object, str]] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()

    def profiles(self) -> list[KnownProfile]:
        self.threads.add(threading.get_ident())
        return self.known

    def check_keys(self) -> KeyCheck:
        self.threads.add(threading.get_ident())
        return self.keys

    def open(self, profile_id: str, passphrase: str) -> Opened:
        return self._answer(profile_id, passphrase)

    def enrol(self, sign_in: SignIn, passphrase: str) -> Opened:
        return self._answer(sign_in, passphrase)

    def _answer(self, what: object, passphrase: str) -> Opened:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(10)
        self.tried.append((what, passphrase))
        if self.answers:
            raise self.answers.pop(0)
        return self.opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = open_store.create(tmp_path, Keys(os.urandom(32)), ME)
    database.transact(Origin.SYNC, _two_hospitals)
    yield database
    database.close()


@pytest.fixture
def qtbot(qtbot):
    """Wait longer than pytest-qt does by itself: what is true at last is true, on a busy machine too."""
    wait = qtbot.waitUntil
    qtbot.waitUntil = lambda met, *, timeout=20_000: wait(met, timeout=timeout)
    return qtbot


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def opened(store: Database, line: Line) -> Opened:
    return Opened(store, line, PROFILE, store.close)


@pytest.fixture
def door(opened: Opened) -> Iterator[Door]:
    door = Door(opened)
    yield door
    door.gate.set()


@pytest.fixture
def spoken(qapp) -> Iterator[None]:
    """English and the light theme, before and after, whatever the test switches to."""
    from kamdesk.ui import theme, translation

    theme.apply(qapp, "light")
    translation.use("en")
    yield
    theme.apply(qapp, "light")
    translation.use("en")


@pytest.fixture
def tasks(qapp, store: Database, spoken) -> Iterator:
    from kamdesk.ui.tasks import Tasks

    tasks = Tasks(store)
    yield tasks
    tasks.close()


@pytest.fixture
def window(qtbot, opened, tasks) -> Iterator:
    from kamdesk.ui.preferences import Preferences
    from kamdesk.ui.window import MainWindow

    window = MainWindow(opened, tasks, Preferences("", lambda _: None))
    window.resize(1440, 900)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: tasks.is_idle)
    yield window
    qtbot.waitUntil(lambda: tasks.is_idle)
    window.close()
