"""Giving a record a base of its own, so that head office's version is not lost under changes of elsewhere."""

from __future__ import annotations

import json

from kamdesk.db.capture import add_base
from kamdesk.db.describe import to_wire
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.spec import FieldType, RecordSpec

_LISTS = {FieldType.REFERENCES, FieldType.TAGS}


def keep_aside(work: Work, kind: str, record_id: str) -> None:
    """Give a record a base again, because changes of it are queued again: as it is shown, unconfirmed."""
    spec = SPECS.get(kind)
    if spec is not None and (shown := _shown(work, spec, record_id)) is not None:
        _, bucket, document = shown
        add_base(work.driver, spec.kind, record_id, 0, bucket, document)


def stand_aside(work: Work, spec: RecordSpec, record_id: str, *, bucket: str) -> None:
    """Give a record a base before changes from elsewhere are laid over it: as it is shown, or none at all."""
    shown = _shown(work, spec, record_id)
    rev, here, document = shown if shown is not None else (0, bucket, None)
    add_base(work.driver, spec.kind, record_id, rev, here, document if rev else None)


def _shown(
    work: Work, spec: RecordSpec, record_id: str
) -> tuple[int, str, dict[str, object]] | None:
    row = work.reader.row(
        f"SELECT _rev, _b, {', '.join(spec.names)} FROM {spec.kind} WHERE id = ?", record_id
    )
    if row is None:
        return None
    document = {
        name: json.loads(value)
        if value is not None and spec.field(name).type in _LISTS
        else to_wire(value)
        for name, value in zip(spec.names, row[2:], strict=True)
    }
    return row[0], row[1], document
