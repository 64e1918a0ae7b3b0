"""The program that is installed: how large it is, and how fast it starts beside the same program from source."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.report import Row, print_rows

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
LARGEST_MB = 130


def main() -> int:
    """Build it, measure both in interleaved rounds."""
    with tempfile.TemporaryDirectory() as name:
        built = subprocess.run(
            [sys.executable, "dev.py", "package", "--out", name], cwd=ROOT, check=False
        )
        if built.returncode:
            return built.returncode
        folder = Path(name) / "kamdesk"
        program = folder / ("kamdesk.exe" if os.name == "nt" else "kamdesk")
        files = [one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()]
        size = sum(one.stat().st_size for one in files) / 1e6
        frozen, source = [], []
        for _ in range(ROUNDS):
            frozen.append(_seconds([str(program)]))
            source.append(_seconds([sys.executable, "-m", "kamdesk"]))
    ratio = median(frozen) / median(source)
    return print_rows(
        [
            Row("size", "MB", size, None, None, LARGEST_MB),
            Row(
                "start to self-check",
                "ms",
                median(frozen) * 1000,
                median(source) * 1000,
                ratio,
                1.2,
            ),
        ]
    )


def _seconds(command: list[str]) -> float:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    began = time.perf_counter()
    subprocess.run(
        [*command, "--self-check"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
