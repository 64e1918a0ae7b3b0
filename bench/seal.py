"""100,000 sealed prices read, opened and summed for a list, against the same values unsealed in the same store."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median

from bench.report import Row, print_rows
from kamdesk.db import open_store
from kamdesk.db.connect import connect
from kamdesk.db.database import Database
from kamdesk.db.queries.prices import index_of
from kamdesk.db.reader import Reader
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_index import PriceIndex
from kamdesk.domain.prices import Price
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import keystore
from kamdesk.security.keystore import OpenKeys, store_file
from kamdesk.security.pricelock import PriceLock

COUNT, ROUNDS = 100_000, 7
LIMIT = 0.5
"""Seconds until 100,000 prices of a list can be sorted."""


def _fill(folder: Path, keys: OpenKeys, prices: PriceLock) -> None:
    """Write the same prices sealed and, into a table of the bench's own, as they are."""
    rng = random.Random(20261124)
    connection = connect(store_file(folder, 1), keys.store_key)
    connection.execute("CREATE TABLE plain(id TEXT PRIMARY KEY, net INTEGER, places INTEGER)")
    connection.execute("BEGIN IMMEDIATE")
    for _ in range(COUNT):
        line_id, mantissa = new_id(), rng.randrange(1, 10**9)
        value = Price(Decimal(mantissa).scaleb(-4), "CNY")
        sealed = prices.seal("contract_line_price", "net_price", line_id, value)
        connection.execute(
            "INSERT INTO contract_line_price(id, _rev, _b, line_id, net_price) VALUES(?,1,?,?,?)",
            (line_id, "price:c", line_id, sealed),
        )
        connection.execute("INSERT INTO plain VALUES(?,?,4)", (line_id, mantissa))
    connection.execute("COMMIT")
    connection.close()


def _plain(reader: Reader) -> PriceIndex:
    rows = reader.rows("SELECT id, net, places FROM plain")
    return PriceIndex([row[0] for row in rows], ((row[1], row[2], "CNY") for row in rows))


def _timed(store: Database, build: Callable[[Reader], PriceIndex]) -> tuple[float, Price]:
    began = time.perf_counter()
    index = store.read(build)
    total = index.sum("CNY")
    return time.perf_counter() - began, total


def main() -> int:
    """Take turns between the sealed and the unsealed prices, and compare their medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = keystore.create_with_passphrase(folder, "bench", os.urandom(12).hex())
        store = open_store.create(folder, keys, Actor("u", Role.KAM))
        prices = PriceLock(keys, policy="keyring")
        prices.open()
        _fill(folder, keys, prices)
        sealed, plain, sorting = [], [], []
        for _ in range(ROUNDS):
            seconds, total = _timed(
                store, lambda reader: index_of(reader, prices, "contract_line_price", "net_price")
            )
            sealed.append(seconds)
            seconds, expected = _timed(store, _plain)
            plain.append(seconds)
            assert total == expected
            index = store.read(_plain)
            began = time.perf_counter()
            index.order()
            sorting.append(time.perf_counter() - began)
        store.close()
    opened, floor = median(sealed), median(plain)
    return print_rows(
        [
            Row("open 100k", "s", opened, None, None, LIMIT),
            Row("open 100k against unsealed", "s", opened, floor, opened / floor, None),
            Row("sort 100k", "s", median(sorting), None, None, 0.02),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
