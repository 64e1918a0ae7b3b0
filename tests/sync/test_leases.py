"""The lease on prices, from head office to the key store and back; and what head office has deleted (H16 to H19)."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import timedelta
from pathlib import Path

import keyring
import pytest

from kamdesk import doorkeeper
from kamdesk.db import open_store
from kamdesk.db.queries.prices import prices_of
from kamdesk.db.renewal import Renewal
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link, SignIn
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.domain.roles import Actor, Role
from kamdesk.doorkeeper import Profiles
from kamdesk.headoffice import accounts, audit, cli, devices, feed, health, leases, rescues, upkeep
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.security import keystore, oskeys
from kamdesk.security.oskeys import KeyringProblem
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.probe import KeyringState
from kamdesk.services import contracts, disclosures
from kamdesk.services.contracts import ContractEntry, LineEntry
from kamdesk.services.prices import set_prices
from kamdesk.services.tasks import add_task
from kamdesk.sync import enrol, intake, parting
from kamdesk.sync.engine import Engine
from kamdesk.sync.leases import Leaseholder, Leaving, keep_first, must_mask
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import Lease
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.sync.test_reconcile import restore
from tests.sync.world import Laptop, World, until
from tests.ui.played_keyring import PlayedKeyring

PASSPHRASE, PRICES = "a long enough passphrase", "prices are shut behind this"
NET = Price(281474976, "CNY")


class Times:
    """A clock on the wall and one that only runs on, moved by the test."""

    def __init__(self) -> None:
        self.wall, self.ran = clock.now(), 0.0

    def __call__(self):
        return self.wall

    def sleep(self, **how) -> None:
        """Let time pass with the program closed or the computer asleep."""
        self.wall += timedelta(**how)


@pytest.fixture
def times():
    one = Times()
    with clock.frozen(one):
        yield one


class Kim(Laptop):
    """The computer of a KAM, with the real key store, lock and lease."""

    def __init__(self, world: World, times: Times | None = None, *, by_keyring: bool = False):
        enrolled = enrol.enrol(SignIn(world.url, "kim", PASSWORD, device_name="laptop"))
        who, welcome = enrolled.profile, enrolled.welcome
        self.folder = world.folder / "data" / "profiles" / f"kim{len(world.laptops)}"
        self.folder.mkdir(parents=True)
        make = keystore.create_with_keyring if by_keyring else keystore.create_with_passphrase
        self.keys = make(self.folder, self.folder.name, *([] if by_keyring else [PASSPHRASE]))
        database = open_store.create(
            self.folder, self.keys, Actor(who.user_id, Role(who.role), who.name)
        )
        database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
        keep_first(
            self.keys, welcome.server_key, welcome.server_id, welcome.device_id, welcome.lease
        )
        self.device, self.told = welcome.device_id, []
        self.times = times
        super().__init__(database, Transport(enrolled.server), who.user_id)
        world.laptops.append(self)
        self.start()

    def start(self) -> None:
        """Start the parts of the program again, over the same store and keys."""
        ran = (lambda: self.times.ran) if self.times else (lambda: 0.0)
        self.holder = Leaseholder(
            self.database, self.keys, lambda error: self.told.append(error.code), monotonic=ran
        )
        self.holder.look()
        self.database.prices = PriceLock(self.keys, is_allowed=not self.holder.is_withdrawn)
        self.engine = Engine(self.database, self.transport, leases=self.holder)

    def open(self) -> Kim:
        self.database.prices.open(PRICES)
        return self

    def line(self, customer: str) -> str:
        """Draft a contract with one priced line; return the line."""
        line = new_id()
        entry = ContractEntry(
            id=new_id(), customer_id=customer, title="Insulin 2027",
            lines=(LineEntry(id=line, product_id=new_id(), volume=10),),
        )  # fmt: skip

        def both(work):
            contracts.draft_contract(work, entry)
            set_prices(work, line_id=line, customer_id=customer, prices=LinePrices(net=NET))

        self.do(both)
        return line

    def price(self, line: str):
        found = self.database.read(
            lambda reader: prices_of(reader, self.database.prices, [line])
        ).get(line)
        return found and found.net

    @property
    def state(self) -> PriceState:
        return self.database.prices.state


def tasks_of(laptop: Laptop, *titles: str) -> None:
    for title in titles:
        laptop.do(lambda work, title=title: add_task(work, title=title, due_on=None))


@pytest.fixture
def customer(world):
    return world.customer("Huashan")


def test_h16_a_lease_that_ends_shuts_prices_and_nothing_else(world, customer, times):
    kim = Kim(world, times).open().sync()
    line = kim.line(customer)
    world.cut()
    times.sleep(days=15)
    kim.holder.look()
    assert kim.state is PriceState.LOCKED
    assert kim.told == ["LEASE_ENDED"]
    with pytest.raises(UserError) as shut:
        kim.open()
    assert shut.value.code == "LEASE_ENDED"
    tasks_of(kim, "call back")
    assert kim.value("SELECT count(*) FROM task") == 1
    world.connect()
    kim.sync()
    assert kim.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 3  # what has prices
    kim.open()
    assert kim.price(line) == NET
    kim.sync()
    assert world.document("contract_line_price", line)["net_price"] == "281474976 CNY"
    assert kim.issues == []


def test_h16_a_wrong_passphrase_is_told_apart_from_a_lease_that_ended(world, times):
    kim = Kim(world, times).open().sync()
    kim.database.prices.lock()
    with pytest.raises(UserError) as wrong:
        kim.database.prices.open("something else entirely")
    assert wrong.value.code == "WRONG_PASSPHRASE"


def test_h16_the_end_of_the_lease_is_mathematics(world, times, tmp_path, monkeypatch):
    """Neither the folder from before nor the passphrase opens prices: the share is in neither."""
    played = PlayedKeyring(tmp_path / "ring.json")
    name = oskeys.name_of(played)
    monkeypatch.setattr(oskeys, "TRUSTED_BACKENDS", oskeys.TRUSTED_BACKENDS | {name})
    before = keyring.get_keyring()
    keyring.set_keyring(played)
    try:
        kim = Kim(world, times, by_keyring=True).open().sync()
        old = tmp_path / "old"
        shutil.copytree(kim.folder, old)
        kim.database.prices.lock()
        assert any("/lease/" in entry for entry in played._entries())
        times.sleep(days=15)
        kim.holder.look()
        assert not any("/lease/" in entry for entry in played._entries())
        times.sleep(days=-15)
        copied = keystore.read_keystore(old).open_with_keyring(played)
        assert copied.lease.has_share  # it believes so, and is wrong
        with pytest.raises(UserError) as shut:
            copied.open_price_keys(PRICES)
        assert shut.value.code == "LEASE_ENDED"
    finally:
        keyring.set_keyring(before)


def test_h16_warnings_come_at_72_and_at_24_hours_once_each(world, times):
    kim = Kim(world, times).open().sync()
    hours = []
    kim.holder._tell = lambda error: hours.append((error.code, error.params.get("hours")))
    for _ in range(14 * 24 - 1):
        times.sleep(hours=1)
        times.ran += 3600
        kim.holder.look()
    assert hours == [("LEASE_ENDS", 72), ("LEASE_ENDS", 24)]
    times.sleep(hours=2)
    kim.holder.look()
    assert hours[-1] == ("LEASE_ENDED", None)


def test_h17_a_clock_set_back_gives_no_time(world, times):
    kim = Kim(world, times).open().sync()
    times.sleep(days=13)
    kim.holder.look()
    assert kim.state is PriceState.OPEN
    times.sleep(days=-30)
    kim.holder.look()
    assert kim.state is PriceState.OPEN
    assert kim.told[-1] == "CLOCK_BACK"
    times.ran += 25 * 3600  # the program runs on, whatever the clock shows
    kim.holder.look()
    assert kim.state is PriceState.LOCKED


def test_h17_nor_does_one_that_is_set_back_while_the_program_is_closed(world, times):
    kim = Kim(world, times).open().sync()
    times.sleep(days=13, hours=23)
    kim.holder.stop()
    times.sleep(days=-13)
    kim.start()
    times.ran += 2 * 3600
    kim.holder.look()
    assert kim.holder.held == 0


def test_h17_a_clock_that_is_ahead_burns_no_lease_once_head_office_was_seen(
    world, times, monkeypatch
):
    kim = Kim(world, times).open().sync()
    with clock.frozen(lambda: times.wall + timedelta(days=30)):
        kim.holder.look()
        assert kim.state is PriceState.LOCKED
        greet, lease = feed.greet, leases.lease

        def at_head_office(connection, caller, answer):
            greet(connection, caller, answer)
            answer.now = clock.stamp(times.wall)

        def lease_of(*args, **how):
            with clock.frozen(times):
                return lease(*args, **how)

        monkeypatch.setattr(feed, "greet", at_head_office)
        monkeypatch.setattr(leases, "lease", lease_of)
        kim.sync()
        kim.holder.look()
        assert kim.open().state is PriceState.OPEN
    kim.holder.look()  # and right again: frozen at the mark, not ended
    assert kim.state is PriceState.OPEN


@pytest.mark.parametrize("how", ["signature", "device", "share_id", "expires", "older"])
def test_h19_a_lease_that_is_not_ours_is_refused(world, times, monkeypatch, how):
    kim = Kim(world, times).open().sync()
    before = kim.keys.lease
    real = leases.lease

    def forged(store: Store, device_id: str, *, held: int) -> Lease:
        times.sleep(days=3)
        if how == "device":
            return real(store, new_id(), held=held)
        made = real(store, device_id, held=held)
        if how == "signature":
            made.signature = base64.b64encode(bytes(64)).decode()
        elif how == "share_id":
            made.share_id += 1
        elif how == "expires":
            made.expires = clock.stamp(times.wall + timedelta(days=900))
        elif how == "older":
            made.share_id = before.share_id - 1
            message = leases.lease_message(store.server_id, device_id, made)
            made.signature = base64.b64encode(store.sign(message)).decode()
        return made

    monkeypatch.setattr(leases, "lease", forged)
    kim.sync()
    assert kim.keys.lease == before
    assert kim.state is PriceState.OPEN


def test_head_office_decides_for_a_role_that_open_prices_are_dots_until_held(
    world, customer, times
):
    kim = Kim(world, times).open().sync()
    assert not kim.database.prices.must_mask
    heard = []
    kim.database.prices.watch(heard.append)
    with pytest.raises(UserError):
        leases.set_masked_roles(world.store, ["REP"])  # who sees no price
    leases.set_masked_roles(world.store, ["RM", "KAM"])
    kim.sync()
    assert kim.database.prices.must_mask
    assert PriceState.OPEN in heard
    assert kim.database.read(must_mask)  # also before head office is reached the next time
    leases.set_masked_roles(world.store, ["RM"])
    kim.sync()
    assert not kim.database.prices.must_mask
    assert not kim.database.read(must_mask)


def test_h18_prices_taken_back_leave_with_their_keys_and_come_again(world, customer, times):
    kim = Kim(world, times).open().sync()
    line = kim.line(customer)
    kim.sync()
    late = kim.line(customer)
    leases.give_order(world.store, kim.device, "prices")
    tasks_of(kim, "stays")
    kim.sync()
    assert kim.state is PriceState.ABSENT
    assert kim.keys.price_unlock is None
    assert kim.holder.held == 0
    assert kim.value("SELECT count(*) FROM contract_line_price") == 0
    # What could be handed in was, and nothing else is gone
    assert world.document("contract_line_price", late)["net_price"] == "281474976 CNY"
    assert kim.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    assert kim.value("SELECT count(*) FROM task") == 1
    assert kim.value("SELECT count(*) FROM contract_line") == 2
    kim.start()
    kim.sync()
    assert kim.state is PriceState.ABSENT
    assert kim.told == ["PRICES_WITHDRAWN"]
    leases.lift_order(world.store, kim.device)
    kim.sync()
    assert kim.database.prices.is_new
    kim.open().sync()
    assert kim.price(line) == kim.price(late) == NET


def test_h18_prices_leave_in_short_transactions_and_a_program_that_is_killed_goes_on(
    world, customer, times, monkeypatch
):
    kim = Kim(world, times).open().sync()
    for _ in range(12):
        kim.line(customer)
    kim.sync()
    monkeypatch.setattr(intake, "FEWEST_ROWS", 3)
    monkeypatch.setattr(intake, "MOST_ROWS", 3)
    left = []

    def stopped():
        here = kim.value("SELECT count(*) FROM contract_line_price")
        if not left or here != left[-1]:
            left.append(here)
        return here == 6

    kim.engine._intake._fitting, kim.engine._intake._stopped = 3, stopped
    leases.give_order(world.store, kim.device, "prices")
    with pytest.raises(intake.Stopped):
        kim.engine.reconcile()
    assert left == [12, 9, 6]
    assert kim.keys.price_unlock is None
    kim.start()  # killed there: what is left is shut, and goes before anything else comes
    assert kim.holder.is_withdrawn
    assert kim.state is PriceState.ABSENT
    kim.sync()
    assert kim.value("SELECT count(*) FROM contract_line_price") == 0
    assert kim.value("SELECT count(*) FROM contract_line") == 12
    leases.lift_order(world.store, kim.device)
    kim.sync()
    kim.open().sync()
    assert kim.value("SELECT count(*) FROM contract_line_price") == 12


def test_h18_a_price_that_is_locked_when_prices_are_taken_back_is_listed(world, customer, times):
    kim = Kim(world, times).open().sync()
    kim.line(customer)
    kim.database.prices.lock()
    leases.give_order(world.store, kim.device, "prices")
    kim.sync()
    assert {(one.kind, one.code) for one in kim.issues} >= {
        ("contract_line_price", "prices_withdrawn")
    }
    assert "Insulin 2027" in {one.title for one in kim.issues}


def test_h18_a_device_that_is_told_to_delete_prices_cannot_ask_for_one(world, customer, times):
    kim = Kim(world, times).open().sync()
    line = kim.line(customer)
    kim.sync()
    leases.give_order(world.store, kim.device, "prices")
    kim.engine._leases = None  # a program that does not listen
    kim.do(
        lambda work: set_prices(
            work, line_id=line, customer_id=customer, prices=LinePrices(net=Price(1, "CNY"))
        )
    )
    world.edit("contract_line_price", line, net_price="918273645 CNY")
    bodies = []
    real = kim.transport._send

    def send(*args, **how):
        status, body = real(*args, **how)
        bodies.append(body)
        return status, body

    kim.transport._send = send
    kim.sync()
    assert bodies
    assert not any(b"918273645" in body or b"281474976" in body for body in bodies)


# ---- wipe ------------------------------------------------------------------------------------------------


def part(kim: Kim):
    """Reconcile until head office has everything deleted; return what became of the work."""
    with pytest.raises(Leaving) as leaving:
        kim.engine.reconcile()
    return parting.part(kim.database, kim.keys, kim.transport, kim.engine.access, leaving.value)


def test_h18_a_wipe_first_hands_in_what_can_be(world, times, customer):
    kim = Kim(world, times).open().sync()
    tasks_of(kim, *(f"task {n}" for n in range(49)))
    line = kim.line(customer)
    leases.give_order(world.store, kim.device, "wipe")
    farewell = part(kim)
    assert (farewell.changes, farewell.lost, farewell.file) == (0, (), "")
    assert world.document("contract_line_price", line)["net_price"] == "281474976 CNY"
    with world.store.read() as connection:
        count = connection.exec_driver_sql(
            "SELECT count(*) FROM sync_row WHERE by_device = ?", (kim.device,)
        ).scalar()
    assert count == 49 + 3
    assert kim.keys.is_erased
    assert rescues.listed(world.store) == []
    kim.keys.set_high_water(10**6)  # whoever still looks after the store brings nothing back
    assert not list(kim.folder.glob("keystore.*"))


def test_h18_what_is_not_taken_any_more_is_sealed_to_head_office(world, times, customer, capsys):
    """A user who left: the rescue holds all 50, opens with head office's key alone, and is handed in once."""
    kim = Kim(world, times).open().sync()
    tasks_of(kim, *(f"task {n}" for n in range(47)))
    line = kim.line(customer)
    accounts.disable_user(world.store, "kim")
    leases.give_order(world.store, kim.device, "wipe")
    farewell = part(kim)
    assert (farewell.changes, farewell.lost, farewell.file) == (50, (), "")
    assert not list((world.folder / "data").rglob("*.kdr"))
    [kept] = rescues.listed(world.store)
    assert (kept.login, kept.device) == ("kim", kim.device)
    other = Store.open(world.folder / "other.db", company="Other")
    with world.store.read() as connection:
        body = bytes(connection.exec_driver_sql("SELECT body FROM rescue").scalar_one())
    assert b"task 1" not in body
    assert other.seals.opened_parcel(kim.device, body) is None
    assert world.store.seals.opened_parcel(new_id(), body) is None
    other.close()
    assert cli.main(["--database", world.file, "rescue", "read", kept.id]) == 0
    left = json.loads(capsys.readouterr().out)
    assert sum(len(group["ops"]) for group in left["groups"]) == 50
    assert cli.main(["--database", world.file, "rescue", "apply", kept.id]) == 1
    accounts.enable_user(world.store, "kim")
    assert cli.main(["--database", world.file, "rescue", "apply", kept.id]) == 0
    assert capsys.readouterr().out == "50 applied\n"
    assert world.document("contract_line_price", line)["net_price"] == "281474976 CNY"
    assert cli.main(["--database", world.file, "rescue", "apply", kept.id]) == 0  # twice is once
    with world.store.read() as connection:
        tasks = "SELECT count(*) FROM sync_row WHERE by_device = ?"
        assert connection.exec_driver_sql(tasks, (kim.device,)).scalar() == 50


