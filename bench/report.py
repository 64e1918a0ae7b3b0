"""The form of every bench: a table, and with `--json FILE` the rows as a list."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. `limit` is on the ratio to the floor, on the value where there is no ratio; null: none."""

    name: str
    unit: str
    value: float
    floor: float | None
    ratio: float | None
    limit: float | None


def print_rows(rows: list[Row]) -> int:
    """Print the table, write the JSON that was asked for; return 1 when a limit is passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    asked, _ = parser.parse_known_args()
    for row in rows:
        floor = "-" if row.floor is None else f"{row.floor:.1f}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}x"
        limit = "-" if row.limit is None else f"<= {row.limit}{'' if row.ratio is None else 'x'}"
        print(
            f"{row.name:32} {row.value:12.1f} {row.unit:10} floor {floor:>10}  {ratio:>7}  {limit}"
        )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    limits = [(row.limit, row.value if row.ratio is None else row.ratio) for row in rows]
    return int(any(limit is not None and value > limit for limit, value in limits))
