"""Prices on their way: from the service of one laptop to head office and to a second laptop."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from kamdesk.db import buckets
from kamdesk.db.queries.prices import prices_of
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.prices import LinePrices, Price, Ratio
from kamdesk.domain.roles import Level, may_read
from kamdesk.headoffice import accounts, upkeep
from kamdesk.security import keystore
from kamdesk.security.pricelock import PriceLock
from kamdesk.services import contracts, issues, tasks
from kamdesk.services.contracts import ContractEntry, LineEntry
from kamdesk.services.drafts import keep_draft
from kamdesk.services.prices import remove_prices, set_prices
from kamdesk.sync import answers, transport
from kamdesk.sync.intake import Intake
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import Page
from kamdesk.sync.wire import Wire
from tests.headoffice.conftest import PASSWORD
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.sync.world import Laptop, World

PASSPHRASE = "prices are shut behind this"
NET = Price(Decimal("739148357.2613"), "CNY")
LIST = Price(Decimal("918273645.5467"), "CNY")
REBATE = Ratio(Decimal("12.375"))
PRICE, FLOOR = "contract_line_price", "contract_line_floor"


def _laptop(world: World, login: str = "kim", *, is_open: bool = True) -> Laptop:
    one = world.laptop(login)
    keys = keystore.create_with_passphrase(
        world.folder / f"keys{len(world.laptops)}", "profile", "a long enough passphrase"
    )
    lock = PriceLock(keys, is_allowed=may_read(one.database.actor.role, Level.L3))
    one.database.prices = lock
    if is_open:
        lock.open(PASSPHRASE)
    return one.sync()


def _draft(laptop: Laptop, customer: str, **prices: object) -> tuple[str, str]:
    """Draft a contract with one priced line, as one action; return the ids of both."""
    contract, line = new_id(), new_id()
    entry = ContractEntry(
        id=contract, customer_id=customer, title="Insulin 2027",
        lines=(LineEntry(id=line, product_id=new_id(), volume=10),),
    )  # fmt: skip

    def both(work):
        contracts.draft_contract(work, entry)
        set_prices(work, line_id=line, customer_id=customer, prices=LinePrices(**prices))

    laptop.do(both)
    return contract, line


def _set(laptop: Laptop, customer: str, line: str, **prices: object) -> None:
    laptop.do(
        lambda work: set_prices(
            work, line_id=line, customer_id=customer, prices=LinePrices(**prices)
        )
    )


def _prices(laptop: Laptop, line: str) -> LinePrices | None:
    return laptop.database.read(
        lambda reader: prices_of(reader, laptop.database.prices, [line])
    ).get(line)


def _waiting(laptop: Laptop) -> list[str]:
    return [
        row[0] for row in laptop.rows("SELECT kind FROM sync_op WHERE st = 'queued' ORDER BY lid")
    ]


@pytest.fixture
def customer(world):
    return world.customer("Huashan")


def test_a_price_reaches_head_office_and_a_second_laptop(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET, rebate=REBATE)
    kim.sync()
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"
    assert _prices(other.sync(), line) == LinePrices(net=NET, rebate=REBATE)
    _set(other, customer, line, list=LIST, rebate=REBATE)
    other.sync()
    assert _prices(kim.sync(), line) == LinePrices(list=LIST, rebate=REBATE)
    assert _waiting(kim) == []
    assert kim.issues == other.issues == []


def test_h14_what_was_handed_in_is_wiped_and_goes_packed(world, customer, monkeypatch):
    """A body in the clear stayed in memory, with its prices, long after they were locked."""
    real, buffers, bodies = transport._ENCODER, [], []

    class Keeping:
        @staticmethod
        def encode_into(message, buffer):
            real.encode_into(message, buffer)
            buffers.append((buffer, bytes(buffer)))

    kim = _laptop(world)
    _draft(kim, customer, net=NET)
    monkeypatch.setattr(transport, "_ENCODER", Keeping)
    send = Wire.send

    def listen(self, method, path, body, *rest):
        bodies.append(body or b"")
        return send(self, method, path, body, *rest)

    monkeypatch.setattr(Wire, "send", listen)
    kim.sync()
    told = [written for _, written in buffers if b"739148357.2613" in written]
    assert told
    assert not any(any(buffer) for buffer, _ in buffers)
    assert not any(b"739148357" in body for body in bodies)


def test_a_verdict_on_a_deletion_that_quotes_a_price_waits_for_the_key(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(other, customer, line, net=LIST)
    other.sync()
    kim.database.prices.lock()
    kim.do(lambda work: remove_prices(work, line_id=line))
    kim.sync()  # and does not ask for ever
    assert _waiting(kim) == [PRICE]
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert _waiting(kim) == []
    assert [issue.type for issue in kim.issues] == ["conflict"]


def test_a_group_whose_verdict_waits_for_the_key_is_asked_for_whole(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(other, customer, line, net=LIST)
    other.sync()
    kim.database.prices.lock()

    def both(work):
        remove_prices(work, line_id=line)
        tasks.add_task(work, title="call", due_on=None)

    kim.do(both)
    kim.do(lambda work: tasks.add_task(work, title="write", due_on=None))
    kim.sync()
    assert sorted(_waiting(kim)) == [PRICE, "task"], "the other group is confirmed"
    kim.database.prices.open(PASSPHRASE)
    kim.do(lambda work: tasks.add_task(work, title="wait", due_on=None))
    kim.sync()  # numbers of what was confirmed lie between those that are handed in
    assert _waiting(kim) == []
    assert [issue.type for issue in kim.issues] == ["conflict"]


def test_a_verdict_that_is_told_again_quotes_no_price_to_who_lost_the_right(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(other, customer, line, net=LIST)
    other.sync()
    _set(kim, customer, line, net=Price(Decimal("846201937.1357"), "CNY"))
    answers = []
    told = kim.transport.sync

    def lost(*given):
        told(*given)
        raise Unreachable("offline")

    kim.transport.sync = lost
    with pytest.raises(Unreachable):
        kim.sync()
    accounts.set_role(world.store, "kim", "REP")
    kim.transport.sync = lambda *given: answers.append(answer := told(*given)) or answer
    kim.sync()
    results = [one for answer in answers for one in answer.results]
    assert [one.st for one in results] == ["conflict"]
    assert all(one.row is None and not one.fields for one in results)
    assert _waiting(kim) == []


def test_a_rep_never_receives_one(world, customer):
    kim, ann = _laptop(world), _laptop(world, "ann", is_open=False)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    ann.sync()
    assert ann.database.prices.state is PriceState.ABSENT
    assert ann.value("SELECT count(*) FROM contract_line WHERE id = ?", line) == 1
    assert ann.value(f"SELECT count(*) FROM {PRICE}") == 0
    assert ann.value("SELECT count(*) FROM sync_bucket WHERE b LIKE 'price:%'") == 0


def test_two_managers_and_a_rep(world, customer, monkeypatch):
    """A manager drafts, the other reads it opened, both change it; the rep of the customer gets no trace of it."""
    sent = _listen(monkeypatch)
    kim, other, ann = _laptop(world), _laptop(world), _laptop(world, "ann", is_open=False)
    contract, line = _draft(kim, customer, net=NET, list=LIST, rebate=REBATE)
    kim.sync()
    assert _prices(other.sync(), line) == LinePrices(net=NET, list=LIST, rebate=REBATE)
    _set(other, customer, line, net=NET + NET, list=LIST, rebate=REBATE)
    _set(kim, customer, line, net=NET + LIST, list=LIST, rebate=REBATE)
    other.sync()
    kim.sync()
    assert _prices(kim, line) == LinePrices(net=NET + NET, list=LIST, rebate=REBATE)
    [issue] = kim.issues
    assert (issue.type, [one.name for one in issue.fields]) == ("conflict", ["net_price"])
    sent.clear()
    ann.sync()
    assert ann.rows("SELECT id, title FROM contract") == [(contract, "Insulin 2027")]
    assert ann.value("SELECT count(*) FROM contract_line") == 1
    for table in (PRICE, FLOOR):
        assert ann.value(f"SELECT count(*) FROM {table}") == 0
    rows = [value for row in _all_rows(ann) for value in row]
    assert not any(isinstance(one, bytes) and one.startswith(b"KD\x01") for one in rows)
    received = b"".join(sent) + json.dumps([str(one) for one in rows]).encode()
    assert contract.encode() in b"".join(sent)
    assert b"S0QB" not in received  # the beginning of every envelope in base64
    for price in (NET, LIST, NET + NET, NET + LIST):
        for form in _forms(price):
            assert form.encode("latin-1") not in received


def _listen(monkeypatch) -> list[bytes]:
    """Give the bodies of head office's answers, as they arrive."""
    bodies: list[bytes] = []
    plain = Wire._read

    def read(wire, response):
        bodies.append(plain(wire, response))
        return bodies[-1]

    monkeypatch.setattr(Wire, "_read", read)
    return bodies


