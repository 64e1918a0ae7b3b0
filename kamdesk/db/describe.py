"""The base of every record, and `field()`: a column and its meaning in one line.

The mapped class is the description. `Record.spec()` hands it on as plain values; nothing else is written
down twice.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Boolean, Insert, Integer, MetaData, String, Update
from sqlalchemy import Table as TableOfColumns
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from kamdesk.db.types import Day, SealedBytes, TextList, UtcDateTime
from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldSpec, FieldType, Policy, RecordSpec

_COLUMN_TYPES: dict[FieldType, type[TypeEngine[Any]]] = {
    FieldType.TEXT: String,
    FieldType.LONG_TEXT: String,
    FieldType.CHOICE: String,
    FieldType.REFERENCE: String,
    FieldType.DATE: Day,
    FieldType.INSTANT: UtcDateTime,
    FieldType.INTEGER: Integer,
    FieldType.BOOLEAN: Boolean,
    FieldType.REFERENCES: TextList,
    FieldType.TAGS: TextList,
    FieldType.PRICE: SealedBytes,
    FieldType.RATIO: SealedBytes,
    FieldType.SEALED_TEXT: SealedBytes,
}

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    }
)


class _StoreTable(TableOfColumns):
    """A table whose rows are written OR FAIL: an error ends the transaction anyway.

    With ABORT, a statement that triggers hang on keeps copies of all pages that it changes, and each of those is
    locked in memory by a system call of its own (counted: 30 for one visit).
    """

    def insert(self) -> Insert:
        return super().insert().prefix_with("OR FAIL")

    def update(self) -> Update:
        return super().update().prefix_with("OR FAIL")


class Table(DeclarativeBase):
    """The base of everything in the local store."""

    metadata = metadata

    @classmethod
    def __table_cls__(cls, *args: Any, **how: Any) -> _StoreTable:
        """Make the table of a class; SQLAlchemy asks for it by this name."""
        return _StoreTable(*args, **how)


class Record(Table):
    """A synced record. All columns but the identity are nullable: a parent, or a value, may arrive later."""

    __abstract__ = True
    number: ClassVar[int]
    label: ClassVar[str]
    plural: ClassVar[str]
    bucket: ClassVar[BucketRule]
    client_creates: ClassVar[bool] = True
    client_edits: ClassVar[bool] = True
    client_deletes: ClassVar[bool] = False
    searchable: ClassVar[bool] = False
    level: ClassVar[Level] = Level.L1
    id_of: ClassVar[str] = ""
    since: ClassVar[int] = 1

    # A number of our own: the rowid of a table without one changes when the file is compacted, and the
    # text index refers to it.
    row: Mapped[int] = mapped_column("_n", Integer, primary_key=True, sort_order=-5)
    id: Mapped[str] = mapped_column(String(36), unique=True, nullable=False, sort_order=-4)
    rev: Mapped[int] = mapped_column("_rev", Integer, nullable=False, default=0, sort_order=-3)
    bucket_name: Mapped[str] = mapped_column(
        "_b", String, nullable=False, index=True, sort_order=-2
    )
    unknown: Mapped[str | None] = mapped_column("_x", String, sort_order=-1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # The id is the identity that people and head office know; `_n` is the file's own business.
        return {"primary_key": [cls.__table__.c.id]} if "__tablename__" in cls.__dict__ else {}

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)
        self.rev = 0
        self.bucket_name = self.spec().bucket.of(self.id, self.document())

    @classmethod
    def spec(cls) -> RecordSpec:
        """Give the plain description of this kind; made once."""
        cached = cls.__dict__.get("_spec")
        if isinstance(cached, RecordSpec):
            return cached
        spec = RecordSpec(
            kind=cls.__tablename__,
            number=cls.number,
            label=cls.label,
            plural=cls.plural,
            bucket=cls.bucket,
            fields=tuple(_fields(cls)),
            client_creates=cls.client_creates,
            client_edits=cls.client_edits,
            client_deletes=cls.client_deletes,
            searchable=cls.searchable,
            level=cls.level,
            id_of=cls.id_of,
            since=cls.since,
        )
        cls._spec = spec
        return spec

    def document(self) -> dict[str, object]:
        """Give the wire form of all fields."""
        return {field.name: to_wire(getattr(self, field.name)) for field in self.spec()}


def _fields(cls: type[Record]) -> Iterable[FieldSpec]:
    for column in cls.__table__.columns:
        described = column.info.get("field")
        if isinstance(described, dict):
            yield FieldSpec(name=column.name, **described)


def field(
    type_: FieldType,
    *,
    label: str,
    policy: Policy = Policy.CAS,
    group: str = "",
    required: bool = False,
    max_length: int = 0,
    level: Level = Level.L1,
    choices: tuple[str, ...] = (),
    kind: str = "",
    in_list: bool = False,
    searchable: bool = False,
    since: int = 1,
    index: bool = False,
) -> Any:
    """Declare one column and what it means; see `FieldSpec` for the words."""
    return mapped_column(
        _COLUMN_TYPES[type_](),
        nullable=True,
        index=index,
        info={
            "field": {
                "type": type_,
                "label": label,
                "policy": policy,
                "group": group,
                "required": required,
                "max_length": max_length,
                "level": level,
                "choices": choices,
                "kind": kind,
                "in_list": in_list,
                "searchable": searchable,
                "since": since,
            }
        },
    )


def to_wire(value: object) -> object:
    """Write one attribute value as the wire does; an empty text is null, so that clearing is one thing."""
    if isinstance(value, datetime):
        return clock.stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return envelope_text(value)
    if value == "":
        return None
    return value


def envelope_text(sealed: bytes) -> str:
    """Write an envelope as the local documents have it."""
    return base64.b64encode(sealed).decode("ascii")


def envelope_bytes(text: str) -> bytes:
    """Read what `envelope_text` wrote."""
    return base64.b64decode(text, validate=True)


def from_wire(described: FieldSpec, value: object) -> object:
    """Read one wire value as the attribute of a record has it."""
    if isinstance(value, str) and described.type is FieldType.DATE:
        return date.fromisoformat(value)
    if isinstance(value, str) and described.type is FieldType.INSTANT:
        return clock.parse_stamp(value)
    if isinstance(value, str) and described.is_sealed:
        return envelope_bytes(value)
    return value
