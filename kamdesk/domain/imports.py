"""What importing means to both sides: one id for all that a file brought, so that it can be taken back whole."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kamdesk.domain import customers, products
from kamdesk.domain.ids import is_id
from kamdesk.domain.roles import Level, Role, may_read

ARGUMENT = "import"
"""The argument of an op under which the id of its import travels."""
AT_ONCE = 200
"""Records per transaction: a save behind one waits no longer than it is used to."""


class Effect(StrEnum):
    """What an import did to one record, or is to do to one row."""

    CREATED = "created"
    UPDATED = "updated"


class JobState(StrEnum):
    """How far an import has come. A job that is found running when the program starts was interrupted."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"


def import_id(args: Mapping[str, object]) -> str:
    """Return the id of the import that an op belongs to; "" for none."""
    given = args.get(ARGUMENT)
    return given if isinstance(given, str) and is_id(given) else ""


def may_import(role: Role, kind: str) -> bool:
    """Say whether a role may bring in records of a kind from a file."""
    if kind == "customer":
        return role in customers.CREATORS
    if kind == "product":
        return role in products.CREATORS
    return kind == "person" and may_read(role, Level.L2)
