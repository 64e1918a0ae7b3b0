"""Types into the real visit form without a pause until it is killed. `python -m bench.typist FOLDER`.

Says on its output when each letter was typed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bench.save import Keys
from kamdesk.db import open_store
from kamdesk.domain.connection import Profile, Status
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.ui.later import LaterConnection
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow

ME = Actor("user-1", Role.REP, "Li Wei")
PAUSE_MS = 40


def main() -> None:
    """Type until the end."""
    folder, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
    Keys.store_key, Keys.store_id = key, sys.argv[3]
    app = QApplication(sys.argv[:1])
    store = open_store.open_existing(folder, Keys, ME)
    profile = Profile(
        "user-1", "li.wei", "Li Wei", "REP", "East", "Hehe", "http://127.0.0.1:9", "d"
    )
    assert LaterConnection().status() == Status()
    tasks = Tasks()
    window = MainWindow(
        Opened(store, LaterConnection(), profile, store.close),
        tasks,
        Preferences("", lambda _: None),
    )
    window.show()
    window.record_visit()
    while window.form is None:
        app.processEvents()
    for number in range(100_000):
        QTest.keyClicks(window.form.outcome, "x")
        os.write(1, f"{number + 1} {time.time()}\n".encode())
        QTest.qWait(PAUSE_MS)


if __name__ == "__main__":
    main()