def test_h12_while_locked_other_work_passes_prices_by(world, customer):
    kim, other = _laptop(world), _laptop(world)
    contract, line = _draft(kim, customer, net=NET)
    kim.database.prices.lock()
    kim.do(lambda work: tasks.add_task(work, title="Call back", due_on=None))
    kim.sync()
    # The line stands or falls with its prices, so both wait, and nothing else does
    assert _waiting(kim) == ["contract", "contract_line", PRICE]
    assert kim.value("SELECT count(*) FROM sync_op WHERE kind = 'task' AND st = 'acked'") == 1
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert _waiting(kim) == []
    assert _prices(other.sync(), line) == LinePrices(net=NET)
    assert world.document("contract", contract)["title"] == "Insulin 2027"


def test_a_contract_does_not_overtake_its_waiting_lines(world, customer):
    kim = _laptop(world)
    contract, line = _draft(kim, customer)
    kim.sync()
    _set(kim, customer, line, net=NET)
    more = new_id()

    def extend(work):
        entry = ContractEntry(
            id=contract, customer_id=customer, title="Insulin 2027",
            lines=(LineEntry(line, new_id(), volume=1), LineEntry(more, new_id(), volume=2)),
        )  # fmt: skip
        contracts.draft_contract(work, entry)
        set_prices(work, line_id=more, customer_id=customer, prices=LinePrices(net=NET))

    kim.do(extend)
    kim.database.prices.lock()
    kim.do(
        lambda work: contracts.draft_contract(
            work,
            ContractEntry(
                id=contract,
                customer_id=customer,
                title="Another title",
                lines=(LineEntry(line, new_id(), volume=1), LineEntry(more, new_id(), volume=2)),
            ),  # fmt: skip
        )
    )
    kim.sync()
    assert world.document("contract", contract)["title"] == "Insulin 2027"
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert world.document("contract", contract)["title"] == "Another title"
    assert kim.issues == []


