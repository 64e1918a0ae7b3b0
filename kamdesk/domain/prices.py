"""Prices that never print: exact, sealed wherever they are kept, and text only where somebody asks for it.

A format string, a log line, a debugger or a crash report shows dots; pickling and JSON refuse.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import NoReturn

from kamdesk.domain.errors import UserError
from kamdesk.domain.money import places_of
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

DOTS = "•••"
MOST_PLACES = 12
MOST_DIGITS = 24
PERCENT = "PCT"
"""What stands in the place of a currency in the stored form of a ratio."""

_EXACT = Context(prec=64, traps=[Inexact, InvalidOperation, Overflow])
_TYPED = re.compile(r"[0-9]+(\.[0-9]+)?")
_WIRE = re.compile(r"(0|[1-9][0-9]{0,23})(\.[0-9]{0,11}[1-9])? ([A-Z]{3})")


class _Hidden:
    """An exact decimal that shows dots. Equality and order are by value; there is no hash."""

    __slots__ = ("_value",)
    # A set or a dict of prices would be a second copy of them
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Decimal | int) -> None:
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise TypeError("a price is made of a Decimal or an int, never of a float")
        self._value = _checked(Decimal(value))

    def __repr__(self) -> str:
        return DOTS

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return DOTS

    def __reduce__(self) -> NoReturn:
        raise TypeError("prices are not pickled or copied")

    def parts(self) -> tuple[int, int]:
        """Return (mantissa, digits after the point), as the sealed form has them."""
        sign, digits, exponent = self._value.as_tuple()
        assert isinstance(exponent, int)
        mantissa = int("".join(map(str, digits)))
        if exponent > 0:
            mantissa, exponent = mantissa * 10**exponent, 0
        return (-mantissa if sign else mantissa), -exponent


class Price(_Hidden):
    """An amount per unit: an exact Decimal of at most 12 places and 24 digits, and its currency."""

    __slots__ = ("currency",)

    def __init__(self, amount: Decimal | int, currency: str) -> None:
        super().__init__(amount)
        if not re.fullmatch(r"[A-Z]{3}", currency) or currency == PERCENT:
            raise ValueError("not a currency")
        self.currency = currency

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Price):
            return NotImplemented
        return (self._value, self.currency) == (other._value, other.currency)

    __hash__ = None

    def __lt__(self, other: Price) -> bool:
        return self._value < self._beside(other)

    def __le__(self, other: Price) -> bool:
        return self._value <= self._beside(other)

    def __add__(self, other: Price) -> Price:
        return Price(_EXACT.add(self._value, self._beside(other)), self.currency)

    def __sub__(self, other: Price) -> Price:
        return Price(_EXACT.subtract(self._value, self._beside(other)), self.currency)

    def __mul__(self, times: int | Decimal) -> Price:
        return Price(_EXACT.multiply(self._value, Decimal(times)), self.currency)

    @property
    def is_negative(self) -> bool:
        """Say whether the amount is below zero."""
        return self._value < 0

    def reveal(self) -> str:
        """Return the amount in plain digits, with at least the places of its currency."""
        return _plain(self._value, least=places_of(self.currency))

    def _beside(self, other: Price) -> Decimal:
        if other.currency != self.currency:
            raise ValueError("two currencies")
        return other._value


class Ratio(_Hidden):
    """A percentage: an exact Decimal of at most 12 places."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Ratio) else NotImplemented

    __hash__ = None

    def __lt__(self, other: Ratio) -> bool:
        return self._value < other._value

    def __le__(self, other: Ratio) -> bool:
        return self._value <= other._value

    def reveal(self) -> str:
        """Return the percentage in plain digits, without a sign."""
        return _plain(self._value, least=0)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A sealed value that cannot be opened. `why`: format, key or tampered. Never shown as nothing or zero."""

    why: str


class SecretText:
    """A text that tells a price: dots wherever it is printed, until somebody asks for it."""

    __slots__ = ("_text",)
    # A set or a dict of them would be a second copy
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return DOTS

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return DOTS

    def __reduce__(self) -> NoReturn:
        raise TypeError("prices are not pickled or copied")

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, SecretText) else NotImplemented

    def reveal(self) -> str:
        """Return the text."""
        return self._text


Amount = Price | Ratio
Secret = Amount | SecretText
"""What a sealed field holds."""


@dataclass(frozen=True, slots=True)
class LinePrices:
    """The prices of one contract line; None: there is none, or the role does not have it here."""

    list: Price | Unreadable | None = None
    contract: Price | Unreadable | None = None
    net: Price | Unreadable | None = None
    rebate: Ratio | Unreadable | None = None
    floor: Price | Unreadable | None = None

    def check(self) -> None:
        """Raise UserError with the field where these cannot be the prices of one line."""
        currencies = set()
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Price):
                currencies.add(value.currency)
                if value.is_negative:
                    raise _bad_price(one.name)
            if len(currencies) > 1:
                raise UserError(
                    QT_TRANSLATE_NOOP("prices", "All prices of a line are in one currency."),
                    field=one.name,
                    code="two_currencies",
                    context="prices",
                )
        if isinstance(self.rebate, Ratio) and not Ratio(0) <= self.rebate <= Ratio(100):
            raise _bad_ratio("rebate")


def read_price(typed: str, currency: str, *, field: str) -> Price | None:
    """Read a price as people type it, plain or full-width digits. None where nothing was typed.

    Strict: no separators, no currency, no sign, for "1,234" is two numbers. Raises UserError with `field`.
    """
    value = _read(typed)
    if value is None:
        return None
    if isinstance(value, str):
        raise _bad_price(field)
    return Price(value, currency)


def read_ratio(typed: str, *, field: str) -> Ratio | None:
    """Read a percentage from 0 to 100, with or without its sign. Raises UserError with `field`."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not plain:
        return None
    value = _read(plain.removesuffix("%"))
    if value is None or isinstance(value, str) or value > 100:
        raise _bad_ratio(field)
    return Ratio(value)


