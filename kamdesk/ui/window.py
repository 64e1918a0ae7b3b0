"""The main window: rail, header, screens, strip; built again when the language changes.

It is painted before anything is known, then with the first page, and is ready when the store is open. What is
clicked before that is done as soon as it can be.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QCoreApplication, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QWidget,
)

from kamdesk.domain.connection import Profile, Status
from kamdesk.domain.contracts import may_draft
from kamdesk.domain.price_access import NoPrices, PriceState
from kamdesk.domain.rescue import Upkeep
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.ui import away, discreet, metered, signing_out, speech, theme, translation
from kamdesk.ui.changes import ChangeBus
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.header import Header
from kamdesk.ui.kit.bits import column, row
from kamdesk.ui.later import LaterConnection
from kamdesk.ui.list_commands import ListCommands
from kamdesk.ui.menus import Menus
from kamdesk.ui.notices import Notices
from kamdesk.ui.placing import open_at
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.price_lock import HELD, LOCKS, MASKING, MINIMISED, PriceLock
from kamdesk.ui.rail import Rail
from kamdesk.ui.reveals import RevealLog
from kamdesk.ui.screens import DESTINATIONS
from kamdesk.ui.secret_clipboard import SecretClipboard
from kamdesk.ui.strip import Strip
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.uncaptured import PREFERENCE, Uncaptured
from kamdesk.ui.veils import Veils

if TYPE_CHECKING:
    from kamdesk.db.first_page import FirstPage
    from kamdesk.domain.attachments import Cabinet
    from kamdesk.ui.kit.draft_form import DraftForm
    from kamdesk.ui.speller import Speller


class MainWindow(QMainWindow):
    """Everything a profile's user works with. Without `opened`, it waits for `show_first` and `receive`."""

    closed = Signal()
    go_back_wanted = Signal()
    """The user wants to see the backups and go back to one."""
    new_key_wanted = Signal(str)
    """The user wants the data under a new key: the passphrase that opens it, or ""."""
    sign_out_wanted = Signal()
    """The user leaves the profile, whose data stays here."""
    painted = Signal()
    """The window is on the screen for the first time."""
    first_painted = Signal()
    """The first page is on the screen with what it shows."""
    ended = Signal(object)
    """Head office had everything here deleted: the `Farewell`."""
    _noticed = Signal(object)
    _status_told = Signal(object)

    def __init__(self, opened: Opened | None, tasks: Tasks, preferences: Preferences) -> None:
        super().__init__()
        self.setWindowTitle("KAMDesk")
        self.setMinimumSize(1080, 640)
        open_at(self, QSize(1440, 900))
        self._tasks, self._preferences = tasks, preferences
        self._profile: Profile | None = opened.profile if opened is not None else None
        self._connection = LaterConnection()
        self._bus = ChangeBus()
        self._unwatch: Callable[[], None] = lambda: None
        self._unwatch_upkeep: Callable[[], None] = lambda: None
        self._upkeep: Upkeep | None = None
        self._cabinet: Cabinet | None = None
        self._prices = PriceLock(NoPrices(), self)
        self._is_painted = self._is_ready = False
        self._later: list[Callable[[], object]] = []
        self._at, self._wanted = "today", ""
        self.form: DraftForm | None = None
        self.lists = ListCommands(self)
        self.menus = Menus(self)
        self.notices = Notices(self)
        tasks.trouble.connect(self.notices.tell)
        self._noticed.connect(self.notices.tell, Qt.ConnectionType.QueuedConnection)
        self._status_told.connect(self._on_status, Qt.ConnectionType.QueuedConnection)
        self._connection.watch(self._status_told.emit)
        self._speller: Speller | None = None
        self._curtains = discreet.Curtains(self)
        self._veils = Veils(self)
        self._clipboard = SecretClipboard(self._prices, self)
        self._reveals = RevealLog(self._prices, tasks, self)
        self._uncaptured = Uncaptured(self._prices, preferences.text, self)
        self._restore_geometry()
        self._build()
        if opened is not None:
            self.receive(opened)

    # ---- arriving

    def show_first(self, first: FirstPage) -> None:
        """Show the day as it was read before the rest of the program was there."""
        from kamdesk.ui.screens.today_page import TodayPage

        self._know(first.profile)
        page = self._screen("today")
        assert isinstance(page, TodayPage)
        page.painted.connect(self.first_painted)
        page.paint_first(first.today)
        if self._at == "today":
            self.show_screen("today", "")

    def receive(self, opened: Opened) -> None:
        """Become ready: every action works, and what was clicked before is done now."""
        from kamdesk.ui.speller import Speller

        self._upkeep, self._cabinet = opened.upkeep, opened.attachments
        if self._upkeep is not None:
            self._unwatch_upkeep = self._upkeep.watch(self._noticed.emit)
        self._prices.mask(on=self._preferences.text(MASKING) == HELD)
        self._prices.locks_minimised = self._preferences.text(MINIMISED) == LOCKS
        self._prices.arrive(opened.prices)
        self._is_ready = True
        self._know(opened.profile)
        self._tasks.open(opened.store)
        self._unwatch = self._bus.watch(opened.store)
        self._connection.arrive(opened.connection)
        self._speller = Speller(self._tasks, self._bus, self)
        self._away = away.follow(
            self, lambda do: self._tasks.run(self, do, failed=lambda _: None), self._prices.lock,
            self._connection.woke,
        )  # fmt: skip
        if opened.attachments is not None:
            cabinet = opened.attachments
            self._metered = metered.follow(
                self, lambda do: self._tasks.run(self, do, failed=lambda _: None),
                lambda costs: cabinet.set_metered(metered=costs),
            )  # fmt: skip
        if self._at not in self.screens:
            self.show_screen(self._at, self._wanted)
        later, self._later = self._later, []
        for action in later:
            action()

    def _on_status(self, status: Status) -> None:
        farewell = self._connection.farewell() if status.problem == "wiped" else None
        if farewell is not None:
            self.ended.emit(farewell)

    def _know(self, profile: Profile) -> None:
        """Say who works here, to the window and to the screens that are made from now on."""
        self._profile = profile
        self.rail.tell_about(profile)
        self._make_desk()
        self._fill_menus()

    def _fill_menus(self) -> None:
        self.menus.fill(
            may_draft=self._may_draft(),
            has_prices=self._prices.state is not PriceState.ABSENT,
            reconcile=self._connection.reconcile_now,
            lock=self._prices.lock,
        )

    def _may_draft(self) -> bool:
        one = self._profile
        return one is not None and may_draft(Actor(one.user_id, Role(one.role), one.name))

    def when_ready(self, action: Callable[[], object]) -> None:
        """Do it now, or as soon as the store is open."""
        if self._is_ready:
            action()
            return
        self._later.append(action)
        self.strip.say(self.tr("One moment: your data is being opened"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            # The children are painted, and all of it is on the screen, when this event has ended
            QTimer.singleShot(0, self.painted.emit)

    # ---- building

    def _make_desk(self) -> None:
        assert self._profile is not None
        self.desk = Desk(
            profile=self._profile,
            tasks=self._tasks,
            bus=self._bus,
            connection=self._connection,
            prices=self._prices,
            say=lambda words: self.strip.say(words),
            fail=self.notices.tell,
            show=self.show_screen,
            show_work_of=self.show_work_of,
            record_visit=self.record_visit,
            request_promotion=self.request_promotion,
            draft_contract=self.draft_contract,
            offer_undo=self._offer_undo,
            import_file=self.lists.import_file,
            import_pasted=self.lists.import_pasted,
            prefer=self.prefer,
            preference=self._preferences.text,
            title_of=lambda name: speech.translate("rail", DESTINATIONS[name].label),
            home=self.stack,
            upkeep=self._upkeep,
            attachments=self._cabinet,
            copy_secret=self._clipboard.copy,
            go_back=self.go_back_wanted.emit,
            replace_key=self.new_key_wanted.emit,
        )

    def _build(self) -> None:
        self.stack = QStackedWidget()
        if self._profile is not None:
            self._make_desk()
        self.strip = Strip(self._connection, self._prices)
        self.strip.prices_wanted.connect(self._toggle_prices)
        self.strip.issues_wanted.connect(lambda: self.show_screen("sync", ""))
        self.strip.sign_in_wanted.connect(lambda: self.show_screen("settings", "sign_in"))
        self.screens: dict[str, Screen] = {}
        self.rail = Rail(lambda name: self.show_screen(name, ""))
        if self._profile is not None:
            self.rail.tell_about(self._profile)
        self._nothing_yet = QWidget()
        self.stack.addWidget(self._nothing_yet)
        self.header = Header({
            "visit": self.record_visit, "promotion": self.request_promotion,
            "contract": self.draft_contract,
        }, self.open_finder)  # fmt: skip
        body = column(self.header, self.notices.banners(), self.stack, gap=theme.GAP)
        body.setContentsMargins(theme.MARGIN, 14, theme.MARGIN, 14)
        body.setStretch(2, 1)
        page = QWidget()
        page.setProperty("look", "page")
        page.setLayout(body)
        middle = row(self.rail, page, gap=0)
        middle.setStretch(1, 1)
        whole = column(middle, self.strip, gap=0)
        whole.setStretch(0, 1)
        holder = QWidget()
        holder.setLayout(whole)
        self.setCentralWidget(holder)
        self._fill_menus()
        self.show_screen(self._at, "")

    # ---- going places

    def show_screen(self, name: str, record_id: str) -> None:
        """Open a screen by its name, at a record where one is given."""
        one = DESTINATIONS[name]
        self._at, self._wanted = name, record_id
        self.rail.mark(name)
        may_begin = one.primary != "contract" or self._may_draft()
        self.header.show_place(
            speech.translate("rail", one.label), one.primary if may_begin else ""
        )
        screen = self._screen(name)
        self.header.count(str(screen.property("counted") or "") if screen is not None else "")
        if screen is None:
            self.stack.setCurrentWidget(self._nothing_yet)
            return
        self.stack.setCurrentWidget(screen)
        screen.setFocus()
        if record_id:
            screen.open_record(record_id)

    def _screen(self, name: str) -> Screen | None:
        """Return a screen, made when it is first asked for; None while it cannot be made yet."""
        is_possible = self._is_ready or (name == "today" and self._profile is not None)
        if name not in self.screens and is_possible:
            screen = DESTINATIONS[name].load()(self.desk)
            screen.counted.connect(lambda words: self._on_count(screen, words))
            self.screens[name] = screen
            self.stack.addWidget(screen)
        return self.screens.get(name)

    def shown_screen(self) -> Screen:
        """Return the screen that is shown, once the window is ready."""
        return self.screens[self._at]

    def show_work_of(self, name: str, owner_id: str) -> None:
        """Open a screen with the work of one colleague."""
        self.show_screen(name, "")
        self.screens[name].show_work_of(owner_id)

    def _on_count(self, screen: Screen, words: str) -> None:
        """Show a screen's count. One that a switch of language replaced may still get its answer; it is not shown."""
        screen.setProperty("counted", words)
        if self.screens.get(self._at) is screen:
            self.header.count(words)

    def open_finder(self) -> None:
        """Open the line that finds everything."""
        self.when_ready(self._open_finder)

    def _open_finder(self) -> None:
        from kamdesk.ui.finder import Finder

        finder = Finder(
            self, self._tasks, self.menus.named, lambda one: self.show_screen("customers", one)
        )
        finder.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        finder.show()
        finder.typed.setFocus()
        self.finder = finder

    def record_visit(self, **known: Any) -> None:
        """Open the visit form with what is known."""

        def make() -> DraftForm:
            from kamdesk.ui.screens.record_visit import Known, VisitForm

            return VisitForm(self.desk, self, Known(**known))

        self.when_ready(lambda: self._open_form(make))

    def request_promotion(self, **known: Any) -> None:
        """Open the form of a promotion request with what is known."""

        def make() -> DraftForm:
            from kamdesk.ui.screens.request_promotion import KnownPromotion, PromotionForm

            return PromotionForm(self.desk, self, KnownPromotion(**known))

        self.when_ready(lambda: self._open_form(make))

    def draft_contract(self, **known: Any) -> None:
        """Open the form of a contract with what is known."""

        def make() -> DraftForm:
            from kamdesk.ui.screens.draft_contract import ContractForm, KnownContract

            return ContractForm(self.desk, self, KnownContract(**known))

        self.when_ready(lambda: self._open_form(make))

    def show_prices(self) -> None:
        """Unlock prices, with the passphrase where the policy asks for one."""
        from kamdesk.ui.kit.unlock import show_prices

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
        self.strip.offer_undo(
            words, lambda: self._tasks.write(self, undo, failed=self.notices.tell)
        )

    def show_diagnostics(self) -> None:
        """Show what a diagnostic bundle would hold, and save it where the user says."""
        self.when_ready(self._gather_diagnostics)

    def _gather_diagnostics(self) -> None:
        from kamdesk.ui.kit.diagnostics import DiagnosticsDialog

        if self._upkeep is not None:
            DiagnosticsDialog(self.desk, self, Path(self._upkeep.folder).parents[1]).open()

    # ---- preferences

    def prefer(self, name: str, value: str) -> None:
        """Keep a preference and put it into force at once."""
        self._preferences.set(name, value)
        app = QApplication.instance()
        if name == "theme" and isinstance(app, QApplication):
            theme.apply(app, value)
        if name == PREFERENCE:
            self._uncaptured.follow()
        if name == MASKING:
            self._prices.mask(on=value == HELD)
        elif name == MINIMISED:
            self._prices.locks_minimised = value == LOCKS
        if name != "language":
            return
        translation.use(value)
        self._build_anew()

    def ask_to_sign_out(self) -> None:
        """Ask whether to leave the profile, whose data stays here."""
        self.when_ready(
            lambda: signing_out.ask(
                self, self._connection.status().waiting, self.sign_out_wanted.emit
            )
        )

    def switch_train_mode(self) -> None:
        """Mask what others may not see, or show it again."""
        discreet.switch(on=not discreet.is_on())
        self._build_anew()
        self.strip.say(
            QCoreApplication.translate("veils", "Train mode: hold a line to read it; F9 ends it")
            if discreet.is_on()
            else self.tr("Train mode is over")
        )

    def _build_anew(self) -> None:
        """Build everything again, for every text is made once; what was open stays open."""
        memories = {name: screen.memory() for name, screen in self.screens.items()}
        for screen in self.screens.values():
            screen.deleteLater()
        self._build()
        if memories.get(self._at):
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
        self._clipboard.clear()
        self._prices.close()
        self._unwatch_upkeep()
        super().closeEvent(event)
        self.closed.emit()
