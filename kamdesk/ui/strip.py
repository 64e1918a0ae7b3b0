"""The strip at the bottom: whether head office is there, what waits, when both were last equal. Always true."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QWidget

from kamdesk.domain.connection import Connection, Link, Status
from kamdesk.domain.price_access import PriceState
from kamdesk.ui import speech, theme
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import button, text
from kamdesk.ui.price_lock import PriceLock

SAY_MS = 6000
_DOTS = {
    Link.ONLINE: "green", Link.OFFLINE: "grey", Link.UNKNOWN: "grey", Link.PAUSED: "grey",
    Link.SIGNED_OUT: "amber", Link.REFUSED: "amber",
}  # fmt: skip


class Strip(QFrame):
    """Shows a `Status`; also the place of short confirmations."""

    issues_wanted = Signal()
    sign_in_wanted = Signal()
    prices_wanted = Signal()
    """The prices are to be shown, or locked where they are open."""
    _told = Signal(object)

    def __init__(self, connection: Connection, prices: PriceLock) -> None:
        super().__init__()
        self.setProperty("look", "strip")
        self.setFixedHeight(32)
        self._connection = connection
        self._take_back: Callable[[], object] = lambda: None
        self._dot = QLabel()
        self._dot.setFixedSize(9, 9)
        self.link = text("", "muted")
        self.waiting = text()
        self.said = text("", "strong")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.loading = text("", "muted")
        self.pause = button("", self._toggle, look="quiet")
        self.undo = button(self.tr("Undo"), self._on_undo, look="quiet", keys="Ctrl+Z")
        self.undo.hide()
        self.sign_in = button(self.tr("Sign in"), self.sign_in_wanted.emit, look="quiet")
        self.issues = button("", self.issues_wanted.emit, look="quiet")
        self.prices = button("", self.prices_wanted.emit, look="quiet", image="lock")
        self.last = text("", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 0)
        layout.setSpacing(10)
        left: tuple[QWidget, ...] = (
            self._dot,
            self.link,
            self.sign_in,
            self.waiting,
            self.said,
            self.undo,
        )
        right: tuple[QWidget, ...] = (
            self.loading,
            self.progress,
            self.pause,
            self.issues,
            self.prices,
            self.last,
        )
        for part in left:
            layout.addWidget(part)
        layout.addStretch(1)
        for part in right:
            layout.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAY_MS)
        self._timer.timeout.connect(self._fall_silent)
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._unwatch = connection.watch(self._told.emit)
        self.destroyed.connect(lambda _=None, end=self._unwatch: end())
        theme.theme().switched.connect(self._repaint)
        self._show(connection.status())
        prices.changed.connect(self._show_prices)
        self._show_prices(prices.state)

    def _repaint(self) -> None:
        self._show(self._connection.status())

    def _show_prices(self, state: PriceState) -> None:
        self.prices.setVisible(state is not PriceState.ABSENT)
        is_open = state is PriceState.OPEN
        words = self.tr("Prices open") if is_open else self.tr("Prices locked")
        self.prices.setText(" " + words)
        self.prices.setIcon(icon("eye" if is_open else "lock", "accent" if is_open else "muted"))
        self.prices.setAccessibleName(words)
        self.prices.setToolTip(
            self.tr("Lock prices (Ctrl+L)") if is_open else self.tr("Show prices (Ctrl+Shift+L)")
        )

    def say(self, words: str) -> None:
        """Show a short confirmation for some seconds."""
        self.undo.hide()
        self.said.setText(words)
        self._timer.start()

    def offer_undo(self, words: str, take_back: Callable[[], object]) -> None:
        """Show what was done, with a button that takes it back."""
        self.say(words)
        self._take_back = take_back
        self.undo.show()

    def _on_undo(self) -> None:
        take_back, self._take_back = self._take_back, lambda: None
        self._fall_silent()
        take_back()

    def _fall_silent(self) -> None:
        self.said.setText("")
        self.undo.hide()

    def _toggle(self) -> None:
        self._connection.set_paused(paused=self._connection.status().link is not Link.PAUSED)

    @Slot(object)
    def _show(self, status: Status) -> None:
        colour = theme.colour(_DOTS[status.link]).name()
        self._dot.setStyleSheet(f"background: {colour}; border-radius: 4px;")
        self.link.setText(self._link_words(status))
        self.link.setToolTip(
            speech.problem(status.problem, status.problem_params) if status.problem else ""
        )
        self.waiting.setText(
            speech.counted(
                status.waiting,
                self.tr("1 change waiting to be sent"),
                self.tr("{n} changes waiting to be sent"),
            )
            if status.waiting
            else ""
        )
        is_loading = status.expected > 0
        self.loading.setVisible(is_loading)
        self.progress.setVisible(is_loading)
        is_paused = status.link is Link.PAUSED
        self.pause.setVisible(is_loading or is_paused)
        self.pause.setText(self.tr("Resume") if is_paused else self.tr("Pause"))
        if is_loading:
            self.progress.setMaximum(status.expected)
            self.progress.setValue(min(status.loaded, status.expected))
            self.loading.setText(
                self.tr("Loading your territory: {n} of {count}").format(
                    n=speech.number(status.loaded), count=speech.number(status.expected)
                )
            )
        self.sign_in.setVisible(status.link is Link.SIGNED_OUT)
        self.issues.setVisible(status.issues > 0)
        self.issues.setText(
            speech.counted(status.issues, self.tr("1 needs you"), self.tr("{n} need you"))
        )
        self.last.setText(
            self.tr("Last reconciled {time}").format(time=speech.instant(status.last_reconciled))
            if status.last_reconciled
            else self.tr("Not yet reconciled")
        )

    def _link_words(self, status: Status) -> str:
        if status.link is Link.ONLINE:
            if status.working:
                return self.tr("Online: reconciling")
            told = speech.problem(status.problem, status.problem_params) if status.problem else ""
            return " · ".join(filter(None, (self.tr("Online"), told)))
        if status.link is Link.PAUSED:
            return self.tr("Paused: working from this computer")
        if status.link in {Link.SIGNED_OUT, Link.REFUSED}:
            return speech.problem(status.problem, status.problem_params)
        if status.link is Link.UNKNOWN:
            return self.tr("Looking for head office")
        return self.tr("Offline: working from this computer")
