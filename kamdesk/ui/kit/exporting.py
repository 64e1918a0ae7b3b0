"""Lists as files: where they go, and what is said of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from kamdesk.domain import clock
from kamdesk.domain.money import Money
from kamdesk.reports.tables import AT_ONCE, MAX_ROWS, Table, Value, write
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.tasks import Tasks

SHOWN_AFTER_MS = 700


class ExportDialog(QFileDialog):
    """Asks for a file name and writes the whole list there: csv or xlsx, as the name ends."""

    def __init__(self, desk: Desk, parent: QWidget, export: Export) -> None:
        super().__init__(parent)
        self._desk, self._parent, self._export = desk, parent, export
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export the list"))
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if sys.platform == "linux":
            # The portal answers no process that it cannot look into, see security.process
            self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setNameFilters([self.tr("Excel workbook (*.xlsx)"), self.tr("Text for Excel (*.csv)")])
        self.setDefaultSuffix("xlsx")
        self.filterSelected.connect(
            lambda chosen: self.setDefaultSuffix("csv" if "*.csv" in chosen else "xlsx")
        )
        self.setDirectory(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        )
        self.selectFile(f"{export.title} {clock.today().isoformat()}")
        self.fileSelected.connect(lambda name: self.on_chosen(Path(name)))

    def on_chosen(self, path: Path) -> None:
        """Write what is exported there."""
        self.save(path)

    def save(self, path: Path) -> ExportJob:
        """Write the whole list there, off the GUI thread; say how far it is, and how many rows are where."""
        desk = self._desk
        job = ExportJob(desk.tasks, self._parent, self._export, path)
        told, given_up = self.tr("{n} rows are in {name}"), self.tr("The export was cancelled")
        desk.say(self.tr("Exporting…"))
        bar = _Bar(self.tr("Exporting…"), self.tr("Cancel"), self._parent)
        bar.setWindowTitle(self.windowTitle())
        bar.canceled.connect(job.cancel)
        job.progressed.connect(bar.show_progress)

        def end() -> None:
            bar.reset()
            bar.deleteLater()
            if job.error is not None:
                desk.fail(job.error)
            else:
                desk.say(given_up if job.rows is None else told.format(n=job.rows, name=path.name))

        job.ended.connect(end)
        job.start()
        return job


class _GivenUpError(Exception):
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
    """One list on its way into a file. `rows`: how many are there; None while it is under way, or was cancelled."""

    progressed = Signal(int, int)
    ended = Signal()

    def __init__(self, tasks: Tasks, owner: QObject, export: Export, path: Path) -> None:
        super().__init__(owner)
        self._tasks, self._export, self._path = tasks, export, path
        self._cancelled = threading.Event()
        self.rows: int | None = None
        self.error: Exception | None = None
        self.is_over = False

    def start(self) -> None:
        """Read the list, then write it."""
        read = self._export.read
        self._tasks.read(
            self, lambda reader: read(reader, 0, MAX_ROWS + 1), self._write, key="rows",
            failed=self._fail,
        )  # fmt: skip

    def cancel(self) -> None:
        """Stop where it is; no file is written, and one that was there stays."""
        self._cancelled.set()
        self._tasks.drop(self, "rows")
        self._end()

    def _write(self, rows: list[Any]) -> None:
        put = partial(_put, self._export, rows, self._path, self._tell)
        self._tasks.run(self, put, self._written, failed=self._fail)

    def _tell(self, done: int, total: int) -> None:
        """Called by the thread that writes."""
        if self._cancelled.is_set():
            raise _GivenUpError
        self.progressed.emit(done, total)

    def _written(self, count: int) -> None:
        self.rows = count
        self._end()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, _GivenUpError):
            self.error = error
            self._end()

    def _end(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.ended.emit()


def _put(export: Export, rows: list[Any], path: Path, tell: Callable[[int, int], None]) -> int:
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
