"""Finding the shortest form of a run that fails: steps are left out for as long as it fails the same way."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sync.sim.storing import InMemory
from tests.sync.sim.world import Step, plan, simulate

_MOST_TRIES = 600


def failure(seed: int, steps: Sequence[Step] | None = None) -> str:
    """Run one seed in memory; return what went wrong, or nothing."""
    try:
        simulate(seed, InMemory(), steps)
    except Exception as error:  # noqa: BLE001  # whatever the code under test raises is a finding
        return f"{type(error).__name__} {error}"
    return ""


def shortest(seed: int) -> list[Step]:
    """Return the fewest steps of a failing seed that still fail with the same invariant."""
    steps = plan(seed)
    name = _name(failure(seed, steps))
    tries, size = 0, max(len(steps) // 2, 1)
    while size and tries < _MOST_TRIES:
        at = 0
        while at < len(steps) and tries < _MOST_TRIES:
            fewer = steps[:at] + steps[at + size :]
            tries += 1
            if _name(failure(seed, fewer)) == name:
                steps = fewer
            else:
                at += size
        size //= 2
    return steps


def _name(found: str) -> str:
    return " ".join(found.split(":")[0].split()[:2])


def story(seed: int, steps: Sequence[Step]) -> str:
    """Write a run down so that it can be pasted into a test."""
    lines = "\n".join(f"    {step}," for step in steps)
    return f"seed {seed}: {failure(seed, steps)}\nsimulate({seed}, InMemory(), [\n{lines}\n])"
