"""Texts that tell a price: sealed with the prices of their customer, while a mark stands in their record.

The mark is what everybody sees, what is searched, exported and printed. The text is a field of the record
`sealed_text`, which has the id of the record that it belongs to and is where prices are: a role without prices
never receives it.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.domain import contracts, promotions, visits
from kamdesk.domain.errors import Refused
from kamdesk.domain.prices import DOTS
from kamdesk.domain.roles import Actor
from kamdesk.domain.rules import Find, Rule, only_owner

MARK = DOTS
"""What stands in a field whose text is sealed."""
FIELDS: dict[str, tuple[str, ...]] = {
    "visit": ("objective", "outcome", "next_step"),
    "contract": ("note",),
    "contract_line": ("note",),
    "promotion_request": ("objective",),
}
"""The texts that can be sealed, by the kind of their record."""
_EDITS: dict[str, Rule] = {
    "visit": visits.check_edit,
    "contract": contracts.check_edit,
    "promotion_request": promotions.check_edit,
}
_BELONGS_TO = {"contract_line": ("contract", "contract_id")}
"""By whose leave a record is changed that has no owner of its own: the kind, and the field that names it."""


def is_sealed(text: str | None) -> bool:
    """Say whether a field holds the mark: its text is elsewhere."""
    return text == MARK


def check_part(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless these are texts of a record of one's own: new ones where the mark stands in their places,
    others while their record may be changed.
    """
    kind, parent = _parent(document, find)
    if find("sealed_text", str(document.get("record_id"))) is not None:
        _check_edit(kind, parent, actor, find)
        return
    only_owner(_owned(kind, parent, find)[1], actor)
    for name in {name for names in FIELDS.values() for name in names}:
        if document.get(name) and not (name in FIELDS[kind] and is_sealed(_text(parent, name))):
            raise Refused("No text is sealed here.", code="bad_value", field=name)


def check_delete(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless the record that the texts belong to may be changed by `actor`."""
    kind, parent = _parent(document, find)
    _check_edit(kind, parent, actor, find)


def _check_edit(kind: str, parent: Mapping[str, object], actor: Actor, find: Find) -> None:
    whose, owned = _owned(kind, parent, find)
    _EDITS[whose](owned, actor)


def _owned(kind: str, parent: Mapping[str, object], find: Find) -> tuple[str, Mapping[str, object]]:
    """Return the record, and its kind, that says who may change this one."""
    if kind not in _BELONGS_TO:
        return kind, parent
    whose, name = _BELONGS_TO[kind]
    owned = find(whose, str(parent.get(name)))
    if owned is None:
        raise Refused("There is no such record.", code="not_found")
    return whose, owned


def _parent(document: Mapping[str, object], find: Find) -> tuple[str, Mapping[str, object]]:
    kind = str(document.get("record_kind"))
    parent = find(kind, str(document.get("record_id"))) if kind in FIELDS else None
    if parent is None:
        raise Refused("There is no such record.", code="not_found")
    if document.get("customer_id") != parent.get("customer_id"):
        raise Refused("It names another customer.", code="bad_value", field="customer_id")
    return kind, parent


def _text(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None
