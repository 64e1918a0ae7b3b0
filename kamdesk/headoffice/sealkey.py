"""The key that head office seals prices with: beside the database, never in it, so that a copy holds no price."""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path

import platformdirs
from sqlalchemy import Connection

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice.sql import text
from kamdesk.security import wrapping
from kamdesk.security.files import write_atomically

IN_ENVIRONMENT = "KAMDESK_SEAL_KEY"
FILE_IN_ENVIRONMENT = "KAMDESK_SEAL_KEY_FILE"


def place(database: Path | None, server_id: str) -> Path:
    """Return where the key file is: named in the environment, beside the file, or with the user's data."""
    named = os.environ.get(FILE_IN_ENVIRONMENT)
    if named:
        return Path(named)
    if database is not None:
        return database.with_name(database.name + ".key")
    return Path(platformdirs.user_data_dir("kamdesk-headoffice")) / f"{server_id}.key"


def load(connection: Connection, database: Path | None) -> bytes:
    """Return the key of this database, made the first time. Call within the transaction that prepares it.

    Raises MachineError SEAL_KEY_MISSING, SEAL_KEY_WRONG, SEAL_KEY_DAMAGED: a new key would make prices unreadable.
    """
    server_id = connection.execute(text("SELECT server_id FROM sync_head")).scalar_one()
    known = connection.execute(text("SELECT v FROM meta WHERE k = 'seal_check'")).scalar()
    path = place(database, server_id)
    key = _given(path)
    if key is None:
        if known is not None:
            raise MachineError(
                "The key that prices are sealed with is missing: {path}. Put it back from where you keep it, "
                "or name it in {variable}. Nothing was changed.",
                code="SEAL_KEY_MISSING",
                path=str(path),
                variable=FILE_IN_ENVIRONMENT,
            )
        key = bytes(wrapping.new_key())
        _keep(path, key)
    check = wrapping.check_value(key).hex()
    if known is None:
        connection.execute(text("INSERT INTO meta (k, v) VALUES ('seal_check', :v)"), {"v": check})
    elif not hmac.compare_digest(known, check):
        raise MachineError(
            "The key {path} is not the one that the prices in this database are sealed with. "
            "Put the right one back. Nothing was changed.",
            code="SEAL_KEY_WRONG",
            path=str(path),
        )
    return key


def _given(path: Path) -> bytes | None:
    written = os.environ.get(IN_ENVIRONMENT)
    if not written:
        try:
            written = path.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _damaged(str(path)) from error
    try:
        key = base64.b64decode(written.strip(), validate=True)
    except ValueError as error:  # binascii.Error, or what is not ASCII at all
        raise _damaged(str(path)) from error
    if len(key) != wrapping.KEY_BYTES:
        raise _damaged(str(path))
    return key


def _damaged(path: str) -> MachineError:
    return MachineError(
        "The key that prices are sealed with cannot be read: {path}. It is one line of 44 characters; "
        "put it back from where you keep it.",
        code="SEAL_KEY_DAMAGED",
        path=path,
    )


def _keep(path: Path, key: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(
            "The folder {folder} for the key of the prices cannot be made: {reason}.",
            code="NO_FOLDER",
            folder=str(path.parent),
            reason=error.strerror or type(error).__name__,
        ) from error
    write_atomically(path, base64.b64encode(key) + b"\n")


def is_open_to_others(path: Path) -> bool:
    """Say whether anybody but the owner may read a key file; never where the system has no such modes."""
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & 0o077)
