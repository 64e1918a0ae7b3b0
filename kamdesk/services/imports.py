"""Importing what a file holds: in small transactions that people's saves pass, and taken back as a whole.

One import is one job. Each of its transactions stores what it did beside the records, so that a program that
is ended in between leaves a job of which every record is known, and which can be taken back like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from kamdesk.db import bulk, representatives
from kamdesk.db.capture import as_json
from kamdesk.db.describe import from_wire
from kamdesk.db.records import RECORDS, SPECS
from kamdesk.db.work import Work
from kamdesk.domain import clock, commands
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.imports import AT_ONCE, Effect, JobState, may_import
from kamdesk.domain.merge import same
from kamdesk.domain.spec import Document, FieldType, Policy, RecordSpec, naming
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

_PRESET: dict[str, dict[str, object]] = {
    "customer": {"kind": "hospital", "status": "active"},
    "person": {"status": "active"},
    "product": {"status": "active"},
}
_NOT_TELLING = frozenset({"pinyin", "initials"})  # computed: no edit of a person
_TELLING = {
    kind: tuple(
        field.name
        for field in spec
        # Where head office alone changes a record, whatever it changed tells
        if (field.policy is not Policy.SRV or not spec.client_edits)
        and field.name not in _NOT_TELLING
    )
    for kind, spec in SPECS.items()
}


@dataclass(frozen=True, slots=True)
class Item:
    """What one row of a file becomes: a new record, or with `id` changed values of one that is known."""

    row: int
    document: Mapping[str, object]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one transaction did. `refused` are rows with the reason."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, Refused], ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What one transaction of an undo did: records taken back and kept, and whether there is more."""

    removed: int
    kept: int
    has_more: bool


def begin_import(work: Work, *, kind: str, title: str, total: int) -> str:
    """Open an import and return its id. Raises UserError for a role that may not import this kind."""
    if not may_import(work.actor.role, kind):
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importing",
                "Your role does not bring in such records. Ask head office to import them.",
            ),
            code="not_allowed",
            context="importing",
        )
    import_id = new_id()
    work.driver.execute(
        "INSERT INTO import_job(id, n, kind, title, state, total, at) VALUES"
        "(?, (SELECT coalesce(max(n), 0) + 1 FROM import_job), ?, ?, ?, ?, ?)",
        (import_id, kind, title[:200], JobState.RUNNING.value, total, clock.stamp()),
    )
    work.touch("import", import_id)
    return import_id


def import_some(work: Work, import_id: str, items: Sequence[Item]) -> Part:
    """Store at most 200 rows of an import; a record that breaks a rule is left out, with the reason."""
    assert len(items) <= AT_ONCE, "an import writes at most 200 records per transaction"
    number, kind, last = _job(work, import_id)
    spec = SPECS[kind]
    refused: list[tuple[int, Refused]] = []
    new: list[bulk.New] = []
    entries: list[tuple[object, ...]] = []
    updated = unchanged = 0
    for at, item in enumerate(items, start=last + 1):
        try:
            if item.id:
                work.begin_group(job=import_id)
                was = _update(work, spec, item)
                if was:
                    entries.append((number, at, item.id, Effect.UPDATED.value, was))
                updated, unchanged = updated + bool(was), unchanged + (not was)
                continue
            document = {**_PRESET[kind], **item.document}
            spec.check(document)
            commands.check_new(kind, document=document, actor=work.actor, find=_nothing)
            representatives.demand(work, spec, document)
        except Refused as refusal:
            refused.append((item.row, refusal))
            continue
        record_id = new_id()
        new.append((record_id, document))
        entries.append((number, at, record_id, Effect.CREATED.value, _digest(spec, document)))
    bulk.create_many(work, spec, new, job=import_id)
    work.driver.executemany(
        "INSERT OR FAIL INTO import_entry(job, at, id, effect, was) VALUES(?,?,?,?,?)", entries
    )
    work.driver.execute(
        "UPDATE import_job SET done = done + ?, created = created + ?, updated = updated + ? WHERE n = ?",
        (len(items), len(new), updated, number),
    )
    work.touch("import", import_id)
    return Part(len(new), updated, unchanged, tuple(refused))


def _nothing(_kind: str, _record_id: str) -> None:
    return None


def _job(work: Work, import_id: str) -> tuple[int, str, int]:
    row = work.reader.row(
        "SELECT j.n, j.kind, (SELECT max(at) FROM import_entry e WHERE e.job = j.n)"
        " FROM import_job j WHERE j.id = ?",
        import_id,
    )
    assert row is not None, "an import that was never begun"
    return row[0], row[1], row[2] or 0


def _update(work: Work, spec: RecordSpec, item: Item) -> str:
    """Change what a row says otherwise than the record; return what was and is, as JSON, "" for nothing."""
    record = work.require(RECORDS[spec.kind], item.id)
    standing = record.document()
    changed: dict[str, list[object]] = {}
    for name, value in item.document.items():
        described = spec.field(name)
        if described.policy in {Policy.SRV, Policy.FIXED} or name in _NOT_TELLING:
            continue
        if value is None or value == "" or same(standing.get(name), value):
            continue
        described.check(value)
        changed[name] = [standing.get(name), value]
    representatives.demand(work, spec, {name: value for name, (_, value) in changed.items()})
    for name, (_, value) in changed.items():
        setattr(record, name, from_wire(spec.field(name), value))
    return json.dumps(changed, ensure_ascii=False) if changed else ""


