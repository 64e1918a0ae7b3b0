"""Reconciling with a real head office: the first load of 100,000 records, small amounts both ways, a slow line.

"first load": floor: the same records, fetched and parsed, put into a new store of the same kind with executemany in one
transaction, with the indexes of tables and text built at the end. Both are encrypted and synchronous=FULL.
"delta pull", and the bytes of both: floor: the same changes with a bare paged client and server, see `bench.paged`.
"usable", "save wait", "gui gap": the real window (offscreen) while its first load goes on, see `bench.first_load`.
"near-live": from a save on one computer until another has it, both online, forty times; the longest.
"restore": head office goes back to a copy and has lost 500 changes that it had confirmed; floor: a first load.
"first load 1m" takes minutes and runs by itself: `--only million`.
The rows of Anki are what another program reaches with records of the same size, on the same machine: `bench.peers`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench import paged, peers
from bench.near_live import near_live
from bench.office import Computer, Keys, back_up, fill, served
from bench.report import Row, print_rows
from kamdesk.db import apply, buckets, open_store, text_index
from kamdesk.db.connect import connect
from kamdesk.db.records import SPECS, Person
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.keystore import store_file
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.sync.protocol import Page
from tests.sync.proxy import Proxy

ROUNDS, CHANGES, DELTAS = 3, 500, 5
_BIT = 1_000_000 / 8
_AFTER_COPY = 7_000


def _load(computer: Computer) -> tuple[float, int, list[Page]]:
    """Load everything as the program does; return seconds, records and the pages that came."""
    began = time.perf_counter()
    computer.engine.reconcile()
    seconds = time.perf_counter() - began
    count = sum(computer.value(f"SELECT count(*) FROM {kind}") for kind in SPECS)
    assert not computer.database.read(buckets.has_index_left)
    pages = [page for answer in computer.line.answers for page in answer.load_pages]
    return seconds, count, pages


def _floor(pages: list[Page], folder: Path) -> float:
    keys = Keys()
    open_store.create(folder, keys, Actor("u", Role.REP)).close()
    connection = connect(store_file(folder, 1), keys.store_key)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        "AND tbl_name NOT LIKE 'sync_%'"
    ).fetchall()
    rows = [(page, list(page.puts())) for page in pages]
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for page, puts in rows:
        apply._upsert(connection, SPECS[page.k], page.c, puts)
    for _, sql in indexes:
        connection.execute(sql)
    for spec in SPECS.values():
        after = 0
        while spec.searchable and (
            after := text_index.index_after(connection, spec, after, 20_000)
        ):
            pass
    connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def first_loads(url: str, folder: Path) -> tuple[list[Row], list[Computer], float]:
    """Load in turns, the program and its floor, and compare their medians; give the seconds too."""
    ours, floors, computers = [], [], []
    for number in range(ROUNDS):
        computers.append(Computer(url, folder / f"one{number}"))
        seconds, count, pages = _load(computers[-1])
        ours.append(count / seconds)
        floors.append(count / _floor(pages, folder / f"two{number}"))
        computers[-1].line.answers.clear()
    value, floor = median(ours), median(floors)
    row = Row("first load 100k", "records/s", value, floor, floor / value, 2.5)
    return [row], computers, count / value


def first_million(folder: Path) -> list[Row]:
    """Load a million records; how fast, and how much memory the process has had at the most."""
    size = "customers=5_000, people=15_000, visits=980_000"
    made = f"from bench.office import fill; from pathlib import Path; fill(Path({str(folder / 'm.db')!r}), {size})"
    subprocess.run(
        [sys.executable, "-c", made], check=True
    )  # in a process of its own: it needs memory too
    with served(folder / "m.db") as url:
        one = Computer(url, folder / "million", keeps=False)
        seconds = _seconds(one.engine.reconcile)
        count = sum(one.value(f"SELECT count(*) FROM {kind}") for kind in SPECS)
        one.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row("first load 1m", "records/s", count / seconds, None, None, None),
        Row("first load 1m, memory", "MB", peak, None, None, 400.0),
    ]


# ---- a restored head office


def restored(one: Computer, url: str, copy: Path, first: float) -> list[Row]:
    """Reconcile after head office went back to a copy from before the last 500 changes that it had confirmed."""
    _move(one, url)
    seconds = _seconds(one.engine.reconcile)
    assert not one.value("SELECT count(*) FROM sync_op WHERE st = 'queued'")
    with closing(sqlite3.connect(copy)) as office:
        [(back,)] = office.execute(
            "SELECT count(*) FROM sync_row WHERE data LIKE ?", (f'%主任医师 {_AFTER_COPY}"%',)
        ).fetchall()
    return [
        Row("restore 100k", "s", seconds, first, seconds / first, 1.5),
        Row("restore 100k, edits lost", "", CHANGES - back, None, None, 0.0),
    ]


# ---- small amounts


def _some(computer: Computer, number: int) -> list[str]:
    """Choose people who stand apart from each other, others each time."""
    ids = computer.database.read(lambda reader: reader.rows("SELECT id FROM person ORDER BY id"))
    return [ids[(at * 37 + number * 5) % len(ids)][0] for at in range(CHANGES)]


def _change(computer: Computer, number: int) -> list[str]:
    """Change some people as a user does, one by one; return their ids."""
    ids = _some(computer, number)
    for record_id in ids:

        def edit(work: Any, record_id: str = record_id) -> None:
            work.get(Person, record_id).title = f"主任医师 {number}"

        computer.database.transact(Origin.USER, edit)
    return ids


def deltas(one: Computer, two: Computer, url: str, folder: Path) -> list[Row]:
    """Hand in 500 changes on one computer, take them in on another; in turns with the floor, and with bytes last."""
    two.engine.reconcile()
    for computer in (one, two):
        computer.line.answers.clear()
    pushes, pulls, floors, bare_pushes, requests_of = [], [], [], [], []
    with paged.running(two.database.path, two.keys.store_key, folder / "bare") as (bare, bare_url):
        gc.collect()
        gc.freeze()  # as the program does when it is ready
        for number in range(DELTAS):
            ids = _change(one, number)
            for computer, spent in ((one, pushes), (two, pulls)):
                computer.line.answers.clear()
                spent.append(_seconds(computer.engine.reconcile) * 1e3)
                requests_of.append(len(computer.line.answers))
            title = f"主任医师 {number}"
            assert two.value("SELECT title FROM person WHERE id = ?", ids[-1]) == title
            bare.ask("POST", "/touch", json.dumps({"ids": ids, "title": title}).encode())
            floors.append(_seconds(lambda: _took(bare.pull())) * 1e3)
            bare_pushes.append(_seconds(lambda ids=ids: bare.push("person", ids)) * 1e3)  # type: ignore[misc]
            bare.pull()
        rows = _delta_bytes(one, two, url, bare, bare_url)
    push, pull, floor, bare_push = map(median, (pushes, pulls, floors, bare_pushes))
    return [
        Row("delta push 500", "ms", push, None, None, 250.0),
        Row("delta push 500, bare", "ms", bare_push, None, None, None),
        Row("delta pull 500", "ms", pull, floor, pull / floor, 2.0),
        Row("delta requests, most", "", max(requests_of), None, None, 1.0),
        *rows,
    ]


def _took(count: int) -> None:
    assert count == CHANGES


def _delta_bytes(
    one: Computer, two: Computer, url: str, bare: paged.Client, bare_url: str
) -> list[Row]:
    """Count what the same changes put on the line, with headers."""
    number = DELTAS
    ids = _change(one, number)
    push, pull = (
        _carried(url, lambda to, it=it: _move(it, to), lambda it=it: it.engine.reconcile())  # type: ignore[misc]
        for it in (one, two)
    )
    bare.ask("POST", "/touch", json.dumps({"ids": ids, "title": f"主任医师 {number}"}).encode())
    bare_pull = _carried(bare_url, bare.reach, bare.pull)
    bare_push = _carried(bare_url, bare.reach, lambda: bare.push("person", ids))
    return [
        Row("delta push 500, bytes", "bytes", push, bare_push, push / bare_push, 1.2),
        Row("delta pull 500, bytes", "bytes", pull, bare_pull, pull / bare_pull, 1.2),
    ]


def _move(computer: Computer, url: str) -> None:
    """Reach head office over another address, with the token that there is."""
    access = computer.engine.access
    computer.reach(url)
    computer.engine.access = access


def _carried(url: str, reach: Callable[[str], None], act: Callable[[], object]) -> int:
    """Give the bytes of what a client does, both ways."""
    with closing(Proxy(int(url.rpartition(":")[2]))) as proxy:
        reach(proxy.url)
        act()
        time.sleep(0.05)  # it counts what it has passed on
        carried = proxy.carried
    reach(url)
    return carried


def idle(one: Computer, url: str) -> list[Row]:
    """Reconcile when there is nothing to do: requests, and bytes on the line with their headers."""
    proxy = Proxy(int(url.rpartition(":")[2]))
    one.reach(proxy.url)
    one.engine.reconcile()  # a token, and the connection
    one.line.answers.clear()
    proxy.carried = 0
    one.engine.reconcile()
    rows = [
        Row("idle, requests", "", len(one.line.answers), None, None, 1.0),
        Row("idle", "bytes", proxy.carried, None, None, 1200.0),
    ]
    proxy.close()
    one.reach(url)
    return rows


def slow_line(one: Computer, two: Computer, url: str) -> list[Row]:
    """Reconcile 1,000 changes, half of them each way, over 1 Mbit/s and 300 ms."""
    for number in range(CHANGES):
        entry = VisitEntry(new_id(), one.value("SELECT id FROM customer LIMIT 1"),
                           held_on=clock.today(), objective=f"formulary meeting {number}")  # fmt: skip
        two.database.transact(Origin.USER, lambda work, entry=entry: plan_visit(work, entry))
    two.engine.reconcile()
    _change(one, 99)
    proxy = Proxy(int(url.rpartition(":")[2]), seconds=0.15, bytes_per_second=_BIT)
    one.reach(proxy.url)
    spent = _seconds(one.engine.reconcile)
    assert (
        one.value("SELECT count(*) FROM visit WHERE objective LIKE 'formulary meeting %'")
        >= CHANGES
    )
    assert not one.value("SELECT count(*) FROM sync_op WHERE st = 'queued'")
    proxy.close()
    one.reach(url)
    return [Row("slow link, 1,000 changes", "s", spent, None, None, 20.0)]


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def window(url: str, folder: Path) -> list[Row]:
    """Measure the window during a first load, in a process of its own."""
    command = [sys.executable, "-m", "bench.first_load", url, str(folder)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return [Row(**one) for one in json.loads(told)]


def main() -> int:
    """Measure everything, or the parts that were asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--only", choices=("load", "delta", "window", "restore", "million", "peers")
    )
    asked, _ = parser.parse_known_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.only == "million":
            return print_rows(first_million(folder))
        if asked.only == "peers":
            return print_rows(list(peers.anki()))
        fill(folder / "office.db")
        rows = _measured(folder, asked.only)
    if asked.only is None:
        rows += peers.anki()
    return print_rows(rows)


