"""Every command that head office decides, by kind; one table for both sides."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.domain import promotions, visits
from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Actor
from kamdesk.domain.rules import Command
from kamdesk.domain.spec import Document

COMMANDS: dict[str, dict[str, Command]] = {
    "visit": visits.COMMANDS,
    "promotion_request": promotions.COMMANDS,
}
NEW_RULES = {"visit": visits.check_new, "promotion_request": promotions.check_new}
EDIT_RULES = {"visit": visits.check_edit, "promotion_request": promotions.check_edit}


def decide(
    kind: str, cmd: str, *, document: Document, args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    """Return the fields that a command changes. Raises Refused where the rules do not allow it."""
    command = COMMANDS.get(kind, {}).get(cmd)
    if command is None:
        raise Refused("The command is not known.", code="unknown_command", cmd=cmd)
    return command(document, args, actor)


def check_new(kind: str, *, document: Document, actor: Actor) -> None:
    """Raise Refused unless `actor` may create this record; field values are checked by the spec."""
    rule = NEW_RULES.get(kind)
    if rule is not None:
        rule(document, actor)


def check_edit(kind: str, *, document: Document, actor: Actor) -> None:
    """Raise Refused unless `actor` may change fields of this record as it stands."""
    rule = EDIT_RULES.get(kind)
    if rule is not None:
        rule(document, actor)
