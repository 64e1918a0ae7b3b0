"""What a program that is killed in the middle of an export leaves beside it is swept up, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from kamdesk.security import files
from tests.faults.checks import ROOT

KILLED = """
import os, signal, sys
from pathlib import Path
from kamdesk.security import files
files.note_copies_in(Path(sys.argv[1]))
files._replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
files.write_copy(Path(sys.argv[2]), b"net 23.50 CNY")
"""


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """A folder of the user's in which an export was killed, with other files beside it."""
    monkeypatch.setattr(files, "_notes", None)
    folder = tmp_path / "Documents"
    folder.mkdir()
    (folder / "kamdesk-prices.tmp").write_text("the user's own")
    (folder / "kamdesk-00112233445566aa.tmp.txt").write_text("the user's own")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "notes", folder / "prices.xlsx"], cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(folder.iterdir())) == 3
    return folder


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_it_goes_at_the_next_start(exported, tmp_path):
    other = exported / "kamdesk-ffeeddccbbaa9988.tmp"
    other.write_bytes(b"of another profile, under way")
    files.note_copies_in(tmp_path / "notes")
    files.sweep_copies()
    assert names(exported) == {
        "kamdesk-prices.tmp", "kamdesk-00112233445566aa.tmp.txt", other.name,
    }  # fmt: skip
    assert not list((tmp_path / "notes").iterdir())
    files.sweep_copies()


def test_without_a_note_it_goes_with_the_next_export_there_once_it_is_old(exported):
    files.write_copy(exported / "prices.xlsx", b"again")
    [left] = [
        path for path in exported.iterdir() if path.suffix == ".tmp" and "prices" not in path.name
    ]
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(left, (long_ago, long_ago))
    os.utime(exported / "kamdesk-prices.tmp", (long_ago, long_ago))
    files.write_copy(exported / "prices.xlsx", b"again")
    assert names(exported) == {
        "kamdesk-prices.tmp", "kamdesk-00112233445566aa.tmp.txt", "prices.xlsx",
    }  # fmt: skip


def test_a_note_leads_to_no_other_file(exported, tmp_path):
    notes = tmp_path / "notes"
    [note] = notes.iterdir()
    note.write_text(str(exported / "kamdesk-prices.tmp"))
    files.note_copies_in(notes)
    files.sweep_copies()
    assert "kamdesk-prices.tmp" in names(exported)


def test_a_copy_that_is_under_way_stays_and_one_that_ended_leaves_no_note(
    exported, tmp_path, monkeypatch
):
    files.note_copies_in(tmp_path / "notes")
    files.sweep_copies()
    put = files._replace

    def swept_meanwhile(source, target):
        files.sweep_copies()
        put(source, target)

    monkeypatch.setattr(files, "_replace", swept_meanwhile)
    files.write_copy(exported / "prices.xlsx", b"whole")
    assert (exported / "prices.xlsx").read_bytes() == b"whole"
    assert not list((tmp_path / "notes").iterdir())
