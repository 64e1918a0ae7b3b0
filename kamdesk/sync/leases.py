"""The lease on the prices of one open profile: taken from every answer, looked at once a minute, ended by time.

At its end the share goes, and with it the way to the price keys; everything else goes on working. Time is what head
office's clock would show: this computer's clock as it was off at the last contact, never earlier than was seen once.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from kamdesk.db import buckets, outbox, renewal
from kamdesk.db.database import Database
from kamdesk.db.reader import Reader
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import KamError, MachineError
from kamdesk.domain.roles import Level, may_read
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import keyfile, shares, wrapping
from kamdesk.security.openkeys import OpenKeys
from kamdesk.security.signing import verify
from kamdesk.sync.intake import Intake, taking_out
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import (
    Group,
    Lease,
    Order,
    SyncResponse,
    lease_message,
    order_message,
)

LOOK_SECONDS = 60.0
WARNINGS = (timedelta(hours=24), timedelta(hours=72))
CLOCK_BACK = timedelta(minutes=10)
_WORTH_WRITING = timedelta(hours=1)
_CLOCK_MOVED = timedelta(minutes=5)
_log = logging.getLogger(__name__)


class Leaving(Exception):  # noqa: N818
    """Head office wants everything here deleted. `groups`: what it did not take any more."""

    def __init__(self, order: Order, groups: Sequence[Group]) -> None:
        super().__init__(order.what)
        self.order = order
        self.groups = groups


class Leaseholder:
    """Keeps the lease of one profile until `stop`. `tell` is called from any thread with what the user should know."""

    def __init__(
        self,
        database: Database,
        keys: OpenKeys,
        tell: Callable[[KamError], None] = lambda _: None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._keys, self._tell = database, keys, tell
        self._monotonic = monotonic
        self.is_withdrawn = bool(database.read(is_withdrawn))
        self._warned: set[str] = set()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        lease = keys.lease
        self._mark = clock.parse_stamp(lease.mark) if lease else clock.now()
        self._offset = timedelta(seconds=lease.offset if lease else 0)
        self._marked_at = monotonic()

    @property
    def held(self) -> int:
        """The share that is here, 0 for none."""
        lease = self._keys.lease
        return lease.share_id if lease is not None and lease.has_share else 0

    # ---- time

    def start(self) -> None:
        """Look once a minute from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and keep how late it is."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        with suppress(MachineError):
            self._keep_mark(at_least=timedelta())

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look()

    def now(self) -> datetime:
        """Return how late it is at head office, as far as can be known; never earlier than once seen."""
        passed = timedelta(seconds=self._monotonic() - self._marked_at)
        return max(clock.now() + self._offset, self._mark + passed)

    def look(self) -> None:
        """End the lease when its time is over, and warn before. May wait for the key store."""
        with self._lock:
            lease = self._keys.lease
            if lease is None:
                return
            now = self.now()
            if now - (clock.now() + self._offset) > CLOCK_BACK:
                self._say_once("CLOCK_BACK", _clock_back())
            self._mark, self._marked_at = now, self._monotonic()
            left = clock.parse_stamp(lease.expires) - now
            try:
                if left <= timedelta():
                    self._end()
                else:
                    self._warn(left)
                self._keep_mark(at_least=_WORTH_WRITING)
            except MachineError as error:
                _log.warning(
                    "the lease could not be kept: %s", error.code
                )  # tried again in a minute

    def _end(self) -> None:
        if self.held:
            self._database.prices.lock()
            self._keys.drop_lease_share()
            self._say_once("LEASE_ENDED", shares.lease_ended())

    def _warn(self, left: timedelta) -> None:
        for limit in WARNINGS:
            if left <= limit:
                self._say_once(f"LEASE_ENDS_{limit}", _lease_ends(left))
                return

    def _say_once(self, what: str, error: KamError) -> None:
        if what not in self._warned:
            self._warned.add(what)
            self._tell(error)

    def _keep_mark(self, *, at_least: timedelta) -> None:
        lease = self._keys.lease
        if lease is not None and self.now() - clock.parse_stamp(lease.mark) > at_least:
            self._keys.keep_lease(replace(lease, mark=clock.stamp(self.now())))

    # ---- what head office says

    def take(self, state: Mapping[str, str], answer: SyncResponse) -> None:
        """Take in the lease of an answer. Raises Unreachable("bad_receipt") for an order that is not signed."""
        order, lease = answer.order, answer.lease
        device = state["device_id"]
        if order is not None and not _is_signed(
            state, order.signature, order_message(state["server_id"], device, order)
        ):
            raise Unreachable("bad_receipt")
        if lease is None:
            return
        if not _is_signed(state, lease.signature, lease_message(state["server_id"], device, lease)):
            _log.warning("a lease that is not ours was refused")
            return
        with self._lock:
            try:
                self._take(lease, clock.parse_stamp(answer.now))
            except (MachineError, ValueError) as error:
                _log.warning("the lease could not be kept: %s", error)
                return
        if answer.renew != state.get(renewal.WANTED, ""):
            self._database.transact(
                Origin.SYNC, lambda work: renewal.note_wanted(work, answer.renew)
            )
        if answer.masking != state.get(_MASKING, ""):
            self._database.transact(
                Origin.SYNC,
                lambda work: outbox.write_state(work.driver, {_MASKING: answer.masking}),
            )
        self._database.prices.set_masked(on=answer.masking == _HELD)
        if self.is_withdrawn and order is None:
            self._give_back()
        self._open_where_nobody_is_asked()

    def _take(self, lease: Lease, office_now: datetime) -> None:
        known = self._keys.lease
        if known is not None and lease.share_id < known.share_id:
            _log.warning("a lease from before was refused")
            return
        offset = office_now - clock.now()
        has_moved = abs(offset - self._offset) > _CLOCK_MOVED
        self._offset, self._mark, self._marked_at = offset, office_now, self._monotonic()
        share = _share_of(lease)
        if share is None and not self.held:
            return  # it comes with the next answer
        if share is not None and known is not None and lease.share_id != known.share_id:
            # Head office knows this computer by another name now: what the old share locked stays shut
            self._forget_prices()
        is_another = known is None or (
            abs(clock.parse_stamp(lease.expires) - clock.parse_stamp(known.expires))
            >= _WORTH_WRITING
        )
        if share is not None or is_another or has_moved:
            kept = as_kept(lease, offset, office_now)
            try:
                self._keys.keep_lease(kept, share)
            finally:
                if share is not None:
                    wrapping.erase(share)
            self._warned.clear()

    def _open_where_nobody_is_asked(self) -> None:
        prices = self._database.prices
        if self.held and prices.state == "locked" and not prices.needs_passphrase:
            with suppress(KamError):
                prices.open()

    # ---- prices taken back

    def give_up_prices(self) -> None:
        """Delete the keys of the prices, which head office took back, and begin to take them out; see `finish`."""
        if self.is_withdrawn:
            return
        self._database.prices.set_allowed(is_allowed=False)
        self._keys.drop_lease_share()
        self._begin_giving_up({_WITHDRAWN: "1"})
        self.is_withdrawn = True
        self._say_once("PRICES_WITHDRAWN", _withdrawn())

    def _give_back(self) -> None:
        self._database.transact(
            Origin.SYNC, lambda work: outbox.write_state(work.driver, {_WITHDRAWN: ""})
        )
        self.is_withdrawn = False
        self._warned.discard("PRICES_WITHDRAWN")
        role = self._database.actor.role
        self._database.prices.set_allowed(is_allowed=may_read(role, Level.L3))

    def forget_prices(self) -> None:
        """Delete the keys of the prices, whose passphrase nobody knows any more: head office sends all of them again.

        What was not sent and holds a price can never be read again. Raises MachineError: then nothing was deleted.
        """
        with self._lock:
            self._forget_prices()

    def _forget_prices(self) -> None:
        self._database.prices.lock()
        self._begin_giving_up({})
        self._keys.drop_price_keys()

    def _begin_giving_up(self, noted: Mapping[str, str]) -> None:
        values = {**noted, _GIVING_UP: "1"}
        self._database.transact(Origin.SYNC, lambda work: outbox.write_state(work.driver, values))

    def finish(self, intake: Intake) -> None:
        """Take out every price, in short transactions, where that was begun; nothing else is taken in until then.

        Raises Stopped: the next reconciliation goes on.
        """
        if not self._database.read(outbox.read_state).get(_GIVING_UP):
            return
        found, names = self._database.read(buckets.prices_here)
        intake.store(taking_out(found, names, unconfirmed=False))

        def reload(work: Work) -> None:
            head = int(outbox.read_state(work.reader).get("seen_head", 0))
            buckets.reload(work, names, start=head, price_start=head)
            outbox.write_state(work.driver, {_GIVING_UP: ""})

        self._database.transact(Origin.SYNC, reload)


