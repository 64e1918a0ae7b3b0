"""Rules of promotion requests: what one needs before it is handed in, and who may answer it.

One step of approval: a manager of the territory approves or returns. The states of the whole chain are
declared, so that a later chain needs commands only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.money import LARGEST, Money
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.rules import Command, need, only_owner, reason_of, step
from kamdesk.i18n import QT_TRANSLATE_NOOP


class PromotionType(StrEnum):
    """What is to be held."""

    DEPARTMENT_MEETING = "department_meeting"
    ACADEMIC_CONFERENCE = "academic_conference"
    PATIENT_EDUCATION = "patient_education"
    TRAINING = "training"
    MATERIALS = "materials"
    OTHER = "other_promotion"


class PromotionState(StrEnum):
    """Where a request stands; head office decides every step after the first."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    KAM_OK = "kam_ok"
    RM_OK = "rm_ok"
    COMPLIANCE_OK = "compliance_ok"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    IN_EXECUTION = "in_execution"
    EVIDENCE = "evidence"
    RECONCILED = "reconciled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


AUTHORS = frozenset({Role.REP, Role.KAM, Role.RM})
DECIDERS = frozenset({Role.KAM, Role.RM})
EDITABLE = frozenset({PromotionState.DRAFT, PromotionState.RETURNED})
NEEDED = (
    "customer_id",
    "type",
    "product_id",
    "planned_on",
    "objective",
    "estimate_minor",
    "currency",
)


def may_decide(*, state: str, owner_id: str, actor: Actor) -> bool:
    """Say whether `actor` may approve or return a request of `owner_id`; never one's own."""
    return (
        state == PromotionState.SUBMITTED and actor.role in DECIDERS and owner_id != actor.user_id
    )


def check_draft(*, customer_id: str) -> None:
    """Raise UserError unless a draft can be kept like this: it needs a customer, whose bucket it lives in."""
    if not customer_id:
        raise UserError(
            QT_TRANSLATE_NOOP("promotion_request", "Choose the customer."),
            field="customer",
            context="promotion_request",
        )


def check_request(
    *,
    customer_id: str,
    product_id: str,
    planned_on: date | None,
    objective: str,
    estimate: Money | None,
    today: date,
) -> None:
    """Raise UserError, naming the field, unless this request can be handed in."""
    check_draft(customer_id=customer_id)
    for is_missing, field, words in (
        (not product_id, "product", QT_TRANSLATE_NOOP("promotion_request", "Choose the product.")),
        (
            planned_on is None,
            "planned_on",
            QT_TRANSLATE_NOOP("promotion_request", "Enter the date."),
        ),
        (
            planned_on is not None and planned_on < today,
            "planned_on",
            QT_TRANSLATE_NOOP(
                "promotion_request", "The date has passed; a request is made before."
            ),
        ),
        (
            not objective.strip(),
            "objective",
            QT_TRANSLATE_NOOP("promotion_request", "Say what it is to achieve."),
        ),
        (
            estimate is None or estimate.minor <= 0,
            "estimate",
            QT_TRANSLATE_NOOP("promotion_request", "Enter the estimated amount."),
        ),
    ):
        if is_missing:
            raise UserError(words, field=field, context="promotion_request")


def check_new(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may bring this request into being; it begins as a draft."""
    if actor.role not in AUTHORS:
        raise Refused("The role does not ask for promotions.", code="not_allowed")
    only_owner(document, actor)
    if document.get("state") != PromotionState.DRAFT:
        raise Refused(
            "A request begins as a draft.",
            code="illegal_transition",
            to=str(document.get("state")),
        )
    _check_amount(document)


def check_edit(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may change fields of this request: its owner, before it is handed in."""
    only_owner(document, actor)
    if document.get("state") not in EDITABLE:
        raise Refused("The request was handed in; withdraw it to change it.", code="handed_in")


def _check_amount(document: Mapping[str, object]) -> None:
    minor = document.get("estimate_minor")
    if isinstance(minor, int) and not 0 <= minor <= LARGEST:
        raise Refused(
            "The value is not of the expected form.", code="bad_value", field="estimate_minor"
        )


def _submit(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    change = step(document, "submit", PromotionState.SUBMITTED, *EDITABLE)
    need(document, *NEEDED)
    if document.get("estimate_minor") == 0:
        raise Refused("A value is required.", code="required", field="estimate_minor")
    _check_amount(document)
    return {**change, "reason": None, "decided_by": None, "decided_on": None}


def _decided(
    document: Mapping[str, object],
    args: Mapping[str, object],
    actor: Actor,
    cmd: str,
    to: PromotionState,
) -> dict[str, object]:
    if actor.role not in DECIDERS or document.get("owner_id") == actor.user_id:
        raise Refused("Another manager decides this.", code="not_allowed")
    change = step(document, cmd, to, PromotionState.SUBMITTED)
    on = args.get("on")
    try:
        day = date.fromisoformat(on) if isinstance(on, str) else None
    except ValueError:
        day = None
    if day is None:
        raise Refused("A day is required.", code="required", field="on")
    return {**change, "decided_by": actor.user_id, "decided_on": day.isoformat()}


def _approve(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    change = _decided(document, args, actor, "approve", PromotionState.APPROVED)
    seen = (args.get("minor"), args.get("currency"))
    if seen != (document.get("estimate_minor"), document.get("currency")):
        # Nobody approves an amount that he did not see
        raise Refused("The amount is another one now.", code="amount_changed")
    return {**change, "reason": None}


def _return(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    change = _decided(document, args, actor, "return", PromotionState.RETURNED)
    return {**change, "reason": reason_of(args)}


def _withdraw(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    return step(document, "withdraw", PromotionState.DRAFT, PromotionState.SUBMITTED)


def _cancel(
    document: Mapping[str, object], args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    change = step(
        document,
        "cancel",
        PromotionState.CANCELLED,
        *EDITABLE,
        PromotionState.SUBMITTED,
        PromotionState.APPROVED,
    )
    return {**change, "reason": reason_of(args)}


COMMANDS: dict[str, Command] = {
    "submit": _submit,
    "approve": _approve,
    "return": _return,
    "withdraw": _withdraw,
    "cancel": _cancel,
}
