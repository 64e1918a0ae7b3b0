"""What a user does with a conflict or a refusal: keep mine, keep head office's, put it aside, take it up again.

What is chosen is an ordinary change whose `old` is what the card showed, so it is merged like any other. Where the
record has become something else meanwhile, the card is brought up to date instead and the user is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from kamdesk.db import issues, outbox
from kamdesk.db.apply import clear_value
from kamdesk.db.describe import Record, envelope_bytes, from_wire, to_wire
from kamdesk.db.issues import DELETION
from kamdesk.db.queries.issues import IssueField, IssueRow, issue
from kamdesk.db.records import RECORDS
from kamdesk.db.work import Work
from kamdesk.domain import clock, merge
from kamdesk.domain.errors import UserError
from kamdesk.domain.spec import SEALED, FieldType, RecordSpec
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP


def keep_mine(
    work: Work,
    issue_id: str,
    values: Mapping[str, object] | None = None,
    *,
    seen: IssueRow | None = None,
) -> bool:
    """Hand in my values again, or the edited `values` (wire form); `seen`: the card that the user looked at.

    Returns False where the user must be asked again. Raises UserError where the record is gone.
    """
    return _keep(work, issue_id, None, values or {}, seen)


def keep_some(
    work: Work, issue_id: str, mine: Collection[str], *, seen: IssueRow | None = None
) -> bool:
    """Have my values of the fields named in `mine`, head office's of the others; else as `keep_mine`."""
    return _keep(work, issue_id, mine, {}, seen)


