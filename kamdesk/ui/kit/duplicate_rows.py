"""The rows of an import that repeat something, each with what is to become of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QAbstractItemView, QWidget

from kamdesk.importers.apart import Twice
from kamdesk.ui import speech, theme
from kamdesk.ui.importing import CREATE, SKIP, UPDATE
from kamdesk.ui.kit.bits import button, column, fixed, row, text
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.small_table import SmallTable


class DuplicateRows(QWidget):
    """Lists them; what is chosen for single rows goes before what is chosen for all of their sort."""

    def __init__(self, rows: Sequence[Twice], for_all: Callable[[Twice], str]) -> None:
        super().__init__()
        self._for_all = for_all
        self.chosen: dict[int, str] = {}
        """What is to become of single rows of the file."""
        self._words = {
            SKIP: self.tr("left out"),
            UPDATE: self.tr("updates the known one"),
            CREATE: self.tr("created anyway"),
        }
        self.table = SmallTable(
            [
                Column(self.tr("Row"), lambda one: speech.number(one.row), 64),
                Column(self.tr("Name"), lambda one: one.name),
                Column(self.tr("Repeats"), self._repeats, 130),
                Column(self.tr("Why"), lambda one: speech.translate("importers", one.why), 250),
                Column(self.tr("What happens"), self.say, 190, self._colour),
            ],
            name=self.tr("Duplicates"),
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.show_rows(rows)
        self.skip, self.update_known, self.create_anyway = (
            button(words, partial(self.choose, choice))
            for words, choice in (
                (self.tr("Leave out"), SKIP),
                (self.tr("Update the known one"), UPDATE),
                (self.tr("Create anyway"), CREATE),
            )
        )
        hint = fixed(text(self.tr("Chosen rows:"), "muted"))
        buttons = row(hint, self.skip, self.update_known, self.create_anyway, None)
        layout = column(self.table, buttons, gap=theme.SMALL)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._allow())
        self._allow()

    def choice(self, one: Twice) -> str:
        """Return what is to become of a row."""
        return self.chosen.get(one.row) or self._for_all(one)

    def say(self, one: Twice) -> str:
        """Say what is to become of a row."""
        return self._words[self.choice(one)]

    def choose(self, choice: str) -> None:
        """Choose for the rows that are selected; only a known record can be updated."""
        for one in self._selected():
            if choice != UPDATE or one.is_known:
                self.chosen[one.row] = choice
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen now."""
        self.table.viewport().update()

    def _selected(self) -> list[Twice]:
        found = self.table.selectionModel().selectedRows()
        return [self.table.records.rows[index.row()] for index in found]

    def _allow(self) -> None:
        selected = self._selected()
        self.skip.setEnabled(bool(selected))
        self.create_anyway.setEnabled(bool(selected))
        self.update_known.setEnabled(any(one.is_known for one in selected))

    def _repeats(self, one: Twice) -> str:
        if one.is_known:
            return self.tr("known already")
        return self.tr("row {n}").format(n=speech.number(int(one.of)))

    def _colour(self, one: Twice) -> str:
        return "muted" if self.choice(one) == SKIP else "text"
