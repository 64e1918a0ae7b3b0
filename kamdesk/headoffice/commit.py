"""The commit rule: the only way to change a synced record at head office.

Everything a transaction wants is collected first. At its end the head row is locked, which gives the commit
its number; only then are rows, removals and digests written. Whoever reads a head has all that it covers:
the next number is not handed out before this transaction is visible. See docs/decisions/0008.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, TextClause
from sqlalchemy.exc import DBAPIError

from kamdesk.domain import clock
from kamdesk.domain.merge import same
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice import authors, schema, scopes
from kamdesk.headoffice.kinds import SPECS
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.seals import Seals
from kamdesk.headoffice.sql import text
from kamdesk.sync.protocol import row_hash

Key = tuple[int, str]

# Made once: these run in every commit
_HEAD = text("UPDATE sync_head SET seq = seq + 1 WHERE one = 1 RETURNING seq")
_COMMIT = text(
    "INSERT INTO sync_commit (seq, nonce, at, origin) VALUES (:seq, :nonce, :at, :origin)"
)
CHANNEL = "kamdesk_head"
# Every other writer waits for as long as the head is locked. Nobody waits for the disk meanwhile: `durable` does that
# for all of them at once
_NUMBERED = text(
    f"""WITH head AS (UPDATE sync_head SET seq = seq + 1 WHERE one = 1 RETURNING seq),
    kept AS (INSERT INTO sync_commit (seq, nonce, at, origin) SELECT seq, :nonce, :at, :origin FROM head)
    SELECT seq, pg_notify('{CHANNEL}', ''), {schema.OPEN_GATE},
    set_config('synchronous_commit', 'off', true) FROM head"""
)
_INSERT = text(
    """INSERT INTO sync_row (kind, id, bucket, seq, rev, gone, data, by_device, by_user)
    VALUES (:kind, :id, :bucket, (SELECT seq FROM sync_head), :rev, :gone, :data, :by_device, :by_user)"""
)
_UPDATE = text(
    """UPDATE sync_row SET bucket = :bucket, seq = (SELECT seq FROM sync_head), rev = :rev, gone = :gone,
    data = :data, by_device = :by_device, by_user = :by_user, written = :written WHERE kind = :kind AND id = :id"""
)
_LEFT = text(
    """INSERT INTO sync_left (bucket, kind, id, seq, rev)
    VALUES (:bucket, :kind, :id, (SELECT seq FROM sync_head), :rev)
    ON CONFLICT (bucket, kind, id) DO UPDATE SET seq = excluded.seq, rev = excluded.rev"""
)
_BACK = text("DELETE FROM sync_left WHERE bucket = :bucket AND kind = :kind AND id = :id")
# One that is decided again, by a head office that was restored, is told again
_NOTICE = text(
    """INSERT INTO sync_notice (id, user_id, seq, kind, row_id, at, by_name, fields, settled)
    VALUES (:id, :user, (SELECT seq FROM sync_head), :kind, :row, :at, :by, :fields, 0)
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, at = excluded.at, by_name = excluded.by_name,
    fields = excluded.fields, settled = 0"""
)
# SQLite has no XOR; of two's complement this is it, and it never overflows
_DIGESTS = {
    dialect: text(
        f"""INSERT INTO sync_digest (bucket, kind, n, x) VALUES (:bucket, :kind, :n, :x)
        ON CONFLICT (bucket, kind) DO UPDATE SET n = sync_digest.n + excluded.n, x = {xor}"""
    )
    for dialect, xor in (
        ("postgresql", "sync_digest.x # excluded.x"),
        ("sqlite", "(sync_digest.x | excluded.x) - (sync_digest.x & excluded.x)"),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record as this transaction has it. `data` is the stored payload; None once it is deleted."""

    spec: RecordSpec
    id: str
    bucket: str
    seq: int
    rev: int
    data: str | None
    by_device: str
    by_user: str
    seals: Seals = field(repr=False, compare=False)
    written: str | None = None

    @property
    def is_gone(self) -> bool:
        """Say whether the record was deleted."""
        return self.data is None

    @property
    def document(self) -> dict[str, Any]:
        """Decode the payload and open what is sealed in it."""
        if self.data is None:
            return {}
        return self.seals.opened(self.spec, self.id, schema.decode(self.spec, self.data))


