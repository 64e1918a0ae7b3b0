"""Texts of a record that tell a price: a record of its own beside the prices, see `domain.sealed_texts`."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level
from kamdesk.domain.sealed_texts import FIELDS
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class SealedText(Record):
    """The sealed texts of one record, as envelopes. Its id is the record's id."""

    __tablename__ = "sealed_text"
    number = 13
    label = QT_TRANSLATE_NOOP("sealed_text", "Sealed text")
    plural = QT_TRANSLATE_NOOP("sealed_text", "Sealed texts")
    bucket = BucketRule("price", "customer_id")
    level = Level.L3
    since = 2
    client_deletes = True
    id_of = "record_id"

    record_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("sealed_text", "Record"),
        policy=Policy.FIXED,
        required=True,
    )
    record_kind: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("sealed_text", "Kind of record"),
        policy=Policy.FIXED,
        required=True,
        choices=tuple(FIELDS),
    )
    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("sealed_text", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    objective: Mapped[bytes | None] = field(
        FieldType.SEALED_TEXT,
        label=QT_TRANSLATE_NOOP("sealed_text", "Objective"),
        max_length=2000,
        level=Level.L3,
    )
    outcome: Mapped[bytes | None] = field(
        FieldType.SEALED_TEXT,
        label=QT_TRANSLATE_NOOP("sealed_text", "Outcome"),
        max_length=4000,
        level=Level.L3,
    )
    next_step: Mapped[bytes | None] = field(
        FieldType.SEALED_TEXT,
        label=QT_TRANSLATE_NOOP("sealed_text", "Next step"),
        max_length=2000,
        level=Level.L3,
    )
    note: Mapped[bytes | None] = field(
        FieldType.SEALED_TEXT,
        label=QT_TRANSLATE_NOOP("sealed_text", "Note"),
        max_length=2000,
        level=Level.L3,
    )