def test_h18_what_is_locked_is_listed(world, times, customer):
    kim = Kim(world, times).open().sync()
    kim.line(customer)
    tasks_of(kim, "handed in")
    kim.database.prices.lock()
    leases.give_order(world.store, kim.device, "wipe")
    farewell = part(kim)
    assert [kind for kind, _, _ in farewell.lost] == [
        "contract", "contract_line", "contract_line_price",
    ]  # fmt: skip
    assert farewell.lost[0][1] == "Insulin 2027"
    [kept] = rescues.listed(world.store)
    left = rescues.read(world.store, kept.id)
    assert [one.title for one in left.lost][:1] == ["Insulin 2027"]
    contract, line, price = left.lost
    assert contract.fields["title"] == "Insulin 2027"
    assert line.fields["contract_id"] == contract.record
    assert set(price.fields) == {"customer_id", "line_id"}, "never an envelope that nobody opens"


def test_h18_a_file_that_cannot_be_sent_stays_and_is_read_at_head_office(world, times):
    kim = Kim(world, times).sync()
    tasks_of(kim, "one", "two")
    accounts.disable_user(world.store, "kim")
    leases.give_order(world.store, kim.device, "wipe")
    with pytest.raises(Leaving) as leaving:
        kim.engine.reconcile()
    world.cut()
    farewell = parting.part(kim.database, kim.keys, kim.transport, kim.engine.access, leaving.value)
    accounts.enable_user(world.store, "kim")
    assert kim.keys.is_erased
    file = Path(farewell.file)
    assert file.name == f"rescue-{kim.device}.kdr"
    assert b"one" not in file.read_bytes()
    assert rescues.apply(world.store, str(file)) == {"applied": 2}


