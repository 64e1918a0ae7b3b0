"""Sealing anew what an older price key sealed: some at a time, so that each time can be a transaction of its own.

Which key sealed a value stands in its header, so whatever interrupts this, it goes on where something is left.
What cannot be opened stays as it is: it is for the list to show, and no reason to keep an old key.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from kamdesk.db.capture import as_json
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.spec import RecordSpec

AT_ONCE = 200
"""Records in one transaction: with four prices each, 800 values; a save waits for no more than that."""
_BEGIN = "S0QB"  # of every envelope in base64
_KEY = 7, 4  # where the number of the key is in an envelope, as substr() counts
_COPIES = (
    ("sync_op", "lid", "id", ("f", "res")),
    ("sync_base", "id", "id", ("data",)),
    ("sync_issue", "rowid", "row_id", ("fields", "op", "server")),
)
"""Tables with sealed values in JSON: what orders their rows, which record it is, and the columns."""
_SEALED = tuple(spec for spec in SPECS.values() if spec.sealed)

Step = Callable[[Work, Any], tuple[Any, int]]
"""Does some rows after a place; gives the last place (None: the end) and how many rows were sealed anew."""


class Sealer(Protocol):
    """What seals under the newest price key. Raises PricesLocked."""

    @property
    def newest_key(self) -> int: ...
    def reseal(self, kind: str, field: str, record_id: str, sealed: bytes) -> bytes | None: ...
    def reseal_text(self, place: str, sealed: str) -> str | None: ...


def steps(sealer: Sealer) -> Iterator[Step]:
    """Give what has to be done, one table after the other."""
    for spec in _SEALED:
        yield partial(_records, sealer, spec)
        for copy in _COPIES:
            yield partial(_copies, sealer, spec, *copy)
    yield partial(_drafts, sealer)


def stale(reader: Reader, newest: int) -> int:
    """Return how many records have a value that an older key sealed."""
    return sum(
        int(
            reader.value(
                f"SELECT count(*) FROM {spec.kind} WHERE {_is_stale(spec)}", *_keys(spec, newest)
            )
        )
        for spec in _SEALED
    )


def _is_stale(spec: RecordSpec) -> str:
    first, length = _KEY
    return " OR ".join(f"substr({name}, {first}, {length}) <> ?" for name in spec.sealed)


def _keys(spec: RecordSpec, newest: int) -> list[bytes]:
    return [newest.to_bytes(4, "big")] * len(spec.sealed)


def _records(sealer: Sealer, spec: RecordSpec, work: Work, after: Any) -> tuple[Any, int]:
    rows = work.reader.rows(
        f"SELECT _n, id, {', '.join(spec.sealed)} FROM {spec.kind} WHERE _n > ? AND ({_is_stale(spec)}) "
        f"ORDER BY _n LIMIT {AT_ONCE}",
        after or 0, *_keys(spec, sealer.newest_key),
    )  # fmt: skip
    made = []
    for number, record_id, *values in rows:
        anew = [
            None if one is None else sealer.reseal(spec.kind, name, record_id, one)
            for name, one in zip(spec.sealed, values, strict=True)
        ]
        if any(anew):
            made.append((*(new or old for new, old in zip(anew, values, strict=True)), number))
    assigned = ", ".join(f"{name} = ?" for name in spec.sealed)
    work.driver.executemany(f"UPDATE {spec.kind} SET {assigned} WHERE _n = ?", made)
    return _last(rows), len(made)


def _copies(
    sealer: Sealer, spec: RecordSpec, table: str, order: str, record: str, columns: tuple[str, ...],
    work: Work, after: Any,
) -> tuple[Any, int]:  # fmt: skip
    start = ("" if order == "id" else 0) if after is None else after
    rows = work.reader.rows(
        f"SELECT {order}, {record}, {', '.join(columns)} FROM {table} WHERE kind = ? AND {order} > ? "
        f"ORDER BY {order} LIMIT {AT_ONCE}",
        spec.kind, start,
    )  # fmt: skip
    assigned = ", ".join(f"{name} = ?" for name in columns)
    count = 0
    for at, record_id, *texts in rows:
        cell = partial(_cell, sealer, spec.kind, record_id)
        anew = [_rewritten(one, partial(_fields, spec, cell)) for one in texts]
        if anew != texts:
            count += 1
            work.driver.execute(
                f"UPDATE {table} SET {assigned} WHERE {order} = ? AND kind = ?",
                (*anew, at, spec.kind),
            )
    return _last(rows), count


def _drafts(sealer: Sealer, work: Work, after: Any) -> tuple[Any, int]:
    rows = work.reader.rows(
        f"SELECT id, data FROM draft WHERE id > ? ORDER BY id LIMIT {AT_ONCE}", after or ""
    )
    count = 0
    for draft_id, content in rows:
        seal = partial(sealer.reseal_text, draft_id)
        anew = _rewritten(content, lambda value, seal=seal: _leaves(value, seal))  # type: ignore[misc]
        if anew != content:
            count += 1
            work.driver.execute("UPDATE draft SET data = ? WHERE id = ?", (anew, draft_id))
    return _last(rows), count


def _last(rows: list[tuple[Any, ...]]) -> Any:
    return rows[-1][0] if len(rows) == AT_ONCE else None


# ---- JSON


def _rewritten(content: str | None, change: Callable[[Any], Any]) -> str | None:
    if content is None or _BEGIN not in content:
        return content
    before = json.loads(content)
    after = change(before)
    return content if after == before else as_json(after)


def _cell(sealer: Sealer, kind: str, record_id: str, field: str, sealed: str) -> str | None:
    made = sealer.reseal(kind, field, record_id, b64decode(sealed))
    return None if made is None else b64encode(made).decode("ascii")


def _fields(spec: RecordSpec, cell: Callable[[str, str], str | None], value: Any) -> Any:
    """Seal anew what stands below the names of sealed fields, and the fields of a whole row in their order."""
    if isinstance(value, list):
        return [_fields(spec, cell, one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, one in value.items():
        if key == "data" and isinstance(one, list):
            named = dict(zip(spec.names, one, strict=False))
            found[key] = [*_fields(spec, cell, named).values()]
        elif key in spec.sealed:
            found[key] = _leaves(one, partial(cell, key))
        else:
            found[key] = _fields(spec, cell, one)
    return found


def _leaves(value: Any, seal: Callable[[str], str | None]) -> Any:
    """Seal anew every envelope in a value."""
    if isinstance(value, dict):
        return {key: _leaves(one, seal) for key, one in value.items()}
    if isinstance(value, list):
        return [_leaves(one, seal) for one in value]
    if isinstance(value, str) and value.startswith(_BEGIN):
        return seal(value) or value
    return value
