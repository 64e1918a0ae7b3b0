"""What becomes of one change that a device hands in: merged into what stands, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kamdesk.db.records import SPECS
from kamdesk.domain import clock, commands
from kamdesk.domain.errors import Refused
from kamdesk.domain.ids import is_id
from kamdesk.domain.merge import Merged, merge_patch, same
from kamdesk.domain.roles import may_read
from kamdesk.domain.spec import FieldType, Policy, RecordSpec
from kamdesk.domain.visits import LATE_AFTER, VisitState
from kamdesk.headoffice import newcomers, notices, representatives
from kamdesk.headoffice.authors import Author
from kamdesk.headoffice.commit import Row, Writer
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import SCHEMA, FieldConflict, Op, Result, RowState

_MOST_ITEMS = 500
_MOST_BYTES = 128 * 1024
_LISTS = {FieldType.TAGS, FieldType.REFERENCES}


@dataclass(slots=True)
class Session:
    """One request's worth of deciding: who hands in, what he may see, and how old his view is."""

    writer: Writer
    caller: Caller
    buckets: frozenset[str]  # of those that matter here, the ones the user is subscribed to
    old_edit: bool
    reported: frozenset[str] = frozenset()
    """Visits that this request reports: a change of their day is no plan, even where it was made before."""
    opened: set[str] = field(default_factory=set)
    """Buckets of customers that this request brought in; their groups may still be taken back."""
    imported: dict[tuple[str, str], str] = field(default_factory=dict)
    """(kind, id) -> the import that a new record belongs to."""
    group: str = ""
    """The user action that is being decided."""
    named: frozenset[str] | None = None
    """Products that others name, once somebody asked; see `newcomers`."""

    def covers(self, bucket: str) -> bool:
        """Say whether the user works on what lies in a bucket."""
        if bucket in self.buckets:
            return True
        row = self.writer.get("customer", bucket[5:]) if bucket in self.opened else None
        return row is not None and not row.is_gone and row.by_device == self.caller.device_id

    def find(self, kind: str, record_id: str) -> Mapping[str, object] | None:
        """Return another record as it stands in this transaction, for the rules of its parts."""
        row = self.writer.get(kind, record_id) if is_id(record_id) else None
        return None if row is None or row.is_gone else row.document


def decide(session: Session, op: Op) -> Result:
    """Decide one op and, where it is accepted, tell the writer. Raises Refused."""
    spec = SPECS.get(op.k)
    if spec is None:
        raise Refused("The kind is not known.", code="unknown_kind", kind=op.k[:60])
    if op.sv > SCHEMA or op.sv < 1:
        raise Refused("The version is not known.", code="schema_unsupported", sv=op.sv)
    if not is_id(op.id):
        raise Refused("The id is not of the expected form.", code="bad_value", field="id")
    if not may_read(session.caller.role, spec.level):
        raise Refused("The role does not hold such records.", code="not_allowed")
    return _DECIDERS[op.op](session, spec, op)


def row_state(session: Session, row: Row) -> RowState:
    """Give a record as it stands, without the fields that the role may not hold."""
    data = None
    if row.data is not None:
        document = row.document
        data = [
            document[field.name] if session.caller.may_be_told(field.level) else None
            for field in row.spec.fields
        ]
    return RowState(row.spec.kind, row.id, row.rev, row.bucket, data)


def told_again(result: Result, caller: Caller) -> Result:
    """Return a kept verdict without what it quotes that the caller may no longer be told."""
    row = result.row
    if row is None:
        return result
    spec = SPECS.get(row.k)
    if spec is None or not caller.may_be_told(spec.level):
        return msgspec.structs.replace(result, row=None, fields={}, overwritten={}, by={})
    hidden = {field.name for field in spec if not caller.may_be_told(field.level)}
    if not hidden:
        return result
    if row.data is not None:
        pairs = zip(spec.names, row.data, strict=False)
        row = msgspec.structs.replace(
            row, data=[None if name in hidden else value for name, value in pairs]
        )
    return msgspec.structs.replace(
        result,
        row=row,
        fields={name: one for name, one in result.fields.items() if name not in hidden},
        overwritten={name: one for name, one in result.overwritten.items() if name not in hidden},
        by={name: one for name, one in result.by.items() if name not in hidden},
    )


