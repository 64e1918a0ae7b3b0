"""What the store survives, as counts: kills, power cuts, failing writes, damaged pages."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench.report import Row, print_rows
from tests.faults import checks, tap

KILLS, STATES, PROOF_STATES, WRITE_FAULTS, PAGE_FAULTS = 1000, 20_000, 1000, 1300, 300


def _row(name: str, value: int) -> Row:
    return Row(name, "count", value, None, None, None)


def main() -> int:
    """Run everything; 1 when anything that was acknowledged was lost, damaged or told falsely."""
    folder = Path(tempfile.mkdtemp())
    rows, bad, proved = [], 0, True
    try:
        for part in ("kills", "pages", "power", "writes"):
            (folder / part).mkdir()
        killed = checks.kills(KILLS, folder / "kills")
        rows += [
            _row("kills", killed["kills"]),
            _row("acknowledged", killed["acknowledged"]),
            _row("lost", killed["lost"]),
            _row("damaged", killed["damaged"]),
        ]
        bad += killed["lost"] + killed["damaged"]
        pages = checks.page_faults(PAGE_FAULTS, folder / "pages")
        rows += [_row("page faults", pages["runs"]), _row("page faults silent", pages["silent"])]
        bad += pages["silent"]
        library = tap.compiled(folder)
        if library is None:
            print("NOT RUN: power states and write faults need gcc and Linux")
        else:
            cut = checks.power(STATES, folder / "power", library)
            rows += [
                _row("power states", cut["states"]),
                _row("power lost", cut["lost"]),
                _row("power damaged", cut["damaged"]),
            ]
            bad += cut["lost"] + cut["damaged"]
            for weaker in ("NORMAL", "OFF"):
                proof = checks.power(PROOF_STATES, folder / "power", library, synchronous=weaker)
                found = proof["lost"] + proof["damaged"]
                rows.append(_row(f"power proof {weaker}", found))
                proved = proved and found > 0
            writes = checks.write_faults(WRITE_FAULTS, folder / "writes", library)
            rows += [
                _row("write faults", writes["runs"]),
                _row("false saved", writes["false_saved"]),
                _row("doubles", writes["doubles"]),
            ]
            bad += writes["false_saved"] + writes["doubles"] + writes["damaged"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return print_rows(rows) or int(bad > 0 or not proved)


if __name__ == "__main__":
    sys.exit(main())
