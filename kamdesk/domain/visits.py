"""Rules of visits: what a report needs, and who may move it from state to state.

The commands are pure functions over documents. The desktop applies them at once and marks the result "not
yet sent"; head office applies the same function to what it holds, and its answer stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.rules import Command, need, only_owner, reason_of, step
from kamdesk.i18n import QT_TRANSLATE_NOOP


class VisitKind(StrEnum):
    """How the visit takes place."""

    CALL = "call"
    REMOTE = "remote"
    JOINT = "joint"
    MARKET = "market"


class VisitState(StrEnum):
    """Where a visit stands; head office decides every step after the first."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    AMENDED = "amended"


FIRST_STATES = frozenset({VisitState.PLANNED, VisitState.COMPLETED})
OPEN = frozenset({VisitState.PLANNED, VisitState.IN_PROGRESS})
REPORTED = frozenset({VisitState.COMPLETED, VisitState.SUBMITTED, VisitState.REVIEWED})
REVIEWERS = frozenset({Role.KAM, Role.RM})
LATE_AFTER = timedelta(hours=48)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def check_plan(*, customer_id: str, held_on: date | None, held_at: str | None) -> None:
    """Raise UserError, naming the field, unless a visit can be planned like this."""
    if not customer_id:
        raise UserError(
            QT_TRANSLATE_NOOP("visit", "Choose the customer."), field="customer", context="visit"
        )
    if held_on is None:
        raise UserError(
            QT_TRANSLATE_NOOP("visit", "Enter the date."), field="held_on", context="visit"
        )
    if held_at and not _TIME.fullmatch(held_at):
        raise UserError(
            QT_TRANSLATE_NOOP("visit", "Enter the time as 09:30."), field="held_at", context="visit"
        )


def check_report(
    *,
    customer_id: str,
    held_on: date | None,
    held_at: str | None,
    objective: str,
    outcome: str,
    next_step: str,
    today: date,
) -> None:
    """Raise UserError, naming the field, unless this is a whole report of a visit that took place."""
    check_plan(customer_id=customer_id, held_on=held_on, held_at=held_at)
    if held_on is not None and held_on > today:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "visit", "The date is in the future. Plan the visit instead, or correct the date."
            ),
            field="held_on",
            context="visit",
        )
    for value, name, text in (
        (objective, "objective", QT_TRANSLATE_NOOP("visit", "Say what the visit was for.")),
        (outcome, "outcome", QT_TRANSLATE_NOOP("visit", "Say how the visit ended.")),
        (next_step, "next_step", QT_TRANSLATE_NOOP("visit", "Say what comes next.")),
    ):
        if not value.strip():
            raise UserError(text, field=name, context="visit")


def check_new(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may bring this new visit into being."""
    state = document.get("state")
    if state not in FIRST_STATES:
        raise Refused(
            "A visit begins planned or completed.", code="illegal_transition", to=str(state)
        )
    if document.get("owner_id") != actor.user_id and actor.role is not Role.RM:
        raise Refused("Only the owner may do this.", code="not_owner")
    if state == VisitState.COMPLETED:
        need(document, "objective", "outcome", "next_step")


def check_edit(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may change fields of this visit; a report is amended, not edited."""
    only_owner(document, actor)
    if document.get("state") not in OPEN:
        raise Refused("The report is closed; amend it instead.", code="locked")


def _start(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    return step(document, "start", VisitState.IN_PROGRESS, VisitState.PLANNED)


def _complete(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    change = step(
        document, "complete", VisitState.COMPLETED, VisitState.PLANNED, VisitState.IN_PROGRESS
    )
    need(document, "objective", "outcome", "next_step")
    return change


def _miss(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    change = step(document, "miss", VisitState.MISSED, VisitState.PLANNED, VisitState.IN_PROGRESS)
    return {**change, "reason": reason_of(args)}


def _cancel(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    change = step(
        document, "cancel", VisitState.CANCELLED, VisitState.PLANNED, VisitState.IN_PROGRESS
    )
    return {**change, "reason": reason_of(args)}


def _submit(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    return step(document, "submit", VisitState.SUBMITTED, VisitState.COMPLETED)


def _review(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    if actor.role not in REVIEWERS or document.get("owner_id") == actor.user_id:
        raise Refused("Another manager reviews this.", code="not_allowed")
    return step(document, "review", VisitState.REVIEWED, VisitState.SUBMITTED)


def _amend(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    successor = args.get("by")
    if not isinstance(successor, str) or not successor:
        raise Refused("A value is required.", code="required", field="by")
    change = step(document, "amend", VisitState.AMENDED, *REPORTED)
    return {**change, "superseded_by": successor}


COMMANDS: dict[str, Command] = {
    "start": _start,
    "complete": _complete,
    "miss": _miss,
    "cancel": _cancel,
    "submit": _submit,
    "review": _review,
    "amend": _amend,
}
