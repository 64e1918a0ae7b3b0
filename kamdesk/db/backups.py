"""Copies of the store on this computer: encrypted like it, read back before they count, old ones thinned out."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import cipher
from kamdesk.db.connect import connect, fault, raise_fault, wrong
from kamdesk.domain import clock
from kamdesk.domain.errors import MachineError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.files import sync_directory

EVERY = timedelta(hours=4)
LEAST_FREE = 200 * 1024 * 1024
"""With less room than this in bytes no copy is made: the room is for what the user saves."""
HOURS, DAYS, WEEKS = 3, 7, 4
_NAME = re.compile(r"(\d{8}T\d{6}Z)-g(\d{6})\.kdb")
_STAMP = "%Y%m%dT%H%M%SZ"
_PAGES = 512
KEPT_FOR = timedelta(days=35)
"""How long a copy stays that was made before much was deleted."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy: where, when it was made, of which generation, how many bytes."""

    path: Path
    made_at: datetime
    generation: int
    size: int


def folder_of(profile_dir: Path) -> Path:
    """Return where the copies of a profile are."""
    return profile_dir / "backup"


def find(profile_dir: Path) -> list[Backup]:
    """Return the copies of a profile, the newest first. Files of other names are nobody's business."""
    found = []
    try:
        for path in folder_of(profile_dir).iterdir():
            named = _NAME.fullmatch(path.name)
            if named and path.is_file():
                made_at = clock.parse_stamp(
                    datetime.strptime(named[1], _STAMP).isoformat() + "Z"  # noqa: DTZ007  # UTC by its name
                )
                found.append(Backup(path, made_at, int(named[2]), path.stat().st_size))
    except OSError:
        return []
    return sorted(found, key=lambda one: (one.made_at, one.generation), reverse=True)


def make(store: Path, key: bytes, store_id: str) -> Backup:
    """Copy the store as it stands, read the copy back, and thin out the older ones.

    `store` is `<profile>/store/g<number>.kdb`. Raises MachineError; then the older copies are all still there.
    """
    profile_dir = store.parent.parent
    folder = folder_of(profile_dir)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        need_room(profile_dir, 2 * store.stat().st_size)
        path = _free_name(folder, store.name)
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        try:
            copy(store, key, temporary)
            verify(temporary, key, store_id)
            _flush(temporary)
            temporary.replace(path)
            sync_directory(folder)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise_fault(error)
    thin_out(profile_dir, path)
    return next(one for one in find(profile_dir) if one.path == path)


def _free_name(folder: Path, name: str) -> Path:
    """Name the copy by its second, or by the next one that has no copy yet: none takes the place of another."""
    at = clock.now()
    while (path := folder / f"{at.strftime(_STAMP)}-{name}").exists():
        at += timedelta(seconds=1)
    return path


def need_room(folder: Path, size: int) -> None:
    """Raise MachineError NO_ROOM where `size` bytes would leave less than the least free."""
    if shutil.disk_usage(folder).free < LEAST_FREE + size:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "store",
                "There is too little room on the disk for a copy of your data. Free some space; "
                "the data itself is safe.",
            ),
            code="NO_ROOM",
            context="store",
        )


Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


def copy(
    source: Path,
    key: bytes,
    target: Path,
    *,
    target_key: bytes | None = None,
    stopped: Callable[[], bool] = bool,
    told: Told = lambda _done, _total: None,
) -> None:
    """Copy one snapshot of an encrypted store into a new encrypted file, under another key if one is given.

    Raises MachineError; InterruptedError when it was `stopped`.
    """
    try:
        with closing(_reading(source, key)) as origin:
            copy_open(origin, target_key or key, target, stopped=stopped, told=told)
    except driver.Error as error:
        raise_fault(error)


