"""One reconciliation: hand in what is queued, take in what is new, until nothing is missing.

No transaction is open during a request. Every answer is taken in by short transactions (`intake`), so that a save
waits at most 50 ms. The position in the feed moves in the last of them, so that it never runs ahead of the rows.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from kamdesk.db import apply, buckets, disclosures, holds, lost, notices, outbox, sending
from kamdesk.db.connect import fault
from kamdesk.db.database import Database, GaveWay
from kamdesk.db.outbox import QueuedGroup
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.sending import Hold
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.roles import Level, Role, may_read
from kamdesk.domain.values import dataclass
from kamdesk.sync import anew, answers, equality, intake, planner, receipts, shape
from kamdesk.sync.ahead import Ahead
from kamdesk.sync.intake import Intake, Step, Stopped
from kamdesk.sync.leases import Leaseholder, Leaving
from kamdesk.sync.planner import Position, Reaction
from kamdesk.sync.portions import Portion, timed
from kamdesk.sync.problems import Answered, HistoryChanged, Unreachable
from kamdesk.sync.protocol import (
    MAX_OPS,
    SCHEMA,
    Group,
    Page,
    SyncRequest,
    SyncResponse,
    TokenRequest,
)
from kamdesk.sync.removals import Removals
from kamdesk.sync.sealing import Unsendable, opened_changes
from kamdesk.sync.transport import Transport

RESET_EVERY = timedelta(hours=1)
CLOCK_TOLERANCE = timedelta(minutes=5)
_MOST_ROUNDS = 100_000
_MOST_RELOADS = 2
_COMPARED_AT_ONCE = 500
_MOST_WAYS = 20
_EVERYTHING = 1_000_000_000
_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load of everything is: records that head office told, records that it will bring."""

    loaded: int = 0
    expected: int = 0


