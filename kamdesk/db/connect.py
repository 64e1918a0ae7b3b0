"""Opening the encrypted store with the driver: key, pragmas, and the refusals that protect the data.

Every SQLite of the product is the one in the `sqlcipher3` wheel: the system's may have the WAL corruption
bug that was fixed in 3.51.3, and plain SQLite accepts `PRAGMA key` and writes in the clear.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import cipher
from kamdesk.db.reader import Reader
from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import process
from kamdesk.security.folders import is_unsafe

PLAIN_HEADER = b"SQLite format 3\x00"
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged saves in a power cut (measured)
    "fullfsync=ON",
    "checkpoint_fullfsync=ON",
    "busy_timeout=5000",
    "temp_store=MEMORY",  # the sorter would spill decrypted values to disk
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "journal_size_limit=16777216",
    "wal_autocheckpoint=8000",  # by whoever saves; reconciliation moves the log before it is that long
)
_PRAGMAS_OF_FROZEN = (
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
)
_STATEMENTS = 16
"""Prepared statements kept by a connection. More of them use up SQLite's small reserve of memory (lookaside), and
each value that is copied is then locked in memory by a system call of its own: a sum over 300,000 visits took 5.4 s
with 128 statements and 0.2 s with 8 (measured)."""
_STATEMENTS_OF_WRITER = 5
"""The same for the writer: 20 of them already cost an import 25 blocks of locked memory a row, not 4 (counted)."""
_NEWEST_BROKEN = (3, 51, 2)

# A value of any other type than int, float, str and bytearray is first asked, in vain, for two methods that would
# adapt it: a row of 22 columns with many NULLs took three times as long as with these, which give it back as it is.
driver.register_adapter(type(None), {}.get)
driver.register_adapter(bytes, bytes)
driver.register_adapter(bool, int)

_SENTENCES = {
    "STORE_UNREADABLE": QT_TRANSLATE_NOOP(
        "store", "The store on this computer cannot be read with its key. Nothing was changed."
    ),
    "STORE_DAMAGED": QT_TRANSLATE_NOOP(
        "store",
        "The store on this computer is damaged. Nothing was changed; a copy can be restored.",
    ),
    "STORE_DAMAGED_NOW": QT_TRANSLATE_NOOP(
        "store",
        "Your data on this computer was damaged. Close KAMDesk and start it again: it restores a backup and "
        "what was not sent yet.",
    ),
    "STORE_MOVED": QT_TRANSLATE_NOOP(
        "store",
        "The file of your data was moved or deleted while KAMDesk was open. What you typed is still here. "
        "Put the file back, or close KAMDesk and start it again.",
    ),
    "STORE_READONLY": QT_TRANSLATE_NOOP(
        "store",
        "Nothing can be saved: the disk or the folder of your data is read-only. What you typed is still here; "
        "make it writable and save again.",
    ),
    "STORE_ONLY_READ": QT_TRANSLATE_NOOP(
        "store",
        "Your data can be read but not changed: its disk or folder is read-only. To work on, make it writable "
        "and start KAMDesk again.",
    ),
    "STORE_BEHIND_READONLY": QT_TRANSLATE_NOOP(
        "store",
        "This KAMDesk has to update your data, but its disk or folder is read-only. Make it writable and start "
        "KAMDesk again; nothing was changed.",
    ),
    "STORE_NOT_UPDATED": QT_TRANSLATE_NOOP(
        "store",
        "Your data could not be brought to the form of this version. Nothing was changed: the version that you had "
        "before still opens it. Please send the diagnostic bundle.",
    ),
    "DISK_FULL": QT_TRANSLATE_NOOP(
        "store", "The disk is full. What you typed is still here; free some space and save again."
    ),
    "STORE_BUSY": QT_TRANSLATE_NOOP(
        "store", "Another program holds the store. Try again in a moment."
    ),
    "STORE_IO": QT_TRANSLATE_NOOP(
        "store", "The disk reported an error. What you typed is still here; save again."
    ),
}
_CODES = {
    driver.SQLITE_FULL: "DISK_FULL",
    driver.SQLITE_READONLY: "STORE_READONLY",
    driver.SQLITE_CANTOPEN: "STORE_READONLY",
    driver.SQLITE_NOTADB: "STORE_UNREADABLE",
    driver.SQLITE_CORRUPT: "STORE_DAMAGED",
    driver.SQLITE_BUSY: "STORE_BUSY",
    driver.SQLITE_LOCKED: "STORE_BUSY",
    driver.SQLITE_IOERR: "STORE_IO",
}


class Keys(Protocol):
    """What is needed of the opened key store."""

    @property
    def store_key(self) -> bytes: ...
    @property
    def store_id(self) -> str: ...
    @property
    def generation(self) -> int: ...


def is_store_of(reader: Reader, keys: Keys) -> bool:
    """Say whether these keys belong to this store, and not to an older copy that was put back."""
    known = dict(reader.rows("SELECT k, v FROM meta"))
    return (known.get("store_id"), known.get("generation")) == (keys.store_id, str(keys.generation))


def fault(error: BaseException) -> MachineError | None:
    """Translate a driver's error into what is wrong with the machine; None for anything else."""
    number = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, OSError):
        code = "DISK_FULL" if error.errno == errno.ENOSPC else "STORE_READONLY"
    elif isinstance(number, int):
        code = _CODES.get(number & 0xFF, "")
    else:
        code = _by_message(error)
    return wrong(code) if code else None


