"""A desktop without a window, to be killed: saves a task every few milliseconds and reconciles meanwhile.

Prints the id of every task once its save has returned; what was printed must never be lost.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from kamdesk.db.database import Database
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.tasks import add_task
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport


def main(path: str, key: str, user: str, url: str) -> None:
    """Work until somebody ends it."""
    database = Database(Path(path), bytes.fromhex(key), Actor(user, Role.REP))
    Reconciler(database, Transport(url)).start()
    print("ready", flush=True)
    while True:
        done = database.transact(
            Origin.USER, lambda work: add_task(work, title="Killed while saving", due_on=None)
        )
        print(done.value, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
