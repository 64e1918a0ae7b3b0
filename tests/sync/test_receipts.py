"""What is proven to be at head office, and what is not; the comparison of everything, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from kamdesk.db.queries.customers import customer_page
from kamdesk.db.queries.proof import receipt_of, standing
from kamdesk.db.queries.visits import visit_whole
from kamdesk.db.receipts import short_name
from kamdesk.db.records import Customer, Visit
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import comparing, devices
from kamdesk.headoffice.upkeep import back_up
from kamdesk.services.issues import keep_mine, keep_theirs, reopen
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.sync.problems import Unreachable
from tests.sync.test_reconcile import restore, signed_in_again

DAY = date(2026, 12, 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def proven(laptop):
    return laptop.database.read(lambda reader: standing(reader, since=LONG_AGO))


def call(laptop, customer, phone):
    laptop.do(lambda work: setattr(work.require(Customer, customer), "phone", phone))


@pytest.fixture
def laptop(world):
    world.customer("Huashan", phone="1")
    world.customer("Ruijin", phone="1")
    return world.laptop("ann").sync()


@pytest.fixture
def customers(laptop):
    return [row[0] for row in laptop.rows("SELECT id FROM customer ORDER BY name")]


def test_what_waits_is_not_proven_and_what_is_signed_for_is(laptop, customers):
    for customer in customers:
        call(laptop, customer, "2")
    told = proven(laptop).today
    assert (told.total, told.proven, told.waiting, told.needing) == (2, 0, 2, 0)
    laptop.sync()
    told = proven(laptop).today
    assert (told.total, told.proven, told.waiting, told.needing) == (2, 2, 0, 0)
    assert told.receipt is not None
    signature = laptop.value("SELECT signature FROM sync_receipt ORDER BY at DESC LIMIT 1")
    assert told.receipt.name == short_name(signature)
    of_one = laptop.database.read(lambda reader: receipt_of(reader, customers[0]))
    assert of_one == told.receipt
    call(laptop, customers[0], "3")
    assert laptop.database.read(lambda reader: receipt_of(reader, customers[0])) is None
    assert proven(laptop).today.proven == 1


def test_what_head_office_did_not_take_is_never_proven(world, laptop, customers):
    call(laptop, customers[0], "2")
    with world.store.write("office") as writer:
        writer.delete("customer", customers[0])
    laptop.sync()
    told = proven(laptop).today
    assert (told.total, told.proven, told.waiting, told.needing) == (1, 0, 0, 1)


def test_a_visit_whose_change_was_not_taken_is_not_confirmed_and_shows_no_receipt(
    world, laptop, customers
):
    entry = VisitEntry(new_id(), customers[0], held_on=date(2026, 12, 3), objective="Formulary")
    visit = laptop.do(lambda work: plan_visit(work, entry))
    laptop.sync()
    shown = laptop.database.read(lambda reader: visit_whole(reader, visit))
    assert (shown.row.sending, shown.receipt) == ("confirmed", proven(laptop).today.receipt)
    world.edit("visit", visit, objective="Theirs")
    laptop.do(lambda work: setattr(work.require(Visit, visit), "objective", "Mine"))
    laptop.sync()
    [issue] = laptop.issues
    shown = laptop.database.read(lambda reader: visit_whole(reader, visit))
    assert (shown.row.sending, shown.receipt) == ("asking", None)
    page = laptop.database.read(lambda reader: customer_page(reader, customers[0], today=DAY))
    assert (page.sending, page.asking) == ("confirmed", 1)
    # Not even another change of it that is taken proves it
    laptop.do(lambda work: setattr(work.require(Visit, visit), "next_step", "Call"))
    laptop.sync()
    shown = laptop.database.read(lambda reader: visit_whole(reader, visit))
    assert (shown.row.sending, shown.receipt) == ("asking", None)
    assert proven(laptop).today.needing == 1
    laptop.do(lambda work: keep_mine(work, issue.id))
    assert laptop.database.read(lambda reader: visit_whole(reader, visit)).row.sending == "saved"
    laptop.sync()
    told = proven(laptop).today
    assert (told.total, told.proven, told.needing) == (1, 1, 0)
    shown = laptop.database.read(lambda reader: visit_whole(reader, visit))
    assert (shown.row.sending, shown.receipt is None) == ("confirmed", False)
    page = laptop.database.read(lambda reader: customer_page(reader, customers[0], today=DAY))
    assert page.asking == 0


def test_what_was_signed_for_under_an_earlier_name_of_the_computer_is_proven_all_the_same(
    world, laptop, customers
):
    call(laptop, customers[0], "2")
    call(laptop, customers[1], "2")
    world.edit("customer", customers[0], phone="9")
    laptop.sync()
    [issue] = laptop.issues
    laptop.do(lambda work: keep_theirs(work, issue.id))
    before = proven(laptop)
    devices.revoke(world.store, laptop.value("SELECT v FROM sync_state WHERE k = 'device_id'"))
    signed_in_again(world, laptop)
    laptop.sync()
    told = proven(laptop)
    assert (told.today.total, told.today.proven, told.today.needing) == (1, 1, 0)
    assert (told.today, told.kept) == (before.today, before.kept)


def test_a_change_that_was_given_up_is_no_longer_counted(world, laptop, customers):
    call(laptop, customers[0], "2")
    call(laptop, customers[1], "2")
    world.edit("customer", customers[0], phone="9")
    laptop.sync()
    told = proven(laptop).today
    assert (told.total, told.proven, told.needing) == (2, 1, 1)
    [issue] = laptop.issues
    laptop.do(lambda work: keep_theirs(work, issue.id))
    told = proven(laptop).today
    assert (told.total, told.proven, told.needing) == (1, 1, 0)
    laptop.do(lambda work: reopen(work, issue.id))
    assert proven(laptop).today.needing == 1


@pytest.mark.parametrize("forged", ["last", "verdict", "other device", "nothing", "no letters"])
def test_an_answer_that_head_office_did_not_sign_is_not_taken_in(
    laptop, customers, monkeypatch, forged
):
    call(laptop, customers[0], "2")
    real = laptop.transport.sync

    def lie(access, request):
        answer = real(access, request)
        if forged == "last":
            answer.last += 1
        elif forged == "verdict":
            answer.results[0] = msgspec.structs.replace(answer.results[0], st="noop")
        elif forged == "other device":
            answer.receipt = real(access, request).receipt[::-1]
        else:
            answer.receipt = "" if forged == "nothing" else "\u4e2d" * 88
        return answer

    monkeypatch.setattr(laptop.transport, "sync", lie)
    with pytest.raises(Unreachable, match="bad_receipt"):
        laptop.sync()
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 1
    monkeypatch.undo()
    laptop.sync()
    assert proven(laptop).today.proven == 1


def test_everything_is_compared_part_by_part_and_found_equal(laptop, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_COMPARED", 2)
    laptop.engine.check()
    check = proven(laptop).check
    buckets = laptop.value("SELECT count(*) FROM sync_bucket")
    assert buckets > 2
    assert check is not None
    assert (check.buckets, check.differences) == (buckets, 0)
    held = "SELECT (SELECT count(*) FROM customer) + (SELECT count(*) FROM colleague)"
    assert check.records >= laptop.value(held)


@pytest.mark.parametrize("how", ["revision", "missing_here", "missing_there"])
def test_first_difference_is_named_and_mended(laptop, customers, how):
    stray = new_id()

    def damage(work):
        if how == "revision":
            work.driver.execute("UPDATE customer SET _rev = 9 WHERE id = ?", (customers[0],))
        elif how == "missing_here":
            work.driver.execute("DELETE FROM customer WHERE id = ?", (customers[0],))
        else:
            work.driver.execute(
                "INSERT INTO person(id, _rev, _b, name, customer_id) VALUES(?,3,?,'Nobody',?)",
                (stray, f"acct:{customers[0]}", customers[0]),
            )

    laptop.database.transact(Origin.SYNC, damage)
    laptop.engine.check()
    told = proven(laptop)
    assert told.difference is not None
    assert told.difference.how == how
    assert told.difference.id == (stray if how == "missing_there" else customers[0])
    assert told.check is not None
    assert told.check.differences == 1
    assert laptop.rows("SELECT id, _rev FROM customer ORDER BY name") == [
        (one, 1) for one in customers
    ]
    assert laptop.value("SELECT count(*) FROM person") == 0
    laptop.engine.check()
    assert proven(laptop).check.differences == 0


def test_a_restored_head_office_takes_its_receipts_with_it_and_gives_new_ones(
    world, laptop, customers, tmp_path
):
    copy = tmp_path / "copy.db"
    back_up(world.store, copy)
    call(laptop, customers[0], "2")
    laptop.sync()
    before = proven(laptop).today.receipt
    restore(world, copy)
    laptop.sync()
    told = proven(laptop).today
    assert (told.total, told.proven) == (1, 1)
    assert told.receipt != before
    assert laptop.value("SELECT count(*) FROM sync_receipt") == 1
