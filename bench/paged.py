"""The floor of small amounts: a bare paged client and server, which only move rows.

The server (`bench.paged_server`, a process of its own, on what head office stands on) reads the changed rows by number
from its own store of 100,000 rows while it is asked, and compresses them. The client is a connection of the standard
library; it puts each page, and how far it is, in one durable transaction over the old rows of a copy of the store that
is measured beside it: as many records, scattered alike, with the same indexes, encrypted as it ships. Text is indexed
by triggers that look whether searched text changed, as a plain program does it. It has no queue, so nothing is merged,
checked, compared or proved.

Rows travel as arrays, their names once, compressed by gzip. By columns, as head office tells many rows, it would be a
little less; a plain program does not turn them.
"""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kamdesk.db import text_index
from kamdesk.db.connect import connect
from kamdesk.db.records import SPECS

LEVEL = 6
"""Of gzip, both ways."""
_ROOT = Path(__file__).resolve().parents[1]


class Client:
    """The copy of a store, and a connection."""

    def __init__(self, store: Path, key: bytes) -> None:
        self.connection = connect(store, key)
        self._line = http.client.HTTPConnection("")
        self._sql: dict[str, str] = {}
        self.connection.execute("CREATE TABLE at(seq INTEGER NOT NULL)")
        self.connection.execute("INSERT INTO at VALUES(0)")
        for kind, spec in SPECS.items():
            self._sql[kind] = _upsert(kind, ["id", *spec.names])
            if spec.searchable:
                self.connection.execute(_trigger(kind))

    def reach(self, url: str) -> None:
        """Talk to this address from now on."""
        self._line.close()
        parts = urlsplit(url)
        self._line = http.client.HTTPConnection(str(parts.hostname), parts.port)
        self._line.connect()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """Ask, and decode the answer."""
        self._line.request(method, path, body, {"Accept-Encoding": "gzip", **headers})
        return msgspec.json.decode(zlib.decompress(self._line.getresponse().read(), wbits=31))

    def pull(self) -> int:
        """Take in what is new; return how many rows that was."""
        count, has_more = 0, True
        while has_more:
            [(seq,)] = self.connection.execute("SELECT seq FROM at").fetchall()
            answer = self.ask("GET", f"/pull?after={seq}")
            self.connection.execute("BEGIN IMMEDIATE")
            for page in answer["pages"]:
                self.connection.executemany(self._sql[page["k"]], page["rows"])
                count += len(page["rows"])
            self.connection.execute("UPDATE at SET seq = ?", (answer["seq"],))
            self.connection.execute("COMMIT")
            has_more = answer["more"]
        return count

    def push(self, kind: str, ids: Sequence[str]) -> None:
        """Hand in rows as they stand here."""
        names = ["id", *SPECS[kind].names]
        rows = self.connection.execute(
            f"SELECT {', '.join(names)} FROM {kind} WHERE id IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(ids).decode(),),
        ).fetchall()
        body = msgspec.json.encode({"k": kind, "c": names, "rows": rows})
        squeeze = zlib.compressobj(LEVEL, wbits=31)
        self.ask(
            "POST",
            "/push",
            squeeze.compress(body) + squeeze.flush(),
            **{"Content-Encoding": "gzip"},
        )


def _upsert(kind: str, names: list[str]) -> str:
    told = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {kind}({', '.join(names)}, _rev, _b) VALUES({', '.join('?' * len(names))}, 0, '') "
        f"ON CONFLICT(id) DO UPDATE SET {told}"
    )


def _trigger(kind: str) -> str:
    searched = [field.name for field in SPECS[kind] if field.searchable]
    plain = [one for one in searched if one not in {"pinyin", "initials"}]
    changed = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in searched)
    text = " || ' ' || ".join(f"coalesce(NEW.{one}, '')" for one in plain)
    return (
        f"CREATE TRIGGER find_{kind}_changed AFTER UPDATE OF {', '.join(searched)} ON {kind} WHEN {changed} BEGIN "
        f"INSERT OR REPLACE INTO {text_index.table_of(SPECS[kind])}(rowid, text, pinyin, initials) "
        f"VALUES(NEW._n, {text}, NEW.pinyin, NEW.initials); END"
    )


@contextmanager
def running(store: Path, key: bytes, folder: Path) -> Iterator[tuple[Client, str]]:
    """Copy a store that rests, and serve what is in it; give the client and the server's address."""
    folder.mkdir()
    copy, office = folder / "store.db", folder / "office.db"
    with closing(connect(store, key)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.copy(store, copy)
    with closing(connect(copy, key)) as connection:
        connection.execute(f"ATTACH '{office}' AS office KEY ''")
        for kind, spec in SPECS.items():
            names = ", ".join(["id", *spec.names])
            if connection.execute(f"SELECT 1 FROM {kind} LIMIT 1").fetchone():
                columns = ", ".join(["id TEXT PRIMARY KEY", *spec.names, "seq INTEGER NOT NULL"])
                connection.execute(f"CREATE TABLE office.{kind}({columns})")
                connection.execute(f"INSERT INTO office.{kind} SELECT {names}, 0 FROM main.{kind}")
                connection.execute(f"CREATE INDEX office.{kind}_seq ON {kind}(seq)")
        connection.execute("DETACH office")
    with subprocess.Popen(
        [sys.executable, "-m", "bench.paged_server", str(office)],
        cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        client = Client(copy, key)
        try:
            url = server.stdout.readline().strip()
            client.reach(url)
            yield client, url
        finally:
            client.connection.close()
            server.terminate()
