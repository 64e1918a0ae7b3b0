"""The floor price of a contract line: stricter than the other prices, so a record of its own again."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class ContractLineFloor(Record):
    """The lowest price of one line, as an envelope. Its id is the line's id."""

    __tablename__ = "contract_line_floor"
    number = 11
    label = QT_TRANSLATE_NOOP("contract_line_floor", "Floor price of a line")
    plural = QT_TRANSLATE_NOOP("contract_line_floor", "Floor prices of lines")
    bucket = BucketRule("floor", "customer_id")
    level = Level.L4
    client_deletes = True
    id_of = "line_id"

    line_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line_floor", "Contract line"),
        policy=Policy.FIXED,
        kind="contract_line",
        required=True,
    )
    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("contract_line_floor", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    floor_price: Mapped[bytes | None] = field(
        FieldType.PRICE,
        label=QT_TRANSLATE_NOOP("contract_line_floor", "Floor price"),
        level=Level.L4,
    )
