"""The share of a lease: 32 bytes from head office without which the price keys do not open.

It is kept in the system's key store, outside the profile's folder: a copy of the folder from last week does not
bring it back. Where the key store keeps no keys, it is in the key store's file, under the master key.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import oskeys, slots, wrapping
from kamdesk.security.keyfile import KeyFile, Lease

_KIND = "lease"


def kept(file: KeyFile, master: bytearray, lease: Lease, share: bytearray) -> Lease:
    """Keep a share and return the lease that says where. May wait for the key store. Raises MachineError."""
    if file.keyring is None:
        place = _place(file, lease)
        return replace(lease, entry=None, wrapped=wrapping.wrap(master, share, bound_to=place))
    preferred = file.keyring.backend
    entry = secrets.randbelow(1 << 31)  # see `slots.keyring_slot`
    user, text = slots.entry_user(file.profile, _KIND, entry), slots.entry_text(share)

    def keep() -> None:
        found = oskeys.find_backend(None, preferred=preferred)
        oskeys.write_entry(found, oskeys.SERVICE, user, text)

    oskeys.watched(keep, timeout=oskeys.PATIENCE)
    return replace(lease, entry=entry, wrapped=None)


def read(file: KeyFile, master: bytearray) -> bytearray | None:
    """Return the share; None where there is none any more. May wait for the key store. Raises MachineError."""
    lease = file.lease
    if lease is None:
        return None
    if lease.wrapped is not None:
        return wrapping.unwrap(master, lease.wrapped, bound_to=_place(file, lease))
    if lease.entry is None or file.keyring is None:
        return None
    preferred = file.keyring.backend
    user = slots.entry_user(file.profile, _KIND, lease.entry)

    def fetch() -> str | None:
        found = oskeys.find_backend(None, preferred=preferred)
        return oskeys.read_entry(found, oskeys.SERVICE, user)

    text = oskeys.watched(fetch, timeout=oskeys.PATIENCE)
    return None if text is None else slots.entry_key(text)


def moved(file: KeyFile, master: bytearray, new_master: bytearray) -> Lease | None:
    """Return the lease of a file for another master key."""
    lease = file.lease
    if lease is None or lease.wrapped is None:
        return lease
    share = wrapping.unwrap(master, lease.wrapped, bound_to=_place(file, lease))
    if share is None:
        return replace(lease, wrapped=None)  # damaged: head office gives it again
    try:
        wrapped = wrapping.wrap(new_master, share, bound_to=_place(file, lease))
    finally:
        wrapping.erase(share)
    return replace(lease, wrapped=wrapped)


def delete(file: KeyFile, lease: Lease) -> None:
    """Delete a share from the system's key store. May wait for it. Raises MachineError."""
    if lease.entry is None or file.keyring is None:
        return
    preferred = file.keyring.backend
    user = slots.entry_user(file.profile, _KIND, lease.entry)

    def remove() -> None:
        found = oskeys.find_backend(None, preferred=preferred)
        oskeys.delete_entry(found, oskeys.SERVICE, user)

    oskeys.watched(remove, timeout=oskeys.PATIENCE)


def lease_ended() -> UserError:
    """Say why prices do not open, and what opens them."""
    return UserError(
        QT_TRANSLATE_NOOP(
            "prices",
            "Prices are closed because this computer has not reached head office for too long. Connect, and they "
            "open again. Everything else goes on working.",
        ),
        code="LEASE_ENDED",
        context="prices",
    )


def _place(file: KeyFile, lease: Lease) -> bytes:
    return wrapping.place(b"KAMDesk/lease/v1", file.profile, str(lease.share_id))
