"""One attachment as it is seen: what it is called, how long it is, where it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyleOptionFrame,
    QStylePainter,
)

from kamdesk.domain import filenames
from kamdesk.domain.attachments import Content, Moving
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import speech, theme
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import column, fixed, row, text

WIDEST, NARROWEST = 420, 270


@dataclass(frozen=True, slots=True)
class Item:
    """One attachment of a record. `is_stored`: head office has the bytes; `may_remove`: the user may take it away."""

    id: str
    name: str
    content: Content
    is_stored: bool = False
    may_remove: bool = True
    by: str = ""


class Place(StrEnum):
    """Where the bytes are."""

    HERE = "here"
    STORED = "stored"
    AWAY = "away"
    UP = "up"
    DOWN = "down"
    WANTED = "wanted"
    UNKNOWN = "unknown"


_WORDS = {
    Place.HERE: QT_TRANSLATE_NOOP("attachments", "Saved on this computer"),
    Place.STORED: QT_TRANSLATE_NOOP("attachments", "At head office"),
    Place.AWAY: QT_TRANSLATE_NOOP("attachments", "Not on this computer yet"),
    Place.UP: QT_TRANSLATE_NOOP("attachments", "On its way, {n} %"),
    Place.DOWN: QT_TRANSLATE_NOOP("attachments", "Coming, {n} %"),
    Place.WANTED: QT_TRANSLATE_NOOP("attachments", "Asked for at head office"),
    Place.UNKNOWN: "",
}
_COLOURS = {
    Place.HERE: "tile-grey", Place.STORED: "tile-green", Place.AWAY: "tile-amber",
    Place.UP: "tile-blue", Place.DOWN: "tile-blue", Place.WANTED: "tile-blue",
    Place.UNKNOWN: "tile-grey",
}  # fmt: skip


def place_of(item: Item, *, is_here: bool | None, is_wanted: bool, moving: Moving | None) -> Place:
    """Say where the bytes are, by what is known: never more than that."""
    if moving is not None:
        return Place.UP if moving.up else Place.DOWN
    if is_here is None:
        return Place.UNKNOWN
    if not is_here:
        return Place.WANTED if is_wanted else Place.AWAY
    return Place.STORED if item.is_stored else Place.HERE


def words_of(place: Place, moving: Moving | None) -> str:
    """Say it in words."""
    told = speech.translate("attachments", _WORDS[place]) if _WORDS[place] else ""
    share = 100 * moving.done // moving.size if moving is not None and moving.size else 0
    return told.format(n=min(share, 99))


class Name(QLabel):
    """A name that gives way in its middle, so that its ending is always seen."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", "strong")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(60)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt's signature
        painter = QStylePainter(self)
        option = QStyleOptionFrame()
        option.initFrom(self)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, self.width()
        )
        painter.drawItemText(
            self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            self.palette(), self.isEnabled(), shown, self.foregroundRole(),
        )  # fmt: skip


