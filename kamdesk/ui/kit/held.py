"""Prices and sealed texts that stand in a label: dots until somebody holds them, where the user wants it so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel

from kamdesk.domain.price_access import Look, PriceState
from kamdesk.ui import theme
from kamdesk.ui.kit.bits import let_wrap
from kamdesk.ui.kit.forgetting import forget_text
from kamdesk.ui.kit.price_words import DOTS
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.veils import OF_A_RECORD


class Held(QLabel):
    """Says what `tell` returns, while prices are masked only as long as mouse button or space bar are held on it.

    Every hold is put on record with `record_id`. `tell` says nothing secret while prices are locked. Nothing is copied
    out of it, for such a copy would neither be on record nor go from the clipboard by itself.
    """

    def __init__(
        self, lock: PriceLock, tell: Callable[[], str], record_id: str, look: str = "", *, wrap: bool = False
    ) -> None:  # fmt: skip
        super().__init__()
        self._lock, self._tell, self.record_id = lock, tell, record_id
        self._is_held = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setProperty(OF_A_RECORD, True)  # noqa: FBT003  # Qt's signature
        if look:
            self.setProperty("look", look)
        if wrap:
            let_wrap(self)
        lock.masked.connect(self.refresh)
        lock.changed.connect(self._on_lock)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Write what may be read now."""
        is_masked = self._lock.is_masked
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_masked else Qt.FocusPolicy.NoFocus)
        length = len(self.text())
        self.setText(DOTS if is_masked and not self._is_held else self._tell())
        forget_text(length)

    @Slot(object)
    def _on_lock(self, state: PriceState) -> None:
        """Say nothing any more at the lock, before the page is made anew."""
        if state is not PriceState.OPEN:
            self.refresh()

    def _hold(self, *, is_held: bool) -> None:
        if is_held == self._is_held or (is_held and not self._lock.is_masked):
            return
        self._is_held = is_held
        self.refresh()
        if is_held and self._lock.is_open:
            self._lock.looked.emit(Look.HELD, self.record_id)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show it while the button is held."""
        super().mousePressEvent(event)
        self._hold(is_held=True)
        if self._lock.is_masked:
            self.setFocus()
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Mask it again."""
        super().mouseReleaseEvent(event)
        self._hold(is_held=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show it while the space bar is held."""
        if event.key() == Qt.Key.Key_Space and self._lock.is_masked:
            if not event.isAutoRepeat():
                self._hold(is_held=True)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Mask it again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold(is_held=False)
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mask it again, also where the key is let go elsewhere."""
        super().focusOutEvent(event)
        self._hold(is_held=False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line around it where the space bar would show it."""
        super().paintEvent(event)
        if self.hasFocus() and self._lock.is_masked:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
