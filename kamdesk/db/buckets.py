"""The buckets that this computer follows: how far each is loaded, what comes and goes with one.

Buckets that hold prices are loaded only while prices are open; see docs/decisions/0012.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kamdesk.db import apply, text_index
from kamdesk.db.capture import as_json
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.records import PRICE_BUCKETS, SPECS, is_price_bucket
from kamdesk.db.work import Work

_AMONG = "(SELECT value FROM json_each(?))"
_FOLLOWED = "(SELECT b FROM sync_bucket)"
_LATE = ("visit_by_day",)
"""Its entries come in no order: each part of a first load would change as many of its pages as it has rows."""
_FEW = 10_000
Held = tuple[str, str, int]
"""kind, id, revision."""


def names(connection: DriverConnection) -> str:
    """Return the names of all buckets that are followed, one a line, sorted as `protocol.scope_hash` sorts them."""
    # In one piece: thousands of rows take ten times as long, and each request asks
    [(joined,)] = connection.execute(
        "SELECT group_concat(b, char(10)) FROM (SELECT b FROM sync_bucket ORDER BY b)"
    ).fetchall()
    return joined or ""


def loading(connection: DriverConnection) -> list[tuple[str, int, int]]:
    """Return (bucket, after, start) of those that are being loaded, the most needed first."""
    rows = connection.execute(
        "SELECT b, after, start, prio FROM sync_bucket WHERE state = 'loading'"
    ).fetchall()
    rows.sort(key=lambda row: (row[3], row[0]))  # here: SQLite takes twice as long
    return [(row[0], row[1], row[2]) for row in rows]


def is_loading(reader: Reader, *, has_prices: bool) -> bool:
    """Say whether a bucket is to be loaded now; those of prices wait until prices are open."""
    others = [] if has_prices else [f"{prefix}:" for prefix in PRICE_BUCKETS]
    clause = "".join(" AND b NOT GLOB ? || '*'" for _ in others)
    return bool(
        reader.value(f"SELECT 1 FROM sync_bucket WHERE state = 'loading'{clause} LIMIT 1", *others)
    )


def follow(work: Work, buckets: Sequence[str], *, start: int, price_start: int) -> list[str]:
    """Follow a changed subscription: begin to load what was added; return what was dropped.

    `buckets` are in order of need. What was dropped goes with `drop_bucket`, but for what went before it in parts.
    """
    connection = work.driver
    if not names(connection):
        _begin_loading(connection)
    connection.executemany(
        "INSERT INTO sync_bucket(b, state, after, start, prio) VALUES(?, 'loading', 0, ?, ?) "
        "ON CONFLICT(b) DO UPDATE SET prio = excluded.prio",
        [
            (bucket, price_start if is_price_bucket(bucket) else start, at)
            for at, bucket in enumerate(buckets)
        ],
    )
    dropped = leaving(work.reader, buckets)
    for bucket in dropped:
        connection.execute("DELETE FROM sync_bucket WHERE b = ?", (bucket,))
        drop_bucket(work, bucket)
    return dropped


def leaving(reader: Reader, buckets: Sequence[str]) -> list[str]:
    """Name what is followed and is not among these buckets."""
    return sorted({row[0] for row in reader.rows("SELECT b FROM sync_bucket")} - set(buckets))


def begin_dropping(work: Work, buckets: Sequence[str]) -> None:
    """Let buckets that leave count as not loaded while their records go: they may come back before that is over.

    Of what was all here, only what goes from now on is to be told then: head office may have forgotten about earlier.
    """
    state = dict(
        work.reader.rows("SELECT k, v FROM sync_state WHERE k IN ('cursor', 'price_cursor')")
    )
    start = int(state.get("cursor", 0))
    price_start = int(state.get("price_cursor", start))
    work.driver.executemany(
        "UPDATE sync_bucket SET start = CASE state WHEN 'live' THEN ? ELSE start END, state = 'loading', after = 0 "
        "WHERE b = ?",
        [(price_start if is_price_bucket(one) else start, one) for one in buckets],
    )


def drop_bucket(work: Work, bucket: str) -> None:
    """Take out every record of a bucket; unsent changes stay queued and will be answered."""
    for kind, ids in records_in(work.reader, [bucket], unconfirmed=False).items():
        take_out(work, kind, ids, [bucket], unconfirmed=False)


def with_news(reader: Reader, before: int, now: int) -> list[str]:
    """Name the buckets in which there may be what declarations of version `before` do not know and those of `now` do.

    Of a kind that was known, these hold records; of a new one nothing was told at all.
    """
    found: set[str] = set()
    for kind, spec in SPECS.items():
        if before < spec.since <= now:
            rows = reader.rows(
                "SELECT b FROM sync_bucket WHERE b = ?1 OR substr(b, 1, length(?1) + 1) = ?1 || ':'",
                spec.bucket.prefix,
            )
        elif any(before < one.since <= now for one in spec):
            rows = reader.rows(f"SELECT DISTINCT _b FROM {kind}")
        else:
            continue
        found.update(row[0] for row in rows)
    begun = reader.rows("SELECT b FROM sync_bucket WHERE state = 'live' OR after > 0")
    return sorted(found.intersection(row[0] for row in begun))


def records_in(
    reader: Reader, buckets: Sequence[str], *, unconfirmed: bool
) -> dict[str, list[str]]:
    """Name what is held of these buckets by kind, or only what was not confirmed since they are loaded anew."""
    among, only = as_json(buckets), "= 0" if unconfirmed else ">= 0"
    found = {
        kind: [
            row[0]
            for row in reader.rows(
                f"SELECT id FROM {kind} WHERE _b IN {_AMONG} AND _rev {only}", among
            )
        ]
        for kind in SPECS
    }
    # What was deleted here is in no table of its own
    for kind, record_id in reader.rows(
        f"SELECT kind, id FROM sync_base WHERE b IN {_AMONG} AND rev {only} AND data IS NOT NULL",
        among,
    ):
        if kind in SPECS:
            found[kind].append(record_id)
    return {kind: list(dict.fromkeys(ids)) for kind, ids in found.items() if ids}


def take_out(
    work: Work, kind: str, ids: Sequence[str], buckets: Sequence[str], *, unconfirmed: bool
) -> None:
    """Take out records that are still as `records_in` found them; their unsent changes stay queued."""
    spec, among, only = SPECS[kind], as_json(buckets), "= 0" if unconfirmed else ">= 0"
    named = as_json(ids)
    dirty = {
        row[0]
        for row in work.reader.rows(
            f"SELECT id FROM sync_base WHERE kind = ? AND id IN {_AMONG}", kind, named
        )
    }
    emptied = work.driver.execute(
        f"UPDATE sync_base SET data = NULL WHERE kind = ? AND id IN {_AMONG} AND +b IN {_AMONG} "
        f"AND rev {only} AND data IS NOT NULL RETURNING id",
        (kind, named, among),
    ).fetchall()
    for (record_id,) in emptied:
        apply.rebuild(work, spec, record_id)
    gone = work.reader.rows(
        f"SELECT id FROM {kind} WHERE id IN {_AMONG} AND +_b IN {_AMONG} AND _rev {only}",
        named,
        among,
    )
    apply.delete(work, spec, [row[0] for row in gone if row[0] not in dirty])


def reload(work: Work, buckets: Sequence[str], *, start: int, price_start: int) -> None:
    """Load buckets anew, whose records were marked before; those stay visible until they are confirmed or swept."""
    work.driver.execute(
        f"UPDATE sync_base SET rev = 0 WHERE rev <> 0 AND b IN {_AMONG}", (as_json(buckets),)
    )
    work.driver.executemany(
        "UPDATE sync_bucket SET state = 'loading', after = 0, start = ? WHERE b = ?",
        [(price_start if is_price_bucket(one) else start, one) for one in buckets],
    )


def last_number(reader: Reader, kind: str) -> int:
    """Return the highest number of a record of this kind."""
    return int(reader.value(f"SELECT max(_n) FROM {kind}") or 0)


def numbers_in(reader: Reader, kind: str, buckets: Sequence[str]) -> list[int]:
    """Return the numbers of those records of a kind that are in these buckets and not marked yet."""
    rows = reader.rows(
        f"SELECT _n FROM {kind} WHERE _b IN {_AMONG} AND _rev <> 0 ORDER BY _n", as_json(buckets)
    )
    return [row[0] for row in rows]


def unconfirm(work: Work, kind: str, after: int, last: int) -> None:
    """Mark records that are loaded anew by revision 0: those past number `after` up to `last`.

    All of a store are marked in short transactions before `reload_all`; until then nothing else is taken in.
    """
    work.driver.execute(
        # +: by number, not by bucket
        f"UPDATE OR FAIL {kind} SET _rev = 0 WHERE _n > ? AND _n <= ? AND _rev <> 0 AND +_b IN {_FOLLOWED}",
        (after, last),
    )


def unconfirm_some(work: Work, kind: str, numbers: Sequence[int], buckets: Sequence[str]) -> None:
    """As `unconfirm`, the records of these numbers that are still in these buckets; before `reload`."""
    work.driver.execute(
        f"UPDATE OR FAIL {kind} SET _rev = 0 WHERE _n IN {_AMONG} AND _rev <> 0 AND +_b IN {_AMONG}",
        (as_json(numbers), as_json(buckets)),
    )


def reload_all(work: Work, *, start: int, touched: Sequence[tuple[str, str]] = ()) -> None:
    """Load every bucket anew; as `reload`, but all records are marked before, save those just `touched`."""
    for kind, record_id in touched:
        if kind in SPECS:
            work.driver.execute(
                f"UPDATE {kind} SET _rev = 0 WHERE id = ? AND _b IN {_FOLLOWED}", (record_id,)
            )
    work.driver.execute(f"UPDATE sync_base SET rev = 0 WHERE rev <> 0 AND b IN {_FOLLOWED}")
    work.driver.execute("UPDATE sync_bucket SET state = 'loading', after = 0, start = ?", (start,))


def prices_here(reader: Reader) -> tuple[dict[str, list[str]], list[str]]:
    """Name every record of the prices by kind, and the buckets that they are in."""
    found = [row[0] for row in reader.rows("SELECT b FROM sync_bucket") if is_price_bucket(row[0])]
    return records_in(reader, found, unconfirmed=False), found


def advance(work: Work, loaded: Sequence[tuple[str, int, bool]]) -> None:
    """Note how far buckets are loaded: (bucket, up to where, whether that is its end).

    Those records of an ended bucket that were not confirmed went before, in parts.
    """
    work.driver.executemany(
        "UPDATE sync_bucket SET after = ?, state = CASE WHEN ? THEN 'live' ELSE state END WHERE b = ?",
        [(after, done, bucket) for bucket, after, done in loaded],
    )


def held(
    connection: DriverConnection, buckets: Sequence[str], kinds: Collection[str] = SPECS
) -> dict[str, list[Held]]:
    """Return head office's records, of these kinds, in each of these buckets, as they are known here."""
    among = as_json(buckets)
    found: dict[str, list[Held]] = {bucket: [] for bucket in buckets}
    for bucket, kind, record_id, rev in connection.execute(
        f"SELECT b, kind, id, rev FROM sync_base WHERE b IN {_AMONG} AND data IS NOT NULL AND rev > 0",
        (among,),
    ).fetchall():
        if kind in kinds:
            found[bucket].append((kind, record_id, rev))
    for kind in SPECS:
        if kind not in kinds:
            continue
        for bucket, record_id, rev in connection.execute(
            f"SELECT _b, id, _rev FROM {kind} t WHERE _b IN {_AMONG} AND NOT EXISTS "
            "(SELECT 1 FROM sync_base s WHERE s.kind = ? AND s.id = t.id)",
            (among, kind),
        ).fetchall():
            found[bucket].append((kind, record_id, rev))
    return found


