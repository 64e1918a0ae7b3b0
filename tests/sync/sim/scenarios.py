"""Stories that chance hardly ever tells, written out: one for each of the rare mistakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from kamdesk.db.queries.issues import open_issues
from kamdesk.db.records import Person
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts
from kamdesk.services.customers import change_customer
from kamdesk.sync import planner
from kamdesk.sync.protocol import SyncRequest
from tests.sync.sim import people
from tests.sync.sim.network import Fault
from tests.sync.sim.secrets import MARK
from tests.sync.sim.stores import standing
from tests.sync.sim.storing import InMemory
from tests.sync.sim.template import CREWS
from tests.sync.sim.world import Laptop, Sim, playing


def _edit(sim: Sim, record_id: str, **values: object) -> None:
    kind = "customer" if record_id in sim.place.customers else "person"
    with sim.at(timedelta()), sim.store.write("office") as writer:
        row = writer.get(kind, record_id)
        assert row is not None
        writer.put(kind, record_id, {**row.document, **values})


def _phone(sim: Sim, laptop: Laptop, value: str) -> None:
    sim.do(laptop, lambda work: change_customer(work, sim.place.customers[0], {"phone": value}))


def result_of_a_record_out_of_scope(sim: Sim) -> None:
    """A record moves to a customer whom the user sees only between the push and the pull of one request."""
    ann = sim.laptops[0]
    person = new_id()
    sim.do(ann, lambda work: work.add(
        Person(id=person, customer_id=sim.place.customers[0], name="~name.", status="active")
    ))  # fmt: skip
    sim.sync(ann)
    sim.do(ann, lambda work: setattr(work.require(Person, person), "title", "~title."))
    south = sim.place.customers[-1]
    accounts.assign(sim.store, "ann", [sim.place.north, sim.place.south])
    _edit(sim, person, customer_id=south)
    reads = iter(range(9))

    def before_read() -> None:
        if next(reads, 9) == 1:  # the token, and now the snapshot of the pull
            accounts.assign(sim.store, "ann", [sim.place.north])

    sim.store.before_read = before_read
    sim.sync(ann)


def restore_under_a_half_read_feed(sim: Sim) -> None:
    """A device has read half of the news; the half it missed is older in the restored database."""
    ann = sim.laptops[0]
    first, second, third = sim.place.customers[:3]
    sim.sync(ann)
    _edit(sim, third, phone="~early.")
    sim.back_up()
    _edit(sim, first, phone="~one.")
    _edit(sim, second, phone="~two.")
    _edit(sim, third, email="~late.")
    planner.ROWS_AT_ONCE, before = 1, planner.ROWS_AT_ONCE
    ann.line.faults = [(Fault.NONE, 0), (Fault.NO_LINE, 0)]
    sim.sync(ann)
    planner.ROWS_AT_ONCE = before
    sim.restore(*sim.backups[0])
    for number in range(2):
        _edit(sim, sim.place.customers[-1], phone=f"~other{number}.")


def late_request_decided_anew(sim: Sim) -> None:
    """After a restore a request of before arrives late, and is decided differently this time."""
    ann = sim.laptops[0]
    sim.sync(ann)
    sim.back_up()
    _phone(sim, ann, "~mine.")
    sim.sync(ann)
    sim.restore(*sim.backups[0])
    _edit(sim, sim.place.customers[0], phone="~theirs.")
    _late_push(sim, ann)


def late_request_prunes(sim: Sim) -> None:
    """As before, and then one arrives that had acknowledged the verdict of the other history."""
    ann = sim.laptops[0]
    sim.sync(ann)
    sim.back_up()
    _phone(sim, ann, "~mine.")
    sim.sync(ann)
    sim.restore(*sim.backups[0])
    _edit(sim, sim.place.customers[0], phone="~theirs.")
    _late_push(sim, ann)
    _late_ack(sim, ann)


def _late_push(sim: Sim, laptop: Laptop) -> None:
    for back, (_, _, body) in enumerate(reversed(laptop.line.late)):
        if b'"groups"' in body:
            sim.deliver_late(laptop, back)
            return
    raise AssertionError("nothing was handed in")


def _late_ack(sim: Sim, laptop: Laptop) -> None:
    """Deliver a request that acknowledges, on a head that both histories have."""
    path, access, body = laptop.line.late[-1]
    first = msgspec.json.decode(laptop.line.late[1][2], type=SyncRequest)
    late = msgspec.json.decode(body, type=SyncRequest)
    late.seen, late.ack, late.groups = first.seen, 1, []
    with sim.at(timedelta()):
        sim.office.handle(path, access, msgspec.json.encode(late))


def unnoticed_refusal(sim: Sim) -> None:
    """A verdict that changed no record is lost by a restore, and made anew with another outcome."""
    ann = sim.laptops[0]
    sim.sync(ann)
    _phone(sim, ann, "~same.")
    _edit(sim, sim.place.customers[0], phone="~same.")
    sim.back_up()
    sim.sync(ann)
    sim.restore(*sim.backups[0])
    _edit(sim, sim.place.customers[0], phone="~theirs.")
    _late_push(sim, ann)


def price_after_the_right_is_gone(sim: Sim) -> None:
    """A manager works for quality from now on; his laptop, which does not know it yet, asks for prices."""
    kim = sim.laptops[0]
    sim.sync(kim)
    accounts.set_role(sim.store, "kim", "QA")
    [(kind, record_id), *_] = standing(sim.store, "contract_line_price")
    with sim.at(timedelta()), sim.store.write("office") as writer:
        row = writer.get(kind, record_id)
        assert row is not None
        writer.put(kind, record_id, {**row.document, "net_price": f"77{MARK}"})
    sim.sync(kim)


def news_under_what_was_just_typed(sim: Sim) -> None:
    """A person changes a place while the answer is on its way that brings what head office made of it."""
    ann, customer = sim.laptops[0], sim.place.customers[0]
    sim.sync(ann)
    _edit(sim, customer, city="~theirs.")
    typed = iter(["~mine."])

    def in_flight() -> None:
        for city in typed:
            sim.do(ann, lambda work: change_customer(work, customer, {"city": city}))  # noqa: B023  # at once

    ann.line._in_flight = in_flight
    sim.sync(ann)


def _clash(sim: Sim) -> Laptop:
    """Let a customer's phone be changed on both sides, and the one laptop hear of it."""
    ann, customer = sim.laptops[0], sim.place.customers[0]
    sim.sync(ann)
    _phone(sim, ann, "~mine.")
    _edit(sim, customer, phone="~theirs.")
    sim.sync(ann)
    return ann


