"""Train mode: somebody may be looking over the user's shoulder.

While it is on, prices and amounts are dots, a table can be read in the chosen row alone, and whatever shows the window
when another program is in front (a thumbnail, the switcher of windows) shows a curtain.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from kamdesk.ui import theme

DOTS = "••••••"
_log = logging.getLogger("reveal")


class _Discreet(QObject):
    switched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_on = False


_discreet: _Discreet | None = None


def discreet() -> _Discreet:
    """Return the mode; its signal `switched` tells painters to paint again."""
    global _discreet  # noqa: PLW0603
    if _discreet is None:
        _discreet = _Discreet()
    return _discreet


def is_on() -> bool:
    """Say whether somebody may be looking."""
    return _discreet is not None and _discreet.is_on


def switch(*, on: bool) -> None:
    """Begin or end it."""
    one = discreet()
    if one.is_on != on:
        one.is_on = on
        one.switched.emit()


def masked(text: str) -> str:
    """Return dots for what stands in a cell, always as many; nothing for nothing."""
    return DOTS if text.strip("— ") else text


def named(text: str) -> str:
    """Return a name as it stands in a heading: dots in train mode."""
    return masked(text) if is_on() else text


def note_revealed(what: str, record_id: str) -> None:
    """Note that somebody held a key to look at something: what and when, never what was seen."""
    _log.info("%s of %s was looked at", what, record_id)


class Curtains(QObject):
    """Draws a curtain over every window of the program while it is not in front, in train mode."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._drawn: list[QWidget] = []
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self.follow)
        discreet().switched.connect(lambda: self.follow(app.applicationState()))

    def follow(self, state: Qt.ApplicationState) -> None:
        """Draw the curtains where another program came to the front, open them when this one is back."""
        for curtain in self._drawn:
            curtain.setParent(None)
            curtain.deleteLater()
        self._drawn.clear()
        if not is_on() or state is Qt.ApplicationState.ApplicationActive:
            return
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and window.isWindow():
                self._drawn.append(_Curtain(window))


class _Curtain(QLabel):
    """Covers one window, however it is resized meanwhile."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("KAMDesk", window)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAutoFillBackground(True)
        self.setStyleSheet(
            f"background: {theme.colour('window').name()}; color: {theme.colour('muted').name()};"
        )
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)
