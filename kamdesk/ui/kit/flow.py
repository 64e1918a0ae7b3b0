"""Small parts side by side, in as many lines as the width asks for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kamdesk.ui.kit.bits import row

GAP = 6


class Lines(QWidget):
    """Takes the width that it is given and asks for none; its height follows from what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._parts: list[QWidget] = []
        self._laid: list[int] = []
        self.hide()

    def show_parts(self, parts: Sequence[QWidget]) -> None:
        """Show these in place of those that were shown."""
        self._take_down()
        for old in self._parts:
            old.hide()
            old.deleteLater()
        self._parts = list(parts)
        for part in parts:
            part.setParent(self)
            part.ensurePolished()
        self._lay(self.width())
        self.setVisible(bool(parts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._lay(event.size().width())

    def _lay(self, width: int) -> None:
        counts = self._counts(width)
        if counts == self._laid:
            return
        self._take_down()
        self._laid = counts
        start = 0
        for count in counts:
            self._layout.addLayout(row(*self._parts[start : start + count], None, gap=GAP))
            start += count
        for part in self._parts:
            part.show()

    def _counts(self, width: int) -> list[int]:
        """Return how many parts each line has room for."""
        counts: list[int] = []
        used = 0
        for part in self._parts:
            wide = part.sizeHint().width()
            if counts and used + GAP + wide <= width:
                counts[-1] += 1
                used += GAP + wide
            else:
                counts.append(1)
                used = wide
        return counts

    def _take_down(self) -> None:
        self._laid = []
        while self._layout.count():
            line = self._layout.takeAt(0)
            inner = line.layout() if line is not None else None
            if inner is not None:
                while inner.count():
                    inner.takeAt(0)
                inner.deleteLater()
