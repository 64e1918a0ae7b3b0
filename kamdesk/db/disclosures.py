"""What left the program with prices in it and head office was not told yet: kept beside the state of reconciliation."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from kamdesk.db import outbox
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id

AT_ONCE = 100
_KEY = "disclosed"

Disclosure = dict[str, str]
"""id, what, record, at, and how where an older head office does not know that word as a `what`"""
_OLDER = {"printed": "exported"}


def add(work: Work, what: str, record_id: str) -> None:
    """Keep one more, to be told."""
    kept = waiting(outbox.read_state(work.reader))
    one = {"id": new_id(), "what": what, "record": record_id, "at": clock.stamp()}
    if what in _OLDER:
        one |= {"what": _OLDER[what], "how": what}
    kept.append(one)
    outbox.write_state(work.driver, {_KEY: json.dumps(kept)})
    work.outbox = True  # reconciliation is woken


def waiting(state: Mapping[str, str]) -> list[Disclosure]:
    """Return what is to be told, the oldest first."""
    kept: list[Disclosure] = json.loads(state.get(_KEY) or "[]")
    return kept


def told(work: Work, ids: Collection[str]) -> None:
    """Forget what head office was told."""
    left = [one for one in waiting(outbox.read_state(work.reader)) if one["id"] not in ids]
    outbox.write_state(work.driver, {_KEY: json.dumps(left) if left else ""})
