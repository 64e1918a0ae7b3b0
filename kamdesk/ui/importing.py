"""An import under way, and its undo: one transaction after the other, behind whatever people save."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from kamdesk.domain.changes import Origin
from kamdesk.domain.imports import JobState
from kamdesk.importers.apart import Read, Seen
from kamdesk.services import imports
from kamdesk.services.imports import Item, Part, Undone
from kamdesk.ui.tasks import Tasks

SKIP, UPDATE, CREATE = "skip", "update", "create"


class ImportJob(QObject):
    """Stores what a preview showed. Lives as long as the program; a screen only watches it."""

    progressed = Signal(int, int)
    ended = Signal()

    def __init__(
        self, tasks: Tasks, seen: Seen, *, title: str, known: str, repeated: str,
        single: Mapping[int, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(tasks)
        self._tasks, self._seen, self._title = tasks, seen, title
        self._known, self._repeated, self._single = known, repeated, single or {}
        self.import_id = ""
        self.created = self.updated = self.done = 0
        self.refused: list[tuple[int, Any]] = []
        self.total = int(seen.told["records"])
        self.is_stopping = self.is_over = False
        self.error: Exception | None = None

    def start(self) -> None:
        """Open the import and go on by itself."""
        kind, title, total = self._seen.told["kind"], self._title, self.total
        headings, mapping = self._seen.told["columns"], self._seen.told["mapping"]

        def begin(work: Any) -> str:
            imports.keep_mapping(work, kind, headings, mapping)
            return imports.begin_import(work, kind=kind, title=title, total=total)

        self._tasks.write(self, begin, self._begun, failed=self._fail, origin=Origin.IMPORT)

    def stop(self) -> None:
        """End after the transaction under way; what it stored stays."""
        self.is_stopping = True

    def _begun(self, import_id: str) -> None:
        self.import_id = import_id
        self._next(0)

    def _next(self, part: int) -> None:
        if part == len(self._seen.parts) or self.is_stopping:
            state = JobState.STOPPED if part < len(self._seen.parts) else JobState.DONE
            self._tasks.write(
                self, partial(imports.end_import, import_id=self.import_id, state=state),
                lambda _: self._end(), failed=self._fail, origin=Origin.IMPORT,
            )  # fmt: skip
            return
        seen, import_id = self._seen, self.import_id

        def store(work: Any) -> tuple[int, Part]:
            records = seen.records(part)
            items = [item for one in records if (item := self._item(one)) is not None]
            return len(records), imports.import_some(work, import_id, items)

        self._tasks.write(
            self, store, lambda told: self._stored(part, *told), failed=self._fail,
            origin=Origin.IMPORT,
        )  # fmt: skip

    def _item(self, one: Read) -> Item | None:
        return item_of(one, self._known, self._repeated, self._single.get(one.row, ""))

    def _stored(self, part: int, read: int, told: Part) -> None:
        self.done += read
        self.created += told.created
        self.updated += told.updated
        self.refused += told.refused
        self.progressed.emit(self.done, self.total)
        self._next(part + 1)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._end()

    def _end(self) -> None:
        self.is_over = True
        self.ended.emit()


def item_of(one: Read, known: str, repeated: str, single: str = "") -> Item | None:
    """Say what is to become of a record, by the choices for what is known, for what comes twice, for this row."""
    if one.of is None:
        return Item(one.row, one.document)
    choice = single or (known if isinstance(one.of, str) else repeated)
    if choice == UPDATE and isinstance(one.of, str):
        return Item(one.row, one.document, one.of)
    return Item(one.row, one.document) if choice == CREATE else None


class UndoJob(QObject):
    """Takes an import back, the last record first."""

    ended = Signal(int, int)

    def __init__(self, tasks: Tasks, import_id: str) -> None:
        super().__init__(tasks)
        self._tasks, self._import_id = tasks, import_id
        self.removed = self.kept = 0
        self.error: Exception | None = None

    def start(self) -> None:
        """Take back the next records, until none is left."""
        self._tasks.write(
            self, partial(imports.undo_some, import_id=self._import_id), self._told,
            failed=self._fail, origin=Origin.IMPORT,
        )  # fmt: skip

    def _told(self, told: Undone) -> None:
        self.removed += told.removed
        self.kept += told.kept
        if told.has_more:
            self.start()
        else:
            self.ended.emit(self.removed, self.kept)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self.ended.emit(self.removed, self.kept)
