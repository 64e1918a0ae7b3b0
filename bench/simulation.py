"""The simulation of reconciliation, any number of seeds: `python dev.py bench simulation --seeds N`.

Prints every failing seed in its shortest form, and how many of the deliberate mistakes are found.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench.report import Row, print_rows
from tests.sync.sim import mistakes
from tests.sync.sim.runner import failures, told


def main() -> int:
    """Run seeds and mistakes; return 1 when an invariant is violated or a mistake is not found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    asked, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    began = time.perf_counter()
    violations = 0
    for seed, what in failures(range(asked.first, asked.first + asked.seeds)):
        violations += 1
        print(f"seed {seed}: {what}\n{told(seed)}\n", flush=True)
    seconds = time.perf_counter() - began
    caught = 0
    for name in mistakes.MISTAKES:
        is_found = mistakes.is_found(name)
        caught += is_found
        print(f"mistake {name}: {'found' if is_found else 'NOT FOUND'}", flush=True)
    total = len(mistakes.MISTAKES)
    code = print_rows(
        [
            Row("seeds", "runs", asked.seeds, None, None, None),
            Row("seeds per second", "1/s", asked.seeds / seconds, None, None, None),
            Row("violations", "runs", violations, None, None, None),
            Row("mistakes found", "of all", caught, total, caught / total, None),
        ]
    )
    return int(code or violations > 0 or caught < total)


if __name__ == "__main__":
    sys.exit(main())
