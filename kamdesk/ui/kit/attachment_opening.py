"""What happens when somebody opens an attachment. Nothing is ever started; what is not what it says is not opened.

A picture is shown inside the program and never written in the clear. Another program needs a file: papers and office
files without macros are written into a private folder when the user says so, and removed when the profile closes.
Everything else can only be saved where the user wants it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QMessageBox, QWidget

from kamdesk.domain import filenames
from kamdesk.domain.attachments import Cabinet, check_opened
from kamdesk.domain.errors import KamError, MachineError
from kamdesk.ui import discreet, speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_tile import Item
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.picture import PictureDialog, decode


def show_elsewhere(path: Path) -> bool:
    """Let the program that the system has for such files show this one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class Opening(QObject):
    """Opens and saves attachments for one list. `tell` says something in the list's own place."""

    def __init__(
        self, desk: Desk, cabinet: Cabinet, parent: QWidget, tell: Callable[[str], None]
    ) -> None:
        super().__init__(parent)
        self._desk, self._cabinet, self._widget, self._tell = desk, cabinet, parent, tell
        self._then: Callable[[Item], None] | None = None
        self._waits_for = ""
        self.dialog: QWidget | None = None

    # ---- what is not here

    def is_waited_for(self, item: Item) -> bool:
        """Say whether this is to be opened or saved as soon as it is here."""
        return self._waits_for == item.id

    def give_up(self) -> None:
        """Open nothing when it comes."""
        self._waits_for, self._then = "", None

    def on_here(self, item: Item) -> None:
        """Go on with what was wanted, now that the bytes are here."""
        if self.is_waited_for(item) and self._then is not None:
            then = self._then
            self.give_up()
            self._tell("")
            then(item)

    def _fetch(self, item: Item, then: Callable[[Item], None]) -> None:
        self._waits_for, self._then = item.id, then
        self._cabinet.fetch(item.id)
        self._tell(
            self.tr("{name} is fetched as soon as head office can be reached.").format(
                name=discreet.named(filenames.safe_name(item.name))
            )
        )

    # ---- opening

    def open(self, item: Item) -> None:
        """Show a picture, or ask before another program gets a copy."""
        cabinet, name = self._cabinet, filenames.safe_name(item.name)
        self._tell("")

        def read() -> bytes | QImage | None:
            if not cabinet.holds(item.content):
                return None
            try:
                data = cabinet.read(item.content)
            except MachineError:
                if cabinet.holds(item.content):
                    raise
                return None  # it was damaged and put aside: it is fetched again
            check_opened(name, data)
            return decode(name, data) if filenames.is_picture(name) else data

        def done(found: bytes | QImage | None) -> None:
            if found is None:
                self._fetch(item, self.open)
            elif isinstance(found, QImage):
                self._show_picture(item, name, found)
            else:
                self._ask(item, name, found)

        self._desk.tasks.run(self, read, done, key="open", failed=self._fail)

    def _show_picture(self, item: Item, name: str, image: QImage) -> None:
        shown = PictureDialog(self._widget, name, image, lambda: self.save(item))
        self.dialog = shown
        shown.open()

    def _ask(self, item: Item, name: str, data: bytes) -> None:
        box = QMessageBox(self._widget)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        shown = discreet.named(name)
        box.setWindowTitle(self.tr("Open {name}").format(name=shown))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            self.tr("Another program needs a copy of {name} that is not encrypted.").format(
                name=shown
            )
        )
        box.setInformativeText(
            self.tr(
                "The copy is in a private folder and can only be read. It is removed when KAMDesk closes, "
                "at the latest when it starts again."
            )
        )
        copy = box.addButton(self.tr("Open a copy"), QMessageBox.ButtonRole.AcceptRole)
        save = box.addButton(self.tr("Save as…"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        copy.clicked.connect(lambda: self._open_copy(name, data))
        save.clicked.connect(lambda: self.save(item))
        self.dialog = box
        box.open()

    def _open_copy(self, name: str, data: bytes) -> None:
        cabinet = self._cabinet
        self._desk.tasks.run(
            self, lambda: cabinet.open_copy(name, data), self._on_copied,
            failed=self._fail,
        )  # fmt: skip

    def _on_copied(self, path: Path) -> None:
        if not show_elsewhere(path):
            self._tell(
                self.tr(
                    "This computer has no program for {name}. Save it where you want it."
                ).format(name=discreet.named(path.name))
            )

    # ---- saving elsewhere

    def save(self, item: Item) -> None:
        """Ask where a copy in the clear is to be, and write it there."""
        self._tell("")
        cabinet = self._cabinet
        self._desk.tasks.run(
            self, lambda: cabinet.holds(item.content),
            lambda is_here: self._ask_where(item) if is_here else self._fetch(item, self.save),
            key="open",
        )  # fmt: skip

    def _ask_where(self, item: Item) -> None:
        name = filenames.safe_name(item.name)
        dialog = FileDialog(self._widget, self.tr("Save a copy"), suffix="")
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: self.write(item, Path(chosen)))
        self.dialog = dialog
        dialog.open()

    def write(self, item: Item, path: Path) -> None:
        """Write a copy there, off the GUI thread."""
        cabinet = self._cabinet
        told = self.tr("{name} is saved, not encrypted").format(name=discreet.named(path.name))
        self._desk.tasks.run(
            self, lambda: cabinet.save_copy(item.content, path), lambda _: self._desk.say(told),
            failed=self._fail,
        )  # fmt: skip

    def _fail(self, error: Exception) -> None:
        if isinstance(error, KamError):  # everything else is told by the program
            self._tell(speech.words(error))
