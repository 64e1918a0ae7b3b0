"""The bytes of attachments, sealed, in the database: one backup has all, every server process sees all.

A content is kept once for each bucket: whoever knows its hash gets it only where he may read a record that names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.attachments import PIECE, UploadState, piece_length, pieces
from kamdesk.domain.ids import is_id
from kamdesk.domain.roles import may_read
from kamdesk.headoffice import schema
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.seals import Seals
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.security.envelope import SealError
from kamdesk.sync.protocol_files import AttachmentPart, AttachmentState

KIND = "attachment"
KEPT = timedelta(days=35)
"""How long bytes stay that no record names any more: somebody may bring it back."""
_SPEC = SPECS[KIND]
_HERE = "bucket = :bucket AND sha256 = :sha256"


@dataclass(frozen=True, slots=True)
class Named:
    """A record that names a content, and where that content is kept."""

    id: str
    bucket: str
    sha256: str
    size: int
    is_stored: bool

    @property
    def place(self) -> dict[str, str]:
        """The key of the content."""
        return {"bucket": self.bucket, "sha256": self.sha256}


def state(store: Store, caller: Caller, attachment_id: str) -> AttachmentState:
    """Say how much of an attachment is here. Raises Rejected 404 for what the caller may not see."""
    with store.read(subscriber=caller.user_id) as connection:
        one = _named(connection, caller, attachment_id)
        return _state(one, _have(connection, one))


def give(store: Store, caller: Caller, attachment_id: str, offset: int) -> AttachmentPart:
    """Return one piece. Raises Rejected 404 for what the caller may not see, and for what is not here."""
    with store.read(subscriber=caller.user_id) as connection:
        one = _named(connection, caller, attachment_id)
        if offset % PIECE or not 0 <= offset < one.size:
            raise Rejected(400, "bad_request", field="offset")
        if _have(connection, one) < one.size:
            raise Rejected(404, "bytes_missing")
        try:
            data = _piece(connection, store.seals, one, offset // PIECE)
        except SealError:
            raise Rejected(404, "bytes_missing") from None
    return AttachmentPart(one.id, offset, data, hashlib.sha256(data).hexdigest())


def take(store: Store, caller: Caller, part: AttachmentPart) -> AttachmentState:
    """Keep the next piece; one that is here already changes nothing. Returns how much is here now.

    With the last one the whole is checked, and every record of it says so. Raises Rejected.
    """
    with store.read(subscriber=caller.user_id) as connection:
        one = _named(connection, caller, part.id)
    _check(one, part)
    with store.write(KIND, device=caller.device_id, user=caller.user_id) as writer:
        have = _keep(writer.connection, store.seals, one, part)
    if have == one.size and not one.is_stored:
        _finish(store, one)
    return _state(one, have)


def _check(one: Named, part: AttachmentPart) -> None:
    if part.offset % PIECE or not 0 <= part.offset < one.size:
        raise Rejected(400, "bad_request", field="offset")
    if len(part.data) != piece_length(one.size, part.offset // PIECE):
        raise Rejected(400, "bad_request", field="data")
    if hashlib.sha256(part.data).hexdigest() != part.sha256:
        raise Rejected(400, "bad_part")


def _named(connection: Connection, caller: Caller, attachment_id: str) -> Named:
    found = is_id(attachment_id) and may_read(caller.role, _SPEC.level)
    row = (
        connection.execute(
            text(
                "SELECT r.id, r.bucket, r.data FROM sync_row r JOIN user_bucket u ON u.bucket = r.bucket "
                "WHERE r.kind = :kind AND r.id = :id AND r.gone = 0 AND u.user_id = :user"
            ),
            {"kind": _SPEC.number, "id": attachment_id, "user": caller.user_id},
        ).first()
        if found
        else None
    )
    if row is None:
        raise Rejected(404, "not_found")
    return _of(row)


def _of(row: Any) -> Named:
    document = schema.decode(_SPEC, row.data)
    is_stored = document["upload_state"] == UploadState.STORED
    return Named(row.id, row.bucket, document["sha256"], document["size"], is_stored)


def _state(one: Named, have: int) -> AttachmentState:
    return AttachmentState(one.id, one.sha256, one.size, have)


def _have(connection: Connection, one: Named) -> int:
    found = connection.execute(
        text(f"SELECT have FROM blob WHERE {_HERE}"),
        one.place,
    ).scalar()
    return int(found or 0)


def _keep(connection: Connection, seals: Seals, one: Named, part: AttachmentPart) -> int:
    connection.execute(
        text(
            "INSERT INTO blob (bucket, sha256, size, have, at) VALUES (:bucket, :sha256, :size, 0, :at) "
            "ON CONFLICT (bucket, sha256) DO NOTHING"
        ),
        {**one.place, "size": one.size, "at": clock.stamp()},
    )
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    have = int(
        connection.execute(
            text(f"SELECT have FROM blob WHERE {_HERE}{lock}"), one.place
        ).scalar_one()
    )
    if have != part.offset:
        return have  # another device was faster, or this one did not hear the answer
    number = part.offset // PIECE
    connection.execute(
        text(
            "INSERT INTO blob_part (bucket, sha256, n, data) VALUES (:bucket, :sha256, :n, :data)"
        ),
        {**one.place, "n": number, "data": seals.sealed_bytes(_place(one, number), part.data)},
    )
    have += len(part.data)
    connection.execute(
        text(f"UPDATE blob SET have = :have, at = :at WHERE {_HERE}"),
        {**one.place, "have": have, "at": clock.stamp()},
    )
    return have


def _place(one: Named, number: int) -> str:
    return f"blob/{one.bucket}/{one.sha256}/{one.size}/{number}"


def _piece(connection: Connection, seals: Seals, one: Named, number: int) -> bytes:
    """Return one piece. Raises SealError for one that is damaged or missing."""
    sealed = connection.execute(
        text(f"SELECT data FROM blob_part WHERE {_HERE} AND n = :n"), {**one.place, "n": number}
    ).scalar()
    return seals.opened_bytes(_place(one, number), bytes(sealed or b""))


def is_sound(connection: Connection, seals: Seals, one: Named) -> bool:
    """Say whether the bytes of a record are here, all of them, and are what their hash says."""
    whole = hashlib.sha256()
    try:
        for number in range(pieces(one.size)):
            whole.update(_piece(connection, seals, one, number))
    except SealError:
        return False
    return whole.hexdigest() == one.sha256


def _finish(store: Store, one: Named) -> None:
    """Check a content that has all of its bytes, and let every record in its bucket say that it is here."""
    with store.read() as connection:
        is_right = is_sound(connection, store.seals, one)
        named = [
            other.id for other in named_in(connection, one.bucket) if other.sha256 == one.sha256
        ]
    with store.write(KIND) as writer:
        if not is_right:
            _drop(writer.connection, one)
        else:
            for attachment_id in named:
                _say(writer, attachment_id, UploadState.STORED)
    if not is_right:
        raise Rejected(400, "bad_content")


def _say(writer: Writer, attachment_id: str, told: UploadState | None) -> None:
    row = writer.get(KIND, attachment_id)
    if row is not None and not row.is_gone and row.document["upload_state"] != told:
        writer.put(KIND, attachment_id, {**row.document, "upload_state": told})


def _drop(connection: Connection, one: Named) -> None:
    for table in ("blob_part", "blob"):
        connection.execute(text(f"DELETE FROM {table} WHERE {_HERE}"), one.place)


def named_in(connection: Connection, bucket: str = "") -> Iterator[Named]:
    """Give the attachments of a bucket, or all."""
    clause = "AND bucket = :bucket" if bucket else ""
    rows = connection.execute(
        text(f"SELECT id, bucket, data FROM sync_row WHERE kind = :kind AND gone = 0 {clause}"),
        {"kind": _SPEC.number, "bucket": bucket} if bucket else {"kind": _SPEC.number},
    )
    yield from (_of(row) for row in rows.all())


# ---- care --------------------------------------------------------------------------------------------------


def unsound(store: Store) -> list[Named]:
    """Return the records that say their bytes are here, and they are not, or not as they were."""
    with store.read() as connection:
        return [
            one
            for one in named_in(connection)
            if one.is_stored and not is_sound(connection, store.seals, one)
        ]


def ask_again(store: Store) -> int:
    """Let devices hand in again what is missing or damaged; return how many attachments that are."""
    found = unsound(store)
    for one in found:
        with store.write(KIND) as writer:
            _drop(writer.connection, one)
            _say(writer, one.id, None)
    return len(found)


def forget(store: Store) -> int:
    """Delete contents that no record has named for `KEPT`; return how many.

    A tombstone does not say what it named: where a record went lately, all that nothing names stays.
    """
    oldest = clock.stamp(clock.now() - KEPT)
    with store.read() as connection:
        named = {(one.bucket, one.sha256) for one in named_in(connection)}
        lately = set(
            connection.execute(
                text(
                    "SELECT DISTINCT r.bucket FROM sync_row r JOIN sync_commit c ON c.seq = r.seq "
                    "WHERE r.kind = :kind AND r.gone = 1 AND c.at >= :oldest"
                ),
                {"kind": _SPEC.number, "oldest": oldest},
            ).scalars()
        )
        gone = [
            Named("", row.bucket, row.sha256, row.size, is_stored=False)
            for row in connection.execute(
                text("SELECT bucket, sha256, size FROM blob WHERE at < :oldest"), {"oldest": oldest}
            )
            if (row.bucket, row.sha256) not in named and row.bucket not in lately
        ]
    for one in gone:
        with store.write(KIND) as writer:
            _drop(writer.connection, one)
    return len(gone)
