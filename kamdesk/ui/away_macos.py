"""What macOS tells of a user who is away: the screen locked, sleep, another user switched to.

https://developer.apple.com/documentation/appkit/nsworkspace; that the screen is locked is told to every program under a
name that Apple does not document, and that every password manager listens to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kamdesk.ui.away import Away

AWAKE = "NSWorkspaceDidWakeNotification"
LOCKED = "com.apple.screenIsLocked"
OF_WORKSPACE = (
    "NSWorkspaceWillSleepNotification",
    "NSWorkspaceScreensDidSleepNotification",
    "NSWorkspaceSessionDidResignActiveNotification",
)


def listen(away: Away, centers: tuple[Any, Any] | None = None) -> list[Any]:
    """Hear macOS from now on; in the GUI thread. `centers`: its own, that of all programs and that of the workspace."""
    everybody, workspace = centers or _centers()

    def leave(_told: object) -> None:
        away.left.emit()

    def hear(center: Any, name: str, act: Callable[[object], None] = leave) -> Any:
        return center.addObserverForName_object_queue_usingBlock_(name, None, None, act)

    return [
        hear(everybody, LOCKED),
        *(hear(workspace, name) for name in OF_WORKSPACE),
        hear(workspace, AWAKE, lambda _told: away.returned.emit()),
    ]


def _centers() -> tuple[Any, Any]:
    from AppKit import NSWorkspace  # noqa: PLC0415  # macOS alone
    from Foundation import NSDistributedNotificationCenter  # noqa: PLC0415

    workspace = NSWorkspace.sharedWorkspace().notificationCenter()
    return NSDistributedNotificationCenter.defaultCenter(), workspace
