"""What the company sells or competes with."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Product(Record):
    """One product: brought in by a manager or by head office, changed by head office alone."""

    __tablename__ = "product"
    number = 5
    label = QT_TRANSLATE_NOOP("product", "Product")
    plural = QT_TRANSLATE_NOOP("product", "Products")
    bucket = BucketRule("ref")
    client_edits = False
    level = Level.L0

    name: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("product", "Name"),
        policy=Policy.SRV,
        required=True,
        max_length=400,
        in_list=True,
        searchable=True,
    )
    form: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("product", "Form"),
        policy=Policy.SRV,
        max_length=200,
    )
    route: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("product", "Route"),
        policy=Policy.SRV,
        max_length=200,
    )
    code: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("product", "Code"), policy=Policy.SRV, max_length=64
    )
    atc: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("product", "ATC code"),
        policy=Policy.SRV,
        max_length=16,
    )
    holder: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("product", "Holder"),
        policy=Policy.SRV,
        max_length=200,
    )
    status: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("product", "Status"),
        policy=Policy.SRV,
        choices=("active", "archived"),
    )
