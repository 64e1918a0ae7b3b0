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


URGENT = ("conflict", "rejected", "failed", "mass_delete", "lost")
"""Types of issues that wait for the user; `overwritten` is told and can be undone, no more."""
ASKING = f"(SELECT kind, row_id AS id FROM sync_issue WHERE state = 'open' AND type IN {URGENT})"
"""The SQL of the records of which a change was not taken and waits for the user."""


def sending(kind: str, alias: str) -> str:
    """Give the SQL that tells how far a record has come: saved, sent, asking (it needs the user) or confirmed."""
    return sending_of(f"o.kind = '{kind}' AND o.id = {alias}.id")


def sending_of(which: str) -> str:
    """Give that SQL for all records that a condition on `o.kind` and `o.id` names, as one."""
    return (
        "(SELECT CASE WHEN count(*) > count(o.mid) THEN 'saved' WHEN count(*) > 0 THEN 'sent'"
        f" WHEN EXISTS (SELECT 1 FROM {ASKING} o WHERE {which}) THEN 'asking' ELSE 'confirmed' END"
        f" FROM sync_op o WHERE o.st = 'queued' AND {which})"
    )