def _measured(folder: Path, only: str | None) -> list[Row]:
    rows: list[Row] = []
    office, copy = folder / "office.db", folder / "copy.db"
    computers: list[Computer] = []
    first = 0.0
    with served(office) as url:
        if only == "delta":
            computers = [Computer(url, folder / f"one{number}") for number in range(2)]
            for one in computers:
                one.engine.reconcile()
        elif only != "window":
            rows, computers, first = first_loads(url, folder)
        if only in {None, "delta"}:
            one, two = computers[:2]
            rows += deltas(one, two, url, folder)
            rows += idle(one, url)
            rows += near_live(one, two)
            for computer in (one, two):
                computer.reach(url)  # what ran beside has closed its line
            rows += slow_line(one, two, url)
        if only in {None, "window"}:
            rows += window(url, folder / "profile")
        if only in {None, "restore"}:
            # A token from before: one that the copy does not know leads to the sign-in, not to the edits
            computers[0].engine.reconcile()
            back_up(office, copy)
            _change(computers[0], _AFTER_COPY)
            computers[0].engine.reconcile()
    if only in {None, "restore"}:
        with served(copy) as url:
            rows += restored(computers[0], url, copy, first)
    for computer in computers:
        computer.close()
    return rows


if __name__ == "__main__":
    sys.exit(main())
