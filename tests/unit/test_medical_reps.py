"""Medical representatives: what they may not note, and what they need."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamdesk.db.queries.colleagues import Filing, filing_of
from kamdesk.db.queries.visits import VisitFilter, list_visits
from kamdesk.domain import clock, medical_reps
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.promotions import PromotionEntry, submit_request
from kamdesk.services.tasks import add_task
from kamdesk.services.visits import VisitEntry, miss_visit, plan_visit, report_visit
from tests.unit.conftest import HUASHAN

ANN = Actor("0192f0c1-0000-7000-8000-0000000000aa", Role.REP, "Ann")
TODAY = clock.today()


@pytest.mark.parametrize("told", [
    "上月处方量上升", "王主任每周开 30 张处方", "处方大约120盒", "医生上个月开了200盒", "李大夫月用量开 50 支",
    "要统方数据", "两百张处方", "wrote 20 prescriptions", "about 40 scripts a month", "TRx: 120",
    "his prescription volume is up", "prescribes 15 a week", "２０张处方",
])  # fmt: skip
def test_a_count_of_prescriptions_is_noticed(told):
    assert medical_reps.prescriptions_in(told)


@pytest.mark.parametrize("told", [
    "介绍处方资料集", "医院库存 200 盒", "送 30 份资料给王主任", "开了两个科室会", "讨论处方点评会议",
    "三期临床入组 120 例", "The prescribing information was handed over", "20 cardiologists attended",
    "prescription drug list, edition 2026", "10:30 门诊三楼", "订货 500 盒", "开会 2 次", "",
])  # fmt: skip
def test_everything_else_is_left_alone(told):
    assert medical_reps.prescriptions_in(told) == ""


@pytest.fixture
def ann(store):
    """The store of a representative; call it with what head office keeps about her."""
    store.actor = ANN

    def know(**values):
        def put(work):
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            work.driver.execute("DELETE FROM colleague WHERE id = ?", (ANN.user_id,))
            work.driver.execute(
                f"INSERT INTO colleague(id, _rev, _b, name, role{', ' if values else ''}{names})"
                f" VALUES(?, 1, 'ref', 'Ann', 'REP'{', ' if values else ''}{marks})",
                (ANN.user_id, *values.values()),
            )

        store.transact(Origin.SYNC, put)
        return store

    return know


def visit(**values):
    return VisitEntry(
        new_id(),
        **{
            "customer_id": HUASHAN, "held_on": TODAY, "objective": "formulary", "outcome": "agreed",
            "next_step": "send the summary", **values,
        },
    )  # fmt: skip


def request(**values):
    whole = {
        "customer_id": HUASHAN, "product_id": new_id(), "planned_on": TODAY + timedelta(days=9),
        "objective": "switch", "estimate": Money(100, "CNY"), **values,
    }  # fmt: skip
    return PromotionEntry(new_id(), **whole)


def do(store, service, *arguments, **named):
    return store.transact(Origin.USER, lambda work: service(work, *arguments, **named)).value


@pytest.mark.parametrize("field", ["objective", "outcome", "next_step"])
def test_a_report_that_counts_prescriptions_is_refused_at_its_field_and_nothing_is_stored(
    ann, field
):
    store = ann()
    with pytest.raises(UserError) as refused:
        do(store, report_visit, visit(**{field: "王主任每周开 30 张处方"}))
    assert (refused.value.field, refused.value.code) == (field, "prescriptions")
    assert "30" in str(refused.value)
    assert store.read(lambda reader: list_visits(reader, VisitFilter(), offset=0, limit=5)) == []


def test_a_task_is_watched_too(ann):
    store = ann()
    with pytest.raises(UserError):
        do(store, add_task, title="ask for the prescription count", due_on=TODAY)


def test_a_reason_is_watched_too_and_nothing_of_the_command_is_stored(ann):
    store = ann()
    planned = do(store, plan_visit, visit())
    with pytest.raises(UserError) as refused:
        do(store, miss_visit, planned, reason="上月处方量上升", again=None)
    assert (refused.value.field, refused.value.code) == ("reason", "prescriptions")
    [row] = store.read(lambda reader: list_visits(reader, VisitFilter(), offset=0, limit=5))
    assert row.state == "planned"


def test_nobody_is_watched_who_is_no_representative_or_whose_rules_are_off(ann):
    told = visit(outcome="王主任每周开 30 张处方")
    assert do(ann(mr_mode=0), report_visit, told)
    store = ann()
    store.actor = Actor("0192f0c1-0000-7000-8000-0000000000ab", Role.KAM)
    assert do(store, report_visit, visit(outcome="TRx: 120"))


def test_without_a_filing_being_kept_none_is_asked_for(ann):
    store = ann()
    do(store, plan_visit, visit())
    do(store, submit_request, request())
    assert store.read(lambda reader: filing_of(reader, ANN.user_id, "REP")) is None


def test_with_a_filing_a_promotion_needs_it_and_a_registration(ann):
    until = TODAY + timedelta(days=10)
    store = ann(mr_mode=1, mr_filing_no="沪-1", mr_filing_until=until.isoformat())
    assert store.read(lambda reader: filing_of(reader, ANN.user_id, "REP")) == Filing("沪-1", until)
    with pytest.raises(UserError) as refused:
        do(store, submit_request, request())
    assert refused.value.field == "registration"
    do(store, submit_request, request(registration="R-77"))
    with pytest.raises(UserError) as refused:
        do(
            store,
            submit_request,
            request(registration="R-78", planned_on=until + timedelta(days=1)),
        )
    assert (refused.value.field, refused.value.code) == ("planned_on", "no_filing")


def test_a_plan_needs_a_valid_filing_and_what_took_place_or_did_not_never_does(ann):
    store = ann(
        mr_mode=1, mr_filing_no="沪-1", mr_filing_until=(TODAY - timedelta(days=1)).isoformat()
    )
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(UserError) as refused:
        do(store, plan_visit, visit(held_on=tomorrow))
    assert refused.value.field == "held_on"
    assert do(store, report_visit, visit())
    missed = do(store, plan_visit, visit())
    assert do(store, miss_visit, missed, reason="in surgery", again=visit(held_on=tomorrow)) is None
    found = VisitFilter(state="missed")
    rows = store.read(lambda reader: list_visits(reader, found, offset=0, limit=5))
    assert [row.id for row in rows] == [missed]


def test_a_missed_visit_that_is_planned_anew_past_the_filing_says_so_at_the_new_day(ann):
    until = TODAY + timedelta(days=3)
    store = ann(mr_mode=1, mr_filing_no="1", mr_filing_until=until.isoformat())
    planned = do(store, plan_visit, visit())
    late = visit(held_on=until + timedelta(days=1))
    with pytest.raises(UserError) as refused:
        do(store, miss_visit, planned, reason="in surgery", again=late)
    assert (refused.value.field, refused.value.code) == ("again_on", "no_filing")
    assert do(store, miss_visit, planned, reason="in surgery", again=visit(held_on=until))


def test_a_filing_without_a_last_day_does_not_end():
    me = {"mr_mode": True, "mr_filing_no": "1", "mr_filing_until": None}
    medical_reps.check_filing("REP", me, "2199-01-01")
    with pytest.raises(Refused):
        medical_reps.check_filing("REP", {**me, "mr_filing_no": None}, "2026-01-01")
