"""The steps of the tour with attachments: dropped on the form of a visit, looked at on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from kamdesk.ui.kit.attachment_page import RecordAttachments

if TYPE_CHECKING:
    from tests.tour import Tour

NOTES = (
    "Switch protocol",
    "1  Formulary: 3 December",
    "2  Guideline summary",
    "3  Review in March",
)


def attach(tour: Tour, form: Any) -> None:
    """Attach a photo and the signed minutes, as somebody who drops them on the form."""
    folder = tour.folder / "own"
    folder.mkdir(exist_ok=True)
    minutes = folder / "Formulary minutes 2026-11, signed.pdf"
    minutes.write_bytes(b"%PDF-1.7 " + b"signed " * 60_000)
    board = folder / "Whiteboard.png"
    assert whiteboard().save(str(board))
    form.attachments.attach_files([board, minutes])
    tour.until(lambda: len(form.attachments.items) == 2, "they are kept")


def look(tour: Tour) -> None:
    """Look at the picture: it is shown without a file."""
    tour.say("a picture that was attached is shown without a file")
    visits = tour.window.screens["visits"]
    tour.until(
        lambda: [len(one.items) for one in visits.findChildren(RecordAttachments)][-1:] == [2],
        "what was attached",
    )
    strip = visits.findChildren(RecordAttachments)[-1]
    strip.opening.open(strip.items[0])
    tour.until(lambda: strip.opening.dialog is not None, "the picture")
    tour.rest(0.1)
    picture = strip.opening.dialog.grab()
    assert picture.save(str(tour.out / f"{tour.number:02}-attached-picture-light-en.png"))
    strip.opening.dialog.accept()


def whiteboard() -> QImage:
    """Draw what a photo of a whiteboard might show."""
    image = QImage(1280, 800, QImage.Format.Format_RGB32)
    image.fill(QColor("#e9edf1"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#30425a"), 5))
    painter.setFont(QFont("DejaVu Sans", 40))
    for at, words in enumerate(NOTES):
        painter.drawText(90, 140 + 110 * at, words)
    painter.setPen(QPen(QColor("#b3261e"), 8))
    painter.drawLine(90, 165, 620, 160)
    painter.drawEllipse(QRectF(760, 520, 380, 200))
    painter.drawText(840, 640, "Chen ok")
    painter.end()
    return image
