"""Programs one version apart: the next one, with a field and a kind more, on either side of the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamdesk.db import open_store
from kamdesk.db.records import SPECS, Task
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.tasks import add_task
from kamdesk.sync import enrol
from kamdesk.sync.protocol import SCHEMA
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.sync import newer
from tests.sync.world import Keys, Laptop, World

OFFICE = """
import json, sys
from kamdesk.domain.ids import new_id
from kamdesk.headoffice.store import Store
store = Store.open(sys.argv[1])
with store.write("test") as writer:
    for kind, record_id, values in json.loads(sys.argv[2]):
        row = writer.get(kind, record_id)
        writer.put(kind, record_id, {**(row.document if row else {}), **values})
with store.write("test") as writer:
    print(json.dumps([writer.get(*one).document for one in json.loads(sys.argv[3])]))
store.close()
"""
DEVICE = """
import json, sys
from pathlib import Path
from kamdesk.db import open_store
from kamdesk.db.records import Task
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.tasks import add_task
from kamdesk.sync import enrol
from kamdesk.sync.engine import Engine
from kamdesk.sync.transport import Transport

class Keys:
    store_key, store_id = bytes(range(32)), "00000000-0000-4000-8000-000000000007"

    @property
    def generation(self):
        return len([*folder.glob("switched*")]) + 1

    def set_generation(self, number):
        (folder / f"switched{number}").touch()

folder, url, password = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
user = folder.with_suffix(".user")
told = {}
if not folder.exists():
    known = enrol.enrol(SignIn(url, "ann", password, device_name="newer"))
    user.write_text(known.profile.user_id)
    database = open_store.create(folder, Keys(), Actor(known.profile.user_id, Role.REP))
    database.transact(Origin.SYNC, lambda work: enrol.remember(work, known))
else:
    database = open_store.open_existing(folder, Keys(), Actor(user.read_text(), Role.REP))
rows = lambda sql: database.read(lambda reader: reader.rows(sql))
told["at first"] = sorted(rows("SELECT title, place FROM task"))
engine = Engine(database, Transport(url))
asked, ask = [], engine.transport.sync
engine.transport.sync = lambda access, request: (asked.append(request), ask(access, request))[1]
engine.reconcile()
told["loaded"] = sorted({one.bucket.partition(":")[0] for request in asked for one in request.loading})
do = lambda fn: database.transact(Origin.USER, fn).value
if sys.argv[4] == "begin":
    def placed(work):
        record_id = add_task(work, title="Placed", due_on=None)
        work.require(Task, record_id).place = "Gate 3"
        return record_id
    told["plain"] = do(lambda work: add_task(work, title="Plain", due_on=None))
    told["placed"] = do(placed)
    engine.reconcile()
    do(lambda work: setattr(work.require(Task, told["placed"]), "title", "Placed again"))
    do(lambda work: setattr(work.require(Task, told["plain"]), "title", "Plain again"))
    engine.reconcile()
told["waiting"] = [row[0] for row in rows("SELECT id FROM sync_op WHERE st = 'queued'")]
told["issues"] = rows("SELECT code FROM sync_issue")
told["errands"] = [row[0] for row in rows("SELECT what FROM errand")]
told["tasks"] = sorted(rows("SELECT title, place FROM task"))
told["differences"] = rows("SELECT v FROM sync_state WHERE k = 'difference'")
print(json.dumps(told))
"""
ERRAND = "0198a000-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version of the program."""
    return newer.next_version(tmp_path_factory.mktemp("next"))


def _at_office(version: Path, world: World, puts: list, gets: list) -> list:
    return newer.run(version, OFFICE, world.file, json.dumps(puts), json.dumps(gets))


def test_older_program_works_with_a_newer_head_office(world: World, version: Path) -> None:
    customer = world.customer("Huashan")
    laptop = world.laptop().sync()
    task = laptop.do(lambda work: add_task(work, title="Before", due_on=None))
    laptop.sync()
    with newer.serving(version, world):
        _at_office(version, world, [
            ("task", task, {"place": "Gate 3"}),
            ("errand", ERRAND, {"customer_id": customer, "what": "Samples"}),
        ], [])  # fmt: skip
        laptop.sync()
        assert json.loads(laptop.value("SELECT _x FROM task WHERE id = ?", task)) == {
            "place": "Gate 3"
        }
        laptop.do(lambda work: setattr(work.require(Task, task), "title", "After"))
        laptop.sync()
        laptop.engine.check()
        [document] = _at_office(version, world, [], [("task", task)])
    assert (document["title"], document["place"]) == ("After", "Gate 3")
    assert laptop.value("SELECT count(*) FROM sync_state WHERE k = 'difference'") == 0
    assert not any(laptop.engine._comparison.misses.values())
    assert laptop.issues == []


