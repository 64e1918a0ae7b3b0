"""Contracts between two laptops: drafted here, read there, refused where the role may not."""

from __future__ import annotations

from datetime import date

import pytest

from kamdesk.db.queries.contracts import contract_whole
from kamdesk.domain.contracts import MOST_LINES
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.contracts import (
    ContractEntry,
    LineEntry,
    delete_contract,
    draft_contract,
    restore_contract,
    submit_contract,
    submit_standing,
    withdraw_contract,
)
from kamdesk.services.tasks import add_task
from kamdesk.sync.protocol import MAX_GROUP


def entry(customer_id: str, product_id: str, **changed: object) -> ContractEntry:
    values: dict[str, object] = {
        "id": new_id(), "customer_id": customer_id, "title": "Supply",
        "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31),
        "lines": (LineEntry(new_id(), product_id, "28 tabs", 12_000, "box"),),
    }  # fmt: skip
    return ContractEntry(**{**values, **changed})  # type: ignore[arg-type]


@pytest.fixture
def place(world):
    """A customer and a product that everybody knows."""
    customer, product = world.customer("Huashan"), new_id()
    with world.store.write("test") as writer:
        writer.put("product", product, {"name": "ENTRESTO", "status": "active"})
    return customer, product


def states(laptop):
    return laptop.rows("SELECT state FROM contract")


def test_contract_with_lines_reaches_the_second_laptop_and_the_answer_comes_back(world, place):
    mine, other = world.laptop("kim").sync(), world.laptop("kim").sync()
    rep = world.laptop("ann").sync()
    one = entry(*place)
    world.cut()
    mine.do(lambda work: submit_contract(work, one))
    assert states(mine) == [("in_review",)]  # at once, without a connection
    world.connect()
    mine.sync()
    other.sync()
    rep.sync()
    for laptop in (other, rep):
        assert states(laptop) == [("in_review",)]
        assert laptop.rows("SELECT volume, unit FROM contract_line") == [(12_000, "box")]
    other.do(lambda work: withdraw_contract(work, one.id))
    other.do(lambda work: draft_contract(work, entry(*place, id=one.id, title="Better", lines=())))
    other.sync()
    mine.sync()
    assert mine.rows("SELECT state, title FROM contract") == [("draft", "Better")]
    assert mine.rows("SELECT count(*) FROM contract_line") == [(0,)]
    assert mine.issues == []


def test_contract_of_a_rep_is_refused_and_kept_with_a_reason(world, place):
    """The role is head office's to judge, whatever a changed program lets through."""
    rep = world.laptop("ann").sync()
    rep.database.actor = Actor(rep.user_id, Role.KAM, "Ann")
    one = entry(*place)
    rep.do(lambda work: submit_contract(work, one))
    rep.sync()
    assert {issue.code for issue in rep.issues} == {"not_allowed", "group"}
    with world.store.write("look") as writer:
        assert writer.get("contract", one.id) is None
        assert writer.get("contract_line", one.lines[0].id) is None
    assert rep.rows("SELECT count(*) FROM contract") == [(0,)]


def test_line_changed_here_while_the_contract_went_into_review_there_is_refused(world, place):
    mine, other = world.laptop("kim").sync(), world.laptop("kim").sync()
    one = entry(*place)
    mine.do(lambda work: draft_contract(work, one))
    mine.sync()
    other.sync()
    other.do(lambda work: submit_standing(work, one.id))
    other.sync()
    changed = LineEntry(one.lines[0].id, place[1], "28 tabs", 99, "box")
    mine.do(lambda work: draft_contract(work, entry(*place, id=one.id, lines=(changed,))))
    mine.sync()
    assert [issue.code for issue in mine.issues] == ["in_review"]
    for laptop, sending in ((mine, "asking"), (other, "confirmed")):
        shown = laptop.database.read(lambda reader: contract_whole(reader, one.id))
        assert (shown.row.sending, shown.lines[0].sending) == (sending, sending)
        assert (shown.receipt is None) == (laptop is mine)
    assert mine.rows("SELECT volume FROM contract_line") == [(12_000,)]
    assert world.document("contract_line", changed.id)["volume"] == 12_000


@pytest.mark.parametrize("reconciled_between", [False, True])
def test_undo_of_a_deletion_brings_back_the_same_contract(world, place, reconciled_between):
    mine, other = world.laptop("kim").sync(), world.laptop("kim").sync()
    one = entry(*place)
    mine.do(lambda work: draft_contract(work, one))
    mine.sync()
    kept = mine.do(lambda work: delete_contract(work, one.id))
    if reconciled_between:
        mine.sync()
        other.sync()
        assert other.rows("SELECT count(*) FROM contract_line") == [(0,)]
    mine.do(lambda work: restore_contract(work, kept))
    mine.sync()
    other.sync()
    for laptop in (mine, other):
        assert states(laptop) == [("draft",)]
        assert laptop.rows("SELECT id, volume FROM contract_line") == [(one.lines[0].id, 12_000)]
    assert mine.issues == []
    mine.do(lambda work: submit_standing(work, one.id))
    mine.sync()
    assert world.document("contract", one.id)["state"] == "in_review"


def test_what_another_deleted_is_not_created_again(world, place):
    """A laptop that still has the record of somebody else's deletion cannot bring it back by creating it."""
    mine = world.laptop("kim").sync()
    one = entry(*place)
    mine.do(lambda work: draft_contract(work, one))
    mine.sync()
    with world.store.write("office") as writer:
        writer.delete("contract", one.id)
    kept = mine.do(lambda work: delete_contract(work, one.id))
    mine.do(lambda work: restore_contract(work, kept))
    mine.sync()
    assert "duplicate" in {issue.code for issue in mine.issues}


def test_a_contract_with_hundreds_of_lines_is_one_action_and_holds_up_nothing(world, place):
    customer, product = place
    laptop = world.laptop("kim").sync()
    lines = tuple(LineEntry(new_id(), product, volume=n + 1) for n in range(520))
    one = entry(customer, product, lines=lines)
    laptop.do(lambda work: draft_contract(work, one))
    laptop.do(lambda work: add_task(work, title="after it", due_on=None))
    laptop.sync()
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    other = world.laptop("kim").sync()
    assert other.value("SELECT count(*) FROM contract_line") == 520
    assert other.value("SELECT count(*) FROM task") == 1
    laptop.do(lambda work: delete_contract(work, one.id))
    laptop.sync()
    assert world.laptop("kim").sync().value("SELECT count(*) FROM contract_line") == 0


def test_more_lines_than_one_action_holds_are_refused_at_the_line(world, place):
    customer, product = place
    laptop = world.laptop("kim").sync()
    lines = tuple(LineEntry(f"l{n}", product, volume=1) for n in range(MOST_LINES + 1))
    with pytest.raises(UserError) as refused:
        laptop.do(lambda work: draft_contract(work, entry(customer, product, lines=lines)))
    assert (refused.value.code, refused.value.field) == (
        "too_many_lines", f"lines.l{MOST_LINES}.product",
    )  # fmt: skip
    assert MAX_GROUP >= 1 + 6 * MOST_LINES