def test_a_locked_laptop_takes_prices_in_when_it_is_unlocked(world, customer):
    kim, other = _laptop(world), _laptop(world, is_open=False)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    assert other.value("SELECT count(*) FROM contract_line") == 1
    assert other.value(f"SELECT count(*) FROM {PRICE}") == 0
    _set(kim, customer, line, net=LIST)
    world.customer("Mary")
    kim.sync()
    other.sync()
    assert other.value("SELECT count(*) FROM customer") == 2
    other.database.prices.open(PASSPHRASE)
    assert _prices(other.sync(), line) == LinePrices(net=LIST)
    other.database.prices.lock()
    _set(kim, customer, line, net=NET)
    kim.sync()
    other.sync()
    other.database.prices.open(PASSPHRASE)
    assert _prices(other, line) == LinePrices(net=LIST)
    assert _prices(other.sync(), line) == LinePrices(net=NET)


def test_prices_deleted_while_locked_go_when_unlocked(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync().database.prices.lock()
    kim.do(lambda work: remove_prices(work, line_id=line))
    kim.sync()
    other.sync()
    other.database.prices.open(PASSPHRASE)
    assert _prices(other.sync(), line) is None


def test_two_prices_for_one_line_are_a_conflict_with_both_kept_sealed(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET, list=LIST)
    kim.sync()
    other.sync()
    _set(kim, customer, line, net=Price(6, "CNY"), list=LIST)
    _set(other, customer, line, net=Price(7, "CNY"), list=LIST)
    kim.sync()
    other.sync()
    assert _prices(other, line) == LinePrices(net=Price(6, "CNY"), list=LIST)
    [issue] = other.issues
    assert (issue.type, [one.name for one in issue.fields]) == ("conflict", ["net_price"])
    other.do(lambda work: issues.keep_mine(work, issue.id))
    other.sync()
    assert _prices(kim.sync(), line) == LinePrices(net=Price(7, "CNY"), list=LIST)
    other.do(lambda work: issues.reopen(work, issue.id))
    other.database.prices.lock()
    with pytest.raises(PricesLocked):
        other.do(lambda work: issues.keep_theirs(work, issue.id))
    other.database.prices.open(PASSPHRASE)
    assert other.do(lambda work: issues.keep_theirs(work, issue.id))
    other.sync()
    assert _prices(kim.sync(), line) == LinePrices(net=Price(6, "CNY"), list=LIST)


def test_a_price_that_moved_since_is_not_overwritten_by_a_card(world, customer):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(kim, customer, line, net=Price(6, "CNY"))
    _set(other, customer, line, net=Price(7, "CNY"))
    kim.sync()
    [issue] = other.sync().issues
    _set(kim, customer, line, net=Price(11, "CNY"))
    kim.sync()
    other.sync()
    assert other.do(lambda work: issues.keep_mine(work, issue.id, seen=issue)) is False
    other.sync()
    assert _prices(kim.sync(), line) == LinePrices(net=Price(11, "CNY"))
    [again] = other.issues
    assert other.do(lambda work: issues.keep_mine(work, issue.id, seen=again))
    other.sync()
    assert _prices(kim.sync(), line) == LinePrices(net=Price(7, "CNY"))


def test_an_answer_that_got_lost_does_not_hold_up_a_locked_laptop(world, customer, monkeypatch):
    """Head office had it: its verdict is asked for without the values."""
    kim = _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    _lose_the_answer(kim, monkeypatch)
    kim.database.prices.lock()
    kim.do(lambda work: tasks.add_task(work, title="Call back", due_on=None))
    kim.sync()
    assert _waiting(kim) == []
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"


def test_a_request_that_got_lost_does_not_hold_up_a_locked_laptop(world, customer, monkeypatch):
    """Head office had it not: the number is spent, and the change waits for the key under a new one."""
    kim = _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    _lose_the_request(kim, monkeypatch)
    kim.database.prices.lock()
    kim.do(lambda work: tasks.add_task(work, title="Call back", due_on=None))
    kim.sync()
    assert _waiting(kim) == ["contract", "contract_line", PRICE]
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert _waiting(kim) == []
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"
    assert kim.issues == []


def test_a_verdict_that_quotes_a_price_waits_for_the_key(world, customer, monkeypatch):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(kim, customer, line, net=LIST)
    kim.sync()
    _set(other, customer, line, net=Price(7, "CNY"))
    _lose_the_answer(other, monkeypatch)
    other.database.prices.lock()
    other.do(lambda work: tasks.add_task(work, title="Call back", due_on=None))
    other.sync()
    assert _waiting(other) == [PRICE]
    other.sync()
    other.database.prices.open(PASSPHRASE)
    other.sync()
    assert _waiting(other) == []
    assert [one.type for one in other.issues] == ["conflict"]
    assert _prices(other, line) == LinePrices(net=LIST)


def _lose_the_answer(laptop: Laptop, monkeypatch) -> None:
    plain = laptop.transport.sync

    def lost(access, request):
        plain(access, request)
        raise Unreachable("timeout")

    with monkeypatch.context() as patch:
        patch.setattr(laptop.transport, "sync", lost)
        with pytest.raises(Unreachable):
            laptop.sync()


def _lose_the_request(laptop: Laptop, monkeypatch) -> None:
    def lost(access, request):
        raise Unreachable("timeout")

    with monkeypatch.context() as patch:
        patch.setattr(laptop.transport, "sync", lost)
        with pytest.raises(Unreachable):
            laptop.sync()


def test_h13_locking_in_the_middle_of_a_round_loses_nothing(world, customer, monkeypatch):
    kim, other = _laptop(world), _laptop(world)
    lines = [_draft(kim, customer, net=Price(at, "CNY"))[1] for at in range(1, 6)]
    kim.sync()
    lock = other.database.prices
    plain, calls = lock.seal, []

    def seal(*place):
        calls.append(place)
        if len(calls) == 7:
            lock.lock()
        return plain(*place)

    monkeypatch.setattr(lock, "seal", seal)
    other.sync()
    assert other.value(f"SELECT count(*) FROM {PRICE}") == 0
    lock.open(PASSPHRASE)
    other.sync()
    assert [_prices(other, line) for line in lines] == [
        LinePrices(net=Price(at, "CNY")) for at in range(1, 6)
    ]


def test_a_value_in_the_queue_that_cannot_be_opened_is_told_and_nothing_waits(world, customer):
    kim = _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    _set(kim, customer, line, net=LIST)
    kim.database.prices = PriceLock(
        keystore.create_with_passphrase(
            world.folder / "others", "profile", "a long enough passphrase"
        )
    )
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert _waiting(kim) == []
    [issue] = kim.issues
    assert (issue.type, issue.code) == ("rejected", "unreadable")
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"


def test_h20_a_role_that_loses_prices_loses_rows_and_keys(world, customer):
    """H20."""
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(other, customer, line, net=LIST)
    other.database.prices.lock()
    accounts.set_role(world.store, "kim", "REP")
    accounts.assign(world.store, "kim", [world.north])
    other.sync()
    assert other.value(f"SELECT count(*) FROM {PRICE}") == 0
    assert other.database.prices.state is PriceState.ABSENT
    with pytest.raises(UserError):
        other.database.prices.open(PASSPHRASE)
    other.sync()
    assert _waiting(other) == []
    assert [one.code for one in other.issues] == ["not_allowed"]
    assert other.value("SELECT v FROM sync_state WHERE k = 'role'") == "REP"


def test_a_price_deleted_while_all_is_loaded_anew_is_compared_by_its_value(world, customer):
    kim = _laptop(world)
    lines = [_draft(kim, customer, net=NET)[1] for _ in range(2)]
    kim.sync()
    Intake(kim.database, lambda: False).unconfirm()
    kim.database.transact(Origin.SYNC, lambda work: buckets.reload_all(work, start=0))
    kim.do(lambda work: [remove_prices(work, line_id=line) for line in lines])
    with world.store.write("office") as writer:
        document = writer.get(PRICE, lines[1]).document
        writer.put(PRICE, lines[1], {**document, "net_price": "7.5 CNY"})
    kim.sync()
    assert _waiting(kim) == []
    [asked] = kim.issues
    assert (asked.row_id, asked.op) == (lines[1], "delete")
    assert _prices(kim, lines[0]) is None
    assert _prices(kim, lines[1]) == LinePrices(net=Price(Decimal("7.5"), "CNY"))


def test_a_price_that_is_not_known_yet_is_not_kept_beside_the_others(world, customer):
    kim = _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    page = Page(PRICE, 1, ["line_id", "secret_price", "net_price"])
    row = [line, 99, f"price:{customer}", line, "123.45 CNY", "7.5 CNY"]
    kim.database.transact(Origin.SYNC, lambda work: answers.put(work, page, [row]))
    assert _prices(kim, line) == LinePrices(net=Price(Decimal("7.5"), "CNY"))
    assert kim.rows("SELECT _rev, _x FROM contract_line_price") == [(99, None)]


def test_a_role_that_gains_prices_gets_them(world, customer):
    kim, ann = _laptop(world), _laptop(world, "ann", is_open=False)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    ann.sync()
    accounts.set_role(world.store, "ann", "KAM")
    ann.sync()
    assert ann.database.prices.state is PriceState.LOCKED
    ann.database.prices.open(PASSPHRASE)
    assert _prices(ann.sync(), line) == LinePrices(net=NET)


def test_a_restored_head_office_gets_its_prices_back(world, customer, tmp_path):
    kim = _laptop(world)
    upkeep.back_up(world.store, tmp_path / "copy.db")
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    _restore(world, tmp_path / "copy.db")
    kim.sync()
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"
    assert _prices(kim, line) == LinePrices(net=NET)


def test_a_restored_head_office_waits_for_a_locked_laptop(world, customer, tmp_path):
    kim = _laptop(world)
    upkeep.back_up(world.store, tmp_path / "copy.db")
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    kim.database.prices.lock()
    _restore(world, tmp_path / "copy.db")
    kim.sync()
    assert _waiting(kim) == ["contract", "contract_line", PRICE]
    kim.database.prices.open(PASSPHRASE)
    kim.sync()
    assert world.document(PRICE, line)["net_price"] == "739148357.2613 CNY"
    assert _prices(kim, line) == LinePrices(net=NET)
    assert kim.issues == []


def _restore(world: World, copy: Path) -> None:
    world.cut()
    world.store.close()
    upkeep.restore(Path(world.file), copy)
    world.store = type(world.store).open(world.file)
    world.connect()


def test_h12_no_form_of_a_price_is_written_anywhere(world, customer, caplog):
    """H1: a session with edits, a conflict and a refusal; every file of laptops and head office is searched."""
    caplog.set_level(logging.DEBUG)
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET, rebate=REBATE)
    kim.sync()
    other.sync()
    _set(kim, customer, line, net=LIST, rebate=REBATE)
    _set(other, customer, line, net=NET + NET)
    kim.sync()
    other.sync()
    assert other.issues
    kim.database.prices.lock()
    kim.sync()
    content = json.dumps([[str(row) for row in _all_rows(one)] for one in (kim, other)])
    for one in world.folder.rglob("*"):
        if one.is_file():
            content += one.read_bytes().decode("latin-1")
    content += caplog.text
    for price in (NET, LIST, NET + NET):
        for form in _forms(price):
            assert form not in content, form


