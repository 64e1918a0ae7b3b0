"""One run: laptops, a head office and the line between them, in virtual time, on one thread, from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import msgspec
from sqlalchemy import text

from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.roles import Actor, Level, Role, may_read
from kamdesk.headoffice import feed
from kamdesk.sync import enrol
from kamdesk.sync.engine import Engine
from kamdesk.sync.planner import Reaction, reaction
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import SyncRequest
from tests.sync.sim import people, template
from tests.sync.sim.files import Shelf
from tests.sync.sim.network import Fault, Line, Office
from tests.sync.sim.oracle import Chronicle, Oracle, Violation, shown, violated
from tests.sync.sim.secrets import SimLock
from tests.sync.sim.stores import Crash, Fuse, SimStore, Watched
from tests.sync.sim.storing import Storing

HOUR = timedelta(hours=1)
_QUIET_AFTER = 40
_MOST_REQUESTS = 400
"""Of one reconciliation: in these small worlds, more of them is going round in circles."""


WITH_FILES = 1_000_000
"""In seeds from here on people attach files too; where the seed is odd, on disks that are soon full."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. The numbers choose among what there is, so that steps can be left out."""

    what: str
    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0


class Laptop:
    """One computer: its store, which outlives a crash, and its program, which does not."""

    def __init__(self, sim: Sim, name: str, actor: Actor) -> None:
        self.sim = sim
        self.name = name
        self._user = actor
        self.fuse = Fuse()
        self.off = timedelta()
        self.meanwhile: list[Step] = []
        self._countdown = 0
        self.asked_before = 0
        self.line = Line(self._deliver, lambda: self.busy(force=True))
        self.start()
        self.open_prices()

    def start(self) -> None:
        """Start the program on what the disk holds."""
        self.fuse.arm(0, after=False)
        self.meanwhile = []
        self.database: Watched = self.sim.storing.laptop(self.name, self._user)
        self.database.watch(self.fuse, self.busy)
        self.database.actor = self.actor
        self.lock = SimLock(is_allowed=may_read(self.actor.role, Level.L3))
        self.database.prices = self.lock
        self.engine = Engine(self.database, self.line, start=lambda do: do())  # type: ignore[arg-type]
        self.engine._handing_in.most_ops = 4
        self.carrier = self.sim.shelf.carrier(self)

    @property
    def actor(self) -> Actor:
        """The user, in the role that this computer knows of."""
        told = self.rows("SELECT v FROM sync_state WHERE k = 'role'")
        return replace(self._user, role=Role(told[0][0])) if told else self._user

    def open_prices(self) -> None:
        """Let the user type the price passphrase, where his role has prices."""
        if self.lock.state is not PriceState.ABSENT:
            self.lock.open()

    def turn_key(self) -> None:
        """Let the user lock his prices, or unlock them."""
        if self.lock.state is PriceState.OPEN:
            self.lock.lock()
        else:
            self.open_prices()

    @property
    def device_id(self) -> str:
        """The name that head office knows it by."""
        return str(self.rows("SELECT v FROM sync_state WHERE k = 'device_id'")[0][0])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the store behind the program's back."""
        return self.sim.storing.rows(self.name, sql)

    def interrupt(self, step: Step) -> None:
        """Let the user do something while reconciliation is at work."""
        self.meanwhile.append(step)
        self._countdown = step.d % 9

    def busy(self, *, force: bool = False) -> None:
        """Do what the user wants to do now, between two transactions of reconciliation."""
        self._countdown -= 1
        if self.meanwhile and (force or self._countdown < 0):
            step = self.meanwhile.pop(0)
            if step.b % 4 == 0:
                self.turn_key()
            if self.sim.has_files and step.c % 2:
                self.sim.shelf.act(self, step.a, step.c, step.d)
            else:
                self.sim.act(self, step)

    def _deliver(self, path: str, access: str, body: bytes) -> tuple[int, bytes]:
        if self.line.requests - self.asked_before > _MOST_REQUESTS:
            raise violated("L3", self.name, "asks without an end")
        with self.sim.at(timedelta()):
            request = msgspec.json.decode(body, type=SyncRequest) if path == "/v1/sync" else None
            if request is not None:
                self.sim.oracle.sent(request)
            roles = {self._role_at_office()}
            status, answer = self.sim.office.handle(path, access, body)
            self.sim.oracle.answered(roles | {self._role_at_office()}, answer)
            if request is not None and status == 409:
                self.sim.oracle.not_taken(request)
                self._may_number_anew(request.device, msgspec.json.decode(answer))
            return status, answer

    def _may_number_anew(self, device: str, told: dict[str, Any]) -> None:
        """Let changes have other numbers where a restored head office knows none of those that were spent unused."""
        if told.get("code") == "history_diverged":
            last = int(told["last"])
            numbers = [
                mid
                for (mid,) in self.rows(f"SELECT mid FROM sync_op WHERE mid > {last} ORDER BY mid")
            ]
            if numbers != list(range(last + 1, last + 1 + len(numbers))):
                self.sim.oracle.numbered_anew(device, last)

    def _role_at_office(self) -> str:
        with self.sim.store.engine.connect() as connection:
            return str(
                connection.execute(
                    text("SELECT role FROM account WHERE id = :id"), {"id": self._user.user_id}
                ).scalar()
            )


