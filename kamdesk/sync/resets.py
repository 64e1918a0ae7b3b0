"""When head office was restored from a backup: everything is loaded again, and what it lost is handed in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from kamdesk.db import lost, notices, outbox
from kamdesk.db.connect import raise_fault
from kamdesk.db.database import Database
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.sync import answers
from kamdesk.sync.intake import Intake
from kamdesk.sync.problems import HistoryChanged, Unreachable

RESET_EVERY = timedelta(hours=1)


class Resets:
    """Follows a restored head office, and goes on with that after a break."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        verdicts: answers.Verdicts,
        keep_copy: Callable[[], object],
    ) -> None:
        self._database = database
        self._intake = intake
        self._verdicts = verdicts
        self._keep_copy = keep_copy

    def begin(self, change: HistoryChanged) -> None:
        """Load everything again and hand in again what head office lost; nobody is asked anything.

        After a copy: what others handed in since the backup goes from here too, and may be nowhere else. Without
        one, nothing goes: raises MachineError.
        """
        state = self._database.read(outbox.read_state)
        body = change.body
        # Head office's time: the clock of a computer decides nothing
        now, before = body.now or clock.stamp(), state.get("reset_at")
        if before and abs(clock.parse_stamp(now) - clock.parse_stamp(before)) < RESET_EVERY:
            raise Unreachable("diverged_again") from change

        try:
            self._keep_copy()
        except OSError as error:
            raise_fault(error)

        def resetting(work: Work) -> None:
            lost.begin(work)
            notices.begin_anew(work)
            outbox.write_state(work.driver, {"resetting": "1"})

        # Broken off here and restored once more, head office may be where this computer saw it: see `finish`
        self._database.transact(Origin.SYNC, resetting)
        self._intake.unconfirm()

        def anew(work: Work) -> None:
            touched = outbox.records_of(work.driver, [one.mid for one in body.stored])
            self._verdicts.take_stored(work, body.stored, now)
            self._verdicts.begin_after(work, body.last)
            answers.load_anew(work, body.head[0], touched)
            outbox.write_state(
                work.driver,
                {
                    "seen_head": body.head[0], "seen_nonce": body.head[1], "reset_at": now,
                    "resetting": "",
                },
            )  # fmt: skip

        self._database.transact(Origin.SYNC, anew)

    def finish(self) -> None:
        """Load everything again where a reset was broken off: some records are marked already, and others not."""
        state = self._database.read(outbox.read_state)
        if not state.get("resetting"):
            return
        self._intake.unconfirm()

        def anew(work: Work) -> None:
            answers.load_anew(work, int(state.get("seen_head", 0)))
            outbox.write_state(work.driver, {"resetting": ""})

        self._database.transact(Origin.SYNC, anew)
