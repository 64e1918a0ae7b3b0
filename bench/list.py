"""Customers with 100,000 and 1,000,000 rows in the real window on the real encrypted store, offscreen.

Floors, in turns with the window: a bare table over keyset queries of the same store, asked on the GUI thread.
`--rows N` measures one size. The stores are made once, see `bench.big_store`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from bench.big_store import ME, Keys, open_big
from bench.gui import Beat, Watch, collect_as_the_program
from bench.report import Row, print_rows
from kamdesk.db import open_store, text_index
from kamdesk.db.connect import connect
from kamdesk.db.queries.closeness import NAME_KEY
from kamdesk.domain.connection import Link, Profile, SignIn, Status
from kamdesk.domain.session import Opened
from kamdesk.ui import theme, translation
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow

SIZES = (100_000, 1_000_000)
WORDS = ("zhongshan", "smith j", "hzzs", "上海中山", "nanjing", "h00001")
KEY_LIMITS = {100_000: 20.0, 1_000_000: 50.0}
ROUNDS, IDLE_SECONDS = 5, 5.0
_ROOT = QModelIndex()
_ACTIVE = "coalesce(c.status, 'active') = 'active'"
_PROFILE = Profile(
    user_id=ME.user_id, login="ann", name="Ann", role="KAM", territory="North", company="Bench",
    server="https://bench.example.com", device_id="bench",
)  # fmt: skip


class Line:
    """A connection that is never there."""

    def status(self) -> Status:
        return Status(link=Link.OFFLINE)

    def watch(self, _listener: Callable[[Status], None]) -> Callable[[], None]:
        return lambda: None

    def reconcile_now(self) -> None: ...

    def check_now(self) -> None: ...

    def sign_in(self, sign_in: SignIn) -> None: ...

    def set_paused(self, *, paused: bool) -> None: ...


class Bare(QAbstractTableModel):
    """The floor: rows of a keyset query, and nothing else."""

    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []

    def show(self, order: str, asked: str = "") -> None:
        """Read the first page of an order, of what an FTS5 query finds."""
        found, values = "", []
        if asked:
            found = " AND c._n IN (SELECT rowid FROM find_customer WHERE find_customer MATCH ?)"
            values = [asked]
        self.beginResetModel()
        self._rows = self._connection.execute(
            "SELECT c.name, c.city, c.segment, c.phone, c.code FROM customer c"
            f" WHERE {_ACTIVE}{found} ORDER BY {order} LIMIT 60",
            values,
        ).fetchall()
        self.endResetModel()

    def rowCount(self, parent: Any = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Any = _ROOT) -> int:
        return 0 if parent.isValid() else 5

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return (
            self._rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None
        )


class Sitting:
    """One size: the window and the floor beside it."""

    def __init__(self, rows: int, watch: Watch) -> None:
        self.watch, self.size = watch, rows
        self.store = open_big(rows)
        self.tasks = Tasks(self.store)
        self.window = self._open()
        self.raw = connect(self.store.path, Keys.store_key, query_only=True)
        self.bare = Bare(self.raw)
        self.view = QTableView()
        self.view.verticalHeader().setDefaultSectionSize(theme.ROW)
        self.view.setModel(self.bare)
        self.view.resize(1000, 800)
        self.view.show()

    def _open(self) -> MainWindow:
        opened = Opened(self.store, Line(), _PROFILE, lambda: None)
        window = MainWindow(opened, self.tasks, Preferences("", lambda _: None))
        window.resize(1440, 900)
        window.show()
        self._answers = 0
        self.watch.settle(self.tasks)
        return window

    def _count_answer(self) -> None:
        self._answers += 1

    def screen(self, name: str) -> Any:
        """Return a screen that was shown."""
        return self.window.screens[name]

    def again(self) -> None:
        """Open a new window, as if the program were started anew."""
        self.window.close()
        self.window.deleteLater()
        self.window = self._open()

    def close(self) -> None:
        """Close window and store."""
        self.watch.settle(self.tasks)
        self.window.close()
        self.window.deleteLater()
        self.view.close()
        self.tasks.close()
        self.raw.close()
        open_store.mark_clean(self.store)
        self.store.close()

    def floor(self, order: str, asked: str = "") -> float:
        """Return the milliseconds of the bare table for the first page of an order."""
        return self.watch.painted(
            self.view.viewport, lambda: self.bare.show(order, asked), lambda: True
        )

    def first_rows(self, name: str) -> float:
        """Open a screen of the window and return the milliseconds until its rows are painted."""
        spent = self.watch.painted(
            lambda: self.screen(name).table.viewport(),
            lambda: self.window.show_screen(name, ""),
            lambda: self.screen(name).table.records.line(0) is not None,
        )
        self.screen(name).table.records.loaded.connect(self._count_answer)
        return spent

    def key(self, typed: str) -> float:
        """Type, and return the milliseconds until the answer is painted."""
        screen = self.screen("customers")
        before = self._answers
        return self.watch.painted(
            screen.table.viewport,
            lambda: screen.typed.setText(typed),
            lambda: self._answers > before,
        )

    def keys(self, order: str) -> tuple[list[float], list[float]]:
        """Type the words letter by letter; return the times of the window and of the floor."""
        ours, floors = [], []
        for word in WORDS:
            for end in range(1, len(word) + 1):
                floors.append(self.floor(order, text_index.match(word[:end])))
                ours.append(self.key(word[:end]))
            self.key("")
        return ours, floors

    def type_fast(self) -> None:
        """Type as people do who are in a hurry, and rub it out again."""
        typed = self.screen("customers").typed
        for word in WORDS:
            for end in (*range(1, len(word) + 1), *range(len(word) - 1, -1, -1)):
                typed.setText(word[:end])
                self.watch.wait(90)

    def today(self) -> float:
        """Return the milliseconds until the agenda is painted."""
        screen = self.screen("today")
        self.window.show_screen("tasks", "")
        self.watch.settle(self.tasks)
        screen._stale, screen._shown = True, None  # as after a change
        return self.watch.shown(
            screen,
            lambda: self.window.show_screen("today", ""),
            lambda: screen._shown is not None and not screen.is_filling,
        )

    def page(self) -> float:
        """Return the milliseconds until the page of another customer is painted."""
        self.window.show_screen("customers", "")
        screen = self.screen("customers")
        self.watch.settle(self.tasks)
        other = f"customer-{self.size // 2}"
        return self.watch.shown(
            screen, lambda: screen.open_record(other), lambda: _is_page_of(screen, other)
        )

    def to_end(self) -> tuple[float, float]:
        """Press End and return the milliseconds until the last row is painted, and those of the floor."""
        table = self.screen("customers").table
        floor = self.floor(f"{NAME_KEY} DESC, c._n DESC")
        QTest.keyClick(table, Qt.Key.Key_Home)
        self.watch.settle(self.tasks)
        last = table.records.rowCount() - 1
        assert last == self.size - 1, "the whole list is not known"
        spent = self.watch.painted(
            table.viewport,
            lambda: QTest.keyClick(table, Qt.Key.Key_End),
            lambda: table.records.line(last) is not None,
        )
        self.watch.settle(self.tasks)
        return spent, floor

    def scroll(self) -> None:
        """Drag the scroll bar through the list and page at its end."""
        table = self.screen("customers").table
        bar = table.verticalScrollBar()
        for step in range(60):
            bar.setValue(bar.maximum() * step // 60)
            self.watch.wait(30)
        for _ in range(30):
            QTest.keyClick(table, Qt.Key.Key_PageUp)
            self.watch.wait(30)


def _is_page_of(screen: Any, record_id: str) -> bool:
    is_shown = bool(screen._whole) and screen._whole[0].id == record_id
    return is_shown and not screen.tabs.is_filling


def _measure(rows: int, watch: Watch) -> list[Row]:
    sitting, beat, size = Sitting(rows, watch), Beat(), f"{rows // 1000}k"
    by_tier = f"CASE WHEN c.segment > '' THEN c.segment ELSE 'Z' END, {NAME_KEY}, c._n"
    by_name = f"{NAME_KEY}, c._n"
    first, first_floor = [], []
    for _ in range(ROUNDS):
        first_floor.append(sitting.floor(by_tier))
        sitting.again()
        first.append(sitting.first_rows("customers"))
        watch.settle(sitting.tasks)
    near, near_floor = sitting.keys("c._n")
    ends = [sitting.to_end() for _ in range(ROUNDS)]
    beat.start()
    watch.wait(int(IDLE_SECONDS * 1000))
    idle = beat.stop()
    beat.start()
    sitting.type_fast()
    sitting.scroll()
    busy = beat.stop()
    table = sitting.screen("customers").table
    table.horizontalHeader().sectionClicked.emit(0)
    watch.settle(sitting.tasks)
    named, named_floor = sitting.keys(by_name)
    table.horizontalHeader().sectionClicked.emit(0)
    others = {name: _others(sitting, name) for name in ("visits", "tasks", "today", "customer")}
    sitting.close()
    limit = KEY_LIMITS[rows]
    value, floor = median(named), median(named_floor)
    return [
        Row(f"first rows {size}", "ms", median(first), median(first_floor), None, 60.0),
        Row(f"key {size}", "ms", median(near), median(near_floor), None, limit),
        Row(f"key {size}, longest", "ms", max(near), max(near_floor), None, None),
        Row(f"key by name {size}", "ms", value, floor, value / floor, 1.5),
        Row(f"jump to the end {size}", "ms", median(one for one, _ in ends),
            median(one for _, one in ends), None, 50.0),
        Row(f"gui gap 99.9 % {size}", "ms", busy[0], idle[0], None, 16.0),
        Row(f"gui gap {size}, longest", "ms", busy[1], idle[1], None, 50.0),
        *(Row(f"open {name} {size}", "ms", spent, None, None, 150.0) for name, spent in others.items()),
    ]  # fmt: skip


def _others(sitting: Sitting, name: str) -> float:
    """Open another screen in a new window, several times; return the median."""
    spent = []
    for _ in range(3):
        sitting.again()
        if name in {"visits", "tasks"}:
            spent.append(sitting.first_rows(name))
        elif name == "today":
            spent.append(sitting.today())
        else:
            spent.append(sitting.page())
        sitting.watch.settle(sitting.tasks)
    return median(spent)


def main() -> int:
    """Measure every size, or the one that was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, choices=SIZES)
    asked, _ = parser.parse_known_args()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    theme.apply(application, "light")
    translation.use("en")
    collect_as_the_program(application)
    watch = Watch()
    rows = [
        one for size in ([asked.rows] if asked.rows else SIZES) for one in _measure(size, watch)
    ]
    return print_rows(rows)


if __name__ == "__main__":
    sys.exit(main())