class Sim:
    """Everything of one run."""

    def __init__(
        self, seed: int, storing: Storing, time: template.Time, crew: Sequence[str] = ()
    ) -> None:
        self.time = time
        self.storing = storing
        self.place = template.prepared().place
        self.oracle = Oracle()
        self.shelf = Shelf(self, is_little=seed % 2 == 1)
        self.fuse = Fuse()
        self.backups: list[tuple[Chronicle, Any]] = []
        self._pending: list[Step] = []
        self.unseen: Violation | None = None
        self._fresh = 0
        self.has_files = False
        crew = tuple(crew) or template.CREWS[seed % len(template.CREWS)]
        storing.begin()
        self.open_office()
        self.oracle.committed(self.store)
        names = [f"{login}{crew[:at].count(login)}" for at, login in enumerate(crew)]
        self.laptops = [Laptop(self, name, template.prepared().laptops[name][1]) for name in names]

    # ---- head office

    def open_office(self) -> None:
        """Start head office on what its database holds."""
        self.store: SimStore = self.storing.office()
        self.fuse.arm(0, after=False)
        self.store.guard(self.fuse)
        self.store.before_read = self._office_works
        self.store.listeners.append(lambda _: self._follow())
        self.office = Office(self.store)

    def _follow(self) -> None:
        """Check a commit. Head office survives whatever is raised here: it is kept until somebody looks."""
        try:
            self.oracle.committed(self.store)
        except Violation as one:
            self.unseen = one
            raise

    def _office_works(self) -> None:
        """Let others at head office write before a snapshot is taken."""
        if self._pending:
            self.at_office(self._pending.pop(0))

    def at_office(self, step: Step) -> None:
        """Do something at head office."""
        with self.at(timedelta()), suppress(UserError, Refused):
            hand = self._hand(step, self.laptops[0].actor)
            people.OFFICE[step.d % len(people.OFFICE)](self.store, hand)

    # ---- what happens

    @contextmanager
    def at(self, off: timedelta) -> Iterator[None]:
        """Work where the clock is off by so much."""
        before, self.time.off = self.time.off, off
        try:
            yield
        finally:
            self.time.off = before

    def fresh(self) -> str:
        """Make a value that exists nowhere else."""
        self._fresh += 1
        return f"~{self._fresh}."

    def _hand(self, step: Step, actor: Actor) -> people.Hand:
        return people.Hand(step.a, step.b, step.c, self.fresh, self.place, actor)

    def act(self, laptop: Laptop, step: Step) -> None:
        """Let the user do at a laptop what a step says."""
        hand = self._hand(step, laptop.actor)
        self.do(laptop, lambda work: people.ACTS[step.d % len(people.ACTS)](work, hand))

    def do(self, laptop: Laptop, fn: Callable[[Work], object]) -> None:
        """Let the user do something at a laptop; what is refused there did not happen."""
        before = shown(laptop)
        gids: list[str] = []

        def action(work: Work) -> None:
            gids.append(work.gid)
            fn(work)

        with self.at(laptop.off), suppress(UserError, Refused, LookupError):
            try:
                laptop.database.transact(Origin.USER, action)
            finally:
                # Also where the computer dies: it may have been kept
                self.oracle.acted(laptop, gids[0] if gids else "", before)

    def sync(self, laptop: Laptop) -> str:
        """Reconcile once, with whatever is prepared to go wrong; return what stopped it, if anything did."""
        code = ""
        laptop.asked_before = laptop.line.requests
        try:
            with self.at(laptop.off):
                laptop.engine.reconcile()
                if self.has_files:
                    self.shelf.carry(laptop)
        except (Unreachable, Answered) as problem:
            code = problem.code
        except Crash:
            laptop.start()
            code = "crash"
        laptop.line.faults.clear()
        laptop.fuse.arm(0, after=False)
        laptop.meanwhile.clear()
        self.fuse.arm(0, after=False)
        self._pending.clear()
        self.oracle.committed(self.store)
        if self.unseen is not None:
            raise self.unseen
        if any(laptop.engine._comparison.misses.values()):
            raise violated(
                "I7", laptop.name, "differs from head office:", dict(laptop.engine._comparison.misses)
            )
        if reaction(code) in {Reaction.SIGN_IN, Reaction.REFRESH}:
            self.sign_in(laptop)
        return code

    def sign_in(self, laptop: Laptop) -> None:
        """Let the user sign in again, with the computer's own key."""
        with self.at(timedelta()):
            known = template.introduce(self.store, laptop.name[:-1], template.key_of(laptop.name))
        laptop.database.transact(Origin.SYNC, lambda work: enrol.remember(work, known))
        laptop.engine.access = ""

    def run(self, steps: Sequence[Step]) -> None:
        """Let the steps happen, wait until all is quiet, and check."""
        for step in steps:
            self.step(step)
        self.settle()

    def settle(self) -> None:
        """Wait until all is quiet, and check everything."""
        self.quiesce()
        self.oracle.check(self.store, self.laptops)
        self.shelf.check(self.store, self.laptops)

    def step(self, step: Step) -> None:
        """Let one step happen."""
        laptop = self.laptops[step.a % len(self.laptops)]
        numbers = Step("", step.b, step.c, step.d, step.d)
        match step.what:
            case "act":
                self.act(laptop, numbers)
            case "sync":
                self._go_wrong(laptop, step)
                self.sync(laptop)
            case "office":
                self.at_office(numbers)
            case "file":
                self.has_files = True
                self.shelf.act(laptop, step.b, step.c, step.d)
            case "late":
                self.deliver_late(laptop, step.b)
            case "time":
                self.time.true += timedelta(minutes=(1, 7, 11, 61, 60 * 30, 60 * 80)[step.b % 6])
            case "prices":
                laptop.turn_key()
            case "clock":
                laptop.off = timedelta(hours=(0, -24, 24, -1, 30)[step.b % 5])
            case "backup":
                self.back_up()
            case "restore" if self.backups:
                self.restore(*self.backups[step.b % len(self.backups)])

    def back_up(self) -> tuple[Chronicle, Any]:
        """Copy head office's database, as it stands and with what the oracle knows of it."""
        self.backups.append((self.oracle.chronicle.copy(), self.storing.backup()))
        return self.backups[-1]

    def restore(self, chronicle: Chronicle, copy: Any) -> None:
        """Put a backup in place of head office's database."""
        self.storing.restore(copy)
        self.open_office()
        self.oracle.restored(chronicle)

    def _go_wrong(self, laptop: Laptop, step: Step) -> None:
        kind = step.b % 12
        rng = random.Random(step.c)
        if kind < 4:
            laptop.line.faults = [
                (Fault(rng.choice((0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9))), rng.randrange(4000))
                for _ in range(rng.randrange(1, 6))
            ]
        elif kind in {4, 5}:
            laptop.fuse.arm(rng.randrange(1, 12), after=rng.random() < 0.5)
        elif kind == 6:
            self.fuse.arm(rng.randrange(1, 6), after=rng.random() < 0.5)
        if step.d % 3 == 0:
            laptop.interrupt(Step("", *(rng.randrange(1000) for _ in range(4))))
        if step.d % 4 == 0:
            self._pending = [Step("", *(rng.randrange(1000) for _ in range(4)))]

    def deliver_late(self, laptop: Laptop, back: int) -> None:
        """Let the `back`-th last request arrive, again or at last; nobody waits for the answer."""
        if laptop.line.late:
            path, access, body = laptop.line.late[-1 - back % len(laptop.line.late)]
            with self.at(timedelta()):
                self.office.handle(path, access, body)

    # ---- the end

    def quiesce(self) -> None:
        """Let every laptop reconcile on a good line until nobody has anything new."""
        stopped: set[str] = set()
        for _ in range(_QUIET_AFTER):
            for laptop in self.laptops:
                laptop.open_prices()
            before = self.store.head()
            asked = [one.line.requests for one in self.laptops]
            stopped = {self._quiet_sync(one) for one in self.laptops}
            asked = [one.line.requests - was for one, was in zip(self.laptops, asked, strict=True)]
            is_quiet = stopped == {""} and set(asked) == {1} and self.store.head() == before
            # Whoever was given the right to prices just now opens them, and gets them next time
            if is_quiet and all(one.lock.state is not PriceState.LOCKED for one in self.laptops):
                return
        raise violated("L2", "it never gets quiet", stopped)

    def _quiet_sync(self, laptop: Laptop) -> str:
        """Reconcile on a good line; return what stopped it."""
        before, waits = laptop.line.requests, _waiting(laptop)
        stopped = self.sync(laptop)
        if stopped == "diverged_again":
            self.time.true += HOUR
        if waits and not stopped and laptop.line.requests == before:
            raise violated("L1", laptop.name, "has something to hand in and does not try")
        return stopped


