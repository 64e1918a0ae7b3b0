"""A request to hold a promotion: what, for whom, when, and what it may cost."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.promotions import PromotionState, PromotionType
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class PromotionRequest(Record):
    """One request. Amounts are in minor units; amount and currency merge together or not at all."""

    __tablename__ = "promotion_request"
    number = 8
    label = QT_TRANSLATE_NOOP("promotion_request", "Promotion request")
    plural = QT_TRANSLATE_NOOP("promotion_request", "Promotion requests")
    bucket = BucketRule("acct", "customer_id")

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
        index=True,
    )
    owner_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Requested by"),
        policy=Policy.FIXED,
        kind="colleague",
        required=True,
        index=True,
    )
    type: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Type"),
        required=True,
        choices=tuple(PromotionType),
        in_list=True,
    )
    state: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("promotion_request", "State"),
        policy=Policy.SRV,
        required=True,
        choices=tuple(PromotionState),
        in_list=True,
        index=True,
    )
    product_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Product"),
        kind="product",
    )
    planned_on: Mapped[date | None] = field(
        FieldType.DATE, label=QT_TRANSLATE_NOOP("promotion_request", "Date"), in_list=True
    )
    place: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("promotion_request", "Place"), max_length=200
    )
    audience: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("promotion_request", "Audience"), max_length=200
    )
    objective: Mapped[str | None] = field(
        FieldType.LONG_TEXT,
        label=QT_TRANSLATE_NOOP("promotion_request", "Objective"),
        max_length=2000,
    )
    estimate_minor: Mapped[int | None] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("promotion_request", "Estimated amount"),
        group="estimate",
    )
    currency: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("promotion_request", "Currency"),
        group="estimate",
        max_length=3,
    )
    reason: Mapped[str | None] = field(
        FieldType.LONG_TEXT,
        label=QT_TRANSLATE_NOOP("promotion_request", "Reason"),
        policy=Policy.SRV,
        max_length=1000,
    )
    decided_by: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Decided by"),
        policy=Policy.SRV,
        kind="colleague",
    )
    decided_on: Mapped[date | None] = field(
        FieldType.DATE,
        label=QT_TRANSLATE_NOOP("promotion_request", "Decided on"),
        policy=Policy.SRV,
    )
    registration_no: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("promotion_request", "Registration of the visit"),
        max_length=60,
        since=2,
    )
