"""What a device is told: the changes of its live buckets, the next part of loading ones, and digests.

Everything in one answer is read from one snapshot.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.headoffice import comparing, horizon, newcomers, notices, scopes
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.pages import PRICED, Stored, pages, readable_kinds, record_count
from kamdesk.headoffice.seals import Seals
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import head_of
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import (
    MAX_ROWS,
    Delta,
    Load,
    Loading,
    Scope,
    SyncRequest,
    SyncResponse,
)

MOST_ROWS = 20_000
_BUCKETS_AT_ONCE = 250
_COUNT_FOR = 30.0
_MOST_COUNTED = 10_000
_MOST_DIGESTS = 200
_DIGESTS_OF_LOAD = 20
"""A sample: when everything is there, everything is compared."""
_DIGESTS_BESIDE = 20
"""What is told bucket by bucket beside a `summary` of all that was touched."""
_FIELDS = "kind, id, bucket, seq, rev, data"

_Left = Sequence[Any]
"""kind, id, old bucket, revision, seq."""
Known = tuple[int, str, int]
"""kind, id, revision."""


@dataclass(slots=True)
class _Taken:
    head: int
    rows: list[Stored] = field(default_factory=list)
    left: list[_Left] = field(default_factory=list)
    load: list[Load] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.left)


def pull(
    connection: Connection,
    caller: Caller,
    request: SyncRequest,
    answer: SyncResponse,
    seals: Seals,
) -> None:
    """Fill `answer` with what is new, all from the snapshot of `connection`.

    Prices are a stream of their own: a device whose prices are locked does not ask for it, and catches up later.
    """
    greet(connection, caller, answer)
    # Asked here and not when the token was checked: the subscription must be of this snapshot too
    scope = connection.execute(
        text("SELECT scope_hash FROM account WHERE id = :user"), {"user": caller.user_id}
    ).scalar_one()
    if scope != request.scope:
        answer.scope = Scope(hash=scope, buckets=scopes.buckets_of(connection, caller.user_id))
        answer.records = _records(connection, caller, scope)
        return
    horizon.check(connection, request, answer.head[0])
    kinds = set(readable_kinds(caller.role, request.schema)) - (
        PRICED if caller.order else frozenset()
    )
    asked = request.limit.rows if request.limit is not None else MAX_ROWS
    limit = max(1, min(asked or MAX_ROWS, MOST_ROWS))
    loading = {one.bucket for one in request.loading}
    stream = _Stream(connection, caller, seals, loading, answer.head[0], is_brief=request.brief)
    answer.delta = stream.delta(request.cursor, kinds - PRICED, limit, _known(request, answer))
    if request.price_cursor >= 0 and kinds & PRICED:
        room = max(limit - stream.taken, 1)
        answer.price_delta = stream.delta(request.price_cursor, kinds & PRICED, room)
    elif request.price_cursor >= 0 and caller.order:
        # To a program that knows no orders, prices are simply all gone
        answer.price_delta = Delta(cursor=request.price_cursor, more=False, pages=[])
    touched, room = {bucket for bucket, _ in stream.touched}, limit - stream.taken
    if request.loading:
        taken = _load(
            connection,
            caller.user_id,
            request.loading,
            limit=max(room, 1),
            head=answer.head[0],
            kinds=kinds,
        )
        answer.load = taken.load
        answer.load_pages = pages(
            taken.rows, taken.left, caller.role, seals, is_brief=request.brief
        )
        answer.records = _records(connection, caller, scope)
        loading -= {one.b for one in taken.load if one.done}
        touched |= {one.b for one in taken.load if one.done}
    notices.tell(connection, caller, request, answer)
    if not answer.delta.more:
        told = answer.price_delta
        has_prices = told is not None and not told.more and not caller.order
        most = _DIGESTS_OF_LOAD if request.loading else _MOST_DIGESTS
        if request.brief and len(touched) > _DIGESTS_BESIDE:
            most = _DIGESTS_BESIDE
            answer.summary = comparing.summary(connection, stream.touched, has_prices=has_prices)
        some = set(sorted(touched - loading)[:most])
        compared = comparing.to_compare(connection, caller, some, loading, has_prices=has_prices)
        if request.compare:
            compared |= comparing.asked(
                connection, caller, request.compare, loading, has_prices=has_prices
            )
        if request.check_after is not None:
            compared |= comparing.next_to_compare(
                connection, caller, request.check_after, loading, answer, has_prices=has_prices
            )
        answer.digest = comparing.digests(connection, compared, caller.role, request.schema)


def greet(connection: Connection, caller: Caller, answer: SyncResponse) -> None:
    """Fill in what every answer has, whether or not it tells what is new."""
    answer.now = clock.stamp()
    answer.role = caller.role.value
    answer.head = head_of(connection)


@dataclass(slots=True)
class _Stream:
    """What changed for one device, and which buckets that touched."""

    connection: Connection
    caller: Caller
    seals: Seals
    loading: set[str]
    head: int
    is_brief: bool = False
    touched: set[tuple[str, int]] = field(default_factory=set)
    """By bucket and kind."""
    taken: int = 0

    def delta(
        self, cursor: int, kinds: set[int], limit: int, known: Collection[Known] = ()
    ) -> Delta:
        """Give what changed after `cursor` in these kinds, outside of the buckets that are being loaded.

        What is `known` there only counts as touched.
        """
        found, until, more = _changed(
            self.connection, self.caller.user_id, cursor, self.head, limit, kinds
        )
        rows = [row for row in found.rows if row[2] not in self.loading]
        left = [one for one in found.left if one[2] not in self.loading]
        self.touched |= {(one[2], one[0]) for some in (rows, left) for one in some}
        self.taken += len(rows) + len(left)
        rows = [row for row in rows if (row[0], row[1], row[4]) not in known]
        made = pages(rows, left, self.caller.role, self.seals, is_brief=self.is_brief)
        for page in made:
            page.undone = newcomers.taken_back(
                self.connection, page.k, [one[0] for one in page.dele]
            )
        return Delta(cursor=until, more=more, pages=made)


def _known(request: SyncRequest, answer: SyncResponse) -> set[Known]:
    """Name what a device knows without being told: records as its own changes made them, and nobody else's."""
    plain = {one.mid: one.rev for one in answer.results if one.st == "applied" and one.row is None}
    return {
        (SPECS[op.k].number, op.id, plain[op.mid])
        for group in request.groups
        for op in group.ops
        if op.op == "patch" and op.mid in plain
    }


