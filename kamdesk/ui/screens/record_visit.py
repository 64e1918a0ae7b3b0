"""The visit form: plan, record, amend. The screen that users live in, so the keyboard does everything.

What is typed is kept as a draft half a second later, in the store; the draft goes in the transaction that saves
the visit. Nothing that fails closes the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import Qt, QTimer, QTimeZone
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.customers import (
    Found,
    find_customers,
    find_people,
    find_products,
    found_customer,
)
from kamdesk.db.queries.today import Draft, drafts
from kamdesk.db.queries.visits import VisitWhole, last_visit, visit_whole
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.visits import VisitKind, VisitState
from kamdesk.services.drafts import discard_draft, keep_draft
from kamdesk.services.people import NewPerson
from kamdesk.services.visits import VisitEntry, amend_visit, miss_visit, plan_visit, report_visit
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, card, row, scrolled, text
from kamdesk.ui.kit.forms import Chips, DayEdit, Field, Paragraph, RecordPicker

FORM = "visit"
DRAFT_MS = 400


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


class VisitForm(QDialog):
    """Plans, records, reports or amends one visit."""

    def __init__(self, desk: Desk, parent: QWidget, known: Known) -> None:
        super().__init__(parent)
        self.desk = desk
        self._known = known
        self._entry_id = known.visit_id if known.visit_id and not known.amend else new_id()
        self._amends = known.visit_id if known.amend else ""
        self._reports = known.visit_id if not known.amend else ""
        self._new_people: dict[str, NewPerson] = {}
        self._is_dirty = False
        self._is_saving = False
        self.setWindowTitle(self.tr("Amend visit") if known.amend else self.tr("Record visit"))
        self.resize(980, 660)
        self._build()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_MS)
        self._timer.timeout.connect(self._keep_draft)
        self._begin()

    # ---- layout

    def _build(self) -> None:
        tasks = self.desk.tasks
        self.heading = text(self.windowTitle(), "title")
        self.kept = text("", "caption")
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
        self.met.new_wanted.connect(self._on_new_person)
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
        inside = QWidget()
        body = QVBoxLayout(inside)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.GAP)
        body.addWidget(card(self._grid()))
        body.addWidget(self._person_card())
        body.addWidget(self._missed_card())
        body.addStretch(1)
        self.banner = text("", "error", wrap=True)
        self.banner.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.MARGIN, 16, theme.MARGIN, 16)
        layout.setSpacing(theme.GAP)
        layout.addLayout(row(self.heading, self.kept, None, self.plan, gap=theme.GAP))
        layout.addWidget(scrolled(inside), 1)
        layout.addWidget(self.banner)
        layout.addLayout(self._buttons())
        QShortcut(QKeySequence("Ctrl+Enter"), self, self._save)  # the one of the number block

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(14)
        top = Qt.AlignmentFlag.AlignTop
        fields = self.fields
        for at in range(6):
            grid.setColumnStretch(at, 1)
        for name, line, first, wide in (
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
        ):
            grid.addWidget(fields[name], line, first, 1, wide, top)
        fields["reason"].setVisible(self._known.amend)
        for name in ("customer", "held_on", "held_at", "kind", "met", "products", "objective",
                     "outcome", "next_step", "next_step_due"):  # fmt: skip
            self._watch(fields[name].editor)
        self._watch(self.reason)
        for field in fields.values():
            self._watch_error(field)
        return grid

    def _person_card(self) -> QFrame:
        """The card for a person who is not known yet; hidden until one is wanted."""
        self.person_name = QLineEdit()
        self.person_department = QLineEdit()
        self.person_department.setPlaceholderText(self.tr("e.g. Cardiology"))
        self.person_title = QLineEdit()
        self.person_title.setPlaceholderText(self.tr("e.g. Chief physician"))
        self.add_person = button(self.tr("Add person"), self._add_person, look="primary")
        self.person_title.returnPressed.connect(self._add_person)
        self.person_name_field = Field(self.tr("Name"), self.person_name, required=True)
        content = QVBoxLayout()
        content.setSpacing(theme.SMALL)
        content.addWidget(text(self.tr("A person who is not known yet"), "heading"))
        content.addLayout(
            row(
                self.person_name_field,
                Field(self.tr("Department"), self.person_department),
                Field(self.tr("Title"), self.person_title),
                gap=16,
            )
        )
        content.addLayout(row(None, button(self.tr("Not now"), self._hide_person), self.add_person))
        self.person_card = card(content)
        self.person_card.hide()
        return self.person_card

    def _missed_card(self) -> QFrame:
        self.missed_reason = QLineEdit()
        self.missed_reason.setPlaceholderText(self.tr("e.g. in surgery all morning"))
        self.again_on = DayEdit(clock.today() + timedelta(days=7))
        self.missed_field = Field(
            self.tr("Why you could not see them"), self.missed_reason, required=True
        )
        self.missed_reason.returnPressed.connect(self._miss)
        content = QVBoxLayout()
        content.setSpacing(theme.SMALL)
        content.addWidget(text(self.tr("Could not see them"), "heading"))
        pair = row(self.missed_field, Field(self.tr("Try again on"), self.again_on), gap=16)
        pair.setStretch(0, 3)
        pair.setStretch(1, 1)
        content.addLayout(pair)
        content.addLayout(
            row(
                None,
                button(self.tr("Not now"), lambda: self.missed_card.hide()),
                button(self.tr("Note it and plan anew"), self._miss, look="primary"),
            )
        )
        self.missed_card = card(content)
        self.missed_card.hide()
        return self.missed_card

    def _buttons(self) -> Any:
        self.copy = button(self.tr("Copy from last visit"), self._copy_last, keys="Ctrl+D")
        self.missed = button(self.tr("Could not see them"), self._show_missed)
        self.discard = button(self.tr("Discard"), self._discard)
        self.save = button(self.tr("Save visit"), self._save, look="primary", keys="Ctrl+Return")
        hint = text(self.tr("• required · Esc keeps the draft"), "muted")
        self.missed.setVisible(not self._known.amend)
        self.copy.setVisible(not self._known.amend)
        return row(hint, None, self.discard, self.copy, self.missed, self.save)

    def _watch(self, editor: QWidget) -> None:
        if isinstance(editor, Paragraph):
            editor.textChanged.connect(self._on_typed)
        elif isinstance(editor, DayEdit):
            editor.dateChanged.connect(lambda _: self._on_typed())
        elif isinstance(editor, QComboBox):
            editor.currentIndexChanged.connect(lambda _: self._on_typed())
        elif isinstance(editor, RecordPicker):
            editor.changed.connect(self._on_customer)
        elif isinstance(editor, Chips):
            editor.changed.connect(self._on_typed)
        elif isinstance(editor, QLineEdit):
            editor.textEdited.connect(lambda _: self._on_typed())

    def _watch_error(self, field: Field) -> None:
        editor = field.editor
        if isinstance(editor, Paragraph):
            editor.textChanged.connect(field.forget_error)
        elif isinstance(editor, QLineEdit):
            editor.textChanged.connect(lambda _: field.forget_error())
        elif isinstance(editor, DayEdit):
            editor.dateChanged.connect(lambda _: field.forget_error())

    # ---- beginning

    def _begin(self) -> None:
        known = self._known
        self._on_mode()
        if known.draft is not None:
            self._entry_id = known.draft.id
            self._restore(known.draft.values)
            self._tell_draft(known.draft)
            return
        self.plan.setChecked(known.plan)
        wanted = known.visit_id or known.copy_of
        if wanted:
            is_copy = bool(known.copy_of)
            self.desk.tasks.read(
                self,
                lambda reader: (visit_whole(reader, wanted), drafts(reader)),
                lambda found: self._take_up(*found, is_copy=is_copy),
            )
        elif known.customer_id:
            self.desk.tasks.read(
                self,
                lambda reader: found_customer(reader, known.customer_id),
                self._choose_customer,
            )
        else:
            self.customer.setFocus()

    def _take_up(self, whole: VisitWhole | None, kept: list[Draft], *, is_copy: bool) -> None:
        """Fill the form from a visit, or from what was typed about it before."""
        draft = next((one for one in kept if one.id == self._entry_id), None)
        self._fill(whole, is_copy=is_copy)
        if draft is not None:
            self._restore(draft.values)
            self._tell_draft(draft)

    def _tell_draft(self, draft: Draft) -> None:
        told = self.tr("Draft kept on this computer, {time}")
        self._tell_kept(told.format(time=speech.instant(draft.saved_at)))

    def _choose_customer(self, found: Found | None) -> None:
        self.customer.set_record(found)
        self._is_dirty = False
        self.objective.setFocus()

    def _fill(self, whole: VisitWhole | None, *, is_copy: bool = False) -> None:
        if whole is None:
            return
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
        self._is_dirty = is_copy
        (self.reason if self._amends else self.outcome).setFocus()
        if self._known.missed:
            self._show_missed()
        if is_copy:
            self._on_typed()

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

    def _restore(self, kept: Mapping[str, Any]) -> None:
        customer_id, name = kept.get("customer") or ["", ""]
        if customer_id:
            self.customer.set_record(Found(customer_id, name, ""))
        else:
            self.customer.setText(name)
        self._amends = str(kept.get("amends") or "")
        self._reports = str(kept.get("reports") or "")
        self.fields["reason"].setVisible(bool(self._amends))
        self.plan.setChecked(bool(kept.get("plan")))
        self.held_on.set_day(_day(kept.get("held_on")) or clock.today())
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
        self.due.set_day(_day(kept.get("due")) or clock.today() + timedelta(days=7))
        self.reason.setText(str(kept.get("reason") or ""))
        self._is_dirty = False
        self.objective.setFocus()

    def _entry(self) -> VisitEntry:
        met = [one.id for one in self.met.records if one.id not in self._new_people]
        new = [self._new_people[one.id] for one in self.met.records if one.id in self._new_people]
        return VisitEntry(
            id=self._entry_id,
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
        )

    def _on_customer(self) -> None:
        self.met.edit.search_again()
        self._on_typed()

    def _on_typed(self) -> None:
        self._is_dirty = True
        self._timer.start()

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

    # ---- a person who is not known yet

    def _on_new_person(self, name: str) -> None:
        self.person_name.setText(name)
        self.person_card.show()
        self.person_department.setFocus()

    def _hide_person(self) -> None:
        for edit in (self.person_name, self.person_department, self.person_title):
            edit.clear()
        self.person_card.hide()
        self.met.setFocus()

    def _add_person(self) -> None:
        name = self.person_name.text().strip()
        self.person_name_field.set_error("" if name else self.tr("Enter the name."))
        if not name:
            return
        person = NewPerson(
            id=new_id(), name=name, department=self.person_department.text().strip(),
            title=self.person_title.text().strip(),
        )  # fmt: skip
        self._new_people[person.id] = person
        detail = " · ".join(filter(None, (person.department, person.title)))
        self._hide_person()
        self.met.add(Found(person.id, person.name, detail))

    # ---- draft

    def _keep_draft(self) -> None:
        if not self._is_dirty or self._is_saving:
            return
        self._is_dirty = False
        title, values, draft_id = self.customer.text(), self.values(), self._entry_id
        self.desk.tasks.write(
            self,
            lambda work: keep_draft(work, draft_id, form=FORM, title=title, values=values),
            lambda _: self._tell_kept(
                self.tr("Draft kept on this computer, {time}").format(
                    time=clock.now().astimezone().strftime("%H:%M:%S")
                )
            ),
            failed=lambda error: self._say(speech.words(error)),
        )

    def _tell_kept(self, words: str) -> None:
        self.kept.setText(words)

    def _discard(self) -> None:
        self._timer.stop()
        self._is_dirty = False
        draft_id = self._entry_id
        self.desk.tasks.write(self.desk.bus, lambda work: discard_draft(work, draft_id))
        self.reject()

    def reject(self) -> None:
        """Close and keep the draft."""
        self._timer.stop()
        self._keep_draft()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._keep_draft()
        super().closeEvent(event)

    # ---- saving

    def _save(self) -> None:
        if self._is_saving:
            return
        entry, reason = self._entry(), self.reason.text()
        if self._amends:
            amends = self._amends
            self._write(lambda work: amend_visit(work, amends, entry, reason=reason))
        elif self.plan.isChecked():
            self._write(lambda work: plan_visit(work, entry))
        else:
            self._write(lambda work: report_visit(work, entry))

    def _write(self, fn: Any) -> None:
        self._timer.stop()
        self._is_saving = True
        self.save.setEnabled(False)
        for field in (*self.fields.values(), self.missed_field):
            field.set_error("")
        self.banner.hide()
        self.desk.tasks.write(self, fn, self._saved, failed=self._refused)

    def _saved(self, _: object) -> None:
        self._is_dirty = False
        self.desk.say(self.tr("Saved on this computer"))
        super().accept()

    def _refused(self, error: Exception) -> None:
        self._is_saving = False
        self.save.setEnabled(True)
        self._is_dirty = True
        self._timer.start()
        field = None
        if isinstance(error, UserError):
            field = self.missed_field if self.missed_card.isVisible() and error.field == "reason" else (
                self.fields.get(error.field))  # fmt: skip
        if field is None or not field.isVisible():
            self._say(speech.words(error))
            return
        field.set_error(speech.words(error))
        field.editor.setFocus()

    def _say(self, words: str) -> None:
        self.banner.setText(words)
        self.banner.show()

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
                self._say(self.tr("You have not yet visited this customer."))
            else:
                self._fill(whole, is_copy=True)

        self.desk.tasks.read(self, read, done)

    def _show_missed(self) -> None:
        self.missed_card.show()
        self.missed_reason.setFocus()

    def _miss(self) -> None:
        entry, reason = self._entry(), self.missed_reason.text()
        again = VisitEntry(
            id=new_id(), customer_id=entry.customer_id, kind=entry.kind, held_on=self.again_on.day(),
            objective=entry.objective, met=entry.met, products=entry.products,
        )  # fmt: skip
        is_new = not self._reports

        def run(work: Any) -> None:
            if is_new:
                plan_visit(work, entry)
            miss_visit(work, entry.id, reason=reason, again=again)
            discard_draft(work, entry.id)

        self._write(run)


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def can_report(state: str) -> bool:
    """Say whether a visit in this state can still be reported."""
    return state in {VisitState.PLANNED, VisitState.IN_PROGRESS}