def _settle(sim: Sim, laptop: Laptop, how: int) -> None:
    """Let the user settle it: 0 mine, 1 head office's; a settled one is taken up again."""
    hand = people.Hand(0, how, 0, sim.fresh, sim.place, laptop.actor)
    sim.do(laptop, lambda work: people.settle(work, hand))


def card_that_is_out_of_date(sim: Sim) -> None:
    """Head office changes the field once more while the user looks at the card."""
    ann = _clash(sim)
    [seen] = ann.database.read(open_issues)
    _edit(sim, sim.place.customers[0], phone="~later.")
    sim.sync(ann)
    sim.do(ann, lambda work: people.settle_as_seen(work, seen))


def settled_and_taken_up_again(sim: Sim) -> None:
    """The user keeps his own, thinks better of it, and has head office's."""
    ann = _clash(sim)
    for _ in range(2):  # settled, taken up again
        _settle(sim, ann, 0)
    sim.sync(ann)
    _settle(sim, ann, 1)


def _change(sim: Sim, laptop: Laptop, **values: str) -> None:
    customer = sim.place.customers[0]
    sim.do(laptop, lambda work: change_customer(work, customer, values))


def conflict_settled_against_its_author(sim: Sim) -> None:
    """Ann's value meets Kim's, who is shown it and keeps his own."""
    ann, kim = sim.laptops
    for laptop, value in ((ann, "~anns."), (kim, "~kims.")):
        sim.sync(laptop)
        _change(sim, laptop, phone=value)
    for laptop in (ann, kim):
        sim.sync(laptop)
    _settle(sim, kim, 0)


def notice_under_a_number_of_before(sim: Sim) -> None:
    """Ann was told everything up to a number that head office, restored, gives to the change that overwrites her."""
    ann, kim = sim.laptops
    for laptop, value in ((ann, "~anns."), (kim, "~kims.")):
        sim.sync(laptop)
        _change(sim, laptop, email=value)
    sim.sync(ann)
    backup = sim.back_up()
    for n in range(5):
        _edit(sim, sim.place.customers[1], website=f"~{n}x.")
    sim.sync(ann)
    sim.restore(*backup)
    sim.sync(kim)


SCENARIOS: dict[str, Callable[[Sim], None]] = {
    "results ignore the scope": result_of_a_record_out_of_scope,
    "history checked by the cursor": restore_under_a_half_read_feed,
    "stored results left out of the reset": late_request_decided_anew,
    "results pruned by ack alone": late_request_prunes,
    "refusals take no number": unnoticed_refusal,
    "prices told to every role": price_after_the_right_is_gone,
    "rebase rewrites what the user saw": news_under_what_was_just_typed,
    "a card overwrites what it did not show": card_that_is_out_of_date,
    "what is settled for head office is marked alone": settled_and_taken_up_again,
    "who loses a conflict is not told": conflict_settled_against_its_author,
    "notices go on from where they were after a restore": notice_under_a_number_of_before,
}
_CREW_OF = {"prices told to every role": CREWS.index(("kim", "kim", "ann"))}


def play(name: str) -> None:
    """Play one story to its end and check all invariants."""
    with playing(_CREW_OF.get(name, 0), InMemory()) as sim:
        SCENARIOS[name](sim)
        sim.settle()
