"""Storing what head office brings in itself: customers and products from files, demo data, other systems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamdesk.db.records import SPECS
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.merge import same
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice import accounts, import_log, schema
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.importers.preview import Preview

ROWS_AT_ONCE = 2000
_DEFAULTS: dict[str, dict[str, object]] = {
    "customer": {"kind": "hospital", "status": "active"},
    "product": {"status": "active"},
}


@dataclass(slots=True)
class Stored:
    """What an import did. `refused` says by position in the input which record broke which rule."""

    import_id: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ids: list[str] = field(default_factory=list)
    refused: list[tuple[int, Refused]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Count what became of the records that were taken."""
        return {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}


def store_records(
    store: Store,
    kind: str,
    documents: Sequence[Mapping[str, object]],
    *,
    defaults: Mapping[str, object] | None = None,
) -> Stored:
    """Store documents of one kind, at most 2,000 in a commit.

    A document that describes a record known already, by its `id`, its code, or its name and place, updates
    it: values it brings replace, values it lacks stay. `defaults` are for new records.
    """
    spec = SPECS[kind]
    done = Stored(new_id())
    known = _Known(store, spec)
    preset = {**_DEFAULTS.get(kind, {}), **(defaults or {})}
    for start in range(0, len(documents), ROWS_AT_ONCE):
        _store_some(
            store, spec, known, preset, documents[start : start + ROWS_AT_ONCE], start, done
        )
    return done


def store_preview(
    store: Store, seen: Preview, *, territory: str | None = None, customer_kind: str | None = None
) -> Stored:
    """Store what the preview of a file showed. Raises UserError."""
    defaults: dict[str, object] = {}
    if seen.kind == "customer":
        if territory:
            defaults["territory_id"] = accounts.find_territory(store, territory).id
        if customer_kind:
            defaults["kind"] = customer_kind
    elif territory or customer_kind:
        raise UserError("Products have no territory and no kind.", code="NOT_FOR_PRODUCTS")
    done = store_records(store, seen.kind, seen.records, defaults=defaults)
    import_log.note(
        store, done.import_id, seen.kind, rows=seen.rows, counts=done.counts,
        errors=[(seen.record_rows[at], refusal) for at, refusal in done.refused],
    )  # fmt: skip
    return done


def _store_some(
    store: Store,
    spec: RecordSpec,
    known: _Known,
    preset: Mapping[str, object],
    documents: Sequence[Mapping[str, object]],
    start: int,
    done: Stored,
) -> None:
    with store.write(f"import:{done.import_id}") as writer:
        wanted = [
            str(document.get("id") or "") or known.take(document) or new_id()
            for document in documents
        ]
        writer.load((spec.kind, one) for one in wanted)
        for at, (record_id, document) in enumerate(
            zip(wanted, documents, strict=True), start=start
        ):
            row = writer.get(spec.kind, record_id)
            is_new = row is None or row.is_gone
            standing = dict(preset) if row is None or row.is_gone else row.document
            given = {
                name: value
                for name, value in document.items()
                if name != "id" and value is not None
            }
            changed = {**standing, **given}
            try:
                spec.check(changed)
                spec.bucket.of(record_id, changed)
            except Refused as refusal:
                done.refused.append((at, refusal))
                continue
            done.ids.append(record_id)
            if not is_new and all(
                same(standing.get(name), changed.get(name)) for name in spec.names
            ):
                done.unchanged += 1
                continue
            done.created += is_new
            done.updated += not is_new
            writer.put(spec.kind, record_id, changed)


class _Known:
    """What is stored already, by what identifies it for people. Each record is found once.

    A file may hold two branches of one name; importing it again must find both, and neither twice.
    """

    def __init__(self, store: Store, spec: RecordSpec) -> None:
        self._spec = spec
        self._taken: set[str] = set()
        self._by_code: dict[str, list[str]] = {}
        self._by_name: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        if spec.kind not in _DEFAULTS:
            return
        with store.read() as connection:
            rows = connection.execute(
                text("SELECT id, data FROM sync_row WHERE kind = :kind AND gone = 0 ORDER BY id"),
                {"kind": spec.number},
            )
            for record_id, data in rows:
                document = schema.decode(spec, data)
                code = _squashed(document.get("code"))
                if code:
                    self._by_code.setdefault(code, []).append(record_id)
                self._by_name.setdefault(_name(spec, document), []).append((record_id, code))

    def take(self, document: Mapping[str, object]) -> str:
        """Return the id of the record that a document describes; "" for a new one."""
        code = _squashed(document.get("code"))
        candidates = self._by_code.get(code, []) if code else []
        named = self._by_name.get(_name(self._spec, document), [])
        # Two codes are two records, whatever they are called
        candidates = candidates + [one for one, its_code in named if not (code and its_code)]
        for one in candidates:
            if one not in self._taken:
                self._taken.add(one)
                return one
        return ""


def _name(spec: RecordSpec, document: Mapping[str, object]) -> tuple[str, ...]:
    if spec.kind == "product":
        parts = ("name", "form", "holder")
    elif document.get("province") or document.get("city"):
        parts = ("name", "province", "city")
    else:
        parts = ("name", "postcode", "address")
    return tuple(_squashed(document.get(part)) for part in parts)


def _squashed(value: Any) -> str:
    plain = unicodedata.normalize("NFKC", value) if isinstance(value, str) else ""
    return re.sub(r"[\W_]+", "", plain).casefold()
