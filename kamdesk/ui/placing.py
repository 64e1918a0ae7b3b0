"""How large a window is when it is opened for the first time."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_FRAME = QMargins(8, 32, 8, 8)
"""What a system draws around a window, which is not known before it is shown."""


def open_at(window: QWidget, wanted: QSize) -> None:
    """Give a window its size, but no more than the screen has room for beside the task bar."""
    screen = window.screen() or QGuiApplication.primaryScreen()
    room = screen.availableGeometry().marginsRemoved(_FRAME).size() if screen else wanted
    window.resize(wanted.boundedTo(room).expandedTo(window.minimumSize()))
