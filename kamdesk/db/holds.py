"""Deletions that are held back because head office deletes unusually many records at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kamdesk.db.apply import AT_ONCE, Gone
from kamdesk.db.capture import as_json
from kamdesk.db.outbox import places, write_state
from kamdesk.db.reader import Reader
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id

_STATE = "mass_delete"


def count_present(reader: Reader, kind: str, entries: Sequence[Gone]) -> int:
    """Count those of these records that are here and would go."""
    present = 0
    for start in range(0, len(entries), AT_ONCE):
        part = entries[start : start + AT_ONCE]
        bucket_of = {record_id: bucket for record_id, _, bucket in part}
        rows = reader.rows(
            f"SELECT id, _b FROM {kind} WHERE id IN ({places(part)})", *bucket_of.keys()
        )
        present += sum(bucket_of[record_id] == bucket for record_id, bucket in rows)
    return present


def count_all(reader: Reader, kind: str) -> int:
    """Count the records of a kind."""
    return int(reader.value(f"SELECT count(*) FROM {kind}") or 0)


def decision(reader: Reader) -> str:
    """Return what the user said: "open" (nothing yet), "mine" (keep), "theirs" (take); "" where nothing is held."""
    found = reader.value(
        "SELECT i.state FROM sync_state s JOIN sync_issue i ON i.id = s.v WHERE s.k = ?", _STATE
    )
    return str(found or "")


def hold(work: Work, found: Mapping[str, tuple[int, int]], *, has_copy: bool) -> None:
    """Ask the user: by kind, how many records would go, and how many there are; and say whether a copy was made."""
    issue_id = new_id()
    work.driver.execute(
        "INSERT INTO sync_issue(id, kind, row_id, type, code, params, created) VALUES(?,?,'',?,?,?,?)",
        (
            issue_id,
            next(iter(found)),
            _STATE,
            _STATE,
            as_json({"kinds": found, "copy": has_copy}),
            clock.stamp(),
        ),
    )
    write_state(work.driver, {_STATE: issue_id})
    work.issues = True


def end(work: Work) -> None:
    """Forget what was held: it was taken, or head office has the records again."""
    issue_id = work.reader.value("SELECT v FROM sync_state WHERE k = ?", _STATE)
    if not issue_id:
        return
    work.driver.execute(
        "UPDATE sync_issue SET state = 'dismissed', settled = ? WHERE id = ? AND state = 'open'",
        (clock.stamp(), issue_id),
    )
    write_state(work.driver, {_STATE: ""})
    work.issues = True
