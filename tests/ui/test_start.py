"""The start of the whole program, in a process of its own: what is loaded when, and what one can do meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kamdesk.db import migrate, open_store
from kamdesk.db.database import Database
from kamdesk.db.outbox import write_state
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.security import keystore
from kamdesk.services.tasks import add_task
from kamdesk.services.visits import VisitEntry, plan_visit
from tests.ui.played_keyring import PlayedKeyring
from tests.unit.conftest import HUASHAN, ME, _two_hospitals

ROOT = Path(__file__).resolve().parents[2]
USER = {
    "user_id": ME.user_id, "login": "li.wei", "name": "李伟", "role": "REP", "territory": "East China",
    "company": "Hehe Pharma", "server": "http://127.0.0.1:9", "device_id": "laptop-1",
}  # fmt: skip

SCRIPT = """
import gc, json, linecache, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton
from kamdesk import app

folder, out, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
seen = {}

def play_keyring():
    from kamdesk.security import oskeys
    from tests.ui.played_keyring import PlayedKeyring
    played = PlayedKeyring(folder / "entries.json")
    oskeys.find_backend = lambda given, preferred="": played

def windows():
    return [one for one in QApplication.topLevelWidgets() if one.isVisible()]

def finish():
    out.write_text(json.dumps(seen))
    for one in windows():
        one.close()

def look_at_memory():
    seen["settled"] = {"by itself": gc.isenabled(), "is collecting": app._running[-1].garbage.is_collecting}
    finish()

def look_at_banners():
    watch.stop()
    seen["later"] = banners()
    finish()

def sign_out():
    program = app._running[-1]
    program.window.ask_to_sign_out()
    box = program.window.findChild(QMessageBox)
    seen["asked"] = box.informativeText()
    next(one for one in box.buttons() if one.text() == "Sign out").click()
    QTimer.singleShot(50, be_signed_out)

def be_signed_out():
    program = app._running[-1]
    shown = {one.accessibleName(): one for one in windows()[0].findChildren(QPushButton)} if windows() else {}
    if program.first is None or not any("Hehe" in name for name in shown):
        QTimer.singleShot(50, be_signed_out)
        return
    seen["signed out"] = {
        "windows": len(windows()), "is open": program._opened is not None, "buttons": sorted(shown),
        "held": [one.name for one in (folder / "data" / "profiles" / "one" / "store").glob("*-wal")],
    }
    shown["李伟 · Hehe Pharma"].click()

watch = QTimer()

def watch_banners():
    seen["shown"] = sorted({*seen.get("shown", ()), *banners()})

def banners():
    shown = app._running[-1].window.notices._banners
    return [shown.itemAt(at).widget().property("words") for at in range(shown.count())]

def on(moment):
    if moment == "ready" and what == "settle":
        QTimer.singleShot(0, look_at_memory)
    seen[moment] = {
        "modules": sorted(sys.modules),
        "windows": [int(one.winId()) for one in windows()],
        "is collecting": app._running[-1].garbage.is_collecting,
        "sources": [name for name in linecache.cache if name.endswith(".py") and "sqlalchemy" in name],
        "labels": [one.text() for one in windows()[0].findChildren(QLabel) if one.isVisible()],
    }
    program = app._running[-1]
    if moment == "shell":
        play_keyring()
        if what == "update":
            watch.timeout.connect(watch_banners)
            watch.start(5)
        if what == "click":
            program.window.record_visit()
            program.window.show_screen("customers", "")
        if what == "no key":
            (folder / "entries.json").unlink()
            QTimer.singleShot(100, look)
    if moment == "first page" and what == "done":
        page = program.window.screens["today"]
        next(b for b in page.findChildren(QPushButton) if b.accessibleName() == "Done").click()
        finish()
    if moment == "ready" and what == "sign out":
        if "signed out" in seen:
            seen["at"] = program.window._at
            finish()
        else:
            QTimer.singleShot(0, sign_out)
    if moment == "ready" and what == "update":
        QTimer.singleShot(0, look_at_banners)
    if moment == "ready" and what in {"look", "click"}:
        seen["form"] = type(program.window.form).__name__
        seen["at"] = program.window._at
        seen["customers"] = "customers" in program.window.screens
        if program.window.form is not None:
            program.window.form.reject()
        finish()

def look():
    seen["asked"] = [
        label.text() for one in windows() for label in one.findChildren(QLabel) if label.isVisible()
    ]
    if not any("key" in words for words in seen["asked"]):
        QTimer.singleShot(100, look)
        return
    seen["windows"] = len(windows())
    finish()

sys.exit(app.main(["--data-dir", str(folder / "data")], on))
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "profiles" / "one"
    folder.mkdir(parents=True)
    keys = keystore.create_with_keyring(folder, "one", PlayedKeyring(tmp_path / "entries.json"))
    store = open_store.create(folder, keys, ME)
    store.transact(Origin.SYNC, _two_hospitals)
    store.transact(Origin.SYNC, lambda work: write_state(work.driver, USER))
    entry = VisitEntry("0192f0c1-0000-7000-8000-0000000000aa", HUASHAN, held_on=clock.today())
    store.transact(Origin.USER, lambda work: plan_visit(work, entry))
    store.transact(
        Origin.USER,
        lambda work: add_task(work, title="Call the pharmacy", due_on=clock.today()),
    )
    open_store.mark_clean(store)
    store.close()
    return folder


