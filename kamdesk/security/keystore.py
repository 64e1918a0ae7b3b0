"""The keys of one profile: made once, opened by the system's key store or by a passphrase.

Whoever calls anything here that writes holds the profile's instance lock.
"""

from __future__ import annotations

import base64
import hmac
import logging
import secrets
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NoReturn

from keyring.backend import KeyringBackend

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import files, keyfile, oskeys, wrapping
from kamdesk.security.keyfile import DataKey, KeyFile, KeyringSlot, PassphraseSlot
from kamdesk.security.wrapping import PassphraseWork

FILE_NAME = "keystore.json"
PREVIOUS_NAME = "keystore.prev"

UnlockKind = Literal["keyring", "passphrase"]

_log = logging.getLogger(__name__)

_DAMAGED = QT_TRANSLATE_NOOP(
    "security",
    "The keys of this profile are damaged and so is their copy. Your data was not touched. "
    "Put back the file {name} from a backup, or ask head office for help.",
)


class OpenKeys:
    """The keys of an open profile. Safe to use from several threads."""

    def __init__(
        self, directory: Path, read: _Read, master: bytearray, store_key: bytearray
    ) -> None:
        self._directory = directory
        self._file = read.file
        self._written = read.data
        self._main_is_damaged = read.is_previous
        self._master = master
        self._store_key = store_key
        self._is_forgotten = False
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
            slot = self._file.passphrase
            if slot is None:
                raise _no_passphrase()
            key = wrapping.stretch(current, slot.work)
            fits = hmac.compare_digest(wrapping.check_value(key), slot.check)
            wrapping.erase(key)
            if not fits:
                raise _wrong_passphrase(field="current")
            self.add_passphrase_slot(new)

    def add_passphrase_slot(self, passphrase: str) -> None:
        """Let a passphrase open the keys too, or a new one in place of the old."""
        wrapping.check_passphrase(passphrase)
        with self._lock:
            self._check_open()
            slot = _passphrase_slot(self._file.profile, passphrase, self._master)
            self._write_both(replace(self._file, passphrase=slot))

    def add_keyring_slot(
        self, backend: KeyringBackend | None = None, *, timeout: float = oskeys.PATIENCE
    ) -> None:
        """Let the system's key store open the keys, again after its entry was lost."""
        with self._lock:
            self._check_open()
            slot = _keyring_slot(self._file.profile, self._master, backend=backend, timeout=timeout)
            self._write_both(replace(self._file, keyring=slot))

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
        # Twice, so that the copy does not go on opening with what was replaced
        self._write(file)
        files.write_atomically(self._directory / PREVIOUS_NAME, self._written)

    def _write(self, file: KeyFile) -> None:
        self._check_open()
        sealed = file.sealed_by(self._master)
        data = sealed.to_bytes()
        if self._main_is_damaged:
            _set_aside(self._directory / FILE_NAME)
        if self._written:
            files.write_atomically(self._directory / PREVIOUS_NAME, self._written)
        files.write_atomically(self._directory / FILE_NAME, data)
        self._file, self._written, self._main_is_damaged = sealed, data, False


class Sealed:
    """The keys of a profile before they are opened; says how they can be."""

    def __init__(self, directory: Path, candidates: tuple[_Read, ...]) -> None:
        self._directory = directory
        self._candidates = candidates

    @property
    def profile(self) -> str:
        return self._first.profile

    @property
    def store_id(self) -> str:
        return self._first.store_id

    @property
    def unlock_kind(self) -> UnlockKind:
        """How the keys are opened first; the other way, where there is one, is for emergencies."""
        return "keyring" if self._first.keyring is not None else "passphrase"

    @property
    def has_passphrase(self) -> bool:
        """Say whether a passphrase opens the keys, whatever happened to the system's key store."""
        return self._first.passphrase is not None

    def open_with_keyring(
        self, backend: KeyringBackend | None = None, *, timeout: float = oskeys.PATIENCE
    ) -> OpenKeys:
        """Open with the key that the system keeps. May wait for `timeout`, for a prompt.

        Raises MachineError KEY_MISSING, KEY_WRONG, KEYRING_CHANGED, KEYSTORE_DAMAGED, or one of
        the KeyringProblem codes.
        """
        return self._open(lambda file: _master_by_keyring(file, backend=backend, timeout=timeout))

    def open_with_passphrase(self, passphrase: str) -> OpenKeys:
        """Open with what the user typed. Raises UserError WRONG_PASSPHRASE. Takes about 0.3 s."""
        return self._open(lambda file: _master_by_passphrase(file, passphrase))

    @property
    def _first(self) -> KeyFile:
        return self._candidates[0].file

    def _open(self, find_master: Callable[[KeyFile], bytearray | None]) -> OpenKeys:
        for read in self._candidates:
            try:
                master = find_master(read.file)
            except (MachineError, UserError):
                if read is self._candidates[0]:
                    raise
                break  # the file is damaged, and its copy is from before a change of keys
            keys = _opened(self._directory, read, master)
            if keys is not None:
                return keys
            _log.warning("%s does not verify", _name_of(read))
        raise _damaged()


