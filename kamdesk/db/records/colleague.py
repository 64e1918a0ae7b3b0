"""Who works at the company, so that a record can say who wrote it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.roles import Level, Role
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Colleague(Record):
    """One user as others see them; its id is the account's id. Written by head office alone."""

    __tablename__ = "colleague"
    number = 7
    label = QT_TRANSLATE_NOOP("colleague", "Colleague")
    plural = QT_TRANSLATE_NOOP("colleague", "Colleagues")
    bucket = BucketRule("ref")
    client_creates = False
    client_edits = False
    level = Level.L0

    name: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("colleague", "Name"),
        policy=Policy.SRV,
        required=True,
        max_length=100,
        in_list=True,
    )
    role: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("colleague", "Role"),
        policy=Policy.SRV,
        choices=tuple(Role),
    )
    status: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("colleague", "Status"),
        policy=Policy.SRV,
        choices=("active", "left"),
    )
    mr_mode: Mapped[bool | None] = field(
        FieldType.BOOLEAN,
        label=QT_TRANSLATE_NOOP("colleague", "Medical representative's rules"),
        policy=Policy.SRV,
        since=2,
    )
    mr_filing_no: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("colleague", "Filing as a medical representative"),
        policy=Policy.SRV,
        since=2,
        max_length=60,
    )
    mr_filing_until: Mapped[date | None] = field(
        FieldType.DATE,
        label=QT_TRANSLATE_NOOP("colleague", "Filing valid until"),
        policy=Policy.SRV,
        since=2,
    )