class Tile(QFrame):
    """Shows an attachment; a click or Enter opens it, Ctrl+S saves it elsewhere, Del takes it away."""

    open_wanted = Signal(object)
    save_wanted = Signal(object)
    remove_wanted = Signal(object)
    leave_wanted = Signal(object)
    step_wanted = Signal(int)

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item
        self.place = Place.UNKNOWN
        self.setProperty("look", "tile")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(200)
        self.setAccessibleDescription(
            self.tr("Enter opens it, Ctrl+S saves a copy, Del removes it")
        )
        self._picture = QLabel()
        self._paint_picture()
        theme.theme().switched.connect(self._paint_picture)
        self.name = Name(item.name)
        self.status = fixed(text("", "tile-grey"))
        size = fixed(text(speech.size(item.content.size) + " ·", "caption"))
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(3)
        self._buttons = [
            self._button("x", self.tr("Stop waiting"), lambda: self.leave_wanted.emit(self.item)),
            self._button("download", self.tr("Save as…"), lambda: self.save_wanted.emit(self.item)),
            self._button("trash-2", self.tr("Remove"), self._remove),
        ]
        self.leave, self.save, self.remove = self._buttons
        self.may_open = filenames.may_open(item.name)
        if self.may_open:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.remove.setVisible(item.may_remove)
        told = column(self.name, row(size, self.status, None, gap=4), self.bar, gap=1)
        content = row(self._picture, told, *self._buttons, gap=2)
        content.setSpacing(2)
        content.insertSpacing(1, 6)
        content.setStretch(2, 1)
        content.setContentsMargins(10, 6, 6, 6)
        self.setLayout(content)
        self.show_place(Place.UNKNOWN, None)

    @Slot()
    def _paint_picture(self) -> None:
        self._picture.setPixmap(icon(_image_of(self.item.name)).pixmap(20, 20))

    def show_place(
        self, place: Place, moving: Moving | None, problem: str = "", hint: str = ""
    ) -> None:
        """Say where the bytes are, what is wrong, and what there is to know."""
        self.place = place
        words = words_of(place, moving)
        self.status.setText(words)
        theme.dress(self.status, "tile-red" if problem else _COLOURS[place])
        self.bar.setVisible(moving is not None)
        if moving is not None:
            self.bar.setMaximum(max(1, moving.size))
            self.bar.setValue(moving.done)
        self.leave.setVisible(place in {Place.WANTED, Place.DOWN})
        size = speech.size(self.item.content.size)
        self.setAccessibleName(
            ", ".join(filter(None, (self.item.name, size, words, problem, hint)))
        )
        by = self.tr("attached by {name}").format(name=self.item.by) if self.item.by else ""
        # On the name, whose veil keeps it to itself in train mode
        self.name.setToolTip("\n".join(filter(None, (self.item.name, by, problem, hint))))

    def sizeHint(self) -> QSize:
        return QSize(NARROWEST, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        keys: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Return: self._open, Qt.Key.Key_Enter: self._open, Qt.Key.Key_Space: self._open,
            Qt.Key.Key_Delete: self._remove,
            Qt.Key.Key_Left: lambda: self.step_wanted.emit(-1),
            Qt.Key.Key_Up: lambda: self.step_wanted.emit(-1),
            Qt.Key.Key_Right: lambda: self.step_wanted.emit(1),
            Qt.Key.Key_Down: lambda: self.step_wanted.emit(1),
        }  # fmt: skip
        if is_plain and key in keys:
            keys[key]()
        elif key == Qt.Key.Key_S and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.save_wanted.emit(self.item)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        is_click = event.button() == Qt.MouseButton.LeftButton
        if self.may_open and is_click and self.rect().contains(event.position().toPoint()):
            self.open_wanted.emit(self.item)
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """Return what can be done, with its keys."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.may_open:
            menu.addAction(self.tr("Open") + "\tEnter", self._open)
        menu.addAction(self.tr("Save as…") + "\tCtrl+S", lambda: self.save_wanted.emit(self.item))
        if self.place in {Place.WANTED, Place.DOWN}:
            menu.addAction(self.tr("Stop waiting"), lambda: self.leave_wanted.emit(self.item))
        if self.item.may_remove:
            menu.addAction(self.tr("Remove") + "\tDel", self._remove)
        return menu

    def _open(self) -> None:
        """Open it; what is never opened can be saved."""
        (self.open_wanted if self.may_open else self.save_wanted).emit(self.item)

    def _remove(self) -> None:
        if self.item.may_remove:
            self.remove_wanted.emit(self.item)

    def _button(self, image: str, words: str, run: Callable[[], object]) -> QPushButton:
        """Make a small button for the mouse; the keyboard has the tile."""
        made = QPushButton(self)  # with a parent from the first: shown without one it is a window
        made.setProperty("look", "icon")
        made.setIcon(icon(image, "muted"))
        made.setIconSize(QSize(15, 15))
        made.setAutoDefault(False)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setAccessibleName(f"{words}: {self.item.name}")
        made.setToolTip(words)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda: run())
        return made


def _image_of(name: str) -> str:
    if filenames.is_picture(name):
        return "image"
    return "file-text" if filenames.may_open(name) else "paperclip"