def create_with_keyring(
    directory: Path,
    profile: str,
    backend: KeyringBackend | None = None,
    *,
    timeout: float = oskeys.PATIENCE,
) -> OpenKeys:
    """Make the keys of a new profile, opened by the system's key store.

    Raises MachineError KEYSTORE_EXISTS where keys or a store already are.
    """
    _refuse_existing(directory)
    keys = _new_keys(directory, profile)
    try:
        keys.add_keyring_slot(backend, timeout=timeout)
    except BaseException:
        keys.forget()
        raise
    return keys


def create_with_passphrase(directory: Path, profile: str, passphrase: str) -> OpenKeys:
    """Make the keys of a new profile, opened by a passphrase. Raises as `create_with_keyring`."""
    wrapping.check_passphrase(passphrase)
    _refuse_existing(directory)
    keys = _new_keys(directory, profile)
    try:
        keys.add_passphrase_slot(passphrase)
    except BaseException:
        keys.forget()
        raise
    return keys


def read_keystore(directory: Path) -> Sealed:
    """Read the keys of a profile without opening them; falls back to their copy.

    Raises MachineError KEYSTORE_MISSING, KEYSTORE_DAMAGED, KEYSTORE_UNREADABLE, KEYSTORE_NEWER.
    """
    contents = [
        (_content(directory / FILE_NAME), False),
        (_content(directory / PREVIOUS_NAME), True),
    ]
    if all(data is None for data, _ in contents):
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "The keys of this profile are missing. Your data was not touched. "
                "Put back the file {name} from a backup, or ask head office for help.",
            ),
            code="KEYSTORE_MISSING",
            context="security",
            name=FILE_NAME,
        )
    candidates = tuple(
        read
        for data, is_previous in contents
        if data is not None and (read := _parsed(data, is_previous=is_previous)) is not None
    )
    if not candidates:
        raise _damaged()
    return Sealed(directory, candidates)


def erase_keystore(directory: Path, backend: KeyringBackend | None = None) -> None:
    """Delete the keys of a profile: what they sealed can never be read again."""
    try:
        slots = [read.file for read in read_keystore(directory)._candidates]  # noqa: SLF001  # own module
    except MachineError:
        slots = []
    for name in (FILE_NAME, PREVIOUS_NAME):
        (directory / name).unlink(missing_ok=True)
    for profile, slot in {(file.profile, file.keyring) for file in slots if file.keyring}:
        _delete_entry(profile, slot, backend)


def store_file(directory: Path, generation: int) -> Path:
    """Return where a generation of the store is."""
    return directory / "store" / f"g{generation:06d}.kdb"


@dataclass(frozen=True)
class _Read:
    """One of the two files, as it was read."""

    file: KeyFile
    data: bytes
    is_previous: bool


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MachineError(
            QT_TRANSLATE_NOOP("security", "The file {name} cannot be read ({reason})."),
            code="KEYSTORE_UNREADABLE",
            context="security",
            name=path.name,
            reason=error.strerror or type(error).__name__,
        ) from error


def _parsed(data: bytes, *, is_previous: bool) -> _Read | None:
    try:
        return _Read(keyfile.parse(data), data, is_previous)
    except (ValueError, TypeError, RecursionError):
        _log.warning("%s is damaged", PREVIOUS_NAME if is_previous else FILE_NAME)
        return None


def _name_of(read: _Read) -> str:
    return PREVIOUS_NAME if read.is_previous else FILE_NAME


