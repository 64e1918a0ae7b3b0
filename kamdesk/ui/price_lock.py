"""The lock on prices as the window has it: its state for every widget, unlocking off the GUI thread, idle time."""

from __future__ import annotations

import gc
import time
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from kamdesk.domain import clock
from kamdesk.domain.price_access import Prices, PriceState
from kamdesk.ui.kit.forgetting import forget_freed

IDLE = timedelta(seconds=300)
"""By the clock on the wall: a laptop that slept for so long locks when it wakes. Setting it back gains nothing."""
LOOK_MS = 5000
FORGET_MS = 200
MASKING, HELD = "prices", "held"
"""The preference that says how open prices are shown, and its value where they are dots until they are held."""
MINIMISED, LOCKS = "minimised", "locks"
"""The preference that says what minimising the window does to open prices, and its value where that locks them."""
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.InputMethod,
    }
)


class PriceLock(QObject):
    """Says whether prices can be read. Lives in the GUI thread, one per window."""

    changed = Signal(object)
    """The new PriceState, in the GUI thread, whoever changed it."""
    looked = Signal(str, str)
    """Somebody looked at prices: how (a `Look`), and at which contract or line."""
    masked = Signal()
    """Whether open prices are dots until they are held was chosen anew, here or at head office."""
    locking = Signal()
    """The last moment to seal what is being typed."""
    _told = Signal(object)

    def __init__(self, prices: Prices, parent: QObject) -> None:
        super().__init__(parent)
        self.prices = prices
        self._alive_at: datetime = clock.now()
        self._alive_since_start = time.monotonic()
        self._was_open = False
        self._is_masked = self._must_mask = False
        self.locks_minimised = False
        """Whether a window that is minimised locks them."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._told.connect(self._on_told)
        self._unwatch = prices.watch(self._told.emit)

    def arrive(self, prices: Prices) -> None:
        """Use the lock of the profile that was opened."""
        self._unwatch()
        self.prices = prices
        self._unwatch = prices.watch(self._told.emit)
        self._on_told(prices.state)

    @property
    def state(self) -> PriceState:
        """Say whether prices can be read now."""
        return self.prices.state

    @property
    def is_open(self) -> bool:
        """Say whether prices can be read now."""
        return self.prices.state is PriceState.OPEN

    @property
    def is_masked(self) -> bool:
        """Say whether open prices are dots until they are held."""
        return self._is_masked or self._must_mask

    @property
    def must_mask(self) -> bool:
        """Say whether head office decided that."""
        return self._must_mask

    def mask(self, *, on: bool) -> None:
        """Let open prices be dots until they are held, or shown as long as they are open."""
        if on != self._is_masked:
            self._is_masked = on
            self.masked.emit()

    def lock(self) -> None:
        """Lock at once; what is being typed is sealed before."""
        if self.is_open:
            self.locking.emit()
            self.prices.lock()

    def close(self) -> None:
        """Lock and watch no more."""
        self.lock()
        self._unwatch()
        self._watch_hands(is_on=False)

    def look(self) -> None:
        """Lock when nobody touched the program for too long."""
        if self._is_idle():
            self.lock()

    def _is_idle(self) -> bool:
        by_wall = clock.now() - self._alive_at
        return max(by_wall, timedelta(seconds=time.monotonic() - self._alive_since_start)) >= IDLE

    def _note_life(self) -> None:
        self._alive_at, self._alive_since_start = clock.now(), time.monotonic()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note signs of life; only while prices are open, for it sees every event of the program."""
        if event.type() is QEvent.Type.WindowStateChange and self.locks_minimised:
            if isinstance(watched, QWidget) and watched.isWindow() and watched.isMinimized():
                self.lock()
        elif event.type() in _SIGNS_OF_LIFE:
            if self._is_idle():
                self.lock()  # it slept, and this key woke it
            self._note_life()
        return super().eventFilter(watched, event)

    def _on_told(self, state: PriceState) -> None:
        self._note_life()
        must_mask = self.prices.must_mask
        if must_mask != self._must_mask:
            self._must_mask = must_mask
            self.masked.emit()
        was_open, self._was_open = self._was_open, state is PriceState.OPEN
        self._watch_hands(is_on=self._was_open)
        self.changed.emit(state)
        if was_open and not self._was_open:
            # Circles may hold what was just shown, and Python's spare tuples lie where it was
            gc.collect()
            # When the widgets that showed it are painted anew, and those that went are gone
            QTimer.singleShot(FORGET_MS, self, forget_freed)

    def _watch_hands(self, *, is_on: bool) -> None:
        app = QCoreApplication.instance()
        assert app is not None
        app.removeEventFilter(self)
        if is_on:
            app.installEventFilter(self)
            self._timer.start()
        else:
            self._timer.stop()
