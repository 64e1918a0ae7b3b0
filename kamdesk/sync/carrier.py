"""The bytes of attachments on their way: one piece at a time, behind everything that records have to say.

Implements `domain.attachments.Cabinet`. Nothing here is remembered but the contents and what somebody asked for: head
office says how much it has, the files say how much has come, so that whatever breaks goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from kamdesk.db import outbox
from kamdesk.db.capture import as_json
from kamdesk.db.database import Database
from kamdesk.db.queries import attachments as queries
from kamdesk.domain.attachments import LARGEST, OPENED, PIECE, Content, Moving, check_size, pieces
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.filenames import safe_name
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.files import make_private, write_copy
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol_files import AttachmentPart
from kamdesk.sync.transport import Transport

MOST_KEPT = 512 * 1024 * 1024
"""Bytes of contents on this computer, above which those that head office has give way."""
_OF_ONE = frozenset(
    {"not_found", "bytes_missing", "bad_content", "bad_part", "bad_request", "too_large"}
)
"""Problems of one attachment, which do not hold up the others."""
_MOST_TRIES = 3
_FETCHING = "fetching"
"""In what reconciliation remembers: the attachments that somebody asked for."""
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Ask(Protocol):
    """Calls head office with a token that is good."""

    def __call__(self, call: Callable[[str], T]) -> T: ...


@dataclass(slots=True)
class _Job:
    """One attachment under way. `have`: bytes at the other end."""

    id: str
    content: Content
    up: bool
    have: int


class Carrier:
    """The contents of one profile, and their way to head office and back."""

    def __init__(
        self,
        database: Database,
        files: SealedFiles,
        transport: Transport,
        folder: Path,
        *,
        most: int = MOST_KEPT,
    ) -> None:
        self._database, self._files, self._transport = database, files, transport
        self._opened = folder / OPENED
        self._most = most
        self._lock = threading.Lock()
        self._wanted = self._noted = self._read_wanted()
        self._job: _Job | None = None
        self._tries: dict[str, int] = {}
        self._handed: set[str] = set()
        self._problems: dict[str, str] = {}
        self._is_metered = False
        self._anyway: frozenset[str] = frozenset()
        self._is_swept = False
        self._listeners: list[Callable[[], None]] = []
        self.wake: Callable[[], None] = lambda: None
        """Lets the thread that calls `step` look again."""
        self.remove_copies()

    # ---- Cabinet

    def keep(self, data: bytes) -> Content:
        """Keep a content, sealed and durable when this returns. Raises UserError, MachineError."""
        return self._files.keep(data)

    def keep_file(self, path: Path) -> Content:
        """Keep what is in a file. Raises UserError for one that is empty or too large, MachineError."""
        try:
            check_size(path.stat().st_size)  # before it is read
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise MachineError(
                QT_TRANSLATE_NOOP("attachment", "The file {name} cannot be read ({reason})."),
                code="FILE_NOT_READ",
                context="attachment",
                name=path.name,
                reason=error.strerror or type(error).__name__,
            ) from error
        return self._files.keep(data)

    def holds(self, content: Content) -> bool:
        """Say whether a content is on this computer, whole."""
        return self._files.holds(content)

    def read(self, content: Content) -> bytes:
        """Return a content. Raises MachineError where it is not here or damaged."""
        return self._files.read(content)

    def open_copy(self, name: str, data: bytes) -> Path:
        """Write a copy in the clear for another program; it is removed when the profile closes or opens next."""
        try:
            path = make_private(make_private(self._opened) / uuid.uuid4().hex[:8]) / safe_name(name)
            path.write_bytes(data)
            path.chmod(0o400)  # what is changed in it would be lost: the other program shall say so
        except OSError as error:
            raise MachineError(
                QT_TRANSLATE_NOOP("attachment", "No copy could be written ({reason})."),
                code="FILE_NOT_WRITTEN",
                context="attachment",
                reason=error.strerror or type(error).__name__,
            ) from error
        return path

    def save_copy(self, content: Content, path: Path) -> None:
        """Write a content in the clear to where the user wants it. Raises MachineError."""
        write_copy(path, self._files.read(content))

    def remove_copies(self) -> None:
        """Remove the copies in the clear; what another program holds open goes at the next start."""
        for copy in self._opened.glob("*/*"):
            with suppress(OSError):
                copy.chmod(0o600)  # Windows removes nothing that can only be read
        shutil.rmtree(self._opened, ignore_errors=True)

    def fetch(self, attachment_id: str) -> None:
        """Have a content brought from head office as soon as it can be reached."""
        with self._lock:
            self._problems.pop(attachment_id, None)
            if attachment_id not in self._wanted:
                self._wanted = [*self._wanted, attachment_id]
        self.wake()

    def leave(self, attachment_id: str) -> None:
        """Stop waiting for what `fetch` asked for; what has come of it stays."""
        self._unwant(attachment_id)
        if attachment_id in self._noted:
            self.wake()
        job = self._job
        if job is not None and job.id == attachment_id and not job.up:
            self._job = None
        self._tell()

    def is_wanted(self, attachment_id: str) -> bool:
        """Say whether a content was asked for and has not come yet."""
        return attachment_id in self._wanted

    def send_anyway(self, attachments: Collection[str]) -> None:
        """Hand these in though the connection costs by volume."""
        self._anyway = frozenset(attachments)
        self.wake()

    @property
    def is_metered(self) -> bool:
        """Say whether the connection costs by volume."""
        return self._is_metered

    def moving(self) -> Mapping[str, Moving]:
        """Return what is under way, by attachment."""
        job = self._job
        return {} if job is None else {job.id: Moving(job.up, job.have, job.content.size)}

    def problem(self, attachment_id: str) -> str:
        """Return why an attachment could not be moved, as a code; "" where nothing is known."""
        return self._problems.get(attachment_id, "")

    def set_metered(self, *, metered: bool) -> None:
        """Say whether the connection costs by volume: then only what was asked for is moved."""
        was, self._is_metered = self._is_metered, metered
        if was and not metered:
            self._anyway = frozenset()
            self.wake()
        if was != metered:
            self._tell()

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` from any thread when something moved; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # ---- the way

    def heard(self) -> None:
        """Take note that records are in step: what head office still does not have, it lost again."""
        self._handed.clear()

    def remember(self) -> None:
        """Note what somebody asked for, so that it comes after the next start too. Raises MachineError.

        By the thread that is woken: whoever asks, asks from a window.
        """
        wanted = self._wanted
        if wanted != self._noted:
            note = {_FETCHING: as_json(wanted)}
            self._database.transact(Origin.SYNC, lambda work: outbox.write_state(work.driver, note))
            self._noted = wanted

    def _read_wanted(self) -> list[str]:
        return list(json.loads(self._database.read(outbox.read_state).get(_FETCHING) or "[]"))

    def step(self, ask: Ask) -> bool:
        """Move one piece; say whether there may be more to move. Raises Unreachable, Answered, MachineError."""
        self._sweep()
        held = self._job
        if held is not None and held.up and (self._wanted or not self._may_go(held.id)):
            held = None  # somebody waits for another one
        was_moving = self._job is not None
        job = held or self._next(ask)
        self._job = job
        if job is None:
            if was_moving:
                self._tell()
            return False
        try:
            is_done = self._hand_in(job, ask) if job.up else self._bring(job, ask)
        except Answered as problem:
            if problem.code not in _OF_ONE:
                raise
            _log.warning("an attachment was refused: %s", problem.code)
            self._give_up(job, problem.code)
        except MachineError as error:
            _log.warning("an attachment cannot be moved: %s", error.code)
            self._give_up(job, error.code)
        else:
            if is_done:
                self._end(job)
        self._tell()
        return True

    def _next(self, ask: Ask) -> _Job | None:
        """Choose what is moved next: what somebody waits for, then what head office does not have."""
        while (
            wanted := self._wanted
        ):  # read once: the window may take something out of it meanwhile
            attachment_id = wanted[0]
            content = self._content(attachment_id)
            if content is not None and not self._files.holds(content):
                have = self._files.arrived(content) * PIECE
                return _Job(attachment_id, content, up=False, have=have)
            self._unwant(attachment_id)
        return self._next_up(ask)

    def _next_up(self, ask: Ask) -> _Job | None:
        for attachment_id, content in self._database.read(queries.waiting):
            if attachment_id in self._handed or not self._may_go(attachment_id):
                continue
            if not self._is_worth(attachment_id) or not self._files.holds(content):
                continue
            job = _Job(attachment_id, content, up=True, have=0)
            try:
                job.have = self._have(attachment_id, ask)
            except Answered as problem:
                if problem.code not in _OF_ONE:
                    raise
                self._give_up(job, problem.code)
                continue
            return job
        return None

    def _content(self, attachment_id: str) -> Content | None:
        return self._database.read(lambda reader: queries.content_of(reader, attachment_id))

    def _have(self, attachment_id: str, ask: Ask) -> int:
        return ask(lambda access: self._transport.attachment(access, attachment_id)).have

    def _hand_in(self, job: _Job, ask: Ask) -> bool:
        """Hand in one piece; the last one again where only the word is missing that all are there."""
        number = min(job.have // PIECE, pieces(job.content.size) - 1)
        data = self._files.piece(job.content, number)
        part = AttachmentPart(job.id, number * PIECE, data, hashlib.sha256(data).hexdigest())
        job.have = ask(lambda access: self._transport.hand_in(access, part)).have
        return job.have >= job.content.size

    def _bring(self, job: _Job, ask: Ask) -> bool:
        part = ask(lambda access: self._transport.bring(access, job.id, job.have))
        if part.offset != job.have or hashlib.sha256(part.data).hexdigest() != part.sha256:
            raise Unreachable("bad_answer")
        try:
            is_whole = self._files.take(job.content, job.have // PIECE, part.data)
        except ValueError as error:
            raise MachineError("The content is another one.", code="BAD_CONTENT") from error
        job.have += len(part.data)
        return is_whole

    def _end(self, job: _Job) -> None:
        self._job = None
        self._problems.pop(job.id, None)
        if job.up:
            self._handed.add(job.id)  # until head office's word comes with the records
        else:
            self._unwant(job.id)
            self._evict()

    def _give_up(self, job: _Job, code: str) -> None:
        self._job = None
        self._problems[job.id] = code
        if job.up:
            self._tries[job.id] = self._tries.get(job.id, 0) + 1
        else:
            self._unwant(job.id)

    def _may_go(self, attachment_id: str) -> bool:
        return not self._is_metered or attachment_id in self._anyway

    def _is_worth(self, attachment_id: str) -> bool:
        return self._tries.get(attachment_id, 0) < _MOST_TRIES

    def _unwant(self, attachment_id: str) -> None:
        with self._lock:
            self._wanted = [one for one in self._wanted if one != attachment_id]

    # ---- what goes

    def _sweep(self) -> None:
        """Once, when records are in step: delete what belongs to none, and what has become too much."""
        if not self._is_swept:
            self._is_swept = True
            self._files.sweep(self._database.read(queries.known))
            self._evict()

    def _evict(self) -> None:
        self._files.evict(self._database.read(queries.spare), self._most)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:  # noqa: BLE001  # a page that has just been closed must not end what is under way
                _log.info("somebody who listened to attachments has gone", exc_info=True)
