"""What the tables of contract lines share: which prices a role has, what they are called, how they are written."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from kamdesk.domain.prices import Price, Ratio, Unreadable
from kamdesk.domain.roles import Level, Role, may_read
from kamdesk.ui import discreet, speech

DOTS = "••••••"
"""What stands for any price while prices are locked: always the same width, whether there is one or not."""
FLOOR = "floor"
FIELDS = ("list", "contract", "net", "rebate", FLOOR)


def fields_of(role: str) -> tuple[str, ...]:
    """Name the prices that a role has; none for a role that never receives any."""
    if not may_read(Role(role), Level.L3):
        return ()
    return FIELDS if may_read(Role(role), Level.L4) else FIELDS[:-1]


def heading(field: str) -> str:
    """Return the heading of a column of prices, or of what they come to."""
    translate = QCoreApplication.translate
    return {
        "list": translate("price_words", "List"),
        "contract": translate("price_words", "Contract"),
        "net": translate("price_words", "Net"),
        "rebate": translate("price_words", "Rebate %"),
        FLOOR: translate("price_words", "Floor"),
        "value": translate("price_words", "Net value"),
    }[field]


def unreadable() -> str:
    """Return what stands for a price that cannot be opened."""
    return QCoreApplication.translate("price_words", "cannot be read")


def hidden_name() -> str:
    """Return what a screen reader says of a price: never the price."""
    return QCoreApplication.translate("price_words", "a price")


def written(value: Price | Ratio | Unreadable | None) -> str:
    """Write an open price; a dash for none."""
    if isinstance(value, Unreadable):
        return unreadable()
    return "—" if value is None else speech.digits(value.reveal())


def value_of(net: object, volume: int | None) -> Price | None:
    """Return what a line comes to: its net price times its volume."""
    return net * volume if isinstance(net, Price) and volume else None


def total(values: Iterable[Price | None]) -> Price | None:
    """Add up what the lines come to; None where there is nothing, or more than one currency."""
    found = [one for one in values if one is not None]
    if not found or len({one.currency for one in found}) != 1:
        return None
    whole = found[0]
    for one in found[1:]:
        whole = whole + one
    return whole


def total_words(values: Iterable[Price | None]) -> str:
    """Write the total with its currency; a dash for none, dots in train mode."""
    if discreet.is_on():
        return DOTS
    whole = total(values)
    return "—" if whole is None else f"{speech.digits(whole.reveal())} {whole.currency}"