def keep_theirs(work: Work, issue_id: str, *, seen: IssueRow | None = None) -> bool:
    """Have head office's values; mine stay here for 30 days. Else as `keep_mine`."""
    return _keep(work, issue_id, (), {}, seen)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was settled at once: (issue, the values that its record had), and how many cards ask still."""

    ones: tuple[tuple[str, Mapping[str, object]], ...]
    asking: int


def settle_many(work: Work, cards: Sequence[IssueRow], *, mine: bool) -> Settled:
    """Settle many conflicts alike. One that moved, or would delete or miss its record, goes on asking."""
    done: list[tuple[str, Mapping[str, object]]] = []
    for card in cards:
        record = work.get(RECORDS[card.kind], card.row_id)
        names = [field.name for field in card.fields]
        if mine and (record is None or DELETION in names):
            continue
        now = {} if record is None else record.document()
        if _keep(work, card.id, None if mine else (), {}, card):
            done.append((card.id, {name: now[name] for name in names if name in now}))
    return Settled(tuple(done), len(cards) - len(done))


def take_back(work: Work, settled: Settled) -> None:
    """Undo `settle_many`: the records have what they had, and the cards ask again."""
    for issue_id, values in settled.ones:
        one = _require(work, issue_id)
        record = work.get(RECORDS[one.kind], one.row_id)
        if record is None:
            continue
        for name, value in values.items():
            _write(work, record, name, _value(record.spec(), name, value))
    work.flush()  # an edit settles what is open about its field
    for issue_id, _ in settled.ones:
        reopen(work, issue_id)


def restore(work: Work, issue_id: str) -> None:
    """Bring a record back that head office deleted while it was changed here, with that change. Raises UserError."""
    one = _require(work, issue_id)
    if one.state != "open":
        return
    cls = RECORDS[one.kind]
    spec = cls.spec()
    told, standing = work.reader.rows("SELECT op, server FROM sync_issue WHERE id = ?", issue_id)[0]
    sent = json.loads(told)
    record = work.get(cls, one.row_id)
    if record is None:
        if not one.can_restore:
            raise UserError(
                QT_TRANSLATE_NOOP("issues", "What was deleted is no longer known here."),
                code="gone",
                context="issues",
            )
        record = _bring_back(work, one, merge.overlay(spec, json.loads(standing), sent["f"]))
        outbox.note_restored(work.driver, one.kind, one.row_id)
    else:
        for name, value in merge.overlay(spec, record.document(), sent["f"]).items():
            _write(work, record, name, from_wire(spec.field(name), value))
    if sent["op"] == "cmd":
        work.intent(record, sent["cmd"], **sent["args"])
    _settle(work, issue_id, "restored")


def _bring_back(work: Work, one: IssueRow, document: Mapping[str, object]) -> Record:
    cls = RECORDS[one.kind]
    spec = cls.spec()
    values = {
        name: from_wire(spec.field(name), value)
        for name, value in document.items()
        if name in spec.names
    }
    record = work.add(cls(id=one.row_id, **values))
    work.flush()
    return record


def dismiss(work: Work, issue_id: str) -> None:
    """Put a refusal aside; what was typed stays here for 30 days."""
    _settle(work, _require(work, issue_id).id, "dismissed")


def answer_deletions(work: Work, issue_id: str, *, take: bool) -> None:
    """Take over what head office deletes, or keep it here until head office has it again."""
    _settle(work, _require(work, issue_id).id, "theirs" if take else "mine")


def reopen(work: Work, issue_id: str) -> None:
    """Take a settled issue up again."""
    _require(work, issue_id)
    issues.forget_edits(work, issue_id)
    _settle(work, issue_id, "open")


def _keep(
    work: Work,
    issue_id: str,
    mine: Collection[str] | None,
    values: Mapping[str, object],
    seen: IssueRow | None,
) -> bool:
    one = _require(work, issue_id)
    if one.state != "open":
        return True  # a key was pressed twice
    names = {field.name for field in one.fields}
    chosen = names if mine is None else names & set(mine)
    chosen -= {field.name for field in one.fields if not field.is_known}
    record = work.get(RECORDS[one.kind], one.row_id)
    if record is None and chosen:
        record = work.require(RECORDS[one.kind], one.row_id)
    if record is None and DELETION in names:
        # The deletion was kept and is taken back: whoever deleted a record may create it again
        standing = work.reader.value("SELECT server FROM sync_issue WHERE id = ?", issue_id)
        if standing:
            _bring_back(work, one, json.loads(standing))
    elif record is not None:
        if _has_moved(work, one, record, seen):
            return False
        spec = record.spec()
        if DELETION in chosen:
            work.delete(record)
        for field in one.fields:
            if field.name != DELETION:
                wanted = (
                    values.get(field.name, field.mine) if field.name in chosen else field.theirs
                )
                _write(work, record, field.name, _value(spec, field.name, wanted))
        issues.write_fields(
            work,
            issue_id,
            {name: {"mine": value} for name, value in values.items() if name in names},
        )
    _settle(work, issue_id, "theirs" if not chosen else "mine" if chosen == names else "mixed")
    kept = chosen - {DELETION}
    if kept and one.standing == "theirs":
        work.flush()
        outbox.note_settled(work.driver, one.kind, one.row_id, kept)
    return True


def _has_moved(work: Work, one: IssueRow, record: Record, seen: IssueRow | None) -> bool:
    """Say whether the record holds what the card did not show; then the card shows it from now on."""
    spec = record.spec()
    now = record.document()
    moved: dict[str, dict[str, object]] = {}
    shown = {field.name: field for field in (seen or one).fields}

    def is_one(field: IssueField, value: object) -> bool:
        left, right = (
            clear_value(work, spec, one.row_id, field.name, each)
            for each in (value, now[field.name])
        )
        return merge.same(left, right)

    for field in one.fields:
        if field.name not in spec.names:
            continue
        looked_at = shown.get(field.name, field)
        if not any(is_one(field, each) for each in (field.mine, field.theirs)):
            stands = one.standing
            moved[field.name] = {
                "old": getattr(field, stands), stands: now[field.name], "by": "", "at": ""
            }  # fmt: skip
        elif (looked_at.mine, looked_at.theirs) != (field.mine, field.theirs):
            moved[field.name] = {}  # it was brought up to date while the user looked at it
    issues.write_fields(work, one.id, moved)
    return bool(moved)


def _write(work: Work, record: Record, name: str, value: object) -> None:
    """Set a field, unless it holds that already: no two envelopes of one price are alike."""
    spec = record.spec()
    before, after = (
        clear_value(work, spec, record.id, name, to_wire(each))
        for each in (getattr(record, name), value)
    )
    if not merge.same(before, after):
        setattr(record, name, value)


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
