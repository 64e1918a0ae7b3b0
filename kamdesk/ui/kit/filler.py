"""Many small widgets, made a few at a time: what is looked at first is there first, and the window never waits."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

SLICE_SECONDS = 0.005
"""As long as widgets are made in one go. To lay them out and paint them takes about as long again."""


class Filler(QObject):
    """Fills one layout after the other; a newer filling ends the one under way."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._layout: QBoxLayout | None = None
        self._parts: Iterator[QWidget | QLayout] = iter(())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_filling(self) -> bool:
        """Say whether something is still to come."""
        return self._timer.isActive()

    def fill(self, layout: QBoxLayout, parts: Iterator[QWidget | QLayout]) -> None:
        """Put parts one below the other, and a spring after the last; the first of them at once."""
        self._layout, self._parts = layout, parts
        layout.addStretch(1)
        self._go_on()

    def stop(self) -> None:
        """Leave it as it is."""
        self._timer.stop()

    def _go_on(self) -> None:
        assert self._layout is not None
        until = time.perf_counter() + SLICE_SECONDS
        for part in self._parts:
            at = self._layout.count() - 1
            if isinstance(part, QWidget):
                self._layout.insertWidget(at, part)
            else:
                self._layout.insertLayout(at, part)
            if time.perf_counter() > until:
                self._timer.start(0)
                return
        self._timer.stop()
