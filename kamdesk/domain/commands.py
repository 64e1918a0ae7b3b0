"""Every command that head office decides, by kind, and who may create, change and delete what; for both sides."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.domain import (
    attachments,
    contracts,
    customers,
    products,
    promotions,
    sealed_texts,
    visits,
)
from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Actor
from kamdesk.domain.rules import Command, Find, PartRule, Rule
from kamdesk.domain.spec import Document

RESTORES = "restore"
"""In the arguments of a create: the record was deleted at head office, and its author wants it back."""
SETTLES = "settles"
"""In the arguments of a patch: the fields of which its author kept his own although he was shown another's."""
COMMANDS: dict[str, dict[str, Command]] = {
    "visit": visits.COMMANDS,
    "promotion_request": promotions.COMMANDS,
    "contract": contracts.COMMANDS,
}
NEW_RULES: dict[str, Rule] = {
    "customer": customers.check_new,
    "product": products.check_new,
    "visit": visits.check_new,
    "promotion_request": promotions.check_new,
    "contract": contracts.check_new,
}
EDIT_RULES: dict[str, Rule] = {
    "visit": visits.check_edit,
    "promotion_request": promotions.check_edit,
    "contract": contracts.check_edit,
}
DELETE_RULES: dict[str, Rule] = {"contract": contracts.check_edit}
PART_RULES: dict[str, PartRule] = {
    "attachment": attachments.check_part,
    "contract_line": contracts.check_line,
    "contract_line_price": contracts.check_price,
    "contract_line_floor": contracts.check_floor,
    "sealed_text": sealed_texts.check_part,
}
"""Kinds that are created, changed and deleted by the leave of the record that they belong to."""
DELETE_PART_RULES: dict[str, PartRule] = {
    "attachment": attachments.check_delete,
    "sealed_text": sealed_texts.check_delete,
}
"""Those among them that are deleted by another leave than they are created."""
TAKEN_WHEN_NEW: dict[str, frozenset[str]] = {
    "customer": customers.TAKEN_WHEN_NEW,
    "product": products.TAKEN_WHEN_NEW,
}
"""Fields that only head office changes, but that it takes from whoever brings the record in."""


def decide(
    kind: str, cmd: str, *, document: Document, args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    """Return the fields that a command changes. Raises Refused where the rules do not allow it."""
    command = COMMANDS.get(kind, {}).get(cmd)
    if command is None:
        raise Refused("The command is not known.", code="unknown_command", cmd=cmd)
    return command(document, args, actor)


def check_new(kind: str, *, document: Document, actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may create this record; field values are checked by the spec."""
    _check(NEW_RULES, kind, document, actor, find)


def check_edit(kind: str, *, document: Document, actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may change fields of this record as it stands."""
    _check(EDIT_RULES, kind, document, actor, find)


def check_delete(kind: str, *, document: Document, actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may delete this record as it stands."""
    if kind in DELETE_PART_RULES:
        DELETE_PART_RULES[kind](document, actor, find)
        return
    _check(DELETE_RULES, kind, document, actor, find)


def _check(
    rules: Mapping[str, Rule], kind: str, document: Document, actor: Actor, find: Find
) -> None:
    if kind in PART_RULES:
        PART_RULES[kind](document, actor, find)
    elif kind in rules:
        rules[kind](document, actor)
