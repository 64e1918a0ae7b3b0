"""The buckets that this computer follows: how far each is loaded, what comes and goes with one.

Buckets that hold prices are loaded only while prices are open; see docs/decisions/0012.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamdesk.db import apply, text_index
from kamdesk.db.reader import DriverConnection
from kamdesk.db.records import SPECS, is_price_bucket
from kamdesk.db.work import Work


def subscriptions(connection: DriverConnection) -> list[tuple[str, str, int, int]]:
    """Return (bucket, loading or live, after, start), the most needed first."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in connection.execute(
            "SELECT b, state, after, start FROM sync_bucket ORDER BY prio, b"
        ).fetchall()
    ]


def follow(work: Work, buckets: Sequence[str], *, start: int, price_start: int) -> list[str]:
    """Follow a changed subscription: begin to load what was added; return what was dropped.

    `buckets` are in order of need. What was dropped goes with `drop_bucket`.
    """
    connection = work.driver
    had = {row[0] for row in subscriptions(connection)}
    if not had:
        _begin_loading(connection)
    connection.executemany(
        "INSERT INTO sync_bucket(b, state, after, start, prio) VALUES(?, 'loading', 0, ?, ?) "
        "ON CONFLICT(b) DO UPDATE SET prio = excluded.prio",
        [
            (bucket, price_start if is_price_bucket(bucket) else start, at)
            for at, bucket in enumerate(buckets)
        ],
    )
    dropped = sorted(had - set(buckets))
    for bucket in dropped:
        connection.execute("DELETE FROM sync_bucket WHERE b = ?", (bucket,))
        drop_bucket(work, bucket)
    return dropped


def drop_bucket(work: Work, bucket: str) -> None:
    """Take out every record of a bucket; unsent changes stay queued and will be answered."""
    for kind, spec in SPECS.items():
        dirty = work.reader.rows("SELECT id FROM sync_base WHERE kind = ? AND b = ?", kind, bucket)
        kept = {row[0] for row in dirty}
        gone = [
            row[0]
            for row in work.reader.rows(f"SELECT id FROM {kind} WHERE _b = ?", bucket)
            if row[0] not in kept
        ]
        apply.delete(work, spec, gone)
        for record_id in kept:
            work.driver.execute(
                "UPDATE sync_base SET data = NULL WHERE kind = ? AND id = ?", (kind, record_id)
            )
            apply.rebuild(work, spec, record_id)


def reload(work: Work, bucket: str, *, start: int) -> None:
    """Load a bucket anew; its records stay visible and are marked until they are confirmed again."""
    for kind in SPECS:
        work.driver.execute(f"UPDATE {kind} SET _rev = 0 WHERE _b = ?", (bucket,))
    work.driver.execute("UPDATE sync_base SET rev = 0 WHERE b = ?", (bucket,))
    work.driver.execute(
        "UPDATE sync_bucket SET state = 'loading', after = 0, start = ? WHERE b = ?",
        (start, bucket),
    )


def give_up_prices(work: Work, *, head: int) -> None:
    """Take out every price; should the right come back, they are loaded as they stand from commit `head` on."""
    for bucket, *_ in subscriptions(work.driver):
        if is_price_bucket(bucket):
            drop_bucket(work, bucket)
            reload(work, bucket, start=head)


def advance(work: Work, bucket: str, *, after: int, done: bool) -> None:
    """Note how far a bucket is loaded; at its end, what was not confirmed goes."""
    work.driver.execute(
        "UPDATE sync_bucket SET after = ?, state = CASE WHEN ? THEN 'live' ELSE state END WHERE b = ?",
        (after, done, bucket),
    )
    if done:
        _sweep(work, bucket)


def _sweep(work: Work, bucket: str) -> None:
    for kind, spec in SPECS.items():
        stale = work.reader.rows(
            f"SELECT id FROM {kind} t WHERE _b = ? AND _rev = 0 AND NOT EXISTS "
            "(SELECT 1 FROM sync_base s WHERE s.kind = ? AND s.id = t.id)",
            bucket,
            kind,
        )
        if stale:
            apply.delete(work, spec, [row[0] for row in stale])
        for row in work.reader.rows(
            "SELECT id FROM sync_base WHERE kind = ? AND b = ? AND rev = 0 AND data IS NOT NULL",
            kind,
            bucket,
        ):
            work.driver.execute(
                "UPDATE sync_base SET data = NULL WHERE kind = ? AND id = ?", (kind, row[0])
            )
            apply.rebuild(work, spec, row[0])


def held(connection: DriverConnection, bucket: str) -> list[tuple[str, str, int]]:
    """Return (kind, id, revision) of head office's records in a bucket, as they are known here."""
    found = [
        (row[0], row[1], row[2])
        for row in connection.execute(
            "SELECT kind, id, rev FROM sync_base WHERE b = ? AND data IS NOT NULL AND rev > 0",
            (bucket,),
        ).fetchall()
    ]
    for kind in SPECS:
        found += [
            (kind, row[0], row[1])
            for row in connection.execute(
                f"SELECT id, _rev FROM {kind} t WHERE _b = ? AND NOT EXISTS "
                "(SELECT 1 FROM sync_base s WHERE s.kind = ? AND s.id = t.id)",
                (bucket, kind),
            ).fetchall()
        ]
    return found


def _begin_loading(connection: DriverConnection) -> None:
    """Leave the text indexes for the end of the first load; until then searches read the tables."""
    for kind, spec in SPECS.items():
        if spec.searchable:
            connection.execute(
                "INSERT OR REPLACE INTO meta(k, v) VALUES(?, ?)", (f"index:{kind}", apply.LOADING)
            )


def index_next(work: Work) -> bool:
    """Build the next part of the text indexes that the first load left out; True while there is more."""
    connection = work.driver
    row = connection.execute("SELECT k, v FROM meta WHERE k LIKE 'index:%' LIMIT 1").fetchone()
    if row is None:
        return False
    key, place = row
    kind = key.partition(":")[2]
    after = text_index.index_after(
        connection, SPECS[kind], 0 if place == apply.LOADING else int(place), apply.AT_ONCE
    )
    if after:
        connection.execute("UPDATE meta SET v = ? WHERE k = ?", (str(after), key))
    else:
        connection.execute("DELETE FROM meta WHERE k = ?", (key,))
        work.touch(kind)
    return True