def test_newer_program_works_with_an_older_head_office_and_keeps_what_that_does_not_know(
    world: World, version: Path, tmp_path: Path
) -> None:
    customer = world.customer("Huashan")
    where = (str(tmp_path / "desk"), world.url, PASSWORD)
    told = newer.run(version, DEVICE, *where, "begin")
    assert set(told["waiting"]) == {told["placed"]}
    assert told["issues"] == told["differences"] == []
    assert told["tasks"] == [["Placed again", "Gate 3"], ["Plain again", None]]
    assert world.document("task", told["plain"])["title"] == "Plain again"
    still = newer.run(version, DEVICE, *where, "with the older one")
    assert (still["loaded"], still["waiting"], still["tasks"]) == (
        [],
        told["waiting"],
        told["tasks"],
    )
    with newer.serving(version, world):
        _at_office(version, world, [
            ("errand", ERRAND, {"customer_id": customer, "what": "Samples"}),
        ], [])  # fmt: skip
        again = newer.run(version, DEVICE, *where, "go on")
        [document] = _at_office(version, world, [], [("task", told["placed"])])
    assert again["waiting"] == again["issues"] == again["differences"] == []
    assert again["errands"] == ["Samples"]
    assert again["loaded"] == ["acct", "user"]
    assert again["tasks"] == told["tasks"]
    assert (document["title"], document["place"]) == ("Placed again", "Gate 3")


def _older(world: World, folder: Path) -> Laptop:
    """Enrol a computer with this version that the next one can go on with."""
    known = enrol.enrol(SignIn(world.url, "ann", PASSWORD, device_name="older"))
    user_id = known.profile.user_id
    keys = Keys(bytes(range(32)), "00000000-0000-4000-8000-000000000007")
    database = open_store.create(folder / "desk", keys, Actor(user_id, Role.REP))
    database.transact(Origin.SYNC, lambda work: enrol.remember(work, known))
    (folder / "desk.user").write_text(user_id)
    return Laptop(database, Transport(world.url), user_id).sync()


def test_kind_that_was_not_told_is_loaded_once_the_program_knows_it(
    world: World, version: Path, tmp_path: Path
) -> None:
    customer = world.customer("Huashan")
    laptop = _older(world, tmp_path)
    with newer.serving(version, world):
        _at_office(version, world, [
            ("errand", ERRAND, {"customer_id": customer, "what": "Samples"}),
        ], [])  # fmt: skip
        laptop.sync()  # past it, in the feed
        laptop.close()
        told = newer.run(
            version, DEVICE, str(tmp_path / "desk"), world.url, PASSWORD, "after the update"
        )
    assert told["errands"] == ["Samples"]
    assert told["differences"] == []


def test_fields_that_were_not_known_are_shown_after_the_update(
    world: World, version: Path, tmp_path: Path
) -> None:
    laptop = _older(world, tmp_path)
    still, moved = (
        laptop.do(lambda work, one=one: add_task(work, title=one, due_on=None)) for one in "ab"
    )
    laptop.sync()
    with newer.serving(version, world):
        _at_office(
            version, world, [("task", one, {"place": "Gate 3"}) for one in (still, moved)], []
        )
        laptop.sync()
        laptop.do(lambda work: setattr(work.require(Task, moved), "title", "mine"))
        _at_office(version, world, [("task", moved, {"place": "Gate 4"})], [])
        laptop.sync()
        waiting = laptop.do(lambda work: add_task(work, title="c", due_on=None))
        laptop.do(lambda work: setattr(work.require(Task, still), "title", "kept"))
        laptop.close()
        told = newer.run(version, DEVICE, str(tmp_path / "desk"), world.url, PASSWORD, "after")
        [document] = _at_office(version, world, [], [("task", waiting)])
    # Before anything is asked, as far as it was kept
    assert ["kept", "Gate 3"] in told["at first"]
    assert told["loaded"] == ["user"]
    assert told["tasks"] == [["c", None], ["kept", "Gate 3"], ["mine", "Gate 4"]]
    assert document["title"] == "c"
    assert told["waiting"] == told["issues"] == told["differences"] == []


def test_fields_of_a_later_version_come_last() -> None:
    for spec in SPECS.values():
        brought = [one.since for one in spec]
        assert brought == sorted(brought), spec.kind


def test_what_the_first_version_did_not_have_says_since_when_it_is_there() -> None:
    told = json.loads((Path(__file__).parent / "declarations_v1.json").read_text())
    first = {
        kind: [one.name for one in spec if one.since == 1]
        for kind, spec in SPECS.items()
        if spec.since == 1
    }
    assert first == told
    latest = max(one.since for spec in SPECS.values() for one in (spec, *spec))
    assert latest == SCHEMA
