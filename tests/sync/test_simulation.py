"""Reconciliation in thousands of small worlds; see docs/sync.md for what is checked and how to run one again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamdesk.db.records import Person
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.sync import anew
from tests.headoffice import cluster
from tests.sync.sim.mistakes import MISTAKES, is_found
from tests.sync.sim.runner import failures, told, unequal_on_disk, unequal_on_postgresql
from tests.sync.sim.scenarios import SCENARIOS, play
from tests.sync.sim.stores import Crash
from tests.sync.sim.storing import InMemory
from tests.sync.sim.world import WITH_FILES, Step, ending, plan, playing, simulate

SEEDS = 2000
FILES = 200
ON_DISK = 200
ON_POSTGRESQL = 50
SOME_WITH_FILES = range(WITH_FILES, WITH_FILES + 10)


def test_no_seed_violates_an_invariant():
    with_files = range(WITH_FILES, WITH_FILES + FILES)
    found = [seed for seed, _ in failures([*range(1, SEEDS + 1), *with_files])]
    assert not found, "\n\n".join([f"failing seeds: {found}", *map(told, found[:2])])


@pytest.mark.parametrize(
    "seed",
    [
        439,
        817,
        1104,
        1215,
        1517,
        1563,
        2135,
        2877,
        6538,
        10642,
        11707,
        11958,
        12292,
        15476,
        15799,
        17879,
        1000054,
        1000074,
    ],
)
def test_seed_that_once_failed_ends_well(seed):
    simulate(seed, InMemory())


def test_record_that_had_moved_is_where_a_restored_head_office_puts_it():
    with playing(0, InMemory()) as sim:
        ann, person = sim.laptops[0], new_id()
        sim.sync(ann)
        sim.back_up()
        first, second = sim.place.customers[:2]
        sim.do(ann, lambda work: work.add(
            Person(id=person, customer_id=first, name="~name.", status="active")
        ))  # fmt: skip
        sim.sync(ann)
        with sim.store.write("office") as writer:
            row = writer.get("person", person)
            writer.put("person", person, {**row.document, "customer_id": second})
        sim.sync(ann)
        sim.restore(*sim.backups[0])
        for phone in ("~other.", "~another."):  # the same number as before, another history
            with sim.store.write("office") as writer:
                row = writer.get("customer", first)
                writer.put("customer", first, {**row.document, "phone": phone})
        sim.settle()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commits", range(2, 26))
def test_bucket_that_is_loaded_anew_ends_well_wherever_the_power_goes(commits, after):
    with playing(0, InMemory()) as sim:
        ann, customer = sim.laptops[0], sim.place.customers[0]
        sim.sync(ann)
        strays = _stray_people(ann, customer)
        sim.do(ann, lambda work: setattr(work.require(Person, strays[0]), "title", "~title."))
        sim.do(ann, lambda work: work.add(
            Person(id=new_id(), customer_id=customer, name="~new.", status="active")
        ))  # fmt: skip
        ann.fuse.arm(commits, after=after)
        try:
            anew.begin(ann.database, ann.engine._intake, [f"acct:{customer}"])
        except Crash:
            ann.start()
        sim.sync(ann)
        sim.settle()


def _stray_people(laptop, customer):
    """Have a laptop hold what head office does not."""
    strays = [new_id() for _ in range(5)]

    def damage(work):
        work.driver.execute("UPDATE customer SET phone = 'x' WHERE id = ?", (customer,))
        work.driver.executemany(
            "INSERT INTO person(id, _rev, _b, name, customer_id) VALUES(?,3,?,'Nobody',?)",
            [(one, f"acct:{customer}", customer) for one in strays],
        )

    laptop.database.transact(Origin.SYNC, damage)
    return strays


@pytest.mark.parametrize("name", SCENARIOS)
def test_story_that_chance_hardly_tells_ends_well(name):
    play(name)


@pytest.mark.parametrize("name", MISTAKES)
def test_deliberate_mistake_is_found(name):
    assert is_found(name)


def test_clock_that_is_years_off_decides_nothing():
    with playing(1, InMemory()) as sim:
        ann = sim.laptops[0]
        sim.sync(ann)
        sim.back_up()
        ann.off = timedelta(days=900)
        sim.act(ann, Step("", 1, 1, 1, 0))
        sim.sync(ann)
        sim.sync(ann)
        sim.restore(*sim.backups[0])
        sim.sync(ann)
        ann.off = timedelta(days=-900)
        sim.act(ann, Step("", 1, 2, 1, 0))
        sim.settle()


@pytest.mark.parametrize("seed", range(1, 11))
def test_same_story_with_right_and_with_wrong_clocks_ends_the_same(seed):
    steps = plan(seed)
    right = [one for one in steps if one.what != "clock"]
    wrong = [Step("clock", n, n + 1) for n in range(3)] + right
    assert ending(simulate(seed, InMemory(), wrong)) == ending(simulate(seed, InMemory(), right))


def test_encrypted_files_end_as_memory_does():
    assert unequal_on_disk([*range(1, ON_DISK + 1), *SOME_WITH_FILES]) == []


def test_postgresql_ends_as_sqlite_does():
    if cluster.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with cluster.running() as started:
        seeds = [*range(1, ON_POSTGRESQL + 1), *SOME_WITH_FILES]
        assert unequal_on_postgresql(started.empty_database(), seeds) == []
