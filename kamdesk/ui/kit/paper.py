"""Tables on paper: pages with their headings and numbers, and who printed prices, when and where, on every page.

Nothing here needs the GUI thread: Qt paints onto printers, PDF files and images from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPaintDevice,
    QPainter,
    QPen,
)

from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import speech

MOST_ROWS = 5000  # some 150 pages: who wants more wants a file
_MARGIN_MM = 15.0
_BODY, _SMALL, _TITLE = 9.0, 7.5, 14.0  # points
_LEAST_SHARE = 0.4
"""A column keeps at least so much of its fair part of the width, however long the others are."""
_WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignTop)
_INK, _MUTED, _RULE, _MARK = "#111827", "#6b7280", "#d1d5db", "#9ca3af"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: a title, what stands beside it, headings, rows of words, which columns stand right.

    `watermark`: who took this out, when and where; across every page and at its foot.
    """

    title: str
    beside: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[bool]
    watermark: str = ""


def print_on(device: QPagedPaintDevice, sheet: Sheet, told: Callable[[int], object]) -> int:
    """Print all pages, lying where the table is wider than the paper; return how many.

    `told` hears how many rows are done, and may raise to end it. Raises MachineError where nothing can be printed.
    """
    device.setPageMargins(
        QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM), QPageLayout.Unit.Millimeter
    )
    if sum(_natural(sheet, QFontMetricsF(_font(_BODY), device))) > _room(device).width():
        device.setPageOrientation(QPageLayout.Orientation.Landscape)
    pages = Pages(sheet, _room(device), device)
    painter = QPainter(device)
    if not painter.isActive():
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "paper",
                "The printer took nothing. Choose another one, or print into a PDF file where you may write.",
            ),
            code="NOT_PRINTED",
            context="paper",
        )
    try:
        for number in range(pages.count):
            if number:
                device.newPage()
            pages.paint(painter, number)
            told(pages.last_row(number))
    finally:
        painter.end()
    return pages.count


def _room(device: QPagedPaintDevice) -> QSizeF:
    area = device.pageLayout().paintRectPixels(device.logicalDpiX())
    return QSizeF(area.width(), area.height())


class _Measures:
    """How wide and high a font is on a device, Chinese characters from another font included."""

    def __init__(self, font: QFont, device: QPaintDevice) -> None:
        self.widths = QFontMetricsF(font, device)
        ink = self.widths.boundingRect("汉Ág")
        self.ascent = max(self.widths.ascent(), -ink.top())
        self.line = max(
            self.widths.lineSpacing(), self.ascent + max(self.widths.descent(), ink.bottom())
        )

    def is_short(self, text: str, room: float) -> bool:
        """Say whether a text needs one line."""
        return "\n" not in text and self.widths.horizontalAdvance(text) <= room


