"""What is imported offline reaches head office and the territory, and can be taken back from there too."""

from __future__ import annotations

import pytest

from kamdesk.db import bulk
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.imports import JobState
from kamdesk.headoffice import upkeep
from kamdesk.services import imports
from kamdesk.services.customers import change_customer
from kamdesk.services.imports import Item
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.promotions import PromotionEntry, draft_request
from tests.sync.world import Laptop, World


def bring(laptop: Laptop, count: int) -> str:
    """Import customers, as the window does."""

    def do(fn):
        return laptop.database.transact(Origin.IMPORT, fn).value

    import_id = do(lambda w: imports.begin_import(w, kind="customer", title="f.csv", total=count))
    items = [
        Item(n, {"name": f"H {n}", "code": f"C{n}", "city": "Wuhan", "initials": f"h{n}"})
        for n in range(count)
    ]
    for start in range(0, count, 200):
        do(lambda w, start=start: imports.import_some(w, import_id, items[start : start + 200]))
    do(lambda w: imports.end_import(w, import_id, state=JobState.DONE))
    return import_id


def bring_products(laptop: Laptop, *names: str) -> str:
    """Import products, as the window does."""

    def do(fn):
        return laptop.database.transact(Origin.IMPORT, fn).value

    items = [Item(at, {"name": name, "form": "tablet"}) for at, name in enumerate(names)]
    import_id = do(
        lambda w: imports.begin_import(w, kind="product", title="p.csv", total=len(items))
    )
    do(lambda w: imports.import_some(w, import_id, items))
    do(lambda w: imports.end_import(w, import_id, state=JobState.DONE))
    return import_id


def undo(laptop: Laptop, import_id: str) -> None:
    while laptop.database.transact(
        Origin.IMPORT, lambda w: imports.undo_some(w, import_id)
    ).value.has_more:
        pass


def test_imported_customers_belong_to_the_territory_of_who_imported_them(world: World) -> None:
    world.customer("Old one")
    ann, other, sam = world.laptop(), world.laptop(), world.laptop("sam")
    for one in (ann, other, sam):
        one.sync()
    asked: list[object] = []
    told = ann.transport.sync
    ann.transport.sync = lambda *given: asked.append(answer := told(*given)) or answer  # type: ignore[method-assign]
    ann.engine._handing_in.most_ops = 20
    bring(ann, 60)
    ann.sync()
    assert not ann.issues
    assert ann.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    assert ann.value("SELECT count(*) FROM customer WHERE territory_id = ?", world.north) == 61
    assert all(answer.scope is None for answer in asked), "the subscription was sent again"
    assert other.sync().value("SELECT count(*) FROM customer WHERE code LIKE 'C%'") == 60
    assert sam.sync().value("SELECT count(*) FROM customer") == 0
    assert list(upkeep.findings(world.store)) == []


def test_somebody_added_to_an_imported_customer_goes_with_it_in_one_request(world: World) -> None:
    ann = world.laptop().sync()
    bring(ann, 1)
    customer = ann.value("SELECT id FROM customer")
    ann.do(lambda w: add_person(w, NewPerson("Ada"), customer_id=customer))
    ann.sync()
    assert not ann.issues
    assert world.laptop().sync().value("SELECT name FROM person") == "Ada"


def test_an_import_that_was_sent_is_taken_back_everywhere(world: World) -> None:
    world.customer("Old one")
    ann, other = world.laptop().sync(), world.laptop().sync()
    import_id = bring(ann, 25)
    ann.sync()
    other.sync()
    edited = other.value("SELECT id FROM customer WHERE name = 'H 7'")
    other.do(lambda w: change_customer(w, edited, {"phone": "1"}))
    other.sync()
    ann.sync()
    undo(ann, import_id)
    ann.sync()
    assert sorted(ann.rows("SELECT name FROM customer")) == [("H 7",), ("Old one",)]
    assert sorted(other.sync().rows("SELECT name FROM customer")) == [("H 7",), ("Old one",)]
    assert not ann.issues
    assert list(upkeep.findings(world.store)) == []


def test_an_edit_that_the_undo_did_not_know_is_kept_by_head_office(world: World) -> None:
    ann, other = world.laptop().sync(), world.laptop()
    import_id = bring(ann, 2)
    ann.sync()
    other.sync()
    edited = other.value("SELECT id FROM customer WHERE name = 'H 1'")
    other.do(lambda w: change_customer(w, edited, {"phone": "1"}))
    other.sync()
    undo(ann, import_id)
    ann.sync()
    assert ann.rows("SELECT name FROM customer") == [("H 1",)]
    assert [one.type for one in ann.issues] == ["conflict"]