_counted: dict[tuple[str, str], tuple[float, int]] = {}


def _records(connection: Connection, caller: Caller, scope: str) -> int:
    """Count what a subscription holds; for a progress bar, so a count of half a minute ago will do."""
    now = time.monotonic()
    at, count = _counted.get((caller.user_id, scope), (0.0, -1))
    if count < 0 or now - at > _COUNT_FOR:
        count = record_count(connection, caller.user_id, caller.role)
        if len(_counted) > _MOST_COUNTED:
            _counted.clear()
        _counted[caller.user_id, scope] = (now, count)
    return count


def _changed(
    connection: Connection, user_id: str, cursor: int, head: int, limit: int, kinds: set[int]
) -> tuple[_Taken, int, bool]:
    """Read what changed in a user's buckets after `cursor`, cut between two commits: never within one."""
    if cursor >= head:
        return _Taken(head), head, False
    taken = _range(connection, user_id, cursor, head, limit + 1, kinds)
    if len(taken) <= limit:
        return taken, head, False
    numbers = sorted([row[3] for row in taken.rows] + [one[4] for one in taken.left])
    cut = numbers[limit]
    if cut == numbers[0]:
        # The first commit alone is more than was asked for; it comes whole
        return _range(connection, user_id, cut - 1, cut, None, kinds), cut, cut < head
    taken.rows = [row for row in taken.rows if row[3] < cut]
    taken.left = [one for one in taken.left if one[4] < cut]
    return taken, cut - 1, True


def _range(
    connection: Connection, user_id: str, after: int, until: int, most: int | None, kinds: set[int]
) -> _Taken:
    values: dict[str, Any] = {"user": user_id, "after": after, "until": until, "most": most}
    among_kinds = ",".join(str(kind) for kind in sorted(kinds)) or "NULL"
    end = "" if most is None else "LIMIT :most"
    # CROSS JOIN keeps SQLite's order: the range of numbers first, then one look at the subscription. With + it does not
    # go by kind instead, through all the records that there are
    rows = connection.execute(
        text(
            "SELECT r.kind, r.id, r.bucket, r.seq, r.rev, r.data FROM sync_row r CROSS JOIN user_bucket u "
            "WHERE r.seq > :after AND r.seq <= :until AND u.user_id = :user AND u.bucket = r.bucket "
            f"AND +r.kind IN ({among_kinds}) ORDER BY r.seq {end}"
        ),
        values,
    ).all()
    left = connection.execute(
        text(
            "SELECT l.kind, l.id, l.bucket, l.rev, l.seq FROM sync_left l CROSS JOIN user_bucket u "
            "WHERE l.seq > :after AND l.seq <= :until AND u.user_id = :user AND u.bucket = l.bucket "
            f"AND +l.kind IN ({among_kinds}) ORDER BY l.seq {end}"
        ),
        values,
    ).all()
    return _Taken(until, list(rows), list(left))


