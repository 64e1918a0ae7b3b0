"""Telling an author that his value was replaced: by who had not seen it, or who was shown it and kept his own.

Written in the commit that replaces it, told to every computer of the author, and settled on all when on one.
A notice holds no price: the old value of one is where it was typed, sealed, and the new one is in the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from kamdesk.domain import clock
from kamdesk.domain.ids import is_id
from kamdesk.headoffice import authors
from kamdesk.headoffice.kinds import SPECS
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.pages import readable_kinds
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.schema import KINDS
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import FieldConflict, Notice, Op, SyncRequest, SyncResponse, Written

KEPT = timedelta(days=400)
MOST = 200
"""In one answer, and to be settled with one request."""
MOST_DISPUTED = 50
_Fields = dict[str, FieldConflict]
_fields = msgspec.json.Decoder(_Fields).decode


def name_of(group: str, op: Op, author: str) -> str:
    """Name a notice: the same one again where a restored head office decides the same change again."""
    content = "\n".join((group, op.k, op.id, author, *sorted(op.f)))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def stored(
    group: str, op: Op, author: str, *, by: str, fields: Mapping[str, FieldConflict]
) -> dict[str, object]:
    """Write a notice as the commit keeps it: `by` replaced these fields, which were the author's."""
    spec = SPECS[op.k]
    told = {name: FieldConflict(at=one.at) if spec.sealed else one for name, one in fields.items()}
    return {
        "id": name_of(group, op, author), "user": author, "kind": spec.number, "row": op.id,
        "at": clock.stamp(), "by": by, "fields": msgspec.json.encode(told).decode(),
    }  # fmt: skip


def check(request: SyncRequest) -> None:
    """Raise Rejected for what no device can have said, before anything of its request is taken."""
    if not -1 <= request.noticed < 1 << 53 or len(request.settled) > MOST:
        raise Rejected(400, "bad_request", field="notices")
    if any(not one.isalnum() or len(one) > 64 for one in request.settled):
        raise Rejected(400, "bad_request", field="notices")
    if len(request.disputed) > MOST_DISPUTED or any(
        not is_id(one) or len(names) > 100 for _, one, names in request.disputed
    ):
        raise Rejected(400, "bad_request", field="disputed")


def settle(store: Store, caller: Caller, ids: Collection[str]) -> None:
    """Settle notices that their user settled on one of his computers, so that the others are told."""
    if not ids:
        return
    with store.write("device", device=caller.device_id, user=caller.user_id) as writer:
        chosen = among(writer.connection, "id", "ids")
        values = {"user": caller.user_id, "ids": listed(writer.connection, sorted(set(ids)))}
        which = f"user_id = :user AND settled = 0 AND {chosen}"
        open_ones = text(f"SELECT count(*) FROM sync_notice WHERE {which}")
        mark = text(f"UPDATE sync_notice SET settled = 1, seq = :seq WHERE {which}")

        def numbered(after: Connection, seq: int) -> None:
            after.execute(mark, {**values, "seq": seq})

        if writer.connection.execute(open_ones, values).scalar():
            writer.then(numbered)


def tell(
    connection: Connection, caller: Caller, request: SyncRequest, answer: SyncResponse
) -> None:
    """Add to an answer the notices that this device was not told yet, up to its snapshot."""
    head = answer.head[0]
    if request.noticed < 0:
        return
    answer.noticed = head
    if request.noticed >= head:
        return
    kinds = set(readable_kinds(caller.role, request.schema))
    rows = _after(connection, caller.user_id, request.noticed, MOST + 1)
    if len(rows) > MOST:
        # Cut between two commits, so that the next answer goes on after the last that was told
        until = rows[-1].seq if rows[0].seq == rows[-1].seq else rows[-1].seq - 1
        rows = _after(connection, caller.user_id, request.noticed, None, until)
        answer.noticed = until
    rows = [one for one in rows if one.kind in kinds]
    answer.notices = [_told(caller, one) for one in rows]
    asked = [
        (SPECS[kind].number, record_id, names, request.noticed)
        for kind, record_id, names in request.disputed
        if kind in SPECS and SPECS[kind].number in kinds
    ]
    asked += [(one.kind, one.row_id, list(_fields(one.fields)), one.seq) for one in rows]
    answer.written = _written(connection, caller, asked)