def _read(typed: str) -> Decimal | str | None:
    """Return the number, None for nothing, or the text that is no number."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not plain:
        return None
    if not _TYPED.fullmatch(plain):
        return plain
    try:
        return _checked(Decimal(plain))
    except ValueError:
        return plain


def _bad_price(field: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "prices", "Enter the price as 1234.50: digits and a point, at most {places} after it."
        ),
        field=field,
        code="bad_price",
        context="prices",
        places=MOST_PLACES,
    )


def _bad_ratio(field: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("prices", "Enter a percentage from 0 to 100, such as 12.5."),
        field=field,
        code="bad_ratio",
        context="prices",
    )


def _checked(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("not a finite number")
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if -exponent > MOST_PLACES or len(digits) + max(exponent, 0) > MOST_DIGITS:
        raise ValueError("too many digits")
    return value or abs(value)  # there is no negative zero


def _plain(value: Decimal, *, least: int) -> str:
    whole, _, rest = format(value, "f").partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    return f"{whole}.{rest}" if rest else whole


# ---- the wire -------------------------------------------------------------------------------------------


def to_wire(value: Secret | None) -> str | None:
    """Write a value as it travels inside TLS: shortest digits and a currency, "23.5 CNY" or "12.5 PCT", or a text."""
    if value is None:
        return None
    if isinstance(value, SecretText):
        return value.reveal()
    mantissa, places = value.parts()
    unit = value.currency if isinstance(value, Price) else PERCENT
    return f"{_plain(Decimal(mantissa).scaleb(-places), least=0)} {unit}"


def from_wire(text: object) -> Secret | None:
    """Read an amount that `to_wire` wrote. Raises ValueError for anything else, also for another spelling of it."""
    if text is None:
        return None
    found = _WIRE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("not a price")
    amount, currency = found[0].split(" ")
    value = Decimal(amount)
    return Ratio(value) if currency == PERCENT else Price(value, currency)


def is_wire_price(text: object) -> bool:
    """Say whether this is a price on the wire, none below zero."""
    try:
        return isinstance(from_wire(text), Price)
    except ValueError:
        return False


def is_wire_ratio(text: object) -> bool:
    """Say whether this is a percentage from 0 to 100 on the wire."""
    try:
        value = from_wire(text)
    except ValueError:
        return False
    return isinstance(value, Ratio) and value <= Ratio(100)
