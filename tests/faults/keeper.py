"""A whole profile at work, `python -m tests.faults.keeper FOLDER HOW`: saves, journal, marks, backup, new generations.

HOW: careful, or careless: no folder is flushed. The file `ack` tells each task after it was saved, `noted` the
number of the last change after the journal had it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kamdesk.db import backups, compaction, generations, journal, open_store
from kamdesk.db.caretaker import Caretaker
from kamdesk.security import files, keystore
from tests.faults.saver import ME, add

PASSPHRASE = "correct horse battery"
AT_ONCE, ROUNDS = 3, 4


def main(folder: Path) -> None:
    """Work as a user does over some days, as fast as can be."""
    ack, noted = (
        os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in ("ack", "noted")
    )
    keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    store = open_store.create(folder, keys, ME)
    for turn in range(4):
        caretaker = Caretaker(store, keys, lambda _: None)
        caretaker._keep_ballast = lambda: None  # type: ignore[method-assign]
        caretaker.write_journal()
        for _ in range(ROUNDS):
            for _ in range(AT_ONCE):
                os.write(ack, add(store).encode() + b"\n")
            caretaker.write_journal()
            os.write(noted, f"{store.read(journal.last_lid)}\n".encode())
            caretaker._raise_mark()
        if turn == 1:
            caretaker.back_up()
        caretaker._journal.close()
        open_store.mark_clean(store)
        store.close()
        if turn == 0:
            assert compaction.compact(folder, keys)
        elif turn == 2:
            generations.restore(folder, keys, backups.find(folder)[0].path, ME)
        store = open_store.open_existing(folder, keys, ME)
    store.close()


if __name__ == "__main__":
    if sys.argv[2] == "careless":
        for one in (files, journal, backups):
            one.sync_directory = lambda _: None
    main(Path(sys.argv[1]))
