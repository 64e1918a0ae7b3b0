"""What a user does with a conflict or a refusal: keep mine, keep head office's, put it aside, take it up again.

Keeping mine is an ordinary change whose `old` is what head office has, so it is merged like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from kamdesk.db.describe import envelope_bytes
from kamdesk.db.queries.issues import IssueRow, issue
from kamdesk.db.records import RECORDS
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.spec import SEALED, FieldType, RecordSpec
from kamdesk.i18n import QT_TRANSLATE_NOOP


def keep_mine(work: Work, issue_id: str, values: Mapping[str, object] | None = None) -> None:
    """Hand in my values again, or the edited `values` (wire form). Raises UserError where the record is gone."""
    one = _require(work, issue_id)
    record = work.require(RECORDS[one.kind], one.row_id)
    spec = record.spec()
    if any(field.name == "$delete" for field in one.fields):
        work.delete(record)
    for field in one.fields:
        if field.name != "$delete":
            wanted = values.get(field.name, field.mine) if values else field.mine
            setattr(record, field.name, _value(spec, field.name, wanted))
    _settle(work, issue_id, "mine")


def keep_some(work: Work, issue_id: str, mine: Collection[str]) -> None:
    """Hand in my values of the fields named in `mine`; of the others head office's stay."""
    one = _require(work, issue_id)
    names = {field.name for field in one.fields}
    if not names & set(mine):
        keep_theirs(work, issue_id)
    elif names <= set(mine):
        keep_mine(work, issue_id)
    else:
        record = work.require(RECORDS[one.kind], one.row_id)
        for field in one.fields:
            if field.name in mine:
                setattr(record, field.name, _value(record.spec(), field.name, field.mine))
        _settle(work, issue_id, "mixed")


def keep_theirs(work: Work, issue_id: str) -> None:
    """Accept what head office has; my values stay here for 30 days."""
    _settle(work, _require(work, issue_id).id, "theirs")


def dismiss(work: Work, issue_id: str) -> None:
    """Put a refusal aside; what was typed stays here for 30 days."""
    _settle(work, _require(work, issue_id).id, "dismissed")


def answer_deletions(work: Work, issue_id: str, *, take: bool) -> None:
    """Take over what head office deletes, or keep it here until head office has it again."""
    _settle(work, _require(work, issue_id).id, "theirs" if take else "mine")


def reopen(work: Work, issue_id: str) -> None:
    """Take a settled issue up again."""
    _settle(work, _require(work, issue_id).id, "open")


def _require(work: Work, issue_id: str) -> IssueRow:
    found = issue(work.reader, issue_id)
    if found is None:
        raise UserError(
            QT_TRANSLATE_NOOP("issues", "This entry is no longer here."),
            code="gone",
            context="issues",
        )
    return found


def _settle(work: Work, issue_id: str, state: str) -> None:
    settled = None if state == "open" else clock.stamp()
    work.driver.execute(
        "UPDATE sync_issue SET state = ?, settled = ? WHERE id = ?", (state, settled, issue_id)
    )
    work.issues = True


def _value(spec: RecordSpec, name: str, wire: object) -> object:
    """Turn a wire value into what the record's attribute holds. Raises UserError for another form."""
    type_ = spec.field(name).type
    try:
        if type_ in SEALED and isinstance(wire, str):
            return envelope_bytes(wire)  # of this very cell, so it need not be opened
        if isinstance(wire, str) and wire:
            if type_ is FieldType.DATE:
                return date.fromisoformat(wire)
            if type_ is FieldType.INSTANT:
                instant: datetime = clock.parse_stamp(wire)
                return instant
            if type_ is FieldType.INTEGER:
                return int(wire)
    except ValueError as error:
        raise UserError(
            QT_TRANSLATE_NOOP("issues", "This value does not fit the field."),
            field=name,
            code="bad_value",
            context="issues",
        ) from error
    return wire
