"""One reconciliation: hand in what is queued, take in what is new, until nothing is missing.

No transaction is open during a request. Every answer is taken in by short transactions (`intake`), so that a save
waits at most 50 ms. The position in the feed moves in the last of them, so that it never runs ahead of the rows.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from kamdesk.db import disclosures, holds, lost, notices, outbox
from kamdesk.db.database import Database
from kamdesk.db.outbox import QueuedGroup
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.roles import Level, Role, may_read
from kamdesk.security.signing import sign
from kamdesk.sync import anew, answers, planner, receipts, shape
from kamdesk.sync.ahead import Ahead
from kamdesk.sync.comparing import Comparison
from kamdesk.sync.first_load import FirstLoad, Progress
from kamdesk.sync.handing_in import HandingIn
from kamdesk.sync.intake import Intake, Step, Stopped
from kamdesk.sync.leases import Leaseholder, Leaving
from kamdesk.sync.planner import Position, Reaction
from kamdesk.sync.portions import Portion, timed
from kamdesk.sync.problems import Answered, HistoryChanged, Unreachable
from kamdesk.sync.protocol import (
    SCHEMA,
    About,
    Group,
    SyncRequest,
    SyncResponse,
    TokenRequest,
    token_message,
)
from kamdesk.sync.removals import Removals
from kamdesk.sync.resets import Resets
from kamdesk.sync.transport import Transport

CLOCK_TOLERANCE = timedelta(minutes=5)
_MOST_ROUNDS = 100_000

T = TypeVar("T")


class Engine:
    """Reconciles one store with one head office. Used by one thread at a time."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        progress: Callable[[Progress], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
        keep_copy: Callable[[], object] = lambda: None,
        leases: Leaseholder | None = None,
        start: Callable[[Callable[[], None]], object] | None = None,
        about: Callable[[], About | None] = lambda: None,
    ) -> None:
        """`start` runs what may be done meanwhile; by itself on a thread. `about`: None while it is not known yet."""
        self.database = database
        self.transport = transport
        self.clock_off = timedelta()
        self._office_time = clock.stamp()
        self.access = ""
        self._stopped = stopped
        self._intake = Intake(database, stopped)
        self._portion = Portion()
        self._first_load = FirstLoad(database, self._intake, progress)
        self._comparison = Comparison(
            database, self._intake, lambda bucket: self.transport.listing(self.access, bucket)
        )
        self._check_after: str | None = None
        self._verdicts = answers.Verdicts()
        self._handing_in = HandingIn(database, lambda: self.transport.meta(), self._verdicts)
        self._resets = Resets(database, self._intake, self._verdicts, keep_copy)
        self._is_loaded_anew = False
        self._requeued_after: int | None = None
        self._removals = Removals(database, keep_copy)
        self._leases = leases
        self._about, self._is_about_told = about, False
        self._ahead = Ahead(lambda wanted: self.transport.sync(self.access, wanted), start)

    # ---- the loop

    def reconcile(self) -> None:
        """Go on until everything is handed in and taken in; while prices are locked, all but what needs their key.

        Raises Unreachable, Answered, Stopped, and MachineError where this computer's disk is at fault;
        Unreachable("mass_delete") where all was handed in and nothing taken in, until the user decides.
        """
        self._removals.begin()
        self._is_loaded_anew = False
        self._comparison.begin()
        if self._leases is not None:
            self._leases.finish(self._intake)
        self._resets.finish()
        anew.finish(self.database, self._intake)
        for _ in range(_MOST_ROUNDS):
            if self._stopped():
                raise Stopped
            try:
                is_done = self._round()
            except PricesLocked:
                continue  # locked meanwhile: what was under way comes again, without prices
            # Not after the last round: while somebody saves without a pause there is none
            is_built = self._first_load.build_indexes()
            while is_done and not is_built and not self._handing_in.is_due():
                is_built = self._first_load.build_indexes()
            if is_done and is_built:
                break
        if self._removals.is_held:
            raise Unreachable("mass_delete")
        # What the user decided about one reconciliation must not be taken for a decision about the next
        self.database.transact(
            Origin.SYNC,
            lambda work: _remember_success(work, self._office_time),
            lasts=bool(self.database.read(holds.decision)),
        )

    def check(self) -> None:
        """Compare everything with head office, both ways; what differs is named and loaded anew.

        Raises as `reconcile`.
        """
        self._comparison.begin_check()
        after = ""
        while True:
            self.reconcile()
            self._check_after, self._comparison.checked.to = after, ""
            try:
                self._round()
            finally:
                self._check_after = None
            if not self._comparison.checked.to:
                break
            after = self._comparison.checked.to
        self.reconcile()
        self._comparison.end_check()

    def _round(self) -> bool:
        """Make one round trip; True when nothing is missing any more."""
        state = self.database.read(outbox.read_state)
        groups = self._handing_in.take()
        written = self._handing_in.written(groups)
        position = self.database.read(lambda reader: planner.position(reader, written))
        wanted = self._request(state, position, written)
        try:
            answer, seconds = self._ahead.answer(wanted) or timed(
                lambda: self.ask(lambda access: self.transport.sync(access, wanted))
            )
        except Unreachable as problem:
            self._handing_in.reached = False
            self._portion.broke()
            if problem.never_left and groups:
                self._handing_in.take_back(int(state.get("next_mid", 1)))
            raise
        except HistoryChanged as change:
            self._resets.begin(change)
            self._first_load.begin()
            return False
        except Answered as problem:
            if not self._recover(problem, groups):
                raise
            return False
        if answer.load_pages:
            self._portion.came(seconds)
        self._requeued_after = None
        self._handing_in.was_answered()
        self._note_clock(answer)
        if answer.server_id != state["server_id"]:
            raise Unreachable("wrong_server")
        receipts.check(state, answer)
        shape.demand(answer)
        self._verdicts.spoken = min(SCHEMA, max(answer.hint.schema, self._verdicts.spoken))
        self._is_about_told = self._is_about_told or wanted.about is not None
        if wanted.disclosed:
            told = {one.id for one in wanted.disclosed}
            self.database.transact(Origin.SYNC, lambda work: disclosures.told(work, told))
        if wanted.settled:
            self.database.transact(Origin.SYNC, lambda work: notices.told(work, wanted.settled))
        if self._leases is not None:
            self._leases.take(state, answer)
            self._leases.finish(self._intake)
        if answer.scope is None and self._removals.must_wait(answer):
            self._intake.store(islice(self._steps(answer, state, wanted), 1))  # the verdicts alone
            self._follow_role(answer.role)
            return not self._handing_in.is_due()
        if answer.order is not None and self._leases is not None:
            return self._leave(answer, state, groups, wanted)
        reloads = self._take_in(answer, state, position, wanted)
        self._follow_role(answer.role)
        return not reloads and self._is_done(answer)

    def _request(
        self, state: dict[str, str], position: Position, groups: Sequence[Group]
    ) -> SyncRequest:
        return planner.request(
            state,
            position,
            groups,
            has_prices=self.database.prices.state is PriceState.OPEN,
            rows=self._portion.rows,
            check_after=self._check_after,
            lease=None if self._leases is None else self._leases.held,
            schema=self._verdicts.spoken,
            compare=self._comparison.wanted,
            asked=self.database.read(notices.asked),
            about=None if self._is_about_told else self._about(),
        )

    def _leave(
        self,
        answer: SyncResponse,
        state: dict[str, str],
        groups: Sequence[QueuedGroup],
        wanted: SyncRequest,
    ) -> bool:
        """Follow an order to delete, when all is handed in that can be; raises Leaving for all of it."""
        assert self._leases is not None
        assert answer.order is not None
        is_wipe = answer.order.what == "wipe"
        if is_wipe:  # it is told its verdicts alone
            self._intake.store(islice(self._steps(answer, state, wanted), 1))
        else:
            self._take_in(answer, state, self.database.read(planner.position), wanted)
        self._follow_role(answer.role)
        if groups and answer.results:
            return False
        if is_wipe:
            rest = self._handing_in.take_everything()
            raise Leaving(answer.order, self._handing_in.written(rest))
        self._leases.give_up_prices()
        self._leases.finish(self._intake)
        return self._is_done(answer)

    def _is_done(self, answer: SyncResponse) -> bool:
        deltas = (answer.delta, answer.price_delta)
        has_prices = self.database.prices.state is PriceState.OPEN
        return (
            answer.scope is None
            and answer.delta is not None
            and has_prices == (answer.price_delta is not None)
            and not any(one is not None and one.more for one in deltas)
            and not -1 < answer.noticed < answer.head[0]
            and not self._comparison.wanted
            and not self._first_load.is_under_way()
            and not self._handing_in.is_due()
        )

    def _follow_role(self, role: str) -> None:
        """Take over a changed role: what it may not hold goes, prices with their keys."""
        actor = self.database.actor
        if role not in set(Role) or role == actor.role:
            return
        self.database.transact(
            Origin.SYNC, lambda work: outbox.write_state(work.driver, {"role": role})
        )
        self.database.actor = replace(actor, role=Role(role))
        if self._leases is None or not self._leases.is_withdrawn:
            self.database.prices.set_allowed(is_allowed=may_read(Role(role), Level.L3))

    def ask(self, call: Callable[[str], T]) -> T:
        """Call with a token that is good, trading it once when it is not."""
        if not self.access:
            self.refresh_token()
        try:
            return call(self.access)
        except Answered as problem:
            if planner.reaction(problem.code) is not Reaction.REFRESH:
                raise
        try:
            self.refresh_token()
            return call(self.access)
        except Unreachable as problem:
            problem.never_left = False  # the first of these requests did leave, numbers and all
            raise

    def refresh_token(self) -> None:
        """Trade the refresh token. The new one is durable before the old one can end."""
        state = self.database.read(outbox.read_state)
        device, refresh = state["device_id"], state.get("refresh", "")
        key, proof = state.get("signing_key", ""), ""
        if key:
            signed = sign(base64.b64decode(key), token_message(device, refresh))
            proof = base64.b64encode(signed).decode()
        pair = self.transport.token(TokenRequest(device, refresh, proof))
        self.database.transact(
            Origin.SYNC, lambda work: outbox.write_state(work.driver, {"refresh": pair.refresh})
        )
        self.access = pair.access

    def _recover(self, problem: Answered, groups: Sequence[QueuedGroup]) -> bool:
        """Mend what head office complains about, where that can be done without anybody; say whether it was."""
        what = planner.reaction(problem.code)
        if what is Reaction.HALVE and groups and self._handing_in.halve():
            return True
        if what is Reaction.RELOAD and not self._is_loaded_anew:
            # Away for so long that head office no longer knows what was deleted
            self._is_loaded_anew = True
            head = int(str(problem.params.get("head", 0)))
            self._intake.unconfirm()
            self.database.transact(Origin.SYNC, lambda work: answers.load_anew(work, head))
            return True
        if problem.code == "server_older" and problem.params.get("schema") == SCHEMA - 1:
            is_news = self._verdicts.spoken == SCHEMA
            self._verdicts.spoken = SCHEMA - 1
            return is_news
        if problem.code == "device_cloned":
            # Two computers answer to one name: this one gets another at the next sign-in
            self.database.transact(
                Origin.SYNC, lambda work: outbox.write_state(work.driver, {"cloned": "1"})
            )
        if what is Reaction.REQUEUE:
            last = int(str(problem.params.get("last", 0)))
            is_news = (
                self._requeued_after != last
            )  # asked for the same twice, it would go on for ever
            self._requeued_after = last
            self.database.transact(Origin.SYNC, lambda work: self._verdicts.begin_after(work, last))
            return is_news
        return False

    # ---- taking in

    def _take_in(
        self,
        answer: SyncResponse,
        state: dict[str, str],
        position: Position,
        wanted: SyncRequest,
    ) -> bool:
        """Store an answer; say whether something of it has to be loaded anew."""
        return self._comparison.take(
            answer, wanted, lambda: self._store(answer, state, position, wanted)
        )

    def _store(
        self,
        answer: SyncResponse,
        state: dict[str, str],
        position: Position,
        wanted: SyncRequest,
    ) -> bool:
        """Store an answer; say whether something of it has to be loaded anew."""
        steps = self._steps(answer, state, wanted)
        if answer.load_pages:
            self._intake.store(islice(steps, 1))
            self._first_load.order_early()
            self._look_ahead(answer, state, position)
        # Rows of a first load that are lost with the power come again; of the rest, head office is told that it is here
        self._intake.store(steps, lasts=not answer.load_pages)
        self._first_load.tell(answer, position)
        # Before what differs is looked for: what was not told until now is missing here
        before, now = anew.spoken(state), self._verdicts.spoken
        if before != now and anew.follow_version(self.database, self._intake, before, now):
            return True
        return self._comparison.reload_mismatched(answer)

    def _look_ahead(self, answer: SyncResponse, state: dict[str, str], position: Position) -> None:
        """Ask for what comes after this answer, where that is more of a first load and there is nothing to hand in."""
        if self._check_after is not None or self._handing_in.is_due():
            return
        has_prices = self.database.prices.state is PriceState.OPEN
        state, position = answers.followed(answer, state, position)
        if any(planner.due(position, has_prices)):
            ack = self.database.read(lambda reader: outbox.acknowledged(reader.connection))
            self._ahead.begin(self._request(state, replace(position, ack=ack), []))

    def _steps(
        self, answer: SyncResponse, state: dict[str, str], wanted: SyncRequest
    ) -> Iterator[Step]:
        """Divide an answer into parts, in the order in which they must be stored."""
        device = state["device_id"]
        dropped, swept = anew.dropping(self.database, answer), anew.sweeping(self.database, answer)
        yield len(answer.results), lambda work: self._verdicts.take_answer(work, answer, device)
        scope = answer.scope
        if scope is not None:
            yield from dropped
            yield 0, lambda work: answers.follow(work, scope, answer, state)
            return
        deltas = [one for one in (answer.delta, answer.price_delta) if one is not None]
        for page in [*(page for one in deltas for page in one.pages), *answer.load_pages]:
            yield from answers.steps_of(page)
        yield from swept
        if answer.noticed >= 0:
            yield (
                len(answer.notices),
                lambda work: answers.take_notices(work, answer, self.database.actor),
            )
        yield 0, lambda work: answers.advance(work, answer)
        if answer.summary:
            # Here, where most of what is compared is at hand
            yield 0, lambda work: self._comparison.compare_all(work, answer, wanted)

    def _note_clock(self, answer: SyncResponse) -> None:
        try:
            off = clock.now() - clock.parse_stamp(answer.now)
            self._office_time = answer.now
        except ValueError:
            off = timedelta()
        self.clock_off = off if abs(off) > CLOCK_TOLERANCE else timedelta()


def _remember_success(work: Work, office_time: str) -> None:
    holds.end(work)
    lost.tell(work)
    notices.follow(work)
    outbox.write_state(work.driver, {"last_ok": clock.stamp()})
    # By head office's time: with a clock that is years off the archive would be empty too early
    outbox.forget_old(work.driver, clock.parse_stamp(office_time))
