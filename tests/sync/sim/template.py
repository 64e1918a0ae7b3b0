"""What every run begins with, made once per process: a small head office and the laptops enrolled there."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from kamdesk.db import apply, open_store
from kamdesk.domain import attachments, clock, ids
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.headoffice import accounts, blobs, commit, comparing, devices
from kamdesk.headoffice.commit import Writer
from kamdesk.sync import carrier, enrol, intake, planner, portions
from kamdesk.sync.protocol import EnrollRequest
from tests.sync.sim.secrets import MARK
from tests.sync.sim.stores import Keys, MemoryDatabase, SimStore, clone, empty_device, new_office

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
CREWS = (
    ("ann", "kim"),
    ("ann", "ann"),
    ("kim", "kim", "ann"),
    ("ann", "ann", "kim"),
    ("sam", "kim"),
)
CUSTOMERS = 4


class Time:
    """Virtual time: one true clock, and how far the clock of whoever works just now is off."""

    def __init__(self) -> None:
        self.true = START
        self.off = timedelta()

    def now(self) -> datetime:
        """Tell the time as it is shown where the work is done."""
        return self.true + self.off


@contextmanager
def virtual(time: Time, rng: random.Random) -> Iterator[None]:
    """Let nothing of a run depend on anything but its seed: clock, ids, nonces, samples, speeds."""

    def tick() -> float:
        tick.at += rng.choice((0.0001, 0.004, 0.02))  # type: ignore[attr-defined]
        return tick.at  # type: ignore[attr-defined,no-any-return]

    tick.at = 0.0  # type: ignore[attr-defined]
    made = SimpleNamespace(randbits=rng.getrandbits)
    with ExitStack() as stack:
        stack.enter_context(clock.frozen(time.now))
        for module, name, value in (
            (ids, "os", SimpleNamespace(urandom=rng.randbytes)),
            (ids, "time", SimpleNamespace(time_ns=lambda: int(time.true.timestamp() * 1e9))),
            (commit, "secrets", made),
            (comparing, "random", rng),
            (intake, "time", SimpleNamespace(perf_counter=tick)),
            (intake, "FEWEST_ROWS", 1),
            (intake, "STEP_ROWS", 2),
            (intake, "MOST_ROWS", 4),
            (apply, "AT_ONCE", 3),
            (planner, "ROWS_AT_ONCE", 9),
            (planner, "ROWS_OF_FIRST_LOAD", 9),
            (attachments, "PIECE", 8),
            (carrier, "PIECE", 8),
            (blobs, "PIECE", 8),
            (portions, "time", SimpleNamespace(perf_counter=tick)),
            (portions, "MOST", 1),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are in the prepared head office."""

    north: str
    south: str
    customers: tuple[str, ...]
    product: str
    users: dict[str, str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A head office and laptops in memory, to be copied."""

    office: Any
    laptops: dict[str, tuple[Any, Actor]]  # by login and number
    enrolled: dict[str, enrol.Enrolled]
    place: Place


@cache
def prepared() -> Prepared:
    """Make what every run begins with."""
    rng = random.Random(0)
    with virtual(Time(), rng):
        raw, store = new_office()
        place = _people_and_customers(store)
        laptops: dict[str, tuple[Any, Actor]] = {}
        enrolled: dict[str, enrol.Enrolled] = {}
        tables = empty_device()
        for login in ("ann", "kim", "sam"):
            for number in range(2):
                name = f"{login}{number}"
                enrolled[name] = introduce(store, login, key_of(name))
                actor = actor_of(enrolled[name])
                laptop = clone(tables)
                MemoryDatabase(laptop, actor).transact(
                    Origin.SYNC, lambda work, name=name: enrol.remember(work, enrolled[name])
                )
                laptops[name] = (laptop, actor)
    return Prepared(raw, laptops, enrolled, place)


def key_of(name: str) -> bytes:
    """Give the signing key of one laptop."""
    return hashlib.sha256(name.encode()).digest()


def actor_of(enrolled: enrol.Enrolled) -> Actor:
    """Give the user of a laptop as the rules know him."""
    profile = enrolled.profile
    return Actor(profile.user_id, Role(profile.role), profile.name)


def introduce(store: SimStore, login: str, key: bytes) -> enrol.Enrolled:
    """Enrol a computer by its own key, as at a sign-in."""
    code = devices.issue_code(store, login)
    request = EnrollRequest(
        "laptop", "sim", "0", base64.b64encode(enrol.public_key(key)).decode(), code=code
    )
    return enrol.Enrolled("http://127.0.0.1", devices.enrol(store, request, "127.0.0.1"), key)


def _people_and_customers(store: SimStore) -> Place:
    land = accounts.add_territory(store, "Land")
    north = accounts.add_territory(store, "North", parent="Land")
    south = accounts.add_territory(store, "South", parent="Land")
    users = {
        login: accounts.add_user(
            store, login=login, name=login.title(), role=role, territories=[place]
        )
        for login, role, place in (
            ("ann", "REP", north),
            ("kim", "KAM", land),
            ("sam", "REP", south),
        )
    }
    made = []
    with store.write("office") as writer:
        for number in range(CUSTOMERS):
            made.append(ids.new_id())
            writer.put("customer", made[-1], {
                "name": f"Hospital {number}", "kind": "hospital", "status": "active",
                "territory_id": south if number == CUSTOMERS - 1 else north,
                "phone": f"~{number}", "email": f"~e{number}", "city": "~c", "province": "~p",
                "pinyin": f"yi yuan {number}", "initials": f"yy{number}",
            })  # fmt: skip
        product = ids.new_id()
        writer.put("product", product, {"name": "Product", "status": "active"})
        for number, customer in enumerate(made[-2:]):
            _priced_contract(writer, customer, users["kim"], product, number)
    return Place(north, south, tuple(made), product, users)


def _priced_contract(writer: Writer, customer: str, owner: str, product: str, number: int) -> None:
    contract, line = ids.new_id(), ids.new_id()
    belongs = {"customer_id": customer}
    writer.put("contract", contract, {
        **belongs, "owner_id": owner, "title": f"~contract{number}.", "type": "sales", "state": "draft",
    })  # fmt: skip
    writer.put("contract_line", line, {
        **belongs, "contract_id": contract, "position": 1, "product_id": product, "volume": 10,
    })  # fmt: skip
    price = f"{number + 1}{MARK}"
    writer.put("contract_line_price", line, {**belongs, "line_id": line, "net_price": price})


def file_template(folder: Path, name: str) -> Path:
    """Make one laptop of the prepared head office on disk, encrypted, to be copied."""
    target = folder / name
    one = prepared().enrolled[name]
    with virtual(Time(), random.Random(1)):
        database = open_store.create(target, Keys(), actor_of(one))
        database.transact(Origin.SYNC, lambda work: enrol.remember(work, one))
        open_store.mark_clean(database)
        database.close()
    return target