def _create(session: Session, spec: RecordSpec, op: Op) -> Result:
    if not spec.client_creates:
        raise Refused("Only head office creates this.", code="not_allowed")
    given = _document(session, spec, op.f)
    # What only head office sets is not taken from a device; where it must have a value, the rules check it.
    document = {
        name: value
        for name, value in given.items()
        if spec.field(name).policy is not Policy.SRV
        or spec.field(name).required
        or name in commands.TAKEN_WHEN_NEW.get(spec.kind, ())
    }
    if spec.id_of and document.get(spec.id_of) != op.id:
        raise Refused(
            "It has the id of the record that it belongs to.", code="bad_value", field=spec.id_of
        )
    commands.check_new(spec.kind, document=document, actor=session.caller.actor, find=session.find)
    representatives.check_new(session, spec, document)
    if spec.opens_bucket:
        newcomers.admit(session, document)
    elif not session.covers(spec.bucket.of(op.id, document)):
        raise Refused("The record is outside of what the user works on.", code="out_of_scope")
    _note_late(spec, document, before=None)
    before = session.writer.get(spec.kind, op.id)
    if before is not None and not (_is_undo(session, before) or _is_restore(session, before, op)):
        standing = before.document
        if (
            not before.is_gone
            and before.by_user == session.caller.user_id
            and all(same(standing.get(name), document.get(name)) for name in spec.names)
        ):
            return Result(op.mid, "noop", rev=before.rev)
        raise Refused("There is such a record already.", code="duplicate", existing_id=op.id)
    _check_size(document)
    row = session.writer.put(spec.kind, op.id, document)
    newcomers.note(session, row, op)
    result = Result(op.mid, "applied", rev=row.rev)
    if before is not None or any(
        not same(document.get(name), given.get(name)) for name in spec.names
    ):
        result.row = row_state(session, row)
    return result


def _is_undo(session: Session, before: Row) -> bool:
    """Say whether a create brings back what the same user deleted."""
    return before.is_gone and before.by_user == session.caller.user_id


def _is_restore(session: Session, before: Row, op: Op) -> bool:
    """Say whether a create brings back what was deleted while its author changed it."""
    return (
        before.is_gone
        and op.args.get(commands.RESTORES) is True
        and not before.spec.opens_bucket
        and session.covers(before.bucket)
    )


def _document(
    session: Session, spec: RecordSpec, changes: Mapping[str, list[Any]]
) -> dict[str, object]:
    document: dict[str, object] = {}
    for name, change in changes.items():
        if name not in spec.names:
            raise Refused("The field is not known.", code="unknown_field", field=name[:60])
        if len(change) != 2:
            raise Refused("The change is not of the expected form.", code="bad_value", field=name)
        if not may_read(session.caller.role, spec.field(name).level):
            raise Refused("Only others change this field.", code="readonly", field=name)
        document[name] = change[1]
    spec.check(document)
    return document


def _standing(session: Session, spec: RecordSpec, op: Op) -> Row:
    row = session.writer.get(spec.kind, op.id)
    if row is None:
        raise Refused("There is no such record.", code="not_found")
    if not session.covers(row.bucket):
        raise Refused("The record is outside of what the user works on.", code="out_of_scope")
    if row.is_gone:
        raise Refused("The record was deleted.", code="gone")
    return row


def _patch(session: Session, spec: RecordSpec, op: Op) -> Result:
    row = _standing(session, spec, op)
    if not spec.client_edits:
        raise Refused("Only head office changes this.", code="not_allowed")
    for name in op.f:
        if name in spec.names and not may_read(session.caller.role, spec.field(name).level):
            raise Refused("Only others change this field.", code="readonly", field=name)
    standing = row.document
    commands.check_edit(spec.kind, document=standing, actor=session.caller.actor, find=session.find)
    merged = merge_patch(spec, standing, op.f, old_edit=session.old_edit)
    representatives.check_texts(session, spec, {name: merged.document[name] for name in merged.set})
    whose = {
        name: session.writer.author(op.k, op.id, name)
        for name in {*merged.clashes, *merged.overwritten, *_kept_own(op, merged)}
    }
    if merged.set:
        _check_size(merged.document)
        spec.check(merged.document)
        now = session.writer.put(spec.kind, op.id, merged.document)
    else:
        now = row
    result = Result(
        op.mid, "applied" if merged.set else "noop", rev=now.rev, overwritten=merged.overwritten
    )
    if whose:
        written = {name: _written(session, one) for name, one in whose.items()}
        result.by = {name: written[name] for name in merged.overwritten}
        result.fields = {
            name: FieldConflict(one.old, one.mine, one.theirs, *written[name])
            for name, one in merged.clashes.items()
        }
        _notify(session, op, standing, merged, whose, written)
    if merged.clashes:
        result.st = "conflict"
    elif merged.set and (row.rev != op.base or merged.overwritten):
        result.st = "merged"
    if result.st in {"conflict", "merged"} or row.rev != op.base:
        result.row = row_state(session, now)
    return result


