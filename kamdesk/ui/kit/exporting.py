"""Lists as files: where they go, and what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

from kamdesk.domain import clock
from kamdesk.domain.filenames import name_for
from kamdesk.domain.money import Money
from kamdesk.reports.tables import AT_ONCE, MAX_ROWS, Table, Value, write
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.tasks import Tasks

SHOWN_AFTER_MS = 700


class ExportDialog(FileDialog):
    """Asks for a file name and writes the whole list there: csv or xlsx, as the name ends."""

    def __init__(self, desk: Desk, parent: QWidget, export: Export) -> None:
        super().__init__(parent, "", suffix="xlsx")
        self._desk, self._parent, self._export = desk, parent, export
        self.setWindowTitle(self.tr("Export the list"))
        self.setNameFilters([self.tr("Excel workbook (*.xlsx)"), self.tr("Text for Excel (*.csv)")])
        self.filterSelected.connect(
            lambda chosen: self.setDefaultSuffix("csv" if "*.csv" in chosen else "xlsx")
        )
        self.selectFile(name_for(export.title, f" {clock.today().isoformat()}"))
        self.fileSelected.connect(lambda name: self.on_chosen(Path(name)))

    def on_chosen(self, path: Path) -> None:
        """Write what is exported there."""
        self.save(path)

    def save(self, path: Path) -> ExportJob:
        """Write the whole list there, off the GUI thread; say how far it is, and how many rows are where."""
        put = partial(_put, self._export, path)
        job = ExportJob(self._desk.tasks, self._parent, self._export, put, most=MAX_ROWS)
        one, many = self.tr("1 row is in {name}"), self.tr("{n} rows are in {name}")
        follow(
            self._desk, self._parent, job, title=self.windowTitle(), busy=self.tr("Exporting…"),
            told=lambda count: speech.counted(count, one, many).format(name=path.name),
            given_up=self.tr("The export was cancelled"),
        )  # fmt: skip
        return job


def follow(
    desk: Desk, parent: QWidget, job: ExportJob, *, title: str, busy: str,
    told: Callable[[int], str], given_up: str,
) -> None:  # fmt: skip
    """Start a job, show how far it is, let it be cancelled, and say how it ended."""
    desk.say(busy)
    bar = _Bar(busy, QCoreApplication.translate("ExportDialog", "Cancel"), parent)
    bar.setWindowTitle(title)
    bar.canceled.connect(job.cancel)
    job.progressed.connect(bar.show_progress)

    def end() -> None:
        bar.reset()
        bar.deleteLater()
        if job.error is not None:
            desk.fail(job.error)
        else:
            desk.say(given_up if job.count is None else told(job.count))

    job.ended.connect(end)
    job.start()


Tell = Callable[[int, int], None]
"""Hears how much is done, of how much; raises where nobody waits any more."""


class GivenUpError(Exception):
    """Ends a thread that writes for nobody any more."""


class _Bar(QProgressDialog):
    """Comes after a while and lets one work on."""

    def __init__(self, words: str, cancel: str, parent: QWidget) -> None:
        super().__init__(words, cancel, 0, 0, parent)
        self.setMinimumDuration(SHOWN_AFTER_MS)
        self.setAutoClose(False)  # noqa: FBT003
        self.setAutoReset(False)  # noqa: FBT003

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        self.setMaximum(total)
        self.setValue(done)


class ExportJob(QObject):
    """One list on its way out: `put(rows, tell)` takes at most one row more than `most` off the GUI thread.

    `count`: what `put` gave; None while it is under way, or was cancelled.
    """

    progressed = Signal(int, int)
    ended = Signal()

    def __init__(
        self, tasks: Tasks, owner: QObject, export: Export, put: Callable[[list[Any], Tell], int],
        *, most: int,
    ) -> None:  # fmt: skip
        super().__init__(owner)
        self._tasks, self._export, self._put, self._most = tasks, export, put, most
        self._cancelled = threading.Event()
        self._is_writing = False
        self.count: int | None = None
        self.error: Exception | None = None
        self.is_over = False

    def start(self) -> None:
        """Read the list, then write it."""
        read = self._export.read
        self._tasks.read(
            self, lambda reader: read(reader, 0, self._most + 1), self._write, key="rows",
            failed=self._fail,
        )  # fmt: skip

    def cancel(self) -> None:
        """Stop where it is; no file is written, and one that was there stays, unless it is just being put there."""
        self._cancelled.set()
        if not self._is_writing:  # otherwise the thread that writes says what became of it
            self._tasks.drop(self, "rows")
            self._end()

    def _write(self, rows: list[Any]) -> None:
        self._is_writing = True
        self._tasks.run(
            self, partial(self._put, rows, self._tell), self._written, failed=self._fail
        )

    def _tell(self, done: int, total: int) -> None:
        """Called by the thread that writes."""
        if self._cancelled.is_set():
            raise GivenUpError
        self.progressed.emit(done, total)

    def _written(self, count: int) -> None:
        self.count = count
        self._end()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, GivenUpError):
            self.error = error
        self._end()

    def _end(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.ended.emit()


def _put(export: Export, path: Path, rows: list[Any], tell: Tell) -> int:
    """Write rows, off the GUI thread; what they say is made first, the file second."""
    columns: Sequence[Column] = export.columns
    total = 2 * len(rows)
    cells = []
    for at, one in enumerate(rows):
        if at % AT_ONCE == 0:
            tell(at, total)
        cells.append([value_of(column, one) for column in columns])
    table = Table(export.title, tuple(column.heading for column in columns), cells)
    write(table, path, lambda done: tell(len(rows) + done, total))
    return len(rows)


def value_of(column: Column, one: Any) -> Value:
    """Give what stands in a cell: a number, a day or an amount as such, anything else in words."""
    if column.raw is None:
        shown = column.write(one)
        return None if shown == "—" else shown
    value = column.raw(one)
    return value.amount if isinstance(value, Money) else value
