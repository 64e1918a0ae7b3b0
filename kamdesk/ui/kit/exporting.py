"""Lists as files: where they go, and what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from kamdesk.domain import clock
from kamdesk.domain.money import Money
from kamdesk.reports.tables import MAX_ROWS, Table, Value, write
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.lists import Column


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
        self.fileSelected.connect(lambda name: self.save(Path(name)))

    def save(self, path: Path) -> None:
        """Read the whole list and write it, off the GUI thread; say how many rows are where."""
        desk, export, title = self._desk, self._export, self._export.title
        columns: Sequence[Column] = export.columns
        told = self.tr("{n} rows are in {name}")

        def put(rows: list[Any]) -> int:
            cells = [[value_of(column, one) for column in columns] for one in rows]
            write(Table(title, tuple(column.heading for column in columns), cells), path)
            return len(rows)

        def say(count: int) -> None:
            desk.say(told.format(n=count, name=path.name))

        owner = self._parent
        desk.say(self.tr("Exporting…"))
        desk.tasks.read(
            owner,
            lambda reader: export.read(reader, 0, MAX_ROWS + 1),
            lambda rows: desk.tasks.run(owner, lambda: put(rows), say, failed=desk.fail),
            failed=desk.fail,
        )


def value_of(column: Column, one: Any) -> Value:
    """Give what stands in a cell: a number, a day or an amount as such, anything else in words."""
    if column.raw is None:
        shown = column.write(one)
        return None if shown == "—" else shown
    value = column.raw(one)
    return value.amount if isinstance(value, Money) else value
