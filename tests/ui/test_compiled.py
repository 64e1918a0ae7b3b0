"""PySide's modules that are kept compiled."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import builtins, sys
compiled = []
def on(event, given):
    if event == "compile" and str(given[1]).startswith("shibokensupport/"):
        compiled.append(given[1])
sys.addaudithook(on)
truly = builtins.compile
import kamdesk.ui.features
assert builtins.compile is truly
from PySide6.QtCore import QSize
try:
    QSize("wide")
except TypeError as error:  # the words are made by those modules
    assert "Supported signatures" in str(error)
else:
    raise AssertionError
print(len(compiled))
"""


def start(folder: Path) -> int:
    """Import PySide in a new process; return how many of its modules were compiled."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def test_pyside_is_compiled_by_the_first_start_alone(tmp_path):
    assert start(tmp_path) > 5  # none: drop kamdesk/ui/compiled.py
    assert start(tmp_path) == 0


def test_damaged_file_of_compiled_modules_is_made_anew(tmp_path):
    start(tmp_path)
    (file,) = tmp_path.rglob("*.shiboken")
    file.write_bytes(file.read_bytes()[:1000])
    assert start(tmp_path) > 5
    assert start(tmp_path) == 0


def test_what_an_older_pyside_left_behind_goes(tmp_path):
    start(tmp_path)
    (file,) = tmp_path.rglob("*.shiboken")
    codes = marshal.loads(file.read_bytes())
    (gone, _), *kept = codes.items()
    file.write_bytes(marshal.dumps({**dict(kept), b"older": compile("", "older", "exec")}))
    assert start(tmp_path) == 1
    now = marshal.loads(file.read_bytes())
    assert now.keys() == codes.keys()
    assert gone in now
    assert [one.name for one in file.parent.glob("*.shiboken*")] == [file.name]
