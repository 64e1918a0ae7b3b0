"""The main window: rail, header, screens, strip; built again when the language changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kamdesk.domain.contracts import may_draft
from kamdesk.domain.prices import PriceState
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.ui import speech, theme, translation
from kamdesk.ui.changes import ChangeBus
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.finder import Action, Finder
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import button, card, clear, column, row, text
from kamdesk.ui.kit.diagnostics import DiagnosticsDialog
from kamdesk.ui.kit.draft_form import DraftForm
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.unlock import show_prices
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.screens import GROUPS
from kamdesk.ui.screens.draft_contract import ContractForm, KnownContract
from kamdesk.ui.screens.record_visit import Known, VisitForm
from kamdesk.ui.screens.request_promotion import KnownPromotion, PromotionForm
from kamdesk.ui.speller import Speller
from kamdesk.ui.strip import Strip
from kamdesk.ui.tasks import Tasks

RAIL = 208


class MainWindow(QMainWindow):
    """Everything a profile's user works with."""

    closed = Signal()
    go_back_wanted = Signal()
    """The user wants to see the backups and go back to one."""
    _noticed = Signal(object)

    def __init__(self, opened: Opened, tasks: Tasks, preferences: Preferences) -> None:
        super().__init__()
        self.setWindowTitle("KAMDesk")
        self.setMinimumSize(1080, 640)
        self.resize(1440, 900)
        self._opened, self._tasks, self._preferences = opened, tasks, preferences
        self._bus = ChangeBus()
        self._unwatch = self._bus.watch(opened.store)
        self._prices = PriceLock(opened.prices, self)
        self._actor = Actor(opened.profile.user_id, Role(opened.profile.role), opened.profile.name)
        self._at = "today"
        self.form: DraftForm | None = None
        self._actions: list[QAction] = []
        tasks.trouble.connect(self._on_trouble)
        self._noticed.connect(self._on_trouble, Qt.ConnectionType.QueuedConnection)
        upkeep = opened.upkeep
        self._unwatch_upkeep = upkeep.watch(self._noticed.emit) if upkeep else lambda: None
        self._restore_geometry()
        self._build()
        self._speller = Speller(tasks, self._bus, self)

    # ---- building

    def _build(self) -> None:
        self.desk = Desk(
            profile=self._opened.profile,
            tasks=self._tasks,
            bus=self._bus,
            connection=self._opened.connection,
            prices=self._prices,
            say=lambda words: self.strip.say(words),
            fail=self._on_trouble,
            show=self.show_screen,
            record_visit=self.record_visit,
            request_promotion=self.request_promotion,
            draft_contract=self.draft_contract,
            offer_undo=self._offer_undo,
            prefer=self.prefer,
            preference=self._preferences.text,
            upkeep=self._opened.upkeep,
            go_back=self.go_back_wanted.emit,
        )
        self.strip = Strip(self._opened.connection, self._prices)
        self.strip.prices_wanted.connect(self._toggle_prices)
        self.strip.issues_wanted.connect(lambda: self.show_screen("sync", ""))
        self.strip.sign_in_wanted.connect(lambda: self.show_screen("settings", "sign_in"))
        self.screens: dict[str, Screen] = {}
        self._kinds = {kind.name: kind for _, kinds in GROUPS for kind in kinds}
        self._railed = [
            kind for kind in self._kinds.values() if self._opened.profile.role in kind.roles
        ]
        self._buttons: dict[str, QPushButton] = {}
        self.stack = QStackedWidget()
        self._title = text("", "title")
        self._count = text("", "muted")
        self._banners = QVBoxLayout()
        self._banners.setSpacing(theme.SMALL)
        search = button(
            self.tr("Search customers, screens and actions…   Ctrl+K"), self.open_finder,
            look="search", image="search",
        )  # fmt: skip
        search.setMinimumWidth(300)
        self._primary = {
            "visit": button(
                self.tr("Record visit") + "   Ctrl+N",
                self.record_visit,
                look="primary",
                image="plus",
            ),
            "promotion": button(
                self.tr("New request") + "   Ctrl+Shift+P",
                self.request_promotion,
                look="primary",
                image="plus",
            ),
            "contract": button(
                self.tr("New contract") + "   Ctrl+Shift+T",
                self.draft_contract,
                look="primary",
                image="plus",
            ),
        }
        if not may_draft(self._actor):
            del self._primary["contract"]
        body = column(
            row(self._title, self._count, None, search, *self._primary.values(), gap=theme.GAP),
            self._banners,
            self.stack,
            gap=theme.GAP,
        )
        body.setContentsMargins(theme.MARGIN, 14, theme.MARGIN, 14)
        body.setStretch(2, 1)
        page = QWidget()
        page.setProperty("look", "page")
        page.setLayout(body)
        middle = row(self._rail(), page, gap=0)
        middle.setStretch(1, 1)
        whole = column(middle, self.strip, gap=0)
        whole.setStretch(0, 1)
        holder = QWidget()
        holder.setLayout(whole)
        self.setCentralWidget(holder)
        self._make_actions()
        self.show_screen(self._at, "")

    def _rail(self) -> QWidget:
        profile = self._opened.profile
        told = " · ".join(filter(None, (profile.territory, profile.name)))
        about = text(told, "muted", wrap=True)
        parts: list[Any] = [text("KAMDesk", "heading"), about, 8]
        for title, kinds in GROUPS:
            parts += [6, text(speech.translate("rail", title).upper(), "section")]
            parts += [self._destination(kind) for kind in kinds if kind in self._railed]
        layout = column(*parts, None, gap=2)
        layout.setContentsMargins(10, 14, 10, 14)
        rail = QFrame()
        rail.setProperty("look", "rail")
        rail.setFixedWidth(RAIL)
        rail.setLayout(layout)
        return rail

    def _destination(self, kind: type[Screen]) -> QPushButton:
        name, number = kind.name, self._railed.index(kind) + 1
        title = speech.translate("rail", kind.label)
        made = QPushButton(f" {title}")
        made.setProperty("look", "destination")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setIcon(icon(kind.image))
        made.setIconSize(QSize(16, 16))
        made.setAccessibleName(title)
        made.setToolTip(f"{title} (Alt+{number})")
        made.clicked.connect(lambda: self.show_screen(name, ""))
        self._buttons[name] = made
        return made

    def _make_actions(self) -> None:
        for old in self._actions:
            self.removeAction(old)
        self._actions = []
        menu = self.menuBar()
        menu.clear()
        file, go = menu.addMenu(self.tr("&File")), menu.addMenu(self.tr("&Go"))
        view, helping = menu.addMenu(self.tr("&View")), menu.addMenu(self.tr("&Help"))
        self._finder_actions: list[Action] = []

        def add(where: Any, words: str, keys: str, run: Callable[[], object], image: str) -> None:
            made = QAction(icon(image), words, self)
            if keys:
                made.setShortcut(QKeySequence(keys))
            made.triggered.connect(lambda: run())
            where.addAction(made)
            self.addAction(made)
            self._actions.append(made)
            self._finder_actions.append((words, image, run))

        add(file, self.tr("Record visit"), "Ctrl+N", self.record_visit, "plus")
        add(
            file,
            self.tr("Plan visit"),
            "Ctrl+Shift+N",
            lambda: self.record_visit(plan=True),
            "calendar",
        )
        add(
            file,
            self.tr("New promotion request"),
            "Ctrl+Shift+P",
            self.request_promotion,
            "megaphone",
        )
        if may_draft(self._actor):
            add(file, self.tr("New contract"), "Ctrl+Shift+T", self.draft_contract, "file-text")
        if self._prices.state is not PriceState.ABSENT:
            add(file, self.tr("Show prices"), "Ctrl+Shift+L", self.show_prices, "eye")
            add(file, self.tr("Lock prices"), "Ctrl+L", self._prices.lock, "lock")
        add(
            file,
            self.tr("Reconcile now"),
            "F5",
            self._opened.connection.reconcile_now,
            "refresh-cw",
        )
        add(file, self.tr("Export this list…"), "Ctrl+E", self.export, "file-text")
        add(file, self.tr("Close KAMDesk"), "Ctrl+Q", self.close, "log-out")
        for number, kind in enumerate(self._railed, start=1):
            go_there = partial(self.show_screen, kind.name, "")
            add(go, speech.translate("rail", kind.label), f"Alt+{number}", go_there, kind.image)
        add(go, self.tr("Search in this screen"), "Ctrl+F", self._search, "search")
        add(go, self.tr("Find anything"), "Ctrl+K", self.open_finder, "search")
        for words, value in (
            (self.tr("Light theme"), "light"),
            (self.tr("Dark theme"), "dark"),
            (self.tr("Theme as the system"), "system"),
        ):
            add(view, words, "", partial(self.prefer, "theme", value), "moon")
        for words, value in (
            ("English", "en"),
            ("简体中文", "zh_CN"),
            (self.tr("Language as the system"), "system"),
        ):
            add(view, words, "", partial(self.prefer, "language", value), "languages")
        add(helping, self.tr("Shortcuts"), "F1", self._show_shortcuts, "info")
        add(helping, self.tr("Diagnostic bundle…"), "", self._show_diagnostics, "file-text")

    # ---- going places

    def show_screen(self, name: str, record_id: str) -> None:
        """Open a screen by its name, at a record where one is given."""
        if name not in self.screens:
            screen = self._kinds[name](self.desk)
            screen.counted.connect(lambda words, name=name: self._on_count(name, words))
            self.screens[name] = screen
            self.stack.addWidget(screen)
        self._at = name
        for other, made in self._buttons.items():
            made.setChecked(other == name)
        screen = self.screens[name]
        self._title.setText(speech.translate("rail", screen.label))
        self._count.setText(str(screen.property("counted") or ""))
        for what, primary in self._primary.items():
            primary.setVisible(what == screen.primary)
        self.stack.setCurrentWidget(screen)
        screen.setFocus()
        if record_id:
            screen.open_record(record_id)

    def _on_count(self, name: str, words: str) -> None:
        self.screens[name].setProperty("counted", words)
        if name == self._at:
            self._count.setText(words)

    def _search(self) -> None:
        self.screens[self._at].search()

    def export(self) -> None:
        """Ask where the list that is shown is to be written."""
        export = self.screens[self._at].export()
        if export is None:
            self.strip.say(self.tr("There is no list here to export"))
            return
        ExportDialog(self.desk, self, export).open()

    def open_finder(self) -> None:
        """Open the line that finds everything."""
        finder = Finder(
            self, self._tasks, self._finder_actions, lambda one: self.show_screen("customers", one)
        )
        finder.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        finder.show()
        finder.typed.setFocus()
        self.finder = finder

    def record_visit(self, **known: Any) -> None:
        """Open the visit form with what is known."""
        self._open_form(lambda: VisitForm(self.desk, self, Known(**known)))

    def request_promotion(self, **known: Any) -> None:
        """Open the form of a promotion request with what is known."""
        self._open_form(lambda: PromotionForm(self.desk, self, KnownPromotion(**known)))

    def draft_contract(self, **known: Any) -> None:
        """Open the form of a contract with what is known."""
        self._open_form(lambda: ContractForm(self.desk, self, KnownContract(**known)))

    def show_prices(self) -> None:
        """Unlock prices, with the passphrase where the policy asks for one."""
        show_prices(self.desk, self.form or self)

    def _toggle_prices(self) -> None:
        if self._prices.is_open:
            self._prices.lock()
        else:
            self.show_prices()

    def _open_form(self, make: Callable[[], DraftForm]) -> None:
        """Open a form; one at a time."""
        if self.form is not None:
            self.form.raise_()
            self.form.activateWindow()
            return
        form = make()
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.finished.connect(self._on_form_closed)
        self.form = form
        form.open()

    def _on_form_closed(self, _: int) -> None:
        self.form = None

    # ---- speaking

    def _offer_undo(self, words: str, undo: Callable[[Any], object]) -> None:
        self.strip.offer_undo(words, lambda: self._tasks.write(self, undo, failed=self._on_trouble))

    def _on_trouble(self, error: Exception) -> None:
        """Show what is wrong in a banner; work goes on."""
        words = speech.words(error)
        for at in range(self._banners.count()):
            item = self._banners.itemAt(at)
            shown = item.widget() if item is not None else None
            if shown is not None and shown.property("words") == words:
                return
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        content = row(label, None)
        banner = card(content, margin=10, look="banner")
        banner.setProperty("words", words)
        content.addWidget(button(self.tr("Close"), banner.deleteLater))
        content.setStretch(0, 1)
        self._banners.addWidget(banner)

    def _show_diagnostics(self) -> None:
        upkeep = self._opened.upkeep
        if upkeep is not None:
            DiagnosticsDialog(self.desk, self, Path(upkeep.folder).parents[1]).open()

    def _show_shortcuts(self) -> None:
        lines = [
            f"{one.shortcut().toString()}\t{one.text()}"
            for one in self._actions
            if not one.shortcut().isEmpty()
        ]
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Shortcuts"))
        box.setText("\n".join(lines))
        box.open()

    # ---- preferences

    def prefer(self, name: str, value: str) -> None:
        """Keep a preference and put it into force at once."""
        self._preferences.set(name, value)
        app = QApplication.instance()
        if name == "theme" and isinstance(app, QApplication):
            theme.apply(app, value)
        if name != "language":
            return
        translation.use(value)
        # Built again: every text is made once
        memories = {name: screen.memory() for name, screen in self.screens.items()}
        for screen in self.screens.values():
            screen.deleteLater()
        clear(self._banners)
        self._build()
        if memories[self._at]:
            self.screens[self._at].recall(memories[self._at])

    def _restore_geometry(self) -> None:
        kept = self._preferences.text("window")
        if kept:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the draft of an open form, remember the size, and let the program end."""
        if self.form is not None:
            self.form.reject()
        self._preferences.set("window", self.saveGeometry().toBase64().toStdString())
        self._unwatch()
        self._prices.close()
        self._unwatch_upkeep()
        super().closeEvent(event)
        self.closed.emit()