def end_import(work: Work, import_id: str, *, state: JobState) -> None:
    """Note that an import is done, or was stopped by the user; what was stored stays."""
    work.driver.execute("UPDATE import_job SET state = ? WHERE id = ?", (state.value, import_id))
    work.touch("import", import_id)


def note_interrupted(work: Work) -> None:
    """Note, when the program starts, that what ran when it was ended no longer runs."""
    work.driver.execute(
        "UPDATE import_job SET state = ? WHERE state IN (?, ?)",
        (JobState.STOPPED.value, JobState.RUNNING.value, JobState.UNDOING.value),
    )


def keep_mapping(
    work: Work, kind: str, headings: Sequence[str], mapping: Mapping[str, str]
) -> None:
    """Remember which heading was which field, for the next file with the same headings."""
    work.driver.execute(
        "INSERT INTO import_map(kind, headings, mapping, at) VALUES(?,?,?,?)"
        " ON CONFLICT(kind, headings) DO UPDATE SET mapping = excluded.mapping, at = excluded.at",
        (
            kind,
            json.dumps(list(headings), ensure_ascii=False),
            json.dumps(dict(mapping), ensure_ascii=False),
            clock.stamp(),
        ),
    )


# ---- taking back


def undo_some(work: Work, import_id: str) -> Undone:
    """Take back the last records of an import, at most 200 at once, the last one first.

    What was edited or used since stays and is marked; what head office has becomes a deletion that names the
    import.
    """
    number, kind, _ = _job(work, import_id)
    spec = SPECS[kind]
    rows = work.reader.rows(
        "SELECT at, id, effect, was FROM import_entry WHERE job = ? AND kept IS NULL"
        " ORDER BY at DESC LIMIT ?",
        number,
        AT_ONCE,
    )
    created = [row for row in rows if row[2] == Effect.CREATED]
    standing = bulk.documents(work, spec, [row[1] for row in created]) if created else {}
    used = _used(work, spec, list(standing)) if standing else set()
    kept: list[tuple[str, int, int]] = []
    gone: list[str] = []
    settled: list[tuple[int, int]] = []
    for at, record_id, effect, was in rows:
        reason = ""
        if effect == Effect.UPDATED:
            work.begin_group(job=import_id)
            reason = _restore(work, spec, record_id, json.loads(was))
        elif record_id in used:
            reason = "used"
        elif record_id in standing:
            if _digest(spec, standing[record_id]) == was:
                gone.append(record_id)
            else:
                reason = "edited"
        if reason:
            kept.append((reason, number, at))
        else:
            settled.append((number, at))
    bulk.delete_many(work, spec, gone, job=import_id)
    work.driver.executemany("UPDATE import_entry SET kept = ? WHERE job = ? AND at = ?", kept)
    work.driver.executemany("DELETE FROM import_entry WHERE job = ? AND at = ?", settled)
    has_more = len(rows) == AT_ONCE
    end_import(work, import_id, state=JobState.UNDOING if has_more else JobState.UNDONE)
    return Undone(len(settled), len(kept), has_more)


def _restore(
    work: Work, spec: RecordSpec, record_id: str, changed: Mapping[str, Sequence[object]]
) -> str:
    record = work.get(RECORDS[spec.kind], record_id)
    if record is None:
        return ""
    standing = record.document()
    edited = False
    for name, (before, after) in changed.items():
        if same(standing.get(name), after):
            setattr(record, name, from_wire(spec.field(name), before))
        else:
            edited = True
    return "edited" if edited else ""


def _used(work: Work, spec: RecordSpec, ids: Sequence[str]) -> set[str]:
    """Return those that other records belong to."""
    if spec.opens_bucket:
        has_one = " OR ".join(
            f"EXISTS (SELECT 1 FROM {kind} t WHERE t._b = bucket.value)"
            for kind in SPECS
            if kind != spec.kind
        )
        rows = work.reader.rows(
            f"SELECT bucket.value FROM json_each(?) bucket WHERE {has_one}",
            as_json([spec.bucket.of(one, {}) for one in ids]),
        )
        return {row[0].partition(":")[2] for row in rows}
    if spec.kind == "product":
        return _referred_to(work, spec, ids)
    return {
        row[0]
        for row in work.reader.rows(
            f"SELECT DISTINCT p.id FROM {spec.kind} p JOIN visit v ON v.customer_id = p.customer_id,"
            " json_each(v.met) m WHERE p.id IN (SELECT value FROM json_each(?)) AND m.value = p.id",
            as_json(ids),
        )
    }


def _referred_to(work: Work, spec: RecordSpec, ids: Sequence[str]) -> set[str]:
    """Return those that any field of another record names."""
    among, found = "(SELECT value FROM json_each(?))", set[str]()
    for other, fields in naming(SPECS.values(), spec.kind).items():
        for field in fields:
            if field.type is FieldType.REFERENCES:
                named = f"SELECT r.value FROM {other} t, json_each(t.{field.name}) r WHERE r.value IN {among}"
            else:
                named = f"SELECT {field.name} FROM {other} WHERE {field.name} IN {among}"
            found |= {row[0] for row in work.reader.rows(named, as_json(ids))}
    return found


def _digest(spec: RecordSpec, document: Document) -> str:
    """Tell what an import brought from what somebody made of it later."""
    written = as_json([document.get(name) or None for name in _TELLING[spec.kind]])
    return hashlib.blake2b(written.encode(), digest_size=9).hexdigest()
