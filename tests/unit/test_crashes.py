"""Crashes: noted, counted, and told without what anybody typed."""

from __future__ import annotations

import os
import platform
import resource
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from kamdesk import app, crashes
from kamdesk.domain import clock

ROOT = Path(__file__).resolve().parents[2]


def start(folder):
    watch = crashes.Watch(folder)
    watch.begin()
    return watch


def test_three_crashes_in_ten_minutes_make_the_next_start_careful(tmp_path):
    for _ in range(3):
        assert not start(tmp_path).is_careful
    careful = start(tmp_path)
    assert careful.is_careful
    careful.end()
    assert not start(tmp_path).is_careful


def test_crashes_long_ago_do_not_count(tmp_path):
    now = clock.now()
    for minutes in (40, 30, 20, 0):
        with clock.frozen(lambda m=minutes: now - timedelta(minutes=m)):
            assert not start(tmp_path).is_careful


def test_rubbish_in_the_notes_or_a_folder_in_their_place_does_not_stop_the_start(tmp_path):
    (tmp_path / "crash").mkdir()
    (tmp_path / "crash" / "starts.txt").write_bytes(b"\xff\x00 rubbish")
    assert not start(tmp_path).is_careful
    other = tmp_path / "other"
    other.mkdir()
    (other / "crash").write_text("a file")
    assert not start(other).is_careful


def test_h3_a_crash_of_the_interpreter_leaves_a_trace_without_values(tmp_path):
    code = (
        "import sys, os, faulthandler\nfrom pathlib import Path\nfrom kamdesk import crashes\n"
        "crashes.Watch(Path(sys.argv[1])).begin()\nprice = '281474976.7106'\ndef shown(p): os.abort()\nshown(price)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True
    )
    assert done.returncode != 0
    texts = crashes.bundle(tmp_path, "")
    assert "shown" in texts["crash/trace.txt"]
    assert "281474976" not in "".join(texts.values())
    start(tmp_path)
    assert any(name.startswith("crash/trace-") for name in crashes.bundle(tmp_path, ""))


@pytest.mark.skipif(sys.platform != "linux", reason="reads how a process of Linux ended")
@pytest.mark.parametrize("how", ["os.abort()", "ctypes.string_at(0)"])
@pytest.mark.parametrize("is_hardened", [True, False], ids=["as it is", "control"])
def test_h3_a_crash_among_prices_writes_no_core_file(tmp_path, how, is_hardened):
    """The control dumps its core, wherever the system puts it: so the other one would have, too."""
    code = (
        "import ctypes, os, resource, sys\nfrom decimal import Decimal\nfrom pathlib import Path\n"
        "from kamdesk import crashes\nfrom kamdesk.domain.prices import Price\n"
        "from kamdesk.security import process\n"
        "most = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (most, most))\n"
        + ("process.harden()\n" if is_hardened else "")
        + "crashes.Watch(Path(sys.argv[1])).begin()\n"
        f"def shown(price): {how}\n"
        "shown(Price(Decimal('281474976.7106'), 'CNY'))"
    )
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("not run: this machine dumps nobody's core")
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=tmp_path, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    _, status = os.waitpid(child.pid, 0)
    child.returncode = 0
    assert os.WTERMSIG(status) in {signal.SIGABRT, signal.SIGSEGV}
    assert os.WCOREDUMP(status) is not is_hardened
    cores = [one for one in tmp_path.rglob("*core*") if one.is_file()]
    assert is_hardened is False or cores == []
    told = "".join(crashes.bundle(tmp_path, "").values())
    assert "in shown" in told
    assert "281474976" not in told


def test_h3_the_program_is_hardened_before_anything_else(monkeypatch):
    class Reached(BaseException):
        pass

    def harden():
        raise Reached

    monkeypatch.setattr(app.process, "harden", harden)
    with pytest.raises(Reached):
        app.main(["--data-dir", "nowhere"])
    assert app.gc.isenabled() is False
    app.gc.enable()


def test_h2_the_bundle_holds_no_amounts_and_no_name_of_the_account(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "kamdesk.log").write_text(
        f"2026-11-24 10:00:00,123 ERROR main x: price 23.50 in {Path.home()}/data, 1,234.56\n"
    )
    text = crashes.bundle(tmp_path, "waiting 3")["log/kamdesk.log"]
    assert "2026-11-24 10:00:00,123" in text
    assert "23.50" not in text
    assert "234.56" not in text
    assert str(Path.home()) + "/" not in text


def test_the_file_holds_exactly_what_was_shown(tmp_path):
    texts = crashes.bundle(tmp_path, "waiting 3, net 23.50")
    assert f"Python {platform.python_version()}\n" in texts["facts.txt"]
    assert "23.50" not in texts["facts.txt"]
    crashes.write_bundle(texts, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == texts
