"""Before there is a store: choosing a profile, or introducing this computer to head office."""

from __future__ import annotations

import platform
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from kamdesk.domain.connection import Farewell, SignIn
from kamdesk.domain.errors import KamError, UserError
from kamdesk.domain.rescue import KEY_CODES, STORE_CODES, Rescuer
from kamdesk.domain.session import Doorkeeper, KeyCheck, KnownProfile, Opened
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import farewell, speech, theme
from kamdesk.ui.kit.bits import button, card, clear, row, scrolled, text, waiting_bar
from kamdesk.ui.kit.forgetting import forget_all
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.placing import open_at
from kamdesk.ui.recovery import RecoveryPage
from kamdesk.ui.rekeying import KeyPage
from kamdesk.ui.removal import RemovalPage
from kamdesk.ui.tasks import Tasks

_DIFFERENT = UserError(
    QT_TRANSLATE_NOOP("connection", "The two passphrases are not the same."),
    field="again",
    context="connection",
)


WIDTH = 520


class FirstStart(QWidget):
    """The first window. Emits `opened` with a `session.Opened`, once.

    `stays`: somebody signed out, so nothing is opened by itself; `go_back`: the profile whose user wants to go back to
    a backup; `new_key`: the passphrase (or "") of the one whose user wants its data under a new key instead;
    `goodbye`: what to say before anything else.
    """

    opened = Signal(object)
    closed = Signal()

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        tasks: Tasks,
        known: SignIn | None = None,
        rescuer: Rescuer | None = None,
        go_back: str = "",
        goodbye: Farewell | None = None,
        new_key: str | None = None,
        *,
        stays: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("look", "page")
        self.setWindowTitle("KAMDesk")
        self.setMinimumSize(640, 560)
        open_at(self, QSize(1080, 760))
        self._doorkeeper, self._tasks = doorkeeper, tasks
        self._known = known or SignIn("")
        self._rescuer, self._go_back, self._new_key = rescuer, go_back, new_key
        self._keys, self._stays = KeyCheck(trusted=True), stays
        self._is_open = False
        self._profiles: list[KnownProfile] = []
        self.fields: dict[str, Field] = {}
        self.edits: dict[str, QLineEdit] = {}
        self.recovery: RecoveryPage | None = None
        self.removal: RemovalPage | None = None
        self.rekeying: KeyPage | None = None
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.GAP)
        surface = card(self._content, margin=28)
        surface.setFixedWidth(WIDTH)
        inside = QWidget()
        around = QVBoxLayout(inside)
        around.setContentsMargins(20, 20, 20, 20)
        around.addStretch(1)
        # Between springs, not aligned: alignment forgets that wrapped text needs height
        around.addLayout(row(None, surface, None))
        around.addStretch(2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside))
        if goodbye is None:
            self._look()
        else:
            self._paint_farewell(goodbye)

    # ---- pages

    def _begin(self, heading: str, advice: str) -> None:
        self._clear()
        self._content.addWidget(text("KAMDesk", "section"))
        self._content.addWidget(text(heading, "title", wrap=True))
        if advice:
            self._content.addWidget(text(advice, "muted", wrap=True))
        self.error = text("", "error", wrap=True)
        self.error.hide()

    def _clear(self) -> None:
        forget_all(self.edits.values())
        clear(self._content)
        if self.removal is not None:
            self.removal.forget()
        self.fields, self.edits, self.recovery, self.rekeying = {}, {}, None, None
        self.removal = None

    def _look(self) -> None:
        self._wait(self.tr("Looking for your profile…"))
        self._tasks.run(
            self, self._doorkeeper.profiles, self._on_profiles, failed=self._on_failed_start
        )

    def _paint_farewell(self, one: Farewell) -> None:
        self._begin(
            self.tr("This computer was cleared"),
            self.tr(
                "Head office had the data on this computer deleted. Nothing of it can be read here any more."
            ),
        )
        farewell.paint(self._content, one, self._look)

    def _wait(self, words: str, more: str = "") -> None:
        self._begin(words, more)
        self._content.addWidget(waiting_bar(words))

    def _line(self, name: str, label: str, value: str = "", **how: Any) -> None:
        edit = QLineEdit(value)
        if how.pop("secret", False):
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        edit.setPlaceholderText(how.pop("placeholder", ""))
        self.edits[name] = edit
        self.fields[name] = Field(label, edit, **how)
        self._content.addWidget(self.fields[name])

    def _on_profiles(self, profiles: list[KnownProfile]) -> None:
        wanted = next((one for one in profiles if one.id == self._go_back), None)
        passphrase, self._go_back, self._new_key = self._new_key, "", None
        if wanted is not None and self._rescuer is not None:
            self._profiles = profiles
            if passphrase is not None:
                self._replace_key(self._rescuer, wanted, passphrase)
                return
            self._recover(self._rescuer, wanted, "", None)
        elif len(profiles) == 1 and not profiles[0].by_passphrase and not self._stays:
            self._open(profiles[0])
        elif profiles:
            self._paint_profiles(profiles)
        else:
            self._ask_for_keys()

    def _paint_profiles(
        self, profiles: list[KnownProfile], error: str = "", field: str = ""
    ) -> None:
        self._profiles = profiles
        if self._stays:
            self._begin(
                self.tr("Signed out"),
                self.tr(
                    "Your data stays on this computer, sealed, with everything that was not sent yet."
                ),
            )
        else:
            self._begin(self.tr("Welcome back"), "")
        for at, one in enumerate(profiles):
            if one.by_passphrase:
                name = "passphrase" if not at else f"passphrase{at}"
                self._line(
                    name, self.tr("Passphrase of {label}").format(label=one.label), secret=True
                )
                self.edits[name].returnPressed.connect(partial(self._open, one, name, profiles))
                opener = button(
                    self.tr("Open"), partial(self._open, one, name, profiles), look="primary"
                )
                self._content.addLayout(row(self._remover(one, name), None, opener))
            else:
                opener = button(one.label, partial(self._open, one, "", profiles), image="user")
                layout = row(opener, self._remover(one))
                layout.setStretch(0, 1)
                self._content.addLayout(layout)
        self._content.addWidget(self.error)
        self._content.addLayout(
            row(
                button(
                    self.tr("Set up another user or head office"), self._ask_for_keys, look="quiet"
                ),
                None,
            )
        )
        if field in self.fields:
            self.fields[field].set_error(error)
        else:
            self._fail_with(error)
        wanted = field or "passphrase"
        if wanted in self.edits:
            self.edits[wanted].setFocus()

    def _remover(self, one: KnownProfile, field: str = "") -> QPushButton:
        made = button(
            self.tr("Remove…"), lambda: self._remove(one, self._typed(field)), look="quiet"
        )
        made.setAccessibleName(self.tr("Remove {label} from this computer").format(label=one.label))
        made.setVisible(self._rescuer is not None)
        return made

    def _remove(self, one: KnownProfile, passphrase: str) -> None:
        assert self._rescuer is not None
        self._clear()
        page = RemovalPage(self._rescuer, self._tasks, one, passphrase)
        page.left.connect(lambda: self._paint_profiles(self._profiles))
        page.removed.connect(self._look)
        page.open_wanted.connect(lambda typed: self._open_to_send(one, typed))
        self.removal = page
        self._content.addWidget(page)

    def _open_to_send(self, one: KnownProfile, passphrase: str) -> None:
        if one.by_passphrase and not passphrase:
            self._paint_profiles(self._profiles)
        else:
            self._open(one, profiles=self._profiles, passphrase=passphrase)

    def _ask_for_keys(self) -> None:
        self._wait(self.tr("Asking this computer's key store…"))
        self._tasks.run(
            self, self._doorkeeper.check_keys, self._paint_enrolment, failed=self._on_failed_start
        )

    def _paint_enrolment(self, keys: KeyCheck) -> None:
        self._keys = keys
        known = self._known
        self._begin(
            self.tr("Set up KAMDesk on this computer"),
            self.tr(
                "Your customers, visits and tasks are kept here, encrypted, and work without a connection."
            ),
        )
        self._line(
            "server", self.tr("Address of head office"), known.server, required=True,
            placeholder="kamdesk.example.com",
        )  # fmt: skip
        self._line("user", self.tr("User name"), known.user)
        self._line("password", self.tr("Password"), known.password, secret=True)
        self._line(
            "code", self.tr("or enrolment code"), known.code,
            hint=self.tr("From your administrator; instead of user and password"),
        )  # fmt: skip
        if not keys.trusted:
            self._content.addWidget(
                text(
                    self.tr(
                        "This computer has no key store that can be trusted. Choose a passphrase that opens "
                        "KAMDesk here; it cannot be recovered."
                    ),
                    "muted",
                    wrap=True,
                )
            )
            self._line(
                "passphrase", self.tr("New passphrase"), secret=True, required=True,
                hint=self.tr("At least 12 characters"),
            )  # fmt: skip
            self._line("again", self.tr("The passphrase again"), secret=True, required=True)
        self._content.addWidget(self.error)
        self.submit = button(self.tr("Set up"), self._enrol, look="primary")
        self.submit.setDefault(True)
        self.back = button(self.tr("Back"), lambda: self._paint_profiles(self._profiles))
        self.back.setVisible(bool(self._profiles))
        self._content.addLayout(row(None, self.back, self.submit))
        for edit in self.edits.values():
            edit.returnPressed.connect(self._enrol)
        first = "server" if not known.server else "user" if not known.user else "password"
        if known.password and not keys.trusted:
            first = "passphrase"
        self.edits[first].setFocus()

    # ---- doing

    def _typed(self, name: str) -> str:
        return self.edits[name].text() if name in self.edits else ""

    def _enrol(self) -> None:
        if self._typed("passphrase") != self._typed("again"):
            self._refused(_DIFFERENT)
            return
        sign_in = SignIn(
            self._typed("server"), self._typed("user"), self._typed("password"), self._typed("code"),
            platform.node(),
        )  # fmt: skip
        passphrase = self._typed("passphrase")
        self._show_busy(is_busy=True)
        self._tasks.run(
            self,
            lambda: self._doorkeeper.enrol(sign_in, passphrase),
            self._on_opened,
            failed=self._refused,
        )

    def _open(
        self,
        one: KnownProfile,
        field: str = "",
        profiles: list[KnownProfile] | None = None,
        passphrase: str = "",
    ) -> None:
        passphrase = passphrase or self._typed(field)

        def failed(error: Exception) -> None:
            code = error.code if isinstance(error, KamError) else ""
            if self._rescuer is not None and code in STORE_CODES | KEY_CODES:
                self._profiles = profiles or [one]
                self._recover(self._rescuer, one, passphrase, error)
                return
            beside = field if isinstance(error, UserError) else ""
            self._paint_profiles(profiles or [one], speech.words(error), beside)

        self._wait(
            self.tr("Opening your data…"),
            self.tr("The first time after an update of KAMDesk this takes a moment longer."),
        )
        self._tasks.run(
            self, lambda: self._doorkeeper.open(one.id, passphrase), self._on_opened, failed=failed
        )

    def _recover(
        self, rescuer: Rescuer, one: KnownProfile, passphrase: str, error: Exception | None
    ) -> None:
        """Show what can be done about a profile that does not open as it is."""
        self._clear()
        known = error if isinstance(error, KamError) else None
        page = RecoveryPage(rescuer, self._tasks, one, passphrase, known)
        page.opened.connect(self._on_opened)
        page.left.connect(lambda: self._paint_profiles(self._profiles))
        page.set_up_anew.connect(self._ask_for_keys)
        self.recovery = page
        self._content.addWidget(page)

    def _replace_key(self, rescuer: Rescuer, one: KnownProfile, passphrase: str) -> None:
        self._clear()
        self.rekeying = KeyPage(rescuer, self._tasks, one, passphrase)
        self.rekeying.opened.connect(self._on_opened)
        self.rekeying.left.connect(self._look)
        self._content.addWidget(self.rekeying)

    def _on_opened(self, found: Opened) -> None:
        self._is_open = True
        forget_all(self.edits.values())
        if self.recovery is not None:
            self.recovery.forget()
        self.opened.emit(found)

    def _on_failed_start(self, error: Exception) -> None:
        self._begin(self.tr("KAMDesk cannot start"), speech.words(error))
        self._content.addLayout(row(None, button(self.tr("Close"), self.close)))

    def _show_busy(self, *, is_busy: bool) -> None:
        for edit in self.edits.values():
            edit.setEnabled(not is_busy)
        for one in (self.submit, self.back):
            one.setEnabled(not is_busy)
        self.submit.setText(self.tr("Signing in…") if is_busy else self.tr("Set up"))

    def _refused(self, error: Exception) -> None:
        self._show_busy(is_busy=False)
        name = error.field if isinstance(error, UserError) else ""
        for field in self.fields.values():
            field.set_error("")
        self.error.hide()
        if name in self.fields:
            self.fields[name].set_error(speech.words(error))
            self.edits[name].setFocus()
        else:
            self._fail_with(speech.words(error))

    def _fail_with(self, words: str) -> None:
        self.error.setText(words)
        self.error.setVisible(bool(words))

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._is_open:
            self.closed.emit()
