"""Customers: found by typing on the left, the whole customer on the right."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import (
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.contracts import ContractRow, contracts_of
from kamdesk.db.queries.customers import (
    CustomerFilter,
    CustomerPage,
    CustomerRow,
    customer_page,
)
from kamdesk.db.queries.promotions import PromotionFilter, PromotionRow, list_promotions
from kamdesk.db.queries.tasks import TaskFilter, TaskRow, list_tasks
from kamdesk.db.queries.today import CADENCE_DAYS
from kamdesk.db.queries.visits import VisitFilter, VisitRow, list_visits
from kamdesk.db.queries.waiting import WaitingRow, waiting_of
from kamdesk.domain import clock
from kamdesk.domain import contracts as contract_rules
from kamdesk.domain.imports import may_import
from kamdesk.domain.roles import Role
from kamdesk.services.customers import change_customer
from kamdesk.services.describe import spec_of
from kamdesk.services.people import NewPerson, add_person
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import (
    SENDING,
    button,
    clear,
    column,
    figure,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.list_screen import ListScreen
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.pasting import on_paste
from kamdesk.ui.kit.small_form import SmallForm

EDITED = ("segment", "grade", "phone", "email", "address", "postcode", "website")
Whole = tuple[
    CustomerPage | None, list[VisitRow], list[TaskRow], list[WaitingRow], list[PromotionRow],
    list[ContractRow],
]  # fmt: skip


class Customers(ListScreen):
    """The list of one's customers and the page of the chosen one."""

    name = "customers"
    kinds = frozenset(
        {"customer", "person", "visit", "task", "contract", "contract_line", "promotion_request"}
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._whole: Whole | None = None
        self.tabs = QTabWidget()
        self.lay_out(
            self._made_columns(),
            [("", self.tr("All")), ("A", "A"), ("B", "B"), ("C", "C")],
            placeholder=self.tr("Name, part of it, pinyin, initials, city"),
            name=self.tr("Customers"),
            empty=nothing(
                "building-2",
                self.tr("No customer found"),
                self.tr("Type another part of the name, its pinyin or initials, or the city."),
            ),
            filters=self._bringing(),
        )
        self.table.records.counted.connect(self._count)
        self._paint_nothing()

    def _bringing(self) -> list[QWidget]:
        """Offer the import to those who may bring in customers, by button and by Ctrl+V of rows from Excel."""
        if not may_import(Role(self.desk.profile.role), "customer"):
            return []
        on_paste(self, self.desk.import_pasted)
        return [button(self.tr("Import…"), self.desk.import_file, image="inbox")]

    def _made_columns(self) -> list[Column]:
        return [
            Column(self.tr("Customer"), lambda one: one.name, sort="name"),
            Column(self.tr("City"), lambda one: one.city, 72, lambda _: "muted", sort="city"),
            Column(
                self.tr("Tier"),
                lambda one: one.segment or "—",
                46,
                lambda one: "accent" if one.segment == "A" else "muted",
                sort="segment",
            ),
            Column(
                self.tr("Last visit"),
                lambda one: speech.near_day(one.last_visit),
                104,
                lambda _: "muted",
                raw=lambda one: one.last_visit,
                sort="last_visit",
            ),
            Column(
                self.tr("Next"),
                self._next,
                80,
                self._next_colour,
                raw=lambda one: one.next_visit,
                sort="next_visit",
            ),
        ]

    def _next(self, one: CustomerRow) -> str:
        if one.next_visit is None and _overdue_days(one) > 0:
            return self.tr("overdue")
        return speech.near_day(one.next_visit)

    def _next_colour(self, one: CustomerRow) -> str:
        return "red" if one.next_visit is None and _overdue_days(one) > 0 else "text"

    # ---- the list

    def wanted(self) -> CustomerFilter:
        """Return what was typed and chosen."""
        return CustomerFilter(
            typed=self.typed.text().strip(),
            segment=self.chosen_value,
            sort=self.table.sort,
            descending=self.table.descending,
        )

    def _count(self, found: int) -> None:
        wanted = self.wanted()
        is_all = not wanted.typed and not wanted.segment
        words = self.tr("{n} in your territory") if is_all else self.tr("{n} found")
        self.counted.emit(words.format(n=speech.number(found)))

    def on_opened(self, record_id: str) -> None:
        """Record a visit."""
        self.desk.record_visit(customer_id=record_id)

    # ---- the page

    def show_page(self, record_id: str) -> None:
        """Read and paint a customer with everything that belongs to it."""
        customer_id, user = record_id, self.desk.profile.user_id

        def read(reader: Any) -> Whole:
            return (
                customer_page(reader, customer_id, today=clock.today()),
                list_visits(reader, VisitFilter(customer_id=customer_id), offset=0, limit=50),
                list_tasks(
                    reader, TaskFilter(state="", customer_id=customer_id), offset=0, limit=50
                ),
                waiting_of(reader, customer_id),
                list_promotions(
                    reader,
                    PromotionFilter(user_id=user, customer_id=customer_id),
                    offset=0,
                    limit=50,
                ),
                contracts_of(reader, user_id=user, customer_id=customer_id),
            )

        self.desk.tasks.read(self, read, self._paint, key="page")

    def _paint_nothing(self) -> None:
        clear(self.page)
        self.page.addWidget(
            nothing(
                "building-2",
                self.tr("Choose a customer"),
                self.tr("Its people, visits, contracts and tasks are shown here."),
            )
        )

    def _paint(self, whole: Whole) -> None:
        if whole == self._whole and self.page.count() > 1:
            return
        page, visits, tasks, waiting, promotions, contracts = whole
        tab = self.tabs.currentIndex() if self._whole and self._whole[0] and page and (
            self._whole[0].id == page.id) else 0  # fmt: skip
        self._whole = whole
        clear(self.page)
        if page is None:
            self._paint_nothing()
            return
        heading = text(page.name, "title", wrap=True, select=True)
        pills = (
            [pill(self.tr("Tier {tier}").format(tier=page.segment), "blue")] if page.segment else []
        )
        late = _overdue_days(page)
        if late > 0 and page.next_visit is None:
            pills.append(pill(self.tr("Visit overdue {n} days").format(n=late), "amber"))
        if waiting:
            pills.append(pill(self.tr("{n} not yet sent").format(n=len(waiting)), "grey"))
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
        self.page.addWidget(heading)
        self.page.addLayout(row(*pills, None, edit, plan, record))
        about = [
            speech.word(page.kind),
            page.grade,
            page.city or page.province,
            page.address,
            page.phone,
        ]
        self.page.addWidget(text(" · ".join(filter(None, about)), "muted", wrap=True, select=True))
        self.page.addLayout(
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
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for title, count, inside in (
            (self.tr("Visits"), len(visits), self._visits(visits)),
            (self.tr("People"), len(page.people), self._people(page)),
            (self.tr("Contracts"), len(contracts), self._contracts(page, contracts)),
            (self.tr("Promotions"), len(promotions), self._promotions(page, promotions)),
            (self.tr("Tasks"), len(tasks), self._tasks(tasks)),
            (self.tr("Not yet sent"), len(waiting), self._waiting(waiting)),
        ):
            self.tabs.addTab(scrolled(inside), f"{title} {count}" if count else title)
        self.tabs.setCurrentIndex(max(0, tab))
        self.page.addWidget(self.tabs, 1)

    def _visits(self, visits: list[VisitRow]) -> QWidget:
        lines = []
        for one in visits:
            head = row(
                text(speech.day(one.held_on), "strong"),
                text(" · ".join(filter(None, (speech.word(one.kind), one.owner))), "muted"),
                None,
                pill(speech.word(one.state), "amber" if one.state == "planned" else "grey"),
                pill(speech.word(one.sending), SENDING[one.sending]),
                button(self.tr("Open"), partial(self.desk.show, "visits", one.id), look="quiet"),
            )
            lines.append(column(head, text(one.outcome or one.objective, wrap=True), gap=2))
        return _lines(
            lines, self.tr("No visit yet. Record the first one with Ctrl+N."), "clipboard-list"
        )

    def _people(self, page: CustomerPage) -> QWidget:
        lines: list[Any] = [
            row(
                button(self.tr("Add person"), lambda: self._add_person(page), image="user-plus"),
                None,
            )
        ]
        for one in page.people:
            detail = " · ".join(filter(None, (one.department, one.title, one.phone)))
            met = (
                self.tr("met {day}").format(day=speech.near_day(one.last_met))
                if one.last_met
                else ""
            )
            lines.append(
                row(text(one.name, "strong"), text(detail, "muted"), None, text(met, "muted"))
            )
        return _lines(lines, "", "user")

    def _contracts(self, page: CustomerPage, contracts: list[ContractRow]) -> QWidget:
        lines: list[Any] = []
        if Role(self.desk.profile.role) in contract_rules.AUTHORS:
            draft = button(
                self.tr("New contract"),
                lambda: self.desk.draft_contract(customer_id=page.id),
                image="plus",
            )
            lines.append(row(draft, None))
        for one in contracts:
            until = (
                self.tr("until {day}").format(day=speech.day(one.ends_on)) if one.ends_on else ""
            )
            lines.append(
                row(
                    text(one.title, "strong"),
                    text(" · ".join(filter(None, (one.no, speech.word(one.type), until))), "muted"),
                    None,
                    pill(speech.word(one.state), "green" if one.state == "active" else "grey"),
                    button(
                        self.tr("Open"), partial(self.desk.show, "contracts", one.id), look="quiet"
                    ),
                )
            )
        return _lines(lines, self.tr("There is no contract with this customer."), "file-text")

    def _promotions(self, page: CustomerPage, promotions: list[PromotionRow]) -> QWidget:
        ask = button(
            self.tr("New request"),
            lambda: self.desk.request_promotion(customer_id=page.id),
            image="plus",
        )
        lines: list[Any] = [row(ask, None)]
        for one in promotions:
            about = (one.product, speech.near_day(one.planned_on), one.owner)
            lines.append(
                row(
                    text(speech.word(one.type), "strong"),
                    text(" · ".join(filter(None, about)), "muted"),
                    None,
                    text(speech.money(one.estimate), "strong"),
                    pill(speech.word(one.state), "green" if one.state == "approved" else "grey"),
                    button(
                        self.tr("Open"), partial(self.desk.show, "promotions", one.id), look="quiet"
                    ),
                )
            )
        return _lines(lines, "", "megaphone")

    def _tasks(self, tasks: list[TaskRow]) -> QWidget:
        lines = []
        for one in tasks:
            late = one.state == "open" and one.due_on is not None and one.due_on < clock.today()
            lines.append(
                row(
                    text(one.title, "strong", wrap=True),
                    None,
                    text(speech.near_day(one.due_on), "error" if late else "muted"),
                    pill(speech.word(one.state), "green" if one.state == "done" else "grey"),
                )
            )
        return _lines(lines, self.tr("No task for this customer."), "list-checks")

    def _waiting(self, waiting: list[WaitingRow]) -> QWidget:
        lines = [
            row(
                text(speech.label(one.kind, spec_of(one.kind).label), "strong"),
                text(
                    speech.word(one.detail[0]) if one.what == "cmd" else speech.word(one.what),
                    "muted",
                ),
                None,
                text(speech.instant(one.at), "muted"),
                pill(speech.word("sent" if one.sent else "saved"), "blue" if one.sent else "grey"),
            )
            for one in waiting
        ]
        return _lines(
            lines, self.tr("Everything here is confirmed by head office."), "circle-check"
        )

    # ---- changing

    def _edit(self, page: CustomerPage) -> None:
        spec = spec_of("customer")
        values = {name: str(getattr(page, name)) for name in EDITED}
        labels = {name: speech.label("customer", spec.field(name).label) for name in EDITED}
        form = SmallForm(
            self.desk, self, self.tr("Edit customer"), labels, values,
            lambda work, typed: change_customer(
                work, page.id, {name: one for name, one in typed.items() if one != values[name]}
            ),
        )  # fmt: skip
        form.open()

    def _add_person(self, page: CustomerPage) -> None:
        labels = {
            "name": self.tr("Name"),
            "department": self.tr("Department"),
            "title": self.tr("Title"),
            "phone": self.tr("Phone"),
        }
        form = SmallForm(
            self.desk, self, self.tr("Add person"), labels, {},
            lambda work, typed: add_person(work, NewPerson(**typed), customer_id=page.id),
        )  # fmt: skip
        form.open()


def _overdue_days(one: CustomerRow | CustomerPage) -> int:
    """Say by how many days a visit is overdue, by the cadence of the segment; 0 when it is not."""
    cadence = CADENCE_DAYS.get(one.segment)
    if cadence is None or one.last_visit is None:
        return 0
    return max(0, (clock.today() - one.last_visit).days - cadence)


def _lines(lines: list[Any], empty: str, image: str) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 12, 8, 8)
    layout.setSpacing(10)
    for at, line in enumerate(lines):
        if at:
            layout.addWidget(rule())
        layout.addLayout(line)
    if not lines:
        layout.addWidget(nothing(image, "", empty))
    layout.addStretch(1)
    return holder
