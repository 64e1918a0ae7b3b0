"""The contents of attachments on this computer: sealed files whose names do not tell what is in them.

A content is a row of envelopes, one for each piece, bound to its SHA-256, its length and the number of the piece. A
file is named by a keyed hash: whoever has the disk cannot ask whether a known paper is on it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kamdesk.domain.attachments import Content, check_size, piece_length, pieces
from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import envelope, values, wrapping
from kamdesk.security.envelope import Purpose, SealError
from kamdesk.security.files import make_private, write_atomically

WHOLE, ARRIVING, DAMAGED = ".kda", ".part", ".damaged"
_GRACE = 3600.0
"""Seconds for which a file without a record is left alone: its record may be about to be saved."""
_HEAD = envelope.header(Purpose.ATTACHMENT, 1)
_log = logging.getLogger(__name__)


class SealedFiles:
    """The contents in one folder. Safe to use from several threads."""

    def __init__(self, folder: Path, store_key: bytes, store_id: str) -> None:
        self._folder = folder
        key = wrapping.derive(store_key, b"KAMDesk/attachment/v1")
        self._cipher = AESGCM(bytes(key))
        wrapping.erase(key)
        self._name_key = bytes(wrapping.derive(store_key, b"KAMDesk/attachment-name/v1"))
        self._store_id = envelope.row_bytes(store_id)
        self._lock = threading.RLock()

    def keep(self, data: bytes) -> Content:
        """Keep a content, durable when this returns. Raises UserError, MachineError."""
        check_size(len(data))
        content = Content(hashlib.sha256(data).hexdigest(), len(data))
        with self._lock:
            path = self._path(content, WHOLE)
            if self._is_sound(content):
                return content
            make_private(self._folder)
            sealed = b"".join(
                self._seal(content, number, data[start : start + piece_length(len(data), number)])
                for number, start in _starts(content)
            )
            write_atomically(path, sealed)
        return content

    def holds(self, content: Content) -> bool:
        """Say whether a content is here, whole as far as its length tells."""
        return _length(self._path(content, WHOLE)) == _sealed_length(content, pieces(content.size))

    def read(self, content: Content) -> bytes:
        """Return a content. Raises MachineError where it is missing, or damaged.

        What is damaged is put aside: then it is not here any more, and comes again from head office or the user.
        """
        try:
            data = b"".join(self.piece(content, number) for number in range(pieces(content.size)))
            if hashlib.sha256(data).hexdigest() != content.sha256:
                raise _damaged()
        except MachineError as error:
            # Not for what the disk alone says: it may say something else in a moment
            if error.code == "ATTACHMENT_DAMAGED" and not isinstance(error.__cause__, OSError):
                with suppress(OSError):
                    self._path(content, WHOLE).replace(self._path(content, DAMAGED))
            raise
        with suppress(OSError):
            os.utime(self._path(content, WHOLE))
        return data

    def _is_sound(self, content: Content) -> bool:
        try:
            return self.holds(content) and bool(self.read(content))
        except MachineError:
            return False

    def piece(self, content: Content, number: int) -> bytes:
        """Return one piece of a content that is here. Raises MachineError."""
        try:
            with self._path(content, WHOLE).open("rb") as file:
                file.seek(_sealed_length(content, number))
                return self._open(content, number, file.read(_sealed_piece(content, number)))
        except FileNotFoundError:
            raise MachineError(
                QT_TRANSLATE_NOOP("attachment", "The file is not on this computer."),
                code="ATTACHMENT_NOT_HERE",
                context="attachment",
            ) from None
        except (OSError, SealError) as error:
            raise _damaged() from error

    # ---- what comes from head office

    def arrived(self, content: Content) -> int:
        """Return how many pieces of a content have come so far."""
        length = _length(self._path(content, ARRIVING))
        number = 0
        while number < pieces(content.size) and _sealed_length(content, number + 1) <= length:
            number += 1
        return number

    def take(self, content: Content, number: int, data: bytes) -> bool:
        """Add the next piece, durably; say whether the content is whole now. Raises ValueError for a wrong content.

        A content that is not what its hash says is thrown away, and comes anew. Raises MachineError for a disk that
        takes nothing.
        """
        try:
            return self._take(content, number, data)
        except OSError as error:
            raise MachineError(
                QT_TRANSLATE_NOOP(
                    "attachment", "The file cannot be kept on this computer ({reason})."
                ),
                code="ATTACHMENT_NOT_KEPT",
                context="attachment",
                reason=error.strerror or type(error).__name__,
            ) from error

    def _take(self, content: Content, number: int, data: bytes) -> bool:
        with self._lock:
            make_private(self._folder)
            path = self._path(content, ARRIVING)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
                file.truncate(_sealed_length(content, number))
                file.seek(0, os.SEEK_END)
                file.write(self._seal(content, number, data))
                file.flush()
                os.fsync(file.fileno())
            if number + 1 < pieces(content.size):
                return False
            path.replace(self._path(content, WHOLE))
            try:
                self.read(content)
            except MachineError as error:
                self.discard(content)
                raise ValueError("not the content that was named") from error
        return True

    # ---- what goes

    def discard(self, content: Content) -> None:
        """Delete a content."""
        for ending in (WHOLE, ARRIVING, DAMAGED):
            self._path(content, ending).unlink(missing_ok=True)

    def set_aside(self, content: Content, folder: Path) -> None:
        """Move a content that cannot be read out of the way."""
        path = self._path(content, WHOLE)
        with suppress(OSError):
            path.replace(make_private(folder) / path.name)

    def sweep(self, known: Collection[Content], *, grace: float = _GRACE) -> int:
        """Delete what belongs to no record and is not new; return how many files went."""
        names = {self._path(one, WHOLE).stem for one in known}
        gone = 0
        for path in self._files():
            with suppress(OSError):
                if (
                    path.name.split(".")[0] not in names
                    and time.time() - path.stat().st_mtime >= grace
                ):
                    path.unlink()
                    gone += 1
        return gone

    def evict(self, spare: Collection[Content], most: int) -> int:
        """Delete those of `spare` that were not used for longest, until at most `most` bytes are here."""
        total = sum(_length(path) for path in self._files())
        with self._lock:
            held = [one for one in spare if self.holds(one)]
            held.sort(key=lambda one: self._path(one, WHOLE).stat().st_mtime)
            gone = 0
            for one in held:
                if total <= most:
                    break
                with suppress(OSError):  # another program holds it: the next one goes
                    self.discard(one)
                    total -= _sealed_length(one, pieces(one.size))
                    gone += 1
        return gone

    def _files(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    # ---- one piece

    def _path(self, content: Content, ending: str) -> Path:
        name = hmac.digest(self._name_key, f"{content.sha256}/{content.size}".encode(), "sha256")
        return self._folder / f"{name[:20].hex()}{ending}"

    def _seal(self, content: Content, number: int, data: bytes) -> bytes:
        return envelope.seal(
            self._cipher, _HEAD, store_id=self._store_id, table="attachment", column="content",
            row=row_of(content, number), data=values.encode_bytes(data),
        )  # fmt: skip

    def _open(self, content: Content, number: int, sealed: bytes) -> bytes:
        envelope.key_id_of(sealed, Purpose.ATTACHMENT)
        opened = envelope.unseal(
            self._cipher, sealed, store_id=self._store_id, table="attachment", column="content",
            row=row_of(content, number),
        )  # fmt: skip
        return values.decode_bytes(opened)


def row_of(content: Content, number: int) -> str:
    """Name the place of a piece, as 16 bytes in hexadecimal: none can be put in the place of another."""
    place = f"{content.sha256}/{content.size}/{number}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def _starts(content: Content) -> Iterator[tuple[int, int]]:
    start = 0
    for number in range(pieces(content.size)):
        yield number, start
        start += piece_length(content.size, number)


def _sealed_piece(content: Content, number: int) -> int:
    """Return how long the envelope of a piece is."""
    return envelope.OVERHEAD + -(-(5 + piece_length(content.size, number)) // 4096) * 4096


def _sealed_length(content: Content, number: int) -> int:
    """Return how long the first `number` pieces are in the file."""
    if not number:
        return 0
    return (number - 1) * _sealed_piece(content, 0) + _sealed_piece(content, number - 1)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _damaged() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP("attachment", "The file on this computer is damaged."),
        code="ATTACHMENT_DAMAGED",
        context="attachment",
    )
