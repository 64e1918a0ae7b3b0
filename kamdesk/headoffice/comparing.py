"""What a device and head office compare: counts and hashes of buckets, and a bucket record by record."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from kamdesk.db.records import SPECS, is_price_bucket
from kamdesk.domain.roles import Role
from kamdesk.headoffice import scopes
from kamdesk.headoffice.commit import unsigned
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.pages import readable_kinds
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import head_of
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import SCHEMA, Listing, SyncResponse, summary_hash

_ROTATING = 2
MOST_COMPARED = 500
"""Buckets that one request of the check of everything compares."""


def to_compare(
    connection: Connection,
    caller: Caller,
    touched: set[str],
    loading: set[str],
    *,
    has_prices: bool,
) -> set[str]:
    """Name what was touched, and a few other live buckets, whose counts and hashes are to be compared."""
    asked = touched | (set(_some_buckets(connection, caller.user_id)) - loading)
    if not has_prices:
        # Where prices are behind, locked or not, there is nothing to compare yet
        asked = {bucket for bucket in asked if not is_price_bucket(bucket)}
    return asked


def next_to_compare(
    connection: Connection,
    caller: Caller,
    after: str,
    loading: set[str],
    answer: SyncResponse,
    *,
    has_prices: bool,
) -> set[str]:
    """Name the next live buckets in the order of their names."""
    names = list(
        connection.execute(
            text(
                "SELECT bucket FROM user_bucket WHERE user_id = :user AND bucket > :after "
                "ORDER BY bucket LIMIT :most"
            ),
            {"user": caller.user_id, "after": after, "most": MOST_COMPARED},
        ).scalars()
    )
    answer.checked_to = names[-1] if len(names) == MOST_COMPARED else ""
    return {name for name in names if has_prices or not is_price_bucket(name)} - loading


def asked(
    connection: Connection,
    caller: Caller,
    names: Sequence[str],
    loading: set[str],
    *,
    has_prices: bool,
) -> set[str]:
    """Name those of the live buckets that a device asks about which may be compared."""
    known = scopes.subscribed(connection, caller.user_id, names[:MOST_COMPARED])
    return {name for name in known if has_prices or not is_price_bucket(name)} - loading


def summary(
    connection: Connection, touched: Iterable[tuple[str, int]], *, has_prices: bool
) -> str:
    """Hash what these kinds hold in these buckets, in one piece."""
    pairs = {one for one in touched if has_prices or not is_price_bucket(one[0])}
    values = {"buckets": listed(connection, {bucket for bucket, _ in pairs})}
    kinds = ",".join(str(kind) for kind in sorted({kind for _, kind in pairs})) or "NULL"
    chosen = f"{among(connection, 'bucket', 'buckets')} AND kind IN ({kinds})"
    found = {
        (row[0], row[1]): (row[2], unsigned(row[3]))
        for row in connection.execute(
            text(f"SELECT bucket, kind, n, x FROM sync_digest WHERE {chosen}"), values
        ).all()
    }
    return summary_hash((*pair, *found.get(pair, (0, 0))) for pair in pairs)


def listing(connection: Connection, caller: Caller, bucket: str) -> Listing:
    """List what a subscribed bucket holds, over the kinds that the role may read. Raises Rejected."""
    values = {"user": caller.user_id, "bucket": bucket}
    if not connection.execute(
        text("SELECT 1 FROM user_bucket WHERE user_id = :user AND bucket = :bucket"), values
    ).scalar():
        raise Rejected(404, "not_found")
    readable = {SPECS[kind].number: kind for kind in SPECS}
    kinds = set(readable_kinds(caller.role, SCHEMA))
    return Listing(
        head_of(connection),
        [
            (readable[kind], record_id, rev)
            for kind, record_id, rev in connection.execute(
                text(
                    "SELECT kind, id, rev FROM sync_row WHERE bucket = :bucket AND gone = 0 "
                    "ORDER BY kind, id"
                ),
                values,
            )
            if kind in kinds
        ],
    )


def _some_buckets(connection: Connection, user_id: str) -> Iterable[str]:
    values = {"user": user_id, "n": _ROTATING}
    total = connection.execute(
        text("SELECT COUNT(*) FROM user_bucket WHERE user_id = :user"), values
    ).scalar_one()
    start = random.randrange(max(total - _ROTATING, 0) + 1)  # noqa: S311  # a sample, no secret
    return connection.execute(
        text(
            "SELECT bucket FROM user_bucket WHERE user_id = :user ORDER BY bucket LIMIT :n OFFSET :start"
        ),
        {**values, "start": start},
    ).scalars()


def digests(
    connection: Connection, buckets: Iterable[str], role: Role, schema: int
) -> dict[str, tuple[int, str]]:
    """Give (count, 16 hex digits) of buckets, over the kinds that a role may read and a program knows."""
    kinds = set(readable_kinds(role, schema))
    wanted = sorted(set(buckets))
    result = dict.fromkeys(wanted, (0, 0))
    for bucket, kind, n, x in connection.execute(
        text(
            f"SELECT bucket, kind, n, x FROM sync_digest WHERE {among(connection, 'bucket', 'buckets')}"
        ),
        {"buckets": listed(connection, wanted)},
    ):
        if kind in kinds:
            count, total = result[bucket]
            result[bucket] = (count + n, total ^ unsigned(x))
    return {bucket: (n, f"{x:016x}") for bucket, (n, x) in result.items()}
