"""A process that replaces the key of the store and may be killed on the way.

`python -m tests.faults.rekeyer FOLDER [RING N]`: RING is the file of a played key store, where the profile is opened by
one; N kills before the N-th file gets its name, file is deleted, or entry of the key store is written or deleted.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

from kamdesk.db import open_store, rekey
from kamdesk.db.oldkeys import OldKeys
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import keystore, oskeys, slots
from tests.ui.played_keyring import PlayedKeyring

PASSPHRASE = "correct horse battery"
KIM = Actor("0192f0c1-0000-7000-8000-000000000001", Role.KAM, "Kim")


def cheap_passphrases() -> None:
    """Stretch passphrases no longer than a test has time for."""
    slots.PassphraseWork = partial(  # type: ignore[misc,assignment]
        slots.PassphraseWork, memory_kib=64, passes=1, lanes=1
    )


def opened(folder: Path, ring: Path | None) -> keystore.OpenKeys:
    """Open the keys of the profile."""
    sealed = keystore.read_keystore(folder)
    if ring is None:
        return sealed.open_with_passphrase(PASSPHRASE)
    return sealed.open_with_keyring(PlayedKeyring(ring))


def main(folder: Path, ring: Path | None, number: int) -> None:
    """Replace the key, put the backups under it, and be killed."""
    cheap_passphrases()
    seen = 0

    def counted(fn):
        def call(*args, **how):
            nonlocal seen
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return fn(*args, **how)

        return call

    if ring is not None:
        played = PlayedKeyring(ring)
        oskeys.find_backend = lambda _given=None, **_: played
        played.set_password = counted(played.set_password)  # type: ignore[method-assign]
        played.delete_password = counted(played.delete_password)  # type: ignore[method-assign]
    keys = opened(folder, ring)
    if number:
        os.replace, os.unlink = counted(os.replace), counted(os.unlink)
    rekey.replace_key(folder, keys, "" if ring else PASSPHRASE)
    store = open_store.open_existing(folder, keys, KIM)
    OldKeys(folder, store, keys).run()
    open_store.mark_clean(store)
    store.close()
    print(seen)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
        int(sys.argv[3]) if len(sys.argv) > 3 else 0,
    )
