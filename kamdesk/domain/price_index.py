"""The prices of a list as numbers: summed, sorted and filtered without a second copy, and wiped on lock.

One block of memory at its final size: a list, a dict or an array that grows leaves copies behind that nothing
overwrites.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import compress

from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import MOST_PLACES, Amount, Price, Ratio

Number = tuple[int, int, str]
"""Mantissa, digits after the point, currency or PCT."""

_MOST = (1 << 63) - 1
_NOTHING = -_MOST - 1


class PriceIndex:
    """One field of many records, with their order. Made off the GUI thread, used by one thread at a time.

    `is_exact`: False where a price needs more than 63 bits at the common scale; sums are rounded then.
    """

    def __init__(self, ids: Sequence[str], numbers: Iterable[Number | None]) -> None:
        self.ids = list(ids)
        self.is_exact = True
        self._values = array("q", bytes(8 * len(self.ids)))
        self._units = bytearray(len(self.ids))
        self._names: list[str] = []
        self._scale = 0
        self._is_wiped = False
        self._fill(numbers)
        self._order = array("i", self._sorted())

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<PriceIndex of {len(self)}>"

    def _fill(self, numbers: Iterable[Number | None]) -> None:
        values, units, known = self._values, self._units, {"": 0}
        scales = bytearray(len(self.ids))
        last, its = "", 0
        for at, number in enumerate(numbers):
            if number is None:
                values[at] = _NOTHING
                continue
            mantissa, scale, unit = number
            if not -_MOST <= mantissa <= _MOST:
                mantissa, scale = self._shortened(mantissa, scale)
            values[at] = mantissa
            scales[at] = scale
            if unit != last:
                last, its = unit, known.setdefault(unit, len(known))
            units[at] = its
        self._names = list(known)
        if scales and min(scales) != max(scales):
            self._align(scales)
        else:
            self._scale = scales[0] if scales else 0

    def _shortened(self, mantissa: int, scale: int) -> tuple[int, int]:
        """Drop digits after the point until 63 bits hold the rest; what they never hold becomes the largest."""
        while abs(mantissa) > _MOST and scale > 0:
            mantissa, scale = _tenth(mantissa), scale - 1
            self.is_exact = False
        return max(-_MOST, min(_MOST, mantissa)), scale

    def _align(self, scales: bytearray) -> None:
        """Bring all values to the largest scale at which every one fits."""
        values = self._values
        common = max(scales)
        for at, scale in enumerate(scales):
            while values[at] != _NOTHING and abs(values[at]) * 10 ** max(common - scale, 0) > _MOST:
                common -= 1
        for at, scale in enumerate(scales):
            if values[at] == _NOTHING:
                continue
            for _ in range(scale - common):
                self.is_exact = self.is_exact and not values[at] % 10
                values[at] = _tenth(values[at])
            if scale < common:
                values[at] *= 10 ** (common - scale)
        self._scale = common

    def units(self) -> list[str]:
        """Return the currencies that occur."""
        return self._names[1:]

    def sum(self, currency: str) -> Price:
        """Add up all prices of one currency. Raises PricesLocked after `wipe`."""
        self._demand()
        if currency not in self._names:
            return Price(0, currency)
        if len(self._names) == 2 and 0 not in self._units:
            total = sum(self._values)
        else:
            unit = self._names.index(currency)
            total = sum(
                value for value, its in zip(self._values, self._units, strict=True) if its == unit
            )
        return Price(Decimal(total).scaleb(-self._scale), currency)

    def _sorted(self) -> list[int]:
        everything = range(len(self.ids))
        some = list(compress(everything, self._units))
        some.sort(key=self._values.tolist().__getitem__)
        if len(self._names) > 2:
            some.sort(key=self._units.__getitem__)
        if len(some) == len(everything):
            return some
        return some + [at for at, unit in enumerate(self._units) if not unit]

    def order(self, *, descending: bool = False) -> list[int]:
        """Give the positions by currency and price; what has no price comes last. Raises PricesLocked."""
        self._demand()
        found = self._order.tolist()
        if not descending:
            return found
        end = len(found) - self._units.count(0)
        some = found[:end]
        some.sort(key=self._values.__getitem__, reverse=True)  # in order already: one pass
        if len(self._names) > 2:
            some.sort(key=self._units.__getitem__)
        return some + found[end:]

    def between(self, least: Amount | None, most: Amount | None) -> Iterator[int]:
        """Give the positions of prices from `least` to `most` in their currency; None: no bound."""
        self._demand()
        units = {one.currency if isinstance(one, Price) else "PCT" for one in (least, most) if one}
        if len(units) != 1:
            raise ValueError("one currency, and at least one bound")
        [unit] = units
        low = _NOTHING + 1 if least is None else self._bound(least, up=True)
        high = _MOST if most is None else self._bound(most, up=False)
        number = self._names.index(unit) if unit in self._names else -1
        for at, value in enumerate(self._values):
            if self._units[at] == number and low <= value <= high:
                yield at

    def _bound(self, value: Price | Ratio, *, up: bool) -> int:
        mantissa, scale = value.parts()
        shifted: int = mantissa * 10 ** (MOST_PLACES - scale)
        step: int = 10 ** (MOST_PLACES - self._scale)
        return -(-shifted // step) if up else shifted // step

    def wipe(self) -> None:
        """Overwrite every number; each later use raises PricesLocked."""
        self._is_wiped = True
        for block in (self._values, self._units, self._order):
            with memoryview(block) as view, view.cast("B") as content:
                content[:] = bytes(len(content))

    def _demand(self) -> None:
        if self._is_wiped:
            raise PricesLocked


def _tenth(value: int) -> int:
    """Divide by ten, half away from zero."""
    return (abs(value) + 5) // 10 * (1 if value >= 0 else -1)
