"""What Windows tells of a user who is away: to a window that is never shown, and only what concerns it.

https://learn.microsoft.com/windows/win32/termserv/wm-wtssession-change and
https://learn.microsoft.com/windows/win32/power/wm-powerbroadcast
"""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from kamdesk.ui.away import Away

WM_POWERBROADCAST, WM_WTSSESSION_CHANGE = 0x0218, 0x02B1
PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC = 0x4, 0x12
WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOGOFF, WTS_SESSION_LOCK = 2, 4, 6, 7
_THIS_SESSION = 0
_LEAVING = frozenset(
    {
        (WM_POWERBROADCAST, PBT_APMSUSPEND),
        *(
            (WM_WTSSESSION_CHANGE, one)
            for one in (
                WTS_CONSOLE_DISCONNECT,  # another user was switched to
                WTS_REMOTE_DISCONNECT,
                WTS_SESSION_LOGOFF,
                WTS_SESSION_LOCK,
            )
        ),
    }
)


class Ear(QWidget):
    """A window that is never shown: Windows sends it what it sends to every window, and what it registers for."""

    def __init__(self, away: Away) -> None:
        super().__init__()
        self._away = away

    def nativeEvent(self, kind: Any, message: Any) -> tuple[bool, int]:
        """Look at a message of Windows; it is never kept from others."""
        if bytes(kind) == b"windows_generic_MSG":
            told = wintypes.MSG.from_address(int(message))
            if (told.message, told.wParam) in _LEAVING:
                self._away.left.emit()
            elif (told.message, told.wParam) == (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC):
                self._away.returned.emit()
        return False, 0


def listen(away: Away, sessions: Any = None) -> Ear:
    """Hear Windows from now on, as long as the answer is kept; in the GUI thread. `sessions`: its wtsapi32."""
    ear = Ear(away)
    if sessions is None:
        sessions = ctypes.WinDLL("wtsapi32")  # type: ignore[attr-defined,unused-ignore]  # only there
        sessions.WTSRegisterSessionNotification.argtypes = [wintypes.HWND, wintypes.DWORD]
    sessions.WTSRegisterSessionNotification(int(ear.winId()), _THIS_SESSION)
    return ear
