"""Amounts of money: whole minor units and a currency, never a float."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from kamdesk.domain.errors import UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

CURRENCIES = ("CNY", "EUR", "GBP", "USD", "HKD", "INR", "JPY", "ZAR", "AUD", "CHF")
_NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND"})  # ISO 4217, exponent 0
LARGEST = 10**13
"""In minor units; beyond it somebody slipped on the keyboard."""
_TYPED = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount. `minor`: whole minor units (fen, cents); `currency`: ISO 4217."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-places_of(self.currency))


def places_of(currency: str) -> int:
    """Say how many digits the minor unit of a currency has."""
    return 0 if currency in _NO_MINOR_UNIT else 2


def read_amount(typed: str, currency: str, *, field: str) -> Money | None:
    """Read an amount as people type it: "12,000", "1 200.50", "１２００". None where nothing was typed.

    A comma before exactly three digits groups them; a single one before one or two is the decimal sign.
    Raises UserError with `field`.
    """
    plain = re.sub(r"[\s_' ]", "", unicodedata.normalize("NFKC", typed))
    if not plain:
        return None
    plain = plain.lstrip("¥€£$")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    if not _TYPED.fullmatch(plain):
        raise UserError(
            QT_TRANSLATE_NOOP("money", "Enter the amount as 12000 or 12,000.50."),
            field=field,
            code="bad_amount",
            context="money",
        )
    scaled = Decimal(plain).scaleb(places_of(currency))
    if scaled != scaled.to_integral_value():
        raise UserError(
            QT_TRANSLATE_NOOP("money", "This currency has {places} digits after the point."),
            field=field,
            code="bad_amount",
            context="money",
            places=places_of(currency),
        )
    if scaled > LARGEST:
        raise UserError(
            QT_TRANSLATE_NOOP("money", "The amount is too large."),
            field=field,
            code="bad_amount",
            context="money",
        )
    return Money(int(scaled), currency)