def _all_rows(laptop: Laptop):
    for (table,) in laptop.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'find_%'"
    ):
        yield from laptop.rows(f"SELECT * FROM {table}")


def _forms(price: Price):
    """Give the ways in which a price could be written down."""
    text = price.reveal()
    mantissa, _ = price.parts()
    yield text
    yield text.replace(".", "")
    yield text.split(".")[0]
    yield "".join(f"{digit}\x00" for digit in text)
    for order in ("big", "little"):
        yield mantissa.to_bytes(6, order).decode("latin-1")


def test_the_stores_of_both_databases_hold_envelopes_alone(world, customer):
    kim = _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    cells = [row[0] for row in kim.rows(f"SELECT net_price FROM {PRICE}")]
    assert len(cells) == 1
    assert cells[0].startswith(b"KD\x01\x01")
    assert len(cells[0]) == 54
    with world.store.read() as connection:
        [stored] = connection.execute(
            text("SELECT data FROM sync_row WHERE id = :id AND kind = 10"), {"id": line}
        ).scalars()
    assert all(len(base64.b64decode(cell)) == 54 for cell in json.loads(stored)[2:])


@pytest.mark.parametrize("do", ["draft", "submit"])
def test_h25_what_was_typed_about_a_contract_that_was_deleted_meanwhile_is_a_new_one(
    world, customer, do
):
    kim = _laptop(world)
    contract, line = _draft(kim, customer, net=NET)
    kim.sync()
    with world.store.write("office") as writer:
        for kind, record_id in ((PRICE, line), ("contract_line", line), ("contract", contract)):
            writer.delete(kind, record_id)
    kim.sync()
    shown = LineEntry(id=line, product_id=new_id(), volume=10, shown=LinePrices(net=NET))
    typed = ContractEntry(
        id=contract, customer_id=customer, title="Typed meanwhile", starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31), lines=(shown,),
    )  # fmt: skip
    kim.do(lambda work: keep_draft(work, contract, form="contract", title="", values={}))
    spare, save = (
        new_id(),
        contracts.submit_contract if do == "submit" else contracts.draft_contract,
    )
    unread = replace(typed, lines=(replace(shown, shown=None, unread=True),))
    with pytest.raises(PricesLocked):
        kim.do(lambda work: save(work, unread, spare_id=spare))
    for _ in range(2):  # the second as after an answer that got lost
        kim.do(lambda work: save(work, typed, spare_id=spare))
    kim.sync()
    assert kim.issues == []
    assert world.document("contract", spare)["title"] == "Typed meanwhile"
    [(made,)] = kim.rows("SELECT id FROM contract_line")
    assert world.document(PRICE, made)["net_price"] == "739148357.2613 CNY"
    assert kim.value("SELECT count(*) FROM draft") == 0


