"""Replacing the key of the store: a copy under a new key, checked, named together with that key in one step.

Killed anywhere, the old store opens with the old key or the new one with the new key, whole. What is still under the
old key after that, backups above all, is put under the new one while the profile is open: see `db.oldkeys`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, compaction, generations, outbox
from kamdesk.db.connect import connect, raise_fault, wrong
from kamdesk.db.database import Database
from kamdesk.db.queries import attachments
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.renewal import STORE_WANTED
from kamdesk.domain import clock
from kamdesk.domain.attachments import Content
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import KamError, MachineError
from kamdesk.security.keystore import store_file
from kamdesk.security.newkeys import NewKeys
from kamdesk.security.sealedfiles import SealedFiles

ATTACHMENTS = "attachments"
"""The folder with the contents of attachments, whose keys are made from the store's."""
MADE = "store_key_made"
"""In the store's meta: the number of its key, and since when it is in force."""
LIFE = timedelta(days=365)
"""How long a key of the store is in force before it is replaced."""
_FOLLOWED = "store_key_followed"
_SET = "INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v"
_log = logging.getLogger(__name__)
Told = Callable[[int, int], None]
"""Is told how many bytes are done, of how many."""


class Keys(generations.Keys, Protocol):
    """What is needed of the opened key store to replace the key."""

    @property
    def store_key_id(self) -> int: ...
    def remove_leftovers(self) -> bool: ...
    def prepare_new(self, generation: int, passphrase: str = ...) -> NewKeys: ...


def replace_key(
    profile_dir: Path,
    keys: Keys,
    passphrase: str = "",
    *,
    told: Told = lambda _done, _total: None,
    stopped: Callable[[], bool] = bool,
) -> None:
    """Put a copy of the store under a new key in force, with its journal and attachments; the store must be closed.

    `passphrase`: the one that opens the profile too, without which the master key stays. Raises UserError
    WRONG_PASSPHRASE, MachineError, InterruptedError when it was `stopped`: then nothing was changed.
    """
    source, before = store_file(profile_dir, keys.generation), keys.generation
    number = generations.next_number(profile_dir, keys)
    try:
        # Whoever still writes after the profile was closed waits and fails: nothing was told as saved by then
        with closing(connect(source, keys.store_key)) as held:
            held.execute("BEGIN IMMEDIATE")
            moving = _Moving(profile_dir, keys, held, told, stopped)
            backups.need_room(profile_dir, moving.room)
            new = keys.prepare_new(number, passphrase)
            try:
                generations.put_in_force(
                    profile_dir, new, lambda path: moving.fill(path, new), retire=lambda *_: None
                )
                held.execute("ROLLBACK")
                moving.tidy(new)
            except BaseException:
                if not new.is_tried:
                    moving.undo(new, number)
                raise
            finally:
                new.forget()
    except InterruptedError:
        raise
    except (driver.Error, OSError) as error:
        raise_fault(error)
    generations.remove(profile_dir, before)  # page by page the new one is the same


def replace_if_due(profile_dir: Path, keys: Keys, *, is_due: bool) -> bool:
    """Replace the key of a closed profile where it `is_due`; say whether it was. Never raises: the next time does it.

    Nobody is there to type a passphrase: where one opens the profile, the master key stays.
    """
    if not is_due:
        return False
    try:
        replace_key(profile_dir, keys)
    except (KamError, driver.Error, OSError):
        _log.exception("the key of the store could not be replaced")
        return False
    return True


class Numbered(Protocol):
    """The key store, as far as the age of the key goes."""

    @property
    def store_key_id(self) -> int: ...


def made_at(database: Database, keys: Numbered) -> datetime | None:
    """Return since when the key of the store is in force; None where nobody has noted it."""
    number, _, stamp = str(
        database.read(lambda reader: reader.value("SELECT v FROM meta WHERE k = ?", MADE)) or "0 "
    ).partition(" ")
    return clock.parse_stamp(stamp) if stamp and int(number) == keys.store_key_id else None


