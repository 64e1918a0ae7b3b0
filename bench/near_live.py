"""How long a change takes from one computer to the other, while both are online and the program's own threads work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median

from bench.office import Computer
from bench.report import Row
from kamdesk.db.records import Person
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.sync.runner import Reconciler

TIMES = 40
_LONGEST = 30.0


def near_live(one: Computer, two: Computer) -> list[Row]:
    """Save on one computer at random moments, and look when the other has it; both are in step before."""
    runners = [Reconciler(computer.database, computer.line) for computer in (one, two)]
    rng = random.Random(5)
    took: list[float] = []
    for runner in runners:
        runner.start()
    try:
        _until(lambda: all(runner.status().last_reconciled is not None for runner in runners))
        person = one.value("SELECT id FROM person ORDER BY id LIMIT 1")
        for number in range(TIMES):
            time.sleep(rng.uniform(0.2, 1.5))
            took.append(_seen(one, two, person, f"主任医师 live {number}"))
    finally:
        for runner in runners:
            runner.stop()
    return [
        Row("near-live", "s", max(took), None, None, 2.0),
        Row("near-live, median", "s", median(took), None, None, None),
    ]


def _seen(one: Computer, two: Computer, person: str, title: str) -> float:
    def save(work: Work) -> None:
        work.require(Person, person).title = title

    began = time.perf_counter()
    one.database.transact(Origin.USER, save)
    _until(lambda: two.value("SELECT title FROM person WHERE id = ?", person) == title)
    return time.perf_counter() - began


def _until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST
    while not met():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
