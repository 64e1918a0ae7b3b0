"""Train mode for what is no table: what stands in records is dots on pages and in forms, until it is held.

A veil lies over every label that may say something of a record, and over every field that is not typed in. It is found
by what a label looks like, not by a list of places: what somebody adds later is veiled too. A line is read while the
mouse button or the space bar is held on it.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRectF,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsEffect,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QProgressDialog,
    QTextEdit,
    QWidget,
)

from kamdesk.ui import discreet, theme

FIXED = "fixed"
"""The property of a label with words of the program, whatever it looks like."""
OF_A_RECORD = "record"
"""The property of a label that says something of a record, whatever it looks like."""
_OF_RECORDS = frozenset({"", "strong", "muted"})
_OF_THE_PROGRAM = frozenset({"strip", "rail", "banner"})
_BUTTONS = frozenset({"chip", "value"})
_EDITORS = (QLineEdit, QPlainTextEdit, QTextEdit)
_PRESSED = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})
_LEFT = frozenset(
    {
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.FocusOut,
        QEvent.Type.Hide,
        QEvent.Type.WindowDeactivate,
    }
)
_PAD = 9


class Veils(QObject):
    """Veils what is on the screen while train mode is on, and what comes onto it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._drawn: dict[int, Veil] = {}
        """Every veil until its widget is gone. A widget that Qt made itself keeps nothing alive that Python knows of
        it: the collector would empty its veil, which goes on being asked to paint."""
        discreet.discreet().switched.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Draw the veils, or take them away."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.removeEventFilter(self)
        if discreet.is_on():
            app.installEventFilter(self)
        for widget in QApplication.allWidgets():
            is_veiled = isinstance(widget.graphicsEffect(), Veil)
            if discreet.is_on() and not is_veiled:
                self._draw_over(widget)
            elif is_veiled and not discreet.is_on():
                widget.setGraphicsEffect(None)  # type: ignore[arg-type]  # Qt's way to take one away

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Veil a widget before it is seen for the first time."""
        if event.type() == QEvent.Type.Polish and isinstance(watched, QWidget):
            self._draw_over(watched)
        return False

    def _draw_over(self, widget: QWidget) -> None:
        if widget.graphicsEffect() is not None or not _tells(widget):
            return
        veil = Veil(widget)
        key = id(veil)
        self._drawn[key] = veil
        veil.destroyed.connect(lambda: self._drawn.pop(key, None))
        widget.setGraphicsEffect(veil)


def _tells(widget: QWidget) -> bool:
    """Say whether a widget may show what stands in a record."""
    if isinstance(widget, _EDITORS):
        # A day or a choice out of a few is nothing to hide
        return not isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
    look = widget.property("look") or ""
    if isinstance(widget, QAbstractButton):
        return look in _BUTTONS
    if not isinstance(widget, QLabel) or widget.property(FIXED):
        return False
    can_select = widget.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    says = bool(can_select) or look in _OF_RECORDS or bool(widget.property(OF_A_RECORD))
    return says and not _is_of_the_program(widget)


def _is_of_the_program(widget: QWidget) -> bool:
    above: QWidget | None = widget
    while above is not None:
        if above.property("look") in _OF_THE_PROGRAM:
            return True
        if isinstance(above, QMessageBox | QProgressDialog):
            return True
        above = above.parentWidget()
    return False


class Veil(QGraphicsEffect):
    """Paints dots for one widget, always as many; a field that is typed in and a line that is held are seen."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.is_held = False
        if isinstance(widget, QLabel):
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    @property
    def is_drawn(self) -> bool:
        """Say whether dots are seen."""
        if isinstance(self._widget, QLabel):
            return not self.is_held and bool(self._widget.text().strip("— "))
        if self._widget.hasFocus():
            return False
        return bool(_typed(self._widget))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show what is held; say nothing beside the pointer."""
        kind = event.type()
        if kind == QEvent.Type.ToolTip and self.is_drawn:
            return True
        if not isinstance(self._widget, QLabel):
            if kind in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
                self.update()
            return False
        if kind in _PRESSED:
            self._hold(is_held=True)
            return True
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and kind != QEvent.Type.ShortcutOverride:
                self._hold(is_held=kind == QEvent.Type.KeyPress)
            return True
        if kind in _LEFT:
            self._hold(is_held=False)
        return super().eventFilter(watched, event)

    def draw(self, painter: QPainter) -> None:
        """Paint the widget, or the dots."""
        if not self.is_drawn:
            self.drawSource(painter)
            return
        widget, left = self._widget, 0
        area = QRectF(widget.rect())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not isinstance(widget, QLabel):
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.setBrush(theme.colour("field"))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            left = _PAD
        elif widget.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        metrics = widget.fontMetrics()
        painter.setFont(widget.font())
        painter.setPen(theme.colour("muted"))
        is_one_line = isinstance(widget, QLabel) and not widget.wordWrap()
        line = widget.height() if is_one_line else min(widget.height(), metrics.height() + 2 * left)
        base = (line + metrics.ascent() - metrics.descent()) // 2
        painter.drawText(QPoint(left, base), discreet.DOTS)
        painter.restore()

    def _hold(self, *, is_held: bool) -> None:
        if is_held and not self.is_held:
            discreet.note_revealed("a line", self._widget.objectName() or "a page")
        self.is_held = is_held
        self.update()


def _typed(widget: QWidget) -> str:
    if isinstance(widget, QLineEdit | QAbstractButton):
        return widget.text()
    return widget.toPlainText() if isinstance(widget, QPlainTextEdit | QTextEdit) else ""
