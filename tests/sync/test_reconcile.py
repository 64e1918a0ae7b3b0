"""What a user relies on: what was saved arrives, what others saved comes, nothing is lost on the way."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kamdesk.db import apply, buckets
from kamdesk.db.connect import connect
from kamdesk.db.database import Database
from kamdesk.db.queries.customers import find_customers
from kamdesk.db.queries.issues import open_issues
from kamdesk.db.records import Task
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.domain.price_access import PricesLocked
from kamdesk.headoffice import comparing, devices, feed, upkeep
from kamdesk.headoffice.store import Store
from kamdesk.services.customers import change_customer
from kamdesk.services.drafts import keep_draft
from kamdesk.services.issues import keep_mine, keep_theirs, reopen
from kamdesk.services.people import NewPerson
from kamdesk.services.promotions import (
    PromotionEntry,
    approve_request,
    return_request,
    submit_request,
    withdraw_request,
)
from kamdesk.services.tasks import add_task, change_task
from kamdesk.services.visits import (
    VisitEntry,
    amend_visit,
    miss_visit,
    plan_visit,
    report_visit,
    submit_visit,
)
from kamdesk.sync import planner, portions
from kamdesk.sync.intake import Intake, Stopped
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.sync.world import Laptop


def entry(customer_id: str, **changed: object) -> VisitEntry:
    values: dict[str, object] = {
        "id": new_id(), "customer_id": customer_id, "held_on": date(2026, 11, 24),
        "objective": "Formulary", "outcome": "Agreed", "next_step": "Send the summary",
    }  # fmt: skip
    return VisitEntry(**{**values, **changed})


def test_first_load_brings_the_territory_and_only_that(world):
    mine = world.customer("复旦大学附属华山医院", pinyin="fu dan hua shan", initials="fddxfshsyy")
    world.customer("South", territory=world.south)
    laptop = world.laptop("ann").sync()
    assert [row[0] for row in laptop.rows("SELECT id FROM customer")] == [mine]
    assert laptop.rows("SELECT count(*) FROM colleague") == [(3,)]
    for typed in ("华山", "huashan", "hsyy"):
        found = laptop.database.read(lambda reader, typed=typed: find_customers(reader, typed))
        assert [one.id for one in found] == [mine], typed
    assert laptop.value("SELECT count(*) FROM meta WHERE k LIKE 'index:%'") == 0


def test_visit_recorded_without_a_line_reaches_head_office_and_the_second_laptop(world):
    customer = world.customer("Huashan")
    one, two = world.laptop("ann").sync(), world.laptop("kim").sync()
    world.cut()
    person = NewPerson(id=new_id(), name="陈浩", department="心内科", title="主任医师")
    wanted = entry(customer, new_people=(person,))
    visit_id = one.do(lambda work: report_visit(work, wanted))
    with pytest.raises(Unreachable):
        one.sync()
    assert one.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 3
    assert one.value("SELECT count(*) FROM sync_op WHERE mid IS NOT NULL") == 0, "nothing was sent"
    world.connect()
    one.sync()
    assert one.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    assert one.value("SELECT count(*) FROM sync_base") == 0
    assert world.document("visit", visit_id)["outcome"] == "Agreed"
    two.sync()
    assert two.rows("SELECT outcome, state, _rev FROM visit WHERE id = ?", visit_id) == [
        ("Agreed", "completed", 1)
    ]
    assert two.rows("SELECT name, department FROM person") == [("陈浩", "心内科")]
    assert one.rows("SELECT title FROM task") == [("Send the summary",)]


def test_h36_a_lost_answer_is_told_again_and_applied_once(world, monkeypatch):
    customer = world.customer("Huashan")
    laptop = world.laptop().sync()
    visit_id = laptop.do(lambda work: report_visit(work, entry(customer)))
    real = laptop.transport.sync

    def lost(access, request):
        real(access, request)
        raise Unreachable("timeout")

    monkeypatch.setattr(laptop.transport, "sync", lost)
    with pytest.raises(Unreachable):
        laptop.sync()
    monkeypatch.setattr(laptop.transport, "sync", real)
    laptop.sync()
    assert laptop.value("SELECT _rev FROM visit WHERE id = ?", visit_id) == 1
    assert laptop.rows("SELECT st FROM sync_op") == [("acked",)] * 2
    assert open_issues_of(laptop) == []


def open_issues_of(laptop):
    return laptop.database.read(open_issues)


def test_two_people_change_different_fields_and_both_stand(world):
    customer = world.customer("Huashan", phone="1", grade="3A")
    one, two = world.laptop("ann").sync(), world.laptop("kim").sync()
    one.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    two.do(lambda work: change_customer(work, customer, {"grade": "3B"}))
    one.sync()
    two.sync()
    one.sync()
    for laptop in (one, two):
        assert laptop.rows("SELECT phone, grade FROM customer") == [("2", "3B")]
        assert open_issues_of(laptop) == []


def test_conflict_keeps_both_values_and_mine_can_win(world):
    customer = world.customer("Huashan", phone="1")
    one, two = world.laptop("ann").sync(), world.laptop("kim").sync()
    one.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    two.do(lambda work: change_customer(work, customer, {"phone": "3"}))
    one.sync()
    two.sync()
    (issue,) = open_issues_of(two)
    (field,) = issue.fields
    assert (field.name, field.old, field.mine, field.theirs, field.by) == (
        "phone", "1", "3", "2", "Ann",
    )  # fmt: skip
    assert two.value("SELECT phone FROM customer") == "2"
    two.do(lambda work: keep_mine(work, issue.id))
    two.sync()
    assert open_issues_of(two) == []
    assert world.document("customer", customer)["phone"] == "3"


def test_conflict_settled_for_head_office_can_be_taken_up_again(world):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop().sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    world.edit("customer", customer, phone="9")
    laptop.sync()
    (issue,) = open_issues_of(laptop)
    laptop.do(lambda work: keep_theirs(work, issue.id))
    assert open_issues_of(laptop) == []
    laptop.do(lambda work: reopen(work, issue.id))
    assert [one.id for one in open_issues_of(laptop)] == [issue.id]


def test_change_from_elsewhere_goes_under_what_is_not_yet_sent(world):
    customer = world.customer("Huashan", phone="1", grade="3A")
    laptop = world.laptop().sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    world.edit("customer", customer, grade="3B")
    laptop.engine._handing_in.take = list  # pull alone
    laptop.engine._round()
    assert laptop.rows("SELECT phone, grade FROM customer") == [("2", "3B")]
    del laptop.engine._handing_in.take
    laptop.sync()
    assert world.document("customer", customer)["phone"] == "2"
    assert laptop.value("SELECT count(*) FROM sync_base") == 0


def test_commands_take_effect_and_a_refusal_restores_and_tells(world):
    customer = world.customer("Huashan")
    one, two = world.laptop("ann").sync(), world.laptop("ann").sync()
    visit_id = one.do(lambda work: plan_visit(work, entry(customer, outcome="", next_step="")))
    one.sync()
    two.sync()
    one.do(lambda work: miss_visit(work, visit_id, reason="In surgery", again=None))
    two.do(lambda work: miss_visit(work, visit_id, reason="Closed", again=None))
    one.sync()
    two.sync()
    assert two.rows("SELECT state, reason FROM visit") == [("missed", "In surgery")]
    (issue,) = open_issues_of(two)
    assert (issue.type, issue.code) == ("rejected", "illegal_transition")
    assert issue.mine["reason"] == "Closed"


def test_amendment_and_submission_arrive_in_order(world):
    customer = world.customer("Huashan")
    one, two = world.laptop("ann").sync(), world.laptop("kim").sync()
    first = one.do(lambda work: report_visit(work, entry(customer)))
    second = one.do(
        lambda work: amend_visit(
            work, first, entry(customer, outcome="Agreed in writing"), reason="Forgot"
        )
    )
    one.do(lambda work: submit_visit(work, second))
    one.sync()
    two.sync()
    rows = dict(two.rows("SELECT id, state FROM visit"))
    assert rows == {first: "amended", second: "submitted"}
    assert open_issues_of(one) == []


def test_customer_that_leaves_the_territory_goes_and_its_unsent_visit_is_kept(world):
    stays, goes = world.customer("Stays"), world.customer("Goes")
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: report_visit(work, entry(goes, outcome="Precious words")))
    world.edit("customer", goes, territory_id=world.south)
    laptop.sync()
    assert [row[0] for row in laptop.rows("SELECT id FROM customer")] == [stays]
    found = open_issues_of(laptop)
    assert {one.type for one in found} == {"rejected"}
    assert any("Precious words" in one.mine_text for one in found)


def test_customer_that_enters_comes_with_everything(world):
    enters = world.customer("Enters", territory=world.south)
    sam, ann = world.laptop("sam").sync(), world.laptop("ann").sync()
    sam.do(lambda work: report_visit(work, entry(enters)))
    sam.sync()
    world.edit("customer", enters, territory_id=world.north)
    ann.sync()
    assert ann.rows("SELECT outcome FROM visit") == [("Agreed",)]


def test_deleted_record_goes_everywhere(world):
    laptop, other = world.laptop("ann").sync(), world.laptop("ann").sync()
    task_id = laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    laptop.sync()
    other.sync()
    assert other.value("SELECT count(*) FROM task") == 1
    with world.store.write("office") as writer:
        writer.delete("task", task_id)
    other.sync()
    assert other.value("SELECT count(*) FROM task") == 0


def test_edit_of_a_deleted_record_keeps_what_was_typed(world):
    laptop = world.laptop("ann").sync()
    task_id = laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("task", task_id)

    def rename(work):
        work.require(Task, task_id).title = "Call about the ward"

    laptop.do(rename)
    laptop.sync()
    (issue,) = open_issues_of(laptop)
    assert (issue.code, issue.mine["title"]) == ("gone", "Call about the ward")
    assert laptop.value("SELECT count(*) FROM task") == 0


@pytest.mark.parametrize("what", ["report", "amend"])
def test_h25_what_was_typed_about_a_visit_that_was_deleted_meanwhile_is_a_new_one(world, what):
    customer = world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    old, spare = entry(customer, held_on=clock.today()), new_id()
    laptop.do(lambda work: (plan_visit if what == "report" else report_visit)(work, old))
    laptop.sync()
    typed = replace(old, id=old.id if what == "report" else new_id(), outcome="Typed meanwhile")
    laptop.do(lambda work: keep_draft(work, typed.id, form="visit", title="", values={}))
    with world.store.write("office") as writer:
        writer.delete("visit", old.id)
    laptop.sync()
    for _ in range(2):  # the second as after an answer that got lost
        if what == "report":
            laptop.do(lambda work: report_visit(work, typed, spare_id=spare))
        else:
            laptop.do(lambda work: amend_visit(work, old.id, typed, reason="More was said"))
    laptop.sync()
    assert laptop.issues == []
    [(made, outcome)] = laptop.rows("SELECT id, outcome FROM visit")
    assert (world.document("visit", made)["outcome"], outcome) == ("Typed meanwhile",) * 2
    assert laptop.value("SELECT count(*) FROM draft") == 0


def test_h34_restored_head_office_gets_back_what_the_backup_lost(world, tmp_path):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop("ann").sync()
    before = laptop.do(lambda work: report_visit(work, entry(customer)))
    laptop.sync()
    copy = tmp_path / "backup.db"
    upkeep.back_up(world.store, copy)
    after = laptop.do(lambda work: report_visit(work, entry(customer, outcome="After")))
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    laptop.sync()
    restore(world, copy)
    laptop.sync()
    assert world.document("visit", before)["outcome"] == "Agreed"
    assert world.document("visit", after)["outcome"] == "After"
    assert world.document("customer", customer)["phone"] == "2"
    assert laptop.value("SELECT count(*) FROM visit") == 2
    assert laptop.value("SELECT count(*) FROM sync_base") == 0
    assert open_issues_of(laptop) == []


def test_a_restore_takes_no_card_whose_change_is_not_decided_anew(world, tmp_path):
    """Of a change from before this computer had its present name, nobody can give another verdict."""
    customer = world.customer("Huashan", phone="1", city="A")
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: change_customer(work, customer, {"city": "B"}))
    laptop.sync()
    world.edit("customer", customer, phone="9")
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    laptop.sync()
    (asked,) = open_issues_of(laptop)
    devices.revoke(world.store, laptop.value("SELECT v FROM sync_state WHERE k = 'device_id'"))
    signed_in_again(world, laptop)
    laptop.do(lambda work: change_customer(work, customer, {"city": "C"}))
    laptop.sync()
    copy = tmp_path / "backup.db"
    upkeep.back_up(world.store, copy)
    laptop.do(lambda work: change_customer(work, customer, {"city": "D"}))
    world.edit("customer", customer, city="E")
    laptop.sync()
    assert len(open_issues_of(laptop)) == 2
    restore(world, copy)
    laptop.sync()
    assert [one.id for one in open_issues_of(laptop)] == [asked.id]
    assert world.document("customer", customer)["city"] == "D"


def test_a_restore_takes_the_card_of_what_it_lost_alone_though_both_were_made_at_once(
    world, tmp_path
):
    """The clock of a computer is coarse: two changes of a record may have the same time."""
    customer = world.customer("Huashan", phone="1", city="A")
    laptop = world.laptop("ann").sync()
    copy = tmp_path / "backup.db"
    for name in ("phone", "city"):
        world.edit("customer", customer, **{name: "9"})
        laptop.do(lambda work, name=name: change_customer(work, customer, {name: "2"}))
        laptop.do(
            lambda work: work.driver.execute("UPDATE sync_op SET at = '2026-11-24T09:00:00.000Z'")
        )
        laptop.sync()
        if name == "phone":
            upkeep.back_up(world.store, copy)
    laptop.do(
        lambda work: work.driver.execute(
            "UPDATE sync_issue SET op = json_set(op, '$.at', '2026-11-24T09:00:00.000Z')"
        )
    )
    first, second = sorted(open_issues_of(laptop), key=lambda one: one.created)
    restore(world, copy)
    laptop.sync()
    left = {one.id for one in open_issues_of(laptop)}
    assert first.id in left
    assert second.id not in left


def load_anew(laptop):
    """Have everything loaded anew, as after a restore of head office: it is marked until it has come again."""
    Intake(laptop.database, lambda: False).unconfirm()
    laptop.database.transact(Origin.SYNC, lambda work: buckets.reload_all(work, start=0))


def task_of(laptop):
    task = laptop.do(lambda work: add_task(work, title="Call", due_on=date(2026, 11, 24)))
    laptop.sync()
    return task


def test_a_deletion_of_what_was_just_edited_is_handed_in_while_a_store_is_loaded_anew(world):
    world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    task = task_of(laptop)
    load_anew(laptop)
    laptop.do(lambda work: change_task(work, task, title="Call them", due_on=None, priority="low"))
    laptop.do(lambda work: work.delete(work.require(Task, task)))
    queued = laptop.rows("SELECT op FROM sync_op WHERE id = ? AND st = 'queued' ORDER BY lid", task)
    assert queued == [("patch",), ("delete",)]
    laptop.sync()
    assert open_issues_of(laptop) == []
    assert is_gone(world, task)


@pytest.mark.parametrize("is_before", [True, False])
def test_a_deletion_while_a_store_is_loaded_anew_is_asked_about_only_where_somebody_changed_it(
    world, is_before
):
    world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    mine, theirs = task_of(laptop), task_of(laptop)
    if not is_before:
        load_anew(laptop)
    laptop.do(lambda work: [work.delete(work.require(Task, one)) for one in (mine, theirs)])
    if is_before:
        load_anew(laptop)
    with world.store.write("office") as writer:
        writer.put("task", theirs, {**writer.get("task", theirs).document, "title": "Changed"})
    kept = laptop.do(lambda work: add_task(work, title="Meanwhile", due_on=None))
    laptop.sync()
    # What a user did at once stands or falls at once, but for what has to be asked
    [asked] = open_issues_of(laptop)
    assert (asked.row_id, asked.op) == (theirs, "delete")
    assert is_gone(world, mine)
    assert world.document("task", theirs)["title"] == "Changed"
    assert world.document("task", kept)["title"] == "Meanwhile"
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0


def is_gone(world, record_id):
    with world.store.write("test") as writer:
        return writer.get("task", record_id).is_gone


def restore(world, copy):
    world.cut()
    world.store.close()
    for suffix in ("", "-wal", "-shm"):
        Path(world.file + suffix).unlink(missing_ok=True)
    Path(world.file).write_bytes(copy.read_bytes())
    world.store = Store.open(world.file, company="Hehe Pharma")
    with world.store.write("other") as writer:
        writer.ledger_changed()
    world.connect()


def test_difference_is_found_by_the_digest_and_only_that_bucket_is_loaded_anew(world, monkeypatch):
    monkeypatch.setattr(comparing, "_ROTATING", 10)  # so that the sample is everything
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop("ann").sync()
    stray = new_id()

    def damage(work):
        work.driver.execute("UPDATE customer SET phone = 'x', _rev = 7")
        work.driver.execute(
            "INSERT INTO person(id, _rev, _b, name, customer_id) VALUES(?,3,?,'Nobody',?)",
            (stray, f"acct:{customer}", customer),
        )

    laptop.database.transact(Origin.SYNC, damage)
    laptop.sync()
    assert laptop.rows("SELECT phone, _rev FROM customer") == [("1", 1)]
    assert laptop.value("SELECT count(*) FROM person") == 0


@pytest.mark.parametrize("is_sampled", [False, True])
def test_a_difference_in_a_big_answer_is_found_beyond_the_sample(world, monkeypatch, is_sampled):
    monkeypatch.setattr(feed, "_DIGESTS_BESIDE", 2)
    monkeypatch.setattr(comparing, "_ROTATING", 0)
    ids = sorted(world.customer(f"H{number}", phone="1") for number in range(6))
    laptop = world.laptop("ann").sync()
    damaged = ids if is_sampled else ids[-1:]
    laptop.database.transact(
        Origin.SYNC,
        lambda work: work.driver.executemany(
            "UPDATE customer SET _rev = 7 WHERE id = ?", [(one,) for one in damaged]
        ),
    )
    with world.store.write("office") as writer:
        for one in ids:
            document = dict(writer.get("customer", one).document)
            writer.put("customer", one, {**document, "phone": "2"})
    laptop.sync()
    assert laptop.rows("SELECT DISTINCT phone, _rev FROM customer") == [("2", 2)]


@pytest.mark.parametrize("error", [PricesLocked, Stopped])
def test_what_was_to_be_compared_is_compared_after_a_break(world, monkeypatch, error):
    monkeypatch.setattr(feed, "_DIGESTS_BESIDE", 2)
    monkeypatch.setattr(comparing, "_ROTATING", 0)
    ids = sorted(world.customer(f"H{number}", phone="1") for number in range(6))
    laptop = world.laptop("ann").sync()
    laptop.database.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("UPDATE customer SET _rev = 7 WHERE id = ?", (ids[-1],)),
    )
    with world.store.write("office") as writer:
        for one in ids:
            document = dict(writer.get("customer", one).document)
            writer.put("customer", one, {**document, "phone": "2"})
    engine, broken = laptop.engine, []
    real = engine._comparison.reload_mismatched

    def breaks(answer):
        if not answer.summary and not broken:  # the answer that compares what was asked about
            broken.append(answer)
            raise error
        return real(answer)

    monkeypatch.setattr(engine._comparison, "reload_mismatched", breaks)
    with suppress(Stopped):
        engine.reconcile()
    laptop.sync()
    assert broken
    assert laptop.rows("SELECT DISTINCT phone, _rev FROM customer") == [("2", 2)]


def test_what_one_changed_oneself_is_compared_without_being_told(world, monkeypatch):
    monkeypatch.setattr(feed, "_DIGESTS_BESIDE", 0)
    other, *ids = (world.customer(f"H{number}", phone="1") for number in range(5))
    laptop = world.laptop("ann").sync()
    for one in ids:
        laptop.do(lambda work, one=one: change_customer(work, one, {"phone": "2"}))
    with world.store.write("office") as writer:
        document = dict(writer.get("customer", other).document)
        writer.put("customer", other, {**document, "phone": "3"})
    asked = []
    real = laptop.transport.sync

    def sync(access, request):
        asked.append((request, real(access, request)))
        return asked[-1][1]

    monkeypatch.setattr(laptop.transport, "sync", sync)
    laptop.sync()
    [(request, answer)] = asked
    assert answer.summary
    assert [page.n for page in answer.delta.pages] == [1]
    assert len(request.groups) == 4


def test_h36_load_broken_anywhere_goes_on_where_it_was(world, monkeypatch):
    monkeypatch.setattr(planner, "ROWS_OF_FIRST_LOAD", 3)
    monkeypatch.setattr(portions, "MOST", 1)
    ids = {world.customer(f"Hospital {number}") for number in range(20)}
    laptop = world.laptop("ann")
    real, calls = laptop.transport.sync, []

    def fails(access, request):
        calls.append(request)
        if is_cut and len(calls) >= 4:
            raise Unreachable("connect")
        return real(access, request)

    is_cut = True
    monkeypatch.setattr(laptop.transport, "sync", fails)
    with pytest.raises(Unreachable):
        laptop.sync()
    there = laptop.value("SELECT count(*) FROM customer")
    assert 0 < there < 20
    is_cut, first = False, len(calls)
    laptop.sync()
    assert {row[0] for row in laptop.rows("SELECT id FROM customer")} == ids
    first_after = calls[first]
    assert len(first_after.loading) < len(calls[1].loading)


def test_unknown_fields_are_kept_aside(world):
    customer = world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    row = [customer, 9, f"acct:{customer}", "Huashan", "blue"]
    laptop.database.transact(
        Origin.SYNC, lambda work: apply.put_rows(work, "customer", ["name", "colour"], [row])
    )
    assert laptop.value("SELECT _x FROM customer") == '{"colour":"blue"}'


def test_many_changes_go_in_few_requests(world, monkeypatch):
    world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    for number in range(60):
        laptop.do(lambda work, number=number: add_task(work, title=f"Task {number}", due_on=None))
    laptop.engine._handing_in.most_ops = 25
    calls = []
    real = laptop.transport.sync
    monkeypatch.setattr(
        laptop.transport, "sync", lambda access, request: calls.append(1) or real(access, request)
    )
    laptop.sync()
    assert len(calls) == 2  # 25, and as it went well up to 50 the next time
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0


ESTIMATE = Money(1_200_000, "CNY")


def request(customer_id: str, **changed: object) -> PromotionEntry:
    values: dict[str, object] = {
        "id": new_id(), "customer_id": customer_id, "product_id": new_id(), "objective": "Teach the switch",
        "planned_on": clock.today() + timedelta(days=30), "estimate": ESTIMATE,
    }  # fmt: skip
    return PromotionEntry(**{**values, **changed})


def states(laptop):
    return laptop.rows("SELECT state, reason, estimate_minor FROM promotion_request")


def test_request_arrives_at_the_manager_who_answers_offline_and_the_answer_comes_back(world):
    customer = world.customer("Huashan")
    rep, kam = world.laptop("ann").sync(), world.laptop("kim").sync()
    asked = request(customer)
    rep.do(lambda work: submit_request(work, asked))
    rep.sync()
    kam.sync()
    assert states(kam) == [("submitted", None, 1_200_000)]
    world.cut()
    kam.do(lambda work: return_request(work, asked.id, reason="Fewer guests, please"))
    assert states(kam) == [("returned", "Fewer guests, please", 1_200_000)]
    world.connect()
    kam.sync()
    rep.sync()
    assert states(rep) == [("returned", "Fewer guests, please", 1_200_000)]
    less = Money(800_000, "CNY")
    rep.do(lambda work: submit_request(work, replace(asked, estimate=less)))
    rep.sync()
    kam.sync()
    kam.do(lambda work: approve_request(work, asked.id, seen=less))
    kam.sync()
    rep.sync()
    assert states(rep) == [("approved", None, 800_000)]
    standing = world.document("promotion_request", asked.id)
    assert standing["decided_by"] == kam.user_id
    assert standing["decided_on"] == clock.today().isoformat()
    assert [one.issues for one in (rep, kam)] == [[], []]


def test_nobody_approves_an_amount_that_was_changed_behind_his_back(world):
    customer = world.customer("Huashan")
    rep, kam = world.laptop("ann").sync(), world.laptop("kim").sync()
    asked = request(customer)
    rep.do(lambda work: submit_request(work, asked))
    rep.sync()
    kam.sync()
    rep.do(lambda work: withdraw_request(work, asked.id))
    rep.do(lambda work: submit_request(work, replace(asked, estimate=Money(9_900_000, "CNY"))))
    rep.sync()
    kam.do(lambda work: approve_request(work, asked.id, seen=ESTIMATE))
    assert states(kam) == [("approved", None, 1_200_000)]
    kam.sync()
    assert states(kam) == [("submitted", None, 9_900_000)], "what stands is shown again"
    assert [one.code for one in kam.issues] == ["amount_changed"]
    assert world.document("promotion_request", asked.id)["state"] == "submitted"


def test_a_rep_cannot_approve_by_hand_what_the_window_does_not_offer(world):
    customer = world.customer("Huashan")
    rep, kam = world.laptop("ann").sync(), world.laptop("kim").sync()
    asked = request(customer)
    kam.do(lambda work: submit_request(work, asked))
    kam.sync()
    rep.sync()
    rep.do(  # a laptop whose program was tampered with
        lambda work: work.driver.execute(
            "INSERT INTO sync_op(gid, kind, id, op, cmd, args, sv, at) VALUES(?,?,?,'cmd','approve',?,1,?)",
            (
                new_id(), "promotion_request", asked.id,
                '{"on":"2026-11-24","minor":1200000,"currency":"CNY"}', clock.stamp(),
            ),
        )
    )  # fmt: skip
    rep.sync()
    assert world.document("promotion_request", asked.id)["state"] == "submitted"
    assert [one.code for one in rep.issues] == ["not_allowed"]


def signed_in_again(world, laptop):
    """Do what the sign-in screen does."""
    runner = Reconciler(laptop.database, laptop.transport)
    runner.sign_in(SignIn(world.url, "ann", PASSWORD))
    laptop.engine.access = ""


def test_restore_to_a_time_before_this_computer_was_known_loses_nothing(world, tmp_path):
    customer = world.customer("Huashan", phone="1")
    copy = tmp_path / "backup.db"
    upkeep.back_up(world.store, copy)
    laptop = world.laptop("ann").sync()
    visit_id = laptop.do(lambda work: report_visit(work, entry(customer, outcome="Precious")))
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    laptop.sync()
    restore(world, copy)
    with pytest.raises(Answered) as unknown:
        laptop.sync()
    assert unknown.value.code == "token_invalid"
    signed_in_again(world, laptop)
    laptop.sync()
    assert world.document("visit", visit_id)["outcome"] == "Precious"
    assert world.document("customer", customer)["phone"] == "2"
    assert open_issues_of(laptop) == []


def test_copied_computer_gets_a_name_of_its_own_and_both_hand_in(world, tmp_path):
    world.customer("Huashan")
    first = world.laptop("ann").sync()
    path = first.database.path
    key = first.database._key
    image = tmp_path / "image.db"
    first.do(lambda work: add_task(work, title="Before the image", due_on=None))
    first.sync()
    with closing(connect(path, key)) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    image.write_bytes(path.read_bytes())
    first.do(lambda work: add_task(work, title="On the first", due_on=None))
    first.sync()
    copied = Laptop(Database(image, key, first.database.actor), Transport(world.url), first.user_id)
    world.laptops.append(copied)
    copied.do(lambda work: add_task(work, title="On the copy", due_on=None))
    with pytest.raises(Answered) as refused:
        copied.sync()
    if refused.value.code != "device_cloned":  # its tokens were spent by the first
        signed_in_again(world, copied)
        with pytest.raises(Answered) as refused:
            copied.sync()
    assert refused.value.code == "device_cloned"
    signed_in_again(world, copied)
    copied.sync()
    signed_in_again(world, first)
    first.sync()
    titles = {row[0] for row in first.rows("SELECT title FROM task")}
    assert titles == {"Before the image", "On the first", "On the copy"}
    assert copied.rows("SELECT count(*) FROM task") == [(3,)]
    assert first.value("SELECT v FROM sync_state WHERE k = 'device_id'") != copied.value(
        "SELECT v FROM sync_state WHERE k = 'device_id'"
    )