def test_what_was_left_is_handed_in_at_a_head_office_that_was_restored_since(
    world, times, tmp_path
):
    kim = Kim(world, times).sync()
    tasks_of(kim, "in the backup")
    kim.sync()
    upkeep.back_up(world.store, tmp_path / "copy.db")
    tasks_of(kim, "lost with the history")
    kim.sync()
    tasks_of(kim, "one", "two")
    accounts.disable_user(world.store, "kim")
    leases.give_order(world.store, kim.device, "wipe")
    with pytest.raises(Leaving) as leaving:
        kim.engine.reconcile()
    world.cut()
    farewell = parting.part(kim.database, kim.keys, kim.transport, kim.engine.access, leaving.value)
    restore(world, tmp_path / "copy.db")
    for _ in range(2):  # twice is once
        assert rescues.apply(world.store, farewell.file) == {"applied": 2}
    told = world.laptop("kim").sync().rows("SELECT title FROM task ORDER BY title")
    assert told == [("in the backup",), ("one",), ("two",)]


def test_what_was_sent_and_waits_for_the_key_leaves_a_gap_that_holds_up_nothing(
    world, times, customer, monkeypatch
):
    """Numbered, and its answer lost; then prices were locked: it cannot be left, and others can."""
    kim = Kim(world, times).open().sync()
    tasks_of(kim, "before")
    kim.line(customer)
    tasks_of(kim, "after")
    sync = kim.transport.sync

    def lost(access, request):
        raise Unreachable("timeout")

    monkeypatch.setattr(kim.transport, "sync", lost)
    with pytest.raises(Unreachable):
        kim.engine.reconcile()
    monkeypatch.setattr(kim.transport, "sync", sync)
    kim.database.prices.lock()
    accounts.disable_user(world.store, "kim")
    leases.give_order(world.store, kim.device, "wipe")
    part(kim)
    accounts.enable_user(world.store, "kim")
    [kept] = rescues.listed(world.store)
    for _ in range(2):
        assert rescues.apply(world.store, kept.id) == {"applied": 2}
    told = world.laptop("kim").sync().rows("SELECT title FROM task ORDER BY title")
    assert told == [("after",), ("before",)]


