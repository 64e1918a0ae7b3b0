"""Bringing the store of a profile to the form that this program writes: a new generation, named in one step.

The store in force is never written. A verified copy of it stays for a month, for that is the way back to the older
program. Killed anywhere, the old store or the new one is in force, whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from kamdesk.db import backups, generations
from kamdesk.db.connect import Keys as OpenedKeys
from kamdesk.db.connect import connect, raise_fault, wrong
from kamdesk.db.describe import metadata
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.update import bring_up_to_date
from kamdesk.domain.errors import MachineError
from kamdesk.security.keystore import store_file

_OWN = ("sync_op", "draft")
_ROOM = 32
"""Tenths of the store's size that the disk needs for a while: the copy that stays, the new store and its log."""
_log = logging.getLogger(__name__)


def upgrade(profile_dir: Path, keys: generations.Keys) -> None:
    """Put a migrated copy of the closed store in force, with its journal. Raises MachineError: nothing was changed."""
    before = keys.generation
    source = store_file(profile_dir, before)
    try:
        backups.need_room(profile_dir, source.stat().st_size * _ROOM // 10)
    except OSError as error:
        raise_fault(error)
    copy = backups.make(source, keys.store_key, keys.store_id)
    # Those that follow within the hour must not replace it
    backups.keep(copy)
    try:
        generations.put_in_force(
            profile_dir, keys, lambda path: _fill(path, copy.path, keys), retire=generations.remove
        )
    except BaseException as error:
        if keys.generation == before:
            backups.give_up(copy)
        if isinstance(error, MachineError) or not isinstance(error, Exception):
            raise
        _log.exception("the store could not be brought to this form")
        raise wrong("STORE_NOT_UPDATED") from error


def _fill(path: Path, copy: Path, keys: OpenedKeys) -> int:
    backups.copy(copy, keys.store_key, path)
    before = _counted(path, keys)
    bring_up_to_date(path, keys.store_key)
    after = _counted(path, keys)
    fewer = [name for name, count in before.items() if after.get(name, 0) < count]
    if fewer or (missing := _missing(path, keys)):
        _log.error("the new form lacks %s", ", ".join(fewer or missing))
        raise wrong("STORE_NOT_UPDATED")
    return 0


def _counted(path: Path, keys: OpenedKeys) -> dict[str, int]:
    """Count the records of each kind, the changes of the queue and the drafts."""
    with closing(connect(path, keys.store_key, query_only=True)) as connection:
        reader = Reader(connection)
        known = {str(name) for (name,) in reader.rows("SELECT name FROM sqlite_schema")}
        return {
            name: int(reader.value(f'SELECT count(*) FROM "{name}"') or 0)
            for name in (*SPECS, *_OWN)
            if name in known
        }


def _missing(path: Path, keys: OpenedKeys) -> list[str]:
    """Name the tables and columns that this program will ask for and the store does not have."""
    with closing(connect(path, keys.store_key, query_only=True)) as connection:
        reader = Reader(connection)
        return [
            f"{table.name}.{name}"
            for table in metadata.sorted_tables
            for name in {column.name for column in table.columns} - {*_columns(reader, table.name)}
        ]


def _columns(reader: Reader, table: str) -> Iterable[str]:
    return (str(name) for (name,) in reader.rows("SELECT name FROM pragma_table_info(?)", table))
