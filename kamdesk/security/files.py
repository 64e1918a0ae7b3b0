"""Private files: written whole or not at all, for the eyes of one account only."""

from __future__ import annotations

import logging
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP

_log = logging.getLogger(__name__)

# Windows: a virus scanner or an indexer holds the file for a moment (access denied, sharing, lock)
_HELD_BY_ANOTHER = frozenset({5, 32, 33})
_RETRY_AFTER = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def make_private(directory: Path) -> Path:
    """Make a directory that only this account may enter, or close an existing one."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            directory.chmod(0o700)
    except OSError as error:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "The folder {folder} cannot be made private to your account ({reason}). "
                "Choose another folder.",
            ),
            code="FOLDER_NOT_PRIVATE",
            context="security",
            folder=str(directory),
            reason=error.strerror or type(error).__name__,
        ) from error
    return directory


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of `path` durably, so that a crash leaves the old or the new whole.

    The caller holds the profile's instance lock: the temporary file has one fixed name, and what a crash left there
    goes. Raises MachineError FILE_NOT_WRITTEN; the old content is then still in place, and nothing of the new one.
    """
    temporary = path.with_name(path.name + ".tmp")
    with suppress(OSError):  # one that stays is found below
        temporary.unlink(missing_ok=True)
    _write(path, data, temporary)


def write_copy(path: Path, data: bytes) -> None:
    """As `write_atomically`, in a folder of the user's: no other file there is touched.

    Raises MachineError FILE_NOT_WRITTEN; nothing of the new content is left then: it may be in the clear. What a
    program that was killed left goes with the next copy there, or by `sweep_copies`.
    """
    token = secrets.token_hex(8)
    temporary = path.with_name(f"kamdesk-{token}.tmp")
    _sweep_beside(path.parent)
    _under_way.add(token)
    note = _note_of(token, temporary)
    try:
        _write(path, data, temporary)
    finally:
        _under_way.discard(token)
        if note is not None:
            with suppress(OSError):
                note.unlink()


def note_copies_in(folder: Path) -> None:
    """Have it noted in this folder which copies are under way: what is noted when the program starts was left."""
    global _notes  # noqa: PLW0603  # one program, one folder
    _notes = folder


def sweep_copies() -> None:
    """Delete the temporary files of copies that were under way when the program was killed. Never raises."""
    with suppress(OSError):
        for note in list(_notes.iterdir()) if _notes is not None and _notes.is_dir() else ():
            if note.name in _under_way:
                continue
            with suppress(OSError, ValueError):
                left = Path(note.read_text(encoding="utf-8"))
                if left.name == f"kamdesk-{note.name}.tmp":
                    left.unlink(missing_ok=True)
                note.unlink()


_notes: Path | None = None
_under_way: set[str] = set()
_LEFT = re.compile(r"kamdesk-[0-9a-f]{16}\.tmp")
_LONG_AGO = 24 * 3600.0


def _note_of(token: str, temporary: Path) -> Path | None:
    if _notes is None:
        return None
    with suppress(OSError, MachineError):  # without a note it is found by its age
        make_private(_notes)
        note = _notes / token
        note.write_text(str(temporary.absolute()), encoding="utf-8")
        return note
    return None


def _sweep_beside(folder: Path) -> None:
    """Delete what a copy of long ago left here, before there were notes or in another profile's time."""
    with suppress(OSError):
        for path in folder.iterdir():
            if not _LEFT.fullmatch(path.name):
                continue
            about = path.lstat()
            is_ours = os.name != "posix" or about.st_uid == os.getuid()
            if is_ours and stat.S_ISREG(about.st_mode) and time.time() - about.st_mtime > _LONG_AGO:
                path.unlink()


def _write(path: Path, data: bytes, temporary: Path) -> None:
    is_ours = False
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            is_ours = True
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
        sync_directory(path.parent)
    except OSError as error:
        if is_ours:
            with suppress(OSError):
                temporary.unlink()
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "The file {name} could not be written ({reason}). The old one is unchanged.",
            ),
            code="FILE_NOT_WRITTEN",
            context="security",
            name=path.name,
            reason=error.strerror or type(error).__name__,
        ) from error


def _replace(source: Path, target: Path) -> None:
    for wait in _RETRY_AFTER:
        try:
            os.replace(source, target)  # noqa: PTH105  # the call whose failures tests inject
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD_BY_ANOTHER:
                raise
            _log.warning("%s is held by another program, trying again", target.name)
            time.sleep(wait)
        else:
            return
    os.replace(source, target)  # noqa: PTH105  # as above


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable: a file that is flushed may still lose the name it was given."""
    if os.name != "posix":  # Windows has no handle to a directory that can be flushed
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