_WITHDRAWN = "prices_withdrawn"
_MASKING, _HELD = "price_masking", "held"
_GIVING_UP = "prices_given_up"
"""In what reconciliation remembers: every price is being taken out, and may not all be yet."""


def must_mask(reader: Reader) -> bool:
    """Say whether head office wants open prices to be dots until they are held."""
    return outbox.read_state(reader).get(_MASKING) == _HELD


def is_withdrawn(reader: Reader) -> bool:
    """Say whether head office took the prices of this computer back."""
    return bool(outbox.read_state(reader).get(_WITHDRAWN))


def as_kept(lease: Lease, offset: timedelta, office_now: datetime) -> keyfile.Lease:
    """Return a lease as the key store's file has it."""
    for written in (lease.issued, lease.expires):
        clock.parse_stamp(written)
    return keyfile.Lease(
        lease.share_id, lease.issued, lease.expires, int(offset.total_seconds()),
        clock.stamp(office_now),
    )  # fmt: skip


def keep_first(
    keys: OpenKeys, server_key: str, server_id: str, device: str, lease: Lease | None
) -> None:
    """Keep the lease that came with the enrolment; one that cannot be kept comes again with the first answer."""
    if lease is None:
        return
    state = {"server_key": server_key}
    if not _is_signed(state, lease.signature, lease_message(server_id, device, lease)):
        return
    share = _share_of(lease)
    if share is None:
        return
    try:
        issued = clock.parse_stamp(lease.issued)
        keys.keep_lease(as_kept(lease, issued - clock.now(), issued), share)
    except (MachineError, ValueError) as error:
        _log.warning("the lease could not be kept: %s", error)
    finally:
        wrapping.erase(share)


def _share_of(lease: Lease) -> bytearray | None:
    try:
        share = bytearray(base64.b64decode(lease.share, validate=True))
    except ValueError:  # binascii.Error, or what is not ASCII at all
        return None
    return share if len(share) == wrapping.KEY_BYTES else None


def _is_signed(state: Mapping[str, str], signature: str, message: bytes) -> bool:
    try:
        key = base64.b64decode(state["server_key"])
        return verify(key, base64.b64decode(signature, validate=True), message)
    except (KeyError, ValueError):
        return False


def _lease_ends(left: timedelta) -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "prices",
            "Prices on this computer close in {hours} hours unless it reaches head office before. "
            "Connect once; a moment is enough.",
        ),
        code="LEASE_ENDS",
        context="prices",
        hours=max(1, round(left.total_seconds() / 3600)),
    )


def _clock_back() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "prices",
            "The clock of this computer was set back. Set it right; the time for which prices may be opened goes on.",
        ),
        code="CLOCK_BACK",
        context="prices",
    )


def _withdrawn() -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "prices",
            "Head office took the prices back from this computer. They were deleted here; everything else stays.",
        ),
        code="PRICES_WITHDRAWN",
        context="prices",
    )
