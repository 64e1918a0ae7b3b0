"""On PostgreSQL commits share their way to the disk; what was told of them is there after a power cut."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from kamdesk.domain.ids import new_id
from kamdesk.headoffice.durable import Disk, is_behind
from kamdesk.headoffice.store import Store
from tests.headoffice import cluster

pytestmark = pytest.mark.postgres
TASK = {"title": "t", "state": "open", "assignee_id": "x"}


@pytest.fixture(scope="module")
def server():
    if cluster.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    # Nobody else writes to the disk within the seconds of a test
    with cluster.running(durable=True, more=" -c wal_writer_delay=10s") as started:
        yield started


@pytest.fixture
def store(server):
    with closing(Store.open(server.empty_database(), company="Hehe Pharma")) as opened:
        yield opened


def _add(store: Store) -> str:
    with store.write("test") as writer:
        return writer.put("task", new_id(), TASK).id


def _is_there(store: Store, record_id: str) -> bool:
    with store.write("test") as writer:
        return writer.get("task", record_id) is not None


def test_what_was_told_survives_a_power_cut(server, store, monkeypatch):
    told: list[str] = []
    writers = [
        threading.Thread(target=lambda: told.extend(_add(store) for _ in range(5)))
        for _ in range(4)
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    server.crash()
    monkeypatch.setattr("kamdesk.headoffice.store._REST", 0.0)  # a restart takes longer than here
    assert len(told) == 20
    assert all(_is_there(store, record_id) for record_id in told)


def test_who_reads_what_is_not_durable_waits_before_telling_it(server, store, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Disk, "wait", lambda self: None)
        record_id = _add(store)
    with store.read() as connection:
        behind = is_behind(connection)
    assert behind
    store.settle()
    with store.read() as connection:
        assert not is_behind(connection)
    server.crash()
    monkeypatch.setattr("kamdesk.headoffice.store._REST", 0.0)
    assert _is_there(store, record_id)


def test_waiting_is_what_makes_it_durable(server, store, monkeypatch):
    monkeypatch.setattr(Disk, "wait", lambda self: None)
    record_id = _add(store)
    server.crash()
    monkeypatch.setattr("kamdesk.headoffice.store._REST", 0.0)
    assert not _is_there(store, record_id)


def test_one_way_to_the_disk_serves_all_who_wait(store):
    ways = 0
    plain = store.disk._engine.connect

    def connect():
        nonlocal ways
        ways += 1
        if ways == 1:
            others.wait(10)  # until everybody else waits for the next way
        return plain()

    others = threading.Event()
    store.disk._engine = SimpleNamespace(connect=connect)
    first = threading.Thread(target=store.settle)
    first.start()
    rest = [threading.Thread(target=store.settle) for _ in range(6)]
    for one in rest:
        one.start()
    while len(store.disk._state._waiters) < len(rest):
        time.sleep(0.001)
    others.set()
    for one in [first, *rest]:
        one.join(20)
    assert ways == 2


def test_a_way_that_fails_fails_for_all_who_waited(store):
    def connect():
        raise OSError("no way")

    plain, store.disk._engine = store.disk._engine, SimpleNamespace(connect=connect)
    with pytest.raises(OSError, match="no way"):
        store.settle()
    store.disk._engine = plain
    store.settle()