def _refuse_existing(directory: Path) -> None:
    files.make_private(directory)
    traces = [directory / FILE_NAME, directory / PREVIOUS_NAME, *directory.glob("store/*.kdb")]
    if any(path.exists() for path in traces):
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "There is already a profile in {folder}. New keys would make its data unreadable.",
            ),
            code="KEYSTORE_EXISTS",
            context="security",
            folder=str(directory),
        )


def _new_keys(directory: Path, profile: str) -> OpenKeys:
    """Return keys that are nowhere yet; the first slot that is added writes them."""
    master, store_key = wrapping.new_key(), wrapping.new_key()
    wrapping_key = wrapping.derive(master, b"KAMDesk/wrap/v1")
    data_key = DataKey(
        purpose=keyfile.STORE,
        key_id=1,
        wrapped=wrapping.wrap(
            wrapping_key, store_key, bound_to=_place_of_key(profile, keyfile.STORE, 1)
        ),
        check=wrapping.check_value(store_key),
    )
    wrapping.erase(wrapping_key)
    file = KeyFile(
        profile=profile,
        check=wrapping.check_value(master),
        keyring=None,
        passphrase=None,
        data_keys=(data_key,),
        store_id=new_id(),
        generation=1,
        high_water=0,
    )
    return OpenKeys(directory, _Read(file, b"", is_previous=False), master, store_key)


def _opened(directory: Path, read: _Read, master: bytearray | None) -> OpenKeys | None:
    """Return the keys of one file, or None where it is not what this program wrote."""
    if master is None:
        return None
    file = read.file
    store_key: bytearray | None = None
    data_key = file.data_key(keyfile.STORE)
    if wrapping.check_value(master) == file.check and file.is_sealed_by(master) and data_key:
        wrapping_key = wrapping.derive(master, b"KAMDesk/wrap/v1")
        place = _place_of_key(file.profile, data_key.purpose, data_key.key_id)
        store_key = wrapping.unwrap(wrapping_key, data_key.wrapped, bound_to=place)
        wrapping.erase(wrapping_key)
        if store_key is not None and wrapping.check_value(store_key) == data_key.check:
            return OpenKeys(directory, read, master, store_key)
    wrapping.erase(master)
    return None


def _place_of_key(profile: str, purpose: str, key_id: int) -> bytes:
    return wrapping.place(b"KAMDesk/dek/v1", profile, purpose, str(key_id))


def _place_of_slot(profile: str, kind: UnlockKind) -> bytes:
    return wrapping.place(b"KAMDesk/slot/v1", profile, kind)


def _passphrase_slot(profile: str, passphrase: str, master: bytearray) -> PassphraseSlot:
    work = PassphraseWork(salt=secrets.token_bytes(16))
    key = wrapping.stretch(passphrase, work)
    try:
        place = _place_of_slot(profile, "passphrase")
        wrapped = wrapping.wrap(key, master, bound_to=place)
        return PassphraseSlot(work=work, wrapped=wrapped, check=wrapping.check_value(key))
    finally:
        wrapping.erase(key)


def _keyring_slot(
    profile: str, master: bytearray, *, backend: KeyringBackend | None, timeout: float
) -> KeyringSlot:
    key = wrapping.new_key()
    # At random, not the next number: a write that came too late, after its prompt was answered at
    # last, must not replace the key of a later attempt
    entry = secrets.randbelow(1 << 31)
    text = _entry_text(key)

    def keep() -> str:
        found = oskeys.find_backend(backend)
        oskeys.write_entry(found, oskeys.SERVICE, _entry_user(profile, entry), text)
        return oskeys.name_of(found)

    try:
        name = oskeys.watched(keep, timeout=timeout)
        place = _place_of_slot(profile, "keyring")
        wrapped = wrapping.wrap(key, master, bound_to=place)
        return KeyringSlot(
            backend=name, entry=entry, wrapped=wrapped, check=wrapping.check_value(key)
        )
    finally:
        wrapping.erase(key)


