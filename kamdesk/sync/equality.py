"""Whether this computer and head office hold the same: by count and hash of each bucket, then by record.

What was compared and what was found is remembered, so that a difference is never mended without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kamdesk.db import buckets, outbox
from kamdesk.db.buckets import Held
from kamdesk.db.capture import as_json
from kamdesk.db.queries.proof import Difference
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.sync.protocol import row_hash, summary_hash


def differing(reader: Reader, digest: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return the live buckets whose count or hash is not head office's."""
    here = buckets.held(reader.connection, compared(reader, digest))
    return [bucket for bucket, rows in here.items() if digest_of(rows) != tuple(digest[bucket])]


def compared(reader: Reader, digest: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return those buckets of an answer that can be compared: the ones that are not being loaded."""
    rows = reader.rows(
        "SELECT b FROM sync_bucket WHERE state = 'live' AND b IN (SELECT value FROM json_each(?)) ORDER BY b",
        as_json(list(digest)),
    )
    return [row[0] for row in rows]


def digest_of(rows: Sequence[Held]) -> tuple[int, str]:
    """Count and hash records as head office does."""
    count, total = _total(rows)
    return count, f"{total:016x}"


def _total(rows: Sequence[Held]) -> tuple[int, int]:
    total = 0
    for kind, record_id, rev in rows:
        total ^= row_hash(kind, record_id, rev)
    return len(rows), total


def summary(connection: DriverConnection, touched: Iterable[tuple[str, str]]) -> str:
    """Hash what is here of these buckets and kinds, in one piece, as head office does."""
    by_kind: dict[str, set[str]] = {}
    for bucket, kind in touched:
        by_kind.setdefault(kind, set()).add(bucket)
    return summary_hash(
        (bucket, SPECS[kind].number, *_total(rows))
        for kind, names in by_kind.items()
        for bucket, rows in buckets.held(connection, sorted(names), (kind,)).items()
    )


def first_difference(bucket: str, here: Iterable[Held], there: Iterable[Held]) -> Difference | None:
    """Name the first record, by kind and id, that the two do not hold alike."""
    mine = {(kind, record_id): rev for kind, record_id, rev in here}
    theirs = {(kind, record_id): rev for kind, record_id, rev in there}
    for kind, record_id in sorted(mine.keys() | theirs.keys()):
        rev, other = mine.get((kind, record_id)), theirs.get((kind, record_id))
        if rev != other:
            how = (
                "missing_here" if rev is None else "missing_there" if other is None else "revision"
            )
            return Difference(clock.stamp(), bucket, kind, record_id, how)
    return None


def remember_difference(work: Work, found: Difference) -> None:
    """Keep the newest difference, for the user to see that it was found and mended."""
    outbox.write_state(work.driver, {"difference": msgspec.json.encode(found).decode()})


def remember_check(work: Work, *, buckets: int, records: int, differences: int) -> None:
    """Keep when everything was compared, and how much that was."""
    told = {"at": clock.stamp(), "buckets": buckets, "records": records, "differences": differences}
    outbox.write_state(work.driver, {"check": msgspec.json.encode(told).decode()})
