"""Half-typed forms: kept while one types, gone in the transaction that saves what they became."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kamdesk.db.work import Work
from kamdesk.domain import clock


def keep_draft(
    work: Work, draft_id: str, *, form: str, title: str, values: Mapping[str, object]
) -> None:
    """Store what stands in a form; `values` are JSON values."""
    work.driver.execute(
        "INSERT INTO draft(id, form, title, data, saved_at) VALUES(?,?,?,?,?) ON CONFLICT(id) DO UPDATE"
        " SET form = excluded.form, title = excluded.title, data = excluded.data, saved_at = excluded.saved_at",
        (draft_id, form, title, json.dumps(values, ensure_ascii=False), clock.stamp()),
    )
    work.touch("draft", draft_id)


def discard_draft(work: Work, draft_id: str) -> None:
    """Forget a draft."""
    if work.driver.execute("DELETE FROM draft WHERE id = ?", (draft_id,)).rowcount:
        work.touch("draft", draft_id)
