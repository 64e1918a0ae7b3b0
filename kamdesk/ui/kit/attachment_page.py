"""The attachments of a record on its page: what is added there is saved at once, what is taken away can come back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kamdesk.db.queries.attachments import AttachmentRow, attachments_of
from kamdesk.domain.attachments import may_remove
from kamdesk.domain.changes import Changes
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.values import dataclass
from kamdesk.services.attachments import NewAttachment, attach, bring_back, remove
from kamdesk.ui import discreet
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_list import AttachmentList, item_of
from kamdesk.ui.kit.attachment_tile import Item
from kamdesk.ui.kit.keeping import Keeping, Kept
from kamdesk.ui.kit.taking import Taker


class PageAttachments:
    """Makes the lists of one screen. What is being kept when a page is painted anew is saved all the same."""

    def __init__(self, desk: Desk, screen: QObject, kind: str) -> None:
        self._desk, self._kind = desk, kind
        cabinet = desk.attachments
        self._keeping = None if cabinet is None else _Saving(desk, screen, kind)

    def list_of(
        self, record_id: str, *, owner_id: str, state: str, earlier: Sequence[str] = ()
    ) -> tuple[QWidget, ...]:
        """Return the list of one record and of earlier versions of it; nothing where files cannot be kept."""
        if self._keeping is None:
            return ()
        one = _Of(record_id, owner_id, state, (record_id, *earlier))
        return (_Place(self._desk, self._keeping, one),)


@dataclass(frozen=True, slots=True)
class _Of:
    """Whose attachments: a record with its owner and state, and all records whose attachments are shown with it."""

    record_id: str
    owner_id: str
    state: str
    parents: tuple[str, ...]


class _Saving(Keeping):
    """Saves each file with its record as soon as it is kept."""

    def __init__(self, desk: Desk, screen: QObject, kind: str) -> None:
        assert desk.attachments is not None
        super().__init__(desk.tasks, desk.attachments, screen)
        self.kind = kind
        self._desk = desk
        self.kept.connect(self._save)

    @Slot(object)
    def _save(self, kept: Kept) -> None:
        new = NewAttachment(new_id(), self.kind, kept.record_id, kept.name, kept.content)
        self._desk.tasks.write(
            self._desk.bus, lambda work: attach(work, new),
            lambda _: self._desk.say(self.tr("Saved on this computer")), failed=self._desk.fail,
        )  # fmt: skip


class _Place(QWidget):
    """Where the list of a record is once it is known what is in it: painting a page does not wait for it.

    Nothing is made where there is nothing and nothing can be added.
    """

    def __init__(self, desk: Desk, keeping: _Saving, one: _Of) -> None:
        super().__init__()
        self._desk, self._keeping, self._one = desk, keeping, one
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        desk.bus.changed.connect(self._on_changed)
        self._list: RecordAttachments | None = None
        self._read()

    def _on_changed(self, changes: Changes) -> None:
        if changes.concerns("attachment"):
            self._read()

    def _read(self) -> None:
        kind, parents = self._keeping.kind, self._one.parents
        self._desk.tasks.read(
            self, lambda reader: attachments_of(reader, kind, parents), self._on_read, key="rows"
        )

    def _on_read(self, rows: list[AttachmentRow]) -> None:
        if self._list is None and (rows or self._one.owner_id == self._desk.profile.user_id):
            self._list = RecordAttachments(self._desk, self._keeping, self._one)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._list)
            self._list.take_from(_page_of(self))
        if self._list is not None:
            self._list.show_rows(rows)


def _page_of(widget: QWidget) -> QWidget:
    """Return the card on which a widget is."""
    above: QWidget | None = widget
    while above is not None and above.property("look") != "card":
        above = above.parentWidget()
    return above or widget


class RecordAttachments(AttachmentList):
    """Shows what is attached to a record."""

    def __init__(self, desk: Desk, keeping: _Saving, one: _Of) -> None:
        assert desk.attachments is not None
        self._actor = Actor(desk.profile.user_id, Role(desk.profile.role), desk.profile.name)
        self._kind, self._one, self._record_id = keeping.kind, one, one.record_id
        super().__init__(desk, desk.attachments, keeping)
        self.setProperty("look", "box")

    def take_from(self, pane: QWidget) -> None:
        """Attach what is dropped anywhere on the page of the record, or pasted there."""
        if self.may_add():
            taker = Taker(pane, self)
            taker.files.connect(self.attach_files)
            taker.picture.connect(self.attach_picture)
            taker.hovered.connect(self.on_hovered)

    def may_add(self) -> bool:
        """Say whether this is the user's own record."""
        return self._one.owner_id == self._actor.user_id

    def is_for_here(self, kept: Kept) -> bool:
        """Say whether a content was kept for this record: another page may be shown by then."""
        return kept.record_id == self._record_id

    def keep_files(self, paths: Sequence[Path]) -> None:
        """Keep files for this record, whatever is shown by then."""
        self.keeping.keep_files(paths, record_id=self._record_id)

    def keep_picture(self, name: str, image: QImage) -> None:
        """Keep a picture for this record."""
        self.keeping.keep_picture(name, image, record_id=self._record_id)

    def add(self, kept: Kept) -> None:
        """Nothing: it is saved by who kept it, and shown when it is."""

    def take_away(self, item: Item) -> None:
        """Delete it, and offer it back."""
        kind, record_id = self._kind, self._record_id
        self.desk.tasks.write(
            self.desk.bus, lambda work: remove(work, item.id),
            lambda _: self.desk.offer_undo(
                self.tr("{name} was removed").format(name=discreet.named(item.name)),
                lambda work: bring_back(work, item.id, kind, record_id, item.name, item.content),
            ),
            failed=self.desk.fail,
        )  # fmt: skip

    def show_rows(self, rows: list[AttachmentRow]) -> None:
        """Show what was read."""
        self.show_items([item_of(one, may_remove=self._may_remove(one)) for one in rows])

    def _may_remove(self, one: AttachmentRow) -> bool:
        is_own = one.parent_id == self._record_id
        return is_own and may_remove(
            owner_id=one.owner_id, state=self._one.state, actor=self._actor
        )