def test_many_actions_of_several_changes_are_handed_in_in_portions(world, times):
    kim = Kim(world, times).sync()
    for n in range(90):
        tasks_of_one = [f"{n}/{m}" for m in range(7)]
        kim.do(lambda work, some=tasks_of_one: [add_task(work, title=t, due_on=None) for t in some])
    accounts.disable_user(world.store, "kim")
    leases.give_order(world.store, kim.device, "wipe")
    farewell = part(kim)
    assert farewell.changes == 630
    accounts.enable_user(world.store, "kim")
    [kept] = rescues.listed(world.store)
    assert rescues.apply(world.store, kept.id) == {"applied": 630}


def test_an_order_that_head_office_did_not_sign_deletes_nothing(world, times, monkeypatch):
    kim = Kim(world, times).open().sync()
    leases.give_order(world.store, kim.device, "wipe")
    real = leases.order

    def forged(*args):
        made = real(*args)
        made.rescue_key = base64.b64encode(bytes(32)).decode()
        return made

    monkeypatch.setattr(leases, "order", forged)
    with pytest.raises(Unreachable) as problem:
        kim.sync()
    assert problem.value.code == "bad_receipt"
    assert not kim.keys.is_erased


def test_a_device_that_is_to_be_wiped_is_told_nothing_more(world, times):
    kim = Kim(world, times).sync()
    leases.give_order(world.store, kim.device, "wipe")
    world.customer("Ruijin")
    with pytest.raises(Leaving):
        kim.engine.reconcile()
    assert kim.value("SELECT count(*) FROM customer WHERE name = 'Ruijin'") == 0
    with pytest.raises(Exception, match="device_leaving"):
        kim.transport.listing(kim.engine.access, "ref")


