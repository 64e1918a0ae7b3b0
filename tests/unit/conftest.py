"""A real encrypted store in a temporary folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kamdesk.db import open_store, text_index
from kamdesk.db.database import Database
from kamdesk.db.records import Customer
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role

ME = Actor("0192f0c1-0000-7000-8000-000000000001", Role.REP, "李伟")
HUASHAN = "0192f0c1-0000-7000-8000-00000000000a"
MARY = "0192f0c1-0000-7000-8000-00000000000b"


@dataclass(frozen=True)
class Keys:
    """What the key store would give."""

    store_key: bytes
    store_id: str = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"
    generation: int = 1


@pytest.fixture
def keys() -> Keys:
    return Keys(os.urandom(32))


@pytest.fixture
def store(tmp_path: Path, keys: Keys) -> Iterator[Database]:
    database = open_store.create(tmp_path, keys, ME)
    database.transact(Origin.SYNC, _two_hospitals)
    yield database
    database.close()


def _two_hospitals(work):
    for record_id, name, pinyin, initials, city in (
        (
            HUASHAN,
            "复旦大学附属华山医院",
            "fu dan da xue fu shu hua shan yi yuan",
            "fddxfshsyy",
            "上海",
        ),
        (MARY, "St Mary's Hospital", None, "smh", "London"),
    ):
        work.driver.execute(
            "INSERT INTO customer(id, _rev, _b, kind, name, pinyin, initials, city, phone, segment)"
            " VALUES(?,1,?,'hospital',?,?,?,?,'021-1','A')",
            (record_id, f"acct:{record_id}", name, pinyin, initials, city),
        )
    text_index.index_ids(work.driver, Customer.spec(), [HUASHAN, MARY])
