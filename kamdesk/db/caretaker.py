"""Looks after the store of an open profile, in the background: journal, backups, room for the last save.

Nothing here may end in a lost save or a stopped program: what goes wrong is told as a MachineError and tried again.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, journal
from kamdesk.db.backups import Backup
from kamdesk.db.connect import wrong
from kamdesk.db.database import Database
from kamdesk.domain import clock
from kamdesk.domain.changes import Changes, Origin
from kamdesk.domain.errors import KamError, MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.files import write_atomically

PAUSE = 2.0
"""Seconds for which saves are collected before they are written to the journal."""
_LOOK_EVERY = 60.0
_AGAIN = timedelta(minutes=30)
CHECK_EVERY = timedelta(days=7)
BALLAST_BYTES = 8 * 1024 * 1024
_ROOM_FOR_BALLAST = 500 * 1024 * 1024
_FAULTS = (KamError, OSError, driver.Error, SQLAlchemyError)
_log = logging.getLogger(__name__)


class Marks(Protocol):
    """The key store's memory of how far the store had come."""

    @property
    def store_id(self) -> str: ...
    @property
    def store_key(self) -> bytes: ...
    def set_high_water(self, mark: int) -> None: ...


class Caretaker:
    """One thread per open profile. `tell` is called from it with what the user should know."""

    def __init__(
        self, database: Database, keys: Marks, tell: Callable[[MachineError], None]
    ) -> None:
        self._database, self._keys, self._tell = database, keys, tell
        self._profile_dir = database.path.parent.parent
        self._journal = journal.Journal(
            journal.file_of(database.path), keys.store_key, keys.store_id
        )
        self._ballast = self._profile_dir / "ballast.bin"
        self._dirty = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="caretaker", daemon=True)
        self._next_try: datetime | None = None
        self._marked = -1
        self._writers = 0
        self._backed_up = -1
        self._is_low = False
        self._unwatch: Callable[[], None] = lambda: None
        self.is_damaged = False
        """Damage was found: the next start has to look at the whole store."""

    def start(self) -> None:
        """Write the journal as the store stands, and begin."""
        self._unwatch = self._database.on_commit(self._on_commit)
        self._database.make_room = self.free_ballast
        with self._told():
            self.write_journal()
        self._thread.start()

    def stop(self) -> None:
        """Write what is outstanding, make the last backup, and end. Waits for a backup under way."""
        self._unwatch()
        self._stop.set()
        self._dirty.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._told():
            self.write_journal()
        with self._told():
            self._raise_mark()
            if self._last_lid() != self._backed_up and not self.is_damaged:
                self.back_up()
        self._journal.close()

    def back_up(self) -> Backup:
        """Make a verified copy now. Raises MachineError."""
        with self._lock:
            return self._back_up()

    def _back_up(self) -> Backup:
        lid = self._last_lid()
        made = backups.make(self._database.path, self._keys.store_key, self._keys.store_id)
        self._backed_up = lid
        return made

    def write_journal(self) -> None:
        """Bring the journal up to the store. Raises MachineError, OSError."""
        self._dirty.clear()
        frames = self._database.touched()
        if self._journal.is_full or self._database.writers != self._writers:
            self._writers = self._database.writers
            self._journal.write_anew(self._database.read(journal.everything))
        elif frames:
            self._journal.append(frames)

    def free_ballast(self) -> bool:
        """Give the disk some room for the save under way; False when there was none to give."""
        try:
            self._ballast.unlink()
        except OSError:
            return False
        _log.warning("the disk is full; the ballast was given up")
        self._is_low = True
        self._tell(_reserve_used())
        return True

    # ---- the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._told():
                self._look_at_room()
                self._keep_ballast()
                self._raise_mark()
                self._back_up_if_due()
            self._dirty.wait(_LOOK_EVERY)
            if self._stop.wait(PAUSE):
                return
            if self._dirty.is_set():
                with self._told():
                    self.write_journal()

    def _on_commit(self, changes: Changes) -> None:
        if changes.outbox or changes.concerns("draft"):
            self._dirty.set()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Do something that the machine may not allow: it is logged, told where it matters, tried again."""
        try:
            yield
        except _FAULTS as error:
            _log.warning("the caretaker failed", exc_info=error)
            self._next_try = clock.now() + _AGAIN
            self._dirty.set()
            if isinstance(error, MachineError):
                self.is_damaged = self.is_damaged or error.code in {
                    "STORE_DAMAGED", "STORE_UNREADABLE",
                }  # fmt: skip
                if self.is_damaged:
                    self._tell(wrong("STORE_DAMAGED_NOW"))
                elif error.code != "FILE_NOT_WRITTEN" or not self._look_at_room():
                    self._tell(error)

    def _back_up_if_due(self) -> None:
        if self._next_try is not None and clock.now() < self._next_try:
            return
        with self._lock:  # one that is being made now must not be made again, over it
            now = clock.now()
            newest = next(iter(backups.find(self._profile_dir)), None)
            if newest is None or now - newest.made_at > backups.EVERY or newest.made_at > now:
                self._check_if_due(self._back_up())

    def _check_if_due(self, made: Backup) -> None:
        """Look once a week at a copy with all its indexes; those of the store are made anew where one is wrong."""
        mark = backups.folder_of(self._profile_dir) / backups.CHECKED
        with suppress(FileNotFoundError, ValueError):
            since = clock.now() - clock.parse_stamp(mark.read_text("ascii"))
            if timedelta(0) <= since < CHECK_EVERY:
                return
        if backups.has_wrong_indexes(made.path, self._keys.store_key):
            _log.warning("an index of the store was wrong; all are made anew")
            self._database.transact(Origin.SYNC, lambda work: work.driver.execute("REINDEX"))
        write_atomically(mark, clock.stamp().encode("ascii"))

    def _raise_mark(self) -> None:
        lid = self._last_lid()
        if lid != self._marked:
            self._keys.set_high_water(lid)
            self._marked = lid

    def _last_lid(self) -> int:
        return self._database.read(journal.last_lid)

    def _look_at_room(self) -> bool:
        """Say once that the disk is nearly full; return whether it is."""
        try:
            is_low = shutil.disk_usage(self._profile_dir).free < backups.LEAST_FREE
        except OSError:
            return False
        if is_low and not self._is_low:
            self._tell(_low())
        self._is_low = is_low
        return is_low

    def _keep_ballast(self) -> None:
        if self._ballast.exists():
            return
        with suppress(OSError):
            if shutil.disk_usage(self._profile_dir).free > _ROOM_FOR_BALLAST:
                # Written, not only made long: a hole in a file keeps no room
                _fill(self._ballast)


def _low() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "store",
            "The disk is nearly full. Free some space: your work is saved as long as there is room, "
            "but no backups are made.",
        ),
        code="DISK_LOW",
        context="store",
    )


def _reserve_used() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "store",
            "The disk is full. What you saved is safe, but it took the room that KAMDesk keeps in reserve. "
            "Free some space now; the next save may not succeed.",
        ),
        code="RESERVE_USED",
        context="store",
    )


def _fill(path: Path) -> None:
    try:
        with path.open("wb") as file:
            for _ in range(BALLAST_BYTES // (1 << 20)):
                file.write(b"\xa5" * (1 << 20))
    except OSError:
        path.unlink(missing_ok=True)
        raise
