"""The prices of a list as numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.price_index import PriceIndex
from kamdesk.domain.prices import Price

NUMBERS = [(2350, 2, "CNY"), None, (5, 0, "CNY"), (-1, 4, "CNY"), (7, 1, "EUR")]


def _index(numbers=NUMBERS):
    return PriceIndex([str(at) for at in range(len(numbers))], iter(numbers))


def test_sums_are_exact_and_by_currency():
    index = _index()
    assert index.is_exact
    assert index.sum("CNY") == Price(Decimal("28.4999"), "CNY")
    assert index.sum("EUR") == Price(Decimal("0.7"), "EUR")
    assert index.sum("USD") == Price(0, "USD")


def test_h6_order_is_by_currency_and_price_and_nothing_comes_last():
    assert _index().order() == [3, 2, 0, 4, 1]


def test_a_filter_keeps_to_its_currency_and_bounds():
    index = _index()
    five = Price(5, "CNY")
    assert list(index.between(five, None)) == [0, 2]
    assert list(index.between(None, five)) == [2, 3]


def test_digits_that_do_not_fit_are_said():
    assert not _index([(10**23 + 5, 12, "CNY"), (1, 12, "CNY")]).is_exact


def test_a_wiped_index_holds_nothing_and_refuses():
    index = _index()
    index.wipe()
    assert not any(index._values)
    for use in (lambda: index.sum("CNY"), index.order):
        with pytest.raises(PricesLocked):
            use()