def _after(
    connection: Connection, user_id: str, after: int, most: int | None, until: int | None = None
) -> Sequence[Row[Any]]:
    end = "" if most is None else "LIMIT :most"
    upto = "" if until is None else "AND n.seq <= :until"
    return connection.execute(
        text(
            "SELECT n.id, n.seq, n.kind, n.row_id, n.at, n.by_name, n.fields, n.settled, "
            "(SELECT u.bucket FROM sync_row r JOIN user_bucket u ON u.bucket = r.bucket "
            "WHERE r.kind = n.kind AND r.id = n.row_id AND u.user_id = :user) AS bucket "
            f"FROM sync_notice n WHERE n.user_id = :user AND n.seq > :after {upto} ORDER BY n.seq {end}"
        ),
        {"user": user_id, "after": after, "most": most, "until": until},
    ).all()


def _told(caller: Caller, row: Row[Any]) -> Notice:
    spec = KINDS[row.kind]
    fields = {
        name: one
        for name, one in _fields(row.fields).items()
        if name in spec.names and caller.may_be_told(spec.field(name).level)
    }
    if (
        row.bucket is None
    ):  # what he wrote he may be told; what stands there now is others' business
        fields = {name: FieldConflict(one.old, one.mine, at=one.at) for name, one in fields.items()}
    return Notice(
        row.id, spec.kind, row.row_id, by=row.by_name, at=row.at, fields=fields,
        settled=bool(row.settled),
    )  # fmt: skip


def _written(
    connection: Connection, caller: Caller, asked: Sequence[tuple[int, str, Sequence[str], int]]
) -> list[Written]:
    """Say who wrote these fields (kind, id, names, after which commit), as far as the caller sees the records."""
    found: list[tuple[int, str, dict[str, authors.Author]]] = []
    for kind, record_id, names, after in asked:
        row = connection.execute(
            text(
                "SELECT r.seq, r.by_user, r.written FROM sync_row r JOIN user_bucket u ON u.bucket = r.bucket "
                "WHERE r.kind = :kind AND r.id = :id AND r.gone = 0 AND r.seq > :after AND u.user_id = :user"
            ),
            {"kind": kind, "id": record_id, "after": after, "user": caller.user_id},
        ).first()
        if row is None:
            continue
        spec = KINDS[kind]
        told = {
            name: author
            for name in names
            if name in spec.names and caller.may_be_told(spec.field(name).level)
            if (author := authors.of(row, name))[1] > after
        }
        if told:
            found.append((kind, record_id, told))
    if not found:
        return []
    whose = [author for _, _, fields in found for author in fields.values()]
    named = _of(connection, "account", "id, name", sorted({user for user, _ in whose}))
    dated = _of(connection, "sync_commit", "seq, at", sorted({seq for _, seq in whose}))
    return [
        Written(
            KINDS[kind].kind,
            record_id,
            {
                name: (user, named.get(user, ""), dated.get(seq, ""))
                for name, (user, seq) in fields.items()
            },
        )
        for kind, record_id, fields in found
    ]


def _of(connection: Connection, table: str, columns: str, keys: Sequence[Any]) -> dict[Any, str]:
    chosen = among(connection, columns.partition(",")[0], "keys")
    rows = connection.execute(
        text(f"SELECT {columns} FROM {table} WHERE {chosen}"), {"keys": listed(connection, keys)}
    )
    return {row[0]: row[1] for row in rows}


def forget(store: Store) -> int:
    """Forget notices that are older than `KEPT`, by head office's clock; return how many."""
    oldest = clock.stamp(clock.now() - KEPT)
    with store.write("horizon") as writer:
        gone = writer.connection.execute(
            text("DELETE FROM sync_notice WHERE at < :oldest"), {"oldest": oldest}
        )
    return gone.rowcount
