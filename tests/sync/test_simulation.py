"""Reconciliation in thousands of small worlds; see docs/sync.md for what is checked and how to run one again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.sim.mistakes import MISTAKES, is_found
from tests.sync.sim.runner import failures, told
from tests.sync.sim.scenarios import SCENARIOS, play
from tests.sync.sim.storing import InMemory
from tests.sync.sim.world import Sim, Step, plan, playing, simulate

SEEDS = 600


def test_no_seed_violates_an_invariant():
    found = [seed for seed, _ in failures(range(1, SEEDS + 1))]
    assert not found, "\n\n".join([f"failing seeds: {found}", *map(told, found[:2])])


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


def _end(sim: Sim) -> object:
    """Give everything that is there at the end, but for the hours that people's clocks showed."""
    own = {"recorded_at", "done_at", "decided_on"}
    office = [
        (row.kind, row.id, {k: v for k, v in (row.document or {}).items() if k not in own})
        for row in sim.oracle.chronicle.rows
    ]
    issues = [
        sorted(one.rows("SELECT kind, row_id, type, code, state FROM sync_issue"))
        for one in sim.laptops
    ]
    return office, issues


@pytest.mark.parametrize("seed", range(1, 11))
def test_same_story_with_right_and_with_wrong_clocks_ends_the_same(seed):
    steps = plan(seed)
    right = [one for one in steps if one.what != "clock"]
    wrong = [Step("clock", n, n + 1) for n in range(3)] + right
    assert _end(simulate(seed, InMemory(), wrong)) == _end(simulate(seed, InMemory(), right))
