"""A real head office with 100,000 records for the benches of reconciling, and computers that follow it."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kamdesk.db import open_store
from kamdesk.db.database import Database
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import SignIn
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.headoffice import accounts, imports
from kamdesk.headoffice.store import Store
from kamdesk.sync import enrol
from kamdesk.sync.engine import Engine
from kamdesk.sync.protocol import SyncRequest, SyncResponse
from kamdesk.sync.transport import Transport

PASSWORD = "four warm river stones"
_AT_ONCE = 50_000
_NAMES = "复旦大学附属华山医院上海交通瑞金仁济中西结合市立人民第一二三妇幼保健儿童肿瘤"


def fill(path: Path, *, customers: int = 5_000, people: int = 15_000, visits: int = 80_000) -> None:
    """Make a head office with a rep, Ann, and the records of her territory."""
    rng = random.Random(7)
    store = Store.open(str(path), company="Bench")
    north = accounts.add_territory(store, "North")
    user = accounts.add_user(
        store, login="ann", name="Ann", role="REP", password=PASSWORD, territories=[north]
    )
    owner = user if isinstance(user, str) else user.id
    ids = [new_id() for _ in range(customers)]
    imports.store_records(store, "customer", [_customer(rng, one, north) for one in ids])
    met = [(new_id(), rng.choice(ids)) for _ in range(people)]
    imports.store_records(store, "person", [_person(rng, *one) for one in met])
    for start in range(0, visits, _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, visits))
        imports.store_records(
            store, "visit", [_visit(rng, rng.choice(met), owner, number) for number in some]
        )
    store.close()


def back_up(path: Path, copy: Path) -> None:
    """Copy a head office that is being served, with its key."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    shutil.copy(f"{path}.key", f"{copy}.key")


def _customer(rng: random.Random, record_id: str, territory: str) -> dict[str, object]:
    return {
        "id": record_id, "kind": "hospital", "name": "".join(rng.choices(_NAMES, k=10)) + record_id[-4:],
        "pinyin": "fu dan da xue fu shu hua shan yi yuan", "initials": "fddxfshsyy",
        "city": rng.choice(["上海", "杭州", "南京"]), "territory_id": territory, "segment": "A",
        "status": "active", "address": f"{rng.randrange(999)} Zhongshan Road", "phone": "021-6404 1990",
    }  # fmt: skip


def _person(rng: random.Random, record_id: str, customer: str) -> dict[str, object]:
    return {
        "id": record_id, "customer_id": customer, "name": "".join(rng.choices(_NAMES, k=3)),
        "department": "心内科", "title": "主任医师", "pinyin": "chen hao yi", "initials": "chy",
    }  # fmt: skip


def _visit(rng: random.Random, met: tuple[str, str], owner: str, number: int) -> dict[str, object]:
    person, customer = met
    return {
        "id": new_id(), "customer_id": customer, "owner_id": owner, "kind": "call", "state": "completed",
        "held_on": (date(2026, 1, 1) + timedelta(rng.randrange(320))).isoformat(),
        "objective": "Keep the switch protocol on the agenda of the formulary meeting",
        "outcome": f"Supports the protocol; asks for the guideline summary ({number})",
        "next_step": "Send the summary", "met": [person],
    }  # fmt: skip


@contextmanager
def served(path: Path) -> Iterator[str]:
    """Serve a head office in a process of its own; give its address."""
    command = [sys.executable, "-m", "kamdesk.headoffice", "--database", str(path), "serve"]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip().rpartition(" ")[2]
        finally:
            server.terminate()


class Keys:
    """Keys of a throw-away store."""

    def __init__(self) -> None:
        self.store_key, self.store_id, self.generation = os.urandom(32), new_id(), 1


class Counted(Transport):
    """Keeps what came, and how often was asked; without `keeps` nothing."""

    def __init__(self, server: str, *, keeps: bool = True) -> None:
        super().__init__(server)
        self.keeps = keeps
        self.answers: list[SyncResponse] = []

    def sync(self, access: str, request: SyncRequest) -> SyncResponse:
        """Ask, and keep the answer."""
        answer = super().sync(access, request)
        if self.keeps:
            self.answers.append(answer)
        return answer


@dataclass
class Computer:
    """One enrolled computer of Ann's: a store, a line, the engine."""

    url: str
    folder: Path
    keys: Keys = field(default_factory=Keys)
    keeps: bool = True
    database: Database = field(init=False)
    line: Counted = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        enrolled = enrol.enrol(SignIn(self.url, "ann", PASSWORD))
        actor = Actor(enrolled.profile.user_id, Role.REP)
        self.database = open_store.create(self.folder, self.keys, actor)
        self.database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
        self.reach(self.url)

    def reach(self, url: str) -> None:
        """Talk to head office over another address from now on."""
        self.line = Counted(url, keeps=self.keeps)
        self.engine = Engine(self.database, self.line)

    def value(self, sql: str, *values: object) -> Any:
        """Read one value of the store."""
        return self.database.read(lambda reader: reader.value(sql, *values))

    def close(self) -> None:
        """End."""
        self.line.close()
        self.database.close()