def test_a_device_that_nobody_told_cannot_leave(world, times):
    kim = Kim(world, times).sync()
    with pytest.raises(Exception, match="not_leaving"):
        kim.transport.part(kim.engine.access, parting.Parting())


def test_keys_from_before_there_were_leases_are_bound_to_one(world, times):
    kim = Kim(world, times)
    kim.keys._write_both(
        keystore.keyfile.replace(kim.keys._file, lease=None)
    )  # as an older program left it
    kim.open()
    assert kim.keys._file.price_wrap == 1
    kim.sync()
    kim.database.prices.lock()
    kim.open()
    assert kim.keys._file.price_wrap == 2
    kim.database.prices.lock()
    kim.keys.drop_lease_share()
    with pytest.raises(UserError) as shut:
        kim.open()
    assert shut.value.code == "LEASE_ENDED"


def test_a_share_that_somebody_deleted_is_asked_for_again(world, times):
    kim = Kim(world, times).open().sync()
    kim.database.prices.lock()
    kim.keys._file = keystore.keyfile.replace(
        kim.keys._file,
        lease=keystore.keyfile.replace(kim.keys.lease, entry=None, wrapped=bytes(60)),
    )
    with pytest.raises(UserError):
        kim.open()
    assert kim.sync().open().state is PriceState.OPEN