def live_of(work: Work, kind: str, ids: Sequence[str]) -> set[str]:
    """Name the followed buckets that head office has these records in."""
    return {
        row[0]
        for row in work.reader.rows(
            f"SELECT _b AS named FROM {kind} t WHERE id IN {_AMONG} AND named IN {_FOLLOWED} AND NOT EXISTS "
            "(SELECT 1 FROM sync_base s WHERE s.kind = ? AND s.id = t.id) UNION "
            f"SELECT b AS named FROM sync_base WHERE kind = ? AND id IN {_AMONG} AND named IN {_FOLLOWED}",
            as_json(ids),
            kind,
            kind,
            as_json(ids),
        )
    }


def _begin_loading(connection: DriverConnection) -> None:
    """Leave some indexes for the end of the first load; until then the tables are read."""
    for kind, spec in SPECS.items():
        if spec.searchable:
            connection.execute(
                "INSERT OR REPLACE INTO meta(k, v) VALUES(?, ?)", (f"index:{kind}", apply.LOADING)
            )
    for name in _LATE:
        connection.execute(
            "INSERT OR REPLACE INTO meta(k, v) SELECT 'order:' || name, sql FROM sqlite_master "
            "WHERE type = 'index' AND name = ?",
            (name,),
        )
        connection.execute(f"DROP INDEX IF EXISTS {name}")


