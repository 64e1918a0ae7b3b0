"""A picture, shown inside the program: it is in memory alone, never in a file in the clear."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import (
    QImage,
    QImageReader,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from kamdesk.domain.errors import UserError
from kamdesk.domain.filenames import ending_of
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import discreet, theme
from kamdesk.ui.kit.bits import button, row, text

LARGEST_SIDE = 4096
"""Pixels; larger pictures are read smaller, where their kind allows it."""
MOST_PIXELS = 60_000_000
STEP, SMALLEST, LARGEST = 1.25, 0.05, 8.0
_FORMATS = {".jpg": b"jpeg"}


def decode(name: str, data: bytes) -> QImage:
    """Read a picture as what its name says and nothing else. For a work thread. Raises UserError."""
    content = QByteArray(data)
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    ending = ending_of(name)
    reader = QImageReader(buffer, QByteArray(_FORMATS.get(ending, ending[1:].encode())))
    reader.setDecideFormatFromContent(False)  # noqa: FBT003
    reader.setAutoTransform(True)  # noqa: FBT003
    size = reader.size()
    if not size.isValid():
        raise _damaged(name)
    if ending in {".jpg", ".jpeg"} and max(size.width(), size.height()) > LARGEST_SIDE:
        reader.setScaledSize(
            size.scaled(LARGEST_SIDE, LARGEST_SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        )
    elif size.width() * size.height() > MOST_PIXELS:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "attachment", "{name} is too large to be shown here. Save it where you want it."
            ),
            code="picture_too_large",
            context="attachment",
            name=name,
        )
    image = reader.read()
    if image.isNull():
        raise _damaged(name)
    return image


def _damaged(name: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "attachment", "{name} cannot be shown: it is damaged, or it is not what its name says."
        ),
        code="picture_damaged",
        context="attachment",
        name=name,
    )


class PictureView(QWidget):
    """Paints a picture at a scale; in train mode only while it is held."""

    def __init__(self, image: QImage, name: str) -> None:
        super().__init__()
        self.image = image
        self.scale = 1.0
        self.is_held = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_scale(1.0)

    @property
    def is_seen(self) -> bool:
        """Say whether the picture is on the screen."""
        return self.is_held or not discreet.is_on()

    def set_scale(self, scale: float) -> None:
        """Show it so much larger or smaller."""
        self.scale = min(LARGEST, max(SMALLEST, scale))
        self.setMinimumSize(self._shown())
        self.update()

    def _shown(self) -> QSize:
        return (self.image.size().toSizeF() * self.scale).toSize()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt's signature
        painter = QPainter(self)
        place = QRect(0, 0, self._shown().width(), self._shown().height())
        place.moveCenter(self.rect().center())
        if not self.is_seen:
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, discreet.DOTS)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self.image)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self._hold(is_held=True)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._hold(is_held=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._hold(is_held=True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold(is_held=False)

    def _hold(self, *, is_held: bool) -> None:
        if discreet.is_on() and is_held and not self.is_held:
            discreet.note_revealed("a picture", "a record")
        self.is_held = is_held
        self.update()


class PictureDialog(QDialog):
    """Shows one picture; + and - and Ctrl with the wheel make it larger and smaller, 0 fits it in."""

    def __init__(
        self, parent: QWidget, name: str, image: QImage, save: Callable[[], object]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Picture"))
        self.view = PictureView(image, name)
        self._area = QScrollArea()
        self._area.setWidget(self.view)
        self._area.setWidgetResizable(True)  # noqa: FBT003
        self._area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.MARGIN, 14, theme.MARGIN, 14)
        layout.setSpacing(theme.GAP)
        heading = text(name, "strong", select=True)
        self._told = text("", "caption")
        layout.addLayout(row(heading, self._told, None, gap=theme.GAP))
        layout.addWidget(self._area, 1)
        layout.addLayout(
            row(
                button(self.tr("Smaller"), lambda: self.zoom(1 / STEP), keys="-"),
                button(self.tr("Larger"), lambda: self.zoom(STEP), keys="+"),
                button(self.tr("Fit in"), self.fit, keys="0"),
                None,
                button(self.tr("Save as…"), save, image="download"),
                button(self.tr("Close"), self.accept, look="primary"),
            )
        )
        room = parent.window().size()
        self.resize(min(1100, room.width() - 40), min(760, room.height() - 40))
        self.view.setFocus()

    def fit(self) -> None:
        """Show all of it, never larger than it is."""
        room, size = self._area.viewport().size(), self.view.image.size()
        self.show_at(min(1.0, room.width() / size.width(), room.height() / size.height()))

    def zoom(self, by: float) -> None:
        """Show it larger or smaller."""
        self.show_at(self.view.scale * by)

    def show_at(self, scale: float) -> None:
        """Show it at a scale, and say which."""
        self.view.set_scale(scale)
        size = self.view.image.size()
        self._told.setText(f"{size.width()} × {size.height()} · {round(self.view.scale * 100)} %")

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP)
            event.accept()
        else:
            super().wheelEvent(event)
