"""Comparing what this computer holds with what head office says it should hold; what differs is loaded anew."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kamdesk.db import buckets
from kamdesk.db.database import Database
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.sync import anew, answers, equality
from kamdesk.sync.intake import Intake
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import Listing, SyncRequest, SyncResponse

_MOST_RELOADS = 2
_AT_ONCE = 500
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Checked:
    """What a check of everything has compared so far, and up to which bucket."""

    to: str = ""
    buckets: set[str] = field(default_factory=set)
    records: int = 0
    differences: int = 0

    def note(self, answer: SyncResponse, compared: Sequence[str], differing: int) -> None:
        """Add what one answer compared."""
        self.to = answer.checked_to or ""
        fresh = set(compared) - self.buckets
        self.buckets |= fresh
        self.records += sum(answer.digest[bucket][0] for bucket in fresh)
        self.differences += differing


class Comparison:
    """What was compared and what is still to be. `listing`: asks what head office holds of one bucket."""

    def __init__(
        self, database: Database, intake: Intake, listing: Callable[[str], Listing]
    ) -> None:
        self._database = database
        self._intake = intake
        self._listing = listing
        self.misses: Counter[str] = Counter()
        """How often each bucket differed, since the last check of everything began."""
        self.checked = Checked()
        self._unclear: list[str] = []
        self._asked = 0

    def begin(self) -> None:
        """Begin a reconciliation."""
        self._asked = 0

    def begin_check(self) -> None:
        """Begin a check of everything."""
        self.checked = Checked()
        self.misses.clear()

    def end_check(self) -> None:
        """Keep what a check of everything found."""
        done = self.checked
        self._database.transact(
            Origin.SYNC,
            lambda work: equality.remember_check(
                work, buckets=len(done.buckets), records=done.records, differences=done.differences
            ),
        )

    @property
    def wanted(self) -> list[str]:
        """The buckets that head office is to tell of with the next answer."""
        return self._unclear[:_AT_ONCE]

    def take(self, answer: SyncResponse, wanted: SyncRequest, store: Callable[[], bool]) -> bool:
        """Store an answer that may tell of what was wanted; where that breaks off, it is wanted again."""
        unclear = self._unclear
        if answer.delta is not None and not answer.delta.more:
            self._unclear = unclear[len(wanted.compare) :]
        try:
            return store()
        except Exception:
            self._unclear = sorted({*unclear, *self._unclear})
            raise

    def compare_all(self, work: Work, answer: SyncResponse, wanted: SyncRequest) -> None:
        """Compare all that an answer touched; where that differs, head office is asked about each bucket."""
        touched = answers.touched(work, answer, wanted)
        if (
            equality.summary(work.driver, touched) != answer.summary
            and self._asked < _MOST_RELOADS
        ):
            self._asked += 1
            self._unclear = sorted({bucket for bucket, _ in touched})

    def reload_mismatched(self, answer: SyncResponse) -> bool:
        """Begin to load those live buckets anew that differ from head office's count and hash of them."""
        if answer.delta is None or answer.delta.more or not answer.digest:
            return False
        differing = [
            bucket
            for bucket in self._database.read(
                lambda reader: equality.differing(reader, answer.digest)
            )
            if self.misses[bucket] < _MOST_RELOADS
        ]
        if differing:
            # The sample differs already: nobody asks about the rest
            differing += sorted(set(self._unclear) - set(differing))
            self._unclear = []
        self.misses.update(differing)
        self.checked.note(
            answer, self._database.read(lambda reader: equality.compared(reader, answer.digest)),
            len(differing),
        )  # fmt: skip
        if differing:
            self._name_difference(differing[0])
            _log.warning("%d buckets differ from head office and are loaded anew", len(differing))
            anew.begin(self._database, self._intake, differing)
        return bool(differing)

    def _name_difference(self, bucket: str) -> None:
        """Find out which record differs, and remember it before the bucket is loaded anew."""
        try:
            there = [row for row in self._listing(bucket).rows if row[0] in SPECS]
        except (Answered, Unreachable):
            return  # it is loaded anew all the same
        here = self._database.read(lambda reader: buckets.held(reader.connection, [bucket]))[bucket]
        found = equality.first_difference(bucket, here, there)
        if found is not None:
            _log.warning("%s %s: %s", found.kind, found.id, found.how)
            self._database.transact(
                Origin.SYNC, lambda work: equality.remember_difference(work, found)
            )