def has_index_left(reader: Reader) -> bool:
    """Say whether the first load left an index to be built."""
    return bool(
        reader.value("SELECT 1 FROM meta WHERE k LIKE 'index:%' OR k LIKE 'order:%' LIMIT 1")
    )


def is_ordered_soon(reader: Reader) -> bool:
    """Say whether the indexes that the first load left are built in a moment, few as the records are."""
    left = reader.value("SELECT 1 FROM meta WHERE k LIKE 'order:%' LIMIT 1")
    return bool(left) and (reader.value("SELECT max(_n) FROM visit") or 0) < _FEW


def order_next(work: Work) -> bool:
    """Build one of the indexes by which lists are ordered; True while there is more."""
    connection = work.driver
    order = connection.execute("SELECT k, v FROM meta WHERE k LIKE 'order:%' LIMIT 1").fetchone()
    if order is None:
        return False
    connection.execute(order[1].replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
    connection.execute("DELETE FROM meta WHERE k = ?", (order[0],))
    return True


def index_next(work: Work, rows: int) -> bool:
    """Index the text of the next `rows` records that the first load left out; True while there is more."""
    connection = work.driver
    row = connection.execute("SELECT k, v FROM meta WHERE k LIKE 'index:%' LIMIT 1").fetchone()
    if row is None:
        return False
    key, place = row
    kind = key.partition(":")[2]
    after = text_index.index_after(
        connection, SPECS[kind], 0 if place == apply.LOADING else int(place), rows
    )
    if after:
        connection.execute("UPDATE meta SET v = ? WHERE k = ?", (str(after), key))
    else:
        connection.execute("DELETE FROM meta WHERE k = ?", (key,))
        work.touch(kind)
    return True
