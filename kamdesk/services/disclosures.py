"""Prices that leave the program by copy, export or on paper: noted first, told to head office's audit later."""

from __future__ import annotations

from typing import Literal

from kamdesk.db import disclosures, reveals
from kamdesk.db.work import Work
from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import Look
from kamdesk.domain.roles import Level, may_read
from kamdesk.i18n import QT_TRANSLATE_NOOP

What = Literal["copied", "exported", "printed"]


def note(work: Work, what: What, contract_id: str) -> None:
    """Note that the prices of a contract leave the program. Raises UserError for a role that has none."""
    if not may_read(work.actor.role, Level.L3):
        raise UserError(
            QT_TRANSLATE_NOOP("prices", "Your role does not work with prices."),
            code="PRICES_ABSENT",
            context="prices",
        )
    disclosures.add(work, what, contract_id)
    reveals.add(work, Look(what), contract_id)
