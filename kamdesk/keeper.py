"""The care for an open profile as the window sees it. Implements `domain.rescue.Upkeep`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from kamdesk.db import backups, rekey
from kamdesk.db.backups import Backup
from kamdesk.db.caretaker import Caretaker
from kamdesk.db.database import Database
from kamdesk.db.oldkeys import OldKeys
from kamdesk.db.renewal import Renewal, Told
from kamdesk.domain.errors import KamError
from kamdesk.domain.rescue import KeyFacts, StoreCopy
from kamdesk.security import posture
from kamdesk.security.keystore import OpenKeys
from kamdesk.security.pricelock import PriceLock

_log = logging.getLogger(__name__)


class Keeper:
    """Looks after one open profile until `stop`."""

    def __init__(self, folder: Path, database: Database, keys: OpenKeys) -> None:
        self._folder = folder
        self._database, self._keys = database, keys
        self._renewal: Renewal | None = None
        self._listeners: list[Callable[[KamError], None]] = []
        self._untold: list[KamError] = []
        self._lock = threading.Lock()
        self._caretaker = Caretaker(database, keys, self.tell)
        self._old_keys = OldKeys(folder, database, keys)

    @property
    def folder(self) -> str:
        """Where the profile is."""
        return str(self._folder)

    def copies(self) -> list[StoreCopy]:
        """Return the backups, the newest first. Waits for the disk."""
        return [as_copy(one) for one in backups.find(self._folder)]

    def back_up(self) -> StoreCopy:
        """Make a verified backup now. Waits. Raises MachineError."""
        return as_copy(self._caretaker.back_up())

    def keep_copy(self) -> None:
        """Make a backup that stays for a month, before much is deleted. Waits. Raises MachineError."""
        backups.keep(self._caretaker.back_up())

    def keys(self) -> KeyFacts:
        """Say what opens the profile. Waits."""
        keys = self._keys
        return KeyFacts(
            by_keyring=keys.has_keyring,
            has_passphrase=keys.has_passphrase,
            keyring_failed=keys.has_keyring and keys.opened_by == "passphrase",
            price_key_made_at=self._price_key.made_at(),
            store_key_made_at=rekey.made_at(self._database, keys),
            old_copies=self._old_keys.copies_left,
            replaces_at_close=rekey.is_due(self._database, keys),
            disk=posture.disk_of(self._folder).value,
        )

    def check_passphrase(self, passphrase: str) -> None:
        """Raise UserError WRONG_PASSPHRASE where this is not the passphrase of the profile. Waits."""
        self._keys.check_passphrase(passphrase)

    def set_passphrase(self, current: str, new: str) -> None:
        """Let a passphrase open the profile. Waits. Raises UserError, MachineError."""
        if self._keys.has_keyring:
            self._keys.add_passphrase_slot(new)
        else:
            self._keys.change_passphrase(current=current, new=new)

    def use_keyring(self) -> None:
        """Let this computer's key store open the profile. Waits. Raises MachineError."""
        self._keys.add_keyring_slot()

    def use_passphrase_alone(self, passphrase: str) -> None:
        """Let only the passphrase open the profile. Waits. Raises UserError, MachineError."""
        self._keys.drop_keyring_slot(passphrase)

    def renew_price_key(self, passphrase: str) -> None:
        """Make a new price key. Waits. Raises KamError."""
        self._price_key.renew(passphrase)

    def seal_prices_anew(self, told: Told) -> None:
        """Seal all prices under the new key, telling how many are done of how many. Waits. Raises KamError."""
        self._price_key.seal_anew(told)

    def watch(self, listener: Callable[[KamError], None]) -> Callable[[], None]:
        """Call `listener` from any thread with what the user should know, also what was found before."""
        with self._lock:
            self._listeners.append(listener)
            untold, self._untold = self._untold, []
        for error in untold:
            _tell(listener, error)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def attend(self, prices: PriceLock) -> None:
        """Know these prices, without doing anything by itself: for a store that can only be read."""
        self._renewal = Renewal(self._database, prices)

    def start(self, prices: PriceLock) -> None:
        """Begin, also with the key of these prices."""
        self._old_keys.start()
        self._caretaker.start()
        self.attend(prices)
        self._price_key.start()

    def stop(self) -> bool:
        """End, with the last backup; say whether no damage was found."""
        self._price_key.stop()
        self._old_keys.stop()
        self._caretaker.stop()
        return not self._caretaker.is_damaged

    @property
    def _price_key(self) -> Renewal:
        assert self._renewal is not None, "not started"
        return self._renewal

    def tell(self, error: KamError) -> None:
        """Let the user know something; kept until somebody listens."""
        with self._lock:
            listeners = tuple(self._listeners)
            if not listeners:
                self._untold.append(error)
        for listener in listeners:
            _tell(listener, error)


def _tell(listener: Callable[[KamError], None], error: KamError) -> None:
    try:
        listener(error)
    except Exception:  # noqa: BLE001  # a page that has just been closed must not end the care for the profile
        _log.info("somebody who listened to the care for the profile has gone", exc_info=True)


def as_copy(backup: Backup) -> StoreCopy:
    """Describe a backup for the window."""
    return StoreCopy(str(backup.path), backup.made_at, backup.size)
