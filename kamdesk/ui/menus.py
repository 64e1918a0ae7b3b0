"""The menus of the window and their shortcuts; what can be done by its name, for the finder too."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from kamdesk.ui import speech
from kamdesk.ui.icons import icon

if TYPE_CHECKING:
    from kamdesk.ui.finder import Action
    from kamdesk.ui.window import MainWindow


class Menus(QObject):
    """Filled anew when the language changes, and when it becomes known who works here."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.actions: list[QAction] = []
        self.named: list[Action] = []
        """Words, picture and what is done."""

    def fill(
        self, *, may_draft: bool, has_prices: bool, reconcile: Callable[[], object], lock: Callable[[], object]
    ) -> None:  # fmt: skip
        """Put everything into the menus that this user can do."""
        for old in self.actions:
            self._window.removeAction(old)
        self.actions, self.named = [], []
        bar = self._window.menuBar()
        bar.clear()
        file = bar.addMenu(self.tr("&File"))
        self._fill_file(
            file, may_draft=may_draft, has_prices=has_prices, reconcile=reconcile, lock=lock
        )
        self._fill_go(bar.addMenu(self.tr("&Go")))
        self._fill_view(bar.addMenu(self.tr("&View")))
        helping, window = bar.addMenu(self.tr("&Help")), self._window
        shortcuts = partial(window.notices.show_shortcuts, self.actions)
        self._add(helping, self.tr("Shortcuts"), "F1", shortcuts, "info")
        self._add(helping, self.tr("Diagnostic bundle…"), "", window.show_diagnostics, "file-text")

    def _add(
        self, menu: QMenu, words: str, keys: str, run: Callable[[], object], image: str
    ) -> None:
        made = QAction(icon(image), words, self._window)
        if keys:
            made.setShortcut(QKeySequence(keys))
        made.triggered.connect(lambda: run())
        menu.addAction(made)
        self._window.addAction(made)
        self.actions.append(made)
        self.named.append((words, image, run))

    def _fill_file(
        self, menu: QMenu, *, may_draft: bool, has_prices: bool,
        reconcile: Callable[[], object], lock: Callable[[], object],
    ) -> None:  # fmt: skip
        window, add = self._window, partial(self._add, menu)
        plan = partial(window.record_visit, plan=True)
        add(self.tr("Record visit"), "Ctrl+N", window.record_visit, "plus")
        add(self.tr("Plan visit"), "Ctrl+Shift+N", plan, "calendar")
        add(self.tr("New promotion request"), "Ctrl+Shift+P", window.request_promotion, "megaphone")
        if may_draft:
            add(self.tr("New contract"), "Ctrl+Shift+T", window.draft_contract, "file-text")
        if has_prices:
            add(self.tr("Show prices"), "Ctrl+Shift+L", window.show_prices, "eye")
            add(self.tr("Lock prices"), "Ctrl+L", lock, "lock")
        add(self.tr("Reconcile now"), "F5", reconcile, "refresh-cw")
        add(self.tr("Export this list…"), "Ctrl+E", window.lists.export, "file-text")
        add(self.tr("Print this list…"), "Ctrl+P", window.lists.print, "file-text")
        add(self.tr("Import a file…"), "Ctrl+I", window.lists.import_file, "inbox")
        add(self.tr("Sign out…"), "", window.ask_to_sign_out, "user")
        add(self.tr("Close KAMDesk"), "Ctrl+Q", window.close, "log-out")

    def _fill_go(self, menu: QMenu) -> None:
        window, add = self._window, partial(self._add, menu)
        for number, (name, one) in enumerate(window.rail.shown.items(), start=1):
            go_there = partial(window.show_screen, name, "")
            add(speech.translate("rail", one.label), f"Alt+{number}", go_there, one.image)
        add(self.tr("Search in this screen"), "Ctrl+F", window.lists.search, "search")
        add(self.tr("Sort this list…"), "Ctrl+Shift+O", window.lists.sort, "list-checks")
        add(self.tr("Find anything"), "Ctrl+K", window.open_finder, "search")

    def _fill_view(self, menu: QMenu) -> None:
        window, add = self._window, partial(self._add, menu)
        add(self.tr("Train mode"), "F9", window.switch_train_mode, "eye")
        for words, value in (
            (self.tr("Light theme"), "light"),
            (self.tr("Dark theme"), "dark"),
            (self.tr("Theme as the system"), "system"),
        ):
            add(words, "", partial(window.prefer, "theme", value), "moon")
        for words, value in (
            ("English", "en"),
            ("简体中文", "zh_CN"),
            (self.tr("Language as the system"), "system"),
        ):
            add(words, "", partial(window.prefer, "language", value), "languages")
