"""Settings: theme, language, and who works where."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from kamdesk import __version__
from kamdesk.db.queries.colleagues import Filing, filing_of
from kamdesk.domain import clock
from kamdesk.domain.connection import SignIn
from kamdesk.domain.price_access import PriceState
from kamdesk.ui import speech, theme, uncaptured
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.kit.backup_card import BackupCard
from kamdesk.ui.kit.bits import Segments, button, card, column, fixed, row, scrolled, text
from kamdesk.ui.kit.keys_card import KeysCard
from kamdesk.ui.kit.mask_card import MaskCard
from kamdesk.ui.kit.prove_card import ProveCard
from kamdesk.ui.kit.reveal_card import RevealCard
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.kit.unlock import different


class SettingsPage(Screen):
    """What the user can choose, and the facts that support asks for."""

    name = "settings"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        themes = [
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ]
        languages = [("system", self.tr("As the system")), ("en", "English"), ("zh_CN", "简体中文")]
        self.themes = Segments(
            themes, lambda value: desk.prefer("theme", value), desk.preference("theme")
        )
        theme.theme().switched.connect(self.refresh)
        look = column(
            text(self.tr("Appearance"), "heading"),
            text(self.tr("Theme"), "label"),
            self.themes,
            text(self.tr("Language"), "label"),
            Segments(
                languages, lambda value: desk.prefer("language", value), desk.preference("language")
            ),
        )
        if uncaptured.is_possible() and desk.prices.state is not PriceState.ABSENT:
            choices = [("hidden", self.tr("Not shown")), (uncaptured.SEEN, self.tr("Shown"))]
            look.addWidget(text(self.tr("Open prices in shared screens and screenshots"), "label"))
            look.addWidget(
                Segments(
                    choices,
                    lambda value: desk.prefer(uncaptured.PREFERENCE, value),
                    desk.preference(uncaptured.PREFERENCE) or "hidden",
                )
            )
        facts = QGridLayout()
        facts.setHorizontalSpacing(24)
        facts.setColumnStretch(1, 1)
        profile = desk.profile
        for line, (name, value) in enumerate(
            (
                (self.tr("User"), f"{profile.name} ({profile.login})"),
                (self.tr("Role"), speech.word(profile.role)),
                (self.tr("Territory"), profile.territory),
                (self.tr("Company"), profile.company),
                (self.tr("Head office"), profile.server),
                (self.tr("This computer"), profile.device_id),
                (self.tr("Version"), __version__),
            )
        ):
            facts.addWidget(fixed(text(name, "muted")), line, 0)
            facts.addWidget(fixed(text(value, select=True)), line, 1)
        self.filing = fixed(text("", select=True))
        self._filing_label = fixed(text("", "muted"))
        below = facts.rowCount()
        for at, one in enumerate((self._filing_label, self.filing)):
            one.hide()
            facts.addWidget(one, below, at)
        again = button(self.tr("Sign in again"), self._sign_in, image="user")
        other = button(self.tr("Change the password…"), self._change_password)
        self.backups = BackupCard(desk, desk.upkeep) if desk.upkeep else None
        self.keys = KeysCard(desk, desk.upkeep) if desk.upkeep else None
        has_prices = desk.prices.state is not PriceState.ABSENT
        self.prove = ProveCard(desk, desk.upkeep) if desk.upkeep and has_prices else None
        self.reveals = RevealCard(desk) if has_prices else None
        self.masks = MaskCard(desk) if has_prices else None
        who = column(text(self.tr("Who works here"), "heading"), facts, row(again, other, None))
        beside = (self.backups, self.keys, self.reveals, self.prove)
        layout = row(_cards(look, self.masks, who), _cards(*beside), gap=theme.GAP)
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        inside = QWidget()
        inside.setLayout(layout)
        self.setLayout(column(scrolled(inside)))
        self.refresh()

    def open_record(self, record_id: str) -> None:
        """Open the dialog for signing in again, which the strip asks for."""
        if record_id == "sign_in":
            self._sign_in()

    def _sign_in(self) -> None:
        labels = {
            "user": self.tr("User name"),
            "password": self.tr("Password"),
            "code": self.tr("or enrolment code"),
        }
        form = SmallForm(
            self.desk, self, self.tr("Sign in again"), labels, {"user": self.desk.profile.login},
            lambda typed: self.desk.connection.sign_in(SignIn("", **typed)),
            is_write=False, hidden=("password",),
        )  # fmt: skip
        form.open()

    def _change_password(self) -> None:
        labels = {
            "current": self.tr("Password that holds now"),
            "new": self.tr("New password"),
            "again": self.tr("New password again"),
        }
        form = SmallForm(
            self.desk, self, self.tr("Change the password of head office"), labels, {}, self._choose,
            is_write=False, hidden=tuple(labels), verb=self.tr("Change"),
            advice=self.tr("You sign in with it on another computer. This one stays signed in."),
        )  # fmt: skip
        form.accepted.connect(
            lambda: self.desk.say(self.tr("The password was changed at head office"))
        )
        form.open()

    def _choose(self, typed: dict[str, str]) -> None:
        if typed["new"] != typed["again"]:
            raise different()
        self.desk.connection.change_password(typed["current"], typed["new"])

    def _show_filing(self, filing: Filing | None) -> None:
        for one in (self._filing_label, self.filing):
            one.setVisible(filing is not None)
        if filing is None:
            return
        self._filing_label.setText(self.tr("Filing as a medical representative"))
        is_over = not filing.number or (filing.until is not None and filing.until < clock.today())
        words = filing.number or self.tr("missing")
        if filing.until is not None:
            words += ", " + self.tr("until {day}").format(day=speech.day(filing.until))
        self.filing.setText(words)
        theme.dress(self.filing, "error" if is_over else "")

    def refresh(self) -> None:
        """Show what may have changed elsewhere: the theme, the filing, backups and keys."""
        me = self.desk.profile
        self.desk.tasks.read(
            self, lambda reader: filing_of(reader, me.user_id, me.role), self._show_filing
        )
        self.themes.show_value(self.desk.preference("theme"))
        for one in (self.backups, self.keys):
            if one is not None:
                one.refresh()


def _cards(*inside: QLayout | QWidget | None) -> QLayout:
    """Put cards of these one below the other; None is left out."""
    return column(*(card(column(one)) for one in inside if one is not None), None, gap=theme.GAP)
