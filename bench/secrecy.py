"""What secrecy costs: prices ready after unlocking, the ways in, the encrypted store beside the same one in the clear.

The floor of the store is a copy of it without encryption, opened by the same driver with the same settings; both take
turns, with commits one by one. What a crash costs somebody who types without a pause is measured by killing a process
that does.
"""

from __future__ import annotations

import gc
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlcipher3 import dbapi2 as driver

from bench import seal
from bench.report import Row, print_rows
from bench.typist import ME
from kamdesk.db import backups, open_store
from kamdesk.db.connect import PRAGMAS, connect
from kamdesk.db.queries.prices import index_of
from kamdesk.db.queries.today import drafts
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import keystore
from kamdesk.security.keystore import store_file
from kamdesk.security.pricelock import PriceLock
from tests.ui.played_keyring import PlayedKeyring

PASSPHRASE, PRICE_PASSPHRASE = "a passphrase of the bench", "another one for prices"
ROWS, POINTS, COMMITS, ROUNDS, TURNS, KILLS = 100_000, 4000, 1500, 7, 15, 8
ROOT = Path(__file__).resolve().parents[1]


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


# ---- the ways in -----------------------------------------------------------------------------------------


def _unlocking(folder: Path) -> Iterator[Row]:
    """Open keys and prices; the answer of a key store of the system is not part of it."""
    played = PlayedKeyring(folder / "ring.json")
    (folder / "ring").mkdir()
    (folder / "typed").mkdir()
    made = keystore.create_with_keyring(folder / "ring", "ring", played)
    PriceLock(made, policy="keyring").open()
    typed = keystore.create_with_passphrase(folder / "typed", "typed", PASSPHRASE)
    PriceLock(typed, policy="passphrase").open(PRICE_PASSPHRASE)

    def by_keyring() -> None:
        keys = keystore.read_keystore(folder / "ring").open_with_keyring(played)
        PriceLock(keys, policy="keyring").open()

    def by_passphrase() -> None:
        PriceLock(typed, policy="passphrase").open(PRICE_PASSPHRASE)

    for name, act, limit in (
        ("unlock keyring", by_keyring, 0.1),
        ("unlock passphrase", by_passphrase, 0.7),
    ):
        yield Row(name, "s", median(_seconds(act) for _ in range(ROUNDS)), None, None, limit)


def _prices(folder: Path) -> Iterator[Row]:
    """Make an index ready, in whose making it is sorted; "sort" is the slower way round of asking it for its order."""
    keys = keystore.create_with_passphrase(folder, "bench", PASSPHRASE)
    store = open_store.create(folder, keys, Actor("u", Role.KAM))
    prices = PriceLock(keys, policy="passphrase")
    prices.open(PRICE_PASSPHRASE)
    seal._fill(folder, keys, prices)
    ready, plain, sorting = [], [], []
    gc.collect()
    gc.disable()  # as in the program, which collects garbage in the thread of the window alone
    for _ in range(ROUNDS):
        prices.lock()
        prices.open(PRICE_PASSPHRASE)
        ready.append(
            _seconds(
                lambda: store.read(
                    lambda reader: index_of(reader, prices, "contract_line_price", "net_price")
                )
            )
        )
        plain.append(_seconds(lambda: store.read(seal._plain)))
        index = store.read(seal._plain)
        both = [_seconds(partial(index.order, descending=way)) for way in (False, True)]
        sorting.append(1e3 * max(both))
    gc.enable()
    store.close()
    yield Row("prices ready", "s", median(ready), None, None, 0.5)
    yield Row("prices ready, unsealed", "s", median(plain), None, None, None)
    yield Row("sort", "ms", median(sorting), None, None, 20)


# ---- the store -------------------------------------------------------------------------------------------


def _plain(path: Path) -> Any:
    connection = driver.connect(str(path), isolation_level=None, cached_statements=16)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _fill(connection: Any) -> None:
    """Make about 50 MB of rows as a visit has them."""
    rng = random.Random(5)
    words = [secrets.token_hex(6) for _ in range(2000)]
    connection.execute("CREATE TABLE bench(id TEXT PRIMARY KEY, day TEXT, n INTEGER, words TEXT)")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO bench VALUES(?,?,?,?)",
        (
            (new_id(), f"2026-{rng.randrange(1, 13):02}-01", rng.randrange(1000), " ".join(rng.choices(words, k=24)))
            for _ in range(ROWS)
        ),
    )  # fmt: skip
    connection.execute("COMMIT")


