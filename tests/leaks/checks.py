"""What the leak test and `bench faults` count: a tapped session is played, then every byte of it is looked through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kamdesk.security import leaks
from tests.faults import tap
from tests.leaks import planted

ROOT = Path(__file__).resolve().parents[2]
WIPED_AWAY = """
import sys
from sqlcipher3 import dbapi2
db = dbapi2.connect(sys.argv[1] + "/plain.db", isolation_level=None)
db.execute("PRAGMA temp_store=FILE")
db.execute("PRAGMA temp.cache_size=10")
db.execute("CREATE TEMP TABLE t(v)")
db.executemany("INSERT INTO t VALUES(?)", [(f"{n} {sys.argv[2]} " + "x" * 200,) for n in range(20000)])
assert db.execute("SELECT v FROM t ORDER BY v LIMIT 1").fetchone()
db.close()
"""
"""A program that lets its temporary tables be written to files: they are gone when it ends."""


@dataclass
class Session:
    """What was played and what was found in it."""

    code: int = 0
    said: str = ""
    files: int = 0
    written: int = 0
    """Bytes, of files that are there no more too."""
    hits: list[str] = field(default_factory=list)


def tapped(library: Path, folder: Path, *command: str) -> Session:
    """Run a program whose writes below `folder` are tapped; look through them, the files and what it said."""
    log = folder.with_name(folder.name + ".tap")
    for name in ("home", "tmp", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "run").chmod(0o700)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("XDG_")},
        "LD_PRELOAD": str(library), "TAP_LOG": str(log), "TAP_DIR": str(folder),
        "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"),
        "SQLITE_TMPDIR": str(folder / "tmp"), "XDG_RUNTIME_DIR": str(folder / "run"),
        "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, timeout=540
    )
    result = Session(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))
    needles = planted.needles()
    report = leaks.search([folder], needles)
    result.files = report.files
    result.hits = [f"{hit.place}: {hit.form}" for hit in report.hits]
    result.hits += [f"said: {form}" for form in leaks.in_bytes(done.stdout + done.stderr, needles)]
    for path, written in _streams(log).items():
        result.written += len(written)
        stream = leaks.in_bytes(path.encode(), needles)
        for start in range(0, len(written), leaks.PIECE):
            piece = bytes(written[max(0, start - leaks.OVERLAP) : start + leaks.PIECE])
            stream |= leaks.in_bytes(piece, needles)
        result.hits += [f"written to {path}: {form}" for form in sorted(stream)]
    log.unlink()
    return result


def _streams(log: Path) -> dict[str, bytearray]:
    """Return what was written to each file, in the order of writing, whatever became of it."""
    streams: dict[str, bytearray] = {}
    for event in tap.events(log):
        if event.what == "W":
            streams.setdefault(event.path, bytearray()).extend(event.data)
    return streams


def session(library: Path, folder: Path) -> Session:
    """Play the day with prices."""
    return tapped(library, folder, "-m", "tests.leaks.session", str(folder))


def control(library: Path, folder: Path) -> tuple[Session, bool]:
    """Let a program leak into files that it deletes; say whether one of them is still there."""
    found = tapped(library, folder, "-c", WIPED_AWAY, str(folder), planted.SEEN)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    return found, any(not hit.startswith(("written", "said")) for hit in found.hits)
