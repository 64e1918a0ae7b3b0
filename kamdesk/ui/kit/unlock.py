"""Showing prices: unlocked at once where the policy asks for nothing, else with the price passphrase."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.prices import unsent_prices
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.small_form import SmallForm


def show_prices(desk: Desk, parent: QWidget) -> SmallForm | None:
    """Unlock prices, off the GUI thread; a wrong passphrase is said beside its line. Returns what asks for it."""
    prices = desk.prices.prices
    if prices.state is not PriceState.LOCKED:
        return None
    if not prices.needs_passphrase:
        desk.tasks.run(desk.prices, prices.open, key="open", failed=desk.fail)
        return None
    is_new = prices.is_new

    def unlock(typed: dict[str, str]) -> None:
        if is_new and typed["passphrase"] != typed["again"]:
            raise different()
        prices.open(typed["passphrase"])

    translate = QCoreApplication.translate
    labels = {"passphrase": translate("unlock", "Price passphrase")}
    if is_new:
        labels = {
            "passphrase": translate("unlock", "Choose a price passphrase"),
            "again": translate("unlock", "The same again"),
        }
    form = SmallForm(
        desk,
        parent,
        translate("unlock", "Show prices"),
        labels,
        {},
        unlock,
        is_write=False,
        hidden=tuple(labels),
        verb=translate("unlock", "Show prices"),
        advice=translate(
            "unlock",
            "It opens the prices on this computer and is kept nowhere; head office cannot tell it.",
        )
        if is_new
        else "",
        instead=None
        if is_new
        else (
            translate("unlock", "Forgotten the passphrase…"),
            lambda: _forgotten(desk, parent),
        ),
    )
    form.open()
    return form


def _forgotten(desk: Desk, parent: QWidget) -> None:
    def ask(unsent: int) -> None:
        choose_another(desk, parent, unsent)

    desk.tasks.read(desk.prices, unsent_prices, ask, failed=desk.fail)


def choose_another(desk: Desk, parent: QWidget, unsent: int) -> SmallForm:
    """Ask for another price passphrase and for the sign-in at head office, which sends the prices again.

    `unsent`: how many changes with prices were not sent, and are given up.
    """
    translate = QCoreApplication.translate

    def replace(typed: dict[str, str]) -> None:
        if typed["passphrase"] != typed.pop("again"):
            raise different()
        new = typed.pop("passphrase")
        desk.connection.replace_price_passphrase(SignIn("", **typed), new)

    told = translate(
        "unlock",
        "Nobody can tell you the old one. Choose another one and sign in at head office, which needs a connection: it "
        "sends the prices again.",
    )
    if unsent:
        told += " " + speech.counted(
            unsent,
            translate(
                "unlock",
                "1 change with prices that was not sent can never be read again and is given up.",
            ),
            translate(
                "unlock",
                "{n} changes with prices that were not sent can never be read again and are given up.",
            ),
        )
    form = SmallForm(
        desk,
        parent,
        translate("unlock", "Choose another price passphrase"),
        {
            "user": translate("unlock", "User name"),
            "password": translate("unlock", "Password at head office"),
            "code": translate("unlock", "or enrolment code"),
            "passphrase": translate("unlock", "New price passphrase"),
            "again": translate("unlock", "The same again"),
        },
        {"user": desk.profile.login},
        replace,
        is_write=False,
        hidden=("password", "passphrase", "again"),
        verb=translate("unlock", "Sign in and open prices"),
        advice=told,
    )
    form.open()
    return form


def different() -> UserError:
    """Return the error for a passphrase that was typed twice and not the same."""
    return UserError(
        QT_TRANSLATE_NOOP("unlock", "The two are not the same."), field="again", context="unlock"
    )
