"""What somebody has promised to do, and by when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.domain.tasks import Priority, TaskState
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Task(Record):
    """One task of one user; the next step of a visit becomes one."""

    __tablename__ = "task"
    number = 4
    label = QT_TRANSLATE_NOOP("task", "Task")
    plural = QT_TRANSLATE_NOOP("task", "Tasks")
    bucket = BucketRule("user", "assignee_id")
    client_deletes = True

    title: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("task", "Task"),
        policy=Policy.LWW,
        required=True,
        max_length=2000,
        in_list=True,
    )
    due_on: Mapped[date | None] = field(
        FieldType.DATE,
        label=QT_TRANSLATE_NOOP("task", "Due"),
        policy=Policy.LWW,
        in_list=True,
        index=True,
    )
    priority: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("task", "Priority"),
        policy=Policy.LWW,
        choices=tuple(Priority),
    )
    state: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("task", "State"),
        policy=Policy.LWW,
        required=True,
        choices=tuple(TaskState),
        in_list=True,
    )
    assignee_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("task", "For"),
        policy=Policy.FIXED,
        kind="colleague",
        required=True,
    )
    customer_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("task", "Customer"),
        policy=Policy.LWW,
        kind="customer",
        index=True,
    )
    visit_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("task", "From visit"),
        policy=Policy.FIXED,
        kind="visit",
    )
    done_at: Mapped[datetime | None] = field(
        FieldType.INSTANT, label=QT_TRANSLATE_NOOP("task", "Done"), policy=Policy.LWW
    )