def _store(folder: Path) -> Iterator[Row]:
    keys = keystore.create_with_passphrase(folder, "bench", PASSPHRASE)
    open_store.create(folder, keys, ME).close()
    path, bare = store_file(folder, 1), folder / "plain.db"
    with closing(connect(path, keys.store_key)) as sealed:
        _fill(sealed)
        sealed.execute("ATTACH DATABASE ? AS plain KEY ''", (str(bare),))
        sealed.execute("SELECT sqlcipher_export('plain')").fetchone()
        sealed.execute("DETACH DATABASE plain")
        sealed.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield from _beside_plain(lambda: connect(path, keys.store_key), lambda: _plain(bare))
    megabytes = path.stat().st_size / 1e6
    per_50 = 50 / megabytes
    # It is never ended in order, so the whole file is looked through
    checks = [
        per_50 * _seconds(lambda: open_store.open_existing(folder, keys, ME).close())
        for _ in range(3)
    ]
    yield Row("start check 50 MB", "s", median(checks), None, None, 0.5)
    times = [
        per_50 * _seconds(lambda: backups.make(path, keys.store_key, keys.store_id))
        for _ in range(3)
    ]
    yield Row("backup 50 MB", "s", median(times), None, None, 1.0)


def _beside_plain(sealed: Callable[[], Any], plain: Callable[[], Any]) -> Iterator[Row]:
    kinds: dict[str, tuple[Callable[[Any], float], float]] = {
        "encrypted scan": (_scan, 1.6),
        "encrypted point read": (_points, 1.6),
    }
    for name, (measure, limit) in kinds.items():
        times: dict[str, list[float]] = {"sealed": [], "plain": []}
        for turn in range(TURNS):
            both = [("sealed", sealed), ("plain", plain)]
            for which, open_one in both if turn % 2 else reversed(both):
                with closing(open_one()) as connection:
                    times[which].append(measure(connection))
        value, floor = median(times["sealed"]), median(times["plain"])
        yield Row(name, "ms", 1e3 * value, 1e3 * floor, value / floor, limit)
    with closing(sealed()) as first, closing(plain()) as second:
        value, floor = _commits(first, second)
    yield Row("encrypted commit", "ms", 1e3 * value, 1e3 * floor, value / floor, 1.2)


def _scan(connection: Any) -> float:
    return _seconds(lambda: connection.execute("SELECT * FROM bench").fetchall())


def _points(connection: Any) -> float:
    ids = [row[0] for row in connection.execute("SELECT id FROM bench ORDER BY id")]
    some = random.Random(9).sample(ids, POINTS)
    query = "SELECT * FROM bench WHERE id = ?"
    return _seconds(lambda: [connection.execute(query, (one,)).fetchone() for one in some])


def _commits(sealed: Any, plain: Any) -> tuple[float, float]:
    """Save to both in turn, one commit each: the disk takes its time in waves that are longer than a commit."""

    def save(connection: Any) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO bench VALUES(?,?,?,?)", (new_id(), "2026-11-25", 1, "x" * 300)
        )
        connection.execute("COMMIT")

    times: tuple[list[float], list[float]] = ([], [])
    both = ((sealed, times[0]), (plain, times[1]))
    for turn in range(COMMITS):
        for connection, taken in both if turn % 2 else reversed(both):
            taken.append(_seconds(lambda connection=connection: save(connection)))  # type: ignore[misc]
    return median(times[0]), median(times[1])


# ---- typing ----------------------------------------------------------------------------------------------


def _typing(folder: Path) -> Iterator[Row]:
    keys = keystore.create_with_passphrase(folder, "bench", PASSPHRASE)
    open_store.create(folder, keys, ME).close()
    rng = random.Random(4)
    lost = [_killed(folder, keys, 3 + 2 * rng.random()) for _ in range(KILLS)]
    yield Row("typing lost", "s", max(lost), None, None, 1.0)


def _killed(folder: Path, keys: Any, after: float) -> float:
    """Kill a typist; return how many seconds of typing are in no draft."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.typist", str(folder), keys.store_key.hex(), keys.store_id],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    told = [line.split() for line in (first + child.stdout.read()).splitlines()]
    child.wait()
    typed = {int(one[0]): float(one[1]) for one in told if len(one) == 2}
    store = open_store.open_existing(folder, keys, ME)
    found = sorted(store.read(drafts), key=lambda one: one.saved_at)
    store.close()
    began = datetime.fromtimestamp(min(typed.values()), UTC)
    kept = 0
    if found and found[-1].saved_at >= began:
        kept = len(found[-1].values["outcome"])
    last = max(typed)
    return typed[last] - typed[min(kept + 1, last)] if kept < last else 0.0


PARTS = {"unlock": _unlocking, "prices": _prices, "store": _store, "typing": _typing}


def main() -> int:
    """Measure everything; 1 when a limit is passed."""
    rows: list[Row] = []
    folder = Path(tempfile.mkdtemp())
    try:
        for name, part in PARTS.items():
            place = folder / name
            place.mkdir()
            rows += part(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return print_rows(rows)


if __name__ == "__main__":
    sys.exit(main())
