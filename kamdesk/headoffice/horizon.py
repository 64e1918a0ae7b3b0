"""How far back deletions are told: a device that was away for longer loads everything anew."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.headoffice import blobs, notices, schema
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.sync.protocol import SyncRequest

KEPT = timedelta(days=180)
_AT_ONCE = 2000
_EVERY = 24 * 3600.0
_logger = logging.getLogger(__name__)


def check(connection: Connection, request: SyncRequest, head: int) -> None:
    """Raise Rejected("cursor_expired") where a position is from before the deletions that are still known."""
    positions = [request.cursor, *(one.start for one in request.loading)]
    if request.price_cursor >= 0:
        positions.append(request.price_cursor)
    if min(positions) < _of(connection):
        raise Rejected(410, "cursor_expired", head=head)


def forget(store: Store) -> int:
    """Forget deletions and moves older than `KEPT`, by head office's clock; return how many."""
    oldest = clock.stamp(clock.now() - KEPT)
    with store.read() as connection:
        until = connection.execute(
            text("SELECT max(seq) FROM sync_commit WHERE at < :oldest"), {"oldest": oldest}
        ).scalar()
        if until is None or until <= _of(connection):
            return 0
    # First the word that nothing before is told any more: whoever asks meanwhile must not miss a deletion
    with store.write("horizon") as writer:
        writer.connection.execute(
            text(
                "INSERT INTO meta (k, v) VALUES ('horizon', :v) ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            {"v": str(until)},
        )
    with store.read() as connection:
        gone = connection.execute(
            text("SELECT kind, id FROM sync_row WHERE seq <= :until AND gone = 1"),
            {"until": until},
        ).all()
    for start in range(0, len(gone), _AT_ONCE):
        _remove(
            store,
            [
                {"kind": row[0], "id": row[1], "until": until}
                for row in gone[start : start + _AT_ONCE]
            ],
        )
    with store.write("horizon") as writer:
        left = writer.connection.execute(
            text("DELETE FROM sync_left WHERE seq <= :until"), {"until": until}
        )
    return len(gone) + left.rowcount


def _of(connection: Connection) -> int:
    """Return the last commit whose deletions may be forgotten."""
    return int(connection.execute(text("SELECT v FROM meta WHERE k = 'horizon'")).scalar() or 0)


def _remove(store: Store, rows: list[dict[str, object]]) -> None:
    with store.write("horizon") as writer:
        schema.open_gate(writer.connection)
        writer.connection.execute(
            text(
                "DELETE FROM sync_row WHERE kind = :kind AND id = :id AND gone = 1 AND seq <= :until"
            ),
            rows,
        )
        schema.close_gate(writer.connection)


async def keep_forgetting(store: Store) -> None:
    """Forget once a day, for as long as head office serves."""
    while True:
        for what, do in (
            ("old deletions", forget),
            ("notices", notices.forget),
            ("contents that nothing names", blobs.forget),
        ):
            try:
                if count := await asyncio.to_thread(do, store):
                    _logger.info("%d %s were forgotten", count, what)
            except Exception:  # noqa: BLE001  # one record that cannot be read must not end this for good
                _logger.exception("%s were not forgotten; tomorrow again", what)
        await asyncio.sleep(_EVERY)
