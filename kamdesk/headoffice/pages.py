"""Turning stored rows into pages: the payloads are ready, so values are moved and hardly ever decoded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from kamdesk.domain.roles import Role, may_read
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice.schema import KINDS
from kamdesk.headoffice.seals import SealError, Seals
from kamdesk.headoffice.sql import text
from kamdesk.sync.protocol import COLUMNS_FROM, SCHEMA, Page

Stored = Sequence[Any]
"""kind, id, bucket, seq, rev, payload (None: deleted)."""
PRICED = frozenset(number for number, spec in KINDS.items() if spec.sealed)
"""The kinds that hold prices; they travel as a stream of their own."""
_logger = logging.getLogger(__name__)
_payloads: msgspec.json.Decoder[list[list[msgspec.Raw]]] = msgspec.json.Decoder(
    list[list[msgspec.Raw]]
)


def readable_kinds(role: Role, schema: int) -> list[int]:
    """List the kinds that a role may hold at all, as far as declarations of this version know them."""
    return [
        number
        for number, spec in KINDS.items()
        if spec.since <= schema and may_read(role, spec.level)
    ]


def readable_fields(spec: RecordSpec, role: Role) -> list[int]:
    """List the positions of the fields that a role may hold."""
    return [at for at, one in enumerate(spec.fields) if may_read(role, one.level)]


def record_count(connection: Connection, user_id: str, role: Role) -> int:
    """Count the live records that a user's buckets hold."""
    kinds = ",".join(str(kind) for kind in readable_kinds(role, SCHEMA))
    total = connection.execute(
        text(
            "SELECT SUM(d.n) FROM user_bucket u JOIN sync_digest d ON d.bucket = u.bucket "
            f"WHERE u.user_id = :user AND d.kind IN ({kinds or 'NULL'})"
        ),
        {"user": user_id},
    ).scalar()
    return int(total or 0)


def pages(
    rows: Sequence[Stored],
    left: Sequence[Sequence[Any]],
    role: Role,
    seals: Seals,
    *,
    is_brief: bool = False,
) -> list[Page]:
    """Make one page per kind of rows and of (kind, id, old bucket, revision) of what left a bucket.

    `is_brief`: buckets that follow from the records are left out.
    """
    made = []
    for number in sorted({row[0] for row in rows} | {one[0] for one in left}):
        puts = [row for row in rows if row[0] == number and row[5] is not None]
        if KINDS[number].sealed:
            puts = _opened(KINDS[number], puts, seals)
        page = _page(KINDS[number], puts, role, is_brief=is_brief)
        page.dele = [
            (row[1], row[4], row[2]) for row in rows if row[5] is None and row[0] == number
        ]
        page.rem = [(one[1], one[3], one[2]) for one in left if one[0] == number]
        made.append(page)
    return made


def _opened(spec: RecordSpec, puts: Sequence[Stored], seals: Seals) -> list[Stored]:
    """Open the prices of these rows. One that cannot be opened is left out: the others must arrive."""
    opened: list[Stored] = []
    for row in puts:
        try:
            values = seals.opened_values(spec, row[1], msgspec.json.decode(row[5]))
        except SealError:
            _logger.error("%s %s cannot be opened; run doctor", spec.kind, row[1])  # noqa: TRY400  # no values in a traceback
            continue
        opened.append((*row[:5], msgspec.json.encode(values).decode()))
    return opened


def _page(spec: RecordSpec, puts: Sequence[Stored], role: Role, *, is_brief: bool) -> Page:
    chosen = readable_fields(spec, role)
    page = Page(k=spec.kind, n=len(puts), c=[spec.fields[at].name for at in chosen])
    if not puts:
        return page
    # One call decodes all payloads; the values stay raw JSON and are copied into the answer as they are.
    values = _payloads.decode("[" + ",".join([row[5] for row in puts]) + "]")
    first = puts[0][2]
    is_shared = all(row[2] == first for row in puts)
    page.b = first if is_shared else ""
    if is_brief and not is_shared and _follows(spec, puts, values, page.c):
        page.rule, is_shared = (spec.bucket.prefix, spec.bucket.field), True
    if page.n >= COLUMNS_FROM:
        turned = list(zip(*values, strict=True))
        heads: list[list[Any]] = [[row[1] for row in puts], [row[4] for row in puts]]
        if not is_shared:
            heads.append([row[2] for row in puts])
        heads += [list(turned[at]) for at in chosen]
        page.cols = heads
    else:
        page.rows = [
            [row[1], row[4], *(() if is_shared else (row[2],)), *(one[at] for at in chosen)]
            for row, one in zip(puts, values, strict=True)
        ]
    return page


def _follows(
    spec: RecordSpec, puts: Sequence[Stored], values: list[list[msgspec.Raw]], told: Sequence[str]
) -> bool:
    """Say whether the bucket of each record is the one that its fields name, as far as these are told."""
    prefix, name = spec.bucket.prefix, spec.bucket.field
    if name == "id":
        return all(row[2] == f"{prefix}:{row[1]}" for row in puts)
    if name not in told:
        return False
    at = spec.names.index(name)
    head = f'"{prefix}:'.encode()
    return all(
        head + bytes(one[at])[1:] == b'"' + row[2].encode() + b'"'
        for row, one in zip(puts, values, strict=True)
    )
