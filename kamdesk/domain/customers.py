"""Rules of customers: who may bring one in, and what of it head office takes from whoever does."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.rules import need

CREATORS = frozenset({Role.REP, Role.KAM, Role.RM})
"""Those who have a territory of their own: a new customer belongs to it."""

TAKEN_WHEN_NEW = frozenset({"code", "pinyin", "initials"})
"""What only head office changes later, but takes as given when the customer is new."""


def check_new(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may bring this customer in."""
    if actor.role not in CREATORS:
        raise Refused("Only those with a territory bring in customers.", code="not_allowed")
    need(document, "name", "kind")
