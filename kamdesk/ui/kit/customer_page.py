"""The page of one customer: who it is, when it was seen, and all that belongs to it on tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from kamdesk.db.queries.contracts import ContractRow
from kamdesk.db.queries.customers import CustomerPage, CustomerRow
from kamdesk.db.queries.promotions import PromotionRow
from kamdesk.db.queries.tasks import TaskRow
from kamdesk.db.queries.today import CADENCE_DAYS
from kamdesk.db.queries.visits import VisitRow
from kamdesk.db.queries.waiting import WaitingRow
from kamdesk.domain import clock
from kamdesk.domain import contracts as contract_rules
from kamdesk.domain.roles import Role
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import SENDING, button, clear, column, figure, fixed, pill, put, row, text
from kamdesk.ui.kit.standing import standing_of
from kamdesk.ui.kit.tabs import LazyTabs, Lines, Tab

Whole = tuple[
    CustomerPage, list[VisitRow], list[TaskRow], list[WaitingRow], list[PromotionRow],
    list[ContractRow],
]  # fmt: skip


_TABS = 6
_LOOKS = ("title", "figure", "muted", "caption", "strong", "pill-grey")
"""Those of the words on the page."""


class CustomerPane(QWidget):
    """Shows one customer after the other; `edit` and `add_person` open their forms."""

    def __init__(
        self,
        desk: Desk,
        edit: Callable[[CustomerPage], object],
        add_person: Callable[[CustomerPage], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.desk, self._edit, self._add_person = desk, edit, add_person
        self._shown = ""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._head = QVBoxLayout()
        self.tabs = LazyTabs(self)
        outer.addLayout(self._head)
        outer.addWidget(self.tabs, 1)

    def prepare(self) -> Iterator[None]:
        """Make what is the same for every customer, step by step, before the first is shown."""
        yield from self.tabs.prepare(_TABS)
        for look in _LOOKS:
            text("A 一", look).sizeHint()  # the first words of a size wait for their fonts
            yield

    def show_customer(self, whole: Whole) -> None:
        """Show a customer; the same one anew stays at its tab."""
        page, visits, tasks, waiting, promotions, contracts = whole
        tab = self.tabs.currentIndex() if self._shown == page.id else 0
        self._shown = page.id
        clear(self._head)
        self._show_head(page, len(waiting))
        self.tabs.show_tabs(
            [
                Tab(
                    _counted(self.tr("Visits"), visits),
                    lambda: self._visits(visits),
                    "clipboard-list",
                    self.tr("No visit yet. Record the first one with Ctrl+N."),
                ),
                Tab(_counted(self.tr("People"), page.people), lambda: self._people(page), "user"),
                Tab(
                    _counted(self.tr("Contracts"), contracts),
                    lambda: self._contracts(page, contracts),
                    "file-text",
                    self.tr("There is no contract with this customer."),
                ),
                Tab(
                    _counted(self.tr("Promotions"), promotions),
                    lambda: self._promotions(page, promotions),
                    "megaphone",
                ),
                Tab(
                    _counted(self.tr("Tasks"), tasks),
                    lambda: self._tasks(tasks),
                    "list-checks",
                    self.tr("No task for this customer."),
                ),
                Tab(
                    _counted(self.tr("Unsent"), waiting),
                    lambda: self._waiting(waiting),
                    "circle-check",
                    self.tr("Everything here is confirmed by head office.")
                    if not page.asking and not page.files
                    else self.tr("No change waits here, but head office does not have everything."),
                ),
            ],
            at=max(0, tab),
        )

    def _show_head(self, page: CustomerPage, unsent: int) -> None:
        heading = text(page.name, "title", wrap=True, select=True)
        pills = (
            [pill(self.tr("Tier {tier}").format(tier=page.segment), "blue")] if page.segment else []
        )
        late = overdue_days(page)
        if late > 0 and page.next_visit is None:
            one, many = self.tr("Visit overdue 1 day"), self.tr("Visit overdue {n} days")
            pills.append(pill(speech.counted(late, one, many), "amber"))
        if page.asking:
            one, many = self.tr("1 needs you"), self.tr("{n} need you")
            pills.append(pill(speech.counted(page.asking, one, many), "amber"))
        if unsent:
            pills.append(pill(self.tr("{n} not yet sent").format(n=unsent), "grey"))
        plan = button(
            self.tr("Plan"),
            lambda: self.desk.record_visit(customer_id=page.id, plan=True),
            image="calendar",
        )
        record = button(
            self.tr("Record visit"),
            lambda: self.desk.record_visit(customer_id=page.id),
            look="primary",
        )
        edit = button(self.tr("Edit"), lambda: self._edit(page), image="pencil")
        head = column(heading, row(*pills, None, edit, plan, record), gap=self._head.spacing())
        about = [
            speech.word(page.kind),
            page.grade,
            page.city or page.province,
            page.address,
            page.phone,
        ]
        head.addWidget(text(" · ".join(filter(None, about)), "muted", wrap=True, select=True))
        if page.receipt is not None or page.sending != "confirmed":
            head.addLayout(row(*standing_of(page.sending, page.receipt), None))
        head.addLayout(
            row(
                figure(
                    self.tr("Last visit"),
                    speech.near_day(page.last_visit),
                    speech.day(page.last_visit),
                ),
                figure(
                    self.tr("Next visit"),
                    speech.near_day(page.next_visit),
                    speech.day(page.next_visit),
                ),
                figure(
                    self.tr("Visits, 90 days"),
                    speech.number(page.visits_90_days),
                    self.tr("call plan every {n} days").format(n=CADENCE_DAYS[page.segment])
                    if page.segment in CADENCE_DAYS
                    else "",
                ),
                None,
                gap=theme.GAP,
            )
        )
        put(self._head, head)

    def _visits(self, visits: list[VisitRow]) -> Lines:
        for one in visits:
            head = row(
                text(speech.day(one.held_on), "strong"),
                None,
                pill(speech.word(one.state), "amber" if one.state == "planned" else "grey"),
                pill(speech.word(one.sending), SENDING[one.sending]),
                button(self.tr("Open"), partial(self.desk.show, "visits", one.id), look="quiet"),
            )
            about = text(" · ".join(filter(None, (speech.word(one.kind), one.owner))), "muted")
            below = row(about, *self._attachments(one), None)
            yield column(head, below, text(one.outcome or one.objective, wrap=True), gap=2)

    def _attachments(self, one: VisitRow) -> list[QWidget]:
        """Say how many attachments a visit has."""
        if not one.attachments:
            return []
        told = fixed(text(speech.number(one.attachments), "caption"))
        words = self.tr("Attachments: {n}").format(n=speech.number(one.attachments))
        told.setAccessibleName(words)
        told.setToolTip(words)
        picture = QLabel()
        picture.setPixmap(icon("paperclip").pixmap(14, 14))
        return [picture, told]

    def _people(self, page: CustomerPage) -> Lines:
        add = button(self.tr("Add person"), lambda: self._add_person(page), image="user-plus")
        yield row(add, None)
        for one in page.people:
            detail = " · ".join(filter(None, (one.department, one.title, one.phone)))
            met = (
                self.tr("met {day}").format(day=speech.near_day(one.last_met))
                if one.last_met
                else ""
            )
            yield row(text(one.name, "strong"), text(detail, "muted"), None, text(met, "muted"))

    def _contracts(self, page: CustomerPage, contracts: list[ContractRow]) -> Lines:
        if Role(self.desk.profile.role) in contract_rules.AUTHORS:
            draft = button(
                self.tr("New contract"),
                lambda: self.desk.draft_contract(customer_id=page.id),
                image="plus",
            )
            yield row(draft, None)
        for one in contracts:
            until = (
                self.tr("until {day}").format(day=speech.day(one.ends_on)) if one.ends_on else ""
            )
            yield row(
                text(one.title, "strong"),
                text(" · ".join(filter(None, (one.no, speech.word(one.type), until))), "muted"),
                None,
                pill(speech.word(one.state), "green" if one.state == "active" else "grey"),
                button(self.tr("Open"), partial(self.desk.show, "contracts", one.id), look="quiet"),
            )

    def _promotions(self, page: CustomerPage, promotions: list[PromotionRow]) -> Lines:
        ask = button(
            self.tr("New request"),
            lambda: self.desk.request_promotion(customer_id=page.id),
            image="plus",
        )
        yield row(ask, None)
        for one in promotions:
            about = (one.product, speech.near_day(one.planned_on), one.owner)
            yield row(
                text(speech.word(one.type), "strong"),
                text(" · ".join(filter(None, about)), "muted"),
                None,
                text(speech.money(one.estimate), "strong"),
                pill(speech.word(one.state), "green" if one.state == "approved" else "grey"),
                button(
                    self.tr("Open"), partial(self.desk.show, "promotions", one.id), look="quiet"
                ),
            )

    def _tasks(self, tasks: list[TaskRow]) -> Lines:
        for one in tasks:
            late = one.state == "open" and one.due_on is not None and one.due_on < clock.today()
            yield row(
                text(one.title, "strong", wrap=True),
                None,
                text(speech.near_day(one.due_on), "error" if late else "muted"),
                pill(speech.word(one.state), "green" if one.state == "done" else "grey"),
            )

    def _waiting(self, waiting: list[WaitingRow]) -> Lines:
        for one in waiting:
            what = speech.word(one.detail[0] if one.what == "cmd" else one.what)
            yield row(
                text(speech.label(one.kind, spec_of(one.kind).label), "strong"),
                text(what, "muted"),
                None,
                text(speech.instant(one.at), "muted"),
                pill(speech.word("sent" if one.sent else "saved"), "blue" if one.sent else "grey"),
            )


def _counted(title: str, lines: Any) -> str:
    return f"{title} {len(lines)}" if lines else title


def overdue_days(one: CustomerRow | CustomerPage) -> int:
    """Say by how many days a visit is overdue, by the cadence of the segment; 0 when it is not."""
    cadence = CADENCE_DAYS.get(one.segment)
    if cadence is None or one.last_visit is None:
        return 0
    return max(0, (clock.today() - one.last_visit).days - cadence)
