"""What a user does with visits: plan, report, miss, cancel, submit, amend."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kamdesk.db.records import Task, Visit
from kamdesk.db.work import Work
from kamdesk.domain import clock, visits
from kamdesk.domain.errors import UserError
from kamdesk.domain.tasks import Priority, TaskState
from kamdesk.domain.values import dataclass
from kamdesk.domain.visits import VisitKind, VisitState
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services import drafts, medical_reps
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.sealed_texts import put_texts, text_of


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """What the form holds. `id` is made when the form opens, so that a repeated save is the same save."""

    id: str
    customer_id: str = ""
    kind: str = VisitKind.CALL.value
    held_on: date | None = None
    held_at: str = ""
    zone: str = ""
    objective: str = ""
    outcome: str = ""
    next_step: str = ""
    next_step_due: date | None = None
    met: tuple[str, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    products: tuple[str, ...] = ()
    sealed: frozenset[str] = frozenset()
    """The texts that are kept with the prices; a mark in place of one that stands already."""


def plan_visit(work: Work, entry: VisitEntry, *, spare_id: str = "") -> str:
    """Plan a visit, or change one that is still planned; return its id. Raises UserError with the field.

    `spare_id` as in `report_visit`.
    """
    visits.check_plan(customer_id=entry.customer_id, held_on=entry.held_on, held_at=entry.held_at)
    medical_reps.check_plan(work, held_on=entry.held_on)
    entry = _anew_where_deleted(work, entry, spare_id)
    visit = work.get(Visit, entry.id)
    if visit is None:
        visit = work.add(_new(work, entry, VisitState.PLANNED))
    _fill(work, visit, entry)
    drafts.discard_draft(work, entry.id)
    return visit.id


def report_visit(work: Work, entry: VisitEntry, *, spare_id: str = "") -> str:
    """Store a visit that took place, and its next step as a task; return its id.

    `spare_id`: what a visit that was known before is called from now on, should it have been deleted meanwhile.
    Raises UserError with the field that is missing or wrong.
    """
    _check(entry)
    entry = _anew_where_deleted(work, entry, spare_id)
    visit = work.get(Visit, entry.id)
    if visit is None:
        visit = work.add(_new(work, entry, VisitState.COMPLETED))
        _fill(work, visit, entry)
    elif visit.state in {VisitState.PLANNED, VisitState.IN_PROGRESS}:
        _fill(work, visit, entry)
        work.intent(visit, "complete")
    else:
        drafts.discard_draft(work, entry.id)
        return visit.id  # the same save again, after an answer that got lost
    _next_step_as_task(work, visit, entry)
    drafts.discard_draft(work, entry.id)
    return visit.id


def miss_visit(work: Work, visit_id: str, *, reason: str, again: VisitEntry | None) -> str | None:
    """Note that they could not be seen, and plan the visit anew; return the new visit's id if there is one.

    Who may plan nothing, for want of a filing, notes it all the same.
    """
    visit = work.require(Visit, visit_id)
    _demand_reason(reason)
    work.intent(visit, "miss", reason=reason.strip())
    if again is None:
        return None
    try:
        return plan_visit(work, again)
    except UserError as error:
        if error.code == "no_filing" and not medical_reps.may_plan(work, clock.today()):
            return None
        if error.field == "held_on":
            error.field = "again_on"  # the day of the other visit is right
        raise


def cancel_visit(work: Work, visit_id: str, *, reason: str) -> None:
    """Call a planned visit off. Raises UserError without a reason, Refused in another state."""
    _demand_reason(reason)
    work.intent(work.require(Visit, visit_id), "cancel", reason=reason.strip())


def submit_visit(work: Work, visit_id: str) -> None:
    """Hand a report in; it is closed from then on and can only be amended."""
    work.intent(work.require(Visit, visit_id), "submit")


def amend_visit(work: Work, visit_id: str, entry: VisitEntry, *, reason: str) -> str:
    """Store a corrected version of a report; the old one stays readable. Return the new version's id."""
    _check(entry)
    _demand_reason(reason)
    if work.get(Visit, entry.id) is not None:
        return entry.id
    old = work.get(Visit, visit_id)
    if old is None:
        return report_visit(work, entry)  # deleted meanwhile: what was typed stands for itself
    work.intent(old, "amend", by=entry.id)
    is_next = entry.next_step.strip() != text_of(work, old, "next_step").strip()
    visit = work.add(_new(work, replace(entry, customer_id=old.customer_id), VisitState.COMPLETED))
    visit.version = (old.version or 1) + 1
    visit.amends = old.id
    visit.reason = reason.strip()
    _fill(work, visit, entry)
    if is_next:
        _next_step_as_task(work, visit, entry)
    drafts.discard_draft(work, entry.id)
    return visit.id


def _anew_where_deleted(work: Work, entry: VisitEntry, spare_id: str) -> VisitEntry:
    """Head office takes no record under the id of a deleted one."""
    if not spare_id or work.get(Visit, entry.id) is not None:
        return entry
    drafts.discard_draft(work, entry.id)
    return replace(entry, id=spare_id)


def _check(entry: VisitEntry) -> None:
    visits.check_report(
        customer_id=entry.customer_id,
        held_on=entry.held_on,
        held_at=entry.held_at,
        objective=entry.objective,
        outcome=entry.outcome,
        next_step=entry.next_step,
        today=clock.today(),
    )
    for name in ("objective", "outcome", "next_step"):
        limit = Visit.spec().field(name).max_length
        if len(getattr(entry, name)) > limit:
            raise UserError(
                QT_TRANSLATE_NOOP("visit", "This is too long: at most {max} characters."),
                field=name,
                context="visit",
                max=limit,
            )


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise UserError(
            QT_TRANSLATE_NOOP("visit", "Give the reason."), field="reason", context="visit"
        )


def _new(work: Work, entry: VisitEntry, state: VisitState) -> Visit:
    return Visit(
        id=entry.id,
        customer_id=entry.customer_id,
        owner_id=work.actor.user_id,
        kind=entry.kind,
        state=state.value,
        held_on=entry.held_on,
        recorded_at=clock.now(),
        version=1,
    )


def _fill(work: Work, visit: Visit, entry: VisitEntry) -> None:
    assert entry.held_on is not None
    visit.kind = entry.kind
    visit.held_on = entry.held_on
    visit.held_at = entry.held_at or None
    visit.zone = entry.zone or None
    texts = {name: getattr(entry, name) for name in ("objective", "outcome", "next_step")}
    put_texts(work, visit, texts, entry.sealed)
    visit.next_step_due = entry.next_step_due
    people = [add_person(work, one, customer_id=visit.customer_id) for one in entry.new_people]
    visit.met = [*entry.met, *people] or None
    visit.products = list(entry.products) or None


def _next_step_as_task(work: Work, visit: Visit, entry: VisitEntry) -> None:
    work.add(
        Task(
            title=visit.next_step or entry.next_step.strip(),
            due_on=entry.next_step_due,
            priority=Priority.NORMAL.value,
            state=TaskState.OPEN.value,
            assignee_id=work.actor.user_id,
            customer_id=visit.customer_id,
            visit_id=visit.id,
        )
    )
