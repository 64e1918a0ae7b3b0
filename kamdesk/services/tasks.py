"""What a user does with tasks."""

from __future__ import annotations

from datetime import date

from kamdesk.db.records import Task
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.tasks import Priority, TaskState
from kamdesk.i18n import QT_TRANSLATE_NOOP


def add_task(
    work: Work,
    *,
    title: str,
    due_on: date | None,
    customer_id: str | None = None,
    priority: str = Priority.NORMAL.value,
) -> str:
    """Store a task for the user; return its id. Raises UserError without a title."""
    return work.add(
        Task(
            title=_title(title),
            due_on=due_on,
            priority=priority,
            state=TaskState.OPEN.value,
            assignee_id=work.actor.user_id,
            customer_id=customer_id,
        )
    ).id


def change_task(
    work: Work, task_id: str, *, title: str, due_on: date | None, priority: str
) -> None:
    """Change what a task says. Raises UserError without a title."""
    clean = _title(title)
    task = work.require(Task, task_id)
    task.title, task.due_on, task.priority = clean, due_on, priority


def finish_task(work: Work, task_id: str) -> None:
    """Tick a task off."""
    task = work.require(Task, task_id)
    task.state, task.done_at = TaskState.DONE.value, clock.now()


def drop_task(work: Work, task_id: str) -> None:
    """Give a task up."""
    task = work.require(Task, task_id)
    task.state, task.done_at = TaskState.DROPPED.value, clock.now()


def reopen_task(work: Work, task_id: str) -> None:
    """Undo `finish_task` or `drop_task`."""
    task = work.require(Task, task_id)
    task.state, task.done_at = TaskState.OPEN.value, None


def postpone_task(work: Work, task_id: str, *, due_on: date | None) -> None:
    """Move a task to another day."""
    work.require(Task, task_id).due_on = due_on


def _title(typed: str) -> str:
    if not typed.strip():
        raise UserError(
            QT_TRANSLATE_NOOP("task", "Say what is to be done."), field="title", context="task"
        )
    return typed.strip()
