"""While prices are open, screenshots, recordings and shared screens of others show no window of the program.

Windows and macOS can leave a window out of what is captured, and only they:
https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowdisplayaffinity,
https://developer.apple.com/documentation/appkit/nswindow/sharingtype. Who has to show the program to somebody says so
in the settings.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QApplication

from kamdesk.domain.price_access import PriceState
from kamdesk.ui.price_lock import PriceLock

PREFERENCE, SEEN = "capture", "seen"
"""The preference, and its value where windows may be captured."""
WDA_NONE, WDA_EXCLUDEFROMCAPTURE = 0x0, 0x11
NS_WINDOW_SHARING_NONE, NS_WINDOW_SHARING_READ_ONLY = 0, 1
_log = logging.getLogger(__name__)

Way = Callable[[int, bool], None]
"""Leaves a window, told by its handle, out of what is captured, or puts it back."""


def on_windows(handle: int, is_hidden: bool, library: Any = None) -> None:  # noqa: FBT001  # a Way
    """Tell Windows. `library`: its user32."""
    if library is None:
        import ctypes  # noqa: PLC0415  # Windows alone
        from ctypes import wintypes  # noqa: PLC0415

        library = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]  # only there
        library.SetWindowDisplayAffinity.argtypes = [wintypes.HWND, wintypes.DWORD]
    library.SetWindowDisplayAffinity(handle, WDA_EXCLUDEFROMCAPTURE if is_hidden else WDA_NONE)


def on_macos(handle: int, is_hidden: bool, view_of: Any = None) -> None:  # noqa: FBT001  # a Way
    """Tell macOS. `view_of`: gives the NSView of a handle."""
    if view_of is None:
        import objc  # noqa: PLC0415  # macOS alone

        def view_of(one: int) -> Any:
            return objc.objc_object(c_void_p=one)

    window = view_of(handle).window()
    if window is not None:
        window.setSharingType_(NS_WINDOW_SHARING_NONE if is_hidden else NS_WINDOW_SHARING_READ_ONLY)


WAYS: dict[str, Way] = {"win32": on_windows, "darwin": on_macos}


def is_possible() -> bool:
    """Say whether this system can leave windows out of what is captured."""
    return sys.platform in WAYS


class Uncaptured(QObject):
    """Follows the lock of prices, and what comes onto the screen while they are open."""

    def __init__(self, lock: PriceLock, preference: Callable[[str], str], parent: QObject) -> None:
        super().__init__(parent)
        self._lock, self._preference = lock, preference
        self._way = WAYS.get(sys.platform)
        self._is_hidden = False
        if self._way is None:
            return
        lock.changed.connect(lambda _: self.follow())
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._on_window)

    def follow(self) -> None:
        """Hide every window while prices are open, unless the user wants them seen."""
        wanted = self._lock.state is PriceState.OPEN and self._preference(PREFERENCE) != SEEN
        if wanted == self._is_hidden:
            return
        self._is_hidden = wanted
        for widget in QApplication.topLevelWidgets():
            window = widget.windowHandle()
            if window is not None:
                self._tell(window)

    def _on_window(self, window: QWindow | None) -> None:
        # A dialog that was opened since; one that is hidden already is told again, which does nothing
        if window is not None and self._is_hidden:
            self._tell(window)

    def _tell(self, window: QWindow) -> None:
        assert self._way is not None
        try:
            self._way(int(window.winId()), self._is_hidden)
        except Exception:  # noqa: BLE001  # a system that refuses leaves the program as it is
            _log.exception("a window cannot be left out of what is captured")
