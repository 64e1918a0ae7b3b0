"""What one transaction touched: the currency between store, window and reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Generic, TypeVar

from kamdesk.domain.values import dataclass

T = TypeVar("T")


class Origin(StrEnum):
    """Who writes: a person, an import, or reconciliation (which is never captured again)."""

    USER = "user"
    IMPORT = "import"
    SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids that one transaction touched, by kind. Empty `ids` of a kind means "many": reload it."""

    origin: Origin
    touched: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outbox: bool = False
    issues: bool = False

    def concerns(self, *kinds: str) -> bool:
        """Say whether any record of these kinds was touched."""
        return any(kind in self.touched for kind in kinds)

    @staticmethod
    def merged(changes: Iterable[Changes]) -> Changes:
        """Fold several transactions into one; "many" (an empty set) swallows the ids beside it."""
        touched: dict[str, frozenset[str]] = {}
        origin = Origin.USER
        outbox = issues = False
        for change in changes:
            origin = change.origin
            outbox |= change.outbox
            issues |= change.issues
            for kind, ids in change.touched.items():
                before = touched.get(kind)
                many = not ids or (before is not None and not before)
                touched[kind] = frozenset() if many else (before or frozenset()) | ids
        return Changes(origin, touched, outbox, issues)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The answer of a committed transaction."""

    value: T
    changes: Changes
