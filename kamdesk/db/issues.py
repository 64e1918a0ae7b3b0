"""What head office did not take as it was: kept with everything the user typed until the user settles it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kamdesk.db.capture import as_json
from kamdesk.db.outbox import QueuedOp
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id

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
) -> None:
    """Keep one change that was not taken, with both sides' values. Call before the record is rebuilt."""
    title = work.reader.value(
        f"SELECT {TITLE.format('o', 'id')} FROM (SELECT ? AS kind, ? AS id) o", op.kind, op.id
    )
    sent: dict[str, Any] = {"op": op.op, "f": op.f, "cmd": op.cmd, "args": op.args, "mid": op.mid,
                            "at": op.at}  # fmt: skip
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


def forget_after(work: Work, last: int) -> None:
    """Drop issues of changes that a restored head office no longer knows: they are decided anew."""
    _forget(work, lambda mid: mid > last)


def forget_verdict(work: Work, mid: int) -> None:
    """Drop the issue of one change, on which another verdict was given."""
    _forget(work, lambda one: one == mid)


def _forget(work: Work, concerns: Callable[[int], bool]) -> None:
    for issue_id, op in work.reader.rows("SELECT id, op FROM sync_issue WHERE state = 'open'"):
        if op and concerns(json.loads(op).get("mid", 0)):
            work.driver.execute("DELETE FROM sync_issue WHERE id = ?", (issue_id,))
            work.issues = True
