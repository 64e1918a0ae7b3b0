"""Circles of dropped objects are collected in the GUI thread alone.

Python collects on whichever thread allocates next. On a worker that may destroy a QObject, which waits for the
interpreter while it holds Qt's lock on connections; the GUI thread, which has the interpreter, waits for that lock: the
window is frozen for good (seen with PySide 6.11 when the sweep after locking prices collected).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 1000


class Garbage(QObject):
    """Collects in the GUI thread as often as Python would, by its own thresholds, from `begin` until `close`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Collect from now on: what a start makes stays, and looking at all of it would hold the start up."""
        self._timer.start()

    @property
    def is_collecting(self) -> bool:
        """Say whether it looks at times."""
        return self._timer.isActive()

    def look(self) -> None:
        """Collect the oldest generation that is due; none where little was dropped."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
