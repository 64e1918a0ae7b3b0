"""Finding records by what people type: part of a name, pinyin, initials, a city.

Chinese is indexed character by character and asked for as a phrase (the trigram tokenizer finds no
two-character word; measured). Pinyin is indexed by syllable: `fudan` is asked for as the phrase `fu dan`.
Columns are contentless, so the text stands in the store once.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from kamdesk.db.pinyin_syllables import endings, split_syllables
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.domain.spec import RecordSpec

_HAN = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_WORD = re.compile(r"\w+", re.UNICODE)
_CHUNK = 2000
_PREFIXES = 2
"""How long the beginnings of words are that have an index of their own; see `create`."""


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
    if text.isascii():
        return text
    # Split and joined, not replaced: a fifth of the time
    return " ".join(_HAN.split(unicodedata.normalize("NFKC", text)))


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
        " ".join(json.loads(text)) if text.startswith("[") else text
        for text in plain
        if isinstance(text, str)
    ]
    return (
        number,
        spaced(" ".join(words)),
        pinyin if isinstance(pinyin, str) else "",
        _tails(initials),
    )


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


def index_new(
    connection: DriverConnection,
    spec: RecordSpec,
    records: Iterable[tuple[object, Sequence[object]]],
) -> None:
    """Index records that were just inserted: their number, and the stored values of all fields in order."""
    places = [spec.names.index(name) for name in _columns(spec)]
    _put(
        connection,
        spec,
        ((number, *(values[at] for at in places)) for number, values in records),
    )


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
    rows = _rows_after(connection, spec, after, limit)
    _put(connection, spec, rows)
    return int(rows[-1][0]) if len(rows) == limit else 0


def _rows_after(
    connection: DriverConnection, spec: RecordSpec, after: int, limit: int
) -> list[tuple[Any, ...]]:
    names = ", ".join(_columns(spec))
    return connection.execute(
        f"SELECT _n, {names} FROM {spec.kind} WHERE _n > ? ORDER BY _n LIMIT ?", (after, limit)
    ).fetchall()


def compose(connection: DriverConnection, spec: RecordSpec) -> None:
    """Index anew what older programs indexed as it was typed: wide letters, characters in two parts.

    Later ones ask for such texts in their usual form, and would not find them.
    """
    after = 0
    while rows := _rows_after(connection, spec, after, _CHUNK):
        after = rows[-1][0]
        _put(connection, spec, [row for row in rows if not _is_usual(row[1:])])


def _is_usual(texts: Sequence[str | None]) -> bool:
    return all(unicodedata.is_normalized("NFKC", text) for text in texts if text)


def match(typed: str) -> str:
    """Turn what was typed into an FTS5 query; empty when there is nothing to ask for.

    Every word must be found. A Latin word matches the beginning of a word, of the initials, or a run of
    pinyin syllables; a run of Chinese characters matches as it stands anywhere.
    """
    return " AND ".join(_asked(piece) for piece in typed_runs(typed))


def match_apart(typed: str) -> str:
    """Ask for the Chinese characters anywhere, as people shorten names: 一院 for 第一医院. "" where that is no more."""
    runs = typed_runs(typed)
    if not any(_HAN.match(run) and len(run) > 1 for run in runs):
        return ""
    return " AND ".join(
        _asked(piece) for run in runs for piece in (run if _HAN.match(run) else (run,))
    )


def match_first(typed: str) -> str:
    """Ask for matches that begin with what was typed; "" where the key that names are sorted by tells as much."""
    first, *others = typed_runs(typed)
    if _HAN.match(first):
        return f'(text : ^ "{" ".join(first)}") AND {match(typed)}'
    if others or len(first) < _PREFIXES:
        return ""
    return f'initials : ^ "{first}" *'


def typed_runs(typed: str) -> list[str]:
    """Split typed text into runs of Chinese characters and Latin words, in small letters."""
    runs: list[str] = []
    # Composed: a combining mark is no part of a word for the pattern. Wide letters are narrow ones.
    for word in _WORD.findall(unicodedata.normalize("NFKC", typed).lower().replace("_", " ")):
        runs.extend(
            run
            for run in re.split(r"((?:[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])+)", word)
            if run
        )
    return runs


def _asked(piece: str) -> str:
    if _HAN.match(piece):
        return 'text : "' + " ".join(piece) + '"'
    asked = [f'{{text initials}} : "{piece}" *']
    for *before, last in split_syllables(piece):
        if len(last) <= _PREFIXES:
            asked.append(f'pinyin : "{" ".join((*before, last))}" *')
        else:
            # Whole syllables are read in order; a long beginning would have to be gathered and sorted first
            asked += [f'pinyin : "{" ".join((*before, end))}"' for end in endings(last)]
    return asked[0] if len(asked) == 1 else "(" + " OR ".join(asked) + ")"


def is_ready(reader: Reader, kind: str) -> bool:
    """Say whether the index of a kind is whole; until then `scan` reads the table."""
    return reader.value("SELECT v FROM meta WHERE k = ?", f"index:{kind}") is None


def find(reader: Reader, kind: str, typed: str, *, limit: int) -> list[int]:
    """Return the numbers of matches, in no order of closeness. While the index is being built, the table is read."""
    if not is_ready(reader, kind):
        clause, values = scan(typed)
        sql = f"SELECT _n FROM {kind} WHERE {clause} LIMIT ?"
        return [row[0] for row in reader.rows(sql, *values, limit)]
    asked = match(typed)
    return find_asked(reader, kind, asked, limit=limit) if asked else []


def find_asked(reader: Reader, kind: str, asked: str, *, limit: int) -> list[int]:
    """Return the numbers of matches of an FTS5 query, as the index gives them: the first come at once."""
    table = f"find_{kind}"
    sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?"
    return [row[0] for row in reader.rows(sql, asked, limit)]


def scan(typed: str) -> tuple[str, list[str]]:
    """Give the clause, and its values, that finds records without an index."""
    words = [re.sub(r"([%_\\])", r"\\\1", word) for word in typed.split()]
    clause = " AND ".join(
        "(name LIKE ? ESCAPE '\\' OR replace(pinyin, ' ', '') LIKE ? ESCAPE '\\' OR initials LIKE ? ESCAPE '\\')"
        for _ in words
    )
    return clause or "1", [f"%{word}%" for word in words for _ in range(3)]
