"""What another program reaches on the same work in the same run, where it can be installed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.report import Row

ROOT = Path(__file__).resolve().parents[1]
ANKI = "26.9.3"


def anki(notes: int = 100_000, changes: int = 500) -> Iterator[Row]:
    """Measure Anki's synchronisation with a server of its own; nothing where it does not install."""
    python = _environment(f"anki=={ANKI}")
    if python is None:
        print(f"Anki {ANKI} cannot be installed here: no figures of a peer.")
        return
    with tempfile.TemporaryDirectory() as folder:
        script = str(ROOT / "bench" / "anki_peer.py")
        command = [str(python), script, folder, str(notes), str(changes)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if ended.returncode:
        print(f"Anki {ANKI} cannot be measured here: {ended.stderr[-300:]}")
        return
    found = json.loads(ended.stdout)
    yield Row("first load 100k, Anki", "records/s", notes / found["first load"], None, None, None)
    for name in ("delta pull", "delta push"):
        yield Row(f"{name} {changes}, Anki", "ms", 1e3 * found[name], None, None, None)
    yield Row("idle, Anki", "ms", 1e3 * found["idle"], None, None, None)


def _environment(package: str) -> Path | None:
    """Return the interpreter of an environment with one package, made when it is not there yet."""
    folder = ROOT / ".bench" / package.replace("==", "-")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / "installed"
    if not done.exists():
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q", package],
        ):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return None
        done.touch()
    return python