def _load(
    connection: Connection,
    user_id: str,
    loading: list[Loading],
    *,
    limit: int,
    head: int,
    kinds: set[int],
) -> _Taken:
    """Fill one answer across loading buckets in their order, up to the limit."""
    taken = _Taken(head)
    at = 0
    while at < len(loading) and len(taken) < limit:
        chunk = loading[at : at + _BUCKETS_AT_ONCE]
        sizes = _sizes(connection, user_id, [one.bucket for one in chunk])
        whole: list[Loading] = []
        room = limit - len(taken)
        for one in chunk:
            size = sizes.get(one.bucket, 0)
            if size > room:
                break
            whole.append(one)
            room -= size
        if whole:
            mine = [one for one in whole if one.bucket in sizes]
            if mine:
                _take_whole(connection, taken, mine, kinds)
            at += len(whole)
        if len(whole) < len(chunk) and len(taken) < limit:
            _take_part(connection, taken, chunk[len(whole)], limit - len(taken), kinds)
            break
    return taken


def _sizes(connection: Connection, user_id: str, buckets: list[str]) -> dict[str, int]:
    """Count the records of those buckets that the user is subscribed to; the others are absent."""
    rows = connection.execute(
        text(
            "SELECT u.bucket, coalesce(SUM(d.n), 0) FROM user_bucket u "
            "LEFT JOIN sync_digest d ON d.bucket = u.bucket "
            f"WHERE u.user_id = :user AND {among(connection, 'u.bucket', 'buckets')} GROUP BY u.bucket"
        ),
        {"user": user_id, "buckets": listed(connection, buckets)},
    )
    return {bucket: int(size) for bucket, size in rows}


def _take_whole(
    connection: Connection, taken: _Taken, wanted: list[Loading], kinds: set[int]
) -> None:
    """Take all of these buckets. What went is told only past the point where the load began."""
    places = {one.bucket: one for one in wanted}
    values = {
        "buckets": listed(connection, places),
        "least": min(max(one.after, one.start) for one in wanted),
    }
    chosen = among(connection, "bucket", "buckets")
    live = connection.execute(
        text(f"SELECT {_FIELDS} FROM sync_row WHERE {chosen} AND gone = 0"), values
    ).all()
    gone = connection.execute(
        text(f"SELECT {_FIELDS} FROM sync_row WHERE {chosen} AND seq > :least AND gone = 1"), values
    ).all()
    left = connection.execute(
        text(f"SELECT kind, id, bucket, rev, seq FROM sync_left WHERE {chosen} AND seq > :least"),
        values,
    ).all()
    if any(one.after for one in wanted):
        live = [row for row in live if row[3] > places[row[2]].after]
    taken.rows += [row for row in live if row[0] in kinds]
    taken.rows += [
        row
        for row in gone
        if row[0] in kinds and row[3] > max(places[row[2]].after, places[row[2]].start)
    ]
    taken.left += [
        row
        for row in left
        if row[0] in kinds and row[4] > max(places[row[2]].after, places[row[2]].start)
    ]
    taken.load += [Load(b=one.bucket, after=taken.head, done=True) for one in wanted]


def _take_part(
    connection: Connection, taken: _Taken, wanted: Loading, room: int, kinds: set[int]
) -> None:
    """Take the next part of one big bucket, cut between two commits."""
    entries = _entries(connection, wanted, room + 1)
    is_done = len(entries) <= room
    if not is_done:
        cut = entries[room][0]
        if cut == entries[0][0]:
            whole = Loading(wanted.bucket, cut - 1, wanted.start)
            entries = [one for one in _entries(connection, whole, None) if one[0] == cut]
        else:
            entries = [one for one in entries if one[0] < cut]
    for _, row, left in entries:
        if row is not None and row[0] in kinds:
            taken.rows.append(row)
        if left is not None and left[0] in kinds:
            taken.left.append(left)
    after = entries[-1][0] if entries else wanted.after
    taken.load.append(Load(b=wanted.bucket, after=after, done=is_done))


def _entries(
    connection: Connection, wanted: Loading, most: int | None
) -> list[tuple[int, Stored | None, _Left | None]]:
    values: dict[str, Any] = {
        "bucket": wanted.bucket,
        "after": wanted.after,
        "removed": max(wanted.after, wanted.start),
        "most": most,
    }
    end = "" if most is None else "LIMIT :most"
    entries: list[tuple[int, Stored | None, _Left | None]] = [
        (row[3], row, None)
        for row in connection.execute(
            text(
                f"SELECT {_FIELDS} FROM sync_row WHERE bucket = :bucket AND seq > :after "
                f"AND (gone = 0 OR seq > :removed) ORDER BY seq {end}"
            ),
            values,
        )
    ]
    entries += [
        (row[4], None, row)
        for row in connection.execute(
            text(
                "SELECT kind, id, bucket, rev, seq FROM sync_left "
                f"WHERE bucket = :bucket AND seq > :removed ORDER BY seq {end}"
            ),
            values,
        )
    ]
    entries.sort(key=lambda entry: entry[0])
    return entries if most is None else entries[:most]
