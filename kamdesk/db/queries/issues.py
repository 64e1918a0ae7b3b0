"""What head office did not take as it was, for the screen where the user settles it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from kamdesk.db.queries import ASKING, URGENT, instant
from kamdesk.db.reader import Reader
from kamdesk.domain import clock
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class IssueField:
    """One field with what the user saw, what the user wants, and what stands at head office."""

    name: str
    old: object
    mine: object
    theirs: object
    by: str
    at: datetime | None
    is_known: bool = True
    """Whether mine is known here: a price is where it was typed alone."""


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One conflict or refusal. `op`: create, patch, delete or a command's name; `mine`: what was sent.

    `fields`: of an open one without those that were edited since.
    """

    id: str
    kind: str
    row_id: str
    type: str
    title: str
    fields: tuple[IssueField, ...]
    op: str
    mine: Mapping[str, object]
    code: str
    params: Mapping[str, object]
    created: datetime | None
    state: str
    changed_at: datetime | None
    """When the change was made, by head office's clock as far as this computer knew it."""
    can_restore: bool
    """Whether it was of a record that was deleted, and what that was is known."""

    @property
    def standing(self) -> Literal["mine", "theirs"]:
        """Say whose value stands until the user settles it."""
        return "mine" if self.type == "overwritten" else "theirs"

    @property
    def mine_text(self) -> str:
        """Return what the user had typed, for copying."""
        return "\n".join(
            f"{name}: {value}" for name, value in self.mine.items() if value not in (None, "", [])
        )


_PARTS = {
    "attachment", "contract", "contract_line", "contract_line_floor", "contract_line_price", "person",
    "promotion_request", "sealed_text", "task", "visit",
}  # fmt: skip
"""Kinds of records that belong to a customer."""
_COLUMNS = (
    "id, kind, row_id, type, title, fields, op, code, params, created, state, server IS NOT NULL"
)


def open_issues(reader: Reader, *, limit: int = 500) -> list[IssueRow]:
    """Return what waits for the user, the newest first."""
    return [
        _row(row)
        for row in reader.rows(
            f"SELECT {_COLUMNS} FROM sync_issue WHERE state = 'open' ORDER BY created DESC, id LIMIT ?",
            limit,
        )
    ]


def settled_issues(
    reader: Reader, *, limit: int = 200, since: datetime | None = None
) -> list[IssueRow]:
    """Return what was settled, the newest first; each can be taken up again."""
    return [
        _row(row)
        for row in reader.rows(
            f"SELECT {_COLUMNS} FROM sync_issue WHERE state <> 'open' AND coalesce(settled, '') >= ?"
            " ORDER BY settled DESC, id LIMIT ?",
            clock.stamp(since) if since else "",
            limit,
        )
    ]


def count_settled(reader: Reader, *, since: datetime) -> int:
    """Count what was settled since then."""
    return int(
        reader.value(
            "SELECT count(*) FROM sync_issue WHERE state <> 'open' AND settled >= ?",
            clock.stamp(since),
        )
        or 0
    )


def count_open(reader: Reader) -> int:
    """Count what waits for the user."""
    return int(
        reader.value(
            "SELECT count(*) FROM sync_issue WHERE state = 'open' AND type IN (?,?,?,?,?)", *URGENT
        )
        or 0
    )


def disputed_fields(reader: Reader, record_id: str) -> frozenset[str]:
    """Name the fields of a record that wait for the user: his value clashed with head office's."""
    return frozenset(
        field.name
        for row in reader.rows(
            f"SELECT {_COLUMNS} FROM sync_issue WHERE state = 'open' AND type = 'conflict' AND row_id = ?",
            record_id,
        )
        for field in _row(row).fields
    )


def asking_of(reader: Reader, customer_id: str) -> int:
    """Count the records of a customer, itself included, of which a change was not taken and waits for the user."""
    asking: dict[str, list[str]] = {}
    for kind, record_id in reader.rows(f"SELECT DISTINCT kind, id FROM {ASKING}"):
        asking.setdefault(kind, []).append(record_id)
    found = int(customer_id in asking.get("customer", ()))
    for kind in _PARTS & asking.keys():
        found += reader.value(
            f"SELECT count(*) FROM {kind} WHERE customer_id = ? AND id IN (SELECT value FROM json_each(?))",
            customer_id,
            json.dumps(asking[kind]),
        )
    return found


def issue(reader: Reader, issue_id: str) -> IssueRow | None:
    """Return one issue, whatever became of it."""
    row = reader.row(f"SELECT {_COLUMNS} FROM sync_issue WHERE id = ?", issue_id)
    return _row(row) if row else None


def _row(row: tuple[Any, ...]) -> IssueRow:
    id_, kind, row_id, type_, title, fields, op, code, params, created, state, is_known = row
    sent = json.loads(op) if op else {}
    return IssueRow(
        id_, kind, row_id, type_, title or "",
        tuple(
            IssueField(
                name, one.get("old"), one.get("mine"), one.get("theirs"), one.get("by", ""),
                instant(one.get("at")), type_ != "replaced" or "mine" in one,
            )
            for name, one in (json.loads(fields) if fields else {}).items()
            if state != "open" or not one.get("done")
        ),
        sent.get("cmd") or sent.get("op", ""),
        {**{name: pair[-1] for name, pair in sent.get("f", {}).items()}, **sent.get("args", {})},
        code or "", json.loads(params) if params else {}, instant(created), state,
        instant(sent.get("at")), bool(is_known) and code == "gone" and sent.get("op") in {"patch", "cmd"},
    )  # fmt: skip
