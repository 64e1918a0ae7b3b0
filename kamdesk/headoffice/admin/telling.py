"""Events of the audit for people: names instead of ids, words instead of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kamdesk.headoffice import accounts, health, integrations
from kamdesk.headoffice.audit import Event
from kamdesk.headoffice.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it is shown; `event` has it as it is kept."""

    event: Event
    actor: str
    subject: str
    detail: str


def told(store: Store, events: Sequence[Event]) -> list[Told]:
    """Tell events with the names of today."""
    names = {one.id: one.login for one in accounts.users(store)}
    names |= {one.id: one.name for one in accounts.territories(store)}
    names |= {one.id: f"{one.name} ({one.login})" for one in health.devices(store)}
    names |= {one.id: one.name for one in integrations.systems(store)}
    return [
        Told(
            one, _actor(one.actor, names), names.get(one.subject, one.subject), _detail(one, names)
        )
        for one in events
    ]


def _actor(actor: str, names: Mapping[str, str]) -> str:
    return names.get(actor.partition(":")[2], actor)


def _detail(event: Event, names: Mapping[str, str]) -> str:
    try:
        values = json.loads(event.detail)
    except ValueError:
        return event.detail
    if not isinstance(values, dict):
        return event.detail
    return " · ".join(f"{name} {_value(one, names)}" for name, one in values.items() if one is not None)


def _value(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_value(one, names) for one in value) or "–"
    return names.get(value, value) if isinstance(value, str) else json.dumps(value)
