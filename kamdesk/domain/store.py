"""What the window may ask of the store: reads on a snapshot, writes as one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from kamdesk.domain.changes import Changes, Done, Origin

T = TypeVar("T")


class Store(Protocol):
    """The local store, seen from `ui.tasks`. Both calls wait; never make them on the GUI thread."""

    def read(self, fn: Callable[[Any], T]) -> T:
        """Call `fn(reader)` on a snapshot and return its plain values."""
        ...

    def transact(self, origin: Origin, fn: Callable[[Any], T]) -> Done[T]:
        """Call `fn(work)`, commit, and say what was touched; roll back when it raises."""
        ...

    def on_commit(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Call `listener` after every commit, from the committing thread; returns what ends it."""
        ...