def _waiting(laptop: Laptop) -> int:
    return int(laptop.rows("SELECT count(*) FROM sync_op WHERE st = 'queued'")[0][0])


def plan(seed: int, *, fewest: int = 20, most: int = 60) -> list[Step]:
    """Write the steps of one seed."""
    rng = random.Random(seed)
    kinds = ("act",) * 12 + ("sync",) * 12 + ("office",) * 6 + ("late",) * 2 + ("time",) * 2
    kinds += ("clock", "backup", "backup", "restore", "prices", "prices", "prices")
    if seed >= WITH_FILES:
        kinds += ("file",) * 14
        fewest, most = 40, 90
        if seed % 2:  # what gave way to others cannot be given back to a restored head office
            kinds = tuple(one for one in kinds if one != "restore")
    return [
        Step(rng.choice(kinds), *(rng.randrange(1000) for _ in range(4)))
        for _ in range(rng.randrange(fewest, most))
    ]


@contextmanager
def playing(seed: int, storing: Storing, crew: Sequence[str] = ()) -> Iterator[Sim]:
    """Give a fresh run, whose steps the caller takes; `crew`: whose laptops there are, at most two of each."""
    template.prepared()
    time = template.Time()
    with template.virtual(time, random.Random(seed)):
        yield Sim(seed, storing, time, crew)


def simulate(seed: int, storing: Storing, steps: Sequence[Step] | None = None) -> Sim:
    """Run one seed, or some of its steps. Raises Violation, or whatever the code under test raises."""
    # One record of one bucket is much in a run: most answers are compared as big ones are
    with patch.object(feed, "_DIGESTS_BESIDE", 0), playing(seed, storing) as sim:
        sim.run(plan(seed) if steps is None else steps)
    return sim


def ending(sim: Sim) -> object:
    """Give all that is there at the end of a run, but for the hours that people's clocks showed."""
    own = {"recorded_at", "done_at", "decided_on", "attached_at"}
    office = [
        (row.kind, row.id, {k: v for k, v in (row.document or {}).items() if k not in own})
        for row in sorted(sim.oracle.chronicle.rows, key=lambda row: (row.seq, row.kind, row.id))
    ]
    issues = [
        sorted(one.rows("SELECT kind, row_id, type, code, state FROM sync_issue"))
        for one in sim.laptops
    ]
    return office, issues
