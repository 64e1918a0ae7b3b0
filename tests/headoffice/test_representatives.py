"""Medical representatives at head office: what is refused whatever program it comes from, and who sets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, audit, representatives
from tests.headoffice.conftest import Office
from tests.headoffice.desk import Desk

TODAY = clock.now().date()


@pytest.fixture
def customer(office: Office) -> str:
    """A customer in the north."""
    return office.customer("H")


def visit(desk: Desk, customer: str, **changed: Any) -> dict[str, Any]:
    return desk.create("visit", {
        "customer_id": customer, "owner_id": desk.user_id, "kind": "call", "state": "completed",
        "held_on": TODAY.isoformat(), "objective": "o", "outcome": "u", "next_step": "n", "version": 1, **changed,
    })  # fmt: skip


def handed_in(desk: Desk, customer: str, **changed: Any) -> list[str]:
    """Draft a promotion and hand it in; return the codes of what was refused."""
    op = desk.create("promotion_request", {
        "customer_id": customer, "owner_id": desk.user_id, "type": "training", "state": "draft",
        "product_id": new_id(), "planned_on": (TODAY + timedelta(days=9)).isoformat(), "objective": "o",
        "estimate_minor": 100, "currency": "CNY", **changed,
    })  # fmt: skip
    submit = desk.command("promotion_request", op["id"], "submit")
    return [one["code"] for one in desk.push(desk.group(op), desk.group(submit)) if one.get("code")]


def codes(verdicts: list[dict[str, Any]]) -> list[str]:
    return [one.get("code", "") for one in verdicts]


def test_a_text_that_counts_prescriptions_is_refused_in_new_and_in_changed_records(
    office: Office, customer: str
) -> None:
    ann = office.desk().reconcile()
    (refused,) = ann.push(ann.group(visit(ann, customer, outcome="王主任每周开 30 张处方")))
    assert (refused["code"], refused["params"]["field"]) == ("prescriptions", "outcome")
    op = visit(ann, customer, state="planned", outcome=None, next_step=None)
    ann.push(ann.group(op))
    patch = ann.patch("visit", op["id"], objective=["o", "TRx: 120"])
    assert codes(ann.push(ann.group(patch))) == ["prescriptions"]
    task = ann.create("task", {"title": "统方", "state": "open", "assignee_id": ann.user_id})
    assert codes(ann.push(ann.group(task))) == ["prescriptions"]


def test_managers_and_those_without_these_rules_are_not_watched(
    office: Office, customer: str
) -> None:
    kim = office.desk("kim").reconcile()
    assert codes(kim.push(kim.group(visit(kim, customer, outcome="TRx: 120")))) == [""]
    representatives.set_mode(office.store, "ann", is_on=False)
    ann = office.desk().reconcile()
    assert codes(ann.push(ann.group(visit(ann, customer, outcome="TRx: 120")))) == [""]


def test_with_a_filing_plans_and_promotions_need_it(office: Office, customer: str) -> None:
    ann = office.desk().reconcile()
    assert handed_in(ann, customer) == []
    representatives.set_filing(office.store, "ann", "沪-1", TODAY + timedelta(days=10))
    ann.reconcile()
    me = ann.of_kind("colleague")[ann.user_id]
    assert (me["mr_mode"], me["mr_filing_no"]) == (True, "沪-1")
    assert handed_in(ann, customer) == ["no_registration"]
    assert handed_in(ann, customer, registration_no="R-1") == []
    late = (TODAY + timedelta(days=11)).isoformat()
    assert handed_in(ann, customer, registration_no="R-2", planned_on=late) == ["no_filing"]
    plan = visit(ann, customer, state="planned", held_on=late, outcome=None, next_step=None)
    assert codes(ann.push(ann.group(plan))) == ["no_filing"]
    assert codes(ann.push(ann.group(visit(ann, customer)))) == [""]
    representatives.set_filing(office.store, "ann", "", None)
    assert handed_in(ann, customer) == []


def test_a_plan_is_moved_within_the_filing_only_and_a_report_of_it_is_always_taken(
    office: Office, customer: str
) -> None:
    ann = office.desk().reconcile()
    representatives.set_filing(office.store, "ann", "沪-1", TODAY + timedelta(days=10))
    day, later, late = ((TODAY + timedelta(days=n)).isoformat() for n in (5, 8, 11))
    plan = visit(ann, customer, state="planned", held_on=day, outcome=None, next_step=None)
    assert codes(ann.push(ann.group(plan))) == [""]
    ann.reconcile()
    moved = ann.patch("visit", plan["id"], held_on=[day, later])
    assert codes(ann.push(ann.group(moved))) == [""]
    moved = ann.patch("visit", plan["id"], held_on=[later, late], objective=["o", "other"])
    assert codes(ann.push(ann.group(moved))) == ["no_filing"]
    standing = ann.reconcile().of_kind("visit")[plan["id"]]
    assert (standing["held_on"], standing["objective"]) == (later, "o")
    # Where it is already tomorrow a report is of tomorrow; without any filing it is one all the same
    representatives.set_filing(office.store, "ann", "沪-1", TODAY)
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    reported = ann.patch(
        "visit", plan["id"], held_on=[later, tomorrow], outcome=[None, "u"], next_step=[None, "n"]
    )
    complete = ann.command("visit", plan["id"], "complete")
    assert codes(ann.push(ann.group(reported), ann.group(complete))) == ["", ""]
    standing = ann.reconcile().of_kind("visit")[plan["id"]]
    assert (standing["held_on"], standing["state"]) == (tomorrow, "completed")


def test_what_is_kept_about_a_representative_survives_another_role(office: Office) -> None:
    representatives.set_filing(office.store, "ann", "沪-1", None)
    accounts.set_role(office.store, "ann", "KAM")
    with pytest.raises(UserError, match="no representative"):
        representatives.set_filing(office.store, "ann", "2", None)
    accounts.set_role(office.store, "ann", "REP")
    with office.store.read() as connection:
        user = accounts.require(connection, "ann").id
    assert representatives.filing_of(office.store, user) == representatives.Filing("沪-1", "")
    assert "user.filing" in {one.action for one in audit.newest(office.store)}
