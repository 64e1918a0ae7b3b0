"""30,264 hospitals previewed and imported as one undoable action, the window's thread ticking on."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from bench.report import Row, print_rows
from kamdesk.db import open_store
from kamdesk.db.connect import connect
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.importers.apart import Seen, Wanted, preview_apart
from kamdesk.security.keystore import store_file
from kamdesk.ui.importing import CREATE, ImportJob, UndoJob
from kamdesk.ui.tasks import Tasks

DATA = Path("shared/data/hospitals_in_national_directory/hospital_directory.csv")
TABLES = ("customer", "sync_base", "sync_op", "import_entry")
AT_ONCE = 200


class Keys:
    """Keys of a throw-away store."""

    store_key, store_id, generation = os.urandom(32), new_id(), 1


class Gaps:
    """Ticks every 5 ms on the GUI thread and remembers the longest wait in between."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def _file() -> Path | None:
    if "--file" in sys.argv:
        at = sys.argv.index("--file")
        named = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
        return named if named.exists() else None
    root = Path(__file__).resolve().parent.parent
    return next((one for folder in root.parents if (one := folder / DATA).exists()), None)


def _preview(path: Path) -> Seen:
    found: list[Seen] = []
    thread = threading.Thread(target=lambda: found.append(preview_apart(Wanted(path))))
    thread.start()
    while thread.is_alive():
        QCoreApplication.processEvents()
        thread.join(0.001)
    return found[0]


def _until(over: list[bool]) -> None:
    while not over:
        QCoreApplication.processEvents()
        time.sleep(0.0005)


def _raw(source: Path, target: Path) -> float:
    """Insert the same rows of the same tables into another store, 200 at once."""
    read, written = connect(source, Keys.store_key), connect(target, Keys.store_key)
    columns = {
        table: [row[1] for row in read.execute(f"PRAGMA table_info({table})")] for table in TABLES
    }
    rows = {table: read.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    began = time.perf_counter()
    for start in range(0, len(rows["customer"]), AT_ONCE):
        written.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            marks = ",".join("?" * len(columns[table]))
            written.executemany(
                f"INSERT INTO {table} VALUES({marks})", rows[table][start : start + AT_ONCE]
            )
        written.execute("COMMIT")
    seconds = time.perf_counter() - began
    read.close()
    written.close()
    return seconds


def main() -> int:
    """Preview, import, take back."""
    path = _file()
    if path is None:
        print(f"{DATA} is not beside the checkout; name the file with --file PATH")
        return 2
    app = QCoreApplication([])
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        store = open_store.create(Path(one), Keys, Actor("u", Role.KAM))
        open_store.create(Path(two), Keys, Actor("u", Role.KAM)).close()
        tasks, gaps, over = Tasks(store), Gaps(), list[bool]()
        began = time.perf_counter()
        seen = _preview(path)
        previewed = time.perf_counter() - began
        job = ImportJob(tasks, seen, title=path.name, known=CREATE, repeated=CREATE)
        job.ended.connect(lambda: over.append(True))
        began = time.perf_counter()
        job.start()
        _until(over)
        imported = time.perf_counter() - began
        gap = gaps.longest
        floor = _raw(store_file(Path(one), 1), store_file(Path(two), 1))
        over.clear()
        undo = UndoJob(tasks, job.import_id)
        undo.ended.connect(lambda *_: over.append(True))
        began = time.perf_counter()
        undo.start()
        _until(over)
        undone = time.perf_counter() - began
        tasks.close()
        store.close()
    app.quit()
    print(f"{job.created} records, {seen.repeated} duplicates found, {undo.removed} taken back")
    return print_rows(
        [
            Row("preview, reach 10 s", "s", previewed, None, None, None),
            Row("import, reach 10 s", "s", imported, floor, imported / floor, None),
            Row("undo", "s", undone, None, None, None),
            Row("gui gap, longest", "ms", gap * 1000, None, None, None),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
