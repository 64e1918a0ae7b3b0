"""Rules of tasks."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Priority(StrEnum):
    """How urgent a task is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


def is_overdue(*, state: str, due_on: date | None, today: date) -> bool:
    """Say whether an open task should have been done before today."""
    return state == TaskState.OPEN and due_on is not None and due_on < today
