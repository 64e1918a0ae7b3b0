"""The prices of a contract line: a record of its own, so that who may not read them never receives it."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class ContractLinePrice(Record):
    """List, contract and net price and the rebate of one line, as envelopes. Its id is the line's id."""

    __tablename__ = "contract_line_price"
    number = 10
    label = QT_TRANSLATE_NOOP("contract_line_price", "Prices of a line")
    plural = QT_TRANSLATE_NOOP("contract_line_price", "Prices of lines")
    bucket = BucketRule("price", "customer_id")
    level = Level.L3
    client_deletes = True
    id_of = "line_id"

    line_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line_price", "Contract line"),
        policy=Policy.FIXED,
        kind="contract_line",
        required=True,
    )
    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line_price", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    list_price: Mapped[bytes | None] = field(
        FieldType.PRICE,
        label=QT_TRANSLATE_NOOP("contract_line_price", "List price"),
        group="money",
        level=Level.L3,
    )
    contract_price: Mapped[bytes | None] = field(
        FieldType.PRICE,
        label=QT_TRANSLATE_NOOP("contract_line_price", "Contract price"),
        group="money",
        level=Level.L3,
    )
    net_price: Mapped[bytes | None] = field(
        FieldType.PRICE,
        label=QT_TRANSLATE_NOOP("contract_line_price", "Net price"),
        group="money",
        level=Level.L3,
    )
    rebate: Mapped[bytes | None] = field(
        FieldType.RATIO,
        label=QT_TRANSLATE_NOOP("contract_line_price", "Rebate"),
        group="money",
        level=Level.L3,
    )
