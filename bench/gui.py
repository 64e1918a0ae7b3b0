"""What the benches of the window share: waiting in a real event loop, and the heartbeat of the GUI thread."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import quantiles

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from kamdesk.ui.garbage import Garbage
from kamdesk.ui.kit.list_model import PAUSE_MS
from kamdesk.ui.tasks import Tasks

BEAT_MS = 4


def collect_as_the_program(parent: QObject) -> None:
    """Leave what was made until now alone and collect in the GUI thread, as the program does once it is ready."""
    gc.freeze()
    Garbage(parent).begin()


class Watch(QObject):
    """Waits in a real event loop until something holds and was painted."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = QEventLoop()
        self._holds: Callable[[], bool] = lambda: True
        self._until = QTimer()
        self._until.setSingleShot(True)
        self._until.timeout.connect(self._loop.quit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._holds():
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._loop.quit)  # after it was painted
        return False

    def painted(
        self, widget: Callable[[], QWidget], act: Callable[[], object], holds: Callable[[], bool]
    ) -> float:
        """Return the milliseconds from `act` until `widget()`, which it may make, is painted while `holds()`."""
        self._holds = holds
        self._until.start(60_000)
        began = time.perf_counter()
        act()
        widget().installEventFilter(self)
        self._loop.exec()
        assert self._until.isActive(), "it was never painted"
        self._until.stop()
        return (time.perf_counter() - began) * 1e3

    def shown(self, widget: QWidget, act: Callable[[], object], holds: Callable[[], bool]) -> float:
        """Return the milliseconds from `act` until `holds()` and `widget` with all that is in it is painted."""
        began = time.perf_counter()
        act()
        while not holds():
            assert time.perf_counter() - began < 60, "it was never shown"
            self.wait(1)
        self.wait(0)  # what a layout was given is laid out by a queued event
        widget.grab()
        return (time.perf_counter() - began) * 1e3

    def wait(self, milliseconds: int) -> None:
        """Let the event loop run."""
        QTimer.singleShot(milliseconds, self._loop.quit)
        self._loop.exec()

    def settle(self, tasks: Tasks) -> None:
        """Wait until no answer is outstanding, nor what a list reads after a pause."""
        while True:
            self.wait(PAUSE_MS + 20)
            if tasks.is_idle:
                return
            while not tasks.is_idle:
                self.wait(5)


class Beat(QObject):
    """A heartbeat of the GUI thread: how long it missed."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.gaps: list[float] = []
        self._last = 0.0

    def start(self) -> None:
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start(BEAT_MS)

    def stop(self) -> tuple[float, float]:
        """Return what 99.9 % of the gaps keep within, and the longest, in milliseconds."""
        self._timer.stop()
        ordered = sorted(self.gaps)
        return quantiles(ordered, n=1000)[-1], ordered[-1]

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1e3)
        self._last = now
