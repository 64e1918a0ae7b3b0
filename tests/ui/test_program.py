"""The whole program as a process: it starts, is there once, and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "kamdesk", "--data-dir", str(folder / "data")],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_h61_second_start_brings_the_first_to_the_front_and_ends(tmp_path):
    with start(tmp_path) as first:
        try:
            time.sleep(3)
            assert first.poll() is None, first.stderr.read()
            with start(tmp_path) as second:
                assert second.wait(30) == 0
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGTERM)
            first.wait(20)


def test_h61_program_starts_after_it_was_killed(tmp_path):
    with start(tmp_path) as killed:
        time.sleep(3)
        killed.kill()
        killed.wait(20)
    with start(tmp_path) as again:
        try:
            time.sleep(3)
            assert again.poll() is None, again.stderr.read()
        finally:
            again.kill()
            again.wait(20)