def test_who_loses_a_conflict_about_a_price_is_told_and_no_price_with_it(world, customer):
    accounts.add_user(
        world.store,
        login="lee",
        name="Lee",
        role="KAM",
        password=PASSWORD,
        territories=[world.north],
    )
    kim, lee, ann = _laptop(world), _laptop(world, "lee"), world.laptop("ann").sync()
    contract, line = _draft(kim, customer, net=LIST)
    kim.sync()
    lee.sync()
    _set(kim, customer, line, net=NET)
    kim.sync()
    world.edit("contract", contract, owner_id=lee.user_id)
    lee.database.prices.lock()
    lee.sync()
    lee.database.prices.open(PASSPHRASE)
    _set(lee, customer, line, net=Price(Decimal("5.5"), "CNY"))
    (card,) = lee.sync().issues
    assert {field.by for field in card.fields} == {"Kim"}
    lee.do(lambda work: issues.keep_mine(work, card.id))
    lee.sync()
    other = _laptop(world)
    kim.database.prices.lock()
    (told,) = kim.sync().issues
    with world.store.read() as connection:
        (stored,) = connection.execute(text("SELECT fields FROM sync_notice")).scalars()
    assert "CNY" not in stored + repr(kim.rows("SELECT * FROM sync_issue"))
    kim.database.prices.open(PASSPHRASE)
    (told,) = kim.sync().issues
    opened = {
        field.name: tuple(
            kim.database.prices.unseal(PRICE, field.name, line, base64.b64decode(value))
            for value in (field.mine, field.theirs)
        )
        for field in told.fields
    }
    assert opened == {"net_price": (NET, Price(Decimal("5.5"), "CNY"))}
    # Elsewhere he learns of it, and the value is where it was typed
    assert [(one.type, one.fields[0].mine) for one in other.issues] == [("replaced", None)]
    assert ann.sync().issues == []
    other.do(lambda work: issues.keep_mine(work, told.id))
    assert _waiting(other) == []
    assert other.sync().issues == kim.sync().issues == []
    assert world.document(PRICE, line)["net_price"] == "5.5 CNY"


@pytest.mark.parametrize("mine", ["S0QB", "no envelope"])
def test_a_card_about_what_cannot_be_opened_settles_nothing_and_stops_nothing(
    world, customer, mine
):
    kim, other = _laptop(world), _laptop(world)
    _, line = _draft(kim, customer, net=NET)
    kim.sync()
    other.sync()
    _set(kim, customer, line, net=Price(6, "CNY"))
    _set(other, customer, line, net=Price(7, "CNY"))
    kim.sync()
    [card] = other.sync().issues

    def damage(work):
        work.driver.execute(
            "UPDATE sync_issue SET fields = json_set(fields, '$.net_price.mine', ?)", (mine,)
        )
        work.driver.execute(f"UPDATE {PRICE} SET net_price = x'4B440101'")

    other.database.transact(Origin.SYNC, damage)
    other.sync()
    assert [one.id for one in other.issues] == [card.id]