def run(tmp_path: Path, what: str) -> dict:
    out = tmp_path / "seen.json"
    environment = {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(out), what],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(out.read_text())


def opened(tmp_path: Path, profile: Path) -> Database:
    keys = keystore.read_keystore(profile).open_with_keyring(
        PlayedKeyring(tmp_path / "entries.json")
    )
    return open_store.open_existing(profile, keys, ME)


def test_nothing_heavy_is_loaded_before_the_first_page_is_painted(tmp_path, profile):
    seen = run(tmp_path, "look")
    for moment, heavy in (
        ("shell", {"sqlalchemy", "alembic", "requests", "urllib3", "msgspec", "cryptography", "keyring",
                   "hashlib", "kamdesk.domain.attachments", "kamdesk.ui.kit.discreet_rows"}),
        ("first page", {"sqlalchemy", "alembic", "requests", "urllib3", "msgspec", "cryptography.x509"}),
        ("ready", {"alembic", "mako", "pypinyin", "python_calamine", "xlsxwriter",
                   "importlib.metadata", "asyncio", "kamdesk.importers.preview", "kamdesk.importers.clean"}),
    ):  # fmt: skip
        assert heavy.isdisjoint(seen[moment]["modules"]), moment


def test_garbage_waits_until_the_start_is_over_and_is_then_collected_by_the_window_alone(
    tmp_path, profile
):
    seen = run(tmp_path, "look")
    assert not seen["first page"]["is collecting"]
    settled = run(tmp_path, "settle")["settled"]
    assert settled["is collecting"]
    assert not settled["by itself"]  # on a worker it may freeze the window


def test_no_module_is_read_as_text(tmp_path, profile):
    seen = run(tmp_path, "look")
    assert seen["ready"]["sources"] == []


def test_first_page_has_the_day_and_the_window_is_the_same_from_the_first_paint(tmp_path, profile):
    seen = run(tmp_path, "look")
    assert "复旦大学附属华山医院" in seen["first page"]["labels"]
    assert "Call the pharmacy" in seen["first page"]["labels"]
    assert "East China · 李伟" in seen["first page"]["labels"]
    (shell,), (first,), (ready,) = (
        seen[moment]["windows"] for moment in ("shell", "first page", "ready")
    )
    assert shell == first == ready


def test_what_is_clicked_before_the_store_is_open_is_done_when_it_is(tmp_path, profile):
    seen = run(tmp_path, "click")
    assert (seen["form"], seen["at"], seen["customers"]) == ("VisitForm", "customers", True)


def test_task_that_is_ticked_off_before_the_store_is_open_is_kept_though_the_window_is_closed(
    tmp_path, profile
):
    assert "ready" not in run(tmp_path, "done")
    store = opened(tmp_path, profile)
    states = store.read(lambda reader: reader.rows("SELECT title, state FROM task"))
    clean = store.read(lambda reader: reader.value("SELECT v FROM meta WHERE k = 'clean'"))
    store.close()
    assert states == [("Call the pharmacy", "done")]
    assert (
        clean == "0"
    )  # opened here; the program before had closed it in order, or this had checked it


def test_an_update_of_the_data_is_said_while_it_is_done_and_the_day_is_there_after(
    tmp_path, request, monkeypatch
):
    real = migrate.command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(migrate.command, "upgrade", lambda config, _: real(config, "0016"))
        profile = request.getfixturevalue("profile")
    seen = run(tmp_path, "update")
    assert "first page" not in seen  # it is read from what this program writes
    assert any("brought to the form" in words for words in seen["shown"])
    assert not any("brought to the form" in words for words in seen["later"])
    store = opened(tmp_path, profile)
    assert store.path.name == "g000002.kdb"
    assert store.read(lambda reader: reader.rows("SELECT title FROM task")) == [
        ("Call the pharmacy",)
    ]
    store.close()


def test_who_signs_out_leaves_the_data_sealed_and_comes_back_to_all_of_it(tmp_path, profile):
    seen = run(tmp_path, "sign out")
    assert "2 changes were not sent yet" in seen["asked"]
    left = seen["signed out"]
    assert (left["windows"], left["is open"], left["held"]) == (1, False, [])
    assert {"李伟 · Hehe Pharma", "Set up another user or head office"} <= {*left["buttons"]}
    assert seen["at"] == "today"
    store = opened(tmp_path, profile)
    assert store.read(lambda reader: reader.value("SELECT count(*) FROM sync_op")) == 2
    store.close()


def test_profile_whose_key_is_gone_is_told_in_one_window(tmp_path, profile):
    seen = run(tmp_path, "no key")
    assert "first page" not in seen
    assert seen["windows"] == 1
    assert any("no longer has the key of your data" in words for words in seen["asked"])


def test_revisions_told_by_file_names_are_those_of_alembic():
    from alembic.script import ScriptDirectory

    from kamdesk.db import migrate, revisions

    scripts = ScriptDirectory.from_config(migrate._config())
    assert revisions.newest() == scripts.get_current_head()
    assert set(revisions.known()) == {one.revision for one in scripts.walk_revisions()}
