import os
import re
import sys
from pathlib import Path

import pytest

from kamdesk.db.connect import connect


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_open_store_locks_no_memory(tmp_path):
    """Locking block by block took half of a first load's time, and swaps are not kept out by it anyway."""
    connection = connect(tmp_path / "store.db", os.urandom(32))
    try:
        connection.execute("CREATE TABLE visit(id INTEGER PRIMARY KEY, note TEXT)")
        connection.executemany(
            "INSERT INTO visit(note) VALUES(?)",
            (("met the head of cardiology" * 20,) for _ in range(2_000)),
        )
        assert connection.execute("PRAGMA cipher_memory_security").fetchone() == ("1",)
        locked = re.search(r"^VmLck:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
        assert locked
        assert int(locked[1]) < 200  # kB: the heap of the keys, locked as a whole
    finally:
        connection.close()
