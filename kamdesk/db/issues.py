"""What head office did not take as it was: kept with everything the user typed until the user settles it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from kamdesk.db.capture import as_json
from kamdesk.db.outbox import IS_OF, QueuedOp
from kamdesk.db.reader import DriverConnection
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id

if TYPE_CHECKING:
    from kamdesk.db.work import Work

DELETION = "$delete"
"""Stands for a field where a deletion met a change."""

TITLE = """coalesce(
  CASE {0}.kind WHEN 'customer' THEN (SELECT name FROM customer WHERE id = {0}.{1})
    WHEN 'person' THEN (SELECT name FROM person WHERE id = {0}.{1})
    WHEN 'task' THEN (SELECT title FROM task WHERE id = {0}.{1})
    WHEN 'visit' THEN (SELECT c.name FROM visit v JOIN customer c ON c.id = v.customer_id
      WHERE v.id = {0}.{1})
    WHEN 'promotion_request' THEN (SELECT c.name FROM promotion_request p
      JOIN customer c ON c.id = p.customer_id WHERE p.id = {0}.{1})
    WHEN 'contract' THEN (SELECT title FROM contract WHERE id = {0}.{1})
    WHEN 'contract_line' THEN (SELECT p.name FROM contract_line l JOIN product p ON p.id = l.product_id
      WHERE l.id = {0}.{1})
    WHEN 'attachment' THEN (SELECT name FROM attachment WHERE id = {0}.{1}) END, '')"""
"""What a record is called in a list of changes; fill in the table's alias and the column of the id."""


def open_issue(
    work: Work,
    op: QueuedOp,
    type_: str,
    *,
    code: str = "",
    params: Mapping[str, object] | None = None,
    fields: Mapping[str, Mapping[str, object]] | None = None,
    standing: Mapping[str, object] | None = None,
    at: str = "",
) -> None:
    """Keep one change that was not taken, with both sides' values. Call before the record is rebuilt.

    `at`: when it was made, by head office's clock.
    """
    title = work.reader.value(
        f"SELECT {TITLE.format('o', 'id')} FROM (SELECT ? AS kind, ? AS id) o", op.kind, op.id
    )
    sent: dict[str, Any] = {"op": op.op, "f": op.f, "cmd": op.cmd, "args": op.args, "mid": op.mid,
                            "lid": op.lid, "at": at or op.at}  # fmt: skip
    work.driver.execute(
        "INSERT INTO sync_issue(id, kind, row_id, type, title, fields, op, server, code, params, created) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        (
            new_id(),
            op.kind,
            op.id,
            type_,
            title,
            as_json(fields) if fields else None,
            as_json(sent),
            as_json(standing) if standing is not None else None,
            code,
            as_json(params or {}),
            clock.stamp(),
        ),
    )
    work.issues = True


def write_fields(work: Work, issue_id: str, changes: Mapping[str, Mapping[str, object]]) -> None:
    """Change what an issue says of these fields."""
    told = work.reader.value("SELECT fields FROM sync_issue WHERE id = ?", issue_id)
    if not told or not changes:
        return
    fields = json.loads(told)
    for name, change in changes.items():
        fields[name].update(change)
    work.driver.execute(
        "UPDATE sync_issue SET fields = ? WHERE id = ?", (as_json(fields), issue_id)
    )
    work.issues = True


def forget_edits(work: Work, issue_id: str) -> None:
    """Show all fields of an issue again, also those that the user edited since; nothing settles them but he."""
    told = work.reader.value("SELECT fields FROM sync_issue WHERE id = ?", issue_id)
    write_fields(work, issue_id, {name: {"done": False, "again": True} for name in json.loads(told or "{}")})


def settle_edited(
    driver: DriverConnection, kind: str, record_id: str, names: Collection[str]
) -> bool:
    """Settle what is open about fields that the user edits; say whether there was any.

    An issue goes when all its fields were edited; until then it shows the others.
    """
    is_any = False
    for issue_id, told in driver.execute(
        "SELECT id, fields FROM sync_issue WHERE kind = ? AND row_id = ? AND state = 'open' AND fields IS NOT NULL",
        (kind, record_id),
    ).fetchall():
        fields = json.loads(told)
        edited = [name for name in fields if name in names and not fields[name].get("done")]
        if not edited:
            continue
        is_any = True
        for name in edited:
            fields[name]["done"] = True
        is_settled = all(one.get("done") for one in fields.values())
        driver.execute(
            "UPDATE sync_issue SET fields = ?, state = ?, settled = ? WHERE id = ?",
            (
                as_json(fields),
                "edited" if is_settled else "open",
                clock.stamp() if is_settled else None,
                issue_id,
            ),
        )
    return is_any


def forget_decided(work: Work, which: str, *values: object) -> None:
    """Drop the open issues of those answered changes (a condition on `sync_op o`) that are decided anew.

    Of a change that is no longer in the archive nobody gives another verdict: its issue stays.
    """
    found = work.driver.execute(
        "DELETE FROM sync_issue AS i WHERE i.state = 'open' AND EXISTS (SELECT 1 FROM sync_op o "
        f"WHERE o.id = i.row_id AND o.kind = i.kind AND o.st = 'acked' AND {IS_OF} AND ({which})) RETURNING id",
        values,
    ).fetchall()
    work.issues = work.issues or bool(found)


def forget_settled(connection: DriverConnection, oldest: str, most: int) -> int:
    """Drop at most so many of the issues that were settled before; return how many went.

    One whose change is in the archive stays: it says there that this change asks nobody any more. So does a notice of
    head office until that was told.
    """
    return len(
        connection.execute(
            "DELETE FROM sync_issue WHERE id IN (SELECT i.id FROM sync_issue i "
            "WHERE i.state <> 'open' AND i.settled < ? "
            "AND (i.type <> 'replaced' OR json_extract(i.params, '$.told') IS NOT NULL) "
            "AND NOT EXISTS (SELECT 1 FROM sync_op o WHERE o.id = i.row_id AND o.kind = i.kind AND o.st = 'acked') "
            "LIMIT ?) RETURNING id",
            (oldest, most),
        ).fetchall()
    )
