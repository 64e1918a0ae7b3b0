"""What goes with the next request: numbered groups of changes, as they travel, as many as head office takes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kamdesk.db import outbox, sending
from kamdesk.db.database import Database
from kamdesk.db.outbox import QueuedGroup
from kamdesk.db.reader import Reader
from kamdesk.db.sending import Hold
from kamdesk.domain.changes import Origin
from kamdesk.sync import planner
from kamdesk.sync.answers import Verdicts
from kamdesk.sync.protocol import MAX_OPS, Group
from kamdesk.sync.sealing import Unsendable, opened_changes

_EVERYTHING = 1_000_000_000


class HandingIn:
    """Takes groups from the queue and writes them. `ask`: asks whether head office is there; raises if not."""

    def __init__(self, database: Database, ask: Callable[[], object], verdicts: Verdicts) -> None:
        self._database = database
        self._ask = ask
        self._verdicts = verdicts
        self.most_ops = MAX_OPS
        self.reached = True
        """Whether somebody answered last time."""

    def _hold(self) -> Hold | None:
        return self._verdicts.hold(self._database.prices.state)

    def is_due(self) -> bool:
        """Say whether there is something that can be handed in now."""
        hold = self._hold()
        return self._database.read(lambda reader: sending.is_sendable(reader, hold))

    def take(self) -> list[QueuedGroup]:
        """Take and number what goes with the next request."""
        hold = self._hold()
        if not self._database.read(lambda reader: _may_hand_in(reader, hold)):
            return []
        if not self.reached:
            # Nobody answered last time: nothing is numbered for a request that will not leave
            self._ask()
        return self._taken(self.most_ops, hold)

    def take_everything(self) -> list[QueuedGroup]:
        """Take and number all that is left, for who cannot hand it in any more."""
        return self._taken(_EVERYTHING, self._hold())

    def _taken(self, most: int, hold: Hold | None) -> list[QueuedGroup]:
        return self._database.transact(
            Origin.SYNC, lambda work: sending.take(work.driver, most, hold)
        ).value

    def take_back(self, first: int) -> None:
        """Take the numbers from `first` on back: the request did not leave."""
        self._database.transact(Origin.SYNC, lambda work: outbox.take_back(work.driver, first))

    def written(self, groups: Sequence[QueuedGroup]) -> list[Group]:
        """Write groups as they travel, with their prices opened. Raises PricesLocked."""
        written = []
        for group in groups:
            changes = None
            if not group.is_held:
                try:
                    changes = [opened_changes(self._database.prices, op) for op in group.ops]
                except Unsendable:
                    self._verdicts.unsendable.add(group.gid)
            written.append(planner.group(group, changes, self._verdicts.spoken))
        return written

    def halve(self) -> bool:
        """Hand in less at once, where that is possible."""
        if self.most_ops <= 1:
            return False
        self.most_ops //= 2
        return True

    def was_answered(self) -> None:
        """Hand in more at once again."""
        self.reached = True
        self.most_ops = min(MAX_OPS, self.most_ops * 2)


def _may_hand_in(reader: Reader, hold: Hold | None) -> bool:
    """Say whether there is something to hand in, and a place for the answers.

    Before the subscription is known the feed begins at the head of the answer: what was changed elsewhere
    between a verdict and that head would not be told.
    """
    is_subscribed = reader.value("SELECT 1 FROM sync_bucket LIMIT 1")
    return bool(is_subscribed) and sending.is_sendable(reader, hold)
