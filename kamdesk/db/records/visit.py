"""The record of a visit (call report): what was planned, what happened, what comes next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.domain.visits import VisitKind, VisitState
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Visit(Record):
    """One visit. An amendment is a new record that names the old one, which stays readable."""

    __tablename__ = "visit"
    number = 3
    label = QT_TRANSLATE_NOOP("visit", "Visit")
    plural = QT_TRANSLATE_NOOP("visit", "Visits")
    bucket = BucketRule("acct", "customer_id")

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("visit", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    owner_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("visit", "Recorded by"),
        policy=Policy.FIXED,
        kind="colleague",
        required=True,
    )
    kind: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("visit", "Kind"),
        required=True,
        choices=tuple(VisitKind),
    )
    state: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("visit", "State"),
        policy=Policy.SRV,
        required=True,
        choices=tuple(VisitState),
        in_list=True,
    )
    held_on: Mapped[date] = field(
        FieldType.DATE,
        label=QT_TRANSLATE_NOOP("visit", "Date"),
        group="when",
        required=True,
        in_list=True,
    )
    held_at: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("visit", "Time"), group="when", max_length=5
    )
    zone: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("visit", "Time zone"), group="when", max_length=60
    )
    objective: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("visit", "Objective"), max_length=2000
    )
    outcome: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("visit", "Outcome"), max_length=4000
    )
    next_step: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("visit", "Next step"), max_length=2000
    )
    next_step_due: Mapped[date | None] = field(
        FieldType.DATE, label=QT_TRANSLATE_NOOP("visit", "Next step due")
    )
    met: Mapped[list[str] | None] = field(
        FieldType.REFERENCES,
        label=QT_TRANSLATE_NOOP("visit", "Met"),
        policy=Policy.SET,
        kind="person",
    )
    products: Mapped[list[str] | None] = field(
        FieldType.REFERENCES,
        label=QT_TRANSLATE_NOOP("visit", "Products discussed"),
        policy=Policy.SET,
        kind="product",
    )
    reason: Mapped[str | None] = field(
        FieldType.LONG_TEXT, label=QT_TRANSLATE_NOOP("visit", "Reason"), max_length=1000
    )
    recorded_at: Mapped[datetime | None] = field(
        FieldType.INSTANT, label=QT_TRANSLATE_NOOP("visit", "Recorded"), policy=Policy.FIXED
    )
    version: Mapped[int | None] = field(
        FieldType.INTEGER, label=QT_TRANSLATE_NOOP("visit", "Version"), policy=Policy.FIXED
    )
    amends: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("visit", "Amends"),
        policy=Policy.FIXED,
        kind="visit",
    )
    superseded_by: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("visit", "Amended by"),
        policy=Policy.SRV,
        kind="visit",
    )
    late: Mapped[bool | None] = field(
        FieldType.BOOLEAN, label=QT_TRANSLATE_NOOP("visit", "Late"), policy=Policy.SRV
    )


Index("visit_by_customer", Visit.customer_id, Visit.state, Visit.held_on)
Index("visit_by_day", Visit.held_on, Visit.held_at, Visit.state, Visit.owner_id)
Index(
    "visit_open",
    Visit.held_on,
    Visit.held_at,
    Visit.owner_id,
    sqlite_where=Visit.state.in_(("planned", "in_progress")),
)
