"""What was agreed with a customer, without its prices, which are records of their own."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.contracts import ContractState, ContractType
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Contract(Record):
    """One contract. Its products are lines of their own; their prices are records that not everybody holds."""

    __tablename__ = "contract"
    number = 6
    label = QT_TRANSLATE_NOOP("contract", "Contract")
    plural = QT_TRANSLATE_NOOP("contract", "Contracts")
    bucket = BucketRule("acct", "customer_id")
    client_deletes = True

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
        index=True,
    )
    owner_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract", "Drafted by"),
        policy=Policy.FIXED,
        kind="colleague",
        index=True,
    )
    no: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract", "Number"),
        max_length=60,
        in_list=True,
    )
    title: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract", "Title"),
        required=True,
        max_length=200,
        in_list=True,
    )
    type: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("contract", "Type"),
        choices=tuple(ContractType),
    )
    starts_on: Mapped[date | None] = field(
        FieldType.DATE, label=QT_TRANSLATE_NOOP("contract", "From"), group="term", in_list=True
    )
    ends_on: Mapped[date | None] = field(
        FieldType.DATE, label=QT_TRANSLATE_NOOP("contract", "Until"), group="term", in_list=True
    )
    renew_notice_days: Mapped[int | None] = field(
        FieldType.INTEGER, label=QT_TRANSLATE_NOOP("contract", "Notice, days")
    )
    currency: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("contract", "Currency"), max_length=3
    )
    note: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("contract", "Note"), max_length=2000
    )
    state: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("contract", "State"),
        policy=Policy.SRV,
        required=True,
        choices=tuple(ContractState),
        in_list=True,
        index=True,
    )
