"""The rail at the left: who works here, and where one can go."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QPushButton

from kamdesk.domain.connection import Profile
from kamdesk.domain.roles import Role
from kamdesk.ui import speech
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import column, text
from kamdesk.ui.screens import DESTINATIONS, GROUPS, Destination

WIDTH = 208


class Rail(QFrame):
    """Calls `go(name)` for the destination that is clicked."""

    def __init__(self, go: Callable[[str], object]) -> None:
        super().__init__()
        self.setProperty("look", "rail")
        self.setFixedWidth(WIDTH)
        self._go = go
        self._buttons: dict[str, QPushButton] = {}
        self._about = text(" ", "muted", wrap=True)
        parts: list[Any] = [text("KAMDesk", "heading"), self._about, 8]
        for title, group in GROUPS:
            parts += [6, text(speech.translate("rail", title).upper(), "section")]
            parts += [self._destination(one) for one in group]
        layout = column(*parts, None, gap=2)
        layout.setContentsMargins(10, 14, 10, 14)
        self.setLayout(layout)
        self.shown: dict[str, Destination] = {}
        """Where one can go, in the order of the rail."""
        self._show_for(set(Role))  # until it is known who it is: what is for everybody

    def tell_about(self, profile: Profile) -> None:
        """Say who works here."""
        self._about.setText(" · ".join(filter(None, (profile.territory, profile.name))))
        self._show_for({profile.role})

    def _show_for(self, roles: Set[str]) -> None:
        self.shown = {one.name: one for one in DESTINATIONS.values() if roles <= one.roles}
        for name, made in self._buttons.items():
            made.setVisible(name in self.shown)
        for number, (name, one) in enumerate(self.shown.items(), start=1):
            title = speech.translate("rail", one.label)
            self._buttons[name].setToolTip(f"{title} (Alt+{number})")

    def mark(self, name: str) -> None:
        """Show where the window is."""
        for other, made in self._buttons.items():
            made.setChecked(other == name)

    def _destination(self, one: Destination) -> QPushButton:
        title = speech.translate("rail", one.label)
        made = QPushButton(f" {title}")
        made.setProperty("look", "destination")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setIcon(icon(one.image))
        made.setIconSize(QSize(16, 16))
        made.setAccessibleName(title)
        made.clicked.connect(lambda: self._go(one.name))
        self._buttons[one.name] = made
        return made
