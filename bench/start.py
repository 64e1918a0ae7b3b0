"""The start of the program on a large encrypted store, beside a bare PySide6 window started in turns with it.

Both are timed from the spawn of the process to the turn of the event loop after the paint. The key ring is a real
Secret Service (gnome-keyring on a session bus of its own) where it can be started; otherwise the run says so.
The store is made once and kept in `.bench`.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.report import Row, print_rows

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".bench" / "start-1"
PASSPHRASE = "a bench keeps no secrets"
CUSTOMERS, VISITS, ROUNDS = 100_000, 300_000, 11
LIMITS = {"shell": 1.5, "first page": 3.0, "ready": 5.0}
ME = "0192f0c1-0000-7000-8000-000000000001"
INSIDE = "KAMDESK_BENCH_INSIDE"

FLOOR = """
import time
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView
from PySide6.QtGui import QStandardItemModel
from PySide6.QtCore import QTimer
app = QApplication([])
class View(QTableView):
    painted = False
    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            QTimer.singleShot(0, done)
def done():
    print("shell", time.monotonic(), flush=True)
    app.quit()
window = QMainWindow()
window.resize(1000, 700)
view = View()
view.setModel(QStandardItemModel(0, 8))
window.setCentralWidget(view)
window.show()
app.exec()
"""
PROGRAM = """
import sys, time
from kamdesk import app
def mark(moment):
    print(moment.replace(" ", "_"), time.monotonic(), flush=True)
    if moment == "ready":
        app._running[-1].window.close()
