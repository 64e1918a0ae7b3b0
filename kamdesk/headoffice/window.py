"""Which versions of desktops are served: work is taken from older ones than are told what is new."""

from __future__ import annotations

from kamdesk.headoffice.problems import Rejected
from kamdesk.sync.protocol import SCHEMA, Hint, SyncRequest

MIN_PUSH = 1
"""The oldest record declarations whose changes are understood."""
MIN_PULL = 1
"""The oldest record declarations for which records are written."""


def check(request: SyncRequest) -> None:
    """Raise Rejected("too_old") for a desktop whose changes are not understood any more."""
    if request.schema < MIN_PUSH:
        raise Rejected(426, "too_old", min_schema=MIN_PUSH)


def may_pull(request: SyncRequest) -> bool:
    """Say whether a desktop is told what is new; one that is not is told its verdicts all the same.

    Raises Rejected("upgrade_required") where there is not even a verdict to tell.
    """
    if request.schema >= MIN_PULL:
        return True
    if not request.groups:
        raise Rejected(426, "upgrade_required", min_schema=MIN_PULL)
    return False


def hint() -> Hint:
    """Tell desktops how long they are still served."""
    return Hint(min_schema_push=MIN_PUSH, min_schema_pull=MIN_PULL, schema=SCHEMA)
