"""What can still be read of the unsent work in a damaged store: row by row, past every page that is damaged.

After one damaged page SQLCipher reads nothing more on that connection, so every error takes a new one: with one page of
2,522 damaged a single connection found a third of the rows, new ones all but those of the page (measured).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import journal
from kamdesk.db.connect import connect
from kamdesk.db.reader import Reader
from kamdesk.domain.errors import MachineError

_MOST_ERRORS = 500  # some seconds of opening it again; behind so many nothing is left
_Found = TypeVar("_Found")


def unsent_of(path: Path, key: bytes) -> list[journal.Frame]:
    """Return what head office does not have and can be read, as the journal writes it. Never raises for damage."""
    store = _Damaged(path, key)
    try:
        return [*_ops(store), *_drafts(store), *_state(store)]
    finally:
        store.close()


class _Damaged:
    """A store that is opened anew after every error; none any more after too many."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._reader: Reader | None = None
        self._errors = 0

    def ask(self, fn: Callable[[Reader], _Found]) -> _Found | None:
        """Return the answer; None where it lies on a damaged page."""
        if self._errors > _MOST_ERRORS:
            return None
        try:
            if self._reader is None:
                self._reader = Reader(connect(self._path, self._key, query_only=True))
            return fn(self._reader)
        except (MachineError, driver.Error, ValueError):
            self._errors += 1
            self.close()
            return None

    def close(self) -> None:
        if self._reader is not None:
            self._reader.connection.close()
            self._reader = None


def _ops(store: _Damaged) -> Iterator[journal.Frame]:
    for number in range(store.ask(journal.first_lid) or 1, _last(store) + 1):
        frame = store.ask(lambda reader, lid=number: journal.op_of(reader, lid))  # type: ignore[misc]
        if frame is not None and frame["st"] == "queued":
            yield frame


def _drafts(store: _Damaged) -> Iterator[journal.Frame]:
    for draft_id in store.ask(journal.draft_ids) or ():
        frame = store.ask(lambda reader, one=draft_id: journal.draft_of(reader, one))  # type: ignore[misc]
        if frame is not None:
            yield frame


def _state(store: _Damaged) -> Iterator[journal.Frame]:
    state = store.ask(journal.state_of)
    yield state if state is not None else {"t": "state", "seq": _last(store)}


def _last(store: _Damaged) -> int:
    last = store.ask(journal.last_lid)
    return last if last is not None else store.ask(journal.highest_lid) or 0
