#!/usr/bin/env python3
"""The door for people: `demo`, `test`, `tour`, `check`, `bench`, `i18n`, `migration`, `package`.

Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "lock.sha256"
DEMO = ROOT / ".demo"
DEMO_USERS = {"kam": "wang.min", "rep": "li.wei"}
DEMO_PASSWORD = "demo company, no secrets"
DEMO_PASSPHRASE = "demo passphrase, no secret"
TEXTS = ROOT / "resources" / "i18n" / "kamdesk_zh_CN.ts"
SYSTEM_PACKAGES = (
    "libegl1", "libgl1", "libxkbcommon0", "libdbus-1-3", "libfontconfig1", "libglib2.0-0",
    "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-image0", "libxcb-render-util0",
    "libxcb-shape0", "libxkbcommon-x11-0", "fonts-noto-cjk", "postgresql", "dbus", "gnome-keyring",
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
        print("For everything to run: sudo apt-get install " + " ".join(missing))
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
    commands = (
        (tool("ruff"), "check", "."),
        (tool("mypy"),),
        (tool("lint-imports"),),
        (tool("deptry"), "kamdesk"),
        (str(python()), "dev.py", "i18n", "--check"),
    )
    for command in commands:
        began = time.monotonic()
        code = run(*command)
        print(
            f"{Path(command[0]).stem} {command[-1]}: {'ok' if not code else 'FAILED'}, {time.monotonic() - began:.1f} s"
        )
        worst = worst or code
    return worst


def test(arguments: list[str]) -> int:
    """Run the checks, then the tests, so that the tests' closing line is the last."""
    install_system_packages()
    checked = check([])
    # File by file, so that what a file shares (a server, a cluster) is made once
    shared = [] if "-n" in arguments else ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
    return run(str(python()), "-m", "pytest", *shared, *arguments) or checked


def migration(arguments: list[str]) -> int:
    """Write the next migration of the local store from what the records declare."""
    return run(str(python()), "-m", "kamdesk.db.migrate", "new", " ".join(arguments))


def bench(arguments: list[str]) -> int:
    """Run one bench by name, or name them all."""
    names = sorted(
        path.stem.rstrip("_")  # `import` is no name for a module
        for path in (ROOT / "bench").glob("*.py")
        if path.stem != "report" and "print_rows(" in path.read_text(encoding="utf-8")
    )
    if not arguments or arguments[0] not in names:
        print("python dev.py bench NAME [--json FILE]; NAME is one of: " + ", ".join(names))
        return 2
    module = "import_" if arguments[0] == "import" else arguments[0]
    return run(str(python()), "-m", f"bench.{module}", *arguments[1:])


def package(arguments: list[str]) -> int:
    """Build the program that people install, a folder in `dist/kamdesk`, and let it check itself."""
    parser = argparse.ArgumentParser("dev.py package")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    out = parser.parse_args(arguments).out.resolve()
    install_system_packages()
    code = run(
        str(python()), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", str(out), "--workpath", str(ROOT / "build"), "build.spec",
    )  # fmt: skip
    if code:
        return code
    program = out / "kamdesk" / ("kamdesk.exe" if os.name == "nt" else "kamdesk")
    size = sum(
        one.stat().st_size
        for one in program.parent.rglob("*")
        if one.is_file() and not one.is_symlink()
    )
    print(f"{program.parent}: {size / 1e6:.0f} MB", flush=True)
    return run(str(program), "--self-check")


def demo(arguments: list[str]) -> int:
    """Open the demo company: as the rep, or `--as kam`; `--fresh` starts over. Without a screen: the tour."""
    parser = argparse.ArgumentParser("dev.py demo")
    parser.add_argument("--as", dest="who", choices=sorted(DEMO_USERS), default="rep")
    parser.add_argument("--fresh", action="store_true")
    chosen = parser.parse_args(arguments)
    if not _has_screen():
        print("There is no screen here: the tour is played instead.", flush=True)
        return tour(["--out", str(DEMO / "tour")])
    install_system_packages()
    if chosen.fresh:
        shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir(exist_ok=True)
    database = DEMO / "headoffice.db"
    office = [str(python()), "-m", "kamdesk.headoffice", "--database", str(database)]
    if not database.exists():
        print("Telling the demo company's story ...", flush=True)
        if run(*office, "demo", str(ROOT / "resources" / "demo")):
            return 1
    with subprocess.Popen(
        [*office, "serve", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        # An end that was asked for must not leave head office behind
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            address = server.stdout.readline().split()[-1] if server.stdout else ""
            user = DEMO_USERS[chosen.who]
            print(f"Head office listens on {address}; you are {user}, the password is filled in.")
            print(
                f"Where this computer keeps no keys, choose a passphrase, such as: {DEMO_PASSPHRASE}"
            )
            return subprocess.run(
                [str(python()), "-m", "kamdesk", "--data-dir", str(DEMO / chosen.who),
                 "--demo-server", address, "--demo-user", user],
                cwd=ROOT, env={**os.environ, "KAMDESK_DEMO_PASSWORD": DEMO_PASSWORD}, check=False,
            ).returncode  # fmt: skip
        finally:
            server.terminate()


def _has_screen() -> bool:
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def tour(arguments: list[str]) -> int:
    """Drive the real program through the main job and save a picture of every step: `--out DIR`."""
    parser = argparse.ArgumentParser("dev.py tour")
    parser.add_argument("--out", type=Path, default=DEMO / "tour")
    chosen = parser.parse_args(arguments)
    install_system_packages()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [str(python()), "-m", "tests.tour", "--out", str(chosen.out.resolve())]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    print(f"The pictures are in {chosen.out}" if not code else "The tour failed; see above.")
    return code


def i18n(arguments: list[str]) -> int:
    """Collect the texts and compile the translations; `--check` fails where that changes a file."""
    before = TEXTS.read_bytes() if TEXTS.exists() else b""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "kamdesk").rglob("*.py"))
    shown = [path for path in sources if Path(path).parts[1] != "headoffice"]
    options = ["-silent", "-locations", "none", "-no-obsolete", "-target-language", "zh_CN"]
    code = run(tool("pyside6-lupdate"), *options, *shown, "-ts", str(TEXTS))
    compiled = TEXTS.with_suffix(".qm")
    if "--check" in arguments:
        after, shipped = TEXTS.read_bytes(), compiled.read_bytes() if compiled.exists() else b""
        run(tool("pyside6-lrelease"), "-silent", str(TEXTS), "-qm", str(compiled))
        is_stale = after != before or compiled.read_bytes() != shipped
        if code or is_stale or b'type="unfinished"' in after:
            print(
                f"{TEXTS.name} is not up to date or not whole: run python dev.py i18n and translate"
            )
            TEXTS.write_bytes(before)
            return 1
        return 0
    return code or run(tool("pyside6-lrelease"), "-silent", str(TEXTS), "-qm", str(compiled))


COMMANDS = {
    "bench": bench, "check": check, "demo": demo, "i18n": i18n, "migration": migration,
    "package": package, "test": test, "tour": tour,
}  # fmt: skip


def main() -> int:
    """Set the checkout up and do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    chosen, rest = parser.parse_known_args()
    set_up()
    return COMMANDS[chosen.command](rest)


if __name__ == "__main__":
    sys.exit(main())
