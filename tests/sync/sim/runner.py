"""Running many seeds on all cores, and telling of those that fail."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.sync.sim.shrink import failure, shortest, story
from tests.sync.sim.storing import InMemory, OnDisk, OnPostgresql
from tests.sync.sim.world import ending, simulate

T = TypeVar("T")

_AT_ONCE = 20
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files do not wait for a disk, which no simulated power cut asks for."""


def _work(seeds: list[int]) -> list[tuple[int, str]]:
    logging.disable(logging.CRITICAL)  # injected crashes are told as errors, rightly
    gc.disable()  # a sixth of the time goes into looking for garbage; once for all of them is enough
    found = [(seed, failure(seed)) for seed in seeds]
    gc.collect()
    return [(seed, what) for seed, what in found if what]


def _on_disk(seeds: list[int]) -> list[int]:
    """Give the seeds that end on encrypted files otherwise than in memory."""
    logging.disable(logging.CRITICAL)
    gc.disable()
    unequal = []
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY) as name:
        (Path(name) / "run").mkdir()
        disk = OnDisk(Path(name) / "run", Path(name) / "templates")
        for seed in seeds:
            on_disk = ending(simulate(seed, disk))
            disk.close()
            if on_disk != ending(simulate(seed, InMemory())):
                unequal.append(seed)
            gc.collect()
    return unequal


def _on_postgresql(url: str, seeds: list[int]) -> list[int]:
    """Give the seeds that end with head office on PostgreSQL otherwise than in memory."""
    logging.disable(logging.CRITICAL)
    server = OnPostgresql(url)
    unequal = [
        seed
        for seed in seeds
        if ending(simulate(seed, server)) != ending(simulate(seed, InMemory()))
    ]
    server.close()
    return unequal


def _in_parts(
    work: Callable[[list[int]], list[T]], seeds: Iterable[int], at_once: int
) -> Iterator[T]:
    """Run seeds in as many processes as there are cores."""
    wanted = list(seeds)
    parts = [wanted[at : at + at_once] for at in range(0, len(wanted), at_once)]
    # Fresh interpreters: a test session has threads, and a fork of those may hang
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(os.cpu_count() or 1, len(parts) or 1)) as pool:
        for found in pool.imap(work, parts):
            yield from found


def failures(seeds: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Run seeds in memory; give those that fail, with what is wrong."""
    return _in_parts(_work, seeds, _AT_ONCE)


def unequal_on_disk(seeds: Iterable[int]) -> list[int]:
    """Run seeds on encrypted files too; give those whose ends differ."""
    return list(_in_parts(_on_disk, seeds, _AT_ONCE))


def unequal_on_postgresql(url: str, seeds: Iterable[int]) -> list[int]:
    """Run seeds with head office on PostgreSQL too, all on one database; give those whose ends differ."""
    wanted = list(seeds)
    return list(_in_parts(partial(_on_postgresql, url), wanted, max(len(wanted), 1)))


def told(seed: int) -> str:
    """Tell a failing seed in its shortest form."""
    return story(seed, shortest(seed))
