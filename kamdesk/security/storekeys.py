"""The keys of the store in a key file: the newest seals, an older one opens what was not sealed anew yet."""

from __future__ import annotations

from kamdesk.security import keyfile, wrapping
from kamdesk.security.keyfile import DataKey, KeyFile


def opened(file: KeyFile, master: bytearray) -> dict[int, bytearray] | None:
    """Return the keys by their numbers; None where one is damaged, or there is none."""
    keys: dict[int, bytearray] = {}
    wrapping_key = wrapping.derive(master, _LABEL)
    try:
        for one in file.keys_for(keyfile.STORE):
            place = wrapping.place_of_key(file.profile, one.purpose, one.key_id)
            key = wrapping.unwrap(wrapping_key, one.wrapped, bound_to=place)
            if key is None or wrapping.check_value(key) != one.check:
                forget(keys)
                return None
            keys[one.key_id] = key
    finally:
        wrapping.erase(wrapping_key)
    return keys or None


def wrapped(
    profile: str, master: bytearray, key_id: int, key: bytearray, purpose: str = keyfile.STORE
) -> DataKey:
    """Return a key as a file keeps it: under the master key."""
    wrapping_key = wrapping.derive(master, _LABEL)
    try:
        place = wrapping.place_of_key(profile, purpose, key_id)
        return DataKey(
            purpose=purpose,
            key_id=key_id,
            wrapped=wrapping.wrap(wrapping_key, key, bound_to=place),
            check=wrapping.check_value(key),
        )
    finally:
        wrapping.erase(wrapping_key)


def root_of_prices(file: KeyFile, master: bytearray) -> bytearray | None:
    """Return what stands for the master key over the price keys; None where that is the master key itself."""
    one = file.data_key(keyfile.PRICE_ROOT)
    if one is None:
        return None
    wrapping_key = wrapping.derive(master, _LABEL)
    try:
        place = wrapping.place_of_key(file.profile, one.purpose, one.key_id)
        return wrapping.unwrap(wrapping_key, one.wrapped, bound_to=place)
    finally:
        wrapping.erase(wrapping_key)


def forget(keys: dict[int, bytearray]) -> None:
    """Overwrite keys in memory."""
    for key in keys.values():
        wrapping.erase(key)


_LABEL = b"KAMDesk/wrap/v1"