def test_nobody_takes_back_what_he_did_not_import(world: World) -> None:
    old = world.customer("Old one")
    ann = world.laptop().sync()
    import_id = bring(ann, 1)
    ann.sync()
    ann.database.transact(
        Origin.IMPORT, lambda w: bulk.delete_many(w, SPECS["customer"], [old], job=import_id)
    )
    ann.sync()
    assert [one.type for one in ann.issues] == ["rejected"]
    assert world.document("customer", old)["name"] == "Old one"


def test_a_customer_of_another_territory_cannot_be_taken_by_creating_it_again(world: World) -> None:
    south = world.customer("Theirs", world.south)
    ann = world.laptop().sync()
    document = {"name": "Mine", "kind": "hospital", "status": "active"}
    person = new_id()
    ann.database.transact(
        Origin.IMPORT,
        lambda w: bulk.create_many(w, SPECS["customer"], [(south, document)], job=new_id()),
    )
    ann.do(lambda w: add_person(w, NewPerson("Eve", id=person), customer_id=south))
    ann.sync()
    assert {one.code for one in ann.issues} == {"duplicate", "out_of_scope"}
    assert world.document("customer", south)["name"] == "Theirs"


def test_imported_people_reach_their_customer_everywhere_and_are_taken_back(world: World) -> None:
    customer = world.customer("Old one")
    ann, other = world.laptop().sync(), world.laptop().sync()

    def do(fn):
        return ann.database.transact(Origin.IMPORT, fn).value

    items = [Item(n, {"name": f"P {n}", "customer_id": customer}) for n in range(3)]
    import_id = do(lambda w: imports.begin_import(w, kind="person", title="p.csv", total=3))
    do(lambda w: imports.import_some(w, import_id, items))
    do(lambda w: imports.end_import(w, import_id, state=JobState.DONE))
    ann.sync()
    assert not ann.issues
    assert other.sync().value("SELECT count(*) FROM person WHERE customer_id = ?", customer) == 3
    undo(ann, import_id)
    ann.sync()
    assert not ann.issues
    assert other.sync().value("SELECT count(*) FROM person") == 0
    assert list(upkeep.findings(world.store)) == []


def test_products_of_a_manager_reach_the_reps_and_are_taken_back(world: World) -> None:
    kim, ann = world.laptop("kim").sync(), world.laptop().sync()
    import_id = bring_products(kim, "Aspirin 100 mg", "Nifedipine 30 mg")
    kim.sync()
    assert not kim.issues
    held = "SELECT name, form, status FROM product ORDER BY name"
    assert ann.sync().rows(held) == [
        ("Aspirin 100 mg", "tablet", "active"),
        ("Nifedipine 30 mg", "tablet", "active"),
    ]
    undo(kim, import_id)
    kim.sync()
    assert not kim.issues
    assert ann.sync().rows(held) == kim.rows(held) == []
    assert list(upkeep.findings(world.store)) == []


def test_a_product_that_somebody_named_meanwhile_stays(world: World) -> None:
    customer = world.customer("Old one")
    kim, ann = world.laptop("kim").sync(), world.laptop().sync()
    import_id = bring_products(kim, "Aspirin", "Nifedipine")
    kim.sync()
    product = ann.sync().value("SELECT id FROM product WHERE name = 'Aspirin'")
    ann.do(lambda w: draft_request(w, PromotionEntry(new_id(), customer, product_id=product)))
    ann.sync()
    assert not ann.issues
    undo(kim, import_id)
    kim.sync()
    assert [one.code for one in kim.issues] == ["in_use"]
    assert kim.rows("SELECT name FROM product") == [("Aspirin",)]
    assert ann.sync().rows("SELECT name FROM product") == [("Aspirin",)]


def test_a_product_that_is_named_here_is_not_taken_back(world: World) -> None:
    customer = world.customer("Old one")
    kim = world.laptop("kim").sync()
    import_id = bring_products(kim, "Aspirin", "Nifedipine")
    product = kim.value("SELECT id FROM product WHERE name = 'Aspirin'")
    kim.do(lambda w: draft_request(w, PromotionEntry(new_id(), customer, product_id=product)))
    undo(kim, import_id)
    assert kim.rows("SELECT name FROM product") == [("Aspirin",)]
    kim.sync()
    assert not kim.issues


def test_a_rep_brings_in_no_products(world: World) -> None:
    ann = world.laptop().sync()
    with pytest.raises(UserError):
        bring_products(ann, "Aspirin")
    ann.database.transact(
        Origin.IMPORT,
        lambda w: bulk.create_many(
            w, SPECS["product"], [(new_id(), {"name": "Aspirin"})], job=new_id()
        ),
    )
    ann.sync()
    assert [one.code for one in ann.issues] == ["not_allowed"]