sys.exit(app.main(["--data-dir", sys.argv[1]], mark))
"""


def main() -> int:
    """Make the store if need be, go behind a session bus with a key ring, take turns."""
    if INSIDE not in os.environ:
        _make_store()
        code = _run_behind_keyring()
        if code is not None:
            return code
        print("No Secret Service can be started here: nothing is measured.")
        return 1
    return _measure()


def _run_behind_keyring() -> int | None:
    if any(shutil.which(name) is None for name in ("dbus-run-session", "gnome-keyring-daemon")):
        return None
    with tempfile.TemporaryDirectory() as home:
        shell = (
            'printf "pass\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && '
            'exec "$0" -m bench.start "$@"'
        )
        environment = {
            **os.environ, "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_DATA_HOME": f"{home}/share",
            "QT_QPA_PLATFORM": "offscreen", INSIDE: home,
        }  # fmt: skip
        for name in ("PYTHON_KEYRING_BACKEND", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        command = ["dbus-run-session", "--", "sh", "-c", shell, sys.executable, *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _measure() -> int:
    data = _profile_for_today(Path(os.environ[INSIDE]))
    taken: dict[str, list[tuple[float, float]]] = {moment: [] for moment in LIMITS}
    for turn in range(ROUNDS + 1):
        floor = _start(FLOOR)["shell"]
        ours = _start(PROGRAM, str(data))
        if turn:  # the first one warms the caches of the disk
            for moment, times in taken.items():
                times.append((ours[moment], floor))
    rows = []
    for moment, times in taken.items():
        value, floor = (median(pair[side] for pair in times) for side in (0, 1))
        ratio = median(pair[0] / pair[1] for pair in times)
        rows.append(Row(moment, "ms", value * 1e3, floor * 1e3, ratio, LIMITS[moment]))
    return print_rows(rows)


def _start(script: str, *arguments: str) -> dict[str, float]:
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    moments = {}
    for line in ended.stdout.splitlines():
        name, when = line.split()
        moments[name.replace("_", " ")] = float(when) - began
    if not moments or ended.returncode:
        sys.exit(ended.stderr[-3000:])
    return moments


def _profile_for_today(home: Path) -> Path:
    """Copy the kept profile into `home`, let this key ring open it, and plan something for today."""
    from kamdesk.db.connect import connect
    from kamdesk.domain import clock
    from kamdesk.security import keystore

    data = home / "data"
    folder = data / "profiles" / "one"
    shutil.copytree(CACHE, folder)
    keys = keystore.read_keystore(folder).open_with_passphrase(PASSPHRASE)
    keys.add_keyring_slot()
    store = connect(keys.store_file, keys.store_key)
    today = clock.today()
    for number, (visit,) in enumerate(
        store.execute("SELECT id FROM visit WHERE owner_id = ? LIMIT 12", (ME,)).fetchall()
    ):
        day = today + timedelta(days=number // 8)
        store.execute(
            "UPDATE visit SET state = 'planned', held_on = ?, objective = 'formulary meeting' WHERE id = ?",
            (day.isoformat(), visit),
        )
    store.execute("UPDATE task SET due_on = ? WHERE 1", (today.isoformat(),))
    store.execute("UPDATE meta SET v = '1' WHERE k = 'clean'")
    store.close()
    return data


def _make_store() -> None:
    if CACHE.exists() and _is_current():
        return
    from kamdesk.db import open_store
    from kamdesk.db.connect import connect
    from kamdesk.domain.roles import Actor, Role
    from kamdesk.security import keystore

    print("Making the store ...", flush=True)
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    keys = keystore.create_with_passphrase(CACHE, "one", PASSPHRASE)
    open_store.create(CACHE, keys, Actor(ME, Role.REP)).close()
    store = connect(keys.store_file, keys.store_key)
    store.execute("BEGIN IMMEDIATE")
    _fill(store)
    store.execute("COMMIT")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _is_current() -> bool:
    from kamdesk.db import cipher, revisions
    from kamdesk.db.connect import connect
    from kamdesk.db.reader import Reader
    from kamdesk.security import keystore

    keys = keystore.read_keystore(CACHE).open_with_passphrase(PASSPHRASE)
    store = connect(keys.store_file, keys.store_key, query_only=True)
    try:
        return revisions.current(Reader(store)) == revisions.newest() and not cipher.is_old(store)
    finally:
        store.close()


def _fill(store: object) -> None:
    from kamdesk.db import text_index
    from kamdesk.db.outbox import write_state
    from kamdesk.db.records import SPECS
    from kamdesk.domain import clock

    many = store.executemany  # type: ignore[attr-defined]
    rng = random.Random(7)
    customers = [f"0192f0c1-0000-7000-8000-{number:012x}" for number in range(CUSTOMERS)]
    many(
        "INSERT INTO customer(id, _rev, _b, kind, name, pinyin, initials, city, status, segment)"
        " VALUES(?, 1, ?, 'hospital', ?, 'di yi yi yuan', 'dyyy', '上海', 'active', ?)",
        (
            (
                one,
                f"acct:{one}",
                f"第{number}人民医院",
                rng.choice("ABC") if number % 10 == 0 else None,
            )
            for number, one in enumerate(customers)
        ),
    )
    text_index.index_ids(store, SPECS["customer"], customers)  # type: ignore[arg-type]
    today = clock.today()
    visits = [f"0192f0c1-0000-7000-8001-{number:012x}" for number in range(VISITS)]
    many(
        "INSERT INTO visit(id, _rev, _b, customer_id, owner_id, kind, state, held_on, objective, outcome, version)"
        " VALUES(?, 1, ?, ?, ?, 'face_to_face', 'completed', ?, 'formulary meeting', 'interested', 1)",
        (
            (
                one, f"acct:{customers[number % CUSTOMERS]}", customers[number % CUSTOMERS],
                ME if number % 5 == 0 else customers[1],
                (today - timedelta(days=1 + rng.randrange(900))).isoformat(),
            )
            for number, one in enumerate(visits)
        ),
    )  # fmt: skip
    if SPECS["visit"].searchable:
        text_index.index_ids(store, SPECS["visit"], visits)  # type: ignore[arg-type]
    many(
        "INSERT INTO task(id, _rev, _b, title, state, priority, assignee_id, customer_id)"
        " VALUES(?, 1, 'acct:x', 'Send the study', 'open', 'normal', ?, ?)",
        ((f"0192f0c1-0000-7000-8002-{number:012x}", ME, customers[number]) for number in range(6)),
    )
    user = {
        "user_id": ME, "login": "li.wei", "name": "李伟", "role": "REP", "territory": "East China",
        "company": "Hehe Pharma", "server": "http://127.0.0.1:9", "device_id": "laptop-1",
    }  # fmt: skip
    write_state(store, user)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
