"""What a medical representative needs before he plans a visit or hands a promotion in."""

from __future__ import annotations

from datetime import date

from kamdesk.db.representatives import colleague_of
from kamdesk.db.work import Work
from kamdesk.domain import clock, medical_reps
from kamdesk.domain.errors import Refused, UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP


def check_plan(work: Work, *, held_on: date | None) -> None:
    """Raise UserError where the user plans with a filing only and has none that is valid on that coming day."""
    if held_on is not None and held_on > clock.today() and not may_plan(work, held_on):
        raise _no_filing("held_on")


def may_plan(work: Work, day: date) -> bool:
    """Say whether the user may plan a visit for a day."""
    me = colleague_of(work.reader, work.actor.user_id)
    return (
        me is None
        or not medical_reps.needs_filing(work.actor.role, me)
        or medical_reps.has_filing(me, day)
    )


def check_promotion(work: Work, *, planned_on: date | None, registration: str) -> None:
    """Raise UserError where the user's promotions need a filing or a registration that is missing."""
    me = colleague_of(work.reader, work.actor.user_id)
    try:
        medical_reps.check_promotion(
            {"planned_on": planned_on, "registration_no": registration}, work.actor.role, me
        )
    except Refused as refused:
        if refused.code == "no_filing":
            raise _no_filing("planned_on") from refused
        raise UserError(
            QT_TRANSLATE_NOOP(
                "medical_reps", "Enter the number under which the institution registered the visit."
            ),
            field="registration",
            code=refused.code,
            context="medical_reps",
        ) from refused


def _no_filing(field: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "medical_reps",
            "Your filing as a medical representative is not valid on that day. Ask head office to renew it.",
        ),
        field=field,
        code="no_filing",
        context="medical_reps",
    )
