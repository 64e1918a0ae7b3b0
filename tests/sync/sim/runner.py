"""Running many seeds on all cores, and telling of those that fail."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator

from tests.sync.sim.shrink import failure, shortest, story

_AT_ONCE = 20


def _work(seeds: list[int]) -> list[tuple[int, str]]:
    logging.disable(logging.CRITICAL)  # injected crashes are told as errors, rightly
    gc.disable()  # a sixth of the time goes into looking for garbage; once for all of them is enough
    found = [(seed, failure(seed)) for seed in seeds]
    gc.collect()
    return [(seed, what) for seed, what in found if what]


def failures(seeds: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Run seeds in as many processes as there are cores; give those that fail, with what is wrong."""
    wanted = list(seeds)
    parts = [wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)]
    # Fresh interpreters: a test session has threads, and a fork of those may hang
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count()) as pool:
        for found in pool.imap(_work, parts):
            yield from found


def told(seed: int) -> str:
    """Tell a failing seed in its shortest form."""
    return story(seed, shortest(seed))
