"""Many small widgets, made a few at a time: what is looked at first is there first, and the window never waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer

SLICE_SECONDS = 0.004
"""As long as widgets are made in one go. To lay them out and to paint them takes about as long again."""
LATER_MS = 8
"""Half a frame: what was made before is laid out and painted by then."""


class Filler(QObject):
    """Goes through steps, each of which makes some widgets; newer steps end those under way."""

    def __init__(self, parent: QObject, done: Callable[[], object] = lambda: None) -> None:
        super().__init__(parent)
        self._done = done
        self._steps: Iterator[object] = iter(())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_filling(self) -> bool:
        """Say whether something is still to come."""
        return self._timer.isActive()

    def fill(self, steps: Iterator[object], *, whole: bool = False, later: bool = False) -> None:
        """Take the first steps now, or `later`, and the others in the pauses of the window; or the `whole` at once."""
        self._steps = steps
        if later:
            self._timer.start(LATER_MS)
            return
        if whole:
            for _ in steps:
                pass
        self._go_on()

    def stop(self) -> None:
        """Leave the rest."""
        self._timer.stop()

    def _go_on(self) -> None:
        until = time.perf_counter() + SLICE_SECONDS
        for _ in self._steps:
            if time.perf_counter() > until:
                self._timer.start(0)
                return
        self._timer.stop()
        self._done()
