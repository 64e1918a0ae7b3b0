"""Real programs over a real line that is cut, slow or lossy, and programs that are killed."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from kamdesk.domain.attachments import Content
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import blobs
from kamdesk.headoffice.store import Store
from kamdesk.services.visits import VisitEntry, plan_visit, report_visit
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.transport import Transport
from tests.sync.desk_process import carrier_of
from tests.sync.programs import Desktop, Served, reconciled
from tests.sync.proxy import Proxy, Where
from tests.sync.world import Laptop, World, until


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    one = Proxy(world._port)
    yield one
    one.close()


def behind(proxy: Proxy, laptop: Laptop) -> Laptop:
    """Put a laptop behind the proxy."""
    laptop.transport.close()
    laptop.transport = Transport(proxy.url)
    laptop.engine.transport = laptop.transport
    return laptop


def report(laptop: Laptop, customer: str, outcome: str) -> str:
    entry = VisitEntry(
        id=new_id(), customer_id=customer, held_on=date(2026, 11, 24), objective="Formulary",
        outcome=outcome, next_step="Send the summary",
    )  # fmt: skip
    return laptop.do(lambda work: report_visit(work, entry))


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize("way", ["up", "down"])
def test_h36_line_cut_anywhere_loses_nothing_and_doubles_nothing(world, proxy, way, where):
    customer = world.customer("Huashan")
    laptop = behind(proxy, world.laptop("ann").sync())
    visit = report(laptop, customer, "x" * 3000)
    proxy.cut = (way, where)
    try:
        laptop.sync()
    except Unreachable:
        laptop.sync()
    assert proxy.cuts == 1
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    assert laptop.value("SELECT _rev FROM visit WHERE id = ?", visit) == 1
    assert laptop.issues == []
    assert world.document("visit", visit)["outcome"] == "x" * 3000


def test_first_load_over_a_line_that_breaks_all_the_time_arrives_whole(world, proxy):
    ids = {world.customer(f"Hospital {number}") for number in range(60)}
    laptop = behind(proxy, world.laptop("ann"))
    proxy.loss = 0.1
    for _ in range(200):
        try:
            laptop.sync()
            break
        except Unreachable:
            continue
    assert {row[0] for row in laptop.rows("SELECT id FROM customer")} == ids


def test_modem_with_two_seconds_of_latency_is_enough_for_a_days_work(world, proxy):
    customer = world.customer("Huashan")
    laptop = behind(proxy, world.laptop("ann").sync())
    visits = [report(laptop, customer, f"Agreed {number}") for number in range(10)]
    proxy.seconds, proxy.bytes_per_second = 1.0, 7000.0
    laptop.sync()
    proxy.seconds = proxy.bytes_per_second = 0.0
    for number, visit in enumerate(visits):
        assert world.document("visit", visit)["outcome"] == f"Agreed {number}"


def test_programs_killed_at_random_lose_nothing_that_was_saved(world):
    laptop = world.laptop("ann").sync()
    with killed_at_random(world, laptop) as (again, saved):
        assert len(saved) > 10
        assert {row[0] for row in again.rows("SELECT id FROM task")} >= set(saved)
        assert again.value("SELECT count(*) FROM task WHERE _rev <> 1") == 0


def test_files_attached_by_programs_killed_at_random_are_at_head_office_in_the_end(world):
    customer = world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    visits = [
        laptop.do(lambda work: plan_visit(work, VisitEntry(
            new_id(), customer, held_on=date(2027, 11, 24), objective="Formulary"
        )))
        for _ in range(4)
    ]  # fmt: skip
    laptop.sync()
    with killed_at_random(world, laptop, *visits) as (again, saved):
        attached = {
            row[0]: Content(row[1], row[2])
            for row in again.rows("SELECT id, sha256, size FROM attachment")
        }
        assert len(saved) > 10
        assert attached.keys() >= set(saved)
        carrier = carrier_of(again.database, again.transport)
        stored = "SELECT count(*) FROM attachment WHERE upload_state = 'stored'"
        assert again.value(stored) < len(attached)  # some were under way
        for (
            content
        ) in attached.values():  # and none is given up before head office says that it has it
            assert hashlib.sha256(carrier.read(content)).hexdigest() == content.sha256
        again.sync()
        while carrier.step(again.engine.ask):
            pass
        again.sync()
        assert again.value(stored) == len(attached)
    assert blobs.unsound(world.store) == []


@contextmanager
def killed_at_random(world, laptop, *visits):
    """Let a desktop work, and kill it and head office at random; give it started again, and what it said was saved."""
    desktop = Desktop(laptop, world.url)
    world.laptops.clear()
    world.cut()
    world.store.close()
    served = Served(world.file, world._port)
    rng = random.Random(7)
    try:
        for number in range(4):
            desktop.start(*visits[number : number + 1])
            time.sleep(rng.uniform(0.3, 1.2))
            if number % 2:
                served.kill()
                served.start()
                time.sleep(rng.uniform(0.2, 0.6))
            desktop.kill()
        again = desktop.opened()
        world.laptops.append(again)
        until(lambda: reconciled(again), 30)
        assert again.value("PRAGMA integrity_check") == "ok"
        assert again.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
        assert again.issues == []
        yield again, list(desktop.acknowledged())
    finally:
        served.kill()
        world.store = Store.open(world.file)
