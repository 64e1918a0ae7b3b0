"""What the store survives and what it gives away, as counts: kills, power cuts, failing writes, damaged pages, leaks.

`--part NAME` runs one of them alone, `--share N/M` the N-th of M equal parts of it; all takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.report import Row, print_rows
from tests.faults import checks, tap, trees
from tests.headoffice import cluster
from tests.leaks import checks as leak_checks
from tests.leaks import planted
from tests.sync import programs

KILLS, STATES, PROOF_STATES, WRITE_FAULTS, PAGE_FAULTS = 1000, 32_000, 1000, 1300, 300
RUNS = 2
"""Different work each time; of the states made, about two thirds differ from each other."""
PROFILE_STATES = 4000
PROGRAM_KILLS = 40
"""Of desktops and servers as programs, on each database."""
Result = tuple[list[Row], int]
"""Rows, and how many of the counts must have been zero."""


def _row(name: str, value: int) -> Row:
    return Row(name, "count", value, None, None, None)


def _kills(folder: Path, share: tuple[int, int]) -> Result:
    number, of = share
    killed = checks.kills(-(-KILLS // of), folder, seed=number)
    rows = [_row(name, killed[name]) for name in ("kills", "acknowledged", "lost", "damaged")]
    return rows, killed["lost"] + killed["damaged"]


def _programs(folder: Path, share: tuple[int, int]) -> Result:
    number, of = share
    rows, bad = [], 0
    with ExitStack() as stack:
        databases = {"sqlite": ""}
        if cluster.binaries() is None:
            print("NOT RUN: programs on postgresql need PostgreSQL")
        else:
            databases["postgresql"] = stack.enter_context(cluster.running()).empty_database()
        for name, database in databases.items():
            place = folder / name
            place.mkdir()
            done = programs.kills(-(-PROGRAM_KILLS // of), place, database, seed=number)
            words = ("desktops", "servers", "acknowledged", "lost", "doubled", "damaged")
            rows += [_row(f"programs {name} {word}", done[word]) for word in words]
            bad += sum(done[one] for one in ("lost", "doubled", "damaged", "waiting", "refused"))
    return rows, bad


def _pages(folder: Path, _share: tuple[int, int]) -> Result:
    pages = checks.page_faults(PAGE_FAULTS, folder)
    rows = [_row("page faults", pages["runs"]), _row("page faults silent", pages["silent"])]
    return rows, pages["silent"]


def _power(folder: Path, share: tuple[int, int]) -> Result:
    number, of = share
    library = _library(folder)
    cut: Counter[str] = Counter()
    for run in range(RUNS):
        place = folder / f"run{run}"
        place.mkdir()
        cut.update(
            checks.power(-(-STATES // of // RUNS), place, library, seed=6 + number + 100 * run)
        )
    rows = [
        _row("power states", cut["different"]),
        _row("power states made", cut["states"]),
        _row("power lost", cut["lost"]),
        _row("power damaged", cut["damaged"]),
    ]
    bad = cut["lost"] + cut["damaged"]
    for weaker in ("NORMAL", "OFF"):
        proof = checks.power(PROOF_STATES, folder, library, synchronous=weaker)
        found = proof["lost"] + proof["damaged"]
        rows.append(_row(f"power proof {weaker}", found))
        bad += found == 0  # a simulator that finds nothing there proves nothing
    return rows, bad


def _profile(folder: Path, share: tuple[int, int]) -> Result:
    """Cut the power over key store, journal, backups and the switch of generations, folders not flushed included."""
    number, of = share
    library = _library(folder)
    cut = trees.power(-(-PROFILE_STATES // of), folder, library, seed=3 + number)
    proof = trees.power(200, folder, library, how="careless")
    found = proof["lost"] + proof["damaged"]
    rows = [
        _row(f"profile {name}", cut[name]) for name in ("states", "lost", "damaged", "forgotten")
    ]
    rows.append(_row("profile proof", found))
    return rows, cut["lost"] + cut["damaged"] + cut["forgotten"] + (found == 0)


def _writes(folder: Path, _share: tuple[int, int]) -> Result:
    writes = checks.write_faults(WRITE_FAULTS, folder, _library(folder))
    rows = [
        _row("write faults", writes["runs"]),
        _row("false saved", writes["false_saved"]),
        _row("doubles", writes["doubles"]),
    ]
    return rows, writes["false_saved"] + writes["doubles"] + writes["damaged"]


def _leaks(folder: Path, _share: tuple[int, int]) -> Result:
    missed, false = planted.found(folder / "planted")
    library = _library(folder)
    played = leak_checks.session(library, folder / "session")
    caught, _ = leak_checks.control(library, folder / "control")
    if played.code:
        print(played.said, file=sys.stderr)
    for hit in (*played.hits, *missed, *false):
        print(hit, file=sys.stderr)
    rows = [
        _row("leaks", len(played.hits)),
        _row("files looked through", played.files),
        _row("bytes ever written", played.written),
        _row("planted found", len(planted.FORMS) - len(missed)),
        _row("planted", len(planted.FORMS)),
        _row("false hits", len(false)),
        _row("deleted files caught", len(caught.hits)),
    ]
    bad = len(played.hits) + len(missed) + len(false) + abs(played.code) + (not caught.hits)
    return rows, bad


PARTS: dict[str, Callable[[Path, tuple[int, int]], Result]] = {
    "kills": _kills,
    "programs": _programs,
    "pages": _pages,
    "power": _power,
    "profile": _profile,
    "writes": _writes,
    "leaks": _leaks,
}
_NEED_THE_TAP = {"power", "profile", "writes", "leaks"}


def _library(folder: Path) -> Path:
    library = tap.compiled(folder)
    assert library is not None
    return library


def _share(written: str) -> tuple[int, int]:
    number, _, of = written.partition("/")
    return int(number), int(of)


def main() -> int:
    """Run what was asked for; 1 when anything that was acknowledged was lost, damaged, told falsely or given away."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=tuple(PARTS), action="append")
    parser.add_argument("--share", type=_share, default=(1, 1), metavar="N/M")
    asked, _ = parser.parse_known_args()
    folder = Path(tempfile.mkdtemp())
    rows, bad = [], 0
    try:
        has_tap = tap.compiled(folder) is not None
        for name in asked.part or PARTS:
            if name in _NEED_THE_TAP and not has_tap:
                print(f"NOT RUN: {name} needs gcc and Linux")
                continue
            place = folder / name
            place.mkdir()
            made, wrong = PARTS[name](place, asked.share)
            rows += made
            bad += wrong
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return print_rows(rows) or int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