def _kept_own(op: Op, merged: Merged) -> set[str]:
    """Name the fields of which the author was shown another's value, and kept his own."""
    named = op.args.get(commands.SETTLES)
    if not isinstance(named, list):
        return set()
    return {one for one in named if isinstance(one, str)} & merged.set


def _notify(
    session: Session,
    op: Op,
    standing: Mapping[str, object],
    merged: Merged,
    whose: Mapping[str, Author],
    written: Mapping[str, tuple[str, str]],
) -> None:
    """Let those know whose values this change replaces."""
    replaced = {*merged.overwritten, *_kept_own(op, merged)}
    for author in sorted({whose[name][0] for name in replaced} - {"", session.caller.user_id}):
        fields = {
            name: FieldConflict(
                op.f[name][0], standing.get(name), merged.document[name], at=written[name][1]
            )
            for name in sorted(replaced)
            if whose[name][0] == author and len(op.f[name]) == 2
        }
        if fields:
            session.writer.notify(
                notices.stored(session.group, op, author, by=session.caller.name, fields=fields)
            )


def _written(session: Session, whose: Author) -> tuple[str, str]:
    """Say who that is, and when it was by head office's clock; "" is head office itself."""
    connection = session.writer.connection
    user, seq = whose
    name = connection.execute(
        text("SELECT name FROM account WHERE id = :id"), {"id": user}
    ).scalar()
    at = connection.execute(
        text("SELECT at FROM sync_commit WHERE seq = :seq"), {"seq": seq}
    ).scalar()
    return name or "", at or clock.stamp()


def _delete(session: Session, spec: RecordSpec, op: Op) -> Result:
    if not spec.client_deletes and not newcomers.may_take_back(session, spec, op):
        raise Refused("Only head office deletes this.", code="not_allowed")
    row = session.writer.get(spec.kind, op.id)
    if row is not None and row.is_gone and session.covers(row.bucket):
        return Result(op.mid, "noop", rev=row.rev)
    row = _standing(session, spec, op)
    commands.check_delete(
        spec.kind, document=row.document, actor=session.caller.actor, find=session.find
    )
    newcomers.check_unused(session, row)
    if row.rev > op.base and spec.client_edits:  # what nobody edits, nobody else meant to keep
        by, at = _written(session, (row.by_user, row.seq))
        return Result(
            op.mid,
            "conflict",
            rev=row.rev,
            row=row_state(session, row),
            fields={"$delete": FieldConflict(by=by, at=at)},
        )
    return Result(op.mid, "applied", rev=session.writer.delete(spec.kind, op.id).rev)


def _command(session: Session, spec: RecordSpec, op: Op) -> Result:
    row = _standing(session, spec, op)
    document = row.document
    change = commands.decide(
        spec.kind, op.cmd, document=document, args=op.args, actor=session.caller.actor
    )
    representatives.check_command(session, spec, op)
    before = document.get("state")
    document.update(change)
    spec.check(document)
    _check_size(document)
    _note_late(spec, document, before=before)
    now = session.writer.put(spec.kind, op.id, document)
    # With the row: what a command changes is head office's to say, and an older desktop may not know it.
    return Result(op.mid, "applied", rev=now.rev, row=row_state(session, now))


_DECIDERS: dict[str, Callable[[Session, RecordSpec, Op], Result]] = {
    "create": _create,
    "patch": _patch,
    "delete": _delete,
    "cmd": _command,
}


def _check_size(document: Mapping[str, object]) -> None:
    for name, value in document.items():
        if isinstance(value, list) and len(value) > _MOST_ITEMS:
            raise Refused(
                "There are too many entries.", code="too_long", field=name, max=_MOST_ITEMS
            )
    if len(msgspec.json.encode(document)) > _MOST_BYTES:
        raise Refused("The record is too long.", code="too_long", max=_MOST_BYTES)


def _note_late(spec: RecordSpec, document: dict[str, object], *, before: object) -> None:
    """Mark a report that head office got more than 48 hours after the day of the visit."""
    if (
        spec.kind != "visit"
        or document.get("state") != VisitState.COMPLETED
        or before == VisitState.COMPLETED
    ):
        return
    held_on = document.get("held_on")
    if (
        isinstance(held_on, str)
        and clock.now() > _day_end(held_on, document.get("zone")) + LATE_AFTER
    ):
        document["late"] = True


def _day_end(day: str, zone: object) -> datetime:
    try:
        where = ZoneInfo(zone) if isinstance(zone, str) and zone else UTC
    except (KeyError, ValueError, OSError):
        where = UTC
    following = date.fromisoformat(day) + timedelta(days=1) if day < "9999-12-31" else date.max
    return datetime.combine(following, time(), tzinfo=where)
