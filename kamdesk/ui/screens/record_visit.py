"""The visit form: plan, record, amend. The screen that users live in, so the keyboard does everything.

What is typed is kept as a draft half a second later, in the store; the draft goes in the transaction that saves
the visit. Nothing that fails closes the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QTimeZone
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)

from kamdesk.db.queries.customers import (
    Found,
    find_customers,
    find_people,
    find_products,
)
from kamdesk.db.queries.sealed_texts import NONE
from kamdesk.db.queries.today import Draft
from kamdesk.db.queries.visits import VisitWhole, last_visit, visit_whole
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.sealed_texts import FIELDS
from kamdesk.domain.values import dataclass
from kamdesk.domain.visits import VisitKind
from kamdesk.services.drafts import discard_draft
from kamdesk.services.people import NewPerson
from kamdesk.services.visits import VisitEntry, amend_visit, miss_visit, plan_visit, report_visit
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, card
from kamdesk.ui.kit.draft_form import DraftForm, kept_day, kept_record
from kamdesk.ui.kit.forms import Chips, DayEdit, Field, Paragraph, RecordPicker
from kamdesk.ui.kit.price_question import Asked, FieldText
from kamdesk.ui.kit.visit_cards import MissedCard, PersonCard


@dataclass(frozen=True)
class Known:
    """What the form begins with: a customer, a visit to report or amend, or a draft to go on with."""

    customer_id: str = ""
    visit_id: str = ""
    draft: Draft | None = None
    amend: bool = False
    plan: bool = False
    copy_of: str = ""
    missed: bool = False


class VisitForm(DraftForm):
    """Plans, records, reports or amends one visit."""

    form = "visit"

    def __init__(self, desk: Desk, parent: QWidget, known: Known) -> None:
        super().__init__(
            desk,
            parent,
            "",
            entry_id=known.visit_id if not known.amend else "",
        )
        title = self.tr("Amend visit") if known.amend else self.tr("Record visit")
        self.setWindowTitle(title)
        self.heading.setText(title)
        self._known = known
        self._amends = known.visit_id if known.amend else ""
        self._reports = known.visit_id if not known.amend else ""
        self._spare_id = new_id()
        self._new_people: dict[str, NewPerson] = {}
        self.resize(980, 660)
        self._build()
        self._begin()

    # ---- layout

    def _build(self) -> None:
        tasks = self.desk.tasks
        self.plan = QCheckBox(self.tr("Plan for later"))
        self.plan.toggled.connect(self._on_mode)
        self.customer = RecordPicker(
            tasks, find_customers, placeholder=self.tr("Name, pinyin, initials or city")
        )
        self.held_on = DayEdit(clock.today())
        self.held_at = QLineEdit()
        self.held_at.setPlaceholderText(self.tr("Time, e.g. 10:30"))
        self.held_at.setAccessibleName(self.tr("Time"))
        self.held_at.setMaximumWidth(150)
        self.kind = QComboBox()
        for one in VisitKind:
            self.kind.addItem(speech.word(one.value), one.value)
        self.met = Chips(
            tasks,
            lambda reader, typed: find_people(reader, self.customer.record_id, typed),
            placeholder=self.tr("Type a name"),
            remove=self.tr("Remove {name}"),
            offer_new=self.tr("New person: {name}"),
        )
        self.person_card = PersonCard()
        self.met.new_wanted.connect(self.person_card.ask_about)
        self.products = Chips(
            tasks,
            find_products,
            placeholder=self.tr("Type a product"),
            remove=self.tr("Remove {name}"),
        )
        self.objective = Paragraph(3, self.tr("What the visit is for"))
        self.outcome = Paragraph(3, self.tr("What came of it"))
        self.next_step = Paragraph(3, self.tr("What you do next"))
        self.due = DayEdit(clock.today() + timedelta(days=7))
        self.reason = QLineEdit()
        self.fields = {
            "customer": Field(self.tr("Customer"), self.customer, required=True),
            "held_on": Field(self.tr("Date"), self.held_on, required=True),
            "held_at": Field(self.tr("Time"), self.held_at),
            "kind": Field(self.tr("Kind"), self.kind),
            "met": Field(self.tr("Met"), self.met),
            "products": Field(self.tr("Products discussed"), self.products),
            "objective": Field(self.tr("Objective"), self.objective, required=True),
            "outcome": Field(self.tr("Outcome"), self.outcome, required=True),
            "next_step": Field(self.tr("Next step"), self.next_step, required=True),
            "next_step_due": Field(
                self.tr("Next step due"), self.due, hint=self.tr("becomes a task for you")
            ),
            "reason": Field(self.tr("Why it is amended"), self.reason, required=True),
        }
        texts = {name: self.fields[name] for name in FIELDS["visit"]}
        self.guard.offer_sealing(texts, self.entry_id)
        grid = self.grid(
            (
                ("reason", 0, 0, 6),
                ("customer", 1, 0, 2),
                ("held_on", 1, 2, 1),
                ("held_at", 1, 3, 1),
                ("kind", 1, 4, 2),
                ("met", 2, 0, 4),
                ("products", 2, 4, 2),
                ("objective", 3, 0, 2),
                ("outcome", 3, 2, 2),
                ("next_step", 3, 4, 2),
                ("next_step_due", 4, 4, 2),
            )
        )
        self.fields["reason"].setVisible(self._known.amend)
        self.customer.changed.connect(self.met.edit.search_again)
        self.person_card.wanted.connect(self._on_person)
        self.person_card.closed.connect(self.met.setFocus)
        self.missed_card = MissedCard(self._miss)
        cards = (card(grid), self.person_card, self.missed_card, *self.attachments_card("visit"))
        self.lay_out(cards, (self.plan,), self._buttons(), self._save)

    def _buttons(self) -> tuple[QWidget, ...]:
        self.copy = button(self.tr("Copy from last visit"), self._copy_last, keys="Ctrl+D")
        self.missed = button(self.tr("Could not see them"), lambda: self.missed_card.ask())
        self.discard = button(self.tr("Discard"), self.throw_away)
        self.save = button(self.tr("Save visit"), self._save, look="primary", keys="Ctrl+Return")
        self.missed.setVisible(not self._known.amend)
        self.copy.setVisible(not self._known.amend)
        return (self.discard, self.copy, self.missed, self.save)

    # ---- beginning

    def _begin(self) -> None:
        known = self._known
        self._on_mode()
        self._follow_attachments()
        if known.draft is None:
            self.plan.setChecked(known.plan)
        visit = known.visit_id or known.copy_of
        self.begin(
            known.draft,
            (lambda reader: visit_whole(reader, visit)) if visit else None,
            lambda whole: self._fill(whole, is_copy=bool(known.copy_of)),
            known.customer_id,
            self.objective,
        )

    def _follow_attachments(self) -> None:
        if self.attachments is not None:
            self.attachments.follow(own=self._reports, others=(self._amends,))

    def _fill(self, whole: VisitWhole, *, is_copy: bool = False) -> None:
        one = whole.row
        self.customer.set_record(Found(one.customer_id, one.customer, one.city))
        if self._amends or self._reports:
            self.customer.setEnabled(False)
        if not is_copy and one.held_on is not None:
            late = one.held_on > clock.today() and not self.plan.isChecked()
            self.held_on.set_day(clock.today() if late else one.held_on)
            self.held_at.setText(one.held_at)
        self.kind.setCurrentIndex(max(0, self.kind.findData(one.kind)))
        self.met.set_records(whole.met)
        self.products.set_records(whole.products)
        self.objective.setPlainText(one.objective)
        if not is_copy:
            self.outcome.setPlainText(one.outcome)
            self.outcome.moveCursor(QTextCursor.MoveOperation.End)
            self.next_step.setPlainText(one.next_step)
            if whole.next_step_due:
                self.due.set_day(whole.next_step_due)
        elif one.next_step:
            self.outcome.setPlaceholderText(one.outcome)
            self.next_step.setPlaceholderText(one.next_step)
        if self.guard.sealed is not None:
            self.guard.sealed.fill(one.id, whole.sealed.get(one.id, NONE), is_copy=is_copy)
        self.settled()
        (self.reason if self._amends else self.outcome).setFocus()
        if self._known.missed:
            self.missed_card.ask()
        if is_copy:
            self.on_typed()

    # ---- what is typed

    def values(self) -> dict[str, Any]:
        """Return everything that stands in the form, as JSON values."""
        customer = self.customer
        return {
            "customer": [customer.record_id, customer.text()],
            "plan": self.plan.isChecked(),
            "held_on": self.held_on.day().isoformat(),
            "held_at": self.held_at.text(),
            "kind": self.kind.currentData(),
            "met": [[one.id, one.text, one.detail] for one in self.met.records],
            "new_people": [
                [one.id, one.name, one.department, one.title] for one in self._new_people.values()
            ],
            "products": [[one.id, one.text, one.detail] for one in self.products.records],
            "objective": self.objective.toPlainText(),
            "outcome": self.outcome.toPlainText(),
            "next_step": self.next_step.toPlainText(),
            "due": self.due.day().isoformat(),
            "reason": self.reason.text(),
            "amends": self._amends,
            "reports": self._reports,
        }

    def title_of_draft(self) -> str:
        """Name the draft by its customer."""
        return self.customer.text()

    def restore(self, kept: Mapping[str, Any]) -> None:
        kept_record(self.customer, kept.get("customer"))
        self._amends = str(kept.get("amends") or "")
        self._reports = str(kept.get("reports") or "")
        self.fields["reason"].setVisible(bool(self._amends))
        self._follow_attachments()
        self.plan.setChecked(bool(kept.get("plan")))
        self.held_on.set_day(kept_day(kept.get("held_on")) or clock.today())
        self.held_at.setText(str(kept.get("held_at") or ""))
        self.kind.setCurrentIndex(max(0, self.kind.findData(kept.get("kind"))))
        self._new_people = {
            one[0]: NewPerson(id=one[0], name=one[1], department=one[2], title=one[3])
            for one in kept.get("new_people") or []
        }
        self.met.set_records([Found(*one) for one in kept.get("met") or []])
        self.products.set_records([Found(*one) for one in kept.get("products") or []])
        self.objective.setPlainText(str(kept.get("objective") or ""))
        self.outcome.setPlainText(str(kept.get("outcome") or ""))
        self.next_step.setPlainText(str(kept.get("next_step") or ""))
        self.due.set_day(kept_day(kept.get("due")) or clock.today() + timedelta(days=7))
        self.reason.setText(str(kept.get("reason") or ""))
        self.objective.setFocus()

    def _entry(self) -> VisitEntry:
        met = [one.id for one in self.met.records if one.id not in self._new_people]
        new = [self._new_people[one.id] for one in self.met.records if one.id in self._new_people]
        return VisitEntry(
            id=self.entry_id,
            customer_id=self.customer.record_id,
            kind=str(self.kind.currentData()),
            held_on=self.held_on.day(),
            held_at=self.held_at.text().strip(),
            zone=bytes(QTimeZone.systemTimeZoneId().data()).decode(),
            objective=self.objective.toPlainText(),
            outcome=self.outcome.toPlainText(),
            next_step=self.next_step.toPlainText(),
            next_step_due=None if self.plan.isChecked() else self.due.day(),
            met=tuple(met),
            new_people=tuple(new),
            products=tuple(one.id for one in self.products.records),
            sealed=self.guard.names,
        )

    def _on_mode(self) -> None:
        is_plan = self.plan.isChecked()
        for name in ("outcome", "next_step", "next_step_due"):
            self.fields[name].setVisible(not is_plan)
        self.missed.setVisible(not is_plan and not self._known.amend)
        self.plan.setVisible(not self._known.amend and not self._reports)
        self.save.setText(
            (self.tr("Plan visit") if is_plan else self.tr("Save visit")) + "   Ctrl+Enter"
        )
        if self._known.amend:
            return
        self.heading.setText(self.tr("Plan visit") if is_plan else self.tr("Record visit"))

    def _on_person(self, person: NewPerson) -> None:
        self._new_people[person.id] = person
        detail = " · ".join(filter(None, (person.department, person.title)))
        self.met.add(Found(person.id, person.name, detail))

    # ---- saving

    def _save(self) -> None:
        entry, reason = self._entry(), self.reason.text()
        spare_id = self._spare_id if self._reports else ""
        if self._amends:
            amends = self._amends
            self.write(lambda work: amend_visit(work, amends, entry, reason=reason))
        elif self.plan.isChecked():
            self.write(lambda work: plan_visit(work, entry, spare_id=spare_id))
        else:
            self.write(lambda work: report_visit(work, entry, spare_id=spare_id))

    def field_of(self, error: UserError) -> Field | None:
        """The reason of a missed visit stands in a card of its own, and the day on which it is tried again."""
        if error.field == "again_on":
            return self.missed_card.again
        if error.field == "reason" and self.missed_card.isVisible():
            return self.missed_card.field
        return super().field_of(error)

    # ---- copying and missing

    def _copy_last(self) -> None:
        customer_id, owner = self.customer.record_id, self.desk.profile.user_id
        if not customer_id:
            self.fields["customer"].set_error(self.tr("Choose the customer first."))
            self.customer.setFocus()
            return
        self.fields["customer"].set_error("")

        def read(reader: Any) -> VisitWhole | None:
            return last_visit(reader, customer_id=customer_id, owner_id=owner)

        def done(whole: VisitWhole | None) -> None:
            if whole is None:
                self.tell(self.tr("You have not yet visited this customer."))
            else:
                self._fill(whole, is_copy=True)

        self.desk.tasks.read(self, read, done)

    def texts(self) -> list[Asked]:
        """Look into the reason of a missed visit too."""
        missed = self.missed_card
        return [*super().texts(), *([FieldText(missed.field)] if missed.isVisible() else [])]

    def _miss(self) -> None:
        entry, reason = self._entry(), self.missed_card.reason.text()
        self.missed_card.field.set_error("")
        self.missed_card.again.set_error("")
        again = VisitEntry(
            id=new_id(), customer_id=entry.customer_id, kind=entry.kind, held_on=self.missed_card.again_on.day(),
            objective=entry.objective, met=entry.met, products=entry.products, sealed=entry.sealed,
        )  # fmt: skip
        is_new = not self._reports

        def run(work: Any) -> None:
            if is_new:
                plan_visit(work, entry)
            miss_visit(work, entry.id, reason=reason, again=again)
            discard_draft(work, entry.id)

        self.write(run, again=self._miss)
