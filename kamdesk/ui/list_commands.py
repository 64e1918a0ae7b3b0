"""What the menus do with the screen that is shown: search and sort it, write or print its list, bring records in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from kamdesk.ui.desk import Screen
    from kamdesk.ui.screens.import_page import Imports
    from kamdesk.ui.window import MainWindow


class ListCommands(QObject):
    """Every command waits until the store is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def _with_screen(self, act: Callable[[Screen], object]) -> None:
        self._window.when_ready(lambda: act(self._window.shown_screen()))

    def search(self) -> None:
        """Go to what the screen is searched with."""
        self._with_screen(lambda screen: screen.search())

    def sort(self) -> None:
        """Offer what the list can be sorted by."""
        self._with_screen(lambda screen: screen.sort())

    def export(self) -> None:
        """Ask where the list is to be written."""
        self._with_screen(self._export)

    def print(self) -> None:
        """Ask where the list is to be printed."""
        self._with_screen(self._print)

    def import_file(self) -> None:
        """Ask for a file whose records are to be brought in."""
        self._in_imports(lambda imports: imports.choose_file())

    def import_pasted(self) -> None:
        """Look at the rows that were copied from a spreadsheet, to bring them in."""
        self._in_imports(lambda imports: imports.look_at_pasted())

    def _export(self, screen: Screen) -> None:
        from kamdesk.ui.kit.exporting import ExportDialog

        export = screen.export()
        if export is None:
            self._window.strip.say(self.tr("There is no list here to export"))
            return
        ExportDialog(self._window.desk, self._window, export).open()

    def _print(self, screen: Screen) -> None:
        from kamdesk.ui.kit.printing import PrintList

        export = screen.export()
        if export is None:
            self._window.strip.say(self.tr("There is no list here to print"))
            return
        PrintList(self._window.desk, self._window, export).ask()

    def _in_imports(self, act: Callable[[Imports], object]) -> None:
        def act_there() -> None:
            from kamdesk.ui.screens.import_page import Imports

            self._window.show_screen("imports", "")  # again: one may have gone elsewhere while it opened
            screen = self._window.screens["imports"]
            assert isinstance(screen, Imports)
            act(screen)

        self._window.show_screen("imports", "")
        self._window.when_ready(act_there)
