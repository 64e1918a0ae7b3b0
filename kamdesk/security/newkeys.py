"""Replacing what opens the store of a profile: its key, the master key over that, and the entry in the key store.

Nothing of it is in force before one replacement of the key file, which names the new generation of the store too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from kamdesk.domain.values import dataclass
from kamdesk.security import keyfile, shares, storekeys, wrapping
from kamdesk.security.keyfile import KeyFile, KeyringSlot, Leftovers, PassphraseSlot


@dataclass(frozen=True)
class Parts:
    """What is new. `keyring` and `passphrase`: the ways to the master key, which may be the one until now."""

    master: bytearray
    store_key: bytearray
    keyring: KeyringSlot | None
    passphrase: PassphraseSlot | None


class NewKeys:
    """Keys that a new generation of the store is written with; `set_generation` puts both in force."""

    def __init__(self, file: KeyFile, parts: Parts, take: Callable[[int], None]) -> None:
        self._file, self._parts, self._take = file, parts, take
        self.is_tried = False
        """They were to be put in force: whether they are, the key file says and nothing else."""

    def __repr__(self) -> str:
        return "<NewKeys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not copied")

    @property
    def store_key(self) -> bytes:
        """The raw key of the new generation."""
        return bytes(self._parts.store_key)

    @property
    def store_id(self) -> str:
        return self._file.store_id

    @property
    def generation(self) -> int:
        """The generation in force until `set_generation`."""
        return self._file.generation

    @property
    def high_water(self) -> int:
        return self._file.high_water

    def set_generation(self, generation: int) -> None:
        """Put these keys and a generation in force, in one step."""
        self.is_tried = True
        self._take(generation)

    def forget(self) -> None:
        """Overwrite them in memory, whether they were put in force or not."""
        wrapping.erase(self._parts.master)
        wrapping.erase(self._parts.store_key)


def with_new(file: KeyFile, master: bytearray, parts: Parts, generation: int) -> KeyFile:
    """Return the file with the new keys in force, the older one of the store, and what is to be removed."""
    known = storekeys.opened(file, master)
    assert known is not None, "the keys are open"
    try:
        stored = tuple(
            storekeys.wrapped(file.profile, parts.master, key_id, key)
            for key_id, key in {**known, max(known) + 1: parts.store_key}.items()
        )
    finally:
        storekeys.forget(known)
    entries = file.leftovers.entries if file.leftovers else ()
    if file.keyring is not None:
        entries = (*entries, (file.keyring.backend, file.keyring.entry))
    made = replace(
        file,
        keyring=parts.keyring,
        passphrase=parts.passphrase,
        data_keys=(*stored, *(key for key in file.data_keys if key.purpose != keyfile.STORE)),
        generation=generation,
        leftovers=Leftovers(entries, file.generation),
    )
    if parts.master == master:
        return made
    made = replace(made, check=wrapping.check_value(parts.master))
    return _with_prices(
        replace(made, lease=shares.moved(file, master, parts.master)), master, parts.master
    )


def _with_prices(file: KeyFile, master: bytearray, new_master: bytearray) -> KeyFile:
    """Keep what the price keys are under, sealed: whoever opens prices next binds them to the new master key."""
    if file.price is None:
        return file
    root = storekeys.root_of_prices(file, master) or bytearray(master)
    kept = storekeys.wrapped(file.profile, new_master, 1, root, keyfile.PRICE_ROOT)
    wrapping.erase(root)
    others = tuple(key for key in file.data_keys if key.purpose != keyfile.PRICE_ROOT)
    return replace(file, data_keys=(*others, kept))
