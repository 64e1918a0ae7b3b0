"""Settling conflicts: what was chosen stands, what the card did not show is not overwritten, all can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from kamdesk.db.queries.issues import count_settled, issue, settled_issues
from kamdesk.db.records import Person, Task
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.services.customers import change_customer
from kamdesk.services.issues import (
    keep_mine,
    keep_some,
    keep_theirs,
    reopen,
    restore,
    settle_many,
    take_back,
)
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.tasks import add_task, change_task
from kamdesk.services.visits import VisitEntry, cancel_visit, plan_visit


@pytest.fixture
def conflict(world):
    """Give a laptop, a customer and the conflict about its phone: 1, then 2 there, 9 at head office."""
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop().sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    world.edit("customer", customer, phone="9")
    (one,) = laptop.sync().issues
    return laptop, customer, one


def phone(world, laptop, customer):
    """Return the phone, the same on both sides once all is handed in."""
    laptop.sync()
    here = laptop.value("SELECT phone FROM customer WHERE id = ?", customer)
    assert here == world.document("customer", customer)["phone"]
    return here


@pytest.mark.parametrize("is_sent", [True, False])
def test_what_was_settled_can_be_settled_the_other_way(world, conflict, is_sent):
    laptop, customer, one = conflict
    for keep, value in ((keep_mine, "2"), (keep_theirs, "9"), (keep_mine, "2")):
        assert laptop.do(lambda work, keep=keep: keep(work, one.id))
        assert laptop.issues == []
        if is_sent or value == "9":
            assert phone(world, laptop, customer) == value
        laptop.do(lambda work: reopen(work, one.id))
        assert [each.id for each in laptop.issues] == [one.id]


def test_an_edited_value_is_undone_too(world, conflict):
    laptop, customer, one = conflict
    laptop.do(lambda work: keep_mine(work, one.id, {"phone": "5"}))
    assert phone(world, laptop, customer) == "5"
    laptop.do(lambda work: reopen(work, one.id))
    assert [field.mine for field in laptop.issues[0].fields] == ["5"]
    assert laptop.do(lambda work: keep_theirs(work, one.id))
    assert phone(world, laptop, customer) == "9"


@pytest.mark.parametrize("keep", [keep_mine, keep_theirs])
def test_what_moved_since_is_shown_and_asked_about_again(world, conflict, keep):
    laptop, customer, one = conflict
    world.edit("customer", customer, phone="11")
    assert phone(world, laptop, customer) == "11"
    assert laptop.do(lambda work: keep(work, one.id, seen=one)) is False
    assert phone(world, laptop, customer) == "11"
    (again,) = laptop.issues
    assert [(each.old, each.mine, each.theirs) for each in again.fields] == [("9", "2", "11")]
    # A second press of the key, on the card as it was before
    assert laptop.do(lambda work: keep(work, one.id, seen=one)) is False
    assert laptop.do(lambda work: keep(work, one.id, seen=again))
    assert phone(world, laptop, customer) == ("2" if keep is keep_mine else "11")
    assert laptop.issues == []


def test_what_moves_after_it_was_settled_is_a_conflict_as_any_other(world, conflict):
    laptop, customer, one = conflict
    laptop.do(lambda work: keep_mine(work, one.id))
    world.edit("customer", customer, phone="11")
    (again,) = laptop.sync().issues
    assert again.id != one.id
    assert [(each.old, each.mine, each.theirs) for each in again.fields] == [("9", "2", "11")]
    assert world.document("customer", customer)["phone"] == "11"


def test_editing_the_field_settles_it(world, conflict):
    laptop, customer, one = conflict
    laptop.do(lambda work: change_customer(work, customer, {"grade": "3A"}))
    assert len(laptop.issues) == 1
    laptop.do(lambda work: change_customer(work, customer, {"phone": "7"}))
    assert laptop.issues == []
    assert phone(world, laptop, customer) == "7"
    (kept,) = laptop.database.read(settled_issues)
    assert (kept.state, [each.mine for each in kept.fields]) == ("edited", ["2"])
    laptop.do(lambda work: reopen(work, one.id))
    assert laptop.do(lambda work: keep_theirs(work, one.id)) is False  # 7 is neither of the two
    assert [each.theirs for each in laptop.issues[0].fields] == ["7"]


def test_of_several_fields_those_that_were_edited_are_settled(world):
    customer = world.customer("Huashan", phone="1", grade="1")
    laptop = world.laptop().sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2", "grade": "2"}))
    world.edit("customer", customer, phone="9", grade="9")
    (one,) = laptop.sync().issues
    laptop.do(lambda work: change_customer(work, customer, {"phone": "7"}))
    assert [field.name for field in laptop.issues[0].fields] == ["grade"]
    laptop.do(lambda work: keep_mine(work, one.id))
    assert phone(world, laptop, customer) == "7"
    assert world.document("customer", customer)["grade"] == "2"
    laptop.do(lambda work: reopen(work, one.id))
    assert {field.name for field in laptop.issues[0].fields} == {"phone", "grade"}


def test_each_field_gets_what_was_chosen_for_it(world):
    customer = world.customer("Huashan", phone="1", grade="1")
    laptop = world.laptop().sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2", "grade": "2"}))
    world.edit("customer", customer, phone="9", grade="9")
    (one,) = laptop.sync().issues
    for mine, now in (({"phone"}, ("2", "9")), ({"grade"}, ("9", "2")), (set(), ("9", "9"))):
        assert laptop.do(lambda work, mine=mine: keep_some(work, one.id, mine))
        laptop.sync()
        document = world.document("customer", customer)
        assert (document["phone"], document["grade"]) == now
        laptop.do(lambda work: reopen(work, one.id))


def test_what_was_overwritten_comes_back(world):
    other, laptop = world.laptop("ann").sync(), world.laptop("ann").sync()
    task = other.do(lambda work: add_task(work, title="Call", due_on=None))
    other.sync()
    laptop.sync()
    for one, title in ((other, "Call Li"), (laptop, "Call Wang")):
        one.do(
            lambda work, title=title: change_task(
                work, task, title=title, due_on=None, priority="normal"
            )
        )
        one.sync()
    (notice,) = laptop.issues
    assert (notice.type, notice.standing) == ("overwritten", "mine")
    laptop.do(lambda work: keep_theirs(work, notice.id))
    laptop.sync()
    assert world.document("task", task)["title"] == "Call Li"
    laptop.do(lambda work: reopen(work, notice.id))
    laptop.do(lambda work: keep_mine(work, notice.id))
    laptop.sync()
    assert world.document("task", task)["title"] == "Call Wang"


def test_a_record_that_went_can_be_settled_for_head_office_alone(world, conflict):
    laptop, customer, one = conflict
    world.edit("customer", customer, territory_id=world.south)
    laptop.sync()
    assert laptop.value("SELECT count(*) FROM customer") == 0
    laptop.do(lambda work: keep_theirs(work, one.id))
    found = laptop.database.read(lambda reader: issue(reader, one.id))
    assert found.state == "theirs"


def conflicts_of(world, count):
    """Give a laptop with conflicts about the phones of so many customers: 1, then 2 there, 9 at head office."""
    customers = [world.customer(f"Huashan {n}", phone="1") for n in range(count)]
    laptop = world.laptop().sync()
    for one in customers:
        laptop.do(lambda work, one=one: change_customer(work, one, {"phone": "2"}))
        world.edit("customer", one, phone="9")
    assert len(laptop.sync().issues) == count
    return laptop, customers


@pytest.mark.parametrize(("mine", "value"), [(True, "2"), (False, "9")])
@pytest.mark.parametrize("is_sent", [True, False])
def test_many_are_settled_alike_and_all_taken_back(world, mine, value, is_sent):
    laptop, customers = conflicts_of(world, 3)
    settled = laptop.do(lambda work: settle_many(work, laptop.issues, mine=mine))
    assert (len(settled.ones), settled.asking, laptop.issues) == (3, 0, [])
    if is_sent:
        assert {phone(world, laptop, one) for one in customers} == {value}
    laptop.do(lambda work: take_back(work, settled))
    assert {phone(world, laptop, one) for one in customers} == {"9"}
    assert len(laptop.issues) == 3


def test_of_many_one_that_moved_or_would_delete_goes_on_asking(world):
    laptop, customers = conflicts_of(world, 2)
    task = laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    laptop.sync()
    laptop.do(lambda work: work.delete(work.require(Task, task)))
    world.edit("task", task, title="Call Li")
    cards = laptop.sync().issues
    assert len(cards) == 3
    world.edit("customer", customers[0], phone="11")
    laptop.sync()
    settled = laptop.do(lambda work: settle_many(work, cards, mine=True))
    assert (len(settled.ones), settled.asking) == (1, 2)
    assert [phone(world, laptop, one) for one in customers] == ["11", "2"]
    assert laptop.value("SELECT title FROM task") == "Call Li"


def test_all_that_was_settled_within_the_time_is_listed(world, conflict):
    laptop, _, one = conflict
    since = clock.now() - timedelta(days=30)
    laptop.do(lambda work: keep_theirs(work, one.id))
    assert laptop.database.read(lambda reader: count_settled(reader, since=since)) == 1
    long_ago = clock.stamp(since - timedelta(hours=1))
    laptop.do(
        lambda work: work.driver.execute("UPDATE sync_issue SET settled = ?", (long_ago,)) and None
    )
    assert laptop.database.read(lambda reader: count_settled(reader, since=since)) == 0
    assert laptop.database.read(lambda reader: settled_issues(reader, since=since)) == []
    assert len(laptop.database.read(settled_issues)) == 1


def gone(world, do):
    """Give a laptop with a task that head office deleted while `do` was done to it here."""
    laptop = world.laptop().sync()
    task = laptop.do(lambda work: add_task(work, title="Call", due_on=None, priority="high"))
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("task", task)
    laptop.do(lambda work: do(work, task))
    laptop.sync()
    assert laptop.value("SELECT count(*) FROM task") == 0
    return laptop, task


def rename(work, task):
    work.require(Task, task).title = "Call about the ward"


def test_a_record_that_was_deleted_is_restored_with_the_change(world):
    laptop, task = gone(world, rename)
    (one,) = laptop.issues
    assert (one.code, one.can_restore) == ("gone", True)
    laptop.do(lambda work: restore(work, one.id))
    assert laptop.rows("SELECT title, priority FROM task") == [("Call about the ward", "high")]
    laptop.sync()
    assert laptop.issues == []
    document = world.document("task", task)
    assert (document["title"], document["priority"]) == ("Call about the ward", "high")
    other = world.laptop().sync()
    assert other.rows("SELECT title FROM task") == [("Call about the ward",)]
    with world.store.read() as connection:
        noted = connection.execute(
            text("SELECT subject FROM audit_event WHERE action = 'task.restore'")
        )
        assert [row.subject for row in noted] == [task]


def test_a_record_that_is_there_again_gets_the_change(world):
    laptop, task = gone(world, rename)
    (one,) = laptop.issues
    world.edit("task", task, title="Call", state="open", assignee_id=laptop.user_id)
    laptop.sync()
    laptop.do(lambda work: restore(work, one.id))
    laptop.sync()
    assert world.document("task", task)["title"] == "Call about the ward"
    assert laptop.issues == []


def test_a_visit_is_restored_with_the_command_that_met_its_deletion(world):
    customer = world.customer("Huashan")
    laptop = world.laptop().sync()
    entry = VisitEntry(new_id(), customer, held_on=clock.today(), objective="Formulary")
    visit = laptop.do(lambda work: plan_visit(work, entry))
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("visit", visit)
    laptop.do(lambda work: cancel_visit(work, visit, reason="Closed today"))
    (one,) = laptop.sync().issues
    laptop.do(lambda work: restore(work, one.id))
    laptop.sync()
    assert laptop.issues == []
    document = world.document("visit", visit)
    assert (document["state"], document["reason"]) == ("cancelled", "Closed today")


def test_nobody_restores_what_he_does_not_work_on(world):
    customer = world.customer("Huashan")
    laptop = world.laptop().sync()
    person = laptop.do(lambda work: add_person(work, NewPerson(name="Li"), customer_id=customer))
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("person", person)
    laptop.do(lambda work: setattr(work.require(Person, person), "title", "Head of ward"))
    (one,) = laptop.sync().issues
    world.edit("customer", customer, territory_id=world.south)
    laptop.do(lambda work: restore(work, one.id))
    laptop.sync()
    assert [each.code for each in laptop.issues] == ["out_of_scope"]
    with world.store.write("office") as writer:
        assert writer.get("person", person).is_gone


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_deletion_that_was_kept_is_taken_back(world, is_sent):
    laptop = world.laptop().sync()
    task = laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    laptop.sync()
    laptop.do(lambda work: work.delete(work.require(Task, task)))
    world.edit("task", task, title="Call Li")
    (one,) = laptop.sync().issues
    assert [field.name for field in one.fields] == ["$delete"]
    laptop.do(lambda work: keep_mine(work, one.id))
    if is_sent:
        laptop.sync()
        with world.store.write("office") as writer:
            assert writer.get("task", task).is_gone
    laptop.do(lambda work: reopen(work, one.id))
    laptop.do(lambda work: keep_theirs(work, one.id))
    laptop.sync()
    assert laptop.issues == []
    assert world.document("task", task)["title"] == "Call Li"
    assert laptop.rows("SELECT title FROM task") == [("Call Li",)]
