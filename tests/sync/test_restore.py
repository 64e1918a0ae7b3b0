"""Head office is restored from a backup: what only it had goes from computers too, after a copy, and is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamdesk.db.records import SPECS
from kamdesk.domain.errors import MachineError
from kamdesk.headoffice import upkeep
from kamdesk.headoffice.store import Store
from kamdesk.services.issues import dismiss
from kamdesk.services.tasks import add_task
from kamdesk.sync.engine import Engine
from kamdesk.sync.first_load import Progress
from kamdesk.sync.intake import Stopped
from kamdesk.sync.protocol import Limit
from tests.sync.world import Laptop, World

BEFORE, SINCE = 150, 120


def customers(laptop: Laptop) -> int:
    return int(laptop.value("SELECT count(*) FROM customer"))


def restored(world: World, tmp_path: Path) -> tuple[Laptop, list[int]]:
    """A computer that has 270 customers, of which a restored head office has 150; and what its copies hold."""
    for n in range(BEFORE):
        world.customer(f"Before {n}")
    laptop = world.laptop().sync()
    copies: list[int] = []
    laptop.engine = Engine(
        laptop.database, laptop.transport, keep_copy=lambda: copies.append(customers(laptop))
    )
    other = world.laptop().sync()
    upkeep.back_up(world.store, tmp_path / "copy.db")
    for title in ("On another computer", "There too"):
        other.do(lambda work, title=title: add_task(work, title=title, due_on=None))
    other.sync()
    for n in range(SINCE):
        world.customer(f"Since {n}")
    laptop.sync()
    world.cut()
    upkeep.restore(Path(str(world.store.path)), tmp_path / "copy.db")
    world.store = Store.open(str(world.store.path))
    world.connect()
    return laptop, copies


def test_what_a_restored_head_office_lost_goes_after_a_copy_and_is_told(world, tmp_path):
    laptop, copies = restored(world, tmp_path)
    mine = laptop.do(lambda work: add_task(work, title="Mine", due_on=None))
    laptop.sync()
    assert (customers(laptop), copies) == (BEFORE, [BEFORE + SINCE])
    assert world.document("task", mine)["title"] == "Mine"
    (told,) = laptop.issues
    assert (told.type, told.params["kinds"]) == ("lost", {"customer": SINCE, "task": 2})
    laptop.sync()
    assert len(laptop.issues) == 1
    laptop.do(lambda work: dismiss(work, told.id))
    assert laptop.sync().issues == []


def test_a_restore_is_told_and_copied_once(world, tmp_path):
    laptop, copies = restored(world, tmp_path)
    laptop.sync()
    laptop.do(lambda work: dismiss(work, laptop.issues[0].id))
    assert laptop.sync().issues == []
    assert len(copies) == 1


@pytest.mark.parametrize(
    "fault", [MachineError("too little room", code="NO_ROOM"), OSError(28, "No space left")]
)
def test_without_a_copy_nothing_goes_until_there_is_one(world, tmp_path, fault):
    laptop, copies = restored(world, tmp_path)
    healthy = laptop.engine

    def no_room() -> None:
        raise fault

    laptop.engine = Engine(laptop.database, laptop.transport, keep_copy=no_room)
    for _ in range(2):
        with pytest.raises(MachineError):
            laptop.sync()
    assert (customers(laptop), laptop.issues) == (BEFORE + SINCE, [])
    laptop.engine = healthy
    assert customers(laptop.sync()) == BEFORE
    assert copies == [BEFORE + SINCE]


def test_broken_off_the_rest_is_counted_with_what_went_before(world, tmp_path):
    laptop, copies = restored(world, tmp_path)
    for turn in range(400):
        # Stopped a little later each time, also amid what goes
        asked = iter(range(2 + turn // 10))
        laptop.engine = Engine(
            laptop.database,
            laptop.transport,
            keep_copy=lambda: copies.append(customers(laptop)),
            stopped=lambda asked=asked: next(asked, None) is None,
        )
        try:
            laptop.sync()
        except Stopped:
            continue
        break
    assert customers(laptop) == BEFORE
    assert [one.params["kinds"]["customer"] for one in laptop.issues] == [SINCE]
    assert copies[0] == BEFORE + SINCE


def test_the_progress_of_a_reset_counts_what_is_confirmed(world, tmp_path):
    laptop, _ = restored(world, tmp_path)
    sync = laptop.transport.sync
    counts: list[tuple[int, int]] = []

    def narrow(access, request):
        request.limit = Limit(40)
        return sync(access, request)

    def note(one: Progress) -> None:
        counts.append((one.loaded, confirmed(laptop)))

    laptop.transport.sync = narrow
    laptop.engine = Engine(laptop.database, laptop.transport, progress=note)
    laptop.sync()
    assert len(counts) > 2
    assert counts[0][0] < BEFORE
    assert all(loaded <= really for loaded, really in counts)
    assert [one for one, _ in counts] == sorted(one for one, _ in counts)


def confirmed(laptop: Laptop) -> int:
    return sum(laptop.value(f"SELECT count(*) FROM {kind} WHERE _rev > 0") for kind in SPECS)
