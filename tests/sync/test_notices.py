"""Whose value was replaced unseen, or in settling a conflict, learns of it on his own computers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kamdesk.db.queries.issues import issue
from kamdesk.domain import clock
from kamdesk.headoffice import notices, upkeep
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.services.customers import change_customer
from kamdesk.services.issues import keep_mine, keep_some, keep_theirs, reopen
from kamdesk.sync import answers
from tests.sync.world import Laptop, World

# An e-mail address is won by the last writer, a phone and a grade are not


def change(laptop: Laptop, customer: str, **values: object) -> Laptop:
    """Change a customer and hand it in, unless the line says otherwise."""
    laptop.do(lambda work: change_customer(work, customer, values))
    return laptop


def two(world: World) -> tuple[Laptop, Laptop, str]:
    """Give the computers of Ann and Kim, who both work on a customer."""
    customer = world.customer("Huashan", email="0", phone="0", grade="0")
    return world.laptop("ann").sync(), world.laptop("kim").sync(), customer


def overwritten(world: World) -> tuple[Laptop, Laptop, str]:
    """Let Kim overwrite an address of Ann's that she has not seen."""
    ann, kim, customer = two(world)
    change(ann, customer, email="ann's").sync()
    change(kim, customer, email="kim's").sync()
    return ann, kim, customer


def fields(one):
    return [(each.name, each.old, each.mine, each.theirs, each.by) for each in one.fields]


def email(world: World, customer: str) -> object:
    return world.document("customer", customer)["email"]


def test_who_was_overwritten_unseen_is_told_and_has_his_value_back(world):
    ann, kim, customer = overwritten(world)
    (card,) = kim.issues
    assert (card.type, fields(card)) == (
        "overwritten", [("email", "0", "kim's", "ann's", "Ann")]
    )  # fmt: skip
    assert card.fields[0].at is not None
    (told,) = ann.sync().issues
    assert (told.type, told.kind, told.row_id, told.title) == (
        "replaced", "customer", customer, "Huashan"
    )  # fmt: skip
    assert fields(told) == [("email", "0", "ann's", "kim's", "Kim")]
    assert told.changed_at is not None
    assert told.changed_at <= told.fields[0].at
    assert ann.sync().issues == [told]  # and not once more
    ann.do(lambda work: keep_mine(work, told.id))
    ann.sync()
    assert (ann.issues, email(world, customer)) == ([], "ann's")
    # Who is told of it is now Kim: Ann saw her value and did not take it
    assert [(one.type, fields(one)) for one in kim.sync().issues if one.type == "replaced"] == [
        ("replaced", [("email", "kim's", "kim's", "ann's", "Ann")])
    ]
    ann.do(lambda work: reopen(work, told.id))
    ann.do(lambda work: keep_theirs(work, told.id))
    ann.sync()
    assert email(world, customer) == "kim's"


def test_a_value_that_was_seen_is_changed_without_a_notice(world):
    ann, kim, customer = two(world)
    change(ann, customer, email="ann's", phone="1").sync()
    change(kim.sync(), customer, email="kim's", phone="2").sync()
    assert ann.sync().issues == kim.issues == []


