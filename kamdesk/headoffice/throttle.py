"""Slowing down whoever guesses passwords and codes; nobody is ever locked out for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text

_FREE = {"user": 5, "ip": 20}
"""Failures without a delay, by what is counted; many people may share one address."""
_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(minutes=15)
_FORGET = timedelta(hours=1)


def check(connection: Connection, keys: Iterable[str]) -> None:
    """Raise 429 while any of `keys`, such as `user:ann` or `ip:192.0.2.7`, has to wait."""
    now = clock.now()
    for key in keys:
        until = connection.execute(
            text("SELECT until FROM throttle WHERE k = :k"), {"k": key}
        ).scalar()
        if until and clock.parse_stamp(until) > now:
            seconds = int((clock.parse_stamp(until) - now).total_seconds()) + 1
            raise Rejected(429, "throttled", retry_after=seconds)


def failed(connection: Connection, keys: Iterable[str]) -> None:
    """Count one failure for each key; the delay doubles with each one past the free ones."""
    now = clock.now()
    # Whoever guesses at names leaves a row for each
    connection.execute(
        text("DELETE FROM throttle WHERE last_at < :old"), {"old": clock.stamp(now - _FORGET)}
    )
    for key in sorted(keys):
        row = connection.execute(
            text("SELECT fails, last_at FROM throttle WHERE k = :k"), {"k": key}
        ).one_or_none()
        fails = 1
        if row is not None and now - clock.parse_stamp(row.last_at) < _FORGET:
            fails = row.fails + 1
        beyond = fails - _FREE[key.partition(":")[0]]
        delay = min(_FIRST * 2 ** min(beyond, 10), _LONGEST) if beyond >= 0 else timedelta()
        connection.execute(
            text(
                "INSERT INTO throttle (k, fails, last_at, until) VALUES (:k, :fails, :now, :until) "
                "ON CONFLICT (k) DO UPDATE SET fails = excluded.fails, last_at = excluded.last_at, "
                "until = excluded.until"
            ),
            {"k": key, "fails": fails, "now": clock.stamp(now), "until": clock.stamp(now + delay)},
        )


def succeeded(connection: Connection, key: str) -> None:
    """Forget the failures of one key."""
    connection.execute(text("DELETE FROM throttle WHERE k = :k"), {"k": key})
