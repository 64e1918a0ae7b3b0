"""The ways into a key store: a key that the system keeps, a passphrase. Each wraps the same master key."""

from __future__ import annotations

import base64
import logging
import secrets
import zlib
from typing import TYPE_CHECKING, Literal

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import oskeys, wrapping
from kamdesk.security.keyfile import KeyFile, KeyringSlot, PassphraseSlot
from kamdesk.security.wrapping import PassphraseWork

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

UnlockKind = Literal["keyring", "passphrase"]

_log = logging.getLogger(__name__)


def place_of_slot(profile: str, kind: UnlockKind) -> bytes:
    return wrapping.place(b"KAMDesk/slot/v1", profile, kind)


def passphrase_slot(profile: str, passphrase: str, master: bytearray) -> PassphraseSlot:
    work = PassphraseWork(salt=secrets.token_bytes(16))
    key = wrapping.stretch(passphrase, work)
    try:
        place = place_of_slot(profile, "passphrase")
        wrapped = wrapping.wrap(key, master, bound_to=place)
        return PassphraseSlot(work=work, wrapped=wrapped, check=wrapping.check_value(key))
    finally:
        wrapping.erase(key)


def new_entry() -> int:
    """Return a number for an entry of the system's key store."""
    # At random, not the next number: a write that came too late, after its prompt was answered at
    # last, must not replace the key of a later attempt
    return secrets.randbelow(1 << 31)


def keyring_slot(
    profile: str,
    master: bytearray,
    *,
    backend: KeyringBackend | None,
    timeout: float,
    entry: int | None = None,
    preferred: str = "",
) -> KeyringSlot:
    key = wrapping.new_key()
    entry = new_entry() if entry is None else entry
    text = entry_text(key)

    def keep() -> str:
        found = oskeys.find_backend(backend, preferred=preferred)
        oskeys.write_entry(found, oskeys.SERVICE, entry_user(profile, "kek", entry), text)
        return oskeys.name_of(found)

    try:
        name = oskeys.watched(keep, timeout=timeout)
        place = place_of_slot(profile, "keyring")
        wrapped = wrapping.wrap(key, master, bound_to=place)
        return KeyringSlot(
            backend=name, entry=entry, wrapped=wrapped, check=wrapping.check_value(key)
        )
    finally:
        wrapping.erase(key)


def master_by_passphrase(file: KeyFile, passphrase: str) -> bytearray | None:
    slot = file.passphrase
    if slot is None:
        raise no_passphrase()
    if len(passphrase) > wrapping.LONGEST_PASSPHRASE:
        raise wrong_passphrase(field="passphrase")
    key = wrapping.stretch(passphrase, slot.work)
    try:
        place = place_of_slot(file.profile, "passphrase")
        master = wrapping.unwrap(key, slot.wrapped, bound_to=place)
        if master is None and wrapping.check_value(key) != slot.check:
            raise wrong_passphrase(field="passphrase")
        return master
    finally:
        wrapping.erase(key)


def master_by_keyring(
    file: KeyFile, *, backend: KeyringBackend | None, timeout: float
) -> bytearray | None:
    slot = file.keyring
    if slot is None:
        raise key_missing()

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
        return oskeys.read_entry(found, oskeys.SERVICE, entry_user(file.profile, "kek", slot.entry))

    text = oskeys.watched(fetch, timeout=timeout)
    if text is None:
        raise key_missing()
    key = entry_key(text)
    if key is None:
        raise key_wrong()
    try:
        place = place_of_slot(file.profile, "keyring")
        master = wrapping.unwrap(key, slot.wrapped, bound_to=place)
        if master is None and wrapping.check_value(key) != slot.check:
            raise key_wrong()
        return master
    finally:
        wrapping.erase(key)


def delete_entry(profile: str, slot: KeyringSlot | None, backend: KeyringBackend | None) -> None:
    if slot is not None and not remove_entry(profile, slot.backend, slot.entry, backend):
        # The files are gone and with them all that the entry could open
        _log.warning("the entry in the system's key store stays")


def remove_entry(
    profile: str, name: str, entry: int, backend: KeyringBackend | None = None
) -> bool:
    """Delete a key from the system's key store of that name; False where that could not be asked."""

    def delete() -> bool:
        found = oskeys.find_backend(backend, preferred=name)
        if oskeys.name_of(found) != name:
            return False
        oskeys.delete_entry(found, oskeys.SERVICE, entry_user(profile, "kek", entry))
        return True

    try:
        return oskeys.watched(delete, timeout=oskeys.PATIENCE)
    except MachineError as error:
        _log.warning("the system's key store deletes nothing: %s", error.code)
        return False


def entry_user(profile: str, kind: str, entry: int) -> str:
    """Return the name that an entry has in the system's key store."""
    return f"{profile}/{kind}/{entry}"


def entry_text(key: bytearray) -> str:
    """Write a key as the system's key store keeps it."""
    # Short: the Windows vault takes 1,280 characters and says "stub received bad data" beyond
    return f"kd1:{base64.urlsafe_b64encode(key).decode('ascii')}:{zlib.crc32(key):08x}"


def entry_key(text: str) -> bytearray | None:
    """Read what `entry_text` wrote; None for anything else."""
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


def key_missing() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "security",
            "The key store of this computer no longer has the key of your data. "
            "Your data was not touched. Open it with the passphrase, if you set one.",
        ),
        code="KEY_MISSING",
        context="security",
    )


def key_wrong() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "security",
            "The key in the key store of this computer is not the key of your data. "
            "Your data was not touched. Open it with the passphrase, if you set one.",
        ),
        code="KEY_WRONG",
        context="security",
    )


def no_passphrase() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP("security", "No passphrase was set for this profile."),
        code="NO_PASSPHRASE",
        context="security",
    )


def wrong_passphrase(*, field: str) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("security", "This is not the passphrase of this profile. Try again."),
        field=field,
        code="WRONG_PASSPHRASE",
        context="security",
    )
