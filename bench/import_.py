"""30,264 hospitals previewed and imported as one undoable action while somebody saves and the window ticks on."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from bench.gui import Beat, collect_as_the_program
from bench.report import Row, print_rows
from kamdesk.db import open_store
from kamdesk.db.connect import connect
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.importers.apart import Seen, Wanted, preview_apart
from kamdesk.security.keystore import store_file
from kamdesk.services.tasks import add_task
from kamdesk.ui.importing import CREATE, ImportJob, UndoJob
from kamdesk.ui.tasks import Tasks

DATA = Path("shared/data/hospitals_in_national_directory/hospital_directory.csv")
TABLES = ("customer", "sync_base", "sync_op", "import_entry")
AT_ONCE = 200
IDLE_MS = 2000
SAVE_EVERY_MS = 300


class Keys:
    """Keys of a throw-away store."""

    store_key, store_id, generation = os.urandom(32), new_id(), 1


class Saves(QObject):
    """Somebody who saves a task again and again, and waits for it each time."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._tasks, self._began = tasks, 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(SAVE_EVERY_MS)
        self._timer.timeout.connect(self._save)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> tuple[float, float]:
        """Return the median and the longest wait in milliseconds."""
        self._timer.stop()
        return median(self.waits), max(self.waits)

    def _save(self) -> None:
        if not self._began:
            self._began = time.perf_counter()
            self._tasks.write(self, partial(add_task, title="Call back", due_on=None), self._saved)

    def _saved(self, _task_id: str) -> None:
        self.waits.append((time.perf_counter() - self._began) * 1e3)
        self._began = 0.0


def _file() -> Path | None:
    if "--file" in sys.argv:
        at = sys.argv.index("--file")
        named = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
        return named if named.exists() else None
    root = Path(__file__).resolve().parent.parent
    return next((one for folder in root.parents if (one := folder / DATA).exists()), None)


def _until(app: QCoreApplication, start: Callable[[Callable[..., None]], object]) -> float:
    """Run the event loop until what was started calls back; return the seconds."""
    began = time.perf_counter()
    _held = start(lambda *_: app.quit())
    app.exec()
    return time.perf_counter() - began


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
    collect_as_the_program(app)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        store = open_store.create(Path(one), Keys, Actor("u", Role.KAM))
        open_store.create(Path(two), Keys, Actor("u", Role.KAM)).close()
        tasks, beat = Tasks(store), Beat()
        saves = Saves(tasks)
        beat.start()
        _until(app, lambda over: QTimer.singleShot(IDLE_MS, over))
        idle = beat.stop()
        found: list[Seen] = []

        def look(over: Callable[..., None]) -> None:
            def keep(seen: Seen) -> None:
                found.append(seen)
                over()

            tasks.run(tasks, partial(preview_apart, Wanted(path)), keep)

        beat.start()
        previewed = _until(app, look)
        seen = found[0]
        job = ImportJob(tasks, seen, title=path.name, known=CREATE, repeated=CREATE)

        def bring(over: Callable[..., None]) -> None:
            job.ended.connect(over)
            job.start()
            saves.start()

        imported = _until(app, bring)
        usual_wait, longest_wait = saves.stop()
        usual, longest = beat.stop()
        floor = _raw(store_file(Path(one), 1), store_file(Path(two), 1))
        undo = UndoJob(tasks, job.import_id)

        def take_back(over: Callable[..., None]) -> None:
            undo.ended.connect(over)
            undo.start()

        undone = _until(app, take_back)
        tasks.close()
        store.close()
    print(f"{job.created} records, {seen.repeated} duplicates found, {undo.removed} taken back")
    return print_rows(
        [
            Row("preview", "s", previewed, None, None, 10.0),
            Row("import", "s", imported, None, None, 10.0),
            Row("import beside its bare rows", "s", imported, floor, imported / floor, None),
            Row("undo", "s", undone, None, None, None),
            Row("save during the import", "ms", usual_wait, None, None, None),
            Row("save during the import, longest", "ms", longest_wait, None, None, None),
            Row("gui gap, 99.9 %", "ms", usual, idle[0], usual / idle[0], None),
            Row("gui gap, longest", "ms", longest, idle[1], longest / idle[1], None),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
