"""What is proven to be at head office: by its receipts, record by record, never by the absence of a queue."""

from __future__ import annotations

import json
from datetime import datetime

from kamdesk.db.queries import instant
from kamdesk.db.reader import Reader
from kamdesk.db.receipts import short_name
from kamdesk.domain import clock
from kamdesk.domain.values import dataclass

_TAKEN = "('applied','merged','noop','done')"


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that this computer and head office did not hold alike; it was mended by loading it anew.

    `how`: missing_here, missing_there or revision.
    """

    at: str
    bucket: str
    kind: str
    id: str
    how: str


@dataclass(frozen=True, slots=True)
class Check:
    """When everything was compared with head office, and how much that was."""

    at: datetime | None
    buckets: int
    records: int
    differences: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signature of head office under what it holds. `name`: four digits to speak of it."""

    at: datetime | None
    name: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Of the records changed here since an instant: how many are proven to be at head office.

    `waiting`: not confirmed yet; `needing`: not taken as they were, so that they need the user.
    """

    total: int
    proven: int
    waiting: int
    needing: int
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that can be said about being in step: today, as far back as is known, the last check."""

    today: Proof
    kept: Proof
    check: Check | None
    difference: Difference | None


def standing(reader: Reader, *, since: datetime) -> Standing:
    """Return what is proven of the records changed since `since`, and of all whose changes are kept."""
    state = dict(reader.rows("SELECT k, v FROM sync_state WHERE k IN ('check', 'difference')"))
    return Standing(
        proof(reader, since=clock.stamp(since)),
        proof(reader, since=""),
        _check(state.get("check")),
        Difference(**json.loads(state["difference"])) if "difference" in state else None,
    )


def proof(reader: Reader, *, since: str) -> Proof:
    """Count by records: one is proven when every change of it since then was taken and is under a receipt."""
    last = reader.value("SELECT max(last) FROM sync_receipt") or 0
    row = reader.row(
        f"""SELECT count(*), total(proven), total(waits), total(needs AND NOT waits) FROM (
          SELECT min(st = 'acked' AND mid <= ? AND coalesce(json_extract(res, '$.st'), '') IN {_TAKEN}) AS proven,
            max(st = 'queued') AS waits,
            max(st = 'acked' AND coalesce(json_extract(res, '$.st'), '') NOT IN {_TAKEN}) AS needs
          FROM sync_op WHERE at >= ? GROUP BY kind, id)""",
        last,
        since,
    )
    assert row is not None
    newest = reader.row("SELECT at, signature FROM sync_receipt ORDER BY at DESC LIMIT 1")
    total, proven, waiting, needing = (int(value) for value in row)
    receipt = Receipt(instant(newest[0]), short_name(newest[1])) if newest else None
    return Proof(total, proven, waiting, needing, receipt)


def receipt_of(reader: Reader, kind: str, record_id: str) -> Receipt | None:
    """Return the receipt that proves a record's last change made here; None while one waits, or for others'."""
    row = reader.row(
        "SELECT r.at, r.signature FROM sync_op o JOIN sync_receipt r ON r.last >= o.mid "
        "WHERE o.kind = ? AND o.id = ? AND o.st = 'acked' AND NOT EXISTS "
        "(SELECT 1 FROM sync_op q WHERE q.kind = o.kind AND q.id = o.id AND q.st = 'queued') "
        "ORDER BY o.mid DESC, r.last LIMIT 1",
        kind,
        record_id,
    )
    return Receipt(instant(row[0]), short_name(row[1])) if row else None


def last_check(reader: Reader) -> datetime | None:
    """Return when everything was compared with head office for the last time."""
    found = _check(reader.value("SELECT v FROM sync_state WHERE k = 'check'"))
    return found.at if found else None


def _check(written: str | None) -> Check | None:
    if written is None:
        return None
    told = json.loads(written)
    return Check(instant(told["at"]), told["buckets"], told["records"], told["differences"])
