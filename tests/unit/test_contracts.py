"""Contracts: who may draft, change and hand them in, and what a draft with its lines becomes."""

from __future__ import annotations

from datetime import date

import pytest

from kamdesk.db.queries.contracts import (
    ContractFilter,
    contract_whole,
    contracts_of,
    count_contracts,
    list_contracts,
)
from kamdesk.domain import commands
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.contracts import (
    ContractEntry,
    LineEntry,
    copy_contract,
    delete_contract,
    draft_contract,
    restore_contract,
    submit_contract,
    submit_standing,
    withdraw_contract,
)
from tests.unit.conftest import HUASHAN, MARY, ME

KAM = Actor(ME.user_id, Role.KAM, "王敏")
PRODUCT = "0192f0c1-0000-7000-8000-00000000000c"
OTHER = "0192f0c1-0000-7000-8000-00000000000d"
WHOLE = {
    "customer_id": "c", "owner_id": KAM.user_id, "title": "Supply", "type": "sales", "state": "draft",
    "starts_on": "2027-01-01", "ends_on": "2027-12-31",
}  # fmt: skip
LINE = {"contract_id": "x", "customer_id": "c", "product_id": "p", "volume": 10}


def finding(contract):
    return lambda kind, record_id: contract if kind == "contract" else None


@pytest.mark.parametrize(
    ("document", "actor", "code"),
    [
        (WHOLE, Actor(KAM.user_id, Role.REP), "not_allowed"),
        (WHOLE, Actor(KAM.user_id, Role.ADM), "not_allowed"),
        (WHOLE, Actor("another", Role.KAM), "not_owner"),
        ({**WHOLE, "state": "active"}, KAM, "illegal_transition"),
    ],
)
def test_a_contract_begins_as_the_draft_of_a_key_account_manager(document, actor, code):
    commands.check_new("contract", document=WHOLE, actor=KAM, find=finding(None))
    with pytest.raises(Refused) as refused:
        commands.check_new("contract", document=document, actor=actor, find=finding(None))
    assert refused.value.code == code


@pytest.mark.parametrize("check", [commands.check_new, commands.check_edit, commands.check_delete])
@pytest.mark.parametrize(
    ("line", "contract", "actor", "code"),
    [
        (LINE, None, KAM, "not_found"),
        (LINE, {**WHOLE, "state": "in_review"}, KAM, "in_review"),
        (LINE, WHOLE, Actor("another", Role.RM), "not_owner"),
        (LINE, WHOLE, Actor(KAM.user_id, Role.REP), "not_allowed"),
        ({**LINE, "customer_id": "d"}, WHOLE, KAM, "bad_value"),
        ({**LINE, "volume": -1}, WHOLE, KAM, "bad_value"),
    ],
)
def test_a_line_is_as_open_as_its_contract(check, line, contract, actor, code):
    check("contract_line", document=LINE, actor=KAM, find=finding(WHOLE))
    with pytest.raises(Refused) as refused:
        check("contract_line", document=line, actor=actor, find=finding(contract))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("cmd", "document", "actor", "code"),
    [
        ("submit", {**WHOLE, "state": "active"}, KAM, "illegal_transition"),
        ("submit", {**WHOLE, "ends_on": None}, KAM, "required"),
        ("submit", {**WHOLE, "ends_on": "2026-12-31"}, KAM, "bad_value"),
        ("submit", WHOLE, Actor("another", Role.KAM), "not_owner"),
        ("withdraw", {**WHOLE, "state": "price_approved"}, KAM, "illegal_transition"),
        ("withdraw", {**WHOLE, "state": "in_review"}, Actor("another", Role.KAM), "not_owner"),
    ],
)
def test_what_the_rules_forbid(cmd, document, actor, code):
    with pytest.raises(Refused) as refused:
        commands.decide("contract", cmd, document=document, args={}, actor=actor)
    assert refused.value.code == code


# ---- the services


@pytest.fixture
def store(store):
    store.actor = KAM
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "INSERT INTO product(id, _rev, _b, name, status) VALUES"
            f"('{PRODUCT}', 1, 'ref', 'ENTRESTO 49 mg', 'active'), ('{OTHER}', 1, 'ref', 'LASILIX', 'active');"
            f"INSERT INTO colleague(id, _rev, _b, name) VALUES('{KAM.user_id}', 1, 'ref', '王敏');"
        ),
    )
    return store


def entry(**changed) -> ContractEntry:
    values = {
        "id": new_id(), "customer_id": HUASHAN, "title": "年度供货合同", "no": "HD-1",
        "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31),
        "lines": (LineEntry(new_id(), PRODUCT, "28 tabs", 12_000, "box"),),
    }  # fmt: skip
    return ContractEntry(**{**values, **changed})


def run(store, fn, *args):
    return store.transact(Origin.USER, lambda work: fn(work, *args)).value


def whole(store, contract_id):
    return store.read(lambda reader: contract_whole(reader, contract_id))


def queued(store):
    return store.read(
        lambda reader: reader.rows(
            "SELECT kind, op, cmd FROM sync_op WHERE st='queued' ORDER BY lid"
        )
    )