def is_due(database: Database, keys: Numbered) -> bool:
    """Say whether the key is older than `LIFE`, or head office wants another."""
    state = database.read(outbox.read_state)
    if state.get(STORE_WANTED, "") != state.get(_FOLLOWED, ""):
        return True
    since = made_at(database, keys)
    return since is not None and clock.now() - since > LIFE


def note_made(database: Database, keys: Numbered) -> None:
    """Note the time for the key of the store, once: of the first one, or of a store that came from a backup."""
    if made_at(database, keys) is None:
        noted = (MADE, f"{keys.store_key_id} {clock.stamp()}")
        database.transact(Origin.SYNC, lambda work: work.driver.execute(_SET, noted))


class _Moving:
    """One copy on its way."""

    def __init__(
        self,
        profile_dir: Path,
        keys: Keys,
        held: DriverConnection,
        told: Told,
        stopped: Callable[[], bool],
    ) -> None:
        self._profile_dir, self._keys, self._held = profile_dir, keys, held
        self._told, self._stopped = told, stopped
        self._source = store_file(profile_dir, keys.generation)
        self._files = self._files_under(keys.store_key)
        self._known = attachments.known(Reader(held))
        self._contents = [one for one in self._known if self._files.holds(one)]
        self._spoilt: list[Content] = []
        self._total = self._source.stat().st_size + sum(one.size for one in self._contents)

    @property
    def room(self) -> int:
        """Bytes that the disk needs for a while."""
        return self._total + self._source.stat().st_size

    def fill(self, path: Path, new: NewKeys) -> int:
        """Write the new store and the attachments under the new key. Raises MachineError, InterruptedError."""
        size = self._source.stat().st_size
        contents = compaction.contents_of(self._held)
        backups.copy(
            self._source, self._keys.store_key, path, target_key=new.store_key,
            stopped=self._stopped,
            told=lambda done, of: self._told(size * done // max(1, of), self._total),
        )  # fmt: skip
        with closing(connect(path, new.store_key)) as made:
            if compaction.contents_of(made) != contents:
                raise wrong("STORE_DAMAGED")
            made.execute(_SET, (MADE, f"{self._keys.store_key_id + 1} {clock.stamp()}"))
            wanted = outbox.read_state(Reader(made)).get(STORE_WANTED)
            if wanted is not None:
                outbox.write_state(made, {_FOLLOWED: wanted})
        done = size
        under_new = self._files_under(new.store_key)
        for one in self._contents:
            if self._stopped():
                raise InterruptedError
            self._move(one, under_new)
            done += one.size
            self._told(done, self._total)
        if self._stopped():
            raise InterruptedError
        return 0

    def _move(self, one: Content, under_new: SealedFiles) -> None:
        try:
            data = self._files.read(one)
        except MachineError:
            self._spoilt.append(one)  # head office may have it; the damaged one is kept aside
            return
        under_new.keep(data)

    def tidy(self, new: NewKeys) -> None:
        """Delete the attachments under the old key; what could not be read goes to quarantine."""
        for one in self._spoilt:
            self._files.set_aside(one, self._profile_dir / generations.QUARANTINE)
        self._files_under(new.store_key).sweep(self._known, grace=float("-inf"))
        for path in self._profile_dir.glob("backup/*.new*"):
            path.unlink(missing_ok=True)  # of a copy that was killed

    def undo(self, new: NewKeys, number: int) -> None:
        """Remove what was made, none of which was in force."""
        under_new = self._files_under(new.store_key)
        for one in self._contents:
            under_new.discard(one)
        generations.remove(self._profile_dir, number)
        self._keys.remove_leftovers()

    def _files_under(self, key: bytes) -> SealedFiles:
        return SealedFiles(self._profile_dir / ATTACHMENTS, key, self._keys.store_id)
