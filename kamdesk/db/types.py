"""Column types whose stored form is the wire form, so that reconciliation copies instead of converting."""

from __future__ import annotations

import json
from datetime import date, datetime

from sqlalchemy import Dialect, LargeBinary, String, TypeDecorator

from kamdesk.domain import clock
from kamdesk.security.envelope import MAGIC


class Day(TypeDecorator[date]):
    """A calendar day, stored as `2026-11-24`; a day has no zone and never moves."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware and UTC, stored as `2026-11-24T08:00:00.000Z`."""

    impl = String(24)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else clock.stamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else clock.parse_stamp(value)


class TextList(TypeDecorator[list[str]]):
    """A list of short texts or ids, stored as JSON text. Assign a new list to change it."""

    impl = String()
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        return (
            None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else list(json.loads(value))


class SealedBytes(TypeDecorator[bytes]):
    """The envelope of a value. Nothing else is let through: a price in the clear is a bug that must not commit."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is not None and not (isinstance(value, bytes) and value.startswith(MAGIC)):
            raise TypeError("only envelopes are kept in this column")
        return value
