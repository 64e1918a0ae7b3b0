"""What was agreed with a customer, without its prices, which are records of their own."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Contract(Record):
    """One contract. Read only on the desktop until contracts can be drafted there."""

    __tablename__ = "contract"
    number = 6
    label = QT_TRANSLATE_NOOP("contract", "Contract")
    plural = QT_TRANSLATE_NOOP("contract", "Contracts")
    bucket = BucketRule("acct", "customer_id")
    client_creates = False
    client_edits = False

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
        index=True,
    )
    no: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract", "Number"),
        policy=Policy.SRV,
        max_length=60,
        in_list=True,
    )
    title: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract", "Title"),
        policy=Policy.SRV,
        required=True,
        max_length=200,
        in_list=True,
    )
    type: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("contract", "Type"),
        policy=Policy.SRV,
        choices=("sales", "agency", "distribution", "deposit", "quality"),
    )
    starts_on: Mapped[date | None] = field(
        FieldType.DATE, label=QT_TRANSLATE_NOOP("contract", "From"), policy=Policy.SRV, in_list=True
    )
    ends_on: Mapped[date | None] = field(
        FieldType.DATE,
        label=QT_TRANSLATE_NOOP("contract", "Until"),
        policy=Policy.SRV,
        in_list=True,
    )
    renew_notice_days: Mapped[int | None] = field(
        FieldType.INTEGER, label=QT_TRANSLATE_NOOP("contract", "Notice, days"), policy=Policy.SRV
    )
    state: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("contract", "State"),
        policy=Policy.SRV,
        choices=(
            "draft",
            "in_review",
            "price_approved",
            "legal_approved",
            "negotiation",
            "signed",
            "active",
            "renewal_window",
            "renewed",
            "expired",
            "suspended",
            "terminated",
            "amended",
        ),
        in_list=True,
    )
