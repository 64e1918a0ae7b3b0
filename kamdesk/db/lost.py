"""What goes from here because a restored head office no longer has it: counted as it goes, and told once at the end."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kamdesk.db.buckets import take_out
from kamdesk.db.capture import as_json
from kamdesk.db.outbox import places, write_state
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id

_STATE = "lost"


def begin(work: Work) -> None:
    """Count from now on; what went with an earlier restore and was not told yet is told together."""
    write_state(work.driver, {_STATE: as_json(_counted(work) or {})})


def take_out_counted(
    work: Work, kind: str, ids: Sequence[str], buckets: Sequence[str], *, unconfirmed: bool
) -> None:
    """As `buckets.take_out`; after a restore it counts what is not shown here any more."""
    counted = _counted(work)
    if counted is None:
        take_out(work, kind, ids, buckets, unconfirmed=unconfirmed)
        return
    before = _present(work, kind, ids)
    take_out(work, kind, ids, buckets, unconfirmed=unconfirmed)
    gone = before - _present(work, kind, ids)
    if gone:
        counted[kind] = counted.get(kind, 0) + gone
        write_state(work.driver, {_STATE: as_json(counted)})


def tell(work: Work) -> None:
    """Tell the user, once everything is loaded, how many records of which kinds went."""
    counted = _counted(work)
    if counted:
        work.driver.execute(
            "INSERT INTO sync_issue(id, kind, row_id, type, code, params, created) VALUES(?,?,'',?,?,?,?)",
            (
                new_id(), next(iter(counted)), _STATE, _STATE, as_json({"kinds": counted}),
                clock.stamp(),
            ),
        )  # fmt: skip
        work.issues = True
    if counted is not None:
        write_state(work.driver, {_STATE: ""})


def _counted(work: Work) -> dict[str, int] | None:
    found = work.reader.value("SELECT v FROM sync_state WHERE k = ?", _STATE)
    return dict(json.loads(found)) if found else None


def _present(work: Work, kind: str, ids: Sequence[str]) -> int:
    return int(
        work.reader.value(f"SELECT count(*) FROM {kind} WHERE id IN ({places(ids)})", *ids) or 0
    )
