"""Giving back the room that a store does not need any more: a smaller copy beside it, checked, named in one step.

A territory that was handed over, or a role that lost its prices, leaves a file of empty pages behind. It is never
made smaller in place: a crash at any point leaves the old file or the new one in force, whole.
"""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, cipher, generations, journal
from kamdesk.db.connect import connect, wrong
from kamdesk.db.reader import Reader
from kamdesk.domain.errors import MachineError
from kamdesk.security.keystore import store_file

LEAST = 16 * 1024 * 1024
"""Bytes of empty pages for which it is done, if they are a third of the file too."""
_SHARE = 3
_log = logging.getLogger(__name__)


def is_wasteful(reader: Reader) -> bool:
    """Say whether enough of the store's file is empty."""
    empty, pages, size = (
        int(reader.value(f"PRAGMA {one}") or 0)
        for one in ("freelist_count", "page_count", "page_size")
    )
    return empty * size >= LEAST and empty * _SHARE >= pages


def compact(profile_dir: Path, keys: generations.Keys) -> bool:
    """Put a copy without empty pages in force, with its journal; False where it could not be made: nothing is lost.

    The store must be closed.
    """
    before = keys.generation
    source = store_file(profile_dir, before)
    try:
        backups.need_room(profile_dir, 2 * source.stat().st_size)
        with closing(connect(source, keys.store_key)) as connection:
            contents = contents_of(connection)

            def fill(path: Path) -> int:
                cipher.write_anew(connection, path, keys.store_key)
                with closing(connect(path, keys.store_key, query_only=True)) as made:
                    if contents_of(made) != contents:
                        raise wrong("STORE_DAMAGED")
                return 0

            generations.put_in_force(profile_dir, keys, fill, retire=lambda *_: None)
    except (MachineError, driver.Error, OSError):
        _log.exception("the store could not be made smaller")
        return False
    generations.remove(profile_dir, before)  # row by row the new one is the same
    return True


def contents_of(connection: Any) -> list[tuple[str, int]]:
    """Count the rows of every table, where the changes of the queue have come to too."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall()
    found = [
        (name, int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]))
        for (name,) in tables
    ]
    return [*found, ("", journal.last_lid(Reader(connection)))]
