"""An encrypted store with many customers and 300,000 visits, made once and kept in an ignored folder.

`python -m bench.big_store FOLDER ROWS` makes one. It is filled with the raw driver and without memory
security, which a process cannot turn off again: so the making has a process of its own.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import cipher, open_store, revisions, text_index
from kamdesk.db.database import Database
from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.keystore import store_file

ROOT = Path(__file__).resolve().parents[1] / ".bench"
VISITS = 300_000
ME = Actor("user-0", Role.KAM)
_SEED = 11
_CITIES = (
    "上海 shang hai|杭州 hang zhou|南京 nan jing|苏州 su zhou|宁波 ning bo|无锡 wu xi|温州 wen zhou|徐州 xu zhou|"
    "北京 bei jing|广州 guang zhou|深圳 shen zhen|成都 cheng du|武汉 wu han|西安 xi an|长沙 chang sha|济南 ji nan"
)
_DISTRICTS = (
    "浦东 pu dong|中山 zhong shan|华山 hua shan|江宁 jiang ning|海曙 hai shu|鼓楼 gu lou|天河 tian he|南山 nan shan|"
    "武侯 wu hou|雁塔 yan ta|岳麓 yue lu|历下 li xia|虎丘 hu qiu|西湖 xi hu|滨江 bin jiang|瑞金 rui jin|仁济 ren ji"
)
_SORTS = (
    "人民 ren min|中心 zhong xin|中医 zhong yi|妇幼保健 fu you bao jian|儿童 er tong|肿瘤 zhong liu|口腔 kou qiang|"
    "第一 di yi|第二 di er|第三 di san|中西医结合 zhong xi yi jie he|附属 fu shu|康复 kang fu|"
    "精神卫生 jing shen wei sheng"
)
_LATIN = [
    "Smith",
    "Jones",
    "Miller",
    "Baker",
    "Walker",
    "Mary",
    "John",
    "George",
    "Luke",
    "Thomas",
    "Hall",
    "Green",
]
_KINDS = ("Hospital", "Clinic", "Medical Centre", "Surgery")


class Keys:
    """The key of a store that holds nothing real."""

    store_key, store_id, generation = b"bench store key, 32 bytes long..", "bench-store", 1
    high_water = 0

    def set_generation(self, generation: int) -> None:
        """Refuse: a store of an older form is made anew."""
        raise NotImplementedError


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(one.split(" ", 1)[0], one.split(" ", 1)[1]) for one in text.split("|")]


def open_big(rows: int) -> Database:
    """Open the store with so many customers, making it first where there is none of this form."""
    folder = ROOT / f"store-{rows}"
    if not _marker(folder).exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(
            [sys.executable, "-m", "bench.big_store", str(folder), str(rows)], check=True
        )
    return open_store.open_existing(folder, Keys(), ME)


def _marker(folder: Path) -> Path:
    return folder / f"whole-{revisions.newest()}-{cipher.FORMS[0].lower()}"


def customers(rows: int) -> Iterator[dict[str, Any]]:
    """Give made-up hospitals: nine in ten Chinese, with the spelling that head office would store."""
    rng = random.Random(_SEED)
    cities, districts, sorts = _pairs(_CITIES), _pairs(_DISTRICTS), _pairs(_SORTS)
    for number in range(rows):
        city = rng.choice(cities)
        if number % 10:
            parts = [city, rng.choice(districts), rng.choice(sorts), rng.choice(sorts)]
            name = "".join(part[0] for part in parts) + f"医院{number}"
            pinyin = " ".join(part[1] for part in parts) + f" yi yuan {number}"
            initials = "".join(one[0] for one in pinyin.split()[:-1])
        else:
            name = f"{rng.choice(_LATIN)} {rng.choice(_LATIN)} {rng.choice(_KINDS)} {number}"
            pinyin, initials = "", "".join(one[0] for one in name.lower().split()[:-1])
        yield {
            "_n": number + 1, "id": f"customer-{number}", "_rev": 1, "_b": f"acct:customer-{number}",
            "kind": "hospital", "name": name, "pinyin": pinyin or None, "initials": initials,
            "aliases": None, "code": f"H{number:07}", "city": city[0], "province": city[0], "grade": "III A",
            "segment": "ABC"[min(2, int(rng.random() ** 0.4 * 3))], "status": "active",
            "address": f"{number % 900} Zhongshan Road", "phone": f"021-{number:08}",
        }  # fmt: skip


def visits(rows: int) -> Iterator[dict[str, Any]]:
    """Give made-up visits of the last two years, a few of them planned."""
    rng = random.Random(_SEED)
    today = clock.today()
    for number in range(VISITS):
        away = rng.randrange(-700, 8)
        yield {
            "_n": number + 1, "id": f"visit-{number}", "_rev": 1, "_b": "acct:x",
            "customer_id": f"customer-{rng.randrange(rows)}", "owner_id": f"user-{number % 8}",
            "kind": "call", "state": "planned" if away > 0 else "completed",
            "held_on": (today + timedelta(away)).isoformat(), "held_at": f"{8 + number % 10:02}:00",
            "objective": "Keep the switch protocol on the agenda of the formulary meeting",
            "outcome": f"Supports the protocol; asks for the guideline summary ({number})",
            "next_step": "Send the summary", "met": "[]",
        }  # fmt: skip


def tasks(rows: int) -> Iterator[dict[str, Any]]:
    """Give made-up tasks, most of them done."""
    rng = random.Random(_SEED)
    today = clock.today()
    for number in range(VISITS // 3):
        yield {
            "_n": number + 1, "id": f"task-{number}", "_rev": 1, "_b": "acct:x", "title": "Send the summary",
            "due_on": (today + timedelta(rng.randrange(-700, 60))).isoformat(), "priority": "normal",
            "state": "open" if number % 10 == 0 else "done", "assignee_id": f"user-{number % 8}",
            "customer_id": f"customer-{rng.randrange(rows)}",
            "done_at": None if number % 10 == 0 else "2026-01-01T08:00:00Z",
        }  # fmt: skip


def _fill(connection: Any, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = ", ".join(first)
    sql = f"INSERT INTO {table}({names}) VALUES({','.join('?' * len(first))})"
    connection.execute(sql, tuple(first.values()))
    connection.executemany(sql, (tuple(row.values()) for row in rows))


def _make(folder: Path, rows: int) -> None:
    create = "from pathlib import Path; from bench.big_store import *; open_store.create(Path(r'{}'), Keys, ME).close()"
    subprocess.run([sys.executable, "-c", create.format(folder)], check=True)
    connection = driver.connect(str(store_file(folder, 1)), isolation_level=None)
    cipher.unlock(connection, Keys.store_key)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=OFF",
        "cache_size=-400000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    tables = "('customer','visit','task')"
    indexes = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {tables}"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for table, made in (
        ("customer", customers(rows)),
        ("visit", visits(rows)),
        ("task", tasks(rows)),
    ):
        _fill(connection, table, made)
    connection.execute(
        "INSERT INTO colleague(id, _rev, _b, name, role, status) "
        "VALUES('user-0', 1, 'ref', 'Ann', 'KAM', 'active')"
    )
    for _, sql in indexes:
        connection.execute(sql)
    after = 0
    while after := text_index.index_after(connection, SPECS["customer"], after):
        pass
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    _marker(folder).touch()


if __name__ == "__main__":
    _make(Path(sys.argv[1]), int(sys.argv[2]))
