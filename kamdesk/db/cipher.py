"""How the pages of a store are sealed: SQLCipher's AES-256 in CBC mode, each page with an HMAC that is read first.

A file says nothing of its form, as all of it looks like chance: whoever opens it tries the forms that there are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as driver

from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP

FORMS = ("HMAC_SHA256", "HMAC_SHA512")
"""What the HMAC of a page is made with, the form that is written first. SHA-256 is an instruction of the processors
of today: with SHA-512, SQLCipher's own choice, reading a store took half as long again (decision 29)."""


def not_encrypted() -> MachineError:
    """Return the error for a store, or a driver, without encryption."""
    return MachineError(
        QT_TRANSLATE_NOOP("store", "The store is not encrypted, so KAMDesk does not open it."),
        code="STORE_NOT_ENCRYPTED",
        context="store",
    )


def unlock(connection: Any, key: bytes, form: str = FORMS[0]) -> None:
    """Give a new connection its key of 32 bytes, before anything is read or written through it.

    Raises MachineError("STORE_NOT_ENCRYPTED") where the driver would write in the clear.
    """
    connection.execute("PRAGMA cipher_log_level=NONE")  # each damaged page would be told on stderr
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise not_encrypted()
    connection.execute(f"PRAGMA cipher_hmac_algorithm={form}")


def opened(connect: Callable[[], Any], key: bytes) -> Any:
    """Return what `connect` makes with its key, for a file of whichever form; a new one gets the newest.

    Raises driver.Error where none reads it, MachineError as `unlock`.
    """
    *newer, oldest = FORMS
    for form in newer:
        try:
            return _tried(connect, key, form)
        except driver.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != driver.SQLITE_NOTADB:
                raise
    return _tried(connect, key, oldest)


def _tried(connect: Callable[[], Any], key: bytes, form: str) -> Any:
    connection = connect()
    try:
        unlock(connection, key, form)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def form_of(connection: Any) -> str:
    """Return the form of the file that is open."""
    [(form,)] = connection.execute("PRAGMA cipher_hmac_algorithm").fetchall()
    return str(form)


def is_old(connection: Any) -> bool:
    """Say whether the file that is open has a form that is only read."""
    return form_of(connection) != FORMS[0]


def write_anew(connection: Any, path: Path, key: bytes) -> None:
    """Write all that is in an open store into a new file of today's form, without empty pages. Raises driver.Error.

    Row by row the new file is the same; VACUUM INTO would give it SQLCipher's own form.
    """
    connection.execute("ATTACH DATABASE ? AS anew KEY ?", (str(path), f"x'{key.hex()}'"))
    try:
        connection.execute(f"PRAGMA anew.cipher_hmac_algorithm={FORMS[0]}")
        connection.execute("SELECT sqlcipher_export('anew')").fetchone()
    finally:
        connection.execute("DETACH DATABASE anew")