def test_who_loses_a_conflict_that_another_settles_is_told(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1", grade="1").sync()
    change(kim, customer, phone="2", grade="2").sync()
    (card,) = kim.issues
    assert ann.sync().issues == []
    kim.do(lambda work: keep_some(work, card.id, {"phone"}))
    kim.sync()
    (told,) = ann.sync().issues
    assert fields(told) == [("phone", "1", "1", "2", "Kim")]
    # Settled for his: nobody has lost anything
    kim.do(lambda work: reopen(work, card.id))
    kim.do(lambda work: keep_theirs(work, card.id))
    kim.sync()
    assert ann.sync().issues == []
    settled = ann.database.read(lambda reader: issue(reader, told.id))
    assert settled.state == "edited"  # it stands again


def test_what_two_settled_cards_keep_is_told_though_it_travels_as_one(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1").sync()
    change(kim, customer, phone="2").sync()
    change(ann.sync(), customer, grade="1").sync()
    change(kim, customer, grade="2").sync()
    cards = kim.issues
    assert len(cards) == 2
    for card in cards:
        kim.do(lambda work, card=card: keep_mine(work, card.id))
    kim.sync()
    (told,) = ann.sync().issues
    assert {each.name for each in told.fields} == {"phone", "grade"}


def test_a_conflict_names_who_wrote_each_field_and_when(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1").sync()
    world.edit("customer", customer, grade="9")
    (card,) = change(kim, customer, phone="2", grade="2").sync().issues
    by = {each.name: (each.by, each.at) for each in card.fields}
    assert (by["phone"][0], by["grade"][0]) == ("Ann", "")
    assert by["phone"][1] < by["grade"][1]


def test_who_wrote_a_field_is_known_after_many_other_changes(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1").sync()
    for n in range(3):
        world.edit("customer", customer, grade=str(n))
        change(ann.sync(), customer, website=f"{n}").sync()
    (card,) = change(kim, customer, phone="2").sync().issues
    assert card.fields[0].by == "Ann"


def test_a_notice_that_is_settled_on_one_computer_is_settled_on_the_others(world):
    ann, _, customer = overwritten(world)
    other = world.laptop("ann").sync()
    assert len(ann.sync().issues) == len(other.sync().issues) == 1
    (told,) = ann.issues
    ann.do(lambda work: keep_theirs(work, told.id))
    ann.sync()
    assert other.sync().issues == []
    assert other.database.read(lambda reader: issue(reader, told.id)).state == "elsewhere"
    assert email(world, customer) == "kim's"
    assert world.laptop("ann").sync().issues == []


def test_an_edit_of_the_field_settles_the_notice_everywhere(world):
    ann, _, customer = overwritten(world)
    other = world.laptop("ann").sync()
    change(ann.sync(), customer, email="later").sync()
    assert ann.sync().issues == other.sync().issues == []


def test_a_notice_is_brought_up_to_date_with_its_record(world):
    ann, kim, customer = overwritten(world)
    ann.sync()
    change(kim, customer, email="kim's second").sync()
    (told,) = ann.sync().issues
    assert fields(told)[0][2:4] == ("ann's", "kim's second")


def test_a_restored_head_office_tells_again_what_still_holds(world, tmp_path):
    upkeep.back_up(world.store, tmp_path / "before.db")
    ann, kim, customer = two(world)
    upkeep.back_up(world.store, tmp_path / "copy.db")
    change(ann, customer, email="ann's").sync()
    change(kim, customer, email="kim's").sync()
    (told,) = ann.sync().issues
    world.cut()
    upkeep.restore(Path(str(world.store.path)), tmp_path / "copy.db")
    world.store = Store.open(str(world.store.path))
    world.connect()
    ann.sync()
    assert ann.issues == []
    kim.sync()
    (again,) = ann.sync().issues
    assert (again.id, fields(again)) == (told.id, fields(told))
    assert email(world, customer) == "kim's"


def test_a_value_of_a_record_that_went_out_of_reach_is_not_told(world):
    ann, kim, customer = overwritten(world)
    world.edit("customer", customer, territory_id=world.south)
    (told,) = ann.sync().issues
    assert fields(told) == [("email", "0", "ann's", None, "Kim")]
    ann.do(lambda work: keep_theirs(work, told.id))
    assert ann.sync().issues == []


def test_an_older_program_is_told_none_and_an_older_head_office_tells_none(world):
    ann, kim, customer = overwritten(world)
    plain = ann.transport.sync

    def older(access, request):
        request.noticed, request.settled = -1, []
        answer = plain(access, request)
        assert (answer.notices, answer.noticed) == ([], -1)
        return answer

    ann.transport.sync = older
    assert ann.sync().issues == []
    ann.transport.sync = plain
    assert len(ann.sync().issues) == 1


def test_many_notices_are_told_in_parts_between_two_commits(world, monkeypatch):
    monkeypatch.setattr(notices, "MOST", 2)
    ann, kim, _ = two(world)
    customers = [world.customer(f"H{n}", email="0") for n in range(5)]
    for laptop in (ann, kim):
        laptop.sync()
        for customer in customers:
            change(laptop, customer, email=laptop.user_id)
    ann.sync()
    kim.sync()
    assert len(ann.sync().issues) == 5


def test_old_notices_are_forgotten(world):
    overwritten(world)
    assert notices.forget(world.store) == 0
    later = clock.now() + timedelta(days=401)
    with clock.frozen(lambda: later):
        assert notices.forget(world.store) == 1


@pytest.mark.parametrize("off", [timedelta(hours=9), timedelta(days=-2)])
def test_when_mine_was_written_is_told_by_head_offices_clock(off):
    office = clock.now()
    with clock.frozen(lambda: office + off):
        mine = clock.stamp(office + off - timedelta(minutes=5))
        told = answers.corrected(mine, clock.stamp(office))
    assert clock.parse_stamp(told) <= office
    assert abs(clock.parse_stamp(told) - (office - timedelta(minutes=5))) < timedelta(seconds=1)


def test_a_notice_of_a_refused_group_is_not_written(world):
    ann, kim, customer = two(world)
    change(ann, customer, email="ann's").sync()

    def both(work):
        change_customer(work, customer, {"email": "kim's"})
        change_customer(work, other, {"phone": "1"})

    other = world.customer("Renji")
    kim.sync()
    change(kim, customer, website="x").sync()
    change(ann.sync(), customer, email="ann's second").sync()
    with world.store.write("office") as writer:
        writer.delete("customer", other)
    kim.do(both)
    kim.sync()
    assert email(world, customer) == "ann's second"
    with world.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM sync_notice")).scalar() == 0


def test_a_conflict_that_moves_names_who_moved_it(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1").sync()
    (card,) = change(kim, customer, phone="2").sync().issues
    change(ann.sync(), customer, phone="3").sync()
    world.edit("customer", customer, website="elsewhere")
    (moved,) = kim.sync().issues
    assert fields(moved) == [("phone", "1", "2", "3", "Ann")]
    assert moved.fields[0].at > card.fields[0].at
    # Who still looks at the card as it was is asked again
    assert kim.do(lambda work: keep_mine(work, card.id, seen=card)) is False
    assert kim.do(lambda work: keep_mine(work, card.id, seen=moved))
    kim.sync()
    assert world.document("customer", customer)["phone"] == "2"


def test_a_conflict_that_its_user_settles_on_another_computer_waits_no_more(world):
    ann, kim, customer = two(world)
    other = world.laptop("kim").sync()
    change(ann, customer, phone="1", grade="1").sync()
    change(kim, customer, phone="2", grade="2").sync()
    change(other.sync(), customer, phone="3").sync()
    (card,) = kim.sync().issues
    assert [each.name for each in card.fields] == ["grade"]
    change(other.sync(), customer, grade="3").sync()
    assert kim.sync().issues == []
    kept = kim.database.read(lambda reader: issue(reader, card.id))
    assert (kept.state, {each.mine for each in kept.fields}) == ("elsewhere", {"2"})


def test_a_conflict_between_two_computers_of_one_user_waits_for_him(world):
    _, kim, customer = two(world)
    other = world.laptop("kim").sync()
    change(other, customer, phone="3").sync()
    change(kim, customer, phone="2").sync()
    (card,) = kim.sync().issues
    assert fields(card) == [("phone", "0", "2", "3", "Kim")]
    change(other, customer, phone="4").sync()  # he need not have seen the 2
    (card,) = kim.sync().issues
    assert fields(card) == [("phone", "3", "2", "4", "Kim")]


def test_a_notice_about_a_value_that_its_author_has_replaced_himself_since_is_settled(world):
    ann, kim, customer = overwritten(world)
    other = world.laptop("ann").sync()
    (seen,) = other.issues
    plain = other.transport.sync

    def silent(access, request):
        request.settled = []
        return plain(access, request)

    other.transport.sync = silent
    change(other, customer, email="ann's second").sync()
    assert ann.sync().issues == []
    assert ann.database.read(lambda reader: issue(reader, seen.id)).state == "elsewhere"


def test_a_value_that_the_other_takes_over_settles_a_conflict(world):
    ann, kim, customer = two(world)
    change(ann, customer, phone="1").sync()
    (card,) = change(kim, customer, phone="2").sync().issues
    world.edit("customer", customer, phone="2")
    assert kim.sync().issues == []
    assert kim.database.read(lambda reader: issue(reader, card.id)).state == "edited"
