"""What waits of attachments, on the page of changes: how much, and why; and a way to send them all the same."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame

from kamdesk.db.queries.attachments import unsent
from kamdesk.domain.attachments import Cabinet, Content
from kamdesk.domain.changes import Changes
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, column, fill, fixed, row, text

Waiting = list[tuple[str, Content]]


class AttachmentsCard(QFrame):
    """Shown while files of this computer are not at head office yet."""

    _told = Signal()

    def __init__(self, desk: Desk, cabinet: Cabinet) -> None:
        super().__init__()
        self.desk, self._cabinet = desk, cabinet
        self._waiting: Waiting = []
        self._asked: frozenset[str] = frozenset()
        self._moving: frozenset[str] = frozenset()
        self.setProperty("look", "card")
        self.count = fixed(text("", "muted"))
        self.why = fixed(text("", "muted", wrap=True))
        self.send = button(self.tr("Send them all the same"), self._send, image="cloud-upload")
        title = fixed(text(self.tr("Attachments on their way"), "heading"))
        self._send_row = row(None, self.send)
        fill(self, column(row(title, self.count, None), self.why, self._send_row), margin=16)
        self.hide()
        self._told.connect(self._on_moved, Qt.ConnectionType.QueuedConnection)
        unwatch = cabinet.watch(self._told.emit)
        self.destroyed.connect(lambda _=None: unwatch())
        desk.bus.changed.connect(self._on_changed)
        self.refresh()

    def refresh(self) -> None:
        """Ask which files wait: those that are here, not those of colleagues."""
        cabinet = self._cabinet

        def read(reader: Any) -> Waiting:
            return [(name, content) for name, content in unsent(reader) if cabinet.holds(content)]

        self.desk.tasks.read(self, read, self._show, key="waiting")

    def _on_changed(self, changes: Changes) -> None:
        if changes.concerns("attachment"):
            self.refresh()

    @Slot()
    def _on_moved(self) -> None:
        moving = frozenset(self._cabinet.moving())
        if moving != self._moving:
            self._moving = moving
            self.refresh()
        else:
            self._show(self._waiting)

    def _show(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self.setVisible(bool(waiting))
        moving = self._cabinet.moving()
        names = {name for name, _ in waiting}
        left = sum(content.size for _, content in waiting)
        left -= sum(one.done for name, one in moving.items() if name in names and one.up)
        told = self.tr("{n}, {size} left")
        self.count.setText(
            told.format(n=speech.number(len(waiting)), size=speech.size(max(0, left)))
        )
        held = names - self._asked
        is_held = self._cabinet.is_metered and bool(held)
        self.why.setText(
            self.tr(
                "This connection costs by volume, so files wait for another one. Records are sent as always."
            )
            if is_held
            else self.tr("They are sent in pieces, after your records.")
        )
        self.send.setVisible(is_held)

    def _send(self) -> None:
        self._asked = frozenset(name for name, _ in self._waiting)
        self._cabinet.send_anyway(self._asked)
        self._show(self._waiting)
