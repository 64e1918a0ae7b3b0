"""Today: what is planned, what is due, whom nobody has seen for too long, and what was left half-typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kamdesk.db.queries.promotions import PromotionRow
from kamdesk.db.queries.tasks import TaskRow
from kamdesk.db.queries.today import (
    Draft,
    OverdueCustomer,
    Today,
    agenda,
    overdue_customers,
)
from kamdesk.db.queries.visits import VisitRow
from kamdesk.domain import clock
from kamdesk.domain.changes import Changes
from kamdesk.domain.promotions import DECIDERS
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.kit.bits import (
    SENDING,
    button,
    card,
    clear,
    column,
    fixed,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.filler import Filler

# The services come with the store, after this page was painted for the first time: they are imported by the
# thread that writes.


def _finish(work: Any, task_id: str) -> None:
    from kamdesk.services.tasks import finish_task

    finish_task(work, task_id)


def _reopen(work: Any, task_id: str) -> None:
    from kamdesk.services.tasks import reopen_task

    reopen_task(work, task_id)


def _discard(work: Any, draft_id: str) -> None:
    from kamdesk.services.drafts import discard_draft

    discard_draft(work, draft_id)


_MOST_OVERDUE = 8
_LATER_MS = 80
_MOST_LINES = 12
"""Lines of a section; the others are on the screen that the section leads to."""
_Part = QWidget | tuple[str, Sequence[Any], Callable[[Any], Any], str, str]
"""A part of the page: a widget, or a section with its title, its records, what makes a line of one, what is said
where there are none, and the screen that shows all of them."""


class TodayPage(Screen):
    """The first page of the day."""

    name = "today"
    painted = Signal()
    """The day is on the screen for the first time."""
    kinds = frozenset({"visit", "task", "customer", "draft", "promotion_request"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: Today | None = None
        self._is_painted = False
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._inside = QWidget()
        self._fillers = tuple(Filler(self, self._on_filled) for _ in range(2))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._later.timeout.connect(self._read_overdue)
        columns = QHBoxLayout(self._inside)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(theme.GAP)
        for layout, weight in ((self._left, 3), (self._right, 2)):
            layout.setSpacing(theme.GAP)
            columns.addLayout(layout, weight)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._inside))

    def concerns(self, changes: Changes) -> bool:
        """Also when something needs the user."""
        return super().concerns(changes) or changes.issues

    def refresh(self) -> None:
        """Read the day again."""
        user = self.desk.profile.user_id
        decides = self.desk.profile.role in DECIDERS
        day = clock.today()
        self.desk.tasks.read(
            self,
            lambda reader: agenda(reader, user_id=user, today=day, decides=decides),
            self._paint,
            key="today",
        )
        self._later.start()

    def _read_overdue(self) -> None:
        """Look for who was not seen in time; every visit is read for it, so the day is painted first."""
        day = clock.today()
        self.desk.tasks.read(
            self,
            lambda reader: tuple(overdue_customers(reader, today=day)),
            self._paint_overdue,
            key="overdue",
        )

    @property
    def is_filling(self) -> bool:
        """Say whether something of the day is still to come."""
        return any(one.is_filling for one in self._fillers)

    def paint_first(self, found: Today) -> None:
        """Show the day as it was read before the store was open; it is read again when it is."""
        self._paint(found, whole=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._shown is not None and not self._is_painted and not self.is_filling:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def _paint(self, found: Today, *, whole: bool = False) -> None:
        self.counted.emit(speech.day(clock.today()))
        before, self._shown = self._shown, found
        if before is not None and found.overdue is None:
            self._shown = found = replace(found, overdue=before.overdue)
        # Only what changed is made again, and keeps its height meanwhile: the day stays where it is
        self._inside.setMinimumHeight(self._inside.height() if before is not None else 0)
        left, right = self._fillers
        if before is None or _left(before) != _left(found):
            clear(self._left)
            left.fill(self._fill(self._left, self._left_parts(found)), whole=whole)
        if before is None or _right(before) != _right(found):
            clear(self._right)
            right.fill(self._fill(self._right, self._right_parts(found)), whole=whole)
        self._on_filled()

    def _paint_overdue(self, overdue: tuple[OverdueCustomer, ...]) -> None:
        if self._shown is not None:
            self._paint(replace(self._shown, overdue=overdue))

    def _on_filled(self) -> None:
        if not self.is_filling:
            self._inside.setMinimumHeight(0)

    def _fill(self, into: QVBoxLayout, parts: Iterator[_Part]) -> Iterator[None]:
        """Make what stands below one another; a section's lines one by one."""
        for part in parts:
            if isinstance(part, QWidget):
                into.addWidget(part)
                continue
            title, lines, make, empty, everything = part
            content = column(self._heading(title, len(lines)), gap=10)
            section = card(content)
            section.hide()  # until it is whole: it is laid out once
            into.addWidget(section)
            for line in lines[:_MOST_LINES]:
                content.addWidget(rule())
                content.addLayout(make(line))
                yield
            if not lines:
                content.addWidget(fixed(text(empty, "muted", wrap=True)))
            elif len(lines) > _MOST_LINES:
                words = self.tr("Show all {n}").format(n=speech.number(len(lines)))
                show = button(words, partial(self.desk.show, everything, ""), look="quiet")
                content.addLayout(row(show, None))
            section.show()
            yield
        into.addStretch(1)

    def _left_parts(self, found: Today) -> Iterator[_Part]:
        if found.issues:
            yield self._issues(found.issues)
        if found.replaced:
            yield self._replaced(found.replaced)
        if found.drafts:
            yield self.tr("Left half-typed"), found.drafts, self._draft, "", "today"
        if found.to_decide:
            yield self.tr("Requests to decide"), found.to_decide, self._request, "", "promotions"
        if found.returned:
            yield self.tr("Returned to you"), found.returned, self._request, "", "promotions"
        nothing_planned = self.tr("Nothing is planned for today. Plan a visit with Ctrl+N.")
        yield self.tr("Visits today"), found.visits, self._visit, nothing_planned, "visits"
        if found.coming:
            yield self.tr("Coming days"), found.coming, self._visit, "", "visits"
        if found.reported:
            yield self.tr("Reported today"), found.reported, self._visit, "", "visits"

    def _right_parts(self, found: Today) -> Iterator[_Part]:
        yield self.tr("Tasks due"), found.tasks, self._task, self.tr("No task is due."), "tasks"
        if not found.customers:
            yield self._on_their_way()
        elif found.overdue is not None:
            in_time = self.tr("Everybody was seen in time.")
            most = found.overdue[:_MOST_OVERDUE]
            yield self.tr("Not seen for too long"), most, self._overdue, in_time, "customers"

    def _on_their_way(self) -> QWidget:
        return card(
            column(
                nothing(
                    "building-2",
                    self.tr("Your customers are on their way"),
                    self.tr("The first load brings your territory; you can work meanwhile."),
                )
            )
        )

    def _heading(self, title: str, count: int) -> QHBoxLayout:
        return row(
            text(title, "heading"),
            fixed(text(speech.number(count) if count else "", "muted")),
            None,
        )

    def _issues(self, count: int) -> QWidget:
        words = speech.counted(
            count,
            self.tr("1 of your changes needs you: head office did not take it as it was."),
            self.tr("{n} of your changes need you: head office did not take them as they were."),
        )
        return self._look(words)

    def _replaced(self, count: int) -> QWidget:
        return self._look(
            speech.counted(
                count,
                self.tr("A colleague replaced a value of yours; you can have it back."),
                self.tr("Colleagues replaced {n} of your values; you can have them back."),
            )
        )

    def _look(self, words: str) -> QWidget:
        shown = row(
            fixed(text(words, wrap=True)),
            None,
            button(self.tr("Look"), lambda: self.desk.show("sync", "")),
        )
        return card(shown, margin=12, look="banner")

    def _visit(self, one: VisitRow) -> Any:
        is_today = one.held_on == clock.today()
        when = " ".join(
            filter(None, ("" if is_today else speech.near_day(one.held_on), one.held_at))
        )
        parts: list[Any] = [
            column(
                row(
                    text(one.customer, "strong"),
                    text(" ".join(filter(None, (when, one.city))), "muted"),
                    None,
                ),
                text(one.outcome or one.objective, "muted", wrap=True),
                gap=2,
            ),
        ]
        is_planned = one.state in {"planned", "in_progress"}
        if not is_planned or one.sending != "confirmed":
            parts.append(pill(speech.word(one.sending), SENDING[one.sending]))
        if one.state in {"planned", "in_progress"}:
            parts.append(
                button(self.tr("Report"), partial(self.desk.record_visit, visit_id=one.id))
            )
        else:
            parts.append(
                button(self.tr("Open"), partial(self.desk.show, "visits", one.id), look="quiet")
            )
        made = row(*parts)
        made.setStretch(0, 1)
        return made

    def _task(self, one: TaskRow) -> Any:
        late = one.due_on is not None and one.due_on < clock.today()
        made = row(
            column(
                text(one.title, "strong", wrap=True),
                row(
                    text(one.customer, "muted"),
                    text(speech.near_day(one.due_on), "error" if late else "muted"),
                    None,
                ),
                gap=2,
            ),
            button(self.tr("Done"), partial(self._finish, one), image="check"),
        )
        made.setStretch(0, 1)
        return made

    def _overdue(self, one: OverdueCustomer) -> Any:
        told = (
            self.tr("last seen {day}").format(day=speech.near_day(one.last_visit))
            if one.last_visit
            else self.tr("never seen")
        )
        made = row(
            column(
                text(one.name, "strong", wrap=True),
                row(pill(one.segment, "blue"), text(told, "muted"), None),
                gap=4,
            ),
            button(self.tr("Plan"), partial(self.desk.record_visit, customer_id=one.id, plan=True)),
        )
        made.setStretch(0, 1)
        return made

    def _request(self, one: PromotionRow) -> Any:
        about = (speech.word(one.type), speech.near_day(one.planned_on), one.owner)
        made = row(
            column(
                row(
                    text(one.customer, "strong"),
                    text(" · ".join(filter(None, about)), "muted"),
                    None,
                ),
                text(one.reason or one.objective, "muted", wrap=True),
                gap=2,
            ),
            text(speech.money(one.estimate), "strong"),
            button(self.tr("Look"), partial(self.desk.show, "promotions", one.id)),
        )
        made.setStretch(0, 1)
        return made

    def _draft(self, one: Draft) -> Any:
        go_on, what = {
            "visit": (self.desk.record_visit, self.tr("Visit")),
            "contract": (self.desk.draft_contract, self.tr("Contract")),
        }.get(one.form, (self.desk.request_promotion, self.tr("Promotion request")))
        made = row(
            column(
                text(one.title or what, "strong"),
                text(
                    f"{what} · " + self.tr("kept {time}").format(time=speech.instant(one.saved_at)),
                    "muted",
                ),
                gap=2,
            ),
            button(self.tr("Discard"), partial(self._discard, one), look="quiet"),
            button(self.tr("Go on"), partial(go_on, draft=one), look="primary"),
        )
        made.setStretch(0, 1)
        return made

    def _finish(self, one: TaskRow) -> None:
        self.desk.tasks.write(
            self,
            lambda work: _finish(work, one.id),
            lambda _: self.desk.offer_undo(
                self.tr("Task done"), lambda work: _reopen(work, one.id)
            ),
            failed=self.desk.fail,
        )

    def _discard(self, one: Draft) -> None:
        self.desk.tasks.write(self, lambda work: _discard(work, one.id), failed=self.desk.fail)


def _left(found: Today) -> tuple[object, ...]:
    return (
        found.issues, found.replaced, found.drafts, found.to_decide, found.returned, found.visits, found.coming,
        found.reported,
    )  # fmt: skip


def _right(found: Today) -> tuple[object, ...]:
    return (found.tasks, found.overdue, found.customers)