def test_a_rep_gets_no_lease(world):
    welcome = enrol.enrol(SignIn(world.url, "ann", PASSWORD)).welcome
    assert welcome.lease is None


def test_a_computer_that_is_enrolled_anew_gets_its_prices_anew(world, customer, times):
    kim = Kim(world, times).open().sync()
    line = kim.line(customer)
    kim.sync()
    times.sleep(hours=1)
    with world.store.write("test") as writer:  # restored from before this computer was known
        for table in ("device_lease", "access_token", "refresh_token"):
            writer.connection.exec_driver_sql(f"DELETE FROM {table}")
        writer.connection.exec_driver_sql("DELETE FROM sync_device")
    devices_before = kim.device
    again = enrol.enrol(
        SignIn(world.url, "kim", PASSWORD),
        signing_key=base64.b64decode(kim.value("SELECT v FROM sync_state WHERE k = 'signing_key'")),
    )
    assert again.welcome.device_id != devices_before
    kim.database.transact(Origin.SYNC, lambda work: enrol.remember(work, again))
    kim.engine.access = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: kim.keys.lease.share_id + 100)
        kim.sync()
    kim.open().sync()
    assert kim.price(line) == NET


def test_the_days_of_a_lease_are_decided_at_head_office(world, times, capsys):
    kim = Kim(world, times).open().sync()
    assert cli.main(["--database", world.file, "lease-days", "3"]) == 0
    assert cli.main(["--database", world.file, "lease-days", "91"]) == 1
    kim.sync()
    times.sleep(days=3, minutes=1)
    kim.holder.look()
    assert kim.told == ["LEASE_ENDED"]