def test_draft_with_lines_is_shown_at_once_and_queued_contract_first(store):
    one = entry()
    run(store, draft_contract, one)
    shown = whole(store, one.id)
    assert (shown.row.state, shown.row.owner, shown.row.lines) == ("draft", "王敏", 1)
    assert shown.row.sending == "saved"
    assert [(line.product, line.volume) for line in shown.lines] == [("ENTRESTO 49 mg", 12_000)]
    assert queued(store) == [("contract", "create", None), ("contract_line", "create", None)]


def test_lines_are_changed_added_removed_and_ordered_as_the_form_says(store):
    one = entry()
    run(store, draft_contract, one)
    first, second, third = (
        one.lines[0],
        LineEntry(new_id(), OTHER, volume=5),
        LineEntry(new_id(), OTHER),
    )
    run(store, draft_contract, entry(id=one.id, lines=(second, first, third)))
    assert [line.id for line in whole(store, one.id).lines] == [second.id, first.id, third.id]
    run(store, draft_contract, entry(id=one.id, lines=(third, second)))
    assert [line.id for line in whole(store, one.id).lines] == [third.id, second.id]


def test_submitted_contract_is_closed_until_it_is_withdrawn(store):
    one = entry()
    run(store, submit_contract, one)
    run(store, submit_contract, one)  # the same save again changes nothing
    assert whole(store, one.id).row.state == "in_review"
    with pytest.raises(UserError) as refused:
        run(store, draft_contract, entry(id=one.id, title="Another"))
    assert refused.value.code == "in_review"
    run(store, withdraw_contract, one.id)
    run(store, draft_contract, entry(id=one.id, title="Another"))
    run(store, submit_standing, one.id)
    assert (whole(store, one.id).row.state, whole(store, one.id).row.title) == (
        "in_review",
        "Another",
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"customer_id": ""}, "customer"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": None}, "ends_on"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
        ({"lines": ()}, "lines"),
        ({"lines": (LineEntry("l1", ""),)}, "lines.l1.volume"),
        ({"lines": (LineEntry("l1", "", volume=1),)}, "lines.l1.product"),
        ({"lines": (LineEntry("l1", PRODUCT, volume=10**9 + 1),)}, "lines.l1.volume"),
        ({"lines": (LineEntry("l1", PRODUCT, unit="x" * 21, volume=1),)}, "lines.l1.unit"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_stored(store, changed, field):
    one = entry(**changed)
    with pytest.raises(UserError) as refused:
        run(store, submit_contract, one)
    assert refused.value.field == field
    assert whole(store, one.id) is None
    assert queued(store) == []


def test_quality_agreement_needs_no_lines(store):
    one = entry(type="quality", lines=())
    run(store, submit_contract, one)
    assert whole(store, one.id).row.state == "in_review"


def test_copy_is_a_draft_of_its_own_without_number_and_term(store):
    one = entry()
    run(store, submit_contract, one)
    copy = whole(store, run(store, copy_contract, one.id))
    assert (copy.row.state, copy.row.no, copy.row.starts_on) == ("draft", "", None)
    assert [(line.product_id, line.volume, line.pack) for line in copy.lines] == [
        (PRODUCT, 12_000, "28 tabs")
    ]
    assert copy.lines[0].id != one.lines[0].id


def test_deleted_draft_is_gone_with_its_lines_and_undo_brings_all_back(store):
    one = entry()
    run(store, draft_contract, one)
    before = whole(store, one.id)
    kept = run(store, delete_contract, one.id)
    assert whole(store, one.id) is None
    assert queued(store) == []  # head office never heard of it
    run(store, restore_contract, kept)
    assert whole(store, one.id) == before


def test_only_a_draft_is_deleted(store):
    one = entry()
    run(store, submit_contract, one)
    with pytest.raises(UserError):
        run(store, delete_contract, one.id)
    assert whole(store, one.id) is not None


def test_list_is_filtered_and_counted_and_drafts_of_others_are_theirs(store):
    mine, sent = entry(), entry(customer_id=MARY, title="Supply")
    run(store, draft_contract, mine)
    run(store, submit_contract, sent)
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "INSERT INTO contract(id, _rev, _b, customer_id, owner_id, title, state, ends_on) VALUES"
            f"('o1', 1, 'acct:{MARY}', '{MARY}', 'another', 'Theirs', 'draft', NULL),"
            f"('o2', 1, 'acct:{MARY}', '{MARY}', 'another', 'Active', 'active', '2027-01-01'),"
            f"('o3', 1, 'acct:{MARY}', '{MARY}', 'another', 'Ended', 'expired', '2025-01-01');"
        ),
    )

    def ids(**wanted):
        filter_ = ContractFilter(user_id=KAM.user_id, **wanted)
        counts = store.read(lambda reader: count_contracts(reader, filter_))
        rows = store.read(lambda reader: list_contracts(reader, filter_, offset=0, limit=10))
        assert sum(counts.values()) == len(rows)
        return [row.id for row in rows]

    assert ids() == [mine.id, sent.id, "o2"]
    assert ids(state="over") == ["o3"]
    assert ids(state="in_review") == [sent.id]
    assert ids(owner_id="another") == ["o2"]
    assert ids(typed="hd-1") == [mine.id, sent.id]
    assert ids(typed="entresto") == [mine.id, sent.id]
    assert ids(typed="smh") == [sent.id, "o2"]
    theirs = store.read(lambda reader: contracts_of(reader, user_id="rep", customer_id=MARY))
    assert [row.id for row in theirs] == [sent.id, "o2", "o3"]
