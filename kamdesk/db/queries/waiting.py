"""Changes on this computer that head office has not confirmed."""

from __future__ import annotations

import json
from datetime import datetime

from kamdesk.db.issues import TITLE
from kamdesk.db.queries import instant
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass

READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One change in the queue. `what`: create, patch, delete or cmd; `detail`: its fields or command."""

    id: str
    record_id: str
    kind: str
    title: str
    what: str
    detail: tuple[str, ...]
    at: datetime | None
    sent: bool


def waiting(reader: Reader, *, limit: int = READ_AT_ONCE) -> list[WaitingRow]:
    """Return the queue, the oldest first."""
    rows = reader.rows(
        f"SELECT o.lid, o.id, o.kind, {TITLE.format('o', 'id')}, o.op, o.f, o.cmd, o.at, o.mid FROM sync_op o"
        " WHERE o.st = 'queued' ORDER BY o.lid LIMIT ?",
        limit,
    )
    return [
        WaitingRow(
            id=str(row[0]),
            record_id=row[1],
            kind=row[2],
            title=row[3],
            what=row[4],
            detail=(row[6],) if row[4] == "cmd" else tuple(json.loads(row[5])) if row[5] else (),
            at=instant(row[7]),
            sent=row[8] is not None,
        )
        for row in rows
    ]


def waiting_of(reader: Reader, customer_id: str) -> list[WaitingRow]:
    """Return the queued changes of one customer and of what belongs to it."""
    bucket = f"acct:{customer_id}"
    ids = {row[0] for row in reader.rows("SELECT id FROM sync_base WHERE b = ?", bucket)}
    ids |= {row[0] for row in reader.rows("SELECT id FROM task WHERE customer_id = ?", customer_id)}
    return [row for row in waiting(reader, limit=5000) if row.record_id in ids]