# ---- the whole program -------------------------------------------------------------------------------------


def test_a_profile_that_was_wiped_is_gone_when_it_closes(world, tmp_path, monkeypatch):
    state = KeyringState("fail", next(iter(KeyringProblem)))
    monkeypatch.setattr(doorkeeper, "probe_keyring", lambda **_: state)
    door = Profiles(tmp_path / "here")
    opened = door.enrol(SignIn(world.url, "kim", PASSWORD), PASSPHRASE)
    until(lambda: opened.connection.status().link is Link.ONLINE)
    [device] = [one.id for one in health.devices(world.store)]
    assert cli.main(["--database", world.file, "device", "wipe", device]) == 0
    opened.connection.reconcile_now()
    until(lambda: opened.connection.status().problem == "wiped")
    assert opened.connection.farewell() is not None
    folder = Path(opened.upkeep.folder)
    assert not (folder / "keystore.json").exists()
    opened.close()
    assert not folder.exists()
    assert door.profiles() == []
    with world.store.read() as connection:
        assert connection.exec_driver_sql("SELECT status FROM sync_device").scalar() == "wiped"


def test_what_is_left_of_a_wiped_profile_goes_at_the_next_start(tmp_path):
    folder = tmp_path / "profiles" / "one"
    (folder / "store").mkdir(parents=True)
    (folder / "store" / "g000001.kdb").write_bytes(b"x")
    (folder / parting.ENDED).write_bytes(b"")
    assert Profiles(tmp_path).profiles() == []
    assert not folder.exists()