class Writer:
    """One write transaction. Changes are kept here until `finish`, so that a group can be taken back."""

    def __init__(
        self, connection: Connection, seals: Seals, *, origin: str, device: str, user: str
    ) -> None:
        self.connection = connection
        self.seals = seals
        self.seq = 0
        self._origin = origin
        self._device = device
        self._user = user
        self._stored: dict[Key, Row | None] = {}
        self._rows: dict[Key, Row | None] = {}
        self._undo: list[tuple[Key, Row | None]] = []
        self._notices: list[tuple[int, dict[str, object]]] = []
        self._ledger = False
        self._then: list[Callable[[Connection, int], None]] = []

    def load(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Read records ahead, and lock them in one order for all, so that no two writers wait in a ring."""
        by_kind: dict[int, list[str]] = {}
        for kind, record_id in sorted(
            {(SPECS[kind].number, record_id) for kind, record_id in wanted}
        ):
            if (kind, record_id) not in self._stored:
                by_kind.setdefault(kind, []).append(record_id)
        chosen = among(self.connection, "id", "ids")
        lock = "ORDER BY id FOR UPDATE" if self.connection.dialect.name == "postgresql" else ""
        for kind, ids in by_kind.items():
            self._stored.update({(kind, record_id): None for record_id in ids})
            found = self.connection.execute(
                text(
                    f"SELECT id, bucket, seq, rev, data, by_device, by_user, written FROM sync_row "
                    f"WHERE kind = :kind AND {chosen} {lock}"
                ),
                {"kind": kind, "ids": listed(self.connection, ids)},
            )
            for row in found:
                self._stored[kind, row.id] = Row(
                    schema.KINDS[kind], row.id, row.bucket, row.seq, row.rev, row.data, row.by_device,
                    row.by_user, self.seals, row.written,
                )  # fmt: skip
            self._rows.update(
                {(kind, record_id): self._stored[kind, record_id] for record_id in ids}
            )

    def get(self, kind: str, record_id: str) -> Row | None:
        """Return a record as it stands in this transaction, deleted ones included."""
        key = (SPECS[kind].number, record_id)
        if key not in self._stored:
            self.load([(kind, record_id)])
        return self._rows[key]

    def put(self, kind: str, record_id: str, document: Mapping[str, object]) -> Row:
        """Store a whole record, new or changed; its revision grows by one. Nothing is checked here."""
        spec, before = SPECS[kind], self.get(kind, record_id)
        return self._set(
            Row(
                spec,
                record_id,
                spec.bucket.of(record_id, document),
                before.seq if before else 0,
                before.rev + 1 if before else 1,
                schema.encode(spec, self.seals.sealed(spec, record_id, document)),
                self._device,
                self._user,
                self.seals,
            )
        )

    def delete(self, kind: str, record_id: str) -> Row:
        """Leave a tombstone in place of a record. Raises KeyError where there is none."""
        before = self.get(kind, record_id)
        if before is None:
            raise KeyError(record_id)
        if before.is_gone:
            return before
        return self._set(
            replace(
                before, rev=before.rev + 1, data=None, by_device=self._device, by_user=self._user
            )
        )

    def _set(self, row: Row) -> Row:
        key = (row.spec.number, row.id)
        self._undo.append((key, self._rows[key]))
        self._rows[key] = row
        return row

    def mark(self) -> int:
        """Name this point, for `rewind`."""
        return len(self._undo)

    def rewind(self, mark: int) -> None:
        """Take back every `put` and `delete` since `mark`."""
        while len(self._undo) > mark:
            key, row = self._undo.pop()
            self._rows[key] = row
        self._notices = [one for one in self._notices if one[0] <= mark]

    def author(self, kind: str, record_id: str, name: str) -> authors.Author:
        """Say who wrote a field as it stands in this transaction, and in which commit; 0: in this one."""
        key = (SPECS[kind].number, record_id)
        stored, row = self._stored[key], self._rows[key]
        if stored is None or stored.is_gone or row is None:
            return self._user, 0
        if row is not stored and not same(row.document.get(name), stored.document.get(name)):
            return self._user, 0
        return authors.of(stored, name)

    def notify(self, notice: dict[str, object]) -> None:
        """Keep a notice with this commit; see `notices.stored`."""
        self._notices.append((len(self._undo), notice))

    def ledger_changed(self) -> None:
        """Take a number even when no record changed: a restored database must not hide a lost verdict."""
        self._ledger = True

    def then(self, do: Callable[[Connection, int], None]) -> None:
        """Run `do(connection, seq)` after the head is locked: one such writer at a time, and all see it."""
        self._then.append(do)

    def changes(self) -> list[tuple[Row | None, Row]]:
        """Give what stood and what will stand, for every record that changed."""
        return [
            (self._stored[key], row)
            for key, row in self._rows.items()
            if row is not None and row is not self._stored[key]
        ]

    def finish(self) -> None:
        """Number the commit and write it out; called once, by `Store.write`."""
        changes = self.changes()
        if not (changes or self._ledger or self._then):
            return
        statements = [
            *_rows(changes),
            (_DIGESTS[self.connection.dialect.name], _digests(changes)),
            (_NOTICE, [one for _, one in self._notices]),
        ]
        write = _write_piped if self.connection.dialect.name == "postgresql" else _write
        values = {"nonce": secrets.randbits(32), "at": clock.stamp(), "origin": self._origin}
        number = write(self.connection, values, [one for one in statements if one[1]])
        if changes:
            scopes.follow(self.connection, changes, number)
        for do in self._then:
            do(self.connection, number)
        self.seq = number


_Statements = list[tuple[TextClause, list[dict[str, object]]]]


def _write(connection: Connection, values: dict[str, object], statements: _Statements) -> int:
    """Lock the head, take the next number, and write out what is to be."""
    number = int(connection.execute(_HEAD).scalar_one())
    connection.execute(_COMMIT, {"seq": number, **values})
    schema.open_gate(connection)
    for statement, rows in statements:
        connection.execute(statement, rows)
    schema.close_gate(connection)
    return number


def _write_piped(connection: Connection, values: dict[str, object], statements: _Statements) -> int:
    """Do as `_write` in one way to the server and back; other processes hear of it once it is committed.

    Each way costs more than its work: whoever holds the head would wait for this process's other threads every time.
    """
    raw = connection.connection.driver_connection
    assert raw is not None
    try:
        with raw.pipeline(), raw.cursor() as head, raw.cursor() as rest:
            head.execute(_spelled(_NUMBERED, connection.dialect), values)
            for statement, rows in statements:
                spelled = _spelled(statement, connection.dialect)
                if len(rows) == 1:
                    rest.execute(spelled, rows[0])
                else:
                    rest.executemany(spelled, rows)
            return int(head.fetchone()[0])
    except psycopg.Error as error:
        raise DBAPIError.instance(
            "commit", None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@lru_cache(maxsize=20)
def _spelled(statement: TextClause, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))


def _rows(changes: list[tuple[Row | None, Row]]) -> _Statements:
    new: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    left: list[dict[str, object]] = []
    back: list[dict[str, object]] = []
    for before, row in changes:
        values = {
            "kind": row.spec.number,
            "id": row.id,
            "bucket": row.bucket,
            "rev": row.rev,
            "gone": int(row.is_gone),
            "data": row.data,
            "by_device": row.by_device,
            "by_user": row.by_user,
        }
        if before is not None:
            values["written"] = authors.follow(before, row)
        (new if before is None else changed).append(values)
        if before is not None and before.bucket != row.bucket:
            left.append({**values, "bucket": before.bucket})
            back.append(values)
    return [(_INSERT, new), (_UPDATE, changed), (_LEFT, left), (_BACK, back)]


def _digests(changes: list[tuple[Row | None, Row]]) -> list[dict[str, object]]:
    """Count and hash what came and went, by bucket and kind; XOR takes a row out as it puts it in."""
    sums: dict[tuple[str, int], list[int]] = {}
    for before, row in changes:
        for one, step in ((before, -1), (row, 1)):
            if one is not None and not one.is_gone:
                total = sums.setdefault((one.bucket, one.spec.number), [0, 0])
                total[0] += step
                total[1] ^= row_hash(one.spec.kind, one.id, one.rev)
    return [
        {"bucket": bucket, "kind": kind, "n": n, "x": signed(x)}
        for (bucket, kind), (n, x) in sums.items()
    ]


def signed(value: int) -> int:
    """Fold 64 bits into the range of a BIGINT."""
    return value - (1 << 64) if value >= 1 << 63 else value


def unsigned(value: int) -> int:
    """Undo `signed`."""
    return value + (1 << 64) if value < 0 else value
