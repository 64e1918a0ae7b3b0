"""A computer that was away for half a year, and one whose program is older than head office wants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from kamdesk.db import buckets, outbox
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link
from kamdesk.headoffice import cli, horizon, upkeep, window
from kamdesk.services.customers import change_customer
from kamdesk.services.tasks import add_task
from kamdesk.sync.engine import Engine
from kamdesk.sync.intake import Stopped
from kamdesk.sync.problems import Answered
from kamdesk.sync.protocol import SCHEMA
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport
from tests.sync.world import Laptop, World, until


def age(world: World, days: int) -> None:
    """Let everything so far have happened long ago."""
    with world.store.write("test") as writer:
        writer.connection.execute(
            text("UPDATE sync_commit SET at = :at"),
            {"at": clock.stamp(clock.now() - timedelta(days=days))},
        )


def tombstones(world: World) -> int:
    with world.store.read() as connection:
        return connection.execute(
            text(
                "SELECT (SELECT count(*) FROM sync_row WHERE gone = 1) + (SELECT count(*) FROM sync_left)"
            )
        ).scalar_one()


@pytest.fixture
def away(world: World) -> tuple[Laptop, str]:
    """A computer that missed a deletion and a customer's move, with work of its own."""
    kept, moved = world.customer("Huashan"), world.customer("Renji")
    laptop = world.laptop().sync()
    ids = [
        laptop.do(lambda work, n=n: add_task(work, title=f"T{n}", due_on=None)) for n in range(2)
    ]
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("task", ids[0])
    world.edit("customer", moved, territory_id=world.south)
    laptop.do(lambda work: change_customer(work, kept, {"phone": "7"}))
    laptop.do(lambda work: add_task(work, title="Away", due_on=None))
    return laptop, kept


def test_deletions_of_half_a_year_ago_are_forgotten_and_who_missed_them_loads_anew(world, away):
    laptop, kept = away
    assert horizon.forget(world.store) == 0
    age(world, 181)
    before = tombstones(world)
    assert horizon.forget(world.store) == before > 0
    assert tombstones(world) == 0
    assert list(upkeep.findings(world.store)) == []
    told: list[str] = []
    ask = laptop.transport.sync

    def listen(access, request):
        try:
            return ask(access, request)
        except Answered as answered:
            told.append(answered.code)
            raise

    laptop.transport.sync = listen
    laptop.sync()
    assert told == ["cursor_expired"]
    assert sorted(laptop.rows("SELECT title FROM task")) == [("Away",), ("T1",)]
    assert laptop.rows("SELECT name FROM customer") == [("Huashan",)]
    assert world.document("customer", kept)["phone"] == "7"
    assert laptop.issues == []
    world.edit("customer", kept, phone="8")
    assert laptop.sync().value("SELECT phone FROM customer") == "8"
    assert told == ["cursor_expired"]
    assert world.laptop().sync().value("SELECT count(*) FROM task") == 2


def test_younger_deletions_are_kept_and_told(world, away):
    laptop, _ = away
    age(world, 179)
    assert horizon.forget(world.store) == 0
    laptop.sync()
    assert sorted(laptop.rows("SELECT title FROM task")) == [("Away",), ("T1",)]


def test_a_load_that_stopped_before_the_horizon_begins_anew(world, away):
    laptop, _ = away
    cursor = laptop.value("SELECT v FROM sync_state WHERE k = 'cursor'")

    def stopped(work: Work) -> None:
        """Be ahead with the stream, and with one bucket where the first load had stopped."""
        outbox.write_state(
            work.driver, {"cursor": world.store.head(), "price_cursor": world.store.head()}
        )
        work.driver.execute(
            "UPDATE sync_bucket SET state = 'loading', after = ?, start = ? WHERE b LIKE 'user:%'",
            (cursor, cursor),
        )

    laptop.database.transact(Origin.SYNC, stopped)
    age(world, 181)
    horizon.forget(world.store)
    laptop.sync()
    assert sorted(laptop.rows("SELECT title FROM task")) == [("Away",), ("T1",)]
    assert not laptop.engine._comparison.misses, "found by the digest alone"