@dataclass(slots=True)
class _Checked:
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
    ) -> None:
        """`start` runs what may be done meanwhile; by itself on a thread."""
        self.database = database
        self.transport = transport
        self.clock_off = timedelta()
        self._office_time = clock.stamp()
        self.access = ""
        self._progress = progress
        self._stopped = stopped
        self._most_ops = MAX_OPS
        self._reached = True
        self._intake = Intake(database, stopped)
        self._portion = Portion()
        self._gave_way = 0
        self._loaded = -1
        self._misses: Counter[str] = Counter()
        self._unclear: list[str] = []
        self._asked = 0
        self._check_after: str | None = None
        self._checked = _Checked()
        self._verdicts = answers.Verdicts()
        self._is_loaded_anew = False
        self._requeued_after: int | None = None
        self._removals = Removals(database, keep_copy)
        self._keep_copy = keep_copy
        self._leases = leases
        self._ahead = Ahead(lambda wanted: transport.sync(self.access, wanted), start)

    # ---- the loop

    def reconcile(self) -> None:
        """Go on until everything is handed in and taken in; while prices are locked, all but what needs their key.

        Raises Unreachable, Answered, Stopped, and MachineError where this computer's disk is at fault;
        Unreachable("mass_delete") where all was handed in and nothing taken in, until the user decides.
        """
        self._removals.begin()
        self._is_loaded_anew = False
        self._asked = 0
        if self._leases is not None:
            self._leases.finish(self._intake)
        self._finish_reset()
        anew.finish(self.database, self._intake)
        for _ in range(_MOST_ROUNDS):
            if self._stopped():
                raise Stopped
            try:
                is_done = self._round()
            except PricesLocked:
                continue  # locked meanwhile: what was under way comes again, without prices
            # Not after the last round: while somebody saves without a pause there is none
            is_built = self._build_indexes()
            while is_done and not is_built and not self._is_sendable():
                is_built = self._build_indexes()
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
        self._checked = _Checked()
        self._misses.clear()
        after = ""
        while True:
            self.reconcile()
            self._check_after, self._checked.to = after, ""
            try:
                self._round()
            finally:
                self._check_after = None
            if not self._checked.to:
                break
            after = self._checked.to
        self.reconcile()
        done = self._checked
        self.database.transact(
            Origin.SYNC,
            lambda work: equality.remember_check(
                work, buckets=len(done.buckets), records=done.records, differences=done.differences
            ),
        )

    def _round(self) -> bool:
        """Make one round trip; True when nothing is missing any more."""
        state = self.database.read(outbox.read_state)
        groups = self._take_groups()
        written = self._written(groups)
        position = self.database.read(lambda reader: _position(reader, written))
        wanted = self._request(state, position, written)
        try:
            answer, seconds = self._ahead.answer(wanted) or timed(
                lambda: self.ask(lambda access: self.transport.sync(access, wanted))
            )
        except Unreachable as problem:
            self._reached = False
            self._portion.broke()
            if problem.never_left and groups:
                first = int(state.get("next_mid", 1))
                self.database.transact(
                    Origin.SYNC, lambda work: outbox.take_back(work.driver, first)
                )
            raise
        except HistoryChanged as change:
            self._begin_anew(change)
            return False
        except Answered as problem:
            if not self._recover(problem, groups):
                raise
            return False
        self._reached = True
        if answer.load_pages:
            self._portion.came(seconds)
        self._requeued_after = None
        self._most_ops = min(MAX_OPS, self._most_ops * 2)
        self._note_clock(answer)
        if answer.server_id != state["server_id"]:
            raise Unreachable("wrong_server")
        receipts.check(state, answer)
        shape.demand(answer)
        self._verdicts.spoken = min(SCHEMA, max(answer.hint.schema, self._verdicts.spoken))
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
            return not self._is_sendable()
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
            compare=self._unclear[:_COMPARED_AT_ONCE],
            asked=self.database.read(notices.asked),
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
            self._take_in(answer, state, self.database.read(_position), wanted)
        self._follow_role(answer.role)
        if groups and answer.results:
            return False
        if is_wipe:
            hold = self._verdicts.hold(self.database.prices.state)
            rest = self.database.transact(
                Origin.SYNC, lambda work: sending.take(work.driver, _EVERYTHING, hold)
            ).value
            raise Leaving(answer.order, self._written(rest))
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
            and not self._unclear
            and not self._loading()
            and not self._is_sendable()
        )

    def _is_sendable(self) -> bool:
        hold = self._verdicts.hold(self.database.prices.state)
        return self.database.read(lambda reader: sending.is_sendable(reader, hold))

    def _take_groups(self) -> list[QueuedGroup]:
        hold = self._verdicts.hold(self.database.prices.state)
        if not self.database.read(lambda reader: _may_hand_in(reader, hold)):
            return []
        if not self._reached:
            # Nobody answered last time: nothing is numbered for a request that will not leave
            self.transport.meta()
        return self.database.transact(
            Origin.SYNC, lambda work: sending.take(work.driver, self._most_ops, hold)
        ).value

    def _written(self, groups: Sequence[QueuedGroup]) -> list[Group]:
        """Write groups as they travel, with their prices opened. Raises PricesLocked."""
        written = []
        for group in groups:
            changes = None
            if not group.is_held:
                try:
                    changes = [opened_changes(self.database.prices, op) for op in group.ops]
                except Unsendable:
                    self._verdicts.unsendable.add(group.gid)
            written.append(planner.group(group, changes, self._verdicts.spoken))
        return written

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
        pair = self.transport.token(TokenRequest(state["device_id"], state.get("refresh", "")))
        self.database.transact(
            Origin.SYNC, lambda work: outbox.write_state(work.driver, {"refresh": pair.refresh})
        )
        self.access = pair.access

    def _recover(self, problem: Answered, groups: Sequence[QueuedGroup]) -> bool:
        """Mend what head office complains about, where that can be done without anybody; say whether it was."""
        what = planner.reaction(problem.code)
        if what is Reaction.HALVE and self._most_ops > 1 and groups:
            self._most_ops //= 2
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
        unclear = self._unclear
        if answer.delta is not None and not answer.delta.more:
            self._unclear = unclear[len(wanted.compare) :]
        try:
            return self._store(answer, state, position, wanted)
        except Exception:  # not compared yet: it is asked for again
            self._unclear = sorted({*unclear, *self._unclear})
            raise

    def _store(
        self,
        answer: SyncResponse,
        state: dict[str, str],
        position: Position,
        wanted: SyncRequest,
    ) -> bool:
        """Store an answer; say whether something of it has to be loaded anew. What to compare is `_unclear`."""
        steps = self._steps(answer, state, wanted)
        if answer.load_pages:
            self._intake.store(islice(steps, 1))
            self._order_early()
            self._look_ahead(answer, state, position)
        # Rows of a first load that are lost with the power come again; of the rest, head office is told that it is here
        self._intake.store(steps, lasts=not answer.load_pages)
        self._tell(answer, position)
        # Before what differs is looked for: what was not told until now is missing here
        before, now = anew.spoken(state), self._verdicts.spoken
        if before != now and anew.follow_version(self.database, self._intake, before, now):
            return True
        return self._reload_mismatched(answer)

    def _look_ahead(self, answer: SyncResponse, state: dict[str, str], position: Position) -> None:
        """Ask for what comes after this answer, where that is more of a first load and there is nothing to hand in."""
        if self._check_after is not None or self._is_sendable():
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
            yield from self._steps_of_page(page)
        yield from swept
        if answer.noticed >= 0:
            yield len(answer.notices), lambda work: answers.take_notices(
                work, answer, self.database.actor.user_id
            )
        yield 0, lambda work: answers.advance(work, answer)
        if answer.summary:
            # Here, where most of what is compared is at hand
            yield 0, lambda work: self._compare(work, answer, wanted)

    def _compare(self, work: Work, answer: SyncResponse, wanted: SyncRequest) -> None:
        """Compare all that an answer touched; where that differs, head office is asked about each bucket."""
        touched = answers.touched(work, answer, wanted)
        if equality.summary(work.driver, touched) != answer.summary and self._asked < _MOST_RELOADS:
            self._asked += 1
            self._unclear = sorted({bucket for bucket, _ in touched})

    def _steps_of_page(self, page: Page) -> Iterator[Step]:
        rows = iter(page.puts())
        while part := list(islice(rows, intake.STEP_ROWS)):
            yield len(part), lambda work, part=part: answers.put(work, page, part)  # type: ignore[misc]
        gone: list[Any] = [*page.dele, *page.rem]
        for start in range(0, len(gone), intake.FEWEST_ROWS):
            few = gone[start : start + intake.FEWEST_ROWS]
            yield len(few), lambda work, few=few: apply.remove_rows(work, page.k, few)  # type: ignore[misc]

    def _reload_mismatched(self, answer: SyncResponse) -> bool:
        """Begin to load those live buckets anew that differ from head office's count and hash of them."""
        if answer.delta is None or answer.delta.more or not answer.digest:
            return False
        differing = [
            bucket
            for bucket in self.database.read(
                lambda reader: equality.differing(reader, answer.digest)
            )
            if self._misses[bucket] < _MOST_RELOADS
        ]
        if differing:
            # The sample differs already: nobody asks about the rest
            differing += sorted(set(self._unclear) - set(differing))
            self._unclear = []
        self._misses.update(differing)
        self._checked.note(
            answer, self.database.read(lambda reader: equality.compared(reader, answer.digest)),
            len(differing),
        )  # fmt: skip
        if differing:
            self._name_difference(differing[0])

        if differing:
            _log.warning("%d buckets differ from head office and are loaded anew", len(differing))
            anew.begin(self.database, self._intake, differing)
        return bool(differing)

    def _name_difference(self, bucket: str) -> None:
        """Find out which record differs, and remember it before the bucket is loaded anew."""
        try:
            told = self.transport.listing(self.access, bucket).rows
            there = [row for row in told if row[0] in SPECS]
        except (Answered, Unreachable):
            return  # it is loaded anew all the same
        here = self.database.read(lambda reader: buckets.held(reader.connection, [bucket]))[bucket]
        found = equality.first_difference(bucket, here, there)
        if found is not None:
            _log.warning("%s %s: %s", found.kind, found.id, found.how)
            self.database.transact(
                Origin.SYNC, lambda work: equality.remember_difference(work, found)
            )

    def _tell(self, answer: SyncResponse, position: Position) -> None:
        has_prices = answer.price_delta is not None
        is_loading = answer.scope is not None or any(planner.due(position, has_prices))
        if not is_loading:
            self._loaded = -1
            return
        if self._loaded < 0:
            self._loaded = self.database.read(_count_records)
        else:
            self._loaded += sum(page.n for page in answer.load_pages)
        self._progress(Progress(min(self._loaded, answer.records), answer.records))

    def _loading(self) -> bool:
        has_prices = self.database.prices.state is PriceState.OPEN
        return self.database.read(lambda reader: buckets.is_loading(reader, has_prices=has_prices))

    def _build_indexes(self) -> bool:
        """Build what the first load left out, once it is over; False when a save went before it."""
        if not self.database.read(buckets.has_index_left) or self._loading():
            return True
        self._intake.store(self._index_steps())
        # One long statement each: a save goes before it, as long as there is hope that saving ends some time
        is_patient = self._gave_way < _MOST_WAYS
        self._gave_way += 1
        try:
            while self.database.transact(
                Origin.SYNC, buckets.order_next, gives_way=is_patient
            ).value:
                pass
        except GaveWay:
            return False
        self._gave_way = 0
        return True

    def _order_early(self) -> None:
        """Build the ordered indexes while they are small where somebody works here: later he would wait for it."""
        if self._intake.is_beside_somebody() and self.database.read(buckets.is_ordered_soon):
            while self.database.transact(Origin.SYNC, buckets.order_next).value:
                pass

    def _index_steps(self) -> Iterator[Step]:
        """Divide the indexing of text; each step is made when the one before is done."""
        has_more = True

        def build(work: Work) -> None:
            nonlocal has_more
            has_more = buckets.index_next(work, intake.STEP_ROWS)

        while has_more:
            yield intake.STEP_ROWS, build

    def _note_clock(self, answer: SyncResponse) -> None:
        try:
            off = clock.now() - clock.parse_stamp(answer.now)
            self._office_time = answer.now
        except ValueError:
            off = timedelta()
        self.clock_off = off if abs(off) > CLOCK_TOLERANCE else timedelta()

    # ---- a restored head office

    def _begin_anew(self, change: HistoryChanged) -> None:
        """Load everything again and hand in again what head office lost; nobody is asked anything.

        After a copy: what others handed in since the backup goes from here too, and may be nowhere else. Without
        one, nothing goes: raises MachineError.
        """
        state = self.database.read(outbox.read_state)
        body = change.body
        # Head office's time: the clock of a computer decides nothing
        now, before = body.now or clock.stamp(), state.get("reset_at")
        if before and abs(clock.parse_stamp(now) - clock.parse_stamp(before)) < RESET_EVERY:
            raise Unreachable("diverged_again") from change

        try:
            self._keep_copy()
        except OSError as error:
            raise fault(error) or error from error

        def resetting(work: Work) -> None:
            lost.begin(work)
            notices.begin_anew(work)
            outbox.write_state(work.driver, {"resetting": "1"})

        # Broken off here and restored once more, head office may be where this computer saw it: see `_finish_reset`
        self.database.transact(Origin.SYNC, resetting)
        self._loaded = -1
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

        self.database.transact(Origin.SYNC, anew)

    def _finish_reset(self) -> None:
        """Load everything again where a reset was broken off: some records are marked already, and others not."""
        state = self.database.read(outbox.read_state)
        if not state.get("resetting"):
            return
        self._intake.unconfirm()

        def anew(work: Work) -> None:
            answers.load_anew(work, int(state.get("seen_head", 0)))
            outbox.write_state(work.driver, {"resetting": ""})

        self.database.transact(Origin.SYNC, anew)


