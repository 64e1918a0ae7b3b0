"""Prices as whole numbers are written, multiplied and added exactly as prices are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamdesk.domain.price_digits import plain, times, total
from kamdesk.domain.prices import Price, Ratio

MANTISSAS = st.integers(-(10**20), 10**20)
PLACES = st.integers(0, 12)


def price(mantissa, places, unit="CNY"):
    return Price(Decimal(mantissa).scaleb(-places), unit)


@given(MANTISSAS, PLACES, st.sampled_from(["CNY", "EUR", "JPY"]))
def test_a_number_is_written_as_its_price(mantissa, places, unit):
    assert plain((mantissa, places, unit)) == price(mantissa, places, unit).reveal()


@given(st.integers(0, 10**14), PLACES)
def test_a_percentage_is_written_as_its_ratio(mantissa, places):
    assert plain((mantissa, places, "PCT")) == Ratio(Decimal(mantissa).scaleb(-places)).reveal()


@given(
    st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 4), st.integers(1, 10**5)), min_size=1)
)
def test_the_total_is_that_of_the_prices(lines):
    whole = Price(0, "CNY")
    for mantissa, places, count in lines:
        whole = whole + price(mantissa, places) * count
    numbers = [times((mantissa, places, "CNY"), count) for mantissa, places, count in lines]
    assert plain(total(numbers)) == whole.reveal()


@pytest.mark.parametrize("numbers", [[], [None], [(1, 0, "CNY"), (1, 0, "EUR")]])
def test_nothing_and_two_currencies_have_no_total(numbers):
    assert total(numbers) is None
