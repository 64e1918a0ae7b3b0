"""Texts as keyboards and other programs write them: kept as typed, found in either form, never the end of a queue."""

from __future__ import annotations

import unicodedata

import pytest

from kamdesk.db.queries.customers import find_customers, find_people, find_products
from kamdesk.domain.ids import new_id
from kamdesk.services.customers import change_customer
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.tasks import add_task

ODD = [
    unicodedata.normalize("NFD", "Hôpital Café"),
    unicodedata.normalize("NFC", "Hôpital Café"),
    "👩🏽‍⚕️ 陈医生 🏥",
    "Hua\u200bshan\u200d\ufeff",
    "𠮷野家病院",  # beyond the first 65,536 characters
    "\u202eevil\u202c",
    "a\u0301\u0301\u0301" * 20,
    "مستشفى",
    "a\x01b\x7f",
]


def test_h63_a_text_is_kept_as_typed_here_at_head_office_and_on_the_second_laptop(world):
    customers = {world.customer("Huashan"): text for text in ODD}
    one, two = world.laptop().sync(), world.laptop().sync()
    tasks = {
        one.do(lambda work, text=text: add_task(work, title=text, due_on=None)): text
        for text in ODD
    }
    for customer, text in customers.items():
        one.do(lambda work, at=customer, to=text: change_customer(work, at, {"name": to}))
    one.sync()
    two.sync()
    for laptop in (one, two):
        assert dict(laptop.rows("SELECT id, title FROM task")) == tasks
        assert dict(laptop.rows("SELECT id, name FROM customer")) == customers
    assert {task: world.document("task", task)["title"] for task in tasks} == tasks
    assert one.issues == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_h63_twins_of_normal_forms_are_found_by_either(world, form):
    twins = {
        world.customer(unicodedata.normalize(one, "Hôpital Évreux"), city=one)
        for one in ("NFC", "NFD")
    }
    with world.store.write("office") as writer:
        writer.put("product", new_id(), {"name": "Bétaméthasone", "status": "active"})
    laptop = world.laptop().sync()
    customer = next(iter(twins))
    for one in ("NFC", "NFD"):
        person = NewPerson(
            unicodedata.normalize(one, "Zoë Ågren"), department=unicodedata.normalize(one, "Réa"),
            id=new_id(),
        )  # fmt: skip
        laptop.do(lambda work, person=person: add_person(work, person, customer_id=customer))

    def found(find, typed, *where):
        asked = unicodedata.normalize(form, typed)
        return laptop.database.read(lambda reader: [one.id for one in find(reader, *where, asked)])

    for typed in ("hôpital", "Évreux", "hôpital évr"):
        assert set(found(find_customers, typed)) == twins, typed
    for typed in ("ågren", "réa"):
        assert len(found(find_people, typed, customer)) == 2, typed
    assert len(found(find_products, "étam")) == 1


def test_h63_any_typing_is_answered_and_what_is_invisible_hides_nothing(world):
    huashan = world.customer("华山医院")
    laptop = world.laptop().sync()
    for typed in (
        "\u200b",
        "\u0301",
        "👩🏽‍⚕️",
        "\x00",
        "%_\\",
        '"*^',
        "\U0010ffff",
        "\ufeff华山\u200b",
    ):
        found = laptop.database.read(lambda reader, typed=typed: find_customers(reader, typed))
        assert "华山" not in typed or [one.id for one in found] == [huashan]
