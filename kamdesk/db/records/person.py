"""The people of a customer: doctors, pharmacists, buyers."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Person(Record):
    """One person at one customer. Professional ties only: no patient, gift or prescription data."""

    __tablename__ = "person"
    number = 2
    label = QT_TRANSLATE_NOOP("person", "Person")
    plural = QT_TRANSLATE_NOOP("person", "People")
    bucket = BucketRule("acct", "customer_id")
    searchable = True
    level = Level.L2

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("person", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
        index=True,
    )
    name: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "Name"),
        required=True,
        max_length=100,
        in_list=True,
        searchable=True,
    )
    pinyin: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "Pinyin"),
        policy=Policy.LWW,
        max_length=500,
        searchable=True,
    )
    initials: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "Initials"),
        policy=Policy.LWW,
        max_length=100,
        searchable=True,
    )
    department: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "Department"),
        max_length=100,
        in_list=True,
        searchable=True,
    )
    title: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("person", "Title"), max_length=100, in_list=True
    )
    phone: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "Phone"),
        policy=Policy.LWW,
        max_length=60,
        level=Level.L2,
    )
    email: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("person", "E-mail"),
        policy=Policy.LWW,
        max_length=200,
        level=Level.L2,
    )
    status: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("person", "Status"),
        policy=Policy.LWW,
        choices=("active", "left"),
    )
