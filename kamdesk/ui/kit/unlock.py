"""Showing prices: unlocked at once where the policy asks for nothing, else with the price passphrase."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.i18n import QT_TRANSLATE_NOOP
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
            raise UserError(
                QT_TRANSLATE_NOOP("unlock", "The two are not the same."),
                field="again",
                context="unlock",
            )
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
    )
    form.open()
    return form
