"""Promotion requests: amounts as people type them, and who may do what when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamdesk.db.queries.promotions import PromotionFilter, list_promotions, sum_promotions
from kamdesk.db.records import PromotionRequest
from kamdesk.domain import clock, commands
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money, read_amount
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.promotions import (
    PromotionEntry,
    cancel_request,
    draft_request,
    return_request,
    submit_request,
    withdraw_request,
)
from tests.unit.conftest import HUASHAN, ME

PRODUCT = "0192f0c1-0000-7000-8000-00000000000c"
OWNER = Actor("rep", Role.REP)
MANAGER = Actor("kam", Role.KAM)
WHOLE = {
    "customer_id": "c", "owner_id": "rep", "type": "training", "state": "submitted", "product_id": "p",
    "planned_on": "2026-12-20", "objective": "Teach the switch", "estimate_minor": 1_200_000,
    "currency": "CNY",
}  # fmt: skip
SEEN = {"on": "2026-11-24", "minor": 1_200_000, "currency": "CNY"}


def nothing(kind, record_id):
    return None


def decide(cmd, document, args, actor):
    return commands.decide("promotion_request", cmd, document=document, args=args, actor=actor)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12000", "CNY", 1_200_000),
        ("12,000", "CNY", 1_200_000),
        ("1,234,567.5", "CNY", 123_456_750),
        ("１２，０００．５０", "CNY", 1_200_050),
        ("12 000", "EUR", 1_200_000),
        ("12,5", "EUR", 1_250),
        ("¥300", "CNY", 30_000),
        ("300", "JPY", 300),
        ("0.1", "USD", 10),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, currency, minor):
    assert read_amount(typed, currency, field="estimate") == Money(minor, currency)


@pytest.mark.parametrize(
    "typed", ["12.345", "-5", "1,2,3", "twelve", "1e5", "999999999999999", "1.5.0", "12,00,000"]
)
def test_what_is_no_amount_is_refused_beside_its_field(typed):
    with pytest.raises(UserError) as refused:
        read_amount(typed, "CNY", field="estimate")
    assert refused.value.field == "estimate"


def test_nothing_typed_is_no_amount():
    assert read_amount("  ", "CNY", field="estimate") is None


def test_yen_have_no_cents():
    with pytest.raises(UserError):
        read_amount("10.5", "JPY", field="estimate")


def test_a_manager_approves_what_he_saw():
    change = decide("approve", WHOLE, SEEN, MANAGER)
    assert change == {
        "state": "approved", "decided_by": "kam", "decided_on": "2026-11-24", "reason": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cmd", "document", "args", "actor", "code"),
    [
        ("approve", WHOLE, {**SEEN, "minor": 1_000}, MANAGER, "amount_changed"),
        ("approve", WHOLE, {"on": "2026-11-24"}, MANAGER, "amount_changed"),
        ("approve", WHOLE, {**SEEN, "on": "yesterday"}, MANAGER, "required"),
        ("approve", WHOLE, SEEN, Actor("other", Role.REP), "not_allowed"),
        ("approve", {**WHOLE, "owner_id": "kam"}, SEEN, MANAGER, "not_allowed"),
        ("approve", {**WHOLE, "state": "draft"}, SEEN, MANAGER, "illegal_transition"),
        ("return", WHOLE, {"on": "2026-11-24", "reason": " "}, MANAGER, "required"),
        ("submit", {**WHOLE, "state": "approved"}, {}, OWNER, "illegal_transition"),
        ("submit", {**WHOLE, "state": "draft", "objective": " "}, {}, OWNER, "required"),
        ("submit", {**WHOLE, "state": "draft", "estimate_minor": 0}, {}, OWNER, "required"),
        ("submit", {**WHOLE, "state": "draft"}, {}, MANAGER, "not_owner"),
        ("withdraw", WHOLE, {}, MANAGER, "not_owner"),
        ("withdraw", {**WHOLE, "state": "approved"}, {}, OWNER, "illegal_transition"),
        ("cancel", {**WHOLE, "state": "closed"}, {"reason": "x"}, OWNER, "illegal_transition"),
    ],
)
def test_what_the_rules_forbid(cmd, document, args, actor, code):
    with pytest.raises(Refused) as refused:
        decide(cmd, document, args, actor)
    assert refused.value.code == code


def test_a_request_begins_as_a_draft_of_its_owner():
    draft = {**WHOLE, "state": "draft"}
    commands.check_new("promotion_request", document=draft, actor=OWNER, find=nothing)
    for document, actor in (
        (WHOLE, OWNER),
        (draft, MANAGER),
        ({**draft, "estimate_minor": -1}, OWNER),
        ({**draft, "owner_id": "adm"}, Actor("adm", Role.ADM)),
    ):
        with pytest.raises(Refused):
            commands.check_new("promotion_request", document=document, actor=actor, find=nothing)


def test_what_was_handed_in_is_not_edited():
    with pytest.raises(Refused) as refused:
        commands.check_edit("promotion_request", document=WHOLE, actor=OWNER, find=nothing)
    assert refused.value.code == "handed_in"


def entry(**changed):
    values = {
        "id": new_id(), "customer_id": HUASHAN, "product_id": PRODUCT,
        "planned_on": clock.today() + timedelta(days=30), "objective": "Teach the switch",
        "estimate": Money(1_200_000, "CNY"),
    }  # fmt: skip
    return PromotionEntry(**{**values, **changed})


def run(store, fn, *args, **named):
    return store.transact(Origin.USER, lambda work: fn(work, *args, **named)).value


def queued(store, record_id):
    return store.read(
        lambda reader: [
            (row[0], row[1])
            for row in reader.rows(
                "SELECT op, cmd FROM sync_op WHERE id = ? ORDER BY lid", record_id
            )
        ]
    )


def standing(store, record_id):
    return store.read(
        lambda reader: reader.row(
            "SELECT state, reason FROM promotion_request WHERE id = ?", record_id
        )
    )


def test_draft_submit_withdraw_and_cancel_are_shown_at_once_and_queued(store):
    one = entry()
    run(store, draft_request, entry(id=one.id, estimate=None, objective=""))
    assert standing(store, one.id) == ("draft", None)
    run(store, submit_request, one)
    run(store, submit_request, one)  # the same save again changes nothing
    assert standing(store, one.id) == ("submitted", None)
    assert queued(store, one.id) == [("create", None), ("cmd", "submit")]
    run(store, withdraw_request, one.id)
    run(store, cancel_request, one.id, reason="No budget")
    assert standing(store, one.id) == ("cancelled", "No budget")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"customer_id": ""}, "customer"),
        ({"product_id": ""}, "product"),
        ({"planned_on": None}, "planned_on"),
        ({"planned_on": clock.today() - timedelta(days=1)}, "planned_on"),
        ({"objective": "  "}, "objective"),
        ({"estimate": None}, "estimate"),
        ({"estimate": Money(0, "CNY")}, "estimate"),
        ({"objective": "x" * 2001}, "objective"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_stored(store, changed, field):
    one = entry(**changed)
    with pytest.raises(UserError) as refused:
        run(store, submit_request, one)
    assert refused.value.field == field
    assert standing(store, one.id) is None


def test_nobody_answers_his_own_request(store):
    one = entry()
    run(store, submit_request, one)
    with pytest.raises(Refused):
        run(store, return_request, one.id, reason="Too dear")
    assert standing(store, one.id) == ("submitted", None)


def test_sums_are_by_currency_and_drafts_of_others_are_theirs(store):
    run(store, submit_request, entry())
    run(store, submit_request, entry(estimate=Money(50_000, "CNY")))
    run(store, submit_request, entry(estimate=Money(9_900, "EUR")))

    def others(work):
        return work.add(
            PromotionRequest(
                customer_id=HUASHAN, owner_id="another", type="training", state="draft",
                estimate_minor=1, currency="CNY",
            )
        ).id  # fmt: skip

    run(store, others)
    wanted = PromotionFilter(user_id=ME.user_id)
    found = store.read(lambda reader: sum_promotions(reader, wanted))
    assert found.count == 3
    assert found.sums == (Money(1_250_000, "CNY"), Money(9_900, "EUR"))
    rows = store.read(lambda reader: list_promotions(reader, wanted, offset=0, limit=10))
    assert [row.estimate for row in rows if row.owner_id == "another"] == []
    typed = PromotionFilter(user_id=ME.user_id, typed="SWITCH")
    assert store.read(lambda reader: sum_promotions(reader, typed)).count == 3