def copy_open(
    origin: Any,
    key: bytes,
    target: Path,
    *,
    stopped: Callable[[], bool] = bool,
    told: Told = lambda _done, _total: None,
) -> None:
    """Copy what an open connection sees, wherever its file is by now. Raises driver.Error."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    with closing(driver.connect(str(target), isolation_level=None)) as copied:
        cipher.unlock(copied, key, cipher.form_of(origin))

        def look(_status: int, remaining: int, total: int) -> None:
            if stopped():
                raise InterruptedError
            told(total - remaining, total)

        # One snapshot from its first page to its last, whatever is saved in between
        origin.execute("BEGIN")
        try:
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            origin.backup(copied, pages=_PAGES, progress=look, sleep=0.001)
        finally:
            origin.execute("ROLLBACK")
        copied.execute("PRAGMA journal_mode=DELETE")


def verify(path: Path, key: bytes, store_id: str) -> None:
    """Read a copy through and make sure whose it is. Raises MachineError; the file is not changed."""
    try:
        with closing(_reading(path, key)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise wrong("STORE_DAMAGED")
            row = connection.execute("SELECT v FROM meta WHERE k = 'store_id'").fetchone()
            if row is None or row[0] != store_id:
                raise foreign()
    except driver.Error as error:
        raise fault(error) or foreign() from error  # without the tables of a store


_OF_INDEXES = re.compile(
    r"row \d+ missing from index|wrong # of entries in index|non-unique entry in index"
)
CHECKED = "checked"
"""The file beside the copies that says when one was last looked at with all its indexes."""


def has_wrong_indexes(path: Path, key: bytes) -> bool:
    """Look whether the indexes of a copy say what its tables do, which `verify` does not. Raises MachineError."""
    try:
        with closing(_reading(path, key)) as connection:
            told = [str(one[0]) for one in connection.execute("PRAGMA integrity_check").fetchall()]
    except driver.Error as error:
        raise_fault(error)
    if told == ["ok"]:
        return False
    if all(_OF_INDEXES.search(one) for one in told):
        return True
    raise wrong("STORE_DAMAGED")


_NOT_OURS = frozenset({"STORE_UNREADABLE", "STORE_DAMAGED", "STORE_NOT_ENCRYPTED"})


def is_opened_by(path: Path, key: bytes) -> bool:
    """Say whether a copy is under this key. Raises MachineError where the disk does not let it be read."""
    if not path.exists():
        return False  # its log alone would become one of a new and empty store
    try:
        _reading(path, key).close()
    except (MachineError, driver.Error) as error:
        known = error if isinstance(error, MachineError) else fault(error)
        if known is not None and known.code in _NOT_OURS:
            return False
        if known is error:
            raise
        raise_fault(error)
    return True


def put_under(
    one: Path, key: bytes, new_key: bytes, store_id: str, *, stopped: Callable[[], bool] = bool
) -> None:
    """Put a copy under another key, read back before it takes the place of the other. Raises as `copy`, OSError."""
    temporary = one.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    need_room(one.parent, 2 * one.stat().st_size)
    try:
        copy(one, key, temporary, target_key=new_key, stopped=stopped)
        verify(temporary, new_key, store_id)
        _flush(temporary)
        temporary.replace(one)
        sync_directory(one.parent)
    finally:
        temporary.unlink(missing_ok=True)


def foreign() -> MachineError:
    """Return the error for a store of other keys."""
    return MachineError(
        QT_TRANSLATE_NOOP(
            "store",
            "This is not the store that the keys belong to; perhaps an old copy was put back.",
        ),
        code="STORE_FOREIGN",
        context="store",
    )


def _reading(path: Path, key: bytes) -> Any:
    """Open for reading alone; a copy at rest gets no file beside it."""
    if path.suffix != ".new" and Path(f"{path}-wal").exists():
        return connect(path, key, query_only=True)
    address = f"file:{quote(str(path))}?mode=ro"
    connection = cipher.opened(
        lambda: driver.connect(address, uri=True, check_same_thread=False, isolation_level=None),
        key,
    )
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep(one: Backup) -> None:
    """Let a copy stay for `KEPT_FOR`, whatever newer ones there are."""
    _keeper_of(one).touch()


def give_up(one: Backup) -> None:
    """Let a copy be thinned out like any other: what it was kept for did not happen."""
    with suppress(OSError):
        _keeper_of(one).unlink(missing_ok=True)


def _keeper_of(one: Backup) -> Path:
    return one.path.with_suffix(".keep")


def thin_out(profile_dir: Path, made: Path | None = None) -> None:
    """Keep the newest of each of the last hours, days and weeks, and what must stay; delete the others.

    The copy just `made` stays: a clock that was set back makes it look older than those before it.
    """
    found = find(profile_dir)
    kept = kept_of(found)
    for one in found:
        is_needed = _keeper_of(one).exists() and clock.now() - one.made_at < KEPT_FOR
        if one not in kept and not is_needed and one.path != made:
            keeper = str(_keeper_of(one))
            for name in (str(one.path), f"{one.path}-wal", f"{one.path}-shm", keeper):
                Path(name).unlink(missing_ok=True)


def kept_of(found: Iterable[Backup]) -> set[Backup]:
    """Return those of the copies (newest first) that stay."""
    kept: set[Backup] = set()
    listed = list(found)
    for form, count in (("%Y%m%d%H", HOURS), ("%Y%m%d", DAYS), ("%G%V", WEEKS)):
        newest: dict[str, Backup] = {}
        for one in listed:
            newest.setdefault(one.made_at.strftime(form), one)
        kept.update(list(newest.values())[:count])
    return kept
