"""Tasks: what is to be done next, by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QLineEdit, QStackedWidget

from kamdesk.db.queries.listing import page
from kamdesk.db.queries.tasks import TaskFilter, TaskRow
from kamdesk.domain import clock
from kamdesk.domain.tasks import is_overdue
from kamdesk.services.tasks import add_task, drop_task, finish_task, postpone_task, reopen_task
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk, Export, Screen
from kamdesk.ui.kit.bits import Segments, button, card, column, nothing, row, text
from kamdesk.ui.kit.forms import DayEdit
from kamdesk.ui.kit.lists import Column, RecordTable, keep_sorting
from kamdesk.ui.kit.price_question import LineText, PriceQuestion


class TaskList(Screen):
    """The list of tasks, with one line to add another."""

    name = "tasks"
    kinds = frozenset({"task", "customer"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = TaskFilter()
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(self.tr("What is to be done?"))
        self.typed.setAccessibleName(self.tr("New task"))
        self.typed.returnPressed.connect(self._add)
        self.due = DayEdit(clock.today() + timedelta(days=1))
        self.due.setAccessibleName(self.tr("Due"))
        self.question = PriceQuestion(self)
        self.error = text("", "error", wrap=True)
        self.error.hide()
        self._columns = columns = [
            Column(self.tr("Task"), lambda one: one.title, sort="title"),
            Column(
                self.tr("Customer"),
                lambda one: one.customer or "—",
                280,
                lambda _: "muted",
                sort="customer",
            ),
            Column(
                self.tr("Due"),
                lambda one: speech.near_day(one.due_on),
                136,
                _colour,
                raw=lambda one: one.due_on,
                sort="due_on",
            ),
            Column(
                self.tr("State"),
                lambda one: speech.word(one.state),
                110,
                lambda _: "muted",
                sort="state",
            ),
            Column(
                self.tr("Reconciled"), lambda one: speech.word(one.sending), 190, lambda _: "muted"
            ),
        ]
        self.table = RecordTable(desk.tasks, columns, self.wanted, name=self.tr("Tasks"))
        keep_sorting(self, self.table, self.refresh)
        self.table.typed.connect(self._on_typed_elsewhere)
        self.table.records.counted.connect(self._count)
        self.table.records.loaded.connect(self._on_listed)
        self.table.chosen.connect(lambda _: self._on_chosen())
        self.table.opened.connect(lambda _: self._finish())
        choices = [("open", self.tr("Open")), ("done", self.tr("Done")), ("", self.tr("All"))]
        self.done = button(self.tr("Done"), self._finish, image="check")
        self.later = button(self.tr("A week later"), self._postpone, image="calendar")
        self.drop = button(self.tr("Give up"), self._drop, image="x")
        self.again = button(self.tr("Open again"), self._reopen, image="undo-2")
        self.body = QStackedWidget()
        self.body.addWidget(self.table)
        self.body.addWidget(
            nothing(
                "list-checks",
                self.tr("Nothing to do"),
                self.tr("The next step of every visit becomes a task here."),
            )
        )
        add = row(
            self.typed,
            self.due,
            button(self.tr("Add task"), self._add, image="plus"),
            gap=theme.SMALL,
        )
        add.setStretch(0, 1)
        bar = row(
            Segments(choices, self._on_state, "open"),
            None,
            self.again,
            self.drop,
            self.later,
            self.done,
        )
        layout = column(
            card(column(add, self.error, self.question.choice, gap=4), margin=12),
            card(column(bar, self.body), margin=12),
            gap=theme.GAP,
        )
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._on_chosen()

    def export(self) -> Export:
        """Give the list as it is filtered."""
        wanted = self.wanted()
        return Export(
            self.title(),
            self._columns,
            lambda reader, offset, limit: page(reader, wanted, offset=offset, limit=limit),
        )

    def wanted(self) -> TaskFilter:
        """Return what was chosen."""
        return replace(self._wanted, sort=self.table.sort, descending=self.table.descending)

    def sort(self) -> None:
        """Offer the columns to sort by."""
        self.table.ask_sort()

    def search(self) -> None:
        """Go to the line that adds a task."""
        self.typed.setFocus()

    def refresh(self) -> None:
        """Read the list again."""
        self.table.records.refresh()

    def _count(self, found: int) -> None:
        self.counted.emit(speech.number(found))

    def open_record(self, record_id: str) -> None:
        """Choose one task."""
        self.table.choose(record_id)

    def _on_state(self, value: str) -> None:
        self._wanted = TaskFilter(state=value)
        self.refresh()

    def _on_listed(self) -> None:
        self.body.setCurrentIndex(0 if self.table.records.rowCount() else 1)
        self._on_chosen()

    def _on_typed_elsewhere(self, typed: str) -> None:
        self.typed.setFocus()
        self.typed.insert(typed)

    def _current(self) -> TaskRow | None:
        one: TaskRow | None = self.table.records.line(self.table.currentIndex().row())
        return one

    def _on_chosen(self) -> None:
        one = self._current()
        is_open = one is not None and one.state == "open"
        for made in (self.done, self.later, self.drop):
            made.setEnabled(is_open)
        self.again.setEnabled(one is not None and not is_open)

    # ---- doing

    def _add(self) -> None:
        title, due = self.typed.text(), self.due.day()
        texts = (LineText(self.typed, self.say_wrong),)
        if not self.question.may_save(texts, self._add):
            return
        add = self.question.noted(texts, lambda work: add_task(work, title=title, due_on=due))
        self.desk.tasks.write(self, add, self._added, failed=self._refused)

    def _added(self, task_id: Any) -> None:
        self.say_wrong("")
        self.typed.clear()
        self.table.choose(task_id)
        self.desk.say(self.tr("Saved on this computer"))

    def _refused(self, error: Exception) -> None:
        self._say_wrong(speech.words(error))

    def _say_wrong(self, words: str) -> None:
        self.say_wrong(words)
        self.typed.setFocus()

    def say_wrong(self, words: str) -> None:
        """Say what is wrong with what is typed; "" takes it away."""
        self.error.setText(words)
        self.error.setVisible(bool(words))

    def _do(self, fn: Callable[[Any], object], told: str, undo: Callable[[Any], object]) -> None:
        self.desk.tasks.write(
            self, fn, lambda _: self.desk.offer_undo(told, undo), failed=self.desk.fail
        )

    def _finish(self) -> None:
        one = self._current()
        if one is not None and one.state == "open":
            self._do(
                lambda work: finish_task(work, one.id),
                self.tr("Task done"),
                lambda work: reopen_task(work, one.id),
            )

    def _drop(self) -> None:
        if one := self._current():
            self._do(
                lambda work: drop_task(work, one.id),
                self.tr("Task given up"),
                lambda work: reopen_task(work, one.id),
            )

    def _reopen(self) -> None:
        if one := self._current():
            self._do(
                lambda work: reopen_task(work, one.id),
                self.tr("Task open again"),
                lambda work: finish_task(work, one.id),
            )

    def _postpone(self) -> None:
        if one := self._current():
            later = max(one.due_on or clock.today(), clock.today()) + timedelta(days=7)
            self._do(
                lambda work: postpone_task(work, one.id, due_on=later),
                self.tr("Task postponed to {day}").format(day=speech.day(later)),
                lambda work: postpone_task(work, one.id, due_on=one.due_on),
            )


def _colour(one: TaskRow) -> str:
    return "red" if is_overdue(state=one.state, due_on=one.due_on, today=clock.today()) else "text"