def test_the_code_of_a_replaced_device_still_enrols(world):
    kim = Kim(world)
    code = devices.replace(world.store, kim.device)
    assert enrol.enrol(SignIn(world.url, code=code)).welcome.device_id != kim.device


def test_prices_that_left_the_program_are_on_record_at_head_office(world, customer, times):
    kim = Kim(world, times).open().sync()
    kim.line(customer)
    kim.sync()
    contract = kim.value("SELECT id FROM contract")
    world.cut()
    for what in ("copied", "exported", "printed"):
        kim.do(lambda work, what=what: disclosures.note(work, what, contract))
    world.connect()
    kim.sync()
    told = [one for one in audit.newest(world.store) if one.action.startswith("price.")]
    assert [(one.action, one.subject, one.actor) for one in reversed(told)] == [
        ("price.copied", contract, f"user:{kim.user_id}"),
        ("price.exported", contract, f"user:{kim.user_id}"),
        ("price.printed", contract, f"user:{kim.user_id}"),
    ]
    kim.sync()
    assert len([one for one in audit.newest(world.store) if one.action.startswith("price.")]) == 3


def test_a_rep_can_take_no_price_out(world):
    ann = world.laptop("ann").sync()
    with pytest.raises(UserError) as refused:
        ann.do(lambda work: disclosures.note(work, "copied", new_id()))
    assert refused.value.code == "PRICES_ABSENT"


@pytest.mark.parametrize("by_keyring", [True, False])
def test_head_office_has_a_price_key_replaced(world, customer, times, by_keyring, capsys):
    kim = Kim(world, times)
    kim.database.prices = PriceLock(kim.keys, policy="keyring" if by_keyring else "passphrase")
    kim.open().sync()
    line = kim.line(customer)
    kim.sync()
    renewal = Renewal(kim.database, kim.database.prices)
    renewal.start()
    until(lambda: renewal.made_at() is not None)
    assert cli.main(["--database", world.file, "device", "new-key", "nobody"]) == 1
    assert cli.main(["--database", world.file, "device", "new-key", kim.device]) == 0
    kim.sync()
    until(lambda: not renewal._thread.is_alive())
    made = 2 if by_keyring else 1  # with a passphrase, when that is at hand
    assert kim.database.prices.newest_key == made
    kim.database.prices.lock()
    kim.open()
    until(lambda: not renewal._thread.is_alive())
    assert kim.database.prices.newest_key == 2
    assert kim.price(line) == NET
    kim.sync()
    assert kim.sync().value("SELECT v FROM sync_state WHERE k = 'price_key_wanted'") == ""
    kim.database.prices.lock()
    kim.open()
    until(lambda: not renewal._thread.is_alive())
    assert kim.database.prices.newest_key == 2, "it was followed once"
    with world.store.read() as connection:
        told = connection.execute(text("SELECT action FROM audit_event")).scalars().all()
    assert {"device.price_key_wanted", "device.price_key_replaced"} <= set(told)
    renewal.stop()
