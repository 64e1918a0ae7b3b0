"""The attachments of one record: what there is, where it is, and how more is added and taken away.

What is shown of a place is what is known: a tile says "At head office" when head office said so in the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from kamdesk.domain import clock
from kamdesk.domain.attachments import MOST, Cabinet, check_count
from kamdesk.domain.errors import UserError
from kamdesk.domain.filenames import safe_name
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_opening import Opening
from kamdesk.ui.kit.attachment_tile import NARROWEST, Item, Place, Tile, place_of
from kamdesk.ui.kit.bits import button, column, fill, fixed, row, text
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.keeping import Keeping, Kept

KEYS = "Ctrl+Shift+A"


class AttachmentList(QFrame):
    """Shows items. Subclasses say what becomes of a new one (`add`) and of one that is taken away (`take_away`)."""

    _told = Signal()

    def __init__(self, desk: Desk, cabinet: Cabinet, keeping: Keeping) -> None:
        super().__init__()
        self.desk, self.cabinet, self.keeping = desk, cabinet, keeping
        self.setProperty("look", "card")
        self.items: tuple[Item, ...] = ()
        self.tiles: dict[str, Tile] = {}
        self._here: dict[str, bool] = {}
        self._moving: frozenset[str] = frozenset()
        self._columns = 0
        self._build()
        self.opening = Opening(desk, cabinet, self, self.tell)
        self._told.connect(self._on_moved, Qt.ConnectionType.QueuedConnection)
        unwatch = cabinet.watch(self._told.emit)
        self.destroyed.connect(lambda _=None: unwatch())
        keeping.kept.connect(self._on_kept)
        keeping.failed.connect(self._on_failed)
        keeping.progressed.connect(self._show_progress)

    # ---- for subclasses

    def add(self, kept: Kept) -> None:
        """Take in what is kept on this computer now."""
        raise NotImplementedError

    def take_away(self, item: Item) -> None:
        """Take an attachment away, in a way that can be undone."""
        raise NotImplementedError

    def keep_files(self, paths: Sequence[Path]) -> None:
        """Have files kept."""
        self.keeping.keep_files(paths)

    def keep_picture(self, name: str, image: QImage) -> None:
        """Have a picture kept."""
        self.keeping.keep_picture(name, image)

    def may_add(self) -> bool:
        """Say whether the user may attach something here."""
        return True

    def is_for_here(self, kept: Kept) -> bool:  # noqa: ARG002  # for those that share a Keeping
        """Say whether a content was kept for what is shown here."""
        return True

    # ---- layout

    def _build(self) -> None:
        self.count = fixed(text("", "caption"))
        self.hint = fixed(text(self.tr("Drop files here, or paste a picture"), "caption"))
        self.busy = fixed(text("", "caption"))
        self.stop = button(self.tr("Cancel"), self.keeping.stop, look="quiet")
        self.attach = button(self.tr("Attach…"), self.choose, look="quiet", image="paperclip")
        self.attach.setShortcut(QKeySequence(KEYS))
        self.attach.setToolTip(f"{self.tr('Attach…')} ({KEYS})")
        self.attach.setAccessibleDescription(
            self.tr("Files can be dropped on this form, and pictures and files pasted into it.")
        )
        self.message = text("", "error", wrap=True)
        self.message.hide()
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.SMALL)
        self._holder = QWidget()
        self._holder.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        title = fixed(text(self.tr("Attachments"), "label"))
        head = row(title, self.count, None, self.busy, self.stop, self.hint, self.attach)
        fill(self, column(head, self._holder, self.message, gap=6), margin=12)
        self._show_progress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wanted_columns() != self._columns:
            self._arrange()

    def _wanted_columns(self) -> int:
        room = self.width() - 24
        return max(1, min(3, (room + theme.SMALL) // (NARROWEST + theme.SMALL)))

    # ---- what is shown

    def show_items(self, items: Sequence[Item]) -> None:
        """Show these; those that stay keep their place, and the keyboard."""
        self.items = tuple(items)
        names = {item.id for item in items}
        for one in [name for name in self.tiles if name not in names]:
            self._drop(self.tiles.pop(one))
        for item in items:
            shown = self.tiles.get(item.id)
            if shown is None or shown.item != item:
                had_focus = shown is not None and shown.hasFocus()
                if shown is not None:
                    self._drop(shown)
                self.tiles[item.id] = self._tile(item)
                if had_focus:
                    self.tiles[item.id].setFocus()
        self._arrange()
        self._show_progress()
        self._look()

    def _tile(self, item: Item) -> Tile:
        made = Tile(item)
        made.open_wanted.connect(self.opening.open)
        made.save_wanted.connect(self.opening.save)
        made.remove_wanted.connect(self.take_away)
        made.leave_wanted.connect(self._on_leave)
        made.step_wanted.connect(self._on_step)
        return made

    def _drop(self, tile: Tile) -> None:
        self._grid.removeWidget(tile)
        tile.hide()
        tile.deleteLater()

    def _arrange(self) -> None:
        self._columns = self._wanted_columns()
        for tile in self.tiles.values():
            self._grid.removeWidget(tile)
        for at in range(4):
            self._grid.setColumnStretch(at, 1 if at < self._columns else 0)
        for at, item in enumerate(self.items):
            self._grid.addWidget(self.tiles[item.id], at // self._columns, at % self._columns)
            self.tiles[item.id].show()
        self._holder.setVisible(bool(self.items))

    def _on_step(self, by: int) -> None:
        order = [item.id for item in self.items]
        focused = next((at for at, name in enumerate(order) if self.tiles[name].hasFocus()), 0)
        self.tiles[order[(focused + by) % len(order)]].setFocus()

    # ---- where the bytes are

    def _look(self) -> None:
        """Ask which contents are here, off the GUI thread, and show it."""
        contents = {item.id: item.content for item in self.items}
        cabinet = self.cabinet

        def look() -> dict[str, bool]:
            return {name: cabinet.holds(content) for name, content in contents.items()}

        self._show_places()
        self.desk.tasks.run(self, look, self._on_looked, key="look", failed=lambda _: None)

    def _on_looked(self, here: dict[str, bool]) -> None:
        self._here = here
        self._show_places()
        for item in self.items:
            if here.get(item.id):
                self.opening.on_here(item)

    @Slot()
    def _on_moved(self) -> None:
        """Show how far it is; look again when one has arrived."""
        moving = frozenset(self.cabinet.moving())
        if moving != self._moving or not moving:
            self._moving = moving
            self._look()
        else:
            self._show_places()

    def _show_places(self) -> None:
        moving = self.cabinet.moving()
        for item in self.items:
            place = place_of(
                item, is_here=self._here.get(item.id), is_wanted=self.cabinet.is_wanted(item.id),
                moving=moving.get(item.id),
            )  # fmt: skip
            problem = self.cabinet.problem(item.id)
            told = speech.problem(problem.lower()) if problem else ""
            tile = self.tiles[item.id]
            tile.show_place(place, moving.get(item.id), told, self._hint(place))
            if problem and self.opening.is_waited_for(item):
                self.opening.give_up()
                self.tell(told)

    def _hint(self, place: Place) -> str:
        if place is Place.AWAY:
            return self.tr("It is fetched from head office when you open or save it.")
        if place is Place.HERE and self.cabinet.is_metered:
            return self.tr("It waits for a connection that does not cost by volume.")
        return ""

    def _on_leave(self, item: Item) -> None:
        self.opening.give_up()
        self.cabinet.leave(item.id)

    # ---- attaching

    def choose(self) -> None:
        """Ask for files."""
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        dialog = FileDialog(self, self.tr("Attach files"), folder=pictures)
        dialog.setFileMode(FileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_chosen)
        dialog.open()
        self.dialog = dialog

    def _on_chosen(self, names: list[str]) -> None:
        self.attach_files([Path(name) for name in names])

    @Slot(object)
    def attach_files(self, paths: list[Path]) -> None:
        """Attach what is in files, as many as there is room for."""
        room = self._room()
        if paths[:room]:
            self.keep_files(paths[:room])
        if len(paths) > room:
            self._say_full()

    @Slot(object)
    def attach_picture(self, image: QImage) -> None:
        """Attach a picture that was in the clipboard."""
        if not self._room():
            self._say_full()
            return
        taken = clock.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
        self.keep_picture(f"{self.tr('Picture')} {taken}.png", image)

    def _room(self) -> int:
        self.tell("")
        return max(0, MOST - len(self.items) - self.keeping.coming) if self.may_add() else 0

    def _say_full(self) -> None:
        try:
            check_count(MOST)
        except UserError as error:
            self.tell(speech.words(error))

    @Slot(object)
    def _on_kept(self, kept: Kept) -> None:
        if not self.is_for_here(kept):
            return
        if any(item.content == kept.content for item in self.items):
            self.tell(self.tr("{name} is attached already.").format(name=discreet.named(kept.name)))
            return
        if not kept.is_true:
            told = self.tr(
                "{name} is not what its name says. It is attached as it is, but nobody can open it from here."
            )
            self.tell(told.format(name=discreet.named(kept.name)))
        self.add(kept)

    @Slot(str, object)
    def _on_failed(self, name: str, error: Exception) -> None:
        self.tell(f"{discreet.named(name)}: {speech.words(error)}")

    @Slot()
    def _show_progress(self) -> None:
        one = self.keeping
        is_busy = one.is_busy
        told = self.tr("Saving {name}, {n} of {count}")
        self.busy.setText(
            told.format(
                name=discreet.named(one.name), n=min(one.done + 1, one.total), count=one.total
            )
            if is_busy
            else ""
        )
        self.stop.setVisible(is_busy)
        self.hint.setVisible(not is_busy and self.may_add())
        self.attach.setVisible(self.may_add())
        self.count.setText(
            self.tr("{n} of {max}").format(n=len(self.items), max=MOST) if self.items else ""
        )

    def on_hovered(self, is_ours: bool) -> None:  # noqa: FBT001  # a signal calls it
        """Show that what is held over the form will be taken."""
        self.setProperty("drop", is_ours)
        self.style().polish(self)

    def tell(self, words: str) -> None:
        """Say something below the attachments."""
        self.message.setText(words)
        self.message.setVisible(bool(words))


def item_of(one: Any, *, may_remove: bool) -> Item:
    """Make an item of a row of the store."""
    return Item(one.id, safe_name(one.name), one.content, one.is_stored, may_remove, one.owner)
