"""What the leak test and `bench faults` count: a tapped session is played, then every byte of it is looked through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kamdesk.security import leaks, printed
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
    mapped: list[str] = field(default_factory=list)
    """Files that were written by way of memory, past the tap; the shared one of SQLite holds page numbers alone."""


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
    result.hits = [
        f"{hit.place}: {hit.form}{_culprits(Path(hit.place).read_bytes)}" for hit in report.hits
    ]
    said = done.stdout + done.stderr
    result.hits += [
        f"said: {form}{_culprits(lambda: said)}" for form in leaks.in_bytes(said, needles)
    ]
    streams, result.mapped = _streams(log)
    for path, written in streams.items():
        result.written += len(written)
        forms = _in_pieces(written, needles) | leaks.in_bytes(path.encode(), needles)
        if written.startswith(b"%PDF-"):
            forms |= _in_pieces(printed.text_of(bytes(written)), needles)
        for form in sorted(forms):
            result.hits.append(f"written to {path}: {form}{_culprits(lambda one=written: one)}")
    log.unlink()
    return result


def _in_pieces(written: bytes | bytearray, needles: leaks.Needles) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(written), leaks.PIECE):
        piece = bytes(written[max(0, start - leaks.OVERLAP) : start + leaks.PIECE])
        found |= leaks.in_bytes(piece, needles)
    return found


def _culprits(read: Callable[[], bytes | bytearray]) -> str:
    """Say which canaries are in these bytes, so that a leak tells where the price was typed."""
    data = read()
    named = [
        name for name in (*planted.CANARIES, "rebate") if _in_pieces(data, planted.needles(name))
    ]
    return f" ({', '.join(named)})" if named else ""


def _streams(log: Path) -> tuple[dict[str, bytearray], list[str]]:
    """Return what was written to each file, in the order of writing, whatever became of it; and what was mapped."""
    streams: dict[str, bytearray] = {}
    mapped: dict[str, None] = {}
    for event in tap.events(log):
        if event.what == "W":
            streams.setdefault(event.path, bytearray()).extend(event.data)
        elif event.what == "M" and not event.path.endswith("-shm"):
            mapped[event.path] = None
    return streams, list(mapped)


def session(library: Path, folder: Path) -> Session:
    """Play the day with prices."""
    return tapped(library, folder, "-m", "tests.leaks.session", str(folder))


def control(library: Path, folder: Path) -> tuple[Session, bool]:
    """Let a program leak into files that it deletes; say whether one of them is still there."""
    found = tapped(library, folder, "-c", WIPED_AWAY, str(folder), planted.SEEN)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    return found, any(not hit.startswith(("written", "said")) for hit in found.hits)
