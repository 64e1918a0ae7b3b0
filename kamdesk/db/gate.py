"""One writer at a time, people before reconciliation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """The turn to write. A person waits for at most the one transaction that is under way."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._taken = False
        self._people = 0
        self.turns_of_people = 0
        """How many times a person has had the turn."""

    @property
    def is_awaited(self) -> bool:
        """Say whether a person waits for the turn."""
        return self._people > 0

    @contextmanager
    def turn(self, *, person: bool) -> Iterator[None]:
        """Hold the turn for the duration of one transaction."""
        with self._condition:
            if person:
                self._people += 1
            try:
                self._condition.wait_for(lambda: not self._taken and (person or not self._people))
            finally:
                if person:
                    self._people -= 1
            self._taken = True
            self.turns_of_people += person
        try:
            yield
        finally:
            with self._condition:
                self._taken = False
                self._condition.notify_all()
