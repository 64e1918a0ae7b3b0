"""Periods as people name them: this month, last month, this quarter."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """A stretch of days that moves with today."""

    ANY = "any"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_90_DAYS = "last_90_days"
    THIS_YEAR = "this_year"


def bounds(period: Period, today: date) -> tuple[date | None, date | None]:
    """Return the first and the last day of a period, both in it; None where it has no end."""
    first = today.replace(day=1)
    if period is Period.THIS_MONTH:
        return first, _month_end(first)
    if period is Period.LAST_MONTH:
        end = first - timedelta(days=1)
        return end.replace(day=1), end
    if period is Period.THIS_QUARTER:
        start = first.replace(month=first.month - (first.month - 1) % 3)
        return start, _month_end(start.replace(month=start.month + 2))
    if period is Period.LAST_90_DAYS:
        return today - timedelta(days=89), today
    if period is Period.THIS_YEAR:
        return today.replace(month=1, day=1), today.replace(month=12, day=31)
    return None, None


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
