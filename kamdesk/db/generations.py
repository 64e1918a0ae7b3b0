"""Putting another store in the place of the one in use: built aside, checked, then named by the key store in one step.

A crash at any point leaves the old store or the new one in force, whole. What was replaced goes to `quarantine/`
and is never deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, journal, salvage
from kamdesk.db.connect import Keys as OpenedKeys
from kamdesk.db.connect import connect, raise_fault
from kamdesk.db.database import Database
from kamdesk.db.reader import Reader
from kamdesk.db.replay import replay
from kamdesk.db.unsealing import readable
from kamdesk.db.update import bring_up_to_date
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.domain.roles import Actor, Role
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import files
from kamdesk.security.keystore import store_file

QUARANTINE = "quarantine"
_BESIDE = ("", "-wal", "-shm")


class Keys(OpenedKeys, Protocol):
    """What is needed of the opened key store to name another generation."""

    @property
    def high_water(self) -> int: ...
    def set_generation(self, generation: int) -> None: ...


class KeysWithOlder(Keys, Protocol):
    """The same, where backups may still be under an older key of the store."""

    def older_store_keys(self) -> list[bytes]: ...


def demand_newest(profile_dir: Path, keys: Keys, database: Database) -> None:
    """Raise MachineError STORE_OLDER where the key store or the journal know later work than the store holds."""
    kept = kept_of(profile_dir, keys)
    known = max(keys.high_water, kept.last_lid)
    if database.read(journal.last_lid) < known:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "store",
                "An older copy of your data was put back. What you did since then is kept apart and can be restored.",
            ),
            code="STORE_OLDER",
            context="store",
        )


def kept_of(profile_dir: Path, keys: Keys) -> journal.Kept:
    """Return the unsent work of the generation in force: its journal, or what is left of it, and its store.

    The journal is behind by the saves of its last two seconds; a store that can still be read has them.
    """
    path = store_file(profile_dir, keys.generation)
    kept = journal.read(journal.file_of(path), keys.store_key, keys.store_id)
    kept.catch_up(_frames_of(path, keys.store_key))
    return kept


def _frames_of(path: Path, key: bytes) -> list[journal.Frame]:
    """Return what the store itself holds of unsent work; of a damaged one what can be read of it."""
    if not path.exists():
        return []
    try:
        with closing(connect(path, key, query_only=True)) as connection:
            return journal.everything(Reader(connection))
    except (MachineError, driver.Error, ValueError):
        return salvage.unsent_of(path, key)


def restore(profile_dir: Path, keys: KeysWithOlder, source: Path, actor: Actor) -> int:
    """Put a copy of the store in force, with the unsent work of the journal; return how much came back.

    `source`: a backup, or what lies in quarantine, sealed or not.

    Raises MachineError: then nothing was changed.
    """
    tried = (*keys.older_store_keys(), keys.store_key)
    with readable(source, profile_dir, tried, keys.store_id) as (path, known):
        key = next((one for one in known if backups.is_opened_by(path, one)), keys.store_key)
        backups.verify(path, key, keys.store_id)
        kept = kept_of(profile_dir, keys)

        def fill(new: Path) -> int:
            backups.copy(path, key, new, target_key=keys.store_key)
            bring_up_to_date(new, keys.store_key)
            return _laid_over(new, keys.store_key, actor, lambda work: replay(work, kept))

        return put_in_force(profile_dir, keys, fill)


def begin_again(profile_dir: Path, keys: Keys, actor: Actor, fn: Callable[[Work], object]) -> int:
    """Put an empty store in force that head office fills, with the unsent work of the journal on top.

    `fn` writes what enrolling brought. Raises as `restore`.
    """
    kept = kept_of(profile_dir, keys)
    kept.state.pop("refresh", None)

    def both(work: Work) -> int:
        came_back = replay(work, kept)
        fn(work)
        return came_back

    def fill(path: Path) -> int:
        bring_up_to_date(path, keys.store_key)
        return _laid_over(path, keys.store_key, actor, both)

    return put_in_force(profile_dir, keys, fill)


def put_in_force(
    profile_dir: Path,
    keys: Keys,
    fill: Callable[[Path], int],
    *,
    retire: Callable[[Path, int], None] | None = None,
) -> int:
    """Let `fill` write a new store, check it and name it in one step; return what `fill` returned.

    What was in force is put aside, or handed to `retire`. Raises MachineError, or what `fill` raises to be interrupted:
    then nothing was changed.
    """
    number = next_number(profile_dir, keys)
    target = store_file(profile_dir, number)
    path = target.with_suffix(".new")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _discard(path)
        came_back = fill(path)
        _write_journal(path, keys)
        _seal_up(path, keys, number)
        backups.verify(path, keys.store_key, keys.store_id)
        path.chmod(0o600)
        path.replace(target)
        files.sync_directory(target.parent)
    except InterruptedError:
        raise
    except (driver.Error, DBAPIError, OSError) as error:
        raise_fault(error)
    finally:
        with suppress(OSError):  # what is not in force takes no room; a full disk has none
            _discard(path)
    before = keys.generation
    keys.set_generation(number)
    (retire or set_aside)(profile_dir, before)
    return came_back


def _discard(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink(missing_ok=True)


def next_number(profile_dir: Path, keys: Keys) -> int:
    """Return a number that no store of this profile ever had, wherever its file is now."""
    used = [keys.generation]
    for folder in ("store", QUARANTINE, "backup"):
        for path in (profile_dir / folder).glob("*g??????.kdb"):
            with suppress(ValueError):
                used.append(int(path.stem[-6:]))
    return max(used) + 1


def _laid_over(path: Path, key: bytes, actor: Actor, fn: Callable[[Work], int]) -> int:
    database = Database(path, key, actor if actor.user_id else Actor("", Role.REP))
    try:
        return database.transact(Origin.SYNC, fn).value
    finally:
        database.close()


def _write_journal(path: Path, keys: Keys) -> None:
    """Write the journal of a generation before it is in force: unsent work stands twice at any moment."""
    with closing(connect(path, keys.store_key, query_only=True)) as connection:
        one = journal.Journal(journal.file_of(path), keys.store_key, keys.store_id)
        try:
            one.write_anew(journal.everything(Reader(connection)))
        finally:
            one.close()


def _seal_up(path: Path, keys: Keys, number: int) -> None:
    connection = connect(path, keys.store_key)
    try:
        connection.execute(
            "INSERT INTO meta(k, v) VALUES('store_id', ?), ('generation', ?), ('clean', '1') "
            "ON CONFLICT(k) DO UPDATE SET v = excluded.v",
            (keys.store_id, str(number)),
        )
        # One whole file, so that a rename puts all of it in place
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


def remove(profile_dir: Path, generation: int) -> None:
    """Delete a generation that another one has all of, with its journal; what another program holds stays."""
    store = store_file(profile_dir, generation)
    for path in (*(Path(f"{store}{suffix}") for suffix in _BESIDE), journal.file_of(store)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def set_aside(profile_dir: Path, generation: int) -> None:
    """Move what is left of a generation to quarantine; what another program holds stays where it is."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    store = store_file(profile_dir, generation)
    lost = [Path(f"{store}{suffix}") for suffix in _BESIDE] + [journal.file_of(store)]
    folder = profile_dir / QUARANTINE
    for path in lost:
        with suppress(OSError):
            if path.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
                path.replace(folder / f"{stamp}-{path.name}")
