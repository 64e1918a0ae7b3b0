"""What head office tells about values of the user's that others replaced: kept as issues until he settles them.

A notice is known by its name: told again, it is the same one, unless head office decided it anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from kamdesk.db import outbox
from kamdesk.db.apply import clear_value
from kamdesk.db.capture import as_json
from kamdesk.db.describe import envelope_text
from kamdesk.db.issues import TITLE
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.merge import same
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import Unreadable
from kamdesk.domain.roles import Actor
from kamdesk.domain.values import dataclass

REPLACED = "replaced"
"""The type of these issues."""
ELSEWHERE = "elsewhere"
"""The state of one that was settled on another computer of the user's."""
AT_ONCE = 100
_MOST_DISPUTED = 50
KEY = "noticed"
"""Of the commit up to which notices were taken in, in what reconciliation remembers."""

Fields = Mapping[str, Mapping[str, object]]


def position(state: Mapping[str, str]) -> int:
    """Return the commit up to which notices were taken in."""
    return int(state.get(KEY) or 0)


def advance(work: Work, until: int) -> None:
    """Note up to which commit notices were taken in."""
    outbox.write_state(work.driver, {KEY: until})


def take(
    work: Work, notice_id: str, kind: str, row_id: str, *, at: str, mine_at: str, fields: Fields
) -> None:
    """Keep one notice as an issue; the times are head office's.

    `at`: when it was decided; by that, one that was decided anew is told apart. `mine_at`: of the user's own values.
    """
    if kind not in SPECS:
        return
    spec = SPECS[kind]
    known = work.reader.row("SELECT params FROM sync_issue WHERE id = ?", notice_id)
    if known is not None and json.loads(known[0] or "{}").get("at") == at:
        return
    told = {name: dict(one) for name, one in fields.items() if name in spec.names}
    if spec.sealed:
        told = {
            name: {"by": one["by"], "at": one["at"], **_sealed(work, kind, row_id, name)}
            for name, one in told.items()
        }
    if not told:
        return
    title = work.reader.value(
        f"SELECT {TITLE.format('o', 'id')} FROM (SELECT ? AS kind, ? AS id) o", kind, row_id
    )
    work.driver.execute(
        "INSERT INTO sync_issue(id, kind, row_id, type, title, fields, op, params, created) "
        "VALUES(?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT(id) DO UPDATE SET fields = excluded.fields, params = excluded.params, state = 'open', "
        "settled = NULL",
        (
            notice_id, kind, row_id, REPLACED, title, as_json(told), as_json({"at": mine_at}),
            as_json({"at": at}), clock.stamp(),
        ),
    )  # fmt: skip
    work.issues = True


def _sealed(work: Work, kind: str, row_id: str, name: str) -> dict[str, object]:
    """Find the value that is not told: as it was typed here, where that is still in the archive."""
    for (f,) in work.reader.rows(
        "SELECT f FROM sync_op WHERE kind = ? AND id = ? AND st = 'acked' AND op IN ('create', 'patch') "
        "AND json_extract(res, '$.st') IN ('applied', 'merged', 'noop') ORDER BY lid DESC",
        kind, row_id,
    ):  # fmt: skip
        change = json.loads(f or "{}").get(name)
        if change:
            return {"mine": change[-1]}
    return {}


def settled_elsewhere(work: Work, notice_id: str) -> None:
    """Settle a notice that was settled on another computer of the user's."""
    changed = work.driver.execute(
        "UPDATE sync_issue SET state = ?, settled = ?, params = json_set(params, '$.told', json('true')) "
        "WHERE id = ? AND state = 'open' RETURNING id",
        (ELSEWHERE, clock.stamp(), notice_id),
    ).fetchall()
    work.issues = work.issues or bool(changed)


@dataclass(frozen=True, slots=True)
class Asked:
    """What head office is told with a request: notices that were settled here, and what waits for the user."""

    settled: list[str]
    disputed: list[tuple[str, str, list[str]]]


def asked(reader: Reader) -> Asked:
    """Read what head office is to be told."""
    open_ones = reader.rows(
        f"SELECT kind, row_id, fields FROM sync_issue WHERE state = 'open' AND type IN ('conflict', ?) "
        f"AND fields IS NOT NULL ORDER BY created DESC LIMIT {_MOST_DISPUTED}",
        REPLACED,
    )
    disputed = [
        (kind, row_id, [name for name in json.loads(fields) if name in SPECS[kind].names])
        for kind, row_id, fields in open_ones
        if kind in SPECS
    ]
    return Asked(_untold(reader), disputed)


