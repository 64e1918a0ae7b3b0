"""Taking in what other systems bring, by their own codes, and giving them what they may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.merge import same
from kamdesk.headoffice import accounts, audit, import_log, schema
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.erp_forms import BatchAnswer, Export, Form, Verdict
from kamdesk.headoffice.integrations import Integration
from kamdesk.headoffice.kinds import AT_REST, SPECS
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.importers.pinyin import spell

_NEW: dict[str, dict[str, object]] = {
    "customer": {"kind": "hospital", "status": "active"},
    "product": {"status": "active"},
    "invoice": {"state": "open"},
}
_BATCHES = 0x4B444252
"""The name of a lock of PostgreSQL."""
_REFERENCES = {"customer": "customer_id", "source": "from_id", "product": "product_id"}
_BY_CODE = {"invoice", "flow_line"}
"""Kinds whose references are handed in, and given, by code."""
_POINTS_TO = {"customer": "customer", "source": "customer", "product": "product"}
_EXPORTED: dict[str, tuple[str, ...]] = {
    "customer": ("code", "name", "kind", "province", "city", "county", "address", "postcode", "phone",
                 "grade", "segment", "territory_id", "status"),
    "product": ("code", "name", "form", "route", "atc", "holder", "status"),
    # Facts to count by; what was said at a visit, and who was met, stays with the field force
    "visit": ("customer_id", "owner_id", "kind", "state", "held_on", "products", "late"),
    "promotion_request": ("customer_id", "owner_id", "type", "state", "product_id", "planned_on",
                          "estimate_minor", "currency", "decided_on"),
    "invoice": ("code", "customer_id", "issued_on", "due_on", "currency", "amount_minor", "open_minor",
                "disputed", "state"),
    "flow_line": ("code", "customer_id", "from_id", "product_id", "sold_on", "quantity", "batch",
                  "unit_price", "currency"),
}  # fmt: skip


class _Undone(Exception):  # noqa: N818  # ends a dry run, whose transaction must not stand
    pass


def take(
    store: Store, system: Integration, kind: str, forms: Sequence[Form], *, dry_run: bool
) -> BatchAnswer:
    """Store a batch in one commit; the same batch again changes nothing. One bad record stops no other."""
    answer = BatchAnswer(dry_run, new_id(), [])
    refused: list[tuple[int, Refused]] = []
    try:
        with store.write(f"erp:{answer.import_id}") as writer:
            batch = _Batch(writer, kind, [msgspec.to_builtins(one) for one in forms])
            for at in range(len(forms)):
                try:
                    answer.verdicts.append(batch.store(at))
                except Refused as refusal:
                    refused.append((at + 1, refusal))
                    answer.verdicts.append(_refusal(batch.code(at), refusal))
            if dry_run:
                raise _Undone
            batch.keep_codes()
            done = [one.st for one in answer.verdicts]
            counts = {name: done.count(name) for name in ("created", "updated", "unchanged")}
            with audit.acting(f"system:{system.name}"):
                import_log.note_in(
                    writer, answer.import_id, kind, rows=len(forms), counts=counts, errors=refused
                )
    except _Undone:
        pass
    return answer


def _refusal(code: str, refusal: Refused) -> Verdict:
    return Verdict(
        code, "rejected", reason=refusal.code, field=str(refusal.params.get("field", ""))
    )


class _Batch:
    """One batch under way: which codes are known, and what this batch adds to them."""

    def __init__(self, writer: Writer, kind: str, documents: list[dict[str, Any]]) -> None:
        self._writer = writer
        self._kind = kind
        self._documents = documents
        self._known: dict[tuple[str, str], str] = {}
        self._added: dict[str, str] = {}
        self._seen: set[str] = set()
        _wait_for_others(writer.connection, kind)
        wanted: dict[str, set[str]] = {kind: {one["code"] for one in documents}}
        for document in documents:
            for name, target in _POINTS_TO.items():
                if name in document:
                    wanted.setdefault(target, set()).add(document[name])
        for target, codes in wanted.items():
            found = _ids(writer.connection, target, codes)
            self._known |= {(target, code): record_id for code, record_id in found.items()}
        writer.load((kind, one) for (of, _), one in self._known.items() if of == kind)

    def code(self, at: int) -> str:
        """Return the code of one record."""
        return str(self._documents[at]["code"])

    def store(self, at: int) -> Verdict:
        """Store one record. Raises Refused."""
        document = dict(self._documents[at])
        code = self.code(at)
        if code in self._seen:
            raise Refused("The code is there twice.", code="duplicate_code", field="code")
        self._seen.add(code)
        given = self._resolved(document)
        spec = SPECS[self._kind]
        record_id = self._known.get((self._kind, code)) or new_id()
        row = self._writer.get(self._kind, record_id)
        is_new = row is None or row.is_gone
        standing = dict(_NEW.get(self._kind, {})) if row is None or row.is_gone else row.document
        changed = {**standing, **given}
        if "pinyin" in spec.names and changed.get("name") != standing.get("name"):
            changed["pinyin"], changed["initials"] = spell(str(changed["name"]))
        spec.check(changed)
        spec.bucket.of(record_id, changed)
        if not is_new and all(same(standing.get(name), changed.get(name)) for name in spec.names):
            return Verdict(code, "unchanged", id=record_id)
        self._writer.put(self._kind, record_id, changed)
        self._added[code] = record_id
        return Verdict(code, "created" if is_new else "updated", id=record_id)

    def _resolved(self, document: dict[str, Any]) -> dict[str, Any]:
        """Put ids in place of the codes and names of others."""
        given: dict[str, Any] = {}
        for name, value in document.items():
            if value is None:
                continue
            if isinstance(value, str) and "\x00" in value:
                raise Refused(
                    "The value is not of the expected form.", code="bad_value", field=name
                )
            if name == "territory":
                given["territory_id"] = _territory(self._writer.connection, value)
            elif name in _REFERENCES and self._kind in _BY_CODE:
                target = self._known.get((_POINTS_TO[name], value))
                if target is None:
                    raise Refused("There is no such code.", code="unknown_code", field=name)
                given[_REFERENCES[name]] = target
            else:
                given[name] = value
        return given

    def keep_codes(self) -> None:
        """Remember which record each new code names."""
        rows = [
            {"kind": SPECS[self._kind].number, "code": code, "id": record_id}
            for code, record_id in self._added.items()
        ]
        if rows:
            self._writer.connection.execute(
                text(
                    "INSERT INTO external_code (kind, code, record_id) VALUES (:kind, :code, :id) "
                    "ON CONFLICT (kind, code) DO UPDATE SET record_id = excluded.record_id"
                ),
                rows,
            )


def _wait_for_others(connection: Connection, kind: str) -> None:
    """Let one batch of a kind follow the other: asked again while the first is under way, it would be there twice."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyhow
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock, :kind)"),
            {"lock": _BATCHES, "kind": SPECS[kind].number},
        )


