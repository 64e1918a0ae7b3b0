"""Files on their way into the store of contents: one after the other, off the GUI thread, with an end to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from kamdesk.domain.attachments import Cabinet, Content
from kamdesk.domain.filenames import is_what_it_says, safe_name
from kamdesk.domain.values import dataclass
from kamdesk.ui.tasks import Tasks

_BEGINNING = 16
"""Bytes that tell whether a content is what its name says."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that is sealed on this computer, for a record. `is_true`: it begins as its name promises."""

    name: str
    content: Content
    is_true: bool
    record_id: str = ""


class Keeping(QObject):
    """Keeps what is given to it. `ended` tells whether everything was kept."""

    kept = Signal(object)
    failed = Signal(str, object)
    """Name of a file, and the error."""
    progressed = Signal()
    ended = Signal(bool)

    def __init__(self, tasks: Tasks, cabinet: Cabinet, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._cabinet = tasks, cabinet
        self._queue: deque[tuple[str, Callable[[], Kept]]] = deque()
        self._at = ""
        self._is_whole = True
        self.done = self.total = 0

    @property
    def is_busy(self) -> bool:
        """Say whether something is not kept yet."""
        return bool(self._at) or bool(self._queue)

    @property
    def coming(self) -> int:
        """How many are not kept yet."""
        return len(self._queue) + bool(self._at)

    @property
    def name(self) -> str:
        """What is being kept now."""
        return self._at

    def keep_files(self, paths: Sequence[Path], *, record_id: str = "") -> None:
        """Keep what is in these files."""
        cabinet = self._cabinet
        for path in paths:
            self._add(safe_name(path.name), partial(_file, cabinet, path, record_id))

    def keep_picture(self, name: str, image: QImage, *, record_id: str = "") -> None:
        """Keep a picture that was in the clipboard."""
        self._add(name, partial(_picture, self._cabinet, name, image, record_id))

    def stop(self) -> None:
        """Keep nothing more; what is being kept now is not attached either."""
        if self.is_busy:
            self._tasks.drop(self, "keep")
            self._queue.clear()
            self._is_whole = False
            self._end()

    def _add(self, name: str, run: Callable[[], Kept]) -> None:
        if not self.is_busy:
            self.done = self.total = 0
            self._is_whole = True
        self._queue.append((name, run))
        self.total += 1
        if not self._at:
            self._next()
        self.progressed.emit()

    def _next(self) -> None:
        if not self._queue:
            self._end()
            return
        self._at, run = self._queue.popleft()
        self._tasks.run(self, run, self._on_kept, key="keep", failed=self._on_failed)

    def _on_kept(self, kept: Kept) -> None:
        self.kept.emit(kept)
        self._go_on()

    def _on_failed(self, error: Exception) -> None:
        self._is_whole = False
        self.failed.emit(self._at, error)
        self._go_on()

    def _go_on(self) -> None:
        self.done += 1
        self._at = ""
        self._next()
        self.progressed.emit()

    def _end(self) -> None:
        self._at = ""
        self.progressed.emit()
        self.ended.emit(self._is_whole)


def _file(cabinet: Cabinet, path: Path, record_id: str) -> Kept:
    content = cabinet.keep_file(path)
    name, is_true = safe_name(path.name), True
    with suppress(OSError), path.open("rb") as file:  # it may be gone by now; what counts is kept
        is_true = is_what_it_says(name, file.read(_BEGINNING))
    return Kept(name, content, is_true, record_id)


def _picture(cabinet: Cabinet, name: str, image: QImage, record_id: str) -> Kept:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes
    return Kept(name, cabinet.keep(bytes(data.data())), True, record_id)  # noqa: FBT003
