"""A head office that can be cut off, and laptops with the real store and the real engine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kamdesk.db import open_store
from kamdesk.db.database import Database
from kamdesk.db.queries.issues import IssueRow, open_issues
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.headoffice import accounts
from kamdesk.headoffice.server import Server, bind
from kamdesk.headoffice.store import Store
from kamdesk.sync import enrol
from kamdesk.sync.engine import Engine
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD, Office


@dataclass
class Keys:
    """What the key store would give."""

    store_key: bytes
    store_id: str
    generation: int = 1


class World(Office):
    """One head office with its users ann, kim and sam, and the line to it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder = folder
        self.file = database or str(folder / "office.db")
        store = Store.open(self.file, company="Hehe Pharma")
        land = accounts.add_territory(store, "Land")
        north = accounts.add_territory(store, "North", parent="Land")
        south = accounts.add_territory(store, "South", parent="Land")
        for login, role, place in (
            ("ann", "REP", north),
            ("kim", "KAM", land),
            ("sam", "REP", south),
        ):
            accounts.add_user(
                store, login=login, name=login.title(), role=role, password=PASSWORD,
                territories=[place],
            )  # fmt: skip
        super().__init__(store, "", north, south)
        self.laptops: list[Laptop] = []
        self._port = 0
        self._stop: Callable[[], None] = lambda: None
        self.connect()

    def connect(self) -> None:
        """Let head office answer, at the same address as before."""
        server = Server(self.store)
        taken = bind("127.0.0.1", self._port)
        self._port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
        thread.start()

        def stop() -> None:
            server.end()
            thread.join(20)
            taken.close()
            assert not thread.is_alive()

        self._stop = stop

    def cut(self) -> None:
        """Cut the line: nobody listens any more."""
        self._stop()
        self._stop = lambda: None

    def laptop(self, login: str = "ann") -> Laptop:
        """Enrol a new computer of a user."""
        enrolled = enrol.enrol(SignIn(self.url, login, PASSWORD, device_name="laptop"))
        folder = self.folder / f"laptop{len(self.laptops)}"
        keys = Keys(os.urandom(32), new_id())
        profile = enrolled.profile
        database = open_store.create(
            folder, keys, Actor(profile.user_id, Role(profile.role), profile.name)
        )
        database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
        one = Laptop(database, Transport(enrolled.server), profile.user_id)
        self.laptops.append(one)
        return one

    def document(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return a record as head office has it."""
        with self.store.write("test") as writer:
            row = writer.get(kind, record_id)
            assert row is not None
            return dict(row.document)

    def close(self) -> None:
        """End everything."""
        self.cut()
        for one in self.laptops:
            one.close()
        self.store.close()


@dataclass
class Laptop:
    """One computer: its store and its line."""

    database: Database
    transport: Transport
    user_id: str
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.database, self.transport)

    def sync(self) -> Laptop:
        """Reconcile once, until nothing is missing."""
        self.engine.reconcile()
        return self

    def do(self, fn: Callable[[Work], Any]) -> Any:
        """Do something as the user."""
        return self.database.transact(Origin.USER, fn).value

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the store."""
        return self.database.read(lambda reader: reader.rows(sql, *values))

    def value(self, sql: str, *values: object) -> Any:
        """Read one value of the store."""
        return self.database.read(lambda reader: reader.value(sql, *values))

    @property
    def issues(self) -> list[IssueRow]:
        """What head office did not take as it was."""
        return self.database.read(open_issues)

    def close(self) -> None:
        """End."""
        self.transport.close()
        self.database.close()


def until(met: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that happens on another thread; fail when it does not."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