def _master_by_passphrase(file: KeyFile, passphrase: str) -> bytearray | None:
    slot = file.passphrase
    if slot is None:
        raise _no_passphrase()
    if len(passphrase) > wrapping.LONGEST_PASSPHRASE:
        raise _wrong_passphrase(field="passphrase")
    key = wrapping.stretch(passphrase, slot.work)
    try:
        place = _place_of_slot(file.profile, "passphrase")
        master = wrapping.unwrap(key, slot.wrapped, bound_to=place)
        if master is None and wrapping.check_value(key) != slot.check:
            raise _wrong_passphrase(field="passphrase")
        return master
    finally:
        wrapping.erase(key)


def _master_by_keyring(
    file: KeyFile, *, backend: KeyringBackend | None, timeout: float
) -> bytearray | None:
    slot = file.keyring
    if slot is None:
        raise _key_missing()

    def fetch() -> str | None:
        found = oskeys.find_backend(backend, preferred=slot.backend)
        if oskeys.name_of(found) != slot.backend:
            raise MachineError(
                QT_TRANSLATE_NOOP(
                    "security",
                    "This computer now uses another key store ({found}) than the one that keeps "
                    "the key of your data ({recorded}). Switch it back and start again.",
                ),
                code="KEYRING_CHANGED",
                context="security",
                found=oskeys.name_of(found),
                recorded=slot.backend,
            )
        return oskeys.read_entry(found, oskeys.SERVICE, _entry_user(file.profile, slot.entry))

    text = oskeys.watched(fetch, timeout=timeout)
    if text is None:
        raise _key_missing()
    key = _entry_key(text)
    if key is None:
        raise _key_wrong()
    try:
        place = _place_of_slot(file.profile, "keyring")
        master = wrapping.unwrap(key, slot.wrapped, bound_to=place)
        if master is None and wrapping.check_value(key) != slot.check:
            raise _key_wrong()
        return master
    finally:
        wrapping.erase(key)


def _delete_entry(profile: str, slot: KeyringSlot | None, backend: KeyringBackend | None) -> None:
    if slot is None:
        return

    def delete() -> None:
        found = oskeys.find_backend(backend, preferred=slot.backend)
        if oskeys.name_of(found) == slot.backend:
            oskeys.delete_entry(found, oskeys.SERVICE, _entry_user(profile, slot.entry))

    try:
        oskeys.watched(delete, timeout=oskeys.PATIENCE)
    except MachineError as error:
        # The files are gone and with them all that the entry could open
        _log.warning("the entry in the system's key store stays: %s", error.code)


def _entry_user(profile: str, entry: int) -> str:
    return f"{profile}/kek/{entry}"


def _entry_text(key: bytearray) -> str:
    # Short: the Windows vault takes 1,280 characters and says "stub received bad data" beyond
    return f"kd1:{base64.urlsafe_b64encode(key).decode('ascii')}:{zlib.crc32(key):08x}"


def _entry_key(text: str) -> bytearray | None:
    head, _, rest = text.partition(":")
    encoded, _, checksum = rest.partition(":")
    if head != "kd1":
        return None
    try:
        key = bytearray(base64.urlsafe_b64decode(encoded))
    except ValueError:
        return None
    if len(key) != wrapping.KEY_BYTES or f"{zlib.crc32(key):08x}" != checksum:
        return None
    return key


def _set_aside(path: Path) -> None:
    """Keep a damaged file for whoever wants to look at it."""
    if path.exists():
        quarantine = files.make_private(path.parent / "quarantine")
        files.write_atomically(quarantine / f"{path.name}.{new_id()}", path.read_bytes())


def _damaged() -> MachineError:
    return MachineError(_DAMAGED, code="KEYSTORE_DAMAGED", context="security", name=FILE_NAME)


def _key_missing() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "security",
            "The key store of this computer no longer has the key of your data. "
            "Your data was not touched. Open it with the passphrase, if you set one.",
        ),
        code="KEY_MISSING",
        context="security",
    )


def _key_wrong() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "security",
            "The key in the key store of this computer is not the key of your data. "
            "Your data was not touched. Open it with the passphrase, if you set one.",
        ),
        code="KEY_WRONG",
        context="security",
    )


def _no_passphrase() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP("security", "No passphrase was set for this profile."),
        code="NO_PASSPHRASE",
        context="security",
    )


def _wrong_passphrase(*, field: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("security", "This is not the passphrase of this profile. Try again."),
        field=field,
        code="WRONG_PASSPHRASE",
        context="security",
    )
