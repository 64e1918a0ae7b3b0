"""Rules of products: who may bring one in. Once it is there, it is head office's to change."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.rules import need

CREATORS = frozenset({Role.KAM, Role.RM, Role.PRC, Role.GM})
"""Those who plan and price by product. What one of them brings in is seen by the whole company."""

TAKEN_WHEN_NEW = frozenset({"form", "route", "code", "atc", "holder", "status"})
"""What only head office changes later, but takes as given when the product is new."""


def check_new(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may bring this product in."""
    if actor.role not in CREATORS:
        raise Refused("Only managers and head office bring in products.", code="not_allowed")
    need(document, "name")
