"""A process that works with a real store until it is killed or done. `python -m tests.faults.saver`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from kamdesk.db import connect, open_store
from kamdesk.db.database import Database
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.tasks import add_task, finish_task

ME = Actor("0192f0c1-0000-7000-8000-000000000001", Role.REP, "Li Wei")


class Keys:
    """Keys of a throw-away store."""

    store_key, store_id, generation = bytes(range(32)), "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", 1


def add(store: Database, title: str = "x") -> str:
    """Save one task; its id."""
    return store.transact(Origin.USER, lambda work: add_task(work, title=title, due_on=None)).value


def main() -> None:
    """Save `--count` tasks, and tell the file `ack` of each one after it was saved."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--synchronous", default="FULL")
    asked = parser.parse_args()
    connect.PRAGMAS = tuple(
        f"synchronous={asked.synchronous}" if one.startswith("synchronous")
        else "wal_autocheckpoint=20" if one.startswith("wal_autocheckpoint") else one
        for one in connect.PRAGMAS
    )  # fmt: skip
    ack = os.open(asked.folder / "ack", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = open_store.create(asked.folder, Keys, ME)
    for number in range(asked.count):
        task = add(store, f"task {number}")
        os.write(ack, task.encode() + b"\n")
        if number % 5 == 4:
            store.transact(Origin.USER, lambda work, one=task: finish_task(work, one))
    store.close()


if __name__ == "__main__":
    main()
