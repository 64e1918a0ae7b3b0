"""The read side: plain SQL in, frozen dataclasses out; no SQLAlchemy, no records."""

from __future__ import annotations

from datetime import date, datetime

from kamdesk.domain import clock


def day(text: str | None) -> date | None:
    """Read a stored day; a value that is none is shown as none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def instant(text: str | None) -> datetime | None:
    """Read a stored instant; a value that is none is shown as none."""
    try:
        return clock.parse_stamp(text) if text else None
    except ValueError:
        return None


def sending(kind: str, alias: str) -> str:
    """Give the SQL that tells how far a record has come: saved, sent or confirmed."""
    return (
        "(SELECT CASE WHEN count(*) = 0 THEN 'confirmed' WHEN count(o.mid) = count(*) THEN 'sent' ELSE 'saved' END"
        f" FROM sync_op o WHERE o.kind = '{kind}' AND o.id = {alias}.id AND o.st = 'queued')"
    )
