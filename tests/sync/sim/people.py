"""What people do at their laptops and at head office, chosen by numbers so that a step means the same again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kamdesk.db.describe import envelope_bytes
from kamdesk.db.queries.issues import IssueRow, issue
from kamdesk.db.records import (
    SPECS,
    Contract,
    ContractLine,
    Customer,
    Person,
    PromotionRequest,
    Task,
    Visit,
)
from kamdesk.db.work import Work
from kamdesk.domain import prices
from kamdesk.domain.ids import new_id
from kamdesk.domain.merge import same
from kamdesk.domain.money import Money
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.domain.roles import Level, may_read
from kamdesk.headoffice import accounts, imports
from kamdesk.services import contracts, customers, issues, promotions, tasks, visits
from kamdesk.services.people import NewPerson
from kamdesk.services.prices import remove_prices, set_prices
from tests.sync.sim.oracle import violated
from tests.sync.sim.secrets import MARK, clear
from tests.sync.sim.stores import standing

if TYPE_CHECKING:
    from kamdesk.domain.roles import Actor
    from tests.sync.sim.stores import SimStore
    from tests.sync.sim.template import Place

Act = Callable[[Work, "Hand"], object]
DAY = date(2026, 11, 20)
_TEXT_FIELDS = ("phone", "email", "website", "grade", "parent_name")


@dataclass(slots=True)
class Hand:
    """Three numbers of a step, and values that exist nowhere else."""

    a: int
    b: int
    c: int
    fresh: Callable[[], str]
    place: Place
    actor: Actor

    def one_of(self, found: list[Any]) -> Any:
        """Choose by the first number. Raises LookupError where there is nothing."""
        return sorted(found, key=lambda one: one if isinstance(one, str) else one.id)[
            self.a % len(found)
        ]


def _customer(work: Work, hand: Hand) -> Customer:
    if not (found := work.all(Customer)):
        raise LookupError
    return hand.one_of(found)  # type: ignore[no-any-return]


def _edit_customer(work: Work, hand: Hand) -> None:
    name = _TEXT_FIELDS[hand.b % len(_TEXT_FIELDS)]
    customers.change_customer(work, _customer(work, hand).id, {name: hand.fresh()})


def _edit_what_the_last_wins(work: Work, hand: Hand) -> None:
    """Change what is overwritten unseen, of a customer that others work on too."""
    name = ("email", "website")[hand.b % 2]
    customers.change_customer(work, hand.place.customers[0], {name: hand.fresh()})


def _edit_address(work: Work, hand: Hand) -> None:
    values = {"city": hand.fresh(), "province": hand.fresh()}
    if hand.b % 3 == 0:
        del values["city"]
    customers.change_customer(work, _customer(work, hand).id, values)


def _tag(work: Work, hand: Hand) -> None:
    customer = _customer(work, hand)
    tags = list(customer.tags or [])
    if tags and hand.b % 3 == 0:
        tags.pop(hand.c % len(tags))
    else:
        tags.append(hand.fresh())
    customers.change_customer(work, customer.id, {"tags": tags})


def _entry(work: Work, hand: Hand) -> visits.VisitEntry:
    people = (NewPerson(id=new_id(), name=hand.fresh(), department=hand.fresh()),)
    return visits.VisitEntry(
        id=new_id(), customer_id=_customer(work, hand).id, held_on=DAY, objective=hand.fresh(),
        outcome=hand.fresh(), next_step=hand.fresh(), new_people=people if hand.b % 2 else (),
    )  # fmt: skip


def _plan(work: Work, hand: Hand) -> None:
    visits.plan_visit(work, replace(_entry(work, hand), outcome="", next_step=""))


def _report(work: Work, hand: Hand) -> None:
    visits.report_visit(work, _entry(work, hand))


def _visit(work: Work, hand: Hand) -> Visit:
    if not (found := work.all(Visit)):
        raise LookupError
    return hand.one_of(found)  # type: ignore[no-any-return]


def _go_on_with_visit(work: Work, hand: Hand) -> None:
    visit = _visit(work, hand)
    entry = replace(_entry(work, hand), id=visit.id, customer_id=visit.customer_id)
    if visit.state == "planned":
        match hand.b % 5:
            case 0 | 1:
                visits.report_visit(work, entry)
            case 2:
                visits.miss_visit(
                    work, visit.id, reason=hand.fresh(), again=replace(entry, id=new_id())
                )
            case 3:
                visits.cancel_visit(work, visit.id, reason=hand.fresh())
            case _:
                visits.plan_visit(work, entry)
    elif visit.owner_id != hand.actor.user_id:
        work.intent(visit, "review")
    elif hand.b % 2:
        visits.submit_visit(work, visit.id)
    else:
        visits.amend_visit(work, visit.id, replace(entry, id=new_id()), reason=hand.fresh())


def _edit_person(work: Work, hand: Hand) -> None:
    if found := work.all(Person):
        person = hand.one_of(found)
        setattr(person, ("title", "phone", "department")[hand.b % 3], hand.fresh())


def _add_task(work: Work, hand: Hand) -> None:
    tasks.add_task(work, title=hand.fresh(), due_on=DAY)


def _edit_task(work: Work, hand: Hand) -> None:
    if found := work.all(Task):
        task = hand.one_of(found)
        if hand.b % 3 == 0:
            work.delete(task)
        elif hand.b % 3 == 1:
            tasks.drop_task(work, task.id)
        else:
            tasks.change_task(work, task.id, title=hand.fresh(), due_on=DAY, priority="high")


def _request(work: Work, hand: Hand) -> promotions.PromotionEntry:
    return promotions.PromotionEntry(
        id=new_id(), customer_id=_customer(work, hand).id, product_id=hand.place.product,
        planned_on=date(2028, 1, 1), objective=hand.fresh(), place=hand.fresh(),
        estimate=Money(100 + hand.c, "CNY"),
    )  # fmt: skip


def _ask(work: Work, hand: Hand) -> None:
    if hand.b % 3:
        promotions.submit_request(work, _request(work, hand))
    else:
        promotions.draft_request(work, _request(work, hand))


def _go_on_with_request(work: Work, hand: Hand) -> None:
    if not (found := work.all(PromotionRequest)):
        raise LookupError
    one = hand.one_of(found)
    if one.owner_id != hand.actor.user_id:
        if hand.b % 2:
            promotions.approve_request(work, one.id, seen=Money(one.estimate_minor, one.currency))
        else:
            promotions.return_request(work, one.id, reason=hand.fresh())
    elif one.state in {"draft", "returned"}:
        entry = replace(_request(work, hand), id=one.id, customer_id=one.customer_id)
        (promotions.submit_request if hand.b % 2 else promotions.draft_request)(work, entry)
    elif hand.b % 3 == 0:
        promotions.cancel_request(work, one.id, reason=hand.fresh())
    else:
        promotions.withdraw_request(work, one.id)


def _contract(work: Work, hand: Hand) -> Contract:
    if not (found := [one for one in work.all(Contract) if one.owner_id == hand.actor.user_id]):
        raise LookupError
    return hand.one_of(found)  # type: ignore[no-any-return]


def _prices(hand: Hand) -> LinePrices:
    values = [Price(Decimal(hand.fresh()[1:-1] + MARK.split()[0]), "CNY") for _ in range(2)]
    return LinePrices(net=values[0], list=values[1] if hand.b % 2 else None)


def _draft_contract(work: Work, hand: Hand) -> None:
    lines = tuple(
        contracts.LineEntry(
            id=new_id(), product_id=hand.place.product, volume=10, note=hand.fresh(),
            prices=_prices(hand) if may_read(hand.actor.role, Level.L3) and hand.b % 5 else None,
        )
        for _ in range(1 + hand.c % 2)
    )  # fmt: skip
    contracts.draft_contract(work, contracts.ContractEntry(
        id=new_id(), customer_id=_customer(work, hand).id, title=hand.fresh(), lines=lines
    ))  # fmt: skip


def _price_line(work: Work, hand: Hand) -> None:
    if not (found := work.all(ContractLine)):
        raise LookupError
    line = hand.one_of(found)
    if hand.b % 7 == 0:
        remove_prices(work, line_id=line.id)
    else:
        set_prices(work, line_id=line.id, customer_id=line.customer_id, prices=_prices(hand))


def _go_on_with_contract(work: Work, hand: Hand) -> None:
    contract = _contract(work, hand)
    if contract.state == "in_review":
        contracts.withdraw_contract(work, contract.id)
    elif hand.b % 4 == 0:
        contracts.delete_contract(work, contract.id)
    elif hand.b % 4 == 1:
        contracts.copy_contract(work, contract.id)
    else:
        contract.type, contract.starts_on, contract.ends_on = "sales", DAY, DAY.replace(year=2027)
        contracts.submit_standing(work, contract.id)


def settle(work: Work, hand: Hand) -> None:
    """Settle one conflict or refusal, or take a settled one up again."""
    found = work.reader.rows("SELECT id, state FROM sync_issue ORDER BY id")
    if not found:
        raise LookupError
    issue_id, state = found[hand.a % len(found)]
    if state != "open":
        issues.reopen(work, issue_id)
        return
    before = issue(work.reader, issue_id)
    assert before is not None
    if before.can_restore and hand.b % 3 == 0:
        issues.restore(work, issue_id)
        return
    stood = _stands(work, before)
    keep = (issues.keep_mine, issues.keep_theirs, issues.dismiss)[hand.b % 3]
    is_done = keep(work, issue_id)
    if keep is not issues.dismiss and before.fields:
        work.finish()
        _check_settled(
            work, before, stood, wants="" if not is_done else ("mine", "theirs")[hand.b % 3]
        )


def settle_as_seen(work: Work, card: IssueRow) -> None:
    """Keep mine on a card as it was when the user looked at it."""
    stood = _stands(work, card)
    is_done = issues.keep_mine(work, card.id, seen=card)
    work.finish()
    _check_settled(work, card, stood, wants="mine" if is_done else "")


def _stands(work: Work, one: IssueRow) -> dict[str, Any]:
    """Read what the fields that a card is about hold, prices as they are."""
    spec = SPECS[one.kind]
    names = [field.name for field in one.fields if field.name in spec.names]
    row = names and work.reader.row(
        f"SELECT {', '.join(names)} FROM {one.kind} WHERE id = ?", one.row_id
    )
    return {
        name: clear(one.kind, name, one.row_id, cell) if name in spec.sealed else cell
        for name, cell in zip(names, row or (), strict=False)
    }


def _check_settled(work: Work, card: IssueRow, stood: dict[str, Any], *, wants: str) -> None:
    """Look whether what was chosen stands, and nothing went that the card did not show."""
    stands = _stands(work, card)
    after = issue(work.reader, card.id)
    assert after is not None
    for field in card.fields:
        if field.name not in stands:
            continue
        mine, theirs = (
            clear(card.kind, field.name, card.row_id, envelope_bytes(value))
            if isinstance(value, str) and field.name in SPECS[card.kind].sealed
            else value
            for value in (field.mine, field.theirs)
        )
        if wants and not same(stands[field.name], mine if wants == "mine" else theirs):
            raise violated("C1", "what was settled does not stand:", card, stands)
        is_shown = same(stood[field.name], mine) or same(stood[field.name], theirs)
        if not is_shown and not same(stood[field.name], stands[field.name]):
            raise violated("C2", "the card did not show", stood, "before", card)
    if bool(wants) != (after.state != "open"):
        raise violated("C1", "asked and not told:", card, after)


ACTS: tuple[Act, ...] = (
    _edit_customer, _edit_customer, _edit_what_the_last_wins, _edit_address, _tag, _plan, _report,
    _go_on_with_visit, _go_on_with_visit, _edit_person, _add_task, _edit_task, _edit_task, _ask,
    _go_on_with_request, _go_on_with_request, settle,
    _draft_contract, _draft_contract, _price_line, _price_line, _price_line, _go_on_with_contract,
)  # fmt: skip


# ---- head office


def _office_edits(store: SimStore, hand: Hand) -> None:
    found = standing(store, "customer", "person", "task")
    kind, record_id = found[hand.a % len(found)]
    names = {"customer": _TEXT_FIELDS, "person": ("title", "phone"), "task": ("title",)}[kind]
    with store.write("office") as writer:
        row = writer.get(kind, record_id)
        assert row is not None
        writer.put(kind, record_id, {**row.document, names[hand.b % len(names)]: hand.fresh()})


def _office_deletes(store: SimStore, hand: Hand) -> None:
    found = standing(store, "person", "task", "visit", "promotion_request")
    if found:
        with store.write("office") as writer:
            writer.delete(*found[hand.a % len(found)])


def _office_moves(store: SimStore, hand: Hand) -> None:
    """Hand a customer to another territory."""
    found = standing(store, "customer")
    target = (hand.place.north, hand.place.south)[hand.b % 2]
    with store.write("office") as writer:
        accounts.move_customers(writer, [found[hand.a % len(found)][1]], target)


def _office_moves_row(store: SimStore, hand: Hand) -> None:
    """Put a record under another customer or user: it changes its bucket, and its customer perhaps too."""
    found = standing(store, "person", "visit", "task", "promotion_request")
    if not found:
        return
    kind, record_id = found[hand.a % len(found)]
    name = "assignee_id" if kind == "task" else "customer_id"
    targets = sorted(hand.place.users.values()) if kind == "task" else hand.place.customers
    with store.write("office") as writer:
        row = writer.get(kind, record_id)
        assert row is not None
        writer.put(kind, record_id, {**row.document, name: targets[hand.b % len(targets)]})


def _office_grants(store: SimStore, hand: Hand) -> None:
    login = sorted(hand.place.users)[hand.a % len(hand.place.users)]
    places = [[hand.place.north], [hand.place.south], [hand.place.north, hand.place.south], []]
    accounts.assign(store, login, places[hand.b % len(places)])


def _office_imports(store: SimStore, hand: Hand) -> None:
    known = [one for one in hand.place.customers if hand.b >> hand.place.customers.index(one) & 1]
    territory = (hand.place.north, hand.place.south)[hand.c % 2]
    documents = [
        {"id": one, "name": "Imported", "website": hand.fresh(), "territory_id": territory}
        for one in [*known, *(new_id() for _ in range(hand.c % 4))]
    ]
    imports.store_records(store, "customer", documents)


def _office_restores_record(store: SimStore, hand: Hand) -> None:
    """Give a deleted record back under its own id."""
    found = standing(store, "person", "task", gone=1)
    if found:
        kind, record_id = found[hand.a % len(found)]
        document: dict[str, object] = {
            "task": {
                "title": hand.fresh(),
                "state": "open",
                "assignee_id": min(hand.place.users.values()),
            },
            "person": {"name": hand.fresh(), "customer_id": hand.place.customers[0]},
        }.get(kind, {})
        if document:
            with store.write("office") as writer:
                writer.put(kind, record_id, document)


def _office_prices(store: SimStore, hand: Hand) -> None:
    found = standing(store, "contract_line_price")
    if found:
        with store.write("office") as writer:
            row = writer.get(*found[hand.a % len(found)])
            assert row is not None
            price = prices.to_wire(_prices(hand).net)
            writer.put("contract_line_price", row.id, {**row.document, "net_price": price})


def _office_gives_role(store: SimStore, hand: Hand) -> None:
    """Take the right to prices away, or give it."""
    login = sorted(hand.place.users)[hand.a % len(hand.place.users)]
    accounts.set_role(store, login, ("KAM", "REP", "KAM", "RM", "QA")[hand.b % 5])


OFFICE: tuple[Callable[[SimStore, Hand], None], ...] = (
    _office_edits, _office_edits, _office_edits, _office_deletes, _office_moves, _office_moves,
    _office_moves_row, _office_grants, _office_imports, _office_restores_record,
    _office_prices, _office_gives_role,
)  # fmt: skip
