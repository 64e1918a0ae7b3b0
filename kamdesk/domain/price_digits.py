"""Prices as whole numbers, for the moment in which they are written on the screen.

A Decimal leaves its digits in memory that is reused without being overwritten; short-lived whole numbers and texts do
not (measured, see tests/ui/test_memory.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from kamdesk.domain.money import places_of
from kamdesk.domain.prices import PERCENT

Number = tuple[int, int, str]
"""Mantissa, digits after the point, currency or PCT."""


def plain(number: Number) -> str:
    """Write a number in plain digits, as `Price.reveal` and `Ratio.reveal` do."""
    mantissa, places, unit = number
    digits = str(abs(mantissa)).rjust(places + 1, "0")
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    rest = rest.rstrip("0").ljust(0 if unit == PERCENT else places_of(unit), "0")
    sign = "-" if mantissa < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def times(number: Number, count: int) -> Number:
    """Return what so many of them come to."""
    return number[0] * count, number[1], number[2]


def total(numbers: Iterable[Number | None]) -> Number | None:
    """Add up; None where there is nothing, or more than one currency."""
    mantissa, places, units = 0, 0, set[str]()
    for number in numbers:
        if number is not None:
            one, digits, unit = number
            most = max(places, digits)
            mantissa = mantissa * 10 ** (most - places) + one * 10 ** (most - digits)
            places = most
            units.add(unit)
    return (mantissa, places, units.pop()) if len(units) == 1 else None
