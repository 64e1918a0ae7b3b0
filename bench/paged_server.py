"""A bare head office, for `bench.paged`: rows by number from SQLite, and rows taken in. No rights, rules or proofs.

Usage: python -m bench.paged_server DATABASE. It stands on what the product's head office stands on; its handlers
are as short as they can be.
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, get, post

from bench.paged import LEVEL
from kamdesk.headoffice.server import address_of, bind

Ask = Request[Any, Any, Any]
MOST = 2000
connection = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
KINDS: dict[str, list[str]] = {
    kind: [row[1] for row in connection.execute(f"PRAGMA table_info({kind})") if row[1] != "seq"]
    for (kind,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
}  # fmt: skip


def _answer(body: Any) -> Response[bytes]:
    squeeze = zlib.compressobj(LEVEL, wbits=31)
    packed = squeeze.compress(msgspec.json.encode(body)) + squeeze.flush()
    return Response(packed, media_type="application/json", headers={"Content-Encoding": "gzip"})


@get("/pull", sync_to_thread=False)
def pull(after: int) -> Response[bytes]:
    """Give the next rows past a number."""
    pages, last, room = [], after, MOST
    for kind, names in KINDS.items():
        rows = connection.execute(
            f"SELECT {', '.join(names)}, seq FROM {kind} WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, room),
        ).fetchall()
        if rows:
            pages.append({"k": kind, "c": names, "rows": [row[:-1] for row in rows]})
            last = max(last, rows[-1][-1])
            room -= len(rows)
    return _answer({"pages": pages, "seq": last, "more": room <= 0})


@post("/push", status_code=200)
async def push(request: Ask) -> Response[bytes]:
    """Take in rows."""
    page = msgspec.json.decode(zlib.decompress(await request.body(), wbits=31))
    return _answer({"seq": _store(page["k"], page["c"], page["rows"])})


@post("/touch", status_code=200)
async def touch(request: Ask) -> Response[bytes]:
    """Change one field of some rows, as others do meanwhile."""
    wanted = msgspec.json.decode(await request.body())
    rows = [
        connection.execute(
            f"SELECT {', '.join(KINDS['person'])} FROM person WHERE id = ?", (one,)
        ).fetchone()
        for one in wanted["ids"]
    ]
    at = KINDS["person"].index("title")
    changed = [(*row[:at], wanted["title"], *row[at + 1 :]) for row in rows]
    return _answer({"seq": _store("person", KINDS["person"], changed)})


def _store(kind: str, names: list[str], rows: list[Any]) -> int:
    connection.execute("BEGIN IMMEDIATE")
    (seq,) = connection.execute(f"SELECT coalesce(max(seq), 0) FROM {kind}").fetchone()
    connection.executemany(
        f"INSERT INTO {kind}({', '.join(names)}, seq) VALUES({', '.join('?' * len(names))}, ?) "
        f"ON CONFLICT(id) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in [*names[1:], 'seq'])}",
        [(*row, seq + at) for at, row in enumerate(rows, 1)],
    )
    connection.execute("COMMIT")
    return int(seq) + len(rows)


if __name__ == "__main__":
    taken = bind("127.0.0.1", 0)
    print(address_of(taken, is_tls=False), flush=True)
    app = Litestar([pull, push, touch], openapi_config=None, logging_config=None)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[taken])
