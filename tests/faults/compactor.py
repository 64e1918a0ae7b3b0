"""A process that gives back the room of a store, to be killed. `python -m tests.faults.compactor FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from kamdesk.db import compaction
from kamdesk.security import keystore

PASSPHRASE = "correct horse battery"

if __name__ == "__main__":
    where = Path(sys.argv[1])
    assert compaction.compact(where, keystore.read_keystore(where).open_with_passphrase(PASSPHRASE))
