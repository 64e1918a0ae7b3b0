"""Two head offices on one PostgreSQL, eight desktops that write at once, and one server that is killed meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from kamdesk.db.queries.proof import standing
from kamdesk.db.records import SPECS
from kamdesk.headoffice import upkeep
from kamdesk.services.customers import change_customer
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.tasks import add_task
from kamdesk.sync.transport import Transport
from tests.headoffice import cluster
from tests.sync.programs import Served, kills, reconciled
from tests.sync.test_receipts import LONG_AGO
from tests.sync.world import Laptop, World, until

USERS = ("ann", "ann", "ann", "kim", "kim", "kim", "kim", "ann")
SAVES = 12


@pytest.fixture(scope="module")
def postgres() -> Iterator[cluster.Cluster]:
    if cluster.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with cluster.running() as started:
        yield started


class Worker(threading.Thread):
    """Somebody who works, and reconciles after each save, whether head office is there or not."""

    def __init__(self, laptop: Laptop, customers: list[str], number: int) -> None:
        super().__init__()
        self.laptop, self.customers, self.number = laptop, customers, number
        self.tasks: list[str] = []
        self.people: list[str] = []
        self.missed = 0

    def run(self) -> None:
        for at in range(SAVES):
            self._save(self.customers[at % len(self.customers)], f"{self.number}.{at}")
            self.missed += not reconciled(self.laptop)
            time.sleep(0.05)

    def _save(self, customer: str, words: str) -> None:
        do, new = self.laptop.do, NewPerson(name=words)
        self.tasks.append(do(lambda work: add_task(work, title=words, due_on=None)))
        self.people.append(do(lambda work: add_person(work, new, customer_id=customer)))
        do(lambda work: change_customer(work, customer, {"phone": words}))


def content(laptop: Laptop) -> dict[str, list[tuple[object, ...]]]:
    """Return all records of a laptop."""
    return {
        kind: laptop.rows(f"SELECT id, _rev, {', '.join(spec.names)} FROM {kind} ORDER BY id")
        for kind, spec in SPECS.items()
    }


def held(world: World, user: str) -> set[tuple[str, str, int]]:
    """Return what head office's database itself says that a user works on."""
    kinds = {spec.number: kind for kind, spec in SPECS.items()}
    with world.store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT r.kind, r.id, r.rev FROM sync_row r JOIN user_bucket u ON u.bucket = r.bucket "
                "WHERE u.user_id = :user AND r.gone = 0"
            ),
            {"user": user},
        ).all()
    return {(kinds[row.kind], row.id, row.rev) for row in rows if row.kind in kinds}


def test_what_was_saved_is_there_and_everybody_equal_though_a_server_was_killed(
    postgres: cluster.Cluster, tmp_path: Path
) -> None:
    world = World(tmp_path, postgres.empty_database())
    customers = [world.customer(f"H{number}", phone="1") for number in range(3)]
    laptops = [world.laptop(login).sync() for login in USERS]
    world.cut()
    with ExitStack() as stack:
        stack.callback(world.close)
        servers = [Served(world.file), Served(world.file)]
        for one in servers:
            stack.callback(one.kill)
        for at, laptop in enumerate(laptops):
            laptop.transport.close()
            laptop.transport = laptop.engine.transport = Transport(servers[at % 2].url)
        workers = [Worker(one, customers, at) for at, one in enumerate(laptops)]
        for one in workers:
            one.start()
        until(lambda: len(workers[1].tasks) >= 3)
        servers[1].kill()
        until(lambda: any(one.missed for one in workers[1::2]))
        servers[1].start()
        for one in workers:
            one.join()
        for _ in range(2):  # what the last one handed in comes to the first
            for laptop in laptops:
                until(lambda laptop=laptop: reconciled(laptop))
        for laptop in laptops:
            laptop.engine.check()
            told = laptop.database.read(lambda reader: standing(reader, since=LONG_AGO))
            assert told.check is not None
            assert told.check.differences == 0
            assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
            assert {one.type for one in laptop.issues} <= {"conflict", "overwritten"}
        for login in ("ann", "kim"):
            of_user = [one for one, user in zip(laptops, USERS, strict=True) if user == login]
            first = content(of_user[0])
            assert all(content(one) == first for one in of_user[1:])
            there = held(world, of_user[0].user_id)
            assert {
                (kind, row[0], row[1]) for kind, rows in first.items() for row in rows
            } == {one for one in there if one[0] in first}
            saved = {
                record for one in workers if one.laptop in of_user for record in (*one.tasks, *one.people)
            }
            assert len(saved) == 2 * SAVES * len(of_user)
            assert saved <= {record for _, record, _ in there}
        assert list(upkeep.findings(world.store)) == []


def test_programs_on_postgresql_lose_nothing_when_they_are_killed(
    postgres: cluster.Cluster, tmp_path: Path
) -> None:
    done = kills(6, tmp_path, postgres.empty_database())
    assert done["desktops"] + done["servers"] == 6
    assert done["acknowledged"] > 10
    assert (done["lost"], done["doubled"], done["damaged"]) == (0, 0, 0)
    assert (done["waiting"], done["refused"]) == (0, 0)
