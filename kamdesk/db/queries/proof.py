"""What is proven to be at head office: by its receipts, record by record, never by the absence of a queue."""

from __future__ import annotations

import json
from datetime import datetime

from kamdesk.db.outbox import IS_OF, places
from kamdesk.db.queries import ASKING, instant
from kamdesk.db.reader import Reader
from kamdesk.db.receipts import short_name
from kamdesk.domain import clock
from kamdesk.domain.attachments import UploadState
from kamdesk.domain.values import dataclass

_IS_TAKEN = "(coalesce(json_extract(o.res, '$.st'), '') IN ('applied', 'merged', 'noop', 'done'))"
_LACKS_CONTENTS = f"""(o.kind = 'attachment' AND EXISTS (SELECT 1 FROM attachment a
  WHERE a.id = o.id AND coalesce(a.upload_state, '') <> '{UploadState.STORED}'))"""
_IS_SETTLED = f"""EXISTS (SELECT 1 FROM sync_issue i WHERE i.kind = o.kind AND i.row_id = o.id AND i.state <> 'open'
  AND {IS_OF})"""
_IS_SIGNED = "(o.st = 'acked' AND (o.mid <= ? OR o.mid IS NULL))"


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

    `waiting`: not confirmed yet, or a file whose contents are not there; `needing`: not taken as they were, so that
    they need the user. What the user has settled since, by another change or by giving one up, is not counted.
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
    """Count by records: one is proven when every change of it since then was taken and is under a receipt.

    Of an attachment, whose record goes before its contents, head office has to say that it has them too.
    """
    last = reader.value("SELECT max(last) FROM sync_receipt") or 0
    row = reader.row(
        f"""SELECT count(*), total(proven AND NOT waits), total(waits), total(needs AND NOT waits) FROM (
          SELECT min({_IS_SIGNED} AND {_IS_TAKEN}) AS proven,
            max(o.st = 'queued' OR {_LACKS_CONTENTS}) AS waits,
            max(o.st = 'acked' AND NOT {_IS_TAKEN}) AS needs
          FROM sync_op o WHERE o.at >= ? AND NOT (o.st = 'acked' AND NOT {_IS_TAKEN} AND {_IS_SETTLED})
          GROUP BY o.kind, o.id)""",
        last,
        since,
    )
    assert row is not None
    newest = reader.row("SELECT at, signature FROM sync_receipt ORDER BY at DESC LIMIT 1")
    total, proven, waiting, needing = (int(value) for value in row)
    receipt = Receipt(instant(newest[0]), short_name(newest[1])) if newest else None
    return Proof(total, proven, waiting, needing, receipt)


def receipt_of(reader: Reader, *ids: str) -> Receipt | None:
    """Return the receipt that proves the last change made here to each of some records, which are shown as one.

    None while a change waits, where the last one was not taken or one needs the user, and for what others changed.
    """
    row = reader.row(
        f"""WITH o AS MATERIALIZED (
            SELECT kind, id, mid, res FROM sync_op WHERE st = 'acked' AND id IN ({places(ids)})),
          newest AS (SELECT max(mid) AS mid FROM o GROUP BY kind, id)
        SELECT r.at, r.signature FROM sync_receipt r WHERE r.last >= (SELECT max(mid) FROM newest)
          AND NOT EXISTS (SELECT 1 FROM o JOIN newest USING (mid) WHERE NOT {_IS_TAKEN})
          AND NOT EXISTS (SELECT 1 FROM sync_op q JOIN o USING (kind, id) WHERE q.st = 'queued')
          AND NOT EXISTS (SELECT 1 FROM {ASKING} a WHERE a.id IN ({places(ids)})) ORDER BY r.last LIMIT 1""",
        *ids,
        *ids,
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
