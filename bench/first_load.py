"""The real window (offscreen) while its first load of 100,000 records goes on: `python -m bench.first_load URL FOLDER`.

"usable": until the first ten accounts are on the screen. Then visits are saved at random moments, twelve a second,
until everything is loaded: "save wait", and "gui gap", the gaps of a heartbeat of the GUI thread meanwhile. Floor of
the gaps: the heartbeat of the same window once all is loaded.

It runs in a process of its own, set up as the program is at its start: what a user has is one program with one store.
In the process of `bench.sync` half a dozen other stores would be alive beside it. Head office, which a user does not
have on the same computer, still takes its share of the processors.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

import kamdesk.ui.features  # noqa: F401  # first, as in the program: the collector rests, no source is read

# isort: split
from PySide6.QtWidgets import QApplication

from bench.gui import Beat, Watch, collect_as_the_program
from bench.office import PASSWORD
from bench.report import Row
from kamdesk.db import buckets
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.ids import new_id
from kamdesk.entrance import Door
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.ui import theme, translation
from kamdesk.ui.kit.list_screen import ListScreen
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow

SAVES_PER_SECOND, IDLE_MS = 12, 4000


def window(url: str, folder: Path) -> list[Row]:
    """Sign in, wait for the first ten accounts, and save visits while the rest is coming."""
    application = QApplication([*sys.argv[:1], *theme.STYLE])
    theme.apply(application, "light")
    translation.use("en")
    watch, beat = Watch(), Beat()
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(
            Door(folder, "").enrol, SignIn(url, "ann", PASSWORD), PASSWORD
        ).result()
        began = time.perf_counter()
        tasks = Tasks(opened.store)
        main_window = MainWindow(opened, tasks, Preferences("", lambda _: None))
        main_window.resize(1440, 900)
        main_window.show()
        main_window.show_screen("customers", "")
        collect_as_the_program(main_window)
        screen = main_window.screens["customers"]
        assert isinstance(screen, ListScreen)
        table = screen.table
        watch.shown(table, lambda: None, lambda: table.records.line(9) is not None)
        usable = time.perf_counter() - began
        pool.submit(_save, opened).result()  # the first also builds what the others use
        beat.start()
        waits = pool.submit(_save_while, opened)
        while not waits.done():
            watch.wait(50)
        gaps = beat.stop()
        watch.settle(tasks)
        beat.start()
        watch.wait(IDLE_MS)
        idle_gaps = beat.stop()
        main_window.close()
        main_window.deleteLater()
        tasks.close()
        opened.close()
    longest = quantiles(waits.result(), n=100, method="inclusive")[-1]
    return [
        Row("usable", "s", usable, None, None, 1.0),
        Row("save wait p99", "ms", longest, None, None, 50.0),
        Row("gui gap 99.9 %", "ms", gaps[0], idle_gaps[0], None, 16.0),
        Row("gui gap, longest", "ms", gaps[1], idle_gaps[1], None, 50.0),
    ]


def _save_while(opened: Any) -> list[float]:
    """Save visits at random moments until everything is loaded; return the milliseconds of each."""
    waits: list[float] = []
    rng = random.Random(3)
    while not waits or opened.store.read(
        lambda reader: reader.value(
            "SELECT EXISTS(SELECT 1 FROM sync_bucket WHERE state = 'loading') OR NOT EXISTS("
            "SELECT 1 FROM sync_bucket)"
        ) or buckets.has_index_left(reader)
    ):  # fmt: skip
        waits.append(_save(opened) * 1e3)
        time.sleep(rng.expovariate(SAVES_PER_SECOND))
    return waits


def _save(opened: Any) -> float:
    # Of a customer that is not on the screen: nobody sees a page redrawn ten times a second
    last = "SELECT id FROM customer ORDER BY _n DESC LIMIT 1"
    customer = opened.store.read(lambda reader: reader.value(last))
    entry = VisitEntry(new_id(), customer, held_on=clock.today(), objective="formulary")
    began = time.perf_counter()
    opened.store.transact(Origin.USER, lambda work: plan_visit(work, entry))
    return time.perf_counter() - began


def main() -> None:
    """Measure, and write the rows as JSON."""
    rows = window(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
