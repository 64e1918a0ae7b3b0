"""A desktop without a window, to be killed: saves tasks, or attaches files to a visit, and reconciles meanwhile.

Prints the id of every record once its save has returned; what was printed must never be lost.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from kamdesk.db.database import Database
from kamdesk.db.work import Work
from kamdesk.domain.attachments import PIECE
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.services.attachments import NewAttachment, attach
from kamdesk.services.tasks import add_task
from kamdesk.sync.carrier import Carrier
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport


def main(path: str, key: str, user: str, url: str, visit: str = "") -> None:
    """Work until somebody ends it; with a visit, attach files to it until there are as many as there may be."""
    database = Database(Path(path), bytes.fromhex(key), Actor(user, Role.REP))
    transport = Transport(url)
    carrier = carrier_of(database, transport)
    Reconciler(database, transport, carrier=carrier).start()
    print("ready", flush=True)
    while True:
        with suppress(UserError):  # there are enough
            print(_attach(database, carrier, visit) if visit else _save(database), flush=True)
        time.sleep(0.02)


def carrier_of(database: Database, transport: Transport) -> Carrier:
    """Make the cabinet of a store."""
    folder = database.path.parent
    return Carrier(
        database, SealedFiles(folder / "attachments", database._key, "0" * 32), transport, folder
    )


def _save(database: Database) -> str:
    def save(work: Work) -> str:
        return add_task(work, title="Killed while saving", due_on=None)

    return database.transact(Origin.USER, save).value


def _attach(database: Database, carrier: Carrier, visit: str) -> str:
    content = carrier.keep(os.urandom(PIECE + 1000))
    new = NewAttachment(new_id(), "visit", visit, "photo.png", content)
    return database.transact(Origin.USER, lambda work: attach(work, new)).value


if __name__ == "__main__":
    main(*sys.argv[1:])
