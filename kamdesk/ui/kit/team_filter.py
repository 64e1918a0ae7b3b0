"""Whose work a list shows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox

from kamdesk.db.queries.colleagues import Member, team
from kamdesk.domain.roles import Role
from kamdesk.ui.desk import Desk


class TeamFilter(QComboBox):
    """Everyone, or one of those who have work on this computer. Hidden for a rep, who sees his own area."""

    def __init__(self, desk: Desk, chosen: Callable[[], object]) -> None:
        super().__init__()
        self._desk = desk
        self._members: list[Member] = []
        self._wanted = ""
        self.setAccessibleName(self.tr("Whose"))
        if desk.profile.role == Role.REP:
            self.hide()  # shown, before it has a place, it would be a window of its own for a moment
        self.addItem(self.tr("Everyone"), "")
        self.currentIndexChanged.connect(lambda _: chosen())

    @property
    def owner_id(self) -> str:
        """The id of the chosen colleague, or "" for everyone."""
        return str(self.currentData() or "")

    def choose(self, owner_id: str) -> None:
        """Choose a colleague, now or when the names have been read."""
        self._wanted = owner_id
        self.setCurrentIndex(max(0, self.findData(owner_id)))

    def refresh(self) -> None:
        """Read the names again; what is chosen stays chosen."""
        if self._desk.profile.role != Role.REP:
            self._desk.tasks.read(self, team, self._show)

    def _show(self, members: list[Member]) -> None:
        if members == self._members:
            return
        self._members = members
        at = self.owner_id
        with QSignalBlocker(self):
            while self.count() > 1:
                self.removeItem(1)
            for one in members:
                mine = one.id == self._desk.profile.user_id
                self.addItem(self.tr("Mine") if mine else one.name, one.id)
            self.setCurrentIndex(max(0, self.findData(at)))
        if self._wanted and self._wanted != at:
            self.setCurrentIndex(max(0, self.findData(self._wanted)))
        self._wanted = ""
