"""What the rules of every kind share: who owns a record, what it needs, which steps it may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Actor

Command = Callable[[Mapping[str, object], Mapping[str, object], Actor], dict[str, object]]
"""(document as it stands, arguments, who) -> the fields that change. Raises Refused."""
Rule = Callable[[Mapping[str, object], Actor], None]
"""(document, who). Raises Refused where it may not be so."""
Find = Callable[[str, str], Mapping[str, object] | None]
"""(kind, id) -> another record as it stands, None where there is none."""
PartRule = Callable[[Mapping[str, object], Actor, Find], None]
"""The rule of a record that belongs to another one, which it looks up."""


def need(document: Mapping[str, object], *names: str) -> None:
    """Raise Refused unless every one of these fields says something."""
    for name in names:
        value = document.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused("A value is required.", code="required", field=name)


def only_owner(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused for anybody but the owner."""
    if document.get("owner_id") != actor.user_id:
        raise Refused("Only the owner may do this.", code="not_owner")


def step(document: Mapping[str, object], cmd: str, to: str, *allowed: str) -> dict[str, object]:
    """Give the new state. Raises Refused where the record is not in one of the allowed ones."""
    state = document.get("state")
    if state not in allowed:
        raise Refused(
            "The record is no longer in a state that allows this.",
            code="illegal_transition",
            **{"from": str(state), "cmd": cmd},
        )
    return {"state": str(to)}


def reason_of(args: Mapping[str, object]) -> str:
    """Return the reason that was given. Raises Refused without one."""
    reason = args.get("reason")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > 1000:
        raise Refused("A reason is required.", code="required", field="reason")
    return reason.strip()