def raise_fault(error: Exception) -> NoReturn:
    """Raise what is wrong with the machine, from the driver's or the system's error; the error itself where nothing is.

    In an `except` block: `raise fault(error) or error from error` would make an error its own cause.
    """
    found = fault(getattr(error, "orig", None) or error)
    if found is None:
        raise error
    raise found from error


def wrong(code: str) -> MachineError:
    """Say in a sentence what is wrong with the store's file or disk; `code` is one of those above."""
    return MachineError(_SENTENCES[code], code=code, context="store")


def _by_message(error: BaseException) -> str:
    message = str(error)
    for words, code in (
        ("database or disk is full", "DISK_FULL"),
        ("readonly database", "STORE_READONLY"),
        ("unable to open", "STORE_READONLY"),
        ("not a database", "STORE_UNREADABLE"),
        ("malformed", "STORE_DAMAGED"),
        ("is locked", "STORE_BUSY"),
        ("disk I/O error", "STORE_IO"),
    ):
        if words in message:
            return code
    return ""


def connect(path: Path, key: bytes, *, query_only: bool = False) -> Any:
    """Open one keyed connection. Raises MachineError with a code; never writes a plain file."""
    _refuse_plain(path)
    process.lock_no_memory()
    frozen = is_read_only(path)
    if frozen and not query_only:
        raise wrong("STORE_READONLY")

    def unkeyed() -> Any:
        connection = driver.connect(
            _frozen(path) if frozen else str(path),
            uri=frozen,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=_STATEMENTS if query_only else _STATEMENTS_OF_WRITER,
        )
        connection.execute("PRAGMA cipher_memory_security=ON")
        return connection

    try:
        connection = cipher.opened(unkeyed, key)
        try:
            for pragma in _PRAGMAS_OF_FROZEN if frozen else _pragmas_for(path):
                connection.execute(f"PRAGMA {pragma}")
            if query_only:
                connection.execute("PRAGMA query_only=ON")
        except driver.Error:
            connection.close()
            raise
    except driver.Error as error:
        raise_fault(error)
    return connection


def _pragmas_for(path: Path) -> Sequence[str]:
    """Do without a write-ahead log where SQLite has the bug in it, or where files are copied behind our back."""
    if driver.sqlite_version_info > _NEWEST_BROKEN and not is_unsafe(path.parent):
        return PRAGMAS
    return ("journal_mode=DELETE", "synchronous=EXTRA", *PRAGMAS[2:])


def is_read_only(path: Path) -> bool:
    """Say whether a store that is there can be read but not written."""
    return path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _frozen(path: Path) -> str:
    """Return the address under which a store is read where nothing can be written beside it."""
    wal = Path(f"{path}-wal")
    if wal.exists() and wal.stat().st_size:
        # What was saved last is in there, and is read only where SQLite may write
        path = _copied(path, wal.stat().st_mtime_ns)
        return f"file:{quote(str(path))}"
    return f"file:{quote(str(path))}?immutable=1"


@cache
def _copied(path: Path, _changed: int) -> Path:
    """Copy a store, encrypted as it is, to a place that is emptied when the program ends."""
    folder = Path(_scratch().name)
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", folder)
    return folder / path.name


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kamdesk-")


def _refuse_plain(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(16)
    except FileNotFoundError:
        return
    except OSError as error:
        raise_fault(error)
    if header == PLAIN_HEADER:
        raise cipher.not_encrypted()
