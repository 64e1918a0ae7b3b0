"""Imports: a file is looked at before anything is stored, and what was stored can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.imports import ImportRow, kept_mapping, known_records, list_imports
from kamdesk.domain.changes import Changes
from kamdesk.domain.errors import UserError
from kamdesk.domain.imports import JobState, may_import
from kamdesk.domain.roles import Role
from kamdesk.importers.apart import Seen, Wanted, preview_apart
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.importing import ImportJob, UndoJob
from kamdesk.ui.kit.bits import button, card, clear, column, nothing, pill, row, scrolled, text
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.pasting import MOST_PASTED, is_table, on_paste

if TYPE_CHECKING:
    from kamdesk.ui.kit.import_preview import Choices, PreviewPage

_MOST_SHOWN = 50
_BESIDE = {"person": ("customer", "person"), "product": ("product",)}
"""What is looked up in the store for a file of these kinds, to find what is known; otherwise the customers."""
_COLOURS = {
    JobState.RUNNING: "blue", JobState.DONE: "green", JobState.STOPPED: "amber",
    JobState.UNDOING: "blue", JobState.UNDONE: "grey",
}  # fmt: skip


class Imports(Screen):
    """What was imported, and the way from a file to its preview and into the store."""

    name = "imports"
    kinds = frozenset({"import"})
    _read = Signal(int, int)
    """How far the child has read, from the thread that listens to it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.preview: PreviewPage | None = None
        self.job: ImportJob | None = None
        self._cancelled = threading.Event()
        self._wanted = Wanted(Path())
        self.open_file = button(
            self.tr("Import a file…"), self.choose_file, look="primary", image="plus"
        )
        self.paste = button(self.tr("Paste rows"), self.look_at_pasted, image="clipboard-list")
        on_paste(self, self.look_at_pasted)
        self.waiting = text("", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(self.tr("Progress"))
        self.bar.setTextVisible(False)
        self.stop = button(self.tr("Cancel"), self._stop)
        self.busy = QWidget()
        self.busy.setLayout(row(self.waiting, self.bar, self.stop, gap=theme.GAP))
        self.busy.hide()
        self.lines = QVBoxLayout()
        inside = QWidget()
        inside.setLayout(self.lines)
        self.stack = QStackedWidget()
        self.stack.addWidget(card(column(scrolled(inside)), margin=12))
        layout = column(row(self.open_file, self.paste, None, self.busy), self.stack, gap=theme.GAP)
        layout.setStretch(1, 1)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)
        self.setAcceptDrops(True)
        self._read.connect(self._show_progress)

    # ---- the list

    def refresh(self) -> None:
        """Read the list of imports."""
        self.desk.tasks.read(
            self, lambda reader: list_imports(reader, offset=0, limit=_MOST_SHOWN), self._list,
            key="list",
        )  # fmt: skip

    def concerns(self, changes: Changes) -> bool:
        """Show what an import did, and how much of it head office has."""
        return changes.concerns("import") or (changes.outbox and self.isVisible())

    def _list(self, found: list[ImportRow]) -> None:
        self.counted.emit(speech.number(len(found)) if found else "")
        clear(self.lines)
        for one in found:
            self.lines.addLayout(self._line(one))
        if not found:
            self.lines.addWidget(
                nothing(
                    "inbox",
                    self.tr("Nothing was imported yet"),
                    self.tr(
                        "Choose a table of customers, people or products (xlsx, xls, csv, ods), drop it here,"
                        " or paste rows from Excel with Ctrl+V."
                    ),
                )
            )
        self.lines.addStretch(1)

    def _line(self, one: ImportRow) -> Any:
        told = [
            speech.label(one.kind, spec_of(one.kind).plural),
            self.tr("{n} new").format(n=speech.number(one.created)),
            self.tr("{n} changed").format(n=speech.number(one.updated)),
        ]
        if one.waiting:
            told.append(self.tr("{n} not yet confirmed").format(n=speech.number(one.waiting)))
        if one.kept:
            told.append(self.tr("{n} kept, edited or used since").format(n=speech.number(one.kept)))
        parts: list[Any] = [
            column(
                row(
                    text(one.title, "strong"), pill(self._state(one), _COLOURS[JobState(one.state)]), None
                ),
                text(" · ".join(told), "muted"), gap=2,
            ),
            None,
            text(speech.instant(one.at), "muted"),
        ]  # fmt: skip
        if one.state in {JobState.DONE, JobState.STOPPED} and one.created + one.updated:
            undo = button(
                self.tr("Undo the whole import"), partial(self._undo, one.id), image="undo-2"
            )
            parts.append(undo)
        return row(*parts)

    def _state(self, one: ImportRow) -> str:
        return {
            JobState.RUNNING: self.tr("under way"),
            JobState.DONE: self.tr("imported"),
            JobState.STOPPED: self.tr("stopped after {done} of {total}").format(
                done=speech.number(one.done), total=speech.number(one.total)
            ),
            JobState.UNDOING: self.tr("being undone"),
            JobState.UNDONE: self.tr("undone"),
        }[JobState(one.state)]

    def _undo(self, import_id: str) -> None:
        job = UndoJob(self.desk.tasks, import_id)
        told = self.tr("{n} taken back; kept, because edited or used since: {kept}")
        desk = self.desk

        def say(removed: int, kept: int) -> None:
            if job.error is not None:
                desk.fail(job.error)
                return
            desk.say(told.format(n=speech.number(removed), kept=speech.number(kept)))

        job.ended.connect(say)
        self.desk.say(self.tr("The import is being undone…"))
        job.start()

    # ---- a file

    def choose_file(self) -> None:
        """Ask for the file."""
        dialog = FileDialog(
            self,
            self.tr("Import a file"),
            [
                self.tr("Tables (*.xlsx *.xls *.xlsb *.ods *.csv *.tsv *.txt *.gz)"),
                self.tr("All files (*)"),
            ],
        )
        dialog.fileSelected.connect(lambda name: self.look_at(Path(name)))
        dialog.open()

    def look_at(self, path: Path) -> None:
        """Begin with a new file."""
        self.look_again(Wanted(path))

    def look_at_pasted(self) -> None:
        """Begin with the cells that were copied, if there are any; they are never written to a file."""
        cells = QGuiApplication.clipboard().text()
        if not is_table(cells):
            self.desk.say(
                self.tr("Copy the rows with their headings in Excel first, then press Ctrl+V here")
            )
        elif len(cells) > MOST_PASTED:
            self.desk.say(self.tr("That is too much to paste. Save it as a file and import that"))
        else:
            self.look_again(Wanted(Path(), pasted=cells, name=self.tr("Pasted rows")))

    def look_again(self, wanted: Wanted) -> None:
        """Read the file as is wanted, in a process of its own, and show what it holds."""
        self._cancelled.set()
        self._cancelled = cancelled = threading.Event()
        self._wanted = wanted
        self._begin(self.tr("Reading {name}…").format(name=wanted.title), self._cancel_reading)
        desk = self.desk

        def known(reader: Any) -> list[bytes]:
            lines: list[bytes] = []
            for kind in _BESIDE.get(wanted.kind, ("customer",)):
                after = 0
                while not cancelled.is_set():
                    found, after = known_records(reader, kind, after=after)
                    lines.append(msgspec.json.encode(found))
                    if not after:
                        break
            return lines

        def tell(done: int, size: int) -> None:
            if not cancelled.is_set():
                self._read.emit(done * 100 // max(1, size), 100)

        def read(lines: list[bytes]) -> None:
            desk.tasks.run(
                self, lambda: preview_apart(wanted, lines, progress=tell, cancelled=cancelled),
                self._on_read, key="preview", failed=self._on_failed,
            )  # fmt: skip

        desk.tasks.read(self, known, read, key="known", failed=self._on_failed)

    def _begin(self, words: str, stop: Callable[[], object]) -> None:
        self.waiting.setText(words)
        self._stopping = stop
        self.bar.setRange(0, 0)
        self.open_file.setEnabled(False)
        self.paste.setEnabled(False)
        self.busy.show()

    def _rest(self) -> None:
        self.busy.hide()
        self.open_file.setEnabled(True)
        self.paste.setEnabled(True)

    def _stop(self) -> None:
        self._stopping()

    def _cancel_reading(self) -> None:
        self._cancelled.set()
        self._rest()

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, UserError) and error.code == "KIND_UNKNOWN" and not self._wanted.kind:
            # The columns do not tell: they are shown as customers, and chosen by hand
            self.look_again(replace(self._wanted, kind="customer"))
            return
        self._rest()
        if not (isinstance(error, UserError) and error.code == "CANCELLED"):
            self.desk.fail(error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if (path := self._dropped(event)) is not None:
            self.look_at(path)

    def _dropped(self, event: QDropEvent) -> Path | None:
        names = [url.toLocalFile() for url in event.mimeData().urls()]
        return Path(names[0]) if len(names) == 1 and names[0] else None

    # ---- the preview

    def _on_read(self, seen: Seen) -> None:
        """Look whether a table with these headings came before, and was understood otherwise."""
        kind = seen.told["kind"]
        if kind in _BESIDE and self._wanted.kind != kind:
            # Read again beside the people or products that are known
            self.look_again(replace(self._wanted, kind=kind))
            return
        if self._wanted.mapping is not None or seen.told["header_row"] is None:
            self._show_preview(seen)
            return
        columns = seen.told["columns"]

        def compare(kept: tuple[str, Mapping[str, str]] | None) -> None:
            if kept is None or kept == (seen.told["kind"], seen.told["mapping"]):
                self._show_preview(seen)
            else:
                self.look_again(replace(self._wanted, kind=kept[0], mapping=kept[1]))

        self.desk.tasks.read(
            self, lambda reader: kept_mapping(reader, columns), compare, key="kept",
            failed=self._on_failed,
        )  # fmt: skip

    def _show_preview(self, seen: Seen) -> None:
        from kamdesk.ui.kit.import_preview import PreviewPage  # with the rules of imports

        self._rest()
        self._drop_preview()
        allowed = may_import(Role(self.desk.profile.role), seen.told["kind"])
        self.preview = PreviewPage(self._wanted, seen, self.stack, may_import=allowed)
        self.preview.changed.connect(self.look_again)
        self.preview.closed.connect(self._back)
        self.preview.accepted.connect(self.import_now)
        self.preview.errors_wanted.connect(self.save_errors)
        self.stack.addWidget(self.preview)
        self.stack.setCurrentWidget(self.preview)

    def _drop_preview(self) -> None:
        if self.preview is not None:
            self.stack.removeWidget(self.preview)
            self.preview.deleteLater()
            self.preview = None

    def _back(self) -> None:
        self._drop_preview()
        self.refresh()

    def save_errors(self) -> ExportDialog:
        """Ask where the rows with errors are to be written."""
        from kamdesk.ui.kit.import_preview import errors_table

        assert self.preview is not None
        words = {
            "row": self.tr("Row"),
            "wrong": self.tr("What is wrong"),
            "title": self.tr("{name}, errors"),
        }
        dialog = ExportDialog(self.desk, self, errors_table(self._wanted, self.preview.seen, words))
        dialog.open()
        return dialog

    def import_now(self, choices: Choices) -> None:
        """Store what the preview shows, in the background."""
        assert self.preview is not None
        job = ImportJob(
            self.desk.tasks, self.preview.seen, title=self._wanted.title,
            known=choices.known, repeated=choices.repeated, single=choices.single,
        )  # fmt: skip
        self.job = job
        self._back()
        self._begin(self.tr("Importing…"), job.stop)
        job.progressed.connect(self._show_progress)
        job.ended.connect(self._on_imported)
        job.start()

    def _on_imported(self) -> None:
        job = self.job
        assert job is not None
        self._rest()
        self.refresh()
        if job.error is not None:
            self.desk.fail(job.error)
            return
        words = (
            self.tr("Stopped: {n} new and {changed} changed records are kept; see Imports to undo")
            if job.is_stopping
            else self.tr("Imported: {n} new and {changed} changed records; {refused} left out")
        )
        self.desk.say(
            words.format(
                n=speech.number(job.created), changed=speech.number(job.updated),
                refused=speech.number(len(job.refused)),
            )
        )  # fmt: skip
