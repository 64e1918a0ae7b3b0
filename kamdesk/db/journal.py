"""A second copy of what head office does not have yet: sealed, appended after each save, outside the store's file.

Should the store's file be lost or an older one be put back, what is here is laid over the backup. What head office
has confirmed is left out when the file is written anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from kamdesk.db import outbox
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.security.files import sync_directory
from kamdesk.security.frames import Chain

LARGEST = 4 * 1024 * 1024
"""Bytes after which the file is written anew with what still counts."""
OP = ("lid", "mid", "gid", "kind", "id", "op", "f", "cmd", "args", "sv", "at", "st", "job")
_OPS = f"SELECT {', '.join('o.' + name for name in OP)}, b.b FROM sync_op o LEFT JOIN sync_base b USING(kind, id)"
DRAFT = ("id", "form", "title", "data", "saved_at")
_DRAFTS = f"SELECT {', '.join(DRAFT)} FROM draft"
_STATE = ("next_mid", "refresh")
_NOTED = (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))

Frame = dict[str, Any]


def file_of(store: Path) -> Path:
    """Return the journal that belongs to a generation of the store."""
    return store.parent.parent / "journal" / f"{store.stem}.kdj"


# ---- what to write ---------------------------------------------------------------------------------------


def watch(connection: DriverConnection) -> None:
    """Let the writer's connection note which changes and drafts were touched; part of each transaction.

    New changes need no note, which every save would pay for: their numbers go on from those already `taken`.
    """
    # Each touch is a row: to look first whether there is one cost a temporary table of SQLite's for every row, ten
    # times what else the change of a row costs (measured)
    connection.execute("CREATE TEMP TABLE touched(what TEXT, key)")
    connection.execute("CREATE TEMP TABLE taken(lid INTEGER)")
    connection.execute("INSERT INTO temp.taken VALUES(?)", (last_lid(Reader(connection)),))
    for table, key, events in (("sync_op", "lid", _NOTED[1:]), ("draft", "id", _NOTED)):
        for event, row in events:
            connection.execute(
                f"CREATE TEMP TRIGGER touched_{table}_{event} AFTER {event} ON main.{table} BEGIN "
                f"INSERT INTO touched VALUES('{table}', {row}.{key}); END"
            )


def take_touched(connection: DriverConnection) -> list[Frame]:
    """Return the present state of what was touched since the last call."""
    touched = connection.execute("SELECT DISTINCT what, key FROM temp.touched").fetchall()
    ops: dict[int, Frame] = {
        key: {"t": "op", "lid": key, "st": "gone"} for what, key in touched if what == "sync_op"
    }
    for where in (
        "o.lid IN (SELECT key FROM temp.touched WHERE what = 'sync_op')",
        "o.lid > (SELECT lid FROM temp.taken)",
    ):
        ops.update(
            (row[0], _op(row)) for row in connection.execute(f"{_OPS} WHERE {where}").fetchall()
        )
    frames = [frame for _, frame in sorted(ops.items())]
    for key in (key for what, key in touched if what == "draft"):
        row = connection.execute(f"{_DRAFTS} WHERE id = ?", (key,)).fetchone()
        frames.append(_draft(row) if row else {"t": "draft", "id": key, "form": ""})
    if not frames:
        return []
    connection.execute("DELETE FROM temp.touched")
    state = state_of(Reader(connection))
    connection.execute("UPDATE temp.taken SET lid = ?", (state["seq"],))
    return [*frames, state]


def everything(reader: Reader) -> list[Frame]:
    """Return all that head office does not have."""
    frames = [_op(row) for row in reader.rows(f"{_OPS} WHERE o.st = 'queued' ORDER BY o.lid")]
    frames += [_draft(row) for row in reader.rows(_DRAFTS)]
    return [*frames, state_of(reader)]


def op_of(reader: Reader, lid: int) -> Frame | None:
    """Return one change; None where there is none of this number."""
    row = reader.row(f"{_OPS} WHERE o.lid = ?", lid)
    return None if row is None else _op(row)


def draft_ids(reader: Reader) -> list[str]:
    """Name the drafts."""
    return [row[0] for row in reader.rows("SELECT id FROM draft")]


def draft_of(reader: Reader, draft_id: str) -> Frame | None:
    """Return one draft; None where there is none of this id."""
    row = reader.row(f"{_DRAFTS} WHERE id = ?", draft_id)
    return None if row is None else _draft(row)


def _op(row: tuple[Any, ...]) -> Frame:
    return {"t": "op", **dict(zip((*OP, "b"), row, strict=True))}


def _draft(row: tuple[Any, ...]) -> Frame:
    return {"t": "draft", **dict(zip(DRAFT, row, strict=True))}


def state_of(reader: Reader) -> Frame:
    """Return how far the numbers went, and what reconciling goes on with."""
    state = outbox.read_state(reader)
    return {"t": "state", "seq": last_lid(reader), **{k: state[k] for k in _STATE if k in state}}


def last_lid(reader: Reader) -> int:
    """Return the number of the last change that was ever queued in this store."""
    return int(reader.value("SELECT seq FROM sqlite_sequence WHERE name = 'sync_op'") or 0)


def first_lid(reader: Reader) -> int:
    """Return the number of the oldest change that is still here."""
    return int(reader.value("SELECT min(lid) FROM sync_op") or 0)


def highest_lid(reader: Reader) -> int:
    """Return the number of the newest change that is still here."""
    return int(reader.value("SELECT max(lid) FROM sync_op") or 0)


# ---- the file --------------------------------------------------------------------------------------------


class Journal:
    """The open file of one generation. Used by one thread at a time."""

    def __init__(self, path: Path, key: bytes, store_id: str) -> None:
        self.path = path
        self._key, self._store_id = key, store_id
        self._file: BinaryIO | None = None
        self._chain: Chain | None = None
        self._size = self._least = 0

    @property
    def is_full(self) -> bool:
        """Say whether it should be written anew."""
        return self._chain is None or self._size > max(LARGEST, 2 * self._least)

    def write_anew(self, frames: Iterable[Frame]) -> None:
        """Replace the file by these frames, whole or not at all. Raises OSError."""
        self.close()
        chain = Chain(self._key, f"{self._store_id}/{self.path.stem}")
        data = b"".join(chain.seal(_encoded(frame)) for frame in frames)
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        sync_directory(self.path.parent)  # or what is added from now on may be nobody's
        self._file = self.path.open("ab")
        self._chain, self._size = chain, len(data)
        self._least = self._size  # a large import stays: it must not be written anew at every save

    def append(self, frames: Iterable[Frame]) -> None:
        """Add frames durably. Raises OSError, after which the file has to be written anew."""
        chain, file = self._chain, self._file
        assert chain is not None
        assert file is not None
        self._chain = None
        data = b"".join(chain.seal(_encoded(frame)) for frame in frames)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        self._chain, self._size = chain, self._size + len(data)

    def close(self) -> None:
        """Close the file."""
        self._chain = None
        if self._file is not None:
            self._file.close()
            self._file = None


def _encoded(frame: Frame) -> bytes:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


@dataclass(slots=True)
class Kept:
    """What a journal holds. `is_whole`: it could be read to its end."""

    ops: dict[int, Frame] = field(default_factory=dict)
    drafts: dict[str, Frame] = field(default_factory=dict)
    state: Frame = field(default_factory=dict)
    is_whole: bool = True

    @property
    def unsent(self) -> list[Frame]:
        """Return the changes that head office had not confirmed, in their order."""
        return [frame for _, frame in sorted(self.ops.items()) if frame["st"] == "queued"]

    @property
    def last_lid(self) -> int:
        """Return the number of the last change that the store once had."""
        return max([int(self.state.get("seq", 0)), *self.ops])

    def catch_up(self, frames: Iterable[Frame]) -> None:
        """Add what the store holds beyond the journal; an older store, put back, has nothing to add."""
        found = list(frames)
        state = next((frame for frame in found if frame["t"] == "state"), None)
        if state is None or int(state["seq"]) < self.last_lid:
            return
        for frame in found:
            if frame["t"] == "draft":
                self.drafts.setdefault(frame["id"], frame)
            elif frame["t"] == "op" and self.ops.get(frame["lid"], frame)["st"] == "queued":
                self.ops[frame["lid"]] = frame
        self.state = {**self.state, **state}


def read(path: Path, key: bytes, store_id: str, *, stem: str = "") -> Kept:
    """Read a journal up to its last good frame; one that is missing is empty. Never raises.

    `stem`: the name that it was written under, where it has another now.
    """
    kept = Kept()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return kept
    except OSError:
        kept.is_whole = False
        return kept
    chain = Chain(key, f"{store_id}/{stem or path.stem}")
    for content in chain.open(data):
        frame = json.loads(content.decode("utf-8", "surrogatepass"))
        if frame["t"] == "op":
            kept.ops[frame["lid"]] = frame
        elif frame["t"] == "draft":
            kept.drafts[frame["id"]] = frame
        else:
            kept.state = frame
    kept.is_whole = chain.position == len(data)
    return kept