def _may_hand_in(reader: Reader, hold: Hold | None) -> bool:
    """Say whether there is something to hand in, and a place for the answers.

    Before the subscription is known the feed begins at the head of the answer: what was changed elsewhere
    between a verdict and that head would not be told.
    """
    is_subscribed = reader.value("SELECT 1 FROM sync_bucket LIMIT 1")
    return bool(is_subscribed) and sending.is_sendable(reader, hold)


def _remember_success(work: Work, office_time: str) -> None:
    holds.end(work)
    lost.tell(work)
    notices.follow(work)
    outbox.write_state(work.driver, {"last_ok": clock.stamp()})
    # By head office's time: with a clock that is years off the archive would be empty too early
    outbox.forget_old(work.driver, clock.parse_stamp(office_time))


def _position(reader: Reader, groups: Sequence[Group] = ()) -> Position:
    """Read how far this computer is, once head office has taken these groups in."""
    connection = reader.connection
    return Position(
        planner.scope(buckets.names(connection), groups),
        buckets.loading(connection),
        outbox.acknowledged(connection),
    )


def _count_records(reader: Reader) -> int:
    # What is marked for being loaded anew is here, but not confirmed
    counts = (reader.value(f"SELECT count(*) FROM {kind} WHERE _rev > 0") for kind in SPECS)
    return sum(int(count or 0) for count in counts)
