"""A process that replaces the price key and is killed on the way. `python -m tests.faults.renewer FOLDER WHAT N`.

WHAT: `in` kills inside the N-th transaction, with everything written and nothing committed; `after` behind it;
`file` before the N-th file of keys is replaced.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from kamdesk.db import open_store, reseal
from kamdesk.db.database import Database
from kamdesk.db.renewal import Renewal
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import files, keystore
from kamdesk.security.pricelock import PriceLock

KEYS, PRICES = "a long enough passphrase", "prices are shut behind this"
KIM = Actor("0192f0c1-0000-7000-8000-000000000001", Role.KAM, "Kim")
AT_ONCE = 40


def opened(folder: Path) -> tuple[Database, PriceLock]:
    """Open the profile and its prices."""
    keys = keystore.read_keystore(folder).open_with_passphrase(KEYS)
    store = open_store.open_existing(folder, keys, KIM)
    store.prices = lock = PriceLock(keys)
    lock.open(PRICES)
    return store, lock


def main(folder: Path, what: str, number: int) -> None:
    """Replace the key, and be killed."""
    reseal.AT_ONCE = AT_ONCE
    store, lock = opened(folder)
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    plain, replaced = store.transact, files.os.replace

    def transact(origin, fn):
        def inner(work):
            value = fn(work)
            if what == "in":
                count()
            return value

        done = plain(origin, inner)
        if what == "after":
            count()
        return done

    def replace(source, target):
        if what == "file":
            count()
        replaced(source, target)

    store.transact = transact  # type: ignore[method-assign]
    files.os.replace = replace
    one = Renewal(store, lock)
    one.renew(PRICES)
    one.seal_anew(lambda _done, _total: None)
    print(seen)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
