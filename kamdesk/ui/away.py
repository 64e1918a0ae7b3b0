"""Notices that the user is away: the screen was locked, the computer sleeps, somebody else took the screen over.

Linux tells it on its message buses, to whoever listens: the screen savers of the desktops, and systemd's login manager.
Windows and macOS tell it to windows and observers of the GUI thread. Where nothing is told, the clock on the wall has
to do: prices lock when nobody touched the program for five minutes, asleep or not.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import SLOT, QObject, Qt, QTimer, Signal, Slot

_log = logging.getLogger(__name__)
SCREEN_SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)
PRESENCE = ("org.gnome.SessionManager.Presence", "/org/gnome/SessionManager/Presence")
_IDLE = 3
LOOK_MS = 10_000
SLEPT_SECONDS = 30
LOGIN = "org.freedesktop.login1"
PROPERTIES = "org.freedesktop.DBus.Properties"


class Away(QObject):
    """Emits `left` when the user is away. Lives in the GUI thread."""

    left = Signal()
    returned = Signal()
    """The computer slept and is awake."""
    _gui_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None, source: Source | None = None) -> None:
        super().__init__(parent)
        self._source = source or SOURCES.get(sys.platform)
        self._kept: object = None
        self._gui_wanted.connect(self._hear_in_gui, Qt.ConnectionType.QueuedConnection)
        self._seen = (time.time(), time.monotonic())
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self.look)
        self._clock.start()

    def look(self) -> None:
        """Notice that time has passed without us: that is sleep, wherever nobody tells."""
        now = (time.time(), time.monotonic())  # one of them counts sleep, on some systems both
        gone = max(late - early for late, early in zip(now, self._seen, strict=True))
        self._seen = now
        if gone > LOOK_MS / 1000 + SLEPT_SECONDS:
            self.returned.emit()

    def listen(self) -> int:
        """Listen to what the system tells; return to how many signals. May wait: not on the GUI thread."""
        heard = self._source(self) if self._source is not None else 0
        _log.info("listening to %d signals that tell that the user is away", heard)
        return heard

    def hear_in_gui(self, listen: Callable[[Away], object]) -> None:
        """Let `listen` begin in the GUI thread; its answer is kept, for it is what hears."""
        self._gui_wanted.emit(listen)

    @Slot(object)
    def _hear_in_gui(self, listen: Callable[[Away], object]) -> None:
        try:
            self._kept = listen(self)
        except Exception:  # noqa: BLE001  # whatever it is, the clock on the wall has to do
            _log.exception("this system does not tell when the user is away")

    @Slot(bool)
    def on_active(self, is_active: bool) -> None:  # noqa: FBT001  # the bus calls it so
        """Hear that a screen saver came on."""
        if is_active:
            self.left.emit()

    @Slot("uint")
    def on_presence(self, status: int) -> None:
        """Hear that GNOME's session is idle."""
        if status == _IDLE:
            self.left.emit()

    @Slot(bool)
    def on_sleep(self, is_before: bool) -> None:  # noqa: FBT001  # the bus calls it so
        """Hear that the computer is about to sleep, or that it slept."""
        (self.left if is_before else self.returned).emit()

    @Slot()
    def on_lock(self) -> None:
        """Hear that the session is locked."""
        self.left.emit()

    @Slot(str, "QVariantMap")
    def on_session(self, interface: str, changed: dict[str, object]) -> None:
        """Hear that a session does not have the screen any more: another user was switched to.

        Whose session it was is not looked at: where it was another one's, this user only now comes back.
        """
        if interface == f"{LOGIN}.Session" and changed.get("Active") is False:
            self.left.emit()


Source = Callable[[Away], int]
"""Connects the slots of an Away with what a system tells; returns with how many signals. May wait."""


def hear_buses(away: Away) -> int:
    """Listen on the message buses of Linux that there are."""
    from PySide6.QtDBus import QDBusConnection  # noqa: PLC0415  # only there, and not for the first window

    heard = 0
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):  # without it one would be started
        session = QDBusConnection.sessionBus()
        for name, path in SCREEN_SAVERS:
            heard += session.connect(
                "", path, name, "ActiveChanged", away, _slot("on_active(bool)")
            )
        heard += session.connect(
            "", PRESENCE[1], PRESENCE[0], "StatusChanged", "u", away, _slot("on_presence(uint)")
        )
    system = QDBusConnection.systemBus()
    if system.isConnected():
        heard += system.connect(
            LOGIN, "/org/freedesktop/login1", f"{LOGIN}.Manager", "PrepareForSleep", away,
            _slot("on_sleep(bool)"),
        )  # fmt: skip
        heard += system.connect(LOGIN, "", f"{LOGIN}.Session", "Lock", away, _slot("on_lock()"))
        # Not seldom a program is in no session of its own, so it hears of all. The types are said: a signal with
        # others would end the program
        heard += system.connect(
            LOGIN, "", PROPERTIES, "PropertiesChanged", "sa{sv}as", away,
            _slot("on_session(QString,QVariantMap)"),
        )  # fmt: skip
    return int(heard)


def hear_windows(away: Away) -> int:
    """Let a window of the GUI thread hear what Windows tells."""
    from kamdesk.ui import away_windows  # noqa: PLC0415  # only there

    away.hear_in_gui(away_windows.listen)
    return 1


def hear_macos(away: Away) -> int:
    """Let observers of the GUI thread hear what macOS tells."""
    from kamdesk.ui import away_macos  # noqa: PLC0415  # only there

    away.hear_in_gui(away_macos.listen)
    return 1


SOURCES: dict[str, Source] = {
    "linux": hear_buses, "win32": hear_windows, "darwin": hear_macos,
}  # fmt: skip


def _slot(name: str) -> Any:
    # PySide takes the text that SLOT gives, and no bytes, whatever its declaration says
    return SLOT(name)


def follow(
    parent: QObject,
    run: Callable[[Callable[[], object]], object],
    lock: Callable[[], object],
    woke: Callable[[], object],
) -> Away:
    """Call `lock` whenever the user is away, `woke` after sleep; `run` does what may wait."""
    away = Away(parent)
    away.left.connect(lock)
    away.returned.connect(woke)
    run(away.listen)
    return away
