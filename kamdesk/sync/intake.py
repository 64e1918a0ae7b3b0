"""Storing an answer in parts: in transactions that end as soon as somebody wants to save.

A transaction that brings many rows is cheaper by the row, and holds up a save for longer. So one takes in as much as
its end can write in a moment, and looks between any two small steps whether a person waits: then it ends at once with
what it has. Steps are in the order in which they must be stored, so any number of them may be a transaction. See
docs/decisions/0022.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from kamdesk.db import apply, buckets, lost
from kamdesk.db.database import Database
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin

Step = tuple[int, Callable[[Work], object]]
"""A part of an answer: how many rows it writes, and how."""

STEP_ROWS = 100
FEWEST_ROWS = 25
MOST_ROWS = 8000
"""In one transaction, while nobody saves anything; otherwise `apply.AT_ONCE`."""
_END_SECONDS = 0.08
_END_SECONDS_BESIDE = 0.015
"""How long the end of a transaction may take, and how long while somebody works here."""
_WORKS_FOR = 10.0
_MOVED_ROWS, _MOVED_ROWS_BESIDE = 6000, 1500
"""After so many, the log is moved into the store's file here, where no save waits for it. A save takes to the disk
what was committed before it: it must not be much while somebody works here."""


class Stopped(Exception):  # noqa: N818
    """The user paused, or the program ends."""


class Intake:
    """Stores parts of answers. Used by one thread at a time."""

    def __init__(self, database: Database, stopped: Callable[[], bool]) -> None:
        self._database, self._stopped = database, stopped
        self._fitting = 4 * FEWEST_ROWS
        self._saves, self._saved_at = database.saves, -_WORKS_FOR
        self._in_log = 0

    def store(self, steps: Iterable[Step], *, lasts: bool = True) -> None:
        """Store everything, in order; without `lasts` as transactions that need not last. Raises Stopped."""
        rest = iter(steps)
        following = next(rest, None)
        while following is not None:
            if self._stopped():
                raise Stopped
            following = self._one_transaction(following, rest, lasts=lasts)
            if self._in_log >= (_MOVED_ROWS_BESIDE if self.is_beside_somebody() else _MOVED_ROWS):
                self._in_log = 0
                self._database.checkpoint()

    def unconfirm(self, names: Sequence[str] | None = None) -> None:
        """Mark every record, or those of some buckets, as before they are loaded anew.

        Broken off, it is begun again and finds less to do.
        """
        self.store(
            self._unconfirming() if names is None else self._unconfirming_some(names), lasts=False
        )

    def _unconfirming(self) -> Iterator[Step]:
        last = self._database.read(
            lambda reader: {kind: buckets.last_number(reader, kind) for kind in SPECS}
        )
        for kind in SPECS:
            for after in range(0, last[kind], STEP_ROWS):
                yield _unconfirming(kind, after)

    def _unconfirming_some(self, names: Sequence[str]) -> Iterator[Step]:
        found = self._database.read(
            lambda reader: {kind: buckets.numbers_in(reader, kind, names) for kind in SPECS}
        )
        for kind, numbers in found.items():
            for start in range(0, len(numbers), STEP_ROWS):
                part = numbers[start : start + STEP_ROWS]
                yield (
                    len(part),
                    partial(buckets.unconfirm_some, kind=kind, numbers=part, buckets=names),
                )

    def _one_transaction(self, first: Step, rest: Iterator[Step], *, lasts: bool) -> Step | None:
        """Store what fits; return the step that does not any more."""
        is_beside = self.is_beside_somebody()
        most = min(self._fitting, apply.AT_ONCE if is_beside else MOST_ROWS)
        taken = [first]
        following: Step | None = None

        def run(work: Work) -> tuple[int, float]:
            nonlocal following
            size = 0
            # More than one where a full disk had the transaction begun anew
            for rows, step in taken:
                size += rows
                step(work)
            while (following := following or next(rest, None)) is not None:
                if self._database.is_awaited or size + following[0] > max(size, most):
                    break
                taken.append(following)
                following = None
                size += taken[-1][0]
                taken[-1][1](work)
            return size, time.perf_counter()

        done = self._database.transact(Origin.SYNC, run, lasts=lasts)
        size, ended = done.value
        self._in_log += size
        if size >= FEWEST_ROWS:
            end = _END_SECONDS_BESIDE if is_beside else _END_SECONDS
            fitting = int(size * end / max(time.perf_counter() - ended, 1e-6))
            self._fitting = max(FEWEST_ROWS, min(MOST_ROWS, fitting, 2 * self._fitting))
        return following

    def is_beside_somebody(self) -> bool:
        """Say whether anything was saved here in the last seconds: more is likely to come."""
        saves, now = self._database.saves, time.perf_counter()
        if saves != self._saves:
            self._saves, self._saved_at = saves, now
        return now - self._saved_at < _WORKS_FOR


def taking_out(
    found: Mapping[str, Sequence[str]], names: Sequence[str], *, unconfirmed: bool
) -> Iterator[Step]:
    """Divide what is taken out of buckets, as `buckets.records_in` found it."""
    for kind, ids in found.items():
        for start in range(0, len(ids), FEWEST_ROWS):
            few = ids[start : start + FEWEST_ROWS]
            yield (
                len(few),
                partial(
                    lost.take_out_counted,
                    kind=kind,
                    ids=few,
                    buckets=names,
                    unconfirmed=unconfirmed,
                ),
            )


def _unconfirming(kind: str, after: int) -> Step:
    return STEP_ROWS, lambda work: buckets.unconfirm(work, kind, after, after + STEP_ROWS)
