"""Reconciliation in the background: by itself, on one thread, with a companion that waits for news.

It starts when there is something to hand in, when head office has news, when the connection returns and at
regular intervals; it never holds up a save, and ending it never waits for the network.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from kamdesk.db import outbox
from kamdesk.db.database import Database
from kamdesk.db.queries import instant
from kamdesk.db.queries.issues import count_open
from kamdesk.db.queries.proof import last_check
from kamdesk.db.reader import Reader
from kamdesk.domain import clock
from kamdesk.domain.changes import Changes, Origin
from kamdesk.domain.connection import Farewell, Link, SignIn, Status
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import wrapping
from kamdesk.sync import enrol, planner
from kamdesk.sync.carrier import Carrier
from kamdesk.sync.engine import Engine
from kamdesk.sync.first_load import Progress
from kamdesk.sync.intake import Stopped
from kamdesk.sync.leases import Leaseholder, Leaving
from kamdesk.sync.planner import Backoff, Reaction
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import About
from kamdesk.sync.transport import Transport

POLL_SECONDS = 60.0
CHECK_EVERY = timedelta(days=1)
GATHER_SECONDS = 0.15
"""After a save, a moment for what belongs to it."""
PIECE_SECONDS = 0.1
"""Between two pieces of attachments: the line is for records, and a device may ask ten times a second."""
LONGEST_PATIENCE = 900
"""Seconds for which head office, or what is in between, may ask to be left alone."""
_NEWS_SECONDS = 50
_NOT_OURS = {"wrong_server", "diverged_again", "bad_receipt", "mass_delete"}
_log = logging.getLogger(__name__)


class Reconciler:
    """Keeps one store in step with head office. Implements `domain.connection.Connection`."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        keep_copy: Callable[[], object] = lambda: None,
        leases: Leaseholder | None = None,
        part: Callable[[str, Leaving], Farewell] | None = None,
        carrier: Carrier | None = None,
        about: Callable[[], About | None] = lambda: None,
    ) -> None:
        self._part = part
        self._carrier, self._leases = carrier, leases
        self._farewell: Farewell | None = None
        self._database = database
        self._transport = transport
        self._engine = Engine(
            database,
            transport,
            progress=self._on_progress,
            stopped=self._is_interrupted,
            keep_copy=keep_copy,
            leases=leases,
            about=about,
        )
        self._listeners: list[Callable[[Status], None]] = []
        self._status = Status()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        if carrier is not None:
            carrier.wake = self._wake.set
        self._online = threading.Event()
        self._stop = threading.Event()
        self._paused = False
        self._asked = False
        self._check_asked = False
        self._renewed = 0
        """How often connections were cut here, for they may be dead: what that breaks off is no problem."""
        self._backoff = Backoff()
        self._not_before = 0.0
        """When head office wants to be asked again (monotonic); only the user may ask sooner."""
        self._threads: list[threading.Thread] = []
        self._unwatch: list[Callable[[], None]] = []

    # ---- Connection

    def status(self) -> Status:
        """Return the latest status from memory."""
        return self._status

    def watch(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` at every change, from whichever thread made it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def reconcile_now(self) -> None:
        """Try at once, whatever the back-off says."""
        self._asked = True
        self._wake.set()

    def woke(self) -> None:
        """Begin again on new connections, for the old ones may be dead: nobody was there to hear of it."""
        self._renewed += 1
        self._transport.renew()
        self._backoff.reset()
        self._wake.set()

    def check_now(self) -> None:
        """Compare everything with head office at the next opportunity, which is now."""
        self._check_asked = True
        self.reconcile_now()

    def sign_in(self, sign_in: SignIn) -> None:
        """Introduce this computer again, with its own key, so that it keeps its name and its queue.

        A copy of another computer gets a key, and with it a name, of its own.
        """
        state = self._database.read(outbox.read_state)
        key = None if state.get("cloned") else base64.b64decode(state["signing_key"])
        enrolled = enrol.enrol(replace(sign_in, server=state["server"]), signing_key=key)
        welcome = enrolled.welcome
        if (welcome.server_id, welcome.user.id) != (state["server_id"], state["user_id"]):
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "connection", "This is another user. Sign in as the one whose data this is."
                ),
                field="user",
                code="another_user",
                context="connection",
            )
        self._database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
        self._engine.access = ""
        self.reconcile_now()

    def change_password(self, current: str, new: str) -> None:
        """Choose another password at head office; this computer stays signed in."""
        state = self._database.read(outbox.read_state)
        enrol.change_password(state["server"], state["login"], current, new)

    def replace_price_passphrase(self, sign_in: SignIn, new: str) -> None:
        """Put the prices under another passphrase than the one that nobody knows any more, and open them.

        Head office is asked first: who only sits at this computer gets no prices by forgetting.
        """
        assert self._leases is not None
        wrapping.check_passphrase(new)
        self.sign_in(sign_in)
        self._leases.forget_prices()
        self._database.prices.open(new)
        self.reconcile_now()

    def set_paused(self, *, paused: bool) -> None:
        """Pause or resume. What is under way ends after its present part, which is kept."""
        self._paused = paused
        if paused:
            self._online.clear()
            self._tell(link=Link.PAUSED, working=False)
        else:
            self._tell(link=Link.UNKNOWN)
            self._asked = True
        self._wake.set()

    def farewell(self) -> Farewell | None:
        """Return what became of the work here, once head office had the keys deleted."""
        return self._farewell

    # ---- life

    def start(self) -> None:
        """Begin. Reads the counts first, so that the status is true from the start."""
        waiting, issues, last = self._database.read(_counts)
        self._tell(waiting=waiting, issues=issues, last_reconciled=last)
        self._unwatch = [
            self._database.on_commit(self._on_commit),
            self._database.prices.watch(self._on_prices),
        ]
        # Daemons: the end of the program does not wait for a name that does not resolve
        for name, run in (("sync", self._run), ("sync-news", self._wait_for_news)):
            thread = threading.Thread(target=run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout: float = 3.0) -> bool:
        """End without waiting for the network; say whether no thread uses the store any more."""
        self._stop.set()
        for unwatch in self._unwatch:
            unwatch()
        self._wake.set()
        self._online.set()
        self._transport.close()
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    # ---- the thread

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.is_set():
            was_woken = self._wake.wait(wait)
            self._wake.clear()  # before looking at what it was about: what comes now wakes again
            if self._stop.is_set():
                return
            self._remember()
            if was_woken and not self._asked:
                if (left := self._not_before - time.monotonic()) > 0:
                    wait = left
                    continue
                self._stop.wait(GATHER_SECONDS)
            if self._asked:
                self._asked = False
                self._backoff.reset()
            wait = POLL_SECONDS * 1000 if self._paused else self._attempt()

    def _attempt(self) -> float:
        """Reconcile once; return the seconds until the next attempt."""
        self._tell(working=True)
        renewed = self._renewed
        try:
            self._engine.reconcile()
            self._succeed()
            if self._carrier is not None:
                self._carrier.heard()
            self._check_when_due()
            self._carry()
        except Stopped:
            self._tell(working=False)
            return 0.0
        except Leaving as leaving:
            return self._leave(leaving)
        except Unreachable as problem:
            self._online.clear()
            if renewed != self._renewed:
                self._tell(working=False)
                return 0.0
            link = Link.REFUSED if problem.code in _NOT_OURS else Link.OFFLINE
            self._fail(link, problem.code, problem.params)
            if link is Link.REFUSED or problem.code == "server_error":
                return self._backoff.after_error()
            return self._backoff.after_refusal()
        except Answered as answered:
            return self._on_answered(answered)
        except MachineError as error:
            self._fail(self._status.link, error.code.lower(), error.params)
            return self._backoff.after_error(30)
        except Exception as error:  # noqa: BLE001  # a bug here must not end reconciliation
            _log.exception("reconciliation failed")
            self._fail(Link.ONLINE, "internal", {"error": type(error).__name__})
            return self._backoff.after_error(30)
        return POLL_SECONDS * self._backoff.rng.uniform(0.8, 1.2)

    def _remember(self) -> None:
        """Note which attachments somebody asked for, also where nobody can be reached."""
        if self._carrier is not None:
            with suppress(MachineError):
                self._carrier.remember()

    def _carry(self) -> None:
        """Move attachments, piece by piece, until there is something to do for records."""
        while self._carrier is not None and not self._is_interrupted():
            has_more = self._carrier.step(self._engine.ask)
            self._remember()
            if not has_more or self._wake.wait(PIECE_SECONDS):
                return

    def _leave(self, leaving: Leaving) -> float:
        """Let everything here be deleted, and do nothing more; tried again where this computer prevents it."""
        if self._part is None:
            return POLL_SECONDS
        try:
            self._farewell = self._part(self._engine.access, leaving)
        except MachineError as error:
            self._fail(self._status.link, error.code.lower(), error.params)
            return self._backoff.after_error(30)
        self._online.clear()
        self._stop.set()
        self._tell(link=Link.REFUSED, working=False, waiting=0, problem="wiped", problem_params={})
        return 0.0

    def _check_when_due(self) -> None:
        """Compare everything when the user asked, and once a day."""
        last = self._database.read(last_check)
        if not self._check_asked and last is not None and clock.now() - last < CHECK_EVERY:
            return
        self._tell(checking=True)
        try:
            self._engine.check()
            self._check_asked = False
            self._succeed()
        finally:
            self._tell(checking=False)

    def _on_answered(self, answered: Answered) -> float:
        what = planner.reaction(answered.code)
        if what is Reaction.REFRESH:  # a fresh token was refused too
            what = Reaction.SIGN_IN
        self._online.clear()
        self._fail(planner.link_of(what), answered.code, answered.params)
        if answered.code == "device_busy":
            return 1.0
        patience = min(answered.retry_after, LONGEST_PATIENCE)
        if patience:
            self._not_before = time.monotonic() + patience
        return self._backoff.after_error(patience)

    def _succeed(self) -> None:
        self._backoff.reset()
        self._not_before = 0.0
        waiting, issues, last = self._database.read(_counts)
        off = int(self._engine.clock_off.total_seconds() // 60)
        self._tell(
            link=Link.ONLINE, working=False, waiting=waiting, issues=issues, last_reconciled=last,
            loaded=0, expected=0, sent_bytes=self._transport.bytes_sent,
            received_bytes=self._transport.bytes_received, problem="clock_off" if off else "",
            problem_params={"minutes": off} if off else None,
        )  # fmt: skip
        self._online.set()

    def _fail(self, link: Link, code: str, params: object) -> None:
        values = dict(params) if isinstance(params, dict) else {}
        self._tell(
            link=Link.PAUSED if self._paused else link, working=False, problem=code,
            problem_params=values, last_problem=code, last_problem_params=values,
            last_problem_at=clock.now(),
        )  # fmt: skip

    # ---- the companion

    def _wait_for_news(self) -> None:
        """Wait at head office's door while online, and wake the thread when there is news."""
        while not self._stop.is_set():
            self._online.wait()
            if self._stop.is_set():
                return
            try:
                state = self._database.read(outbox.read_state)
                head = self._transport.wait_for_news(
                    self._engine.access, after=int(state.get("seen_head", 0)), seconds=_NEWS_SECONDS
                )
            except (Unreachable, Answered, MachineError):
                # The thread finds out what it is; a server that went away is noticed here first
                self._online.clear()
                self._wake.set()
                continue
            if head is not None and not self._stop.is_set():
                self._online.clear()  # set again when the news is here
                self._wake.set()

    # ---- telling

    def _is_interrupted(self) -> bool:
        return self._paused or self._stop.is_set()

    def _on_progress(self, progress: Progress) -> None:
        self._tell(link=Link.ONLINE, loaded=progress.loaded, expected=progress.expected)

    def _on_commit(self, changes: Changes) -> None:
        if not (changes.outbox or changes.issues):
            return
        with suppress(MachineError):
            waiting, issues, last = self._database.read(_counts)
            self._tell(waiting=waiting, issues=issues, last_reconciled=last)
        if changes.origin.value != "sync":
            self._wake.set()  # also for an issue: reconciliation may wait for what was decided

    def _on_prices(self, state: PriceState) -> None:
        if state is PriceState.OPEN:
            self._wake.set()  # to hand in and take in what waited for the key

    def _tell(self, **changed: object) -> None:
        with self._lock:
            if self._paused and changed.get("link") is not None:
                changed["link"] = Link.PAUSED
            now = replace(self._status, **changed)  # type: ignore[arg-type]
            if now == self._status:
                return
            self._status = now
        for listener in tuple(self._listeners):
            try:
                listener(now)
            except Exception:  # noqa: BLE001  # a page that has just been closed must not end this thread
                _log.info("somebody who listened to the connection has gone", exc_info=True)


def _counts(reader: Reader) -> tuple[int, int, datetime | None]:
    state = outbox.read_state(reader)
    return outbox.count_waiting(reader), count_open(reader), instant(state.get("last_ok"))