class Pages:
    """A sheet divided into pages of one size, for one device."""

    def __init__(self, sheet: Sheet, size: QSizeF, device: QPaintDevice) -> None:
        self._sheet, self._size = sheet, size
        self._body, self._bold = _font(_BODY), _font(_BODY, bold=True)
        self._small, self._title = _font(_SMALL), _font(_TITLE, bold=True)
        self._of = {
            id(font): _Measures(font, device)
            for font in (self._body, self._bold, self._small, self._title)
        }
        self._gap = self._metrics(self._body).widths.averageCharWidth() * 1.6
        self._widths = self._columns()
        self._heights = [self._height(row, self._body) for row in sheet.rows]
        line = self._metrics(self._small).line
        self._foot = line * 1.5
        self._head = self._metrics(self._title).line + line * 1.5
        self._heading = self._height(sheet.columns, self._bold)
        self._breaks = self._divided()

    @property
    def count(self) -> int:
        """How many pages there are; at least one."""
        return len(self._breaks) - 1

    def rows_of(self, number: int) -> Sequence[Sequence[str]]:
        """Return the rows of one page."""
        return self._sheet.rows[self._breaks[number] : self._breaks[number + 1]]

    def last_row(self, number: int) -> int:
        """Return how many rows are printed once this page is."""
        return self._breaks[number + 1]

    def texts(self, number: int) -> tuple[str, str]:
        """Return what stands at the foot of a page, left and right."""
        numbered = speech.translate("paper", _PAGE).format(n=number + 1, all=self.count)
        return self._sheet.watermark, numbered

    def paint(self, painter: QPainter, number: int) -> None:
        """Paint one page."""
        self._paint_mark(painter)
        self._paint_head(painter)
        top = self._head
        self._paint_row(painter, self._sheet.columns, top, self._bold, self._heading)
        top += self._heading
        painter.setPen(QPen(QColor(_MUTED), self._gap / 8))
        painter.drawLine(0, round(top), round(self._size.width()), round(top))
        first = self._breaks[number]
        for at, cells in enumerate(self.rows_of(number), start=first):
            self._paint_row(painter, cells, top, self._body, self._heights[at])
            top += self._heights[at]
            painter.setPen(QPen(QColor(_RULE), self._gap / 16))
            painter.drawLine(0, round(top), round(self._size.width()), round(top))
        self._paint_foot(painter, number)

    # ---- parts

    def _paint_head(self, painter: QPainter) -> None:
        width, metrics = self._size.width(), self._metrics(self._title)
        beside = self._metrics(self._small).widths.horizontalAdvance(self._sheet.beside)
        title = metrics.widths.elidedText(
            self._sheet.title, Qt.TextElideMode.ElideRight, width - beside - self._gap
        )
        painter.setFont(self._title)
        painter.setPen(QColor(_INK))
        painter.drawText(QPointF(0, metrics.ascent), title)
        painter.setFont(self._small)
        painter.setPen(QColor(_MUTED))
        painter.drawText(QPointF(width - beside, metrics.ascent), self._sheet.beside)

    def _paint_row(
        self, painter: QPainter, cells: Sequence[str], top: float, font: QFont, height: float
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(_INK))
        left, pad, metrics = 0.0, self._gap / 2, self._metrics(font)
        for width, text, is_right in zip(self._widths, cells, self._sheet.right, strict=True):
            room = width - self._gap
            if metrics.is_short(text, room):
                # On one line with its neighbours, whatever scripts they are written in
                indent = room - metrics.widths.horizontalAdvance(text) if is_right else 0
                painter.drawText(QPointF(left + indent, top + pad + metrics.ascent), text)
            else:
                side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
                place = QRectF(left, top + pad, room, height - 2 * pad)
                painter.drawText(place, _WRAPPED | int(side), text)
            left += width

    def _paint_foot(self, painter: QPainter, number: int) -> None:
        metrics = self._metrics(self._small)
        mark, numbered = self.texts(number)
        base = self._size.height() - metrics.line + metrics.ascent
        painter.setFont(self._small)
        painter.setPen(QColor(_MUTED))
        painter.drawText(
            QPointF(self._size.width() - metrics.widths.horizontalAdvance(numbered), base), numbered
        )
        painter.drawText(QPointF(0, base), mark)

    def _paint_mark(self, painter: QPainter) -> None:
        """Write across the page, lightly, who printed this."""
        if not self._sheet.watermark:
            return
        width, height = self._size.width(), self._size.height()
        font = _font(_TITLE * 1.4, bold=True)
        painter.save()
        painter.setOpacity(0.25)
        painter.setPen(QColor(_MARK))
        painter.setFont(font)
        painter.translate(width / 2, height / 2)
        painter.rotate(-30)
        for at in (-1, 0, 1):
            place = QRectF(-width / 2, at * height / 4 - height / 12, width, height / 6)
            centred = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(place, centred, self._sheet.watermark)
        painter.restore()

    # ---- measures

    def _metrics(self, font: QFont) -> _Measures:
        return self._of[id(font)]

    def _columns(self) -> list[float]:
        """Give every column what it needs, and where that is too much, a part of it; at least a fair one."""
        natural = _natural(self._sheet, self._metrics(self._body).widths)
        whole = self._size.width()
        spare = whole - sum(natural)
        if spare >= 0:
            # What is left goes to the columns of words, so that the table fills the page
            words = [
                n for n, is_right in zip(natural, self._sheet.right, strict=True) if not is_right
            ]
            return [
                one + (0 if is_right or not words else spare * one / sum(words))
                for one, is_right in zip(natural, self._sheet.right, strict=True)
            ]
        least = [min(one, whole / len(natural) * _LEAST_SHARE) for one in natural]
        over = sum(natural) - sum(least)
        share = (whole - sum(least)) / over if over else 0
        return [low + (one - low) * share for one, low in zip(natural, least, strict=True)]

    def _height(self, cells: Sequence[str], font: QFont) -> float:
        metrics = self._metrics(font)
        highest = metrics.line
        for width, text in zip(self._widths, cells, strict=True):
            if not metrics.is_short(text, width - self._gap):
                room = QRectF(0, 0, width - self._gap, self._size.height())
                highest = max(highest, metrics.widths.boundingRect(room, _WRAPPED, text).height())
        most = self._size.height() / 2  # a cell that is longer is cut off: no page could hold it
        return float(min(highest, most) + self._gap)

    def _divided(self) -> list[int]:
        room = self._size.height() - self._head - self._heading - self._foot
        breaks, used = [0], 0.0
        for at, height in enumerate(self._heights):
            if used and used + height > room:
                breaks.append(at)
                used = 0.0
            used += height
        return [*breaks, len(self._heights)]


def _natural(sheet: Sheet, metrics: QFontMetricsF) -> list[float]:
    """Return how wide each column would be without a break, as far as the first rows tell."""
    gap = 2 * metrics.averageCharWidth()
    widths = [metrics.horizontalAdvance(one) * 1.1 for one in sheet.columns]  # headings are bold
    for row in sheet.rows[:300]:
        widths = [
            max(width, metrics.horizontalAdvance(text))
            for width, text in zip(widths, row, strict=True)
        ]
    return [width + gap for width in widths]


def _font(points: float, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


_PAGE = QT_TRANSLATE_NOOP("paper", "Page {n} of {all}")
