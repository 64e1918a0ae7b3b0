"""Icons of one set (Lucide, ISC licence), painted in the colours of the theme and sharp at every scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from kamdesk.ui import theme


@cache
def _source(name: str) -> bytes:
    return (theme.ICONS / f"{name}.svg").read_bytes()


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))


class _Engine(QIconEngine):
    """Paints one drawing in the colour that the theme gives its state now."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, _state: QIcon.State) -> None:
        colour = theme.theme().colours["faint" if mode is QIcon.Mode.Disabled else self._colour]
        _drawing(self._name, colour).render(painter, QRectF(rect))  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour)


def icon(name: str, colour: str = "muted") -> QIcon:
    """Return an icon by its file name in resources/icons; `colour` is a name of `theme.colour`."""
    return QIcon(_Engine(name, colour))
