"""The attachments of a form: what is added and taken away stands in its draft, and is saved with its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.attachments import AttachmentRow, attachments_of
from kamdesk.domain.attachments import Cabinet, Content
from kamdesk.domain.changes import Changes
from kamdesk.domain.ids import is_id, new_id
from kamdesk.services.attachments import NewAttachment, change
from kamdesk.ui import discreet
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_list import AttachmentList, item_of
from kamdesk.ui.kit.attachment_tile import Item
from kamdesk.ui.kit.bits import button, row, text
from kamdesk.ui.kit.keeping import Keeping, Kept
from kamdesk.ui.kit.taking import Taker


class FormAttachments(AttachmentList):
    """Holds what is to be attached. `changed`: something was added or taken away by the user."""

    changed = Signal()

    def __init__(self, desk: Desk, cabinet: Cabinet, form: QWidget, kind: str) -> None:
        keeping = Keeping(desk.tasks, cabinet, form)
        super().__init__(desk, cabinet, keeping)
        self._kind = kind
        self._rows: list[AttachmentRow] = []
        self._added: list[Item] = []
        self._gone: list[str] = []
        self._own = ""
        self._parents: tuple[str, ...] = ()
        self._undo: Callable[[], object] = lambda: None
        self._then: tuple[Callable[[], object], Callable[[], object]] | None = None
        self.taker = Taker(form)
        self.taker.files.connect(self.attach_files)
        self.taker.picture.connect(self.attach_picture)
        self.taker.hovered.connect(self.on_hovered)
        self.removed = text("", "muted")
        self.undo = button(self.tr("Undo"), self._on_undo, look="quiet")
        self._undo_row = QWidget()
        self._undo_row.setLayout(row(self.removed, self.undo, None))
        self._undo_row.hide()
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._undo_row)
        keeping.ended.connect(self._on_ended)
        desk.bus.changed.connect(self._on_changed)

    # ---- what is stored already

    def follow(self, *, own: str, others: Sequence[str] = ()) -> None:
        """Show what is attached to the form's own record, which can be taken away, and to earlier versions of it."""
        self._own = own
        self._parents = tuple(filter(None, (own, *others)))
        if self._parents:
            self._read()

    def _read(self) -> None:
        kind, parents = self._kind, self._parents
        self.desk.tasks.read(
            self, lambda reader: attachments_of(reader, kind, parents), self._on_read, key="rows"
        )

    def _on_read(self, rows: list[AttachmentRow]) -> None:
        self._rows = rows
        self._show()

    def _on_changed(self, changes: Changes) -> None:
        if self._parents and changes.concerns("attachment"):
            self._read()

    def _show(self) -> None:
        mine = self.desk.profile.user_id
        stored = [
            item_of(one, may_remove=one.parent_id == self._own and one.owner_id == mine)
            for one in self._rows
            if one.id not in self._gone
        ]
        names = {one.id for one in stored}
        self.show_items([*stored, *(one for one in self._added if one.id not in names)])

    # ---- what the user changes

    def add(self, kept: Kept) -> None:
        """Hold it until the form is saved; the draft names it from now on."""
        self._added.append(Item(new_id(), kept.name, kept.content))
        self._show()
        self.changed.emit()

    def take_away(self, item: Item) -> None:
        """Leave it out when the form is saved, and offer it back."""
        at = next((n for n, one in enumerate(self._added) if one.id == item.id), -1)
        order = [one.id for one in self.items].index(item.id)

        def undo() -> None:
            if at >= 0:
                self._added.insert(at, item)
            else:
                self._gone.remove(item.id)

        if at >= 0:
            del self._added[at]
        else:
            self._gone.append(item.id)
        self._undo = undo
        self.removed.setText(self.tr("{name} was removed").format(name=discreet.named(item.name)))
        self._undo_row.show()
        self._show()
        if self.items:
            self.tiles[self.items[min(order, len(self.items) - 1)].id].setFocus()
        else:
            self.attach.setFocus()
        self.changed.emit()

    def _on_undo(self) -> None:
        undo, self._undo = self._undo, lambda: None
        undo()
        self._undo_row.hide()
        self._show()
        self.attach.setFocus()
        self.changed.emit()

    # ---- the draft

    def values(self) -> dict[str, Any]:
        """Return what was changed, as JSON values; its form is known to `queries.attachments.known`."""
        added = [
            {"id": one.id, "name": one.name, "sha256": one.content.sha256, "size": one.content.size}
            for one in self._added
        ]
        return {"added": added, "gone": list(self._gone)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on with what a draft kept."""
        self._added = [
            Item(one["id"], one["name"], Content(one["sha256"], one["size"]))
            for one in kept.get("added") or []
        ]
        self._gone = list(kept.get("gone") or [])
        self._show()

    def _on_looked(self, here: dict[str, bool]) -> None:
        """Let go of what a draft names and this computer does not have any more: nobody could ever open it."""
        lost = [one for one in self._added if here.get(one.id) is False]
        if not lost:
            super()._on_looked(here)
            return
        self._added = [one for one in self._added if one not in lost]
        self._show()
        told = self.tr("{name} is no longer on this computer. Attach it again.")
        self.tell(told.format(name=discreet.named(lost[0].name)))

    # ---- saving

    def saving(self, parent_id: str, save: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return what saves the changes, in the transaction in which `save` saves the record itself.

        Where `save` gives an id, the record is called that from now on: what was deleted meanwhile is a new one.
        """
        kind, files = self._kind, tuple((one.id, one.name, one.content) for one in self._added)
        gone = tuple(self._gone)

        def run(work: Any) -> None:
            # What is taken away goes first: `save` may hand the record in, and that keeps what it has
            change(work, added=(), gone=gone)
            saved = save(work)
            parent = saved if isinstance(saved, str) and is_id(saved) else parent_id
            added = [NewAttachment(one, kind, parent, name, what) for one, name, what in files]
            change(work, added=added, gone=())

        return run

    def when_kept(self, then: Callable[[], object], otherwise: Callable[[], object]) -> None:
        """Do one or the other when every file is kept, or one could not be."""
        self._then = (then, otherwise)

    def _on_ended(self, is_whole: bool) -> None:  # noqa: FBT001  # a signal calls it
        waiting, self._then = self._then, None
        if waiting is not None:
            waiting[0 if is_whole else 1]()
