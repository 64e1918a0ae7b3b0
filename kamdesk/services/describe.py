"""What kinds of records there are, for screens that show any of them."""

from __future__ import annotations

from kamdesk.db.records import SPECS
from kamdesk.domain.spec import RecordSpec


def spec_of(kind: str) -> RecordSpec:
    """Return the description of a kind. Raises KeyError for one that is not known."""
    return SPECS[kind]
