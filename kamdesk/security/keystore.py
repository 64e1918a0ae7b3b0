"""The keys of one profile: made once, opened by the system's key store or by a passphrase.

Whoever calls anything here that writes holds the profile's instance lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import files, keyfile, oskeys, shares, slots, storekeys, wrapping
from kamdesk.security.keyfile import KeyFile
from kamdesk.security.openkeys import (
    FILE_NAME,
    PREVIOUS_NAME,
    OpenKeys,
    Read,
    damaged,
    store_file,
)
from kamdesk.security.slots import UnlockKind

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = [
    "FILE_NAME",
    "PREVIOUS_NAME",
    "OpenKeys",
    "Sealed",
    "UnlockKind",
    "create_with_keyring",
    "create_with_passphrase",
    "erase_keystore",
    "read_keystore",
    "store_file",
]

_log = logging.getLogger(__name__)


class Sealed:
    """The keys of a profile before they are opened; says how they can be."""

    def __init__(self, directory: Path, candidates: tuple[Read, ...]) -> None:
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
        keys = self._open(
            lambda file: slots.master_by_keyring(file, backend=backend, timeout=timeout)
        )
        keys.opened_by = "keyring"
        return keys

    def open_with_passphrase(self, passphrase: str) -> OpenKeys:
        """Open with what the user typed. Raises UserError WRONG_PASSPHRASE. Takes about 0.3 s."""
        keys = self._open(lambda file: slots.master_by_passphrase(file, passphrase))
        keys.opened_by = "passphrase"
        return keys

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
        raise damaged()


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
        raise damaged()
    return Sealed(directory, candidates)


def erase_keystore(directory: Path, backend: KeyringBackend | None = None) -> None:
    """Delete the keys of a profile: what they sealed can never be read again."""
    try:
        read = [one.file for one in read_keystore(directory)._candidates]  # noqa: SLF001  # own module
    except MachineError:
        read = []
    for name in (FILE_NAME, PREVIOUS_NAME):
        (directory / name).unlink(missing_ok=True)
    for profile, slot in {(file.profile, file.keyring) for file in read if file.keyring}:
        slots.delete_entry(profile, slot, backend)
    for file in read:
        if file.lease is not None:
            with suppress(
                MachineError
            ):  # the files are gone and with them all that the share could open
                shares.delete(file, file.lease)


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


def _parsed(data: bytes, *, is_previous: bool) -> Read | None:
    try:
        return Read(keyfile.parse(data), data, is_previous)
    except (ValueError, TypeError, RecursionError):
        _log.warning("%s is damaged", PREVIOUS_NAME if is_previous else FILE_NAME)
        return None


def _name_of(read: Read) -> str:
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
    data_key = storekeys.wrapped(profile, master, 1, store_key)
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
    return OpenKeys(directory, Read(file, b"", is_previous=False), master, store_key)


def _opened(directory: Path, read: Read, master: bytearray | None) -> OpenKeys | None:
    """Return the keys of one file, or None where it is not what this program wrote."""
    if master is None:
        return None
    file = read.file
    if wrapping.check_value(master) == file.check and file.is_sealed_by(master):
        keys = storekeys.opened(file, master)
        if keys is not None:
            newest = keys.pop(max(keys))
            storekeys.forget(keys)
            return OpenKeys(directory, read, master, newest)
    wrapping.erase(master)
    return None
