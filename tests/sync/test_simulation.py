"""Reconciliation in thousands of small worlds; see docs/sync.md for what is checked and how to run one again."""

from __future__ import annotations

import pytest

from tests.sync.sim.mistakes import MISTAKES, is_found
from tests.sync.sim.runner import failures, told
from tests.sync.sim.scenarios import SCENARIOS, play

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
