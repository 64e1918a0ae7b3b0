"""The price keys in a key store: under the master key and, as head office decides, a second passphrase.

Files and the system's key store together do not open prices then: the passphrase is the other half.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace

from kamdesk.security import keyfile, shares, slots, wrapping
from kamdesk.security.keyfile import DataKey, KeyFile, PriceGuard, PriceUnlock
from kamdesk.security.wrapping import PassphraseWork

Share = bytearray | None
"""What head office gave with the lease; None where there is none, or none any more."""


def with_first(
    file: KeyFile, master: bytearray, unlock: PriceUnlock, passphrase: str, share: Share
) -> KeyFile:
    """Return the file with a first price key. Raises UserError for a passphrase that is too short."""
    work = None
    if unlock == "passphrase":
        wrapping.check_passphrase(passphrase)
        work = PassphraseWork(salt=secrets.token_bytes(16))
    wrapping_key = _wrapping_key(master, work, passphrase, share)
    try:
        guard = PriceGuard(unlock, work, wrapping.check_value(wrapping_key))
        return replace(
            file,
            price=guard,
            price_wrap=_wrap_of(share),
            data_keys=(*file.data_keys, _new(file.profile, wrapping_key, 1)),
        )
    finally:
        wrapping.erase(wrapping_key)


def with_next(
    file: KeyFile, master: bytearray, passphrase: str, share: Share
) -> tuple[KeyFile, int]:
    """Return the file with one more price key, and its number. Raises as `opened`."""
    newest = file.data_key(keyfile.PRICE)
    key_id = newest.key_id + 1 if newest is not None else 1
    wrapping_key = _checked_wrapping_key(file, master, passphrase, share)
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
    if not has_price_key:
        kept = tuple(key for key in kept if key.purpose != keyfile.PRICE_ROOT)
    return replace(
        file,
        data_keys=kept,
        price=file.price if has_price_key else None,
        price_wrap=file.price_wrap if has_price_key else keyfile.PRICE_WRAP,
    )


def bound(
    file: KeyFile,
    master: bytearray,
    passphrase: str,
    share: Share,
    keys: Mapping[int, bytearray],
) -> KeyFile:
    """Return the file with these price keys, which are all it has, under the master key and the share of the lease."""
    assert file.price is not None
    wrapping_key = _wrapping_key(master, file.price.work, passphrase, share)
    try:
        prices = (keyfile.PRICE, keyfile.PRICE_ROOT)
        others = tuple(key for key in file.data_keys if key.purpose not in prices)
        wrapped = tuple(
            _wrapped(file.profile, wrapping_key, key_id, key) for key_id, key in keys.items()
        )
        guard = replace(file.price, check=wrapping.check_value(wrapping_key))
    finally:
        wrapping.erase(wrapping_key)
    return replace(file, price=guard, price_wrap=_wrap_of(share), data_keys=(*others, *wrapped))


def opened(
    file: KeyFile, master: bytearray, passphrase: str, share: Share
) -> dict[int, bytearray] | None:
    """Return the price keys by number, or None where they are damaged.

    Raises UserError WRONG_PASSPHRASE, LEASE_ENDED.
    """
    wrapping_key = _checked_wrapping_key(file, master, passphrase, share)
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


def _checked_wrapping_key(
    file: KeyFile, master: bytearray, passphrase: str, share: Share
) -> bytearray:
    assert file.price is not None, "this profile has no price key"
    if file.price_wrap == keyfile.PRICE_WRAP:
        share = None  # from before there were leases
    elif share is None:
        raise shares.lease_ended()
    if len(passphrase) > wrapping.LONGEST_PASSPHRASE:
        raise slots.wrong_passphrase(field="passphrase")
    wrapping_key = _wrapping_key(master, file.price.work, passphrase, share)
    if hmac.compare_digest(wrapping.check_value(wrapping_key), file.price.check):
        return wrapping_key
    wrapping.erase(wrapping_key)
    raise slots.wrong_passphrase(field="passphrase")


def _wrapping_key(
    master: bytearray, work: PassphraseWork | None, passphrase: str, share: Share
) -> bytearray:
    """Derive the key over the price keys from the master key, the passphrase and the share of the lease."""
    # At its full size from the start: a bytearray that grows leaves its content behind
    parts = 1 + (work is not None) + (share is not None)
    material = bytearray(wrapping.KEY_BYTES * parts)
    material[: wrapping.KEY_BYTES] = master
    if work is not None:
        stretched = wrapping.stretch(passphrase, work)
        material[wrapping.KEY_BYTES : 2 * wrapping.KEY_BYTES] = stretched
        wrapping.erase(stretched)
    if share is not None:
        material[-wrapping.KEY_BYTES :] = share
    label = b"KAMDesk/price-wrap/v1" if share is None else b"KAMDesk/price-wrap/v2"
    try:
        return wrapping.derive(material, label)
    finally:
        wrapping.erase(material)


def _wrap_of(share: Share) -> int:
    return keyfile.PRICE_WRAP if share is None else keyfile.LEASED_WRAP


def _new(profile: str, wrapping_key: bytearray, key_id: int) -> DataKey:
    key = wrapping.new_key()
    try:
        return _wrapped(profile, wrapping_key, key_id, key)
    finally:
        wrapping.erase(key)


def _wrapped(profile: str, wrapping_key: bytearray, key_id: int, key: bytearray) -> DataKey:
    place = wrapping.place_of_key(profile, keyfile.PRICE, key_id)
    wrapped = wrapping.wrap(wrapping_key, key, bound_to=place)
    return DataKey(keyfile.PRICE, key_id, wrapped, wrapping.check_value(key))
