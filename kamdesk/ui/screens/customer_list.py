"""Customers: found by typing on the left, the whole customer on the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QWidget,
)

from kamdesk.db.queries.contracts import contracts_of
from kamdesk.db.queries.customers import (
    CustomerFilter,
    CustomerPage,
    CustomerRow,
    customer_page,
)
from kamdesk.db.queries.promotions import PromotionFilter, list_promotions
from kamdesk.db.queries.tasks import TaskFilter, list_tasks
from kamdesk.db.queries.visits import VisitFilter, list_visits
from kamdesk.db.queries.waiting import waiting_of
from kamdesk.domain import clock
from kamdesk.domain.imports import may_import
from kamdesk.domain.roles import Role
from kamdesk.services.customers import change_customer
from kamdesk.services.describe import spec_of
from kamdesk.services.people import NewPerson, add_person
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import (
    button,
    nothing,
)
from kamdesk.ui.kit.customer_page import CustomerPane, Whole, overdue_days
from kamdesk.ui.kit.filler import Filler
from kamdesk.ui.kit.list_screen import ListScreen
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.pasting import on_paste
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.kit.standing import asking_image
from kamdesk.ui.kit.tabs import LazyTabs

EDITED = ("segment", "grade", "phone", "email", "address", "postcode", "website")


class Customers(ListScreen):
    """The list of one's customers and the page of the chosen one."""

    name = "customers"
    kinds = frozenset(
        {
            "customer",
            "person",
            "visit",
            "task",
            "contract",
            "contract_line",
            "promotion_request",
            "attachment",
        }
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._whole: Whole | None = None
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
        self._nobody = nothing(
            "building-2",
            self.tr("Choose a customer"),
            self.tr("Its people, visits, contracts and tasks are shown here."),
        )
        self.page.addWidget(self._nobody)
        self._pane = CustomerPane(self.desk, self._edit, self._add_person, self)
        self._pane.hide()
        self.page.addWidget(self._pane)
        self._preparing = Filler(self)
        self.table.records.loaded.connect(
            self._prepare_page, Qt.ConnectionType.SingleShotConnection
        )

    def _prepare_page(self) -> None:
        """Make what the page consists of while the list is on the screen: the first customer is quickly shown then."""
        self._preparing.fill(self._pane.prepare(), later=True)

    def _bringing(self) -> list[QWidget]:
        """Offer the import to those who may bring in customers, by button and by Ctrl+V of rows from Excel."""
        if not may_import(Role(self.desk.profile.role), "customer"):
            return []
        on_paste(self, self.desk.import_pasted)
        return [button(self.tr("Import…"), self.desk.import_file, image="inbox")]

    def _made_columns(self) -> list[Column]:
        return [
            Column(self.tr("Customer"), lambda one: one.name, sort="name", image=asking_image),
            Column(self.tr("City"), lambda one: one.city, 72, lambda _: "muted", sort="city"),
            Column(
                self.tr("Tier", "column"),
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
        if one.next_visit is None and overdue_days(one) > 0:
            return self.tr("overdue")
        return speech.near_day(one.next_visit)

    def _next_colour(self, one: CustomerRow) -> str:
        return "red" if one.next_visit is None and overdue_days(one) > 0 else "text"

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
        """Read and show a customer with everything that belongs to it."""
        customer_id, user = record_id, self.desk.profile.user_id

        def read(reader: Any) -> Whole | None:
            page = customer_page(reader, customer_id, today=clock.today())
            if page is None:
                return None
            wanted = PromotionFilter(user_id=user, customer_id=customer_id)
            return (
                page,
                list_visits(reader, VisitFilter(customer_id=customer_id), offset=0, limit=50),
                list_tasks(
                    reader, TaskFilter(state="", customer_id=customer_id), offset=0, limit=50
                ),
                waiting_of(reader, customer_id),
                list_promotions(reader, wanted, offset=0, limit=50),
                contracts_of(reader, user_id=user, customer_id=customer_id),
            )

        self.desk.tasks.read(self, read, self._show, key="page")

    def _show(self, whole: Whole | None) -> None:
        if whole is not None and whole == self._whole:
            return
        self._whole = whole
        self._pane.setVisible(whole is not None)
        self._nobody.setVisible(whole is None)
        if whole is not None:
            self._pane.show_customer(whole)

    @property
    def tabs(self) -> LazyTabs:
        """What belongs to the customer."""
        return self._pane.tabs

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
            choices={name: spec.field(name).choices for name in EDITED if spec.field(name).choices},
            disputed=page.disputed,
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
