"""What a person does at the window, and the patience to wait for it on a slow machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

PATIENCE = 20.0
_PUBLISHED_MS = (
    100  # longer than the pauses of the screens: before they read anew, before a list is read whole
)


def until(met: Callable[[], Any], what: str = "") -> None:
    """Let the program go on until something is so."""
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end, what or "it did not happen"
        QTest.qWait(5)


def settled(tasks: Any) -> None:
    """Wait until nothing is under way, also nothing that the last answer set off."""
    until(lambda: tasks.is_idle, "answers of the store")
    while True:
        QTest.qWait(_PUBLISHED_MS)
        if tasks.is_idle:
            return
        until(lambda: tasks.is_idle, "answers of the store")


def press(widget: QWidget, words: str) -> None:
    """Press the button of this name, or whose text begins with it, as soon as it is shown."""

    def found() -> list[QPushButton]:
        return [
            one
            for one in widget.findChildren(QPushButton)
            if one.isVisible()
            and (one.accessibleName() == words or one.text().strip().startswith(words))
        ]

    until(found, f"no button {words!r}")
    found()[0].click()


def texts(widget: QWidget) -> list[str]:
    """Return every text a person can read in a widget."""
    parts = [*widget.findChildren(QLabel), *widget.findChildren(QPushButton)]
    return [one.text().strip() for one in parts if one.isVisible() and one.text()]


def says(widget: QWidget, words: str) -> bool:
    """Say whether a widget shows these words."""
    return any(words in one for one in texts(widget))
