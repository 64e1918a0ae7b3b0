"""What a user does with promotion requests: draft, hand in, approve, return, take back, call off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kamdesk.db.records import PromotionRequest
from kamdesk.db.work import Work
from kamdesk.domain import clock, promotions
from kamdesk.domain.errors import UserError
from kamdesk.domain.money import Money
from kamdesk.domain.promotions import PromotionState, PromotionType
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services import drafts, medical_reps
from kamdesk.services.sealed_texts import put_texts


@dataclass(frozen=True, slots=True)
class PromotionEntry:
    """What the form holds. `id` is made when the form opens, so that a repeated save is the same save."""

    id: str
    customer_id: str = ""
    type: str = PromotionType.DEPARTMENT_MEETING.value
    product_id: str = ""
    planned_on: date | None = None
    place: str = ""
    audience: str = ""
    objective: str = ""
    estimate: Money | None = None
    registration: str = ""
    sealed: frozenset[str] = frozenset()
    """The texts that are kept with the prices; a mark in place of one that stands already."""


def draft_request(work: Work, entry: PromotionEntry, *, spare_id: str = "") -> str:
    """Keep a request that is not handed in yet, new or changed; return its id. Raises UserError.

    `spare_id`: what a request that was known before is called from now on, should it have been deleted meanwhile.
    """
    promotions.check_draft(customer_id=entry.customer_id)
    _check_lengths(entry)
    entry = _anew_where_deleted(work, entry, spare_id)
    request = work.get(PromotionRequest, entry.id)
    if request is None:
        request = work.add(
            PromotionRequest(
                id=entry.id,
                customer_id=entry.customer_id,
                owner_id=work.actor.user_id,
                type=entry.type,
                state=PromotionState.DRAFT.value,
            )
        )
    elif request.state not in promotions.EDITABLE:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "promotion_request", "The request was handed in; withdraw it to change it."
            ),
            code="handed_in",
            context="promotion_request",
        )
    request.type = entry.type
    request.product_id = entry.product_id or None
    request.planned_on = entry.planned_on
    request.place = entry.place.strip() or None
    request.audience = entry.audience.strip() or None
    put_texts(work, request, {"objective": entry.objective}, entry.sealed)
    request.registration_no = entry.registration.strip() or None
    request.estimate_minor = entry.estimate.minor if entry.estimate else None
    request.currency = entry.estimate.currency if entry.estimate else None
    drafts.discard_draft(work, entry.id)
    return request.id


def submit_request(work: Work, entry: PromotionEntry, *, spare_id: str = "") -> str:
    """Keep a request and hand it in; return its id. Raises UserError with the field that is missing.

    `spare_id` as in `draft_request`.
    """
    promotions.check_request(
        customer_id=entry.customer_id,
        product_id=entry.product_id,
        planned_on=entry.planned_on,
        objective=entry.objective,
        estimate=entry.estimate,
        today=clock.today(),
    )
    medical_reps.check_promotion(work, planned_on=entry.planned_on, registration=entry.registration)
    entry = _anew_where_deleted(work, entry, spare_id)
    standing = work.get(PromotionRequest, entry.id)
    if standing is not None and standing.state == PromotionState.SUBMITTED:
        return entry.id  # the same save again, after an answer that got lost
    draft_request(work, entry)
    work.intent(work.require(PromotionRequest, entry.id), "submit")
    return entry.id


def _anew_where_deleted(work: Work, entry: PromotionEntry, spare_id: str) -> PromotionEntry:
    """Head office takes no record under the id of a deleted one."""
    if not spare_id or work.get(PromotionRequest, entry.id) is not None:
        return entry
    drafts.discard_draft(work, entry.id)
    return replace(entry, id=spare_id)


def approve_request(work: Work, request_id: str, *, seen: Money | None) -> None:
    """Approve the amount that was seen. Raises Refused where it is another one or it is not one's to decide."""
    work.intent(
        work.require(PromotionRequest, request_id),
        "approve",
        on=clock.today().isoformat(),
        minor=seen.minor if seen else None,
        currency=seen.currency if seen else None,
    )


def return_request(work: Work, request_id: str, *, reason: str) -> None:
    """Give a request back with a reason. Raises UserError without one, Refused where it is not one's to decide."""
    work.intent(
        work.require(PromotionRequest, request_id),
        "return",
        on=clock.today().isoformat(),
        reason=_reason(reason),
    )


def withdraw_request(work: Work, request_id: str) -> None:
    """Take back what was handed in and not yet answered; it is a draft again."""
    work.intent(work.require(PromotionRequest, request_id), "withdraw")


def cancel_request(work: Work, request_id: str, *, reason: str) -> None:
    """Call a promotion off. Raises UserError without a reason."""
    work.intent(work.require(PromotionRequest, request_id), "cancel", reason=_reason(reason))


def _reason(typed: str) -> str:
    if not typed.strip():
        raise UserError(
            QT_TRANSLATE_NOOP("promotion_request", "Give the reason."),
            field="reason",
            context="promotion_request",
        )
    return typed.strip()


def _check_lengths(entry: PromotionEntry) -> None:
    spec = PromotionRequest.spec()
    for name in ("place", "audience", "objective"):
        limit = spec.field(name).max_length
        if len(getattr(entry, name)) > limit:
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "promotion_request", "This is too long: at most {max} characters."
                ),
                field=name,
                context="promotion_request",
                max=limit,
            )