def test_a_customer_that_comes_back_while_it_goes_is_loaded_without_all_the_others(
    world, monkeypatch
):
    """What was all here needs no word about half a year ago."""
    customer = world.customer("Huashan")
    laptop = world.laptop().sync()
    gone = laptop.do(lambda work: add_task(work, title="gone", due_on=None))
    laptop.sync()
    with world.store.write("office") as writer:
        writer.delete("task", gone)
    laptop.sync()
    age(world, 181)
    horizon.forget(world.store)
    world.customer("Renji")
    laptop.sync()
    begin = buckets.begin_dropping

    def begin_and_stop(work: Work, names: list[str]) -> None:
        begin(work, names)
        laptop.engine._intake._stopped = lambda: True

    monkeypatch.setattr(buckets, "begin_dropping", begin_and_stop)
    laptop.engine._intake._fitting = 0  # its records go in the next transaction
    world.edit("customer", customer, territory_id=world.south)
    with pytest.raises(Stopped):
        laptop.sync()
    monkeypatch.undo()
    world.edit("customer", customer, territory_id=world.north)
    told: list[str] = []
    ask = laptop.transport.sync

    def listen(access, request):
        try:
            return ask(access, request)
        except Answered as answered:
            told.append(answered.code)
            raise

    laptop.engine = Engine(laptop.database, laptop.transport)
    laptop.transport.sync = listen
    laptop.sync()
    assert told == []
    assert laptop.value("SELECT count(*) FROM customer") == 2
    assert not laptop.engine._comparison.misses


def test_the_command_says_how_many(world, away, capsys):
    age(world, 181)
    expected = tombstones(world)
    assert cli.main(["--database", world.file, "database", "forget"]) == 0
    assert capsys.readouterr().out.strip() == f"{expected} old deletions forgotten"


def test_an_older_program_hands_in_and_is_told_to_update(world, monkeypatch):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop().sync()
    monkeypatch.setattr(window, "MIN_PULL", SCHEMA + 1)
    world.edit("customer", customer, name="Huashan Hospital")
    tasks = [laptop.do(lambda work: add_task(work, title="First", due_on=None))]
    runner = Reconciler(laptop.database, laptop.transport)
    runner.start()
    try:
        until(lambda: runner.status().problem == "upgrade_required")
        assert runner.status().link is Link.REFUSED
        assert world.document("task", tasks[0])["title"] == "First"
        tasks.append(laptop.do(lambda work: add_task(work, title="Second", due_on=None)))
        until(lambda: runner.status().waiting == 0)
        assert world.document("task", tasks[1])["title"] == "Second"
    finally:
        runner.stop()
    assert laptop.value("SELECT name FROM customer") == "Huashan"
    monkeypatch.setattr(window, "MIN_PULL", SCHEMA)
    laptop.transport = Transport(world.url)
    laptop.engine = Engine(laptop.database, laptop.transport)
    assert laptop.sync().value("SELECT name FROM customer") == "Huashan Hospital"
    assert laptop.issues == []


def test_a_program_that_is_too_old_to_hand_in_keeps_everything(world, monkeypatch):
    laptop = world.laptop().sync()
    monkeypatch.setattr(window, "MIN_PUSH", SCHEMA + 1)
    saved = laptop.do(lambda work: add_task(work, title="Kept", due_on=None))
    with pytest.raises(Answered) as refused:
        laptop.sync()
    assert (refused.value.status, refused.value.code) == (426, "too_old")
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 1
    monkeypatch.setattr(window, "MIN_PUSH", SCHEMA)
    laptop.sync()
    assert world.document("task", saved)["title"] == "Kept"
