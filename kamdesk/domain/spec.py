"""What records exist and what their fields mean, as plain values.

`db.records` declares mapped classes; each gives a `RecordSpec`. Window, reconciliation, import and head
office read specs and never the classes, so there is one description and no second schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field as made
from datetime import date
from enum import StrEnum

from kamdesk.domain.errors import Refused
from kamdesk.domain.prices import Secret, SecretText, from_wire, is_wire_price, is_wire_ratio
from kamdesk.domain.roles import Level
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

Document = Mapping[str, object]
"""One record on the wire: field name -> JSON value, without `id`, revision and bucket."""


class Policy(StrEnum):
    """How head office merges one field; `domain.merge` carries it out."""

    CAS = "cas"  # set only where the user saw the present value; else a conflict
    LWW = "lww"  # last writer wins, the overwritten value is kept as a notice; old edits become cas
    SRV = "srv"  # only head office and commands set it
    SET = "set"  # {"add": [...], "del": [...]}, element by element
    FIXED = "fixed"  # set at creation, never changed


class FieldType(StrEnum):
    """The wire form of a value; every type admits null unless `required`."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"  # "2026-11-24"
    INSTANT = "instant"  # "2026-11-24T08:00:00.000Z"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"  # id of a record of another kind
    REFERENCES = "references"  # list of ids
    TAGS = "tags"  # list of short texts
    PRICE = "price"  # "23.5 CNY" inside TLS; an envelope of security.envelope wherever it is kept
    RATIO = "ratio"  # "12.5 PCT", as a price
    SEALED_TEXT = (
        "sealed_text"  # a text that tells a price: as it is inside TLS, an envelope elsewhere
    )


SEALED = frozenset({FieldType.PRICE, FieldType.RATIO, FieldType.SEALED_TEXT})
"""Types whose values are kept as envelopes only: in columns as bytes, in JSON as base64."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its name on the wire and in the store, its label, and the rules it obeys."""

    name: str
    type: FieldType
    label: str
    policy: Policy = Policy.CAS
    group: str = ""  # fields of a group merge together or not at all
    required: bool = False
    max_length: int = 0  # characters; 0: no limit beyond the protocol's
    level: Level = Level.L1
    choices: tuple[str, ...] = ()
    kind: str = ""  # of the record that a reference names
    in_list: bool = False
    searchable: bool = False
    since: int = 1  # the version of the declarations that brought it; new ones come last

    @property
    def is_sealed(self) -> bool:
        """Say whether values of this field are kept sealed."""
        return self.type in SEALED

    def secret(self, wire: object) -> Secret | None:
        """Read a wire value of a sealed field. Raises ValueError for what is none."""
        if self.type is not FieldType.SEALED_TEXT:
            return from_wire(wire)
        if wire is None:
            return None
        if not isinstance(wire, str):
            raise ValueError("not a text")
        return SecretText(wire)

    def check(self, value: object) -> None:
        """Raise Refused("bad_value") unless `value` is a legal wire value of this field."""
        if value is None or value == "":
            if self.required:
                raise Refused(
                    QT_TRANSLATE_NOOP("errors", "A value is required."),
                    code="required",
                    field=self.name,
                )
            return
        if not _FITS[self.type](value):
            raise Refused(
                QT_TRANSLATE_NOOP("errors", "The value is not of the expected form."),
                code="bad_value",
                field=self.name,
            )
        if self.type is FieldType.CHOICE and self.choices and value not in self.choices:
            raise Refused(
                QT_TRANSLATE_NOOP("errors", "The value is not one of the choices."),
                code="bad_value",
                field=self.name,
            )
        if self.max_length and isinstance(value, str) and len(value) > self.max_length:
            raise Refused(
                QT_TRANSLATE_NOOP("errors", "The text is too long: {max} characters at the most."),
                code="too_long",
                field=self.name,
                max=self.max_length,
            )


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) and len(item) <= 200 for item in value
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and "\x00" not in value and len(value) <= 65_536


_FITS = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.DATE: _is_day,
    FieldType.INSTANT: lambda value: isinstance(value, str) and len(value) <= 32,
    FieldType.INTEGER: lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53
    ),
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.CHOICE: _text,
    FieldType.REFERENCE: lambda value: isinstance(value, str) and len(value) <= 64,
    FieldType.REFERENCES: _texts,
    FieldType.TAGS: _texts,
    FieldType.PRICE: is_wire_price,
    FieldType.RATIO: is_wire_ratio,
    FieldType.SEALED_TEXT: _text,
}


@dataclass(frozen=True, slots=True)
class BucketRule:
    """Where records of a kind live: one shared bucket, or one per value of a field."""

    prefix: str
    field: str = ""  # "" : the prefix is the whole name; "id": the record's own id

    def of(self, record_id: str, document: Document) -> str:
        """Name the bucket of one record, such as `ref`, `acct:<customer>` or `user:<id>`."""
        if not self.field:
            return self.prefix
        owner = record_id if self.field == "id" else document.get(self.field)
        if not isinstance(owner, str) or not owner:
            raise Refused(
                QT_TRANSLATE_NOOP("errors", "A value is required."),
                code="required",
                field=self.field,
            )
        return f"{self.prefix}:{owner}"


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One kind of record. `number` is its stable short form at head office; never reuse one."""

    kind: str
    number: int
    label: str
    plural: str
    bucket: BucketRule
    fields: tuple[FieldSpec, ...]
    client_creates: bool = True
    client_edits: bool = True
    client_deletes: bool = False
    searchable: bool = False
    level: Level = Level.L1
    id_of: str = (
        ""  # the field that names the record whose id this one has, as prices have their line's
    )
    since: int = (
        1  # the version of the declarations that brought it: older programs are not told of it
    )
    names: tuple[str, ...] = made(init=False, repr=False, compare=False)
    """The wire order of the fields."""
    sealed: tuple[str, ...] = made(init=False, repr=False, compare=False)
    """The fields whose values are kept sealed."""
    _by_name: Mapping[str, FieldSpec] = made(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(spec.name for spec in self.fields))
        sealed = tuple(spec.name for spec in self.fields if spec.is_sealed)
        object.__setattr__(self, "sealed", sealed)
        object.__setattr__(self, "_by_name", {spec.name: spec for spec in self.fields})

    def __iter__(self) -> Iterator[FieldSpec]:
        return iter(self.fields)

    def field(self, name: str) -> FieldSpec:
        """Return one field. Raises KeyError for a name this kind does not have."""
        return self._by_name[name]

    @property
    def opens_bucket(self) -> bool:
        """Say whether each record of this kind has a bucket of its own, as customers have."""
        return self.bucket.field == "id"

    @property
    def demanded(self) -> list[str]:
        """The fields that no record is without."""
        return [spec.name for spec in self.fields if spec.required]

    def check(self, document: Document) -> None:
        """Raise Refused unless every field of a whole document is legal and known."""
        for name, value in document.items():
            spec = self._by_name.get(name)
            if spec is None:
                raise Refused(
                    QT_TRANSLATE_NOOP("errors", "The field is not known."),
                    code="unknown_field",
                    field=name,
                )
            spec.check(value)
        for name in self.demanded:
            if name not in document:
                self.field(name).check(None)


def naming(specs: Iterable[RecordSpec], kind: str) -> dict[str, tuple[FieldSpec, ...]]:
    """Return, by kind, the fields that name records of one kind."""
    found = {spec.kind: tuple(one for one in spec if one.kind == kind) for spec in specs}
    return {other: fields for other, fields in found.items() if fields}
