"""Notices that the user is away: the screen was locked, the computer sleeps, the session was left.

Linux tells it on its message buses, to whoever listens: the screen savers of the desktops, and systemd's login manager.
Elsewhere the clock on the wall has to do: prices lock when nobody touched the program for five minutes, asleep or not.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot

_log = logging.getLogger(__name__)
SCREEN_SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)
LOGIN = "org.freedesktop.login1"


class Away(QObject):
    """Emits `left` when the user is away. Lives in the GUI thread."""

    left = Signal()

    @Slot(bool)
    def on_active(self, is_active: bool) -> None:  # noqa: FBT001  # the bus calls it so
        """Hear that a screen saver came on, or that the computer is about to sleep."""
        if is_active:
            self.left.emit()

    @Slot()
    def on_lock(self) -> None:
        """Hear that the session is locked."""
        self.left.emit()

    def listen(self) -> int:
        """Listen on the buses that there are; return on how many signals. May wait: not on the GUI thread."""
        if sys.platform != "linux":
            return 0
        from PySide6.QtDBus import QDBusConnection  # noqa: PLC0415  # only there, and not for the first window

        heard = 0
        if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):  # without it one would be started
            session = QDBusConnection.sessionBus()
            for name, path in SCREEN_SAVERS:
                heard += session.connect(
                    "", path, name, "ActiveChanged", self, _slot("on_active(bool)")
                )
        system = QDBusConnection.systemBus()
        if system.isConnected():
            heard += system.connect(
                LOGIN, "/org/freedesktop/login1", f"{LOGIN}.Manager", "PrepareForSleep", self,
                _slot("on_active(bool)"),
            )  # fmt: skip
            heard += system.connect(LOGIN, "", f"{LOGIN}.Session", "Lock", self, _slot("on_lock()"))
        _log.info("listening to %d signals that tell that the user is away", heard)
        return int(heard)


def _slot(name: str) -> Any:
    # PySide takes the text that SLOT gives, and no bytes, whatever its declaration says
    return SLOT(name)


def follow(
    parent: QObject, run: Callable[[Callable[[], object]], object], lock: Callable[[], object]
) -> Away:
    """Call `lock` whenever the user is away; `run` does what may wait."""
    away = Away(parent)
    away.left.connect(lock)
    run(away.listen)
    return away