def _territory(connection: Connection, named: str) -> str:
    try:
        return accounts.territory_in(connection, named).id
    except UserError:
        raise Refused(
            "There is no such territory.", code="unknown_territory", field="territory"
        ) from None


def _ids(connection: Connection, kind: str, codes: Iterable[str]) -> dict[str, str]:
    """Find records by code: those that other systems brought, then those whose file had the code."""
    wanted = {one for one in codes if "\x00" not in one}
    rows = connection.execute(
        text(
            "SELECT code, record_id FROM external_code "
            f"WHERE kind = :kind AND {among(connection, 'code', 'codes')}"
        ),
        {"kind": SPECS[kind].number, "codes": listed(connection, sorted(wanted))},
    )
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    missing = wanted - found.keys()
    if missing and kind in {"customer", "product"}:
        spec = SPECS[kind]
        at = spec.names.index("code")
        for record_id, data in connection.execute(
            text("SELECT id, data FROM sync_row WHERE kind = :kind AND gone = 0 ORDER BY id"),
            {"kind": spec.number},
        ):
            code = msgspec.json.decode(data)[at]
            if code in missing:
                found.setdefault(code, record_id)
    return found


def export(store: Store, system: Integration, kind: str, *, after: str, limit: int) -> Export:
    """Give the next page of a kind in the order of changes. Raises Rejected for a cursor that is none."""
    seq, record_id = _cursor(after)
    spec = SPECS[kind]
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT id, seq, rev, data FROM sync_row WHERE kind = :kind "
                "AND (seq > :seq OR (seq = :seq AND id > :id)) ORDER BY seq, id LIMIT :most"
            ),
            {"kind": spec.number, "seq": seq, "id": record_id, "most": limit + 1},
        ).all()
        page = rows[:limit]
        records = [_exported(store, kind, row.id, row.rev, row.data) for row in page]
        if kind in _BY_CODE:
            _tell_codes(connection, records)
    if not system.may("prices:read"):
        for record in records:
            record.pop("unit_price", None)
    with audit.acting(f"system:{system.name}"):
        audit.note_in(store, "export", kind, records=len(records), after=after[:60])
    cursor = f"{page[-1].seq}.{page[-1].id}" if page else after
    return Export(records, cursor, len(rows) > limit)


def _cursor(after: str) -> tuple[int, str]:
    if not after:
        return 0, ""
    number, _, record_id = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 15) or len(record_id) > 64:
        raise Rejected(400, "bad_request", field="after")
    if "\x00" in record_id:
        raise Rejected(400, "bad_request", field="after")
    return int(number), record_id


def _exported(
    store: Store, kind: str, record_id: str, rev: int, data: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"id": record_id, "rev": rev, "deleted": data is None}
    if data is not None:
        spec = SPECS[kind]
        document: Mapping[str, Any] = schema.decode(spec, data)
        if kind in AT_REST:
            document = store.seals.opened(spec, record_id, document)
        found |= {name: document.get(name) for name in _EXPORTED[kind]}
    return found


def _tell_codes(connection: Connection, records: list[dict[str, Any]]) -> None:
    """Tell beside the ids of other records the codes by which they are handed in."""
    for name, field in _REFERENCES.items():
        codes = _codes(connection, _POINTS_TO[name], {one[field] for one in records if field in one})
        for one in records:
            if field in one:
                one[name] = codes.get(one[field])


def _codes(connection: Connection, kind: str, ids: Iterable[str]) -> dict[str, str | None]:
    spec = SPECS[kind]
    rows = connection.execute(
        text(f"SELECT id, data FROM sync_row WHERE kind = :kind AND {among(connection, 'id', 'ids')}"),
        {"kind": spec.number, "ids": listed(connection, sorted(ids))},
    )
    return {row.id: schema.decode(spec, row.data)["code"] for row in rows if row.data is not None}
