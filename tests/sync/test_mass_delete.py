"""Head office deletes unusually many records: nothing goes here before the user says so."""

from __future__ import annotations

import pytest

from kamdesk.db import bulk
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.services.issues import answer_deletions, reopen
from kamdesk.services.tasks import add_task
from kamdesk.sync import anew
from kamdesk.sync.engine import Engine
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import Limit
from tests.sync.world import Laptop, World

TASKS = 400


def add_tasks(work: Work) -> list[str]:
    return [add_task(work, title=f"Task {n}", due_on=None) for n in range(TASKS)]


@pytest.fixture
def laptop(world: World) -> Laptop:
    """A computer with 400 tasks, that counts the copies it makes."""
    one = world.laptop()
    one.copies = []  # type: ignore[attr-defined]
    one.engine = Engine(
        one.database,
        one.transport,
        keep_copy=lambda: one.copies.append(tasks(one)),  # type: ignore[attr-defined]
    )
    one.sync()
    one.ids = one.do(add_tasks)  # type: ignore[attr-defined]
    return one.sync()


def tasks(laptop: Laptop) -> int:
    return int(laptop.value("SELECT count(*) FROM task"))


def delete(world: World, ids: list[str]) -> None:
    """Delete at head office, in one commit."""
    with world.store.write("office") as writer:
        for one in ids:
            writer.delete("task", one)


def held(laptop: Laptop) -> None:
    with pytest.raises(Unreachable) as problem:
        laptop.sync()
    assert problem.value.code == "mass_delete"


def test_h34_many_deletions_are_held_asked_about_once_and_what_is_saved_is_handed_in(world, laptop):
    delete(world, laptop.ids[:250])
    held(laptop)
    held(laptop)
    assert (tasks(laptop), laptop.copies) == (TASKS, [TASKS])
    (asked,) = laptop.issues
    assert asked.type == "mass_delete"
    assert asked.params == {"kinds": {"task": [250, TASKS]}, "copy": True}
    saved = laptop.do(lambda work: add_task(work, title="Meanwhile", due_on=None))
    held(laptop)
    assert world.document("task", saved)["title"] == "Meanwhile"
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0


def test_h34_all_of_it_gone_is_held_too(world, laptop):
    delete(world, laptop.ids)
    held(laptop)
    assert tasks(laptop) == TASKS
    assert laptop.issues[0].params["kinds"] == {"task": [TASKS, TASKS]}


@pytest.mark.parametrize(
    "fault", [MachineError("too little room", code="NO_ROOM"), OSError(28, "No space left")]
)
def test_h34_a_full_disk_makes_no_copy_and_the_deletions_are_held_all_the_same(
    world, laptop, fault
):
    def no_room() -> None:
        raise fault

    laptop.engine = Engine(laptop.database, laptop.transport, keep_copy=no_room)
    delete(world, laptop.ids[:250])
    held(laptop)
    assert tasks(laptop) == TASKS
    assert laptop.issues[0].params["copy"] is False


def test_deletions_taken_over_go_and_are_not_asked_about_again(world, laptop):
    delete(world, laptop.ids[:250])
    held(laptop)
    laptop.do(lambda work: answer_deletions(work, laptop.issues[0].id, take=True))
    assert tasks(laptop.sync()) == TASKS - 250
    assert laptop.issues == []
    delete(world, laptop.ids[250:])  # fewer than 200
    assert tasks(laptop.sync()) == 0


def test_kept_records_stay_until_head_office_has_them_again(world, laptop):
    documents = {one: world.document("task", one) for one in laptop.ids[:250]}
    delete(world, laptop.ids[:250])
    held(laptop)
    asked = laptop.issues[0].id
    laptop.do(lambda work: answer_deletions(work, asked, take=False))
    held(laptop)
    assert (tasks(laptop), laptop.issues) == (TASKS, [])
    with world.store.write("office") as writer:
        for one, document in documents.items():
            writer.put("task", one, document)
    assert tasks(laptop.sync()) == TASKS
    assert laptop.issues == []
    delete(world, laptop.ids[:250])
    held(laptop)
    assert [one.id == asked for one in laptop.issues] == [False]


def test_who_kept_them_may_still_take_the_deletions_over(world, laptop):
    delete(world, laptop.ids[:250])
    held(laptop)
    asked = laptop.issues[0].id
    laptop.do(lambda work: answer_deletions(work, asked, take=False))
    laptop.do(lambda work: reopen(work, asked))
    held(laptop)
    laptop.do(lambda work: answer_deletions(work, asked, take=True))
    assert tasks(laptop.sync()) == TASKS - 250


def test_h34_few_deletions_and_those_of_several_answers_are_counted_together(world, laptop):
    delete(world, laptop.ids[:200])
    assert tasks(laptop.sync()) == TASKS - 200
    more = laptop.do(add_tasks)
    laptop.sync()
    for start in range(0, 300, 150):
        delete(world, more[start : start + 150])
    told = laptop.transport.sync

    def narrow(access, request):
        request.limit = Limit(150)
        return told(access, request)

    laptop.transport.sync = narrow
    held(laptop)
    assert tasks(laptop) == TASKS + TASKS - 200 - 150


def test_an_import_taken_back_is_believed(world, laptop):
    brought = {**world.document("task", laptop.ids[0]), "title": "Brought"}
    job, ids = new_id(), [new_id() for _ in range(250)]
    rows = [(one, brought) for one in ids]
    other = world.laptop().sync()

    def do(fn):
        laptop.database.transact(Origin.IMPORT, fn)

    do(lambda work: bulk.create_many(work, SPECS["task"], rows, job=job))
    laptop.sync()
    assert tasks(other.sync()) == TASKS + 250
    do(lambda work: bulk.delete_many(work, SPECS["task"], ids, job=job))
    laptop.sync()
    assert tasks(other.sync()) == TASKS
    assert other.issues == []


def test_a_bucket_that_is_loaded_anew_is_believed(world, laptop):
    delete(world, laptop.ids[:250])
    bucket = laptop.value("SELECT _b FROM task LIMIT 1")
    anew.begin(laptop.database, laptop.engine._intake, [bucket])
    assert tasks(laptop.sync()) == TASKS - 250
    assert laptop.issues == []
