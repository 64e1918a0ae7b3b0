"""A head office for every test: real HTTP in front, SQLite and PostgreSQL behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts
from kamdesk.headoffice.server import Server, address_of, bind
from kamdesk.headoffice.store import Store
from kamdesk.security import passwords
from tests.headoffice import cluster
from tests.headoffice.desk import Desk

PASSWORD = "four warm river stones"


@contextmanager
def serving(store: Store, **how: str) -> Iterator[str]:
    """Serve a store on loopback, in a thread, and give its address."""
    server = Server(store, **how)
    taken = bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
    thread.start()
    try:
        yield address_of(taken, is_tls=False)
    finally:
        server.end()
        thread.join(20)
        taken.close()
        assert not thread.is_alive()


@dataclass(slots=True)
class Office:
    """One head office: its store, its address, two territories and the people in them."""

    store: Store
    url: str
    north: str
    south: str

    def customer(self, name: str, territory: str = "", **values: object) -> str:
        """Store one customer and return its id."""
        customer_id = new_id()
        self.edit(
            "customer", customer_id, name=name, territory_id=territory or self.north, **values
        )
        return customer_id

    def edit(self, kind: str, record_id: str, **values: object) -> None:
        """Change a record as head office does."""
        with self.store.write("office") as writer:
            row = writer.get(kind, record_id)
            fresh = {"kind": "hospital", "status": "active"} if kind == "customer" else {}
            standing = row.document if row else fresh
            writer.put(kind, record_id, {**standing, **values})

    def desk(self, login: str = "ann") -> Desk:
        """Enrol a device of a user."""
        return Desk.enrol(self.url, user=login, password=PASSWORD)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash with little memory: dozens of sign-ins are not what these tests are about."""
    before = passwords._MEMORY_KIB
    passwords._MEMORY_KIB = 64
    yield
    passwords._MEMORY_KIB = before


@pytest.fixture(scope="session")
def postgres() -> Iterator[cluster.Cluster]:
    """Run one PostgreSQL for the session; skip where it is not installed."""
    if cluster.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with cluster.running() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Name an empty database, of either sort; what it seals with is in the test's own folder."""
    monkeypatch.setenv("KAMDESK_SEAL_KEY_FILE", str(tmp_path / "office.db.key"))
    if request.param == "sqlite":
        return str(tmp_path / "office.db")
    started: cluster.Cluster = request.getfixturevalue("postgres")
    return started.empty_database()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Open an empty head office."""
    opened = Store.open(database, company="Hehe Pharma")
    yield opened
    opened.close()


@pytest.fixture
def office(store: Store) -> Iterator[Office]:
    """Serve a head office with a rep in the north, a KAM above all, and a rep in the south."""
    land = accounts.add_territory(store, "Land")
    north = accounts.add_territory(store, "North", parent="Land")
    south = accounts.add_territory(store, "South", parent="Land")
    for login, role, place in (("ann", "REP", north), ("kim", "KAM", land), ("sam", "REP", south)):
        accounts.add_user(
            store,
            login=login,
            name=login.title(),
            role=role,
            password=PASSWORD,
            territories=[place],
        )
    with serving(store) as url:
        yield Office(store, url, north, south)
