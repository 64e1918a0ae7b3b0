"""What is dropped onto a form or pasted into it: files and pictures, never a link and never text."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget


class Taker(QObject):
    """Takes files and pictures anywhere in a widget, its text fields included; they keep the text that is pasted.

    The fields that the widget has when `watch` is called are watched.
    """

    files = Signal(object)
    """Paths, as a list."""
    picture = Signal(object)
    hovered = Signal(bool)
    """Something that will be taken is held over the widget, or is no more."""

    def __init__(self, widget: QWidget, parent: QObject | None = None) -> None:
        """Take what comes to `widget`, as long as `parent` lives."""
        super().__init__(parent or widget)
        self._widget = widget
        widget.setAcceptDrops(True)  # noqa: FBT003
        widget.installEventFilter(self)
        shortcut = QShortcut(QKeySequence.StandardKey.Paste, widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.paste)
        self.destroyed.connect(shortcut.deleteLater)
        self.watch()

    def watch(self) -> None:
        """Look after the text fields too: they would take the name of a file for text."""
        for edit in self._widget.findChildren(QLineEdit):
            edit.installEventFilter(self)
        for paragraph in self._widget.findChildren(QPlainTextEdit):
            paragraph.installEventFilter(self)
            paragraph.viewport().installEventFilter(self)

    def paste(self) -> bool:
        """Take what is in the clipboard, where it is files or a picture; say whether it was."""
        return self._take(QGuiApplication.clipboard().mimeData())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what concerns files; everything else goes on."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            return self._on_drop(event)
        if isinstance(event, QDragEnterEvent | QDragMoveEvent) and event.type() in {
            QEvent.Type.DragEnter,
            QEvent.Type.DragMove,
        }:
            is_ours = _holds(event.mimeData())
            if is_ours:
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
            self.hovered.emit(is_ours)
            return is_ours
        if event.type() == QEvent.Type.DragLeave:
            self.hovered.emit(False)  # noqa: FBT003
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return event.matches(QKeySequence.StandardKey.Paste) and self.paste()
        return super().eventFilter(watched, event)

    def _on_drop(self, event: QDropEvent) -> bool:
        self.hovered.emit(False)  # noqa: FBT003
        if not self._take(event.mimeData()):
            return False
        event.setDropAction(Qt.DropAction.CopyAction)  # whoever gave it away keeps it
        event.accept()
        return True

    def _take(self, mime: QMimeData) -> bool:
        paths = _files(mime)
        if paths:
            self.files.emit(paths)
            return True
        if not _is_picture(mime):
            return False
        image = QImage(mime.imageData())
        if image.isNull():
            return False
        self.picture.emit(image)
        return True


def _files(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _is_picture(mime: QMimeData) -> bool:
    # Spreadsheets offer a picture of the cells beside their text: the text is meant
    return mime.hasImage() and not mime.hasText()


def _holds(mime: QMimeData) -> bool:
    return bool(_files(mime)) or _is_picture(mime)
