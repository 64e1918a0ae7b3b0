"""The keys of an open profile, and the file that they are written to."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import (
    files,
    keyfile,
    newkeys,
    oskeys,
    pricekeys,
    shares,
    slots,
    storekeys,
    wrapping,
)
from kamdesk.security.keyfile import KeyFile, KeyringSlot, Lease, Leftovers, PriceUnlock
from kamdesk.security.newkeys import NewKeys, Parts

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

FILE_NAME = "keystore.json"
PREVIOUS_NAME = "keystore.prev"

_DAMAGED = QT_TRANSLATE_NOOP(
    "security",
    "The keys of this profile are damaged and so is their copy. Your data was not touched. "
    "Put back the file {name} from a backup, or ask head office for help.",
)


@dataclass(frozen=True)
class Read:
    """One of the two files, as it was read."""

    file: KeyFile
    data: bytes
    is_previous: bool


class OpenKeys:
    """The keys of an open profile. Safe to use from several threads."""

    def __init__(
        self, directory: Path, read: Read, master: bytearray, store_key: bytearray
    ) -> None:
        self._directory = directory
        self._file = read.file
        self._written = read.data
        self._main_is_damaged = read.is_previous
        self._master = master
        self._store_key = store_key
        self._is_forgotten = False
        self._is_erased = False
        self.opened_by: slots.UnlockKind | None = None
        """Which way in was taken this time; None for keys that were just made."""
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return "<OpenKeys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not copied")

    @property
    def store_key(self) -> bytes:
        """The raw key of the store. A copy that `forget` cannot reach: use it and drop it."""
        self._check_open()
        return bytes(self._store_key)

    @property
    def profile(self) -> str:
        return self._file.profile

    @property
    def store_id(self) -> str:
        return self._file.store_id

    @property
    def generation(self) -> int:
        return self._file.generation

    @property
    def store_file(self) -> Path:
        """Where the current generation of the store is, or will be."""
        return store_file(self._directory, self._file.generation)

    @property
    def has_keyring(self) -> bool:
        """Say whether the system's key store opens them."""
        return self._file.keyring is not None

    @property
    def has_passphrase(self) -> bool:
        """Say whether a passphrase opens them."""
        return self._file.passphrase is not None

    @property
    def high_water(self) -> int:
        """The mark that the store must have reached; below it, an older store was put back."""
        return self._file.high_water

    @property
    def was_restored(self) -> bool:
        """Say whether the file was damaged and its copy opened: the marks in it may be older."""
        return self._main_is_damaged

    def set_high_water(self, mark: int) -> None:
        """Raise the mark; a lower one changes nothing. Durable, so not for every save."""
        with self._lock:
            if mark > self._file.high_water:
                self._write(replace(self._file, high_water=mark))

    def set_generation(self, generation: int) -> None:
        """Name another generation as the current one."""
        with self._lock:
            self._write(replace(self._file, generation=generation))

    def change_passphrase(self, *, current: str, new: str) -> None:
        """Replace the passphrase. Raises UserError WRONG_PASSPHRASE where `current` is not it."""
        with self._lock:
            self._check_open()
            self.check_passphrase(current, field="current")
            self.add_passphrase_slot(new)

    def check_passphrase(self, passphrase: str, *, field: str = "passphrase") -> None:
        """Raise UserError WRONG_PASSPHRASE where this is not the passphrase of the profile. Takes about 0.3 s."""
        slot = self._file.passphrase
        if slot is None:
            raise slots.no_passphrase()
        if len(passphrase) > wrapping.LONGEST_PASSPHRASE:
            raise slots.wrong_passphrase(field=field)
        key = wrapping.stretch(passphrase, slot.work)
        fits = hmac.compare_digest(wrapping.check_value(key), slot.check)
        wrapping.erase(key)
        if not fits:
            raise slots.wrong_passphrase(field=field)

    def add_passphrase_slot(self, passphrase: str) -> None:
        """Let a passphrase open the keys too, or a new one in place of the old."""
        wrapping.check_passphrase(passphrase)
        with self._lock:
            self._check_open()
            slot = slots.passphrase_slot(self._file.profile, passphrase, self._master)
            self._write_both(replace(self._file, passphrase=slot))

    def add_keyring_slot(
        self, backend: KeyringBackend | None = None, *, timeout: float = oskeys.PATIENCE
    ) -> None:
        """Let the system's key store open the keys, again after its entry was lost, or for the first time."""
        with self._lock:
            self._check_open()
            slot = slots.keyring_slot(
                self._file.profile, self._master, backend=backend, timeout=timeout
            )
            before = self._file
            self._write_both(self._with_keyring(slot))
            self.opened_by = "keyring"
        self._delete_share_of(before)

    def drop_keyring_slot(self, passphrase: str) -> None:
        """Let the passphrase alone open the keys from now on. Raises UserError WRONG_PASSPHRASE, MachineError.

        What the system's key store still has opens nothing any more; it is deleted, now or at a later start.
        """
        with self._lock:
            self._check_open()
            self.check_passphrase(passphrase)
            before = self._file
            if before.keyring is None:
                return
            left = before.leftovers or Leftovers()
            entry = (before.keyring.backend, before.keyring.entry)
            file = replace(
                self._with_keyring(None), leftovers=replace(left, entries=(*left.entries, entry))
            )
            self._write_both(file)
            self.opened_by = "passphrase"
        self._delete_share_of(before)
        self.remove_leftovers()

    def _with_keyring(self, slot: KeyringSlot | None) -> KeyFile:
        """Return the file with another way in by the key store, and the share of the lease where it belongs then."""
        file = replace(self._file, keyring=slot)
        if file.lease is None or not file.lease.has_share:
            return file
        share = None
        with suppress(MachineError):  # head office gives it again
            share = shares.read(self._file, self._master)
        if share is None:
            return replace(file, lease=replace(file.lease, entry=None, wrapped=None))
        try:
            return replace(file, lease=shares.kept(file, self._master, file.lease, share))
        finally:
            wrapping.erase(share)

    def _delete_share_of(self, before: KeyFile) -> None:
        """Delete the share that is kept elsewhere now: alone it opens nothing."""
        if before.lease is not None:
            with suppress(MachineError):
                shares.delete(before, before.lease)

    @property
    def price_unlock(self) -> PriceUnlock | None:
        """Say how prices are opened; None where this profile has no price key yet."""
        return None if self._file.price is None else self._file.price.unlock

    def make_price_keys(self, unlock: PriceUnlock, passphrase: str = "") -> None:
        """Make the first price key. Raises UserError for a passphrase that is too short."""
        with self._lock:
            self._check_open()
            if self._file.price is not None:
                return
            with self._share() as share:
                file = pricekeys.with_first(self._file, self._master, unlock, passphrase, share)
            self._write_both(file)

    def open_price_keys(self, passphrase: str = "") -> dict[int, bytearray]:
        """Return the price keys by their numbers; whoever gets them erases them.

        Keys from before there was the lease or the master key are bound to these now. Raises UserError
        WRONG_PASSPHRASE, LEASE_ENDED, MachineError KEYSTORE_DAMAGED or one of the KeyringProblem codes.
        """
        with self._lock, self._share() as share, self._price_root() as root:
            self._check_open()
            found = pricekeys.opened(self._file, root, passphrase, share)
            if found is None:
                raise damaged()
            is_unbound = share is not None and self._file.price_wrap != keyfile.LEASED_WRAP
            if is_unbound or root is not self._master:
                self._write_both(
                    pricekeys.bound(self._file, self._master, passphrase, share, found)
                )
        return found

    def add_price_key(self, passphrase: str = "") -> int:
        """Add a price key for whatever is sealed from now on, and return its number."""
        with self._lock:
            self._check_open()
            with self._share() as share, self._price_root() as root:
                file, key_id = pricekeys.with_next(self._file, root, passphrase, share)
            self._write_both(file)
            return key_id

    def drop_price_keys(self, keep: int = 0) -> None:
        """Delete the price keys but `keep`: what the others sealed can never be read again."""
        with self._lock:
            self._check_open()
            if self._file.price is not None:
                self._write_both(pricekeys.without(self._file, keep))

    @property
    def lease(self) -> Lease | None:
        """The lease on the prices, as it was last told; None from a head office that gives none."""
        return self._file.lease

    def keep_lease(self, lease: Lease, share: bytearray | None = None) -> None:
        """Keep a lease, with a new share or the one that is here. May wait for the key store. Raises MachineError."""
        with self._lock:
            self._check_open()
            kept = self._file.lease
            if share is not None:
                lease = shares.kept(self._file, self._master, lease, share)
            elif kept is not None:
                lease = replace(lease, entry=kept.entry, wrapped=kept.wrapped)
            self._write_both(replace(self._file, lease=lease))
            if share is not None and kept is not None:
                shares.delete(self._file, kept)

    def drop_lease_share(self) -> None:
        """Delete the share: prices cannot be opened until head office gives it again. Raises MachineError."""
        with self._lock:
            self._check_open()
            lease = self._file.lease
            if lease is None or not lease.has_share:
                return
            shares.delete(self._file, lease)
            self._write_both(replace(self._file, lease=replace(lease, entry=None, wrapped=None)))

    @contextmanager
    def _share(self) -> Iterator[bytearray | None]:
        share = shares.read(self._file, self._master)
        lease = self._file.lease
        if share is None and lease is not None and lease.has_share:
            # Somebody deleted it: head office is asked for it again
            self._write(replace(self._file, lease=replace(lease, entry=None, wrapped=None)))
        try:
            yield share
        finally:
            if share is not None:
                wrapping.erase(share)

    @contextmanager
    def _price_root(self) -> Iterator[bytearray]:
        """Give what the price keys are under: the master key, or the one before it."""
        root = storekeys.root_of_prices(self._file, self._master)
        try:
            yield self._master if root is None else root
        finally:
            if root is not None:
                wrapping.erase(root)

    # ---- replacing them

    def prepare_new(
        self,
        generation: int,
        passphrase: str = "",
        backend: KeyringBackend | None = None,
        *,
        timeout: float = oskeys.PATIENCE,
    ) -> NewKeys:
        """Make another key of the store, for a generation of it, and other ways to it: `set_generation` of what is
        returned puts all in force.

        The master key stays where a passphrase opens it too and is not given. May wait for the key store. Raises
        UserError WRONG_PASSPHRASE, MachineError; then nothing was changed.
        """
        with self._lock:
            self._check_open()
            file, has_all = self._file, self._file.passphrase is None or bool(passphrase)
            if file.passphrase is not None and passphrase:
                self.check_passphrase(passphrase)
            master = wrapping.new_key() if has_all else bytearray(self._master)
            keyring, slot = file.keyring, file.passphrase
            entry = slots.new_entry()
            # On record first: should the program be killed, they are removed at the next start
            added = () if keyring is None else ((keyring.backend, entry),)
            entries = (*self._file.leftovers.entries, *added) if self._file.leftovers else added
            self._write(replace(file, leftovers=Leftovers(entries, generation)))
            if keyring is not None:
                keyring = slots.keyring_slot(
                    file.profile, master, backend=backend, timeout=timeout, entry=entry,
                    preferred=keyring.backend,
                )  # fmt: skip
            if slot is not None and has_all:
                slot = slots.passphrase_slot(file.profile, passphrase, master)
            parts = Parts(master, wrapping.new_key(), keyring, slot)
            return NewKeys(self._file, parts, lambda generation: self._take(parts, generation))

    def _take(self, parts: Parts, generation: int) -> None:
        with self._lock:
            self._check_open()
            file = newkeys.with_new(self._file, self._master, parts, generation)
            self._write(file, parts.master)
            self._master[:], self._store_key[:] = parts.master, parts.store_key
            with suppress(
                MachineError
            ):  # in force already; the copy is written again with the leftovers
                files.write_atomically(self._directory / PREVIOUS_NAME, self._written)

    @property
    def leftovers(self) -> Leftovers | None:
        """What a replacement of the keys has still to remove."""
        return self._file.leftovers

    def remove_leftovers(self, backend: KeyringBackend | None = None) -> bool:
        """Delete the entries in the key store that open nothing any more; False where that was not possible."""
        left, now = self.leftovers, self._file.keyring
        if left is None:
            return True
        gone = [
            slots.remove_entry(self._file.profile, name, entry, backend)
            for name, entry in left.entries
            if now is None or entry != now.entry
        ]
        if not all(gone):
            return False
        with self._lock:
            self._check_open()
            if self._file.leftovers == left:
                self._write_both(replace(self._file, leftovers=None))
        return True

    def older_store_keys(self) -> list[bytes]:
        """Return the keys that older copies of the store are under, the newest first. Copies: use and drop them."""
        with self._lock:
            self._check_open()
            keys = storekeys.opened(self._file, self._master)
            if keys is None:
                raise damaged()
            numbers = sorted(keys, reverse=True)[1:]
            found = [bytes(keys[number]) for number in numbers]
            storekeys.forget(keys)
            return found

    @property
    def has_older_store_keys(self) -> bool:
        """Say whether something may be under an older key of the store."""
        return len(self._file.keys_for(keyfile.STORE)) > 1

    @property
    def store_key_id(self) -> int:
        """The number of the key of the store; every replacement counts one on."""
        newest = self._file.data_key(keyfile.STORE)
        return 0 if newest is None else newest.key_id

    def drop_older_store_keys(self) -> None:
        """Delete the older keys of the store: what is still under them can never be read again."""
        with self._lock:
            self._check_open()
            newest = self._file.data_key(keyfile.STORE)
            kept = (
                one for one in self._file.data_keys
                if one.purpose != keyfile.STORE or one is newest
            )  # fmt: skip
            self._write_both(replace(self._file, data_keys=tuple(kept)))

    def erase(self) -> None:
        """Delete the keys for ever, also from the system's key store; what is open stays open until `forget`."""
        with self._lock:
            self._check_open()
            self._is_erased = True
            for name in (FILE_NAME, PREVIOUS_NAME):
                (self._directory / name).unlink(missing_ok=True)
            slots.delete_entry(self._file.profile, self._file.keyring, None)
            for name, entry in self._file.leftovers.entries if self._file.leftovers else ():
                slots.remove_entry(self._file.profile, name, entry)
            if self._file.lease is not None:
                with suppress(MachineError):  # all that the share could open is gone
                    shares.delete(self._file, self._file.lease)

    @property
    def is_erased(self) -> bool:
        """Say whether the keys were deleted for ever."""
        return self._is_erased

    def forget(self) -> None:
        """Overwrite the keys in memory. Every later use is a mistake and raises RuntimeError."""
        with self._lock:
            wrapping.erase(self._master)
            wrapping.erase(self._store_key)
            self._is_forgotten = True

    def _check_open(self) -> None:
        if self._is_forgotten:
            raise RuntimeError("the keys were forgotten")

    def _write_both(self, file: KeyFile) -> None:
        if self._is_erased:
            return
        # Twice, so that the copy does not go on opening with what was replaced
        self._write(file)
        files.write_atomically(self._directory / PREVIOUS_NAME, self._written)

    def _write(self, file: KeyFile, master: bytearray | None = None) -> None:
        self._check_open()
        if self._is_erased:
            return  # nothing may bring them back, whoever still looks after the store
        sealed = file.sealed_by(self._master if master is None else master)
        data = sealed.to_bytes()
        if self._main_is_damaged:
            _set_aside(self._directory / FILE_NAME)
        if self._written:
            files.write_atomically(self._directory / PREVIOUS_NAME, self._written)
        files.write_atomically(self._directory / FILE_NAME, data)
        self._file, self._written, self._main_is_damaged = sealed, data, False


def store_file(directory: Path, generation: int) -> Path:
    """Return where a generation of the store is."""
    return directory / "store" / f"g{generation:06d}.kdb"


def _set_aside(path: Path) -> None:
    """Keep a damaged file for whoever wants to look at it."""
    if path.exists():
        quarantine = files.make_private(path.parent / "quarantine")
        files.write_atomically(quarantine / f"{path.name}.{new_id()}", path.read_bytes())


def damaged() -> MachineError:
    return MachineError(_DAMAGED, code="KEYSTORE_DAMAGED", context="security", name=FILE_NAME)
