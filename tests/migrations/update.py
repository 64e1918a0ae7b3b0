"""Opens a profile with today's program and ends. `python -m tests.migrations.update FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from kamdesk.db import open_store
from kamdesk.security.unlock import open_keys
from tests.migrations import write

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    open_store.open_existing(folder, open_keys(folder, write.PASSPHRASE), write.KIM).close()
