"""Many small widgets, made a few at a time: what is looked at first is there first, and the window never waits.

Of what is hidden nothing is made until it is shown: what is looked at instead would wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

SLICE_SECONDS = 0.002
"""As long as widgets are made in one go. To lay them out and to paint the page takes twice as long again, however few
they are, and other things go on: all of it should fit into half a frame."""
LATER_MS = 8
"""Half a frame: what was made before is laid out and painted by then."""


class Filler(QObject):
    """Goes through steps, each of which makes some widgets in `place`; newer steps end those under way."""

    def __init__(self, place: QWidget, done: Callable[[], object] = lambda: None) -> None:
        super().__init__(place)
        self._place, self._done = place, done
        self._steps: Iterator[object] = iter(())
        self._waits = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_filling(self) -> bool:
        """Say whether something is still to come."""
        return self._timer.isActive() or self._waits

    def fill(self, steps: Iterator[object], *, whole: bool = False, later: bool = False) -> None:
        """Take the first steps now, or `later`, and the others in the pauses of the window; or the `whole` at once."""
        self.stop()
        self._steps = steps
        if later:
            self._timer.start(LATER_MS)
            return
        if whole:
            for _ in steps:
                pass
        self._go_on(must=whole)

    def stop(self) -> None:
        """Leave the rest."""
        self._timer.stop()
        self._wait(is_on=False)

    def _wait(self, *, is_on: bool) -> None:
        if is_on != self._waits:
            self._waits = is_on
            (self._place.installEventFilter if is_on else self._place.removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and watched is self._place:
            self._wait(is_on=False)
            self._timer.start(0)
        return False

    def _go_on(self, *, must: bool = False) -> None:
        if not must and not self._place.isVisible():
            self._wait(is_on=True)
            return
        until = time.perf_counter() + SLICE_SECONDS
        for _ in self._steps:
            if time.perf_counter() > until:
                self._timer.start(0)
                return
        self._timer.stop()
        self._done()
