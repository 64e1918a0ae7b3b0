"""One product of a contract: how much of it, in which pack. Its prices are records of their own."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class ContractLine(Record):
    """One line. `customer_id` is its contract's: both live in that customer's bucket."""

    __tablename__ = "contract_line"
    number = 9
    label = QT_TRANSLATE_NOOP("contract_line", "Contract line")
    plural = QT_TRANSLATE_NOOP("contract_line", "Contract lines")
    bucket = BucketRule("acct", "customer_id")
    client_deletes = True

    contract_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line", "Contract"),
        policy=Policy.FIXED,
        kind="contract",
        required=True,
        index=True,
    )
    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    position: Mapped[int | None] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("contract_line", "Position"),
        policy=Policy.LWW,
    )
    product_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line", "Product"),
        kind="product",
        required=True,
        in_list=True,
    )
    pack: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract_line", "Pack"),
        max_length=60,
        in_list=True,
    )
    volume: Mapped[int | None] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("contract_line", "Volume commitment"),
        group="volume",
        in_list=True,
    )
    unit: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("contract_line", "Unit"),
        group="volume",
        max_length=20,
    )
    note: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("contract_line", "Note"), max_length=500
    )
