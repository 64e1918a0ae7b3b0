"""Texts that tell a price, sealed with the prices: from one laptop to head office and to who may read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kamdesk.db.queries.contracts import contract_whole
from kamdesk.db.queries.promotions import promotion
from kamdesk.db.queries.sealed_texts import told_text
from kamdesk.db.queries.visits import VisitFilter, list_visits, visit_whole
from kamdesk.db.records import SealedText
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import SecretText
from kamdesk.domain.sealed_texts import MARK
from kamdesk.headoffice import accounts
from kamdesk.services import contracts
from kamdesk.services.contracts import ContractEntry, LineEntry
from kamdesk.services.promotions import PromotionEntry, submit_request
from kamdesk.services.visits import VisitEntry, amend_visit, plan_visit, report_visit, submit_visit
from tests.sync.test_prices import PASSPHRASE, _cheap_passphrases, _laptop, _waiting  # noqa: F401
from tests.sync.world import PASSWORD, Laptop

TOLD = "他们要求底价降到 198.37 元"
KIND = "sealed_text"


@pytest.fixture
def customer(world):
    return world.customer("Huashan")


def entry(customer: str, **values: object) -> VisitEntry:
    return VisitEntry(
        **{
            "id": new_id(), "customer_id": customer, "held_on": date(2026, 11, 24), "objective": "prices",
            "outcome": TOLD, "next_step": "call", "sealed": frozenset({"outcome"}), **values,
        }
    )  # fmt: skip


def read(laptop: Laptop, visit: str, name: str = "outcome") -> str:
    """Return a text as the page shows it."""
    whole = laptop.database.read(lambda reader: visit_whole(reader, visit))
    assert whole is not None
    text = getattr(whole.row, name)
    return told_text(laptop.database.prices, visit, name, text, whole.sealed.get(visit, {}))


def found(laptop: Laptop, typed: str) -> list[object]:
    """Search the list of visits."""
    wanted = VisitFilter(typed=typed)
    return [*laptop.database.read(lambda reader: list_visits(reader, wanted, offset=0, limit=9))]


def test_h7_a_sealed_text_reaches_head_office_and_who_may_read_prices(world, customer):
    kim, other = _laptop(world), _laptop(world)
    visit = kim.do(lambda work: report_visit(work, entry(customer)))
    assert read(kim, visit) == TOLD
    kim.sync()
    assert world.document("visit", visit)["outcome"] == MARK
    assert world.document(KIND, visit)["outcome"] == TOLD
    assert read(other.sync(), visit) == TOLD
    other.database.prices.lock()
    assert read(other, visit) == MARK
    assert kim.issues == other.issues == []


def test_h7_a_role_without_prices_never_receives_it_and_no_search_finds_it(world, customer):
    kim, other = _laptop(world), _laptop(world)
    visit = kim.do(lambda work: report_visit(work, entry(customer)))
    kim.sync()
    rep = _laptop(world, "ann", is_open=False)
    assert read(rep, visit) == MARK
    assert rep.rows(f"SELECT count(*) FROM {KIND}") == [(0,)]
    assert [found(one, typed) for one in (kim, other) for typed in ("198.37", "底价")] == [[]] * 4
    other.sync()
    assert [len(found(one, "prices")) for one in (kim, other)] == [1, 1]


def test_h7_no_file_and_no_queue_holds_it_in_the_clear(world, customer):
    kim = _laptop(world)
    kim.do(lambda work: report_visit(work, entry(customer)))
    kept = str(kim.rows("SELECT f FROM sync_op")) + str(kim.rows(f"SELECT * FROM {KIND}"))
    assert "198.37" not in kept
    kim.database.prices.lock()
    kim.sync()
    assert KIND in _waiting(kim)
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert _waiting(kim) == []
    with world.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT data FROM sync_row").fetchall()
        rows += connection.exec_driver_sql("SELECT body FROM sync_result").fetchall()
    assert "198.37" not in str(rows)


def test_a_planned_visit_keeps_its_sealed_text_while_locked_and_can_be_opened_to_all(
    world, customer
):
    kim, other = _laptop(world), _laptop(world)
    plan = entry(
        customer, objective=TOLD, outcome="", next_step="", sealed=frozenset({"objective"})
    )
    visit = kim.do(lambda work: plan_visit(work, plan))
    kim.sync()
    kim.database.prices.lock()
    unread = replace(plan, objective=MARK, outcome="done", next_step="call")
    kim.do(lambda work: report_visit(work, unread))
    kim.sync()
    assert world.document(KIND, visit)["objective"] == TOLD
    assert world.document("visit", visit)["state"] == "completed"
    kim.database.prices.open(PASSPHRASE)
    assert read(kim, visit, "objective") == TOLD

    again = kim.do(lambda work: plan_visit(work, replace(plan, id=new_id())))
    kim.sync()
    kim.do(
        lambda work: plan_visit(
            work, replace(plan, id=again, objective="no price", sealed=frozenset())
        )
    )
    kim.sync()
    other.sync()
    assert world.document(KIND, again)["objective"] is None
    assert read(other, again, "objective") == "no price"
    assert kim.issues == []


def test_an_amended_report_seals_its_text_anew_and_never_without_the_key(world, customer):
    kim = _laptop(world)
    first = entry(customer, next_step=TOLD, sealed=frozenset({"next_step"}))
    visit = kim.do(lambda work: report_visit(work, replace(first, outcome="done")))
    titles = kim.rows("SELECT title FROM task")
    assert titles == [(MARK,)]
    kim.sync()
    second = replace(first, id=new_id(), outcome="done, and more")
    kim.database.prices.lock()
    unread = replace(second, next_step=MARK)
    with pytest.raises(PricesLocked):
        kim.do(lambda work: amend_visit(work, visit, unread, reason="more"))
    kim.database.prices.open(PASSPHRASE)
    kim.do(lambda work: amend_visit(work, visit, second, reason="more"))
    kim.sync()
    assert kim.issues == []
    assert world.document(KIND, second.id)["next_step"] == TOLD
    assert kim.rows("SELECT count(*) FROM task") == [(1,)]


def test_the_texts_of_a_report_are_its_authors_and_are_closed_with_it(world, customer):
    kim = _laptop(world)
    visit = kim.do(lambda work: report_visit(work, entry(customer)))
    kim.do(lambda work: submit_visit(work, visit))
    kim.sync()

    def change(work):
        kept = work.require(SealedText, visit)
        kept.outcome = work.prices.seal(KIND, "outcome", visit, SecretText("another"))

    kim.do(change)
    kim.sync()
    assert [one.code for one in kim.issues] == ["locked"]
    assert world.document(KIND, visit)["outcome"] == TOLD


def test_the_note_of_a_contract_is_sealed_copied_and_deleted_with_it(world, customer):
    kim = _laptop(world)
    made = ContractEntry(
        id=new_id(), customer_id=customer, title="Insulin 2027", note=TOLD, sealed=frozenset({"note"})
    )  # fmt: skip
    contract = kim.do(lambda work: contracts.draft_contract(work, made))
    copy = kim.do(lambda work: contracts.copy_contract(work, contract))
    kim.sync()
    assert world.document("contract", contract)["note"] == MARK
    assert world.document(KIND, copy)["note"] == TOLD
    kim.database.prices.lock()
    bare = kim.do(lambda work: contracts.copy_contract(work, contract))
    assert kim.rows("SELECT note FROM contract WHERE id = ?", bare) == [(None,)]
    kim.do(lambda work: contracts.delete_contract(work, contract))
    kim.sync()
    with world.store.write("test") as writer:
        assert writer.get(KIND, contract).is_gone
    assert kim.issues == []


def test_the_objective_of_a_promotion_is_sealed_and_handed_in(world, customer):
    kim, other = _laptop(world), _laptop(world)
    asked = PromotionEntry(
        id=new_id(), customer_id=customer, product_id=new_id(), planned_on=clock.today(),
        objective=TOLD, estimate=Money(100, "CNY"), sealed=frozenset({"objective"}),
    )  # fmt: skip
    request = kim.do(lambda work: submit_request(work, asked))
    kim.sync()
    other.sync()
    assert kim.issues == []
    assert world.document("promotion_request", request)["state"] == "submitted"
    assert world.document("promotion_request", request)["objective"] == MARK
    row = other.database.read(lambda reader: promotion(reader, request))
    assert told_text(other.database.prices, request, "objective", MARK, row.sealed) == TOLD


def note_of(laptop: Laptop, contract: str, line: str) -> str:
    """Return the note of a line as the page shows it."""
    whole = laptop.database.read(lambda reader: contract_whole(reader, contract))
    assert whole is not None
    [note] = [one.note for one in whole.lines if one.id == line]
    return told_text(laptop.database.prices, line, "note", note, whole.sealed_lines.get(line, {}))


def test_h7_the_note_of_a_line_is_sealed_copied_changed_and_deleted_with_it(world, customer):
    kim, other = _laptop(world), _laptop(world)
    line = LineEntry(id=new_id(), product_id=new_id(), note=TOLD, is_note_sealed=True)
    plain = LineEntry(id=new_id(), product_id=new_id(), note="after the tender")
    made = ContractEntry(
        id=new_id(), customer_id=customer, title="Insulin 2027", lines=(line, plain)
    )
    contract = kim.do(lambda work: contracts.draft_contract(work, made))
    copy = kim.do(lambda work: contracts.copy_contract(work, contract))
    assert "198.37" not in str(kim.rows("SELECT f FROM sync_op"))
    kim.sync()
    assert world.document("contract_line", line.id)["note"] == MARK
    assert world.document(KIND, line.id)["note"] == TOLD
    assert note_of(other.sync(), contract, line.id) == TOLD
    [(copied,)] = kim.rows(
        "SELECT id FROM contract_line WHERE contract_id = ? AND position = 1", copy
    )
    assert (note_of(other, copy, copied), note_of(other, contract, plain.id)) == (
        TOLD, "after the tender",
    )  # fmt: skip
    rep = _laptop(world, "ann", is_open=False)
    assert rep.rows(f"SELECT count(*) FROM {KIND}") == [(0,)]

    kim.database.prices.lock()
    assert note_of(kim, contract, line.id) == MARK
    unread = replace(made, title="Insulin 2028", lines=(replace(line, note=MARK, unread=True),))
    kim.do(lambda work: contracts.draft_contract(work, unread))
    kim.sync()
    assert world.document(KIND, line.id)["note"] == TOLD
    with pytest.raises(PricesLocked):
        kim.do(lambda work: contracts.draft_contract(work, replace(
            made, id=new_id(), lines=(replace(line, id=new_id(), note=MARK),))))  # fmt: skip
    bare = kim.do(lambda work: contracts.copy_contract(work, contract))
    assert kim.rows("SELECT note FROM contract_line WHERE contract_id = ?", bare) == [(None,)]

    kim.database.prices.open(PASSPHRASE)
    told = replace(made, lines=(replace(line, note="no price", is_note_sealed=False),))
    kim.do(lambda work: contracts.draft_contract(work, told))
    kim.do(lambda work: contracts.delete_contract(work, copy))
    kim.sync()
    assert note_of(other.sync(), contract, line.id) == "no price"
    assert world.document(KIND, line.id)["note"] is None
    with world.store.write("test") as writer:
        assert writer.get(KIND, copied).is_gone
    assert kim.issues == []


def test_h7_a_line_that_goes_takes_its_sealed_note_with_it_and_undo_brings_both_back(
    world, customer
):
    kim = _laptop(world)
    line = LineEntry(id=new_id(), product_id=new_id(), note=TOLD, is_note_sealed=True)
    made = ContractEntry(id=new_id(), customer_id=customer, title="Insulin 2027", lines=(line,))
    contract = kim.do(lambda work: contracts.draft_contract(work, made))
    kept = kim.do(lambda work: contracts.delete_contract(work, contract))
    assert kim.rows(f"SELECT count(*) FROM {KIND}") == [(0,)]
    kim.do(lambda work: contracts.restore_contract(work, kept))
    assert note_of(kim, contract, line.id) == TOLD
    kim.do(lambda work: contracts.draft_contract(work, replace(made, lines=())))
    assert kim.rows(f"SELECT count(*) FROM {KIND}") == [(0,)]


def test_the_texts_of_a_line_are_closed_with_its_contract_and_never_anothers(world, customer):
    accounts.add_user(
        world.store,
        login="lee",
        name="Lee",
        role="KAM",
        password=PASSWORD,
        territories=[world.north],
    )
    kim, other = _laptop(world), _laptop(world, "lee")
    line = LineEntry(id=new_id(), product_id=new_id(), volume=5, note=TOLD, is_note_sealed=True)
    made = ContractEntry(
        id=new_id(), customer_id=customer, title="Insulin 2027", lines=(line,),
        starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31),
    )  # fmt: skip
    kim.do(lambda work: contracts.submit_contract(work, made))
    kim.sync()
    assert kim.issues == []

    def change(work):
        kept = work.require(SealedText, line.id)
        kept.note = work.prices.seal(KIND, "note", line.id, SecretText("another"))

    kim.do(change)
    kim.sync()
    assert [one.code for one in kim.issues] == ["in_review"]
    other.sync().do(change)
    other.sync()
    assert [one.code for one in other.issues] == ["not_owner"]
    assert world.document(KIND, line.id)["note"] == TOLD
