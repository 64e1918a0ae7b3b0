import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kamdesk.db.connect import connect
from kamdesk.security import process

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_open_store_locks_no_memory(tmp_path):
    """Locking block by block took half of a first load's time, and swaps are not kept out by it anyway."""
    connection = connect(tmp_path / "store.db", os.urandom(32))
    try:
        connection.execute("CREATE TABLE visit(id INTEGER PRIMARY KEY, note TEXT)")
        connection.executemany(
            "INSERT INTO visit(note) VALUES(?)",
            (("met the head of cardiology" * 20,) for _ in range(2_000)),
        )
        assert connection.execute("PRAGMA cipher_memory_security").fetchone() == ("1",)
        locked = re.search(r"^VmLck:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
        assert locked
        assert int(locked[1]) < 200  # kB: the heap of the keys, locked as a whole
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the modes of POSIX")
def test_every_file_that_the_program_makes_is_for_its_own_account_alone(tmp_path):
    """The journal of crashes and the log are opened by others: logging, faulthandler, SQLite."""
    file = tmp_path / "log"
    made = "from kamdesk.security import process; process.harden(); open(__import__('sys').argv[1], 'w')"
    subprocess.run([sys.executable, "-c", made, file], check=True, cwd=ROOT, umask=0o022)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="the modes of POSIX")
def test_the_database_of_head_office_is_for_its_own_account_alone(tmp_path):
    command = [sys.executable, "-m", "kamdesk.headoffice", "--database", tmp_path / "office.db"]
    territory = ["territory", "add", "North"]
    subprocess.run([*command, *territory], check=True, cwd=ROOT, umask=0o022, stdout=subprocess.DEVNULL)
    modes = {one.name: one.stat().st_mode & 0o077 for one in tmp_path.iterdir()}
    assert modes
    assert not any(modes.values()), modes


@pytest.mark.parametrize("is_built", [True, False])
def test_h3_windows_makes_no_report_of_the_built_program(monkeypatch, is_built):
    asked = []

    class Library:
        def __init__(self, name):
            self.name = name

        def __getattr__(self, function):
            return lambda *given: asked.append((self.name, function, given))

    monkeypatch.setattr(process.sys, "frozen", is_built, raising=False)
    monkeypatch.setattr(process.sys, "executable", "/programs/KAMDesk.exe")
    process.leave_out_of_reports(Library)
    assert asked[0] == ("kernel32", "SetErrorMode", (3,))
    assert [(one, two, given[0].value) for one, two, given in asked[1:]] == (
        [("wer", "WerAddExcludedApplication", "KAMDesk.exe")] if is_built else []
    )

    def missing(_name):
        raise OSError

    process.leave_out_of_reports(missing)
