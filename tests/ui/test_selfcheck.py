"""The program says by itself whether it is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kamdesk import selfcheck
from kamdesk.importers import children

ROOT = Path(__file__).resolve().parents[2]


def test_whole_program_says_ok():
    ended = subprocess.run(
        [sys.executable, "-m", "kamdesk", "--self-check"], cwd=ROOT, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[-1] == "OK"
    assert any(line.startswith("SQLCipher: 4") for line in lines)
    assert "encrypted store: written, closed, read again" in lines


def test_missing_part_is_named_and_fails(qapp, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("kamdesk.ui.translation.FOLDER", tmp_path)
    assert selfcheck.main() == 1
    told = capsys.readouterr().out
    assert "languages: FAILED" in told
    assert told.endswith("FAILED\n")


def test_installed_program_is_its_own_child(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert children.command("sheets", "a.xlsx") == [sys.executable, "child", "sheets", "a.xlsx"]
    assert children.run(["nothing of ours"]) == 2
    with pytest.raises(AssertionError):
        children.command("nothing of ours")