def take_written(
    work: Work, kind: str, row_id: str, fields: Mapping[str, tuple[str, str, str]], me: Actor
) -> None:
    """Take in who wrote fields since they began to wait here.

    Where the user himself has written over another's value elsewhere, that waits no more. Of two values that are both
    his own he may have seen one alone.
    """
    for issue_id, _, _, known in _open(work, "AND kind = ? AND row_id = ?", kind, row_id):
        is_changed = False
        for name, (user, by, at) in fields.items():
            one = known.get(name)
            if one is None or one.get("done") or at <= (one.get("at") or ""):
                continue
            is_changed = True
            is_settled = user == me.user_id and one.get("by", "") != me.name
            one.update({"by": by, "at": at, "done": is_settled and not one.get("again")})
        if is_changed:
            _write(work, issue_id, known, ELSEWHERE)


def _open(
    work: Work, which: str = "", *values: object
) -> list[tuple[str, str, str, dict[str, Any]]]:
    rows = work.reader.rows(
        "SELECT id, kind, row_id, fields FROM sync_issue WHERE state = 'open' "
        f"AND type IN ('conflict', ?) AND fields IS NOT NULL {which}",
        REPLACED, *values,
    )  # fmt: skip
    return [(*row[:3], json.loads(row[3])) for row in rows]


def _write(work: Work, issue_id: str, fields: Mapping[str, Any], state: str) -> None:
    is_settled = all(one.get("done") for one in fields.values())
    work.driver.execute(
        "UPDATE sync_issue SET fields = ?, state = ?, settled = ? WHERE id = ?",
        (
            as_json(fields), state if is_settled else "open", clock.stamp() if is_settled else None,
            issue_id,
        ),
    )  # fmt: skip
    work.issues = True


def _untold(reader: Reader) -> list[str]:
    rows = reader.rows(
        f"SELECT id FROM sync_issue WHERE type = ? AND state <> 'open' "
        f"AND json_extract(params, '$.told') IS NULL ORDER BY settled LIMIT {AT_ONCE}",
        REPLACED,
    )
    return [row[0] for row in rows]


def told(work: Work, ids: Collection[str]) -> None:
    """Note which settled notices head office was told of."""
    work.driver.execute(
        "UPDATE sync_issue SET params = json_set(params, '$.told', json('true')) "
        "WHERE id IN (SELECT value FROM json_each(?)) AND state <> 'open'",
        (json.dumps(list(ids)),),
    )


def begin_anew(work: Work) -> None:
    """Ask for all notices again: a restored head office tells those that still hold, and others come anew."""
    work.driver.execute("DELETE FROM sync_issue WHERE type = ? AND state = 'open'", (REPLACED,))
    work.issues = True
    advance(work, 0)


def follow(work: Work) -> None:
    """Bring what waits for the user in line with its records: a value that stands again settles itself."""
    for issue_id, kind, row_id, fields in _open(work):
        if kind not in SPECS:
            continue
        names = [name for name in fields if name in SPECS[kind].names]
        is_changed = False
        for name, value in _stands(work, kind, row_id, names).items():
            one = fields[name]
            if one.get("done"):
                continue
            if "mine" in one and _is_one(work, kind, row_id, name, one["mine"], value):
                if not one.get("again"):
                    one["done"] = is_changed = True
            elif not _is_one(work, kind, row_id, name, one.get("theirs"), value):
                one.update({"old": one.get("theirs"), "theirs": value})
                is_changed = True
        if is_changed:
            _write(work, issue_id, fields, "edited")


def _stands(work: Work, kind: str, row_id: str, names: list[str]) -> dict[str, Any]:
    """Read these fields of a record as they travel; nothing where it is not here."""
    row = names and work.reader.row(f"SELECT {', '.join(names)} FROM {kind} WHERE id = ?", row_id)
    return {
        name: envelope_text(cell) if isinstance(cell, bytes) else cell
        for name, cell in zip(names, row or (), strict=False)
    }


def _is_one(work: Work, kind: str, row_id: str, name: str, left: Any, right: Any) -> bool:
    try:
        one, other = (clear_value(work, SPECS[kind], row_id, name, each) for each in (left, right))
    except (PricesLocked, ValueError):
        return bool(left == right)  # the same envelope, or nobody can say now
    if isinstance(one, Unreadable) or isinstance(other, Unreadable):
        return bool(left == right)
    return same(one, other)
