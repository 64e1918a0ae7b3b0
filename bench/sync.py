"""The "first load" of 100,000 records from a real head office into a real store, searchable at the end.

Floor: the same records, fetched and parsed, put into a new store of the same kind with executemany in one
transaction, with the indexes of tables and text built at the end. Both are encrypted and synchronous=FULL.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import Row, print_rows
from kamdesk.db import apply, buckets, open_store, text_index
from kamdesk.db.connect import connect
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.headoffice import accounts, imports
from kamdesk.headoffice.store import Store
from kamdesk.security.keystore import store_file
from kamdesk.sync import enrol
from kamdesk.sync.engine import Engine
from kamdesk.sync.protocol import Page
from kamdesk.sync.transport import Transport

CUSTOMERS, PEOPLE, VISITS = 5_000, 15_000, 80_000
PASSWORD = "four warm river stones"
ROUNDS = 3


class Keys:
    """Keys of a throw-away store."""

    def __init__(self) -> None:
        self.store_key, self.store_id, self.generation = os.urandom(32), new_id(), 1


def _fill(path: Path) -> None:
    rng = random.Random(7)
    store = Store.open(str(path), company="Bench")
    north = accounts.add_territory(store, "North")
    user = accounts.add_user(
        store, login="ann", name="Ann", role="REP", password=PASSWORD, territories=[north]
    )
    user_id = user if isinstance(user, str) else user.id
    names = "复旦大学附属华山医院上海交通瑞金仁济中西结合市立人民第一二三妇幼保健儿童肿瘤"
    customers = [new_id() for _ in range(CUSTOMERS)]
    imports.store_records(
        store, "customer",
        [
            {
                "id": one, "kind": "hospital", "name": "".join(rng.choices(names, k=10)) + str(number),
                "pinyin": "fu dan da xue fu shu hua shan yi yuan", "initials": "fddxfshsyy",
                "city": rng.choice(["上海", "杭州", "南京"]), "territory_id": north, "segment": "A",
                "status": "active", "address": f"{number} Zhongshan Road", "phone": "021-6404 1990",
            }
            for number, one in enumerate(customers)
        ],
    )  # fmt: skip
    people = [(new_id(), rng.choice(customers)) for _ in range(PEOPLE)]
    imports.store_records(
        store, "person",
        [
            {"id": one, "customer_id": customer, "name": "".join(rng.choices(names, k=3)),
             "department": "心内科", "title": "主任医师", "pinyin": "chen hao yi", "initials": "chy"}
            for one, customer in people
        ],
    )  # fmt: skip
    first = date(2026, 1, 1)
    imports.store_records(
        store, "visit",
        [
            {
                "id": new_id(), "customer_id": rng.choice(customers), "owner_id": user_id, "kind": "call",
                "state": "completed", "held_on": (first + timedelta(rng.randrange(320))).isoformat(),
                "objective": "Keep the switch protocol on the agenda of the formulary meeting",
                "outcome": f"Supports the protocol; asks for the guideline summary ({number})",
                "next_step": "Send the summary", "met": [rng.choice(people)[0]],
            }
            for number in range(VISITS)
        ],
    )  # fmt: skip
    store.close()


def _load(url: str, folder: Path) -> tuple[float, int, list[Page]]:
    """Load everything as the program does; return seconds, records and the pages that came."""
    enrolled = enrol.enrol(SignIn(url, "ann", PASSWORD))
    keys = Keys()
    database = open_store.create(folder, keys, Actor(enrolled.profile.user_id, Role.REP))
    database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
    transport = Transport(url)
    pages: list[Page] = []
    real = transport.sync

    def kept(access: str, request: Any) -> Any:
        answer = real(access, request)
        pages.extend(answer.load_pages)
        return answer

    transport.sync = kept  # type: ignore[method-assign]
    began = time.perf_counter()
    Engine(database, transport).reconcile()
    seconds = time.perf_counter() - began
    count = database.read(
        lambda reader: sum(reader.value(f"SELECT count(*) FROM {kind}") for kind in SPECS)
    )
    assert not database.read(buckets.has_index_left)
    transport.close()
    database.close()
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


def main() -> int:
    """Load in turns, the program and its floor, and compare their medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder / "office.db")
        command = [
            sys.executable,
            "-m",
            "kamdesk.headoffice",
            "--database",
            str(folder / "office.db"),
        ]
        with subprocess.Popen(
            [*command, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip().rpartition(" ")[2]
            ours, floors, count = [], [], 0
            for number in range(ROUNDS):
                seconds, count, pages = _load(url, folder / f"one{number}")
                ours.append(count / seconds)
                floors.append(count / _floor(pages, folder / f"two{number}"))
            server.terminate()
    value, floor = median(ours), median(floors)
    print(f"{count} records")
    return print_rows([Row("first load", "records/s", value, floor, floor / value, 5.0)])


if __name__ == "__main__":
    sys.exit(main())
