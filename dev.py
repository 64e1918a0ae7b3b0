#!/usr/bin/env python3
"""The door for people: `test`, `check`, `bench`, `migration`. Standard library only."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "lock.sha256"
SYSTEM_PACKAGES = (
    "libegl1", "libgl1", "libxkbcommon0", "libdbus-1-3", "libfontconfig1", "libglib2.0-0",
    "fonts-noto-cjk", "postgresql", "dbus", "gnome-keyring",
)  # fmt: skip


def python() -> Path:
    """Return the Python of the project's own environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def tool(name: str) -> str:
    """Return a command of the project's own environment."""
    return str(python().with_name(name + (".exe" if os.name == "nt" else "")))


def run(*command: str) -> int:
    """Run a command in the checkout, show what it prints, return its exit code."""
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def install_system_packages() -> None:
    """Install missing Debian packages as root; elsewhere say the one command."""
    if shutil.which("dpkg-query") is None:
        return
    missing = [name for name in SYSTEM_PACKAGES if not _is_installed(name)]
    if not missing:
        return
    if os.geteuid() != 0:
        print("Some tests skip without: sudo apt-get install " + " ".join(missing))
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "check": False, "env": environment}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)  # type: ignore[call-overload]
    subprocess.run(["apt-get", "install", "-y", "-qq", *missing], **quiet)  # type: ignore[call-overload]


def _is_installed(name: str) -> bool:
    found = subprocess.run(
        ["dpkg-query", "-W", "-f=${Status}", name], capture_output=True, text=True, check=False
    )
    return found.stdout.endswith(" installed")


def set_up() -> None:
    """Make the environment match the lock; quick when it does already."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Setting up .venv ...", flush=True)
    if not python().exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode
        if made:
            sys.exit(
                "Python cannot make an environment here; on Debian: apt-get install python3-venv"
            )
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    for arguments in (["--require-hashes", "-r", str(LOCK)], ["--no-deps", "-e", str(ROOT)]):
        if subprocess.run([*pip, *arguments], cwd=ROOT, check=False).returncode:
            sys.exit("The packages could not be installed; see above.")
    STAMP.write_text(wanted)


def check(_arguments: list[str]) -> int:
    """Run the linters; all of them, even when one fails."""
    worst = 0
    for command in ((tool("ruff"), "check", "."), (tool("mypy"),), (tool("lint-imports"),)):
        began = time.monotonic()
        code = run(*command)
        print(
            f"{Path(command[0]).stem}: {'ok' if not code else 'FAILED'}, {time.monotonic() - began:.1f} s"
        )
        worst = worst or code
    return worst


def test(arguments: list[str]) -> int:
    """Run the checks, then the tests, so that the tests' closing line is the last."""
    install_system_packages()
    checked = check([])
    return run(str(python()), "-m", "pytest", *arguments) or checked


def migration(arguments: list[str]) -> int:
    """Write the next migration of the local store from what the records declare."""
    return run(str(python()), "-m", "kamdesk.db.migrate", "new", " ".join(arguments))


def bench(arguments: list[str]) -> int:
    """Run one bench by name, or name them all."""
    names = sorted(
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if path.stem not in {"__init__", "report"}
    )
    if not arguments or arguments[0] not in names:
        print("python dev.py bench NAME [--json FILE]; NAME is one of: " + ", ".join(names))
        return 2
    return run(str(python()), "-m", f"bench.{arguments[0]}", *arguments[1:])


COMMANDS = {"bench": bench, "check": check, "migration": migration, "test": test}


def main() -> int:
    """Set the checkout up and do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    chosen, rest = parser.parse_known_args()
    set_up()
    return COMMANDS[chosen.command](rest)


if __name__ == "__main__":
    sys.exit(main())
