"""Finding records by what people type: part of a name, pinyin, initials, a city.

Chinese is indexed character by character and asked for as a phrase (the trigram tokenizer finds no
two-character word; measured). Pinyin is indexed by syllable: `fudan` is asked for as the phrase `fu dan`.
Columns are contentless, so the text stands in the store once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from kamdesk.db.pinyin_syllables import split_syllables
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.domain.spec import RecordSpec

_HAN = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_WORD = re.compile(r"\w+", re.UNICODE)
_CHUNK = 2000


def table_of(spec: RecordSpec) -> str:
    """Name the text index of one kind."""
    return f"find_{spec.kind}"


def create(connection: DriverConnection, specs: Iterable[RecordSpec]) -> None:
    """Make the text indexes of all searchable kinds."""
    for spec in specs:
        if not spec.searchable:
            continue
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {table_of(spec)} USING fts5(text, pinyin, initials, "
            "content='', contentless_delete=1, prefix='1 2')"
        )
        # Deleted words would stay in the index otherwise, PRAGMA secure_delete or not.
        connection.execute(
            f"INSERT INTO {table_of(spec)}({table_of(spec)}, rank) VALUES('secure-delete', 1)"
        )


def spaced(text: str) -> str:
    """Put blanks around every Chinese character, so that each is a word of its own."""
    return _HAN.sub(r" \1 ", text)


def _columns(spec: RecordSpec) -> list[str]:
    plain = [
        field.name
        for field in spec
        if field.searchable and field.name not in {"pinyin", "initials"}
    ]
    return [*plain, "pinyin", "initials"]


def _entry(row: Sequence[object]) -> tuple[object, str, str, str]:
    number, *plain, pinyin, initials = row
    words = [
        spaced(" ".join(json.loads(text)) if text.startswith("[") else text)
        for text in plain
        if isinstance(text, str)
    ]
    return number, " ".join(words), pinyin if isinstance(pinyin, str) else "", _tails(initials)


def _tails(initials: object) -> str:
    """Give every tail of the initials, so that `zsyy` finds `fddxfszsyy`."""
    if not isinstance(initials, str):
        return ""
    return " ".join(initials[start : start + 24] for start in range(min(len(initials), 40)))


def index_ids(connection: DriverConnection, spec: RecordSpec, ids: Sequence[str]) -> None:
    """Bring the index of these records up to date; call before rows go with `forget_ids`."""
    names = ", ".join(_columns(spec))
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"SELECT _n, {names} FROM {spec.kind} WHERE id IN ({marks})", part
        ).fetchall()
        _put(connection, spec, rows)


def _put(connection: DriverConnection, spec: RecordSpec, rows: Iterable[Sequence[object]]) -> None:
    connection.executemany(
        f"INSERT OR REPLACE INTO {table_of(spec)}(rowid, text, pinyin, initials) VALUES(?,?,?,?)",
        (_entry(row) for row in rows),
    )


def forget_ids(connection: DriverConnection, spec: RecordSpec, ids: Sequence[str]) -> None:
    """Take records out of the index; their rows must still be there."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        connection.execute(
            f"DELETE FROM {table_of(spec)} WHERE rowid IN (SELECT _n FROM {spec.kind} WHERE id IN ({marks}))",
            part,
        )


def clear(connection: DriverConnection, spec: RecordSpec) -> None:
    """Empty one index before it is built anew."""
    connection.execute(f"INSERT INTO {table_of(spec)}({table_of(spec)}) VALUES('delete-all')")


def index_after(
    connection: DriverConnection, spec: RecordSpec, after: int, limit: int = _CHUNK
) -> int:
    """Index the next `limit` rows past number `after`; return the last number, or 0 when all are in."""
    names = ", ".join(_columns(spec))
    rows = connection.execute(
        f"SELECT _n, {names} FROM {spec.kind} WHERE _n > ? ORDER BY _n LIMIT ?", (after, limit)
    ).fetchall()
    _put(connection, spec, rows)
    return int(rows[-1][0]) if len(rows) == limit else 0


def match(typed: str) -> str:
    """Turn what was typed into an FTS5 query; empty when there is nothing to ask for.

    Every word must be found. A Latin word matches the beginning of a word, of the initials, or a run of
    pinyin syllables; a run of Chinese characters matches as it stands anywhere.
    """
    parts = []
    for piece in spaced_runs(typed):
        if _HAN.match(piece):
            parts.append('text : "' + " ".join(piece) + '"')
        else:
            parts.append(_latin(piece.lower()))
    return " AND ".join(parts)


def spaced_runs(typed: str) -> list[str]:
    """Split typed text into runs of Chinese characters and Latin words."""
    runs: list[str] = []
    for word in _WORD.findall(typed.replace("_", " ")):
        runs.extend(
            run
            for run in re.split(r"((?:[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])+)", word)
            if run
        )
    return runs


def _latin(word: str) -> str:
    asked = [f'{{text initials}} : "{word}" *']
    asked += [f'pinyin : "{" ".join(way)}" *' for way in split_syllables(word)]
    return asked[0] if len(asked) == 1 else "(" + " OR ".join(asked) + ")"


def find(reader: Reader, kind: str, typed: str, *, limit: int) -> list[int]:
    """Return the numbers of the best matches. While the index is being built, the table itself is read."""
    if reader.value("SELECT v FROM meta WHERE k = ?", f"index:{kind}") is not None:
        return _scan(reader, kind, typed, limit=limit)
    asked = match(typed)
    if not asked:
        return []
    table = f"find_{kind}"
    return [
        row[0]
        for row in reader.rows(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY bm25({table}, 4.0, 2.0, 1.0) LIMIT ?",
            asked,
            limit,
        )
    ]


def _scan(reader: Reader, kind: str, typed: str, *, limit: int) -> list[int]:
    words = [re.sub(r"([%_\\])", r"\\\1", word) for word in typed.split()]
    clause = " AND ".join(
        "(name LIKE ? ESCAPE '\\' OR replace(pinyin, ' ', '') LIKE ? ESCAPE '\\' OR initials LIKE ? ESCAPE '\\')"
        for _ in words
    )
    values = [f"%{word}%" for word in words for _ in range(3)]
    return [
        row[0]
        for row in reader.rows(
            f"SELECT _n FROM {kind} WHERE {clause or '1'} LIMIT ?", *values, limit
        )
    ]
