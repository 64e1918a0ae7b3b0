"""What every screen is given, and what a screen is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from kamdesk.domain.changes import Changes
from kamdesk.domain.connection import Connection, Profile
from kamdesk.domain.rescue import Upkeep
from kamdesk.domain.values import dataclass
from kamdesk.ui.changes import ChangeBus
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.tasks import Tasks

if TYPE_CHECKING:
    from kamdesk.domain.attachments import Cabinet


@dataclass(frozen=True)
class Desk:
    """The program around a screen: who works, how to ask the store, how to speak, where to go.

    `say` shows a short confirmation in the status strip; `fail` turns an exception into words in the right
    place; `show` opens a screen by name, at a record, `show_work_of` with the work of one colleague;
    `record_visit`, `request_promotion` and `draft_contract` open their form with what is known; `offer_undo` says
    what was done and can take it back with a write; `import_file` asks for a file to import, `import_pasted`
    takes the rows that were copied; `prefer` and `preference` are the user's settings; `prices` is
    the lock on prices; `title_of` gives what the rail calls a screen; `upkeep` cares for the store; `attachments` keeps
    what is in files; `copy_secret`
    copies what empties itself from the clipboard; `go_back` closes the profile and shows its
    backups. Screens are made inside `home`.
    """

    profile: Profile
    tasks: Tasks
    bus: ChangeBus
    connection: Connection
    prices: PriceLock
    say: Callable[[str], None]
    fail: Callable[[Exception], None]
    show: Callable[[str, str], None]
    show_work_of: Callable[[str, str], None]
    record_visit: Callable[..., None]
    request_promotion: Callable[..., None]
    draft_contract: Callable[..., None]
    offer_undo: Callable[[str, Callable[[Any], object]], None]
    import_file: Callable[[], None]
    import_pasted: Callable[[], None]
    prefer: Callable[[str, str], None]
    preference: Callable[[str], str]
    title_of: Callable[[str], str]
    home: QWidget
    upkeep: Upkeep | None = None
    attachments: Cabinet | None = None
    copy_secret: Callable[[str], None] = lambda _: None
    go_back: Callable[[], None] = lambda: None
    replace_key: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Export:
    """A list that can be exported: its title, its columns (`kit.lists.Column`), how all of it is read."""

    title: str
    columns: Sequence[Any]
    read: Callable[[Any, int, int], list[Any]]


class Screen(QWidget):
    """What a destination of the rail opens. Subclasses set `name` and `kinds`, and write `refresh`.

    A hidden screen is only marked stale; it reads again when it is shown.
    """

    name = ""
    counted = Signal(str)
    """What stands beside the title: how many there are."""
    kinds: frozenset[str] = frozenset()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.home)
        self.desk = desk
        self._stale = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        desk.bus.changed.connect(self._on_changed)

    def title(self) -> str:
        """Return what the rail calls this screen."""
        return self.desk.title_of(self.name)

    def refresh(self) -> None:
        """Ask for what is shown, without losing selection, scroll position or what is typed."""
        raise NotImplementedError

    def open_record(self, record_id: str) -> None:
        """Go to one record of this screen."""

    def show_work_of(self, owner_id: str) -> None:
        """Show the work of one colleague, where the screen can."""

    def search(self) -> None:
        """Put the cursor into the screen's search field, where it has one (Ctrl+F)."""

    def sort(self) -> None:
        """Offer what the list of this screen can be sorted by, where it has one."""

    def export(self) -> Export | None:
        """Return the list that is shown, for a file; None where there is none."""
        return None

    def memory(self) -> dict[str, str]:
        """Return what the screen is at, for the one that takes its place in another language."""
        return {}

    def recall(self, memory: dict[str, str]) -> None:
        """Go on where another one was."""

    def concerns(self, changes: Changes) -> bool:
        """Say whether what changed is shown here."""
        return changes.concerns(*self.kinds)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    def _on_changed(self, changes: Changes) -> None:
        if not self.concerns(changes):
            return
        if self.isVisible():
            self.refresh()
        else:
            self._stale = True
