"""Prices as values: exact, and never shown by accident."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from decimal import Decimal

import pytest

from kamdesk.domain.errors import UserError
from kamdesk.domain.prices import (
    DOTS,
    LinePrices,
    Price,
    Ratio,
    from_wire,
    is_wire_price,
    is_wire_ratio,
    read_price,
    read_ratio,
    to_wire,
)

PRICE = Price(Decimal("739148357.2613"), "CNY")


def test_h11_nothing_prints_a_price(caplog):
    """H11."""
    line = LinePrices(net=PRICE, rebate=Ratio(Decimal("12.375")))
    logging.getLogger("kamdesk.test").warning("%s %r", PRICE, line)
    shown = f"{PRICE} {PRICE!r} {PRICE:>20} {line} {line!r} {caplog.text}"
    assert "739148357" not in shown
    assert "12.375" not in shown
    assert DOTS in shown


@pytest.mark.parametrize("value", [PRICE, Ratio(5), LinePrices(net=PRICE)])
def test_h11_prices_are_not_pickled_copied_or_written_as_json(value):
    for refuse in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            refuse(value)
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("23.50", "23.50"),
        ("23.5", "23.50"),
        ("0", "0.00"),
        ("１２３．５", "123.50"),
        (" 7 ", "7.00"),
        ("0.000000000001", "0.000000000001"),
        ("999999999999.999999999999", "999999999999.999999999999"),
        ("007", "7.00"),
    ],
)
def test_h10_exact_decimals_are_taken_as_typed(typed, shown):
    price = read_price(typed, "CNY", field="net")
    assert price is not None
    assert price.reveal() == shown
    assert from_wire(to_wire(price)) == price


@pytest.mark.parametrize(
    "typed",
    ["NaN", "Infinity", "1E+30", "1e5", "0.0000000000001", "1.234,56", "1,234.56", "12 元", "¥12", "-5",
     "-0", "+5", ".5", "5.", "1 000", "--", "1" * 25, "1\u0660"],
)  # fmt: skip
def test_h10_anything_else_is_refused_with_its_field(typed):
    """H10."""
    with pytest.raises(UserError) as caught:
        read_price(typed, "CNY", field="net")
    assert caught.value.field == "net"
    assert len(typed) < 4 or typed not in str(caught.value)


def test_nothing_typed_is_no_price():
    assert read_price("  ", "CNY", field="net") is None
    assert read_ratio("", field="rebate") is None


@pytest.mark.parametrize(
    ("typed", "shown"), [("12.5", "12.5"), ("12.5%", "12.5"), ("１００％", "100")]
)
def test_ratios(typed, shown):
    ratio = read_ratio(typed, field="rebate")
    assert ratio is not None
    assert ratio.reveal() == shown


@pytest.mark.parametrize("typed", ["100.1", "-1", "%", "5%%", "half"])
def test_a_ratio_beyond_its_range_is_refused(typed):
    with pytest.raises(UserError):
        read_ratio(typed, field="rebate")


@pytest.mark.parametrize("value", [1.5, "1.5", True, None])
def test_a_price_is_never_made_of_a_float(value):
    with pytest.raises(TypeError):
        Price(value, "CNY")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+24", "1E-13"])
def test_a_price_stays_in_range(value):
    with pytest.raises(ValueError, match=r"digits|finite"):
        Price(Decimal(value), "CNY")


def test_arithmetic_is_exact_or_refused():
    large, small = Price(Decimal(999999999999), "CNY"), Price(Decimal("0.000000000001"), "CNY")
    assert (large + small).reveal() == "999999999999.000000000001"
    assert (small * 3).reveal() == "0.000000000003"
    assert (small - small) == Price(0, "CNY")
    with pytest.raises(ValueError, match="digits"):
        large * 10**13
    with pytest.raises(ValueError, match="currencies"):
        large + Price(1, "EUR")


def test_equality_is_by_value():
    assert Price(Decimal("23.50"), "CNY") == Price(Decimal("23.5"), "CNY")
    assert Price(Decimal("23.5"), "CNY") != Price(Decimal("23.5"), "EUR")
    assert Price(Decimal("-0"), "CNY").parts() == (0, 0)
    assert Price(Decimal("1E+3"), "CNY").parts() == (1000, 0)


@pytest.mark.parametrize(
    "text",
    ["23.50 CNY", "23.5", "CNY 23.5", "23.5 cny", " 23.5 CNY", "1e3 CNY", "023 CNY", "NaN CNY", 23.5, "",
     "1." + "1" * 13 + " CNY", "1" * 25 + " CNY"],
)  # fmt: skip
def test_one_value_has_one_form_on_the_wire(text):
    assert not is_wire_price(text)


def test_the_wire_keeps_prices_and_ratios_apart():
    assert is_wire_price("23.5 CNY")
    assert not is_wire_price("23.5 PCT")
    assert not is_wire_price("-1 CNY")
    assert is_wire_ratio("12.5 PCT")
    assert not is_wire_ratio("100.5 PCT")
    assert to_wire(None) is None


def test_a_line_has_one_currency_and_nothing_below_zero():
    with pytest.raises(UserError) as caught:
        LinePrices(list=Price(1, "CNY"), net=Price(1, "EUR")).check()
    assert caught.value.code == "two_currencies"
    with pytest.raises(UserError):
        LinePrices(net=Price(-1, "CNY")).check()
    with pytest.raises(UserError):
        LinePrices(rebate=Ratio(101)).check()
