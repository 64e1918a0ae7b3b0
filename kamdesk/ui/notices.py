"""What the window says by itself: banners for trouble, the list of shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMessageBox, QVBoxLayout, QWidget

from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, card, row


class Notices(QObject):
    """Speaks for one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._banners = self.banners()

    def banners(self) -> QVBoxLayout:
        """Return an empty place for banners, which are shown there from now on."""
        self._banners = QVBoxLayout()
        self._banners.setSpacing(theme.SMALL)
        return self._banners

    def tell(self, error: Exception) -> None:
        """Show what is wrong in a banner; work goes on."""
        words = speech.words(error)
        if self._shown(words) is not None:
            return
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        content = row(label)
        banner = card(content, margin=10, look="banner")
        banner.setProperty("words", words)
        content.addWidget(button(self.tr("Close"), banner.deleteLater))
        content.setStretch(0, 1)
        self._banners.addWidget(banner)

    def take_back(self, error: Exception) -> None:
        """Remove the banner that says this: it is over."""
        banner = self._shown(speech.words(error))
        if banner is not None:
            banner.deleteLater()

    def _shown(self, words: str) -> QWidget | None:
        for at in range(self._banners.count()):
            item = self._banners.itemAt(at)
            banner = item.widget() if item is not None else None
            if banner is not None and banner.property("words") == words:
                return banner
        return None

    def show_shortcuts(self, actions: Sequence[QAction]) -> None:
        """Show every shortcut there is."""
        lines = [
            f"{one.shortcut().toString()}\t{one.text()}"
            for one in actions
            if not one.shortcut().isEmpty()
        ]
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Shortcuts"))
        box.setText("\n".join(lines))
        box.open()
