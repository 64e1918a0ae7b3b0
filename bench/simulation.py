"""The simulation of reconciliation, any number of seeds: `python dev.py bench simulation --seeds N`.

A tenth as many seeds with attachments come on top. Prints every failing seed in its shortest form, and how many of the
deliberate mistakes are found. `--on-disk N` and `--on-postgresql N` run the first seeds again on the encrypted store
and on PostgreSQL and compare the ends.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench.report import Row, print_rows
from tests.headoffice import cluster
from tests.sync.sim import mistakes
from tests.sync.sim.runner import failures, told, unequal_on_disk, unequal_on_postgresql
from tests.sync.sim.world import WITH_FILES


def _unequal(on_disk: int, on_postgresql: int) -> list[str]:
    found = [f"seed {seed} on disk" for seed in unequal_on_disk(range(1, on_disk + 1))]
    if on_postgresql:
        with cluster.running() as started:
            seeds = unequal_on_postgresql(started.empty_database(), range(1, on_postgresql + 1))
        found += [f"seed {seed} on PostgreSQL" for seed in seeds]
    return found


def main() -> int:
    """Run seeds and mistakes; return 1 when an invariant is violated or a mistake is not found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--on-disk", type=int, default=200)
    parser.add_argument("--on-postgresql", type=int, default=50)
    asked, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    began = time.perf_counter()
    violations = 0
    wanted = [*range(asked.first, asked.first + asked.seeds)]
    wanted += range(WITH_FILES + asked.first, WITH_FILES + asked.first + asked.seeds // 10)
    for seed, what in failures(wanted):
        violations += 1
        print(f"seed {seed}: {what}\n{told(seed)}\n", flush=True)
    seconds = time.perf_counter() - began
    caught = 0
    for name in mistakes.MISTAKES:
        is_found = mistakes.is_found(name)
        caught += is_found
        print(f"mistake {name}: {'found' if is_found else 'NOT FOUND'}", flush=True)
    total = len(mistakes.MISTAKES)
    unequal = _unequal(asked.on_disk, asked.on_postgresql)
    for one in unequal:
        print(f"{one} ends otherwise than in memory", flush=True)
    code = print_rows(
        [
            Row("seeds", "runs", len(wanted), None, None, None),
            Row("seeds per second", "1/s", len(wanted) / seconds, None, None, None),
            Row("violations", "runs", violations, None, None, None),
            Row("other ends on disk or PostgreSQL", "runs", len(unequal), None, None, None),
            Row("mistakes found", "of all", caught, total, caught / total, None),
        ]
    )
    return int(code or violations + len(unequal) > 0 or caught < total)


if __name__ == "__main__":
    sys.exit(main())
