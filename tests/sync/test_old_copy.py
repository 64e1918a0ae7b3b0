"""A profile folder put back from a backup of the whole computer: what is written there afterwards is not lost."""

from __future__ import annotations

from contextlib import closing

import pytest

from kamdesk.db.connect import connect
from kamdesk.db.database import Database
from kamdesk.domain.connection import SignIn
from kamdesk.services.customers import change_customer
from kamdesk.services.tasks import add_task
from kamdesk.sync.problems import Answered
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.sync.world import Laptop, World


def copy_of(laptop: Laptop) -> bytes:
    """Read the store as a backup of the computer would have it."""
    with closing(connect(laptop.database.path, laptop.database._key)) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return laptop.database.path.read_bytes()


def put_back(world: World, laptop: Laptop, copy: bytes) -> Laptop:
    """Replace the store by its old copy, and start the program again."""
    path, key, actor = laptop.database.path, laptop.database._key, laptop.database.actor
    laptop.close()
    for leftover in path.parent.glob(path.name + "-*"):
        leftover.unlink()
    path.write_bytes(copy)
    again = Laptop(Database(path, key, actor), Transport(world.url), laptop.user_id)
    world.laptops[world.laptops.index(laptop)] = again
    return again


def reconcile(world: World, laptop: Laptop) -> None:
    """Reconcile, signing in again wherever the window would ask for it."""
    for _ in range(3):
        try:
            laptop.sync()
            return
        except Answered as asked:
            if asked.code not in {"token_reused", "token_expired", "device_cloned"}:
                raise
            Reconciler(laptop.database, laptop.transport).sign_in(
                SignIn(world.url, "ann", PASSWORD)
            )
            laptop.engine.access = ""
    laptop.sync()


def titles(world: World) -> list[str]:
    """Name the user's tasks as another computer of his is told them."""
    other = world.laptop("ann").sync()
    return sorted(row[0] for row in other.rows("SELECT title FROM task"))


@pytest.mark.parametrize("rounds", [1, 2], ids=["verdict kept", "verdict pruned"])
def test_h26_an_edit_in_an_old_copy_of_the_store_arrives(world, rounds):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: add_task(work, title="Before the copy", due_on=None))
    laptop.sync()
    copy = copy_of(laptop)
    laptop.do(lambda work: add_task(work, title="After the copy", due_on=None))
    for _ in range(rounds):
        laptop.sync()
    laptop = put_back(world, laptop, copy)
    laptop.do(lambda work: add_task(work, title="In the old copy", due_on=None))
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    reconcile(world, laptop)
    assert titles(world) == ["After the copy", "Before the copy", "In the old copy"]
    assert world.document("customer", customer)["phone"] == "2"
    assert laptop.issues == []


@pytest.mark.parametrize("rounds", [1, 2], ids=["verdict kept", "verdict pruned"])
def test_h26_an_unsent_change_edited_on_in_an_old_copy_arrives(world, rounds):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    copy = copy_of(laptop)  # queued, and not sent: its group gets the same number twice
    for _ in range(rounds):
        laptop.sync()
    laptop = put_back(world, laptop, copy)
    laptop.do(lambda work: change_customer(work, customer, {"phone": "3"}))
    reconcile(world, laptop)
    there = world.document("customer", customer)["phone"]
    told = [(field.name, field.mine) for one in laptop.issues for field in one.fields]
    assert there == "3" or told == [("phone", "3")]


def test_h26_what_an_old_copy_hands_in_again_is_there_once(world):
    customer = world.customer("Huashan", phone="1")
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: add_task(work, title="Once", due_on=None))
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    copy = copy_of(laptop)
    laptop.sync().sync()
    laptop = put_back(world, laptop, copy)
    laptop.do(lambda work: add_task(work, title="New", due_on=None))
    reconcile(world, laptop)
    assert titles(world) == ["New", "Once"]
    assert world.document("customer", customer)["phone"] == "2"
    assert laptop.issues == []
