"""The price keys in a key store: under the master key and, as head office decides, a second passphrase.

Files and the system's key store together do not open prices then: the passphrase is the other half.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace

from kamdesk.security import keyfile, slots, wrapping
from kamdesk.security.keyfile import DataKey, KeyFile, PriceGuard, PriceUnlock
from kamdesk.security.wrapping import PassphraseWork


def with_first(file: KeyFile, master: bytearray, unlock: PriceUnlock, passphrase: str) -> KeyFile:
    """Return the file with a first price key. Raises UserError for a passphrase that is too short."""
    work = None
    if unlock == "passphrase":
        wrapping.check_passphrase(passphrase)
        work = PassphraseWork(salt=secrets.token_bytes(16))
    wrapping_key = _wrapping_key(master, work, passphrase)
    try:
        guard = PriceGuard(unlock, work, wrapping.check_value(wrapping_key))
        return replace(
            file, price=guard, data_keys=(*file.data_keys, _new(file.profile, wrapping_key, 1))
        )
    finally:
        wrapping.erase(wrapping_key)


def with_next(file: KeyFile, master: bytearray, passphrase: str) -> tuple[KeyFile, int]:
    """Return the file with one more price key, and its number. Raises as `opened`."""
    newest = file.data_key(keyfile.PRICE)
    key_id = newest.key_id + 1 if newest is not None else 1
    wrapping_key = _checked_wrapping_key(file, master, passphrase)
    try:
        added = _new(file.profile, wrapping_key, key_id)
    finally:
        wrapping.erase(wrapping_key)
    return replace(file, data_keys=(*file.data_keys, added)), key_id


def without(file: KeyFile, keep: int) -> KeyFile:
    """Return the file without the price keys but one; without any, also without what guards them."""
    kept = tuple(
        key for key in file.data_keys if key.purpose != keyfile.PRICE or key.key_id == keep
    )
    has_price_key = any(key.purpose == keyfile.PRICE for key in kept)
    return replace(file, data_keys=kept, price=file.price if has_price_key else None)


def opened(file: KeyFile, master: bytearray, passphrase: str) -> dict[int, bytearray] | None:
    """Return the price keys by number, or None where they are damaged. Raises UserError WRONG_PASSPHRASE."""
    wrapping_key = _checked_wrapping_key(file, master, passphrase)
    keys: dict[int, bytearray] = {}
    try:
        for one in file.keys_for(keyfile.PRICE):
            place = wrapping.place_of_key(file.profile, one.purpose, one.key_id)
            key = wrapping.unwrap(wrapping_key, one.wrapped, bound_to=place)
            if key is None or wrapping.check_value(key) != one.check:
                for other in keys.values():
                    wrapping.erase(other)
                return None
            keys[one.key_id] = key
    finally:
        wrapping.erase(wrapping_key)
    return keys


def _checked_wrapping_key(file: KeyFile, master: bytearray, passphrase: str) -> bytearray:
    assert file.price is not None, "this profile has no price key"
    if len(passphrase) > wrapping.LONGEST_PASSPHRASE:
        raise slots.wrong_passphrase(field="passphrase")
    wrapping_key = _wrapping_key(master, file.price.work, passphrase)
    if hmac.compare_digest(wrapping.check_value(wrapping_key), file.price.check):
        return wrapping_key
    wrapping.erase(wrapping_key)
    raise slots.wrong_passphrase(field="passphrase")


def _wrapping_key(master: bytearray, work: PassphraseWork | None, passphrase: str) -> bytearray:
    """Derive the key over the price keys: version 1, from the master key and the passphrase."""
    # At its full size from the start: a bytearray that grows leaves its content behind
    material = bytearray(wrapping.KEY_BYTES * (1 if work is None else 2))
    material[: wrapping.KEY_BYTES] = master
    if work is not None:
        stretched = wrapping.stretch(passphrase, work)
        material[wrapping.KEY_BYTES :] = stretched
        wrapping.erase(stretched)
    try:
        return wrapping.derive(material, b"KAMDesk/price-wrap/v1")
    finally:
        wrapping.erase(material)


def _new(profile: str, wrapping_key: bytearray, key_id: int) -> DataKey:
    key = wrapping.new_key()
    try:
        place = wrapping.place_of_key(profile, keyfile.PRICE, key_id)
        wrapped = wrapping.wrap(wrapping_key, key, bound_to=place)
        return DataKey(keyfile.PRICE, key_id, wrapped, wrapping.check_value(key))
    finally:
        wrapping.erase(key)
