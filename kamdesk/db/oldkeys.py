"""After the key of the store was replaced: what is under an older key is put under the new one, in the background.

These are the backups and what lies in quarantine. When nothing is left, the older key is deleted and opens nothing any
more. Killed anywhere, both keys open what they did, and the next start goes on.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, generations, journal, rekey
from kamdesk.db.database import Database
from kamdesk.domain.errors import KamError, MachineError
from kamdesk.security import outer
from kamdesk.security.keyfile import Leftovers
from kamdesk.security.keystore import store_file

_log = logging.getLogger(__name__)
_NO_STORES = ("keystore", "profile.json")
_OF_NO_USE = re.compile(r"\.new(-journal|-wal|-shm)?$|-shm$")
"""Copies that were interrupted, and the indexes of logs, which hold numbers of pages alone and are made anew."""


class Keys(generations.KeysWithOlder, Protocol):
    """What is needed of the opened key store."""

    @property
    def store_key_id(self) -> int: ...
    @property
    def leftovers(self) -> Leftovers | None: ...
    @property
    def has_older_store_keys(self) -> bool: ...
    def remove_leftovers(self) -> bool: ...
    def drop_older_store_keys(self) -> None: ...


class OldKeys:
    """Looks after what replacing the key of one open profile left behind."""

    def __init__(self, profile_dir: Path, database: Database, keys: Keys) -> None:
        self._profile_dir, self._database, self._keys = profile_dir, database, keys
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.copies_left = 0
        """How many backups are not under the new key yet."""

    def start(self) -> None:
        """Begin; before anybody makes a copy, for what a killed one left behind is removed here."""
        for name in ("store/*.new*", "backup/*.new*"):
            for path in self._profile_dir.glob(name):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        self._thread = threading.Thread(target=self.run, name="old keys", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End within one copy under way, which is dropped."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Do all that is left, as far as the machine allows; never raises."""
        try:
            rekey.note_made(self._database, self._keys)
            is_gone = self._remove_leftovers()
            self._set_others_aside()
            if not self._keys.has_older_store_keys:
                return
            done = [self._put_under(one) for one in self._copies()]
            done += [self._shut(one) for one in self._quarantined()]
            if all(done) and is_gone and not self._stopped.is_set():
                self._keys.drop_older_store_keys()
        except InterruptedError:
            pass
        except (KamError, driver.Error, SQLAlchemyError, OSError, RuntimeError) as error:
            # Forgotten keys are a program that ends; everything else is tried again at the next start
            _log.warning("the older key of the store is still needed", exc_info=error)

    def _remove_leftovers(self) -> bool:
        """Remove what was replaced; say whether nothing of it is under the older key any more."""
        left = self._keys.leftovers
        if left is None:
            return True
        if left.generation and left.generation != self._keys.generation:
            generations.remove(self._profile_dir, left.generation)
            if store_file(self._profile_dir, left.generation).exists():
                return False  # another program holds it
        # An entry that the key store does not delete opens nothing; the next start tries again
        self._keys.remove_leftovers()
        return True

    def _set_others_aside(self) -> None:
        """Put aside what is left of generations that are not in force."""
        numbers = set()
        for path in (
            *self._profile_dir.glob("store/g??????.kdb*"),
            *self._profile_dir.glob("journal/g??????.kdj"),
        ):
            with suppress(ValueError):
                numbers.add(int(path.name[1:7]))
        for number in numbers - {self._keys.generation}:
            generations.set_aside(self._profile_dir, number)

    # ---- backups

    def _copies(self) -> Iterator[Path]:
        key = self._keys.store_key
        found = [one.path for one in backups.find(self._profile_dir)]
        stale = [path for path in found if not backups.is_opened_by(path, key)]
        for left, path in zip(range(len(stale), 0, -1), stale, strict=True):
            self.copies_left = left
            yield path
        self.copies_left = 0

    def _put_under(self, path: Path) -> bool:
        """Put a backup under the new key; one that no key reads goes to quarantine."""
        if self._stopped.is_set():
            raise InterruptedError
        older = [one for one in self._keys.older_store_keys() if backups.is_opened_by(path, one)]
        try:
            if not older:
                raise backups.foreign()
            backups.put_under(
                path,
                older[0],
                self._keys.store_key,
                self._keys.store_id,
                stopped=self._stopped.is_set,
            )
        except MachineError as error:
            if error.code not in {"STORE_DAMAGED", "STORE_UNREADABLE", "STORE_FOREIGN"}:
                raise
            folder = self._profile_dir / generations.QUARANTINE
            folder.mkdir(mode=0o700, exist_ok=True)
            path.replace(folder / path.name)
        return True

    # ---- quarantine

    def _quarantined(self) -> list[Path]:
        folder = self._profile_dir / generations.QUARANTINE
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def _shut(self, path: Path) -> bool:
        """See to it that the older keys open a file no more: put under the new one, or sealed as it is."""
        if self._stopped.is_set():
            raise InterruptedError
        key, store_id = self._keys.store_key, self._keys.store_id
        if not path.is_file() or path.name.startswith(_NO_STORES):
            return True
        if _OF_NO_USE.search(path.name):
            path.unlink()
            return True
        if _is_under(path, key, store_id):
            return True
        older = self._keys.older_store_keys()
        for one in older if path.suffix == outer.ENDING else ():
            if outer.is_sealed_by(path, one, store_id):
                with suppress(ValueError):  # damaged: sealed once more
                    outer.put_under(path, one, key, store_id)
                    return True
        if _is_alone(path):
            for one in older:
                if backups.is_opened_by(path, one):
                    with suppress(MachineError):  # damaged: sealed as it is
                        backups.put_under(path, one, key, store_id, stopped=self._stopped.is_set)
                        return True
        outer.seal_file(path, key, store_id, older)
        return True


def _is_under(path: Path, key: bytes, store_id: str) -> bool:
    if path.suffix == outer.ENDING:
        return outer.is_sealed_by(path, key, store_id)
    if path.suffix == ".kdj":
        # The name of a journal in quarantine begins with the time it was put there
        kept = journal.read(path, key, store_id, stem=path.stem[-7:])
        return bool(kept.state or kept.ops or kept.drafts)
    return _is_alone(path) and backups.is_opened_by(path, key)


def _is_alone(path: Path) -> bool:
    """Say whether this is a store without a log: one with a log is changed by who looks into it."""
    return path.suffix == ".kdb" and not Path(f"{path}-wal").exists()
