"""A visit "saved" durably through the service, against the raw commit of the same rows."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import Row, print_rows
from kamdesk.db import open_store
from kamdesk.db.connect import connect
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.keystore import store_file
from kamdesk.services.visits import VisitEntry, plan_visit

ROUNDS, SAVES = 5, 200
TABLES = ("visit", "sync_op")


class Keys:
    """Keys of a throw-away store."""

    store_key, store_id, generation = os.urandom(32), new_id(), 1


def _entry() -> VisitEntry:
    return VisitEntry(
        new_id(), "c", held_on=clock.today(), objective="formulary meeting", held_at="09:30"
    )


def _saves(store: Any) -> list[float]:
    times = []
    for _ in range(SAVES):
        entry = _entry()
        began = time.perf_counter()
        store.transact(Origin.USER, lambda work, entry=entry: plan_visit(work, entry))
        times.append(time.perf_counter() - began)
    return times


def _raw(connection: Any, rows: list[tuple[str, tuple[Any, ...]]]) -> list[float]:
    times = []
    for number in range(SAVES):
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in rows:
            connection.execute(sql, (f"{number}{new_id()}", *values))
        connection.execute("COMMIT")
        times.append(time.perf_counter() - began)
    return times


def _copies(connection: Any, sample: Any) -> list[tuple[str, tuple[Any, ...]]]:
    rows = []
    for table in TABLES:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        keep = [name for name in names if name not in {"_n", "lid", "id"}]
        values = sample.execute(f"SELECT {', '.join(keep)} FROM {table} LIMIT 1").fetchone()
        marks = ",".join("?" * (len(keep) + 1))
        rows.append((f"INSERT INTO {table}(id, {', '.join(keep)}) VALUES({marks})", tuple(values)))
    return rows


def main() -> int:
    """Take turns between the service and the raw floor, and compare their medians."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        store = open_store.create(Path(one), Keys, Actor("u", Role.REP))
        open_store.create(Path(two), Keys, Actor("u", Role.REP)).close()
        ours = _saves(store)
        sample = connect(store_file(Path(one), 1), Keys.store_key)
        floor_store = connect(store_file(Path(two), 1), Keys.store_key)
        rows = _copies(floor_store, sample)
        ours, raw = [], []
        for _ in range(ROUNDS):
            raw += _raw(floor_store, rows)
            ours += _saves(store)
        sample.close()
        floor_store.close()
        store.close()
    value, floor = median(ours) * 1e6, median(raw) * 1e6
    return print_rows([Row("saved p50", "us", value, floor, value / floor, 4.0)])


if __name__ == "__main__":
    sys.exit(main())
