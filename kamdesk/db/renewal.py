"""Replacing the price key of a profile: a new one seals from now on, what the older ones sealed is sealed anew.

An older key is deleted when nothing is sealed by it any more, also not in a backup. Killed anywhere, both keys
open, and the next time that prices are opened it goes on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, outbox, reseal
from kamdesk.db.database import Database
from kamdesk.db.reader import Reader
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.changes import Changes, Origin
from kamdesk.domain.errors import KamError
from kamdesk.domain.price_access import PriceState

LIFE = timedelta(days=365)
"""How long a price key seals before it is replaced."""
MOST_SEALS = 1 << 28
"""How often one key seals: nonces are drawn by chance, and may not meet (NIST SP 800-38D, 8.3, has 2^32)."""
WANTED = "price_key_wanted"
"""In what reconciliation remembers: since when head office wants a new price key."""
STORE_WANTED = "store_key_wanted"
"""The same for the key of the store, which is replaced when the profile is closed: see `db.rekey`."""
_FOLLOWED = "price_key_followed"
_MADE, _DONE, _SEALS = "price_key_made", "price_key_done", "price_key_seals"
_SET = "INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v"
_BLOCK = 1 << 16
_FAULTS = (driver.Error, SQLAlchemyError, OSError)
_log = logging.getLogger(__name__)
Told = Callable[[int, int], None]
"""Is told how many records are done, of how many."""


class Lock(reseal.Sealer, Protocol):
    """The lock on the prices, as far as this needs it."""

    is_due: Callable[[], bool]

    @property
    def state(self) -> PriceState: ...
    @property
    def needs_passphrase(self) -> bool: ...
    @property
    def has_older_keys(self) -> bool: ...
    @property
    def may_retire(self) -> bool: ...
    def renew(self, passphrase: str = "") -> None: ...
    def retire(self) -> None: ...
    def take_count(self) -> int: ...
    def watch(self, listener: Callable[[PriceState], None]) -> Callable[[], None]: ...


class Renewal:
    """Looks after the price key of one open profile."""

    def __init__(self, database: Database, prices: Lock) -> None:
        self._database, self._prices = database, prices
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._hooks: tuple[Callable[[], None], ...] = ()

    def start(self) -> None:
        """Go on, whenever prices are opened, with what was interrupted."""
        self._prices.is_due = self.is_due
        self._hooks = (
            self._prices.watch(self._on_state),
            self._database.on_commit(self._on_commit),
        )
        self._on_state(self._prices.state)

    def stop(self) -> None:
        """End after the transaction under way."""
        for unhook in self._hooks:
            unhook()
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(KamError, *_FAULTS):
            self._count_seals(0)

    def is_due(self) -> bool:
        """Say whether the newest key has sealed for `LIFE` or `MOST_SEALS` times, or head office wants another."""
        made_at = self.made_at()
        if made_at is None:
            return False
        state = self._database.read(outbox.read_state)
        is_wanted = state.get(WANTED, "") != followed(state)
        return (
            is_wanted
            or clock.now() - made_at > LIFE
            or self._database.read(_seals)[1] >= MOST_SEALS
        )

    def made_at(self) -> datetime | None:
        """Return since when the newest key seals; None where prices were never opened."""
        return self._database.read(lambda reader: _when(reader, _MADE)[1])

    def renew(self, passphrase: str) -> None:
        """Make a new key, which seals from now on. Waits. Raises KamError."""
        self._prices.renew(passphrase)
        self._note(_MADE)

    def _on_commit(self, changes: Changes) -> None:
        if changes.concerns(WANTED):
            self._on_state(self._prices.state)

    def _on_state(self, state: PriceState) -> None:
        is_busy = self._thread is not None and self._thread.is_alive()
        if state is PriceState.OPEN and not is_busy and not self._stopped.is_set():
            self._thread = threading.Thread(target=self._go_on, name="price key", daemon=True)
            self._thread.start()

    def _go_on(self) -> None:
        try:
            self._count_seals(_BLOCK)
            if not self._prices.needs_passphrase and self.is_due():
                self._prices.renew()  # with a passphrase, it is replaced while that is at hand
            self._note(_MADE)
            if self._prices.has_older_keys:
                self.seal_anew(lambda _done, _total: None)
                self._retire()
        except (KamError, *_FAULTS) as error:
            # Locked meanwhile, or the disk is full: the older keys still open, and the next time goes on
            _log.warning("the price key is not replaced yet", exc_info=error)

    def seal_anew(self, told: Told) -> None:
        """Seal under the newest key what an older one sealed. Waits. Raises KamError; then it goes on another time."""
        with self._busy:
            total = self._database.read(lambda one: reseal.stale(one, self._prices.newest_key))
            done = 0
            for step in reseal.steps(self._prices):
                for count in self._pieces(step):
                    done += count
                    told(min(done, total), total)
            if not self._stopped.is_set():
                self._note(_DONE)

    def _pieces(self, step: reseal.Step) -> Iterator[int]:
        """Do one table, each piece in a transaction of its own, and give how many rows were sealed anew."""
        after: Any = None

        def piece(work: Work) -> tuple[Any, int]:
            return step(work, after)

        while not self._stopped.is_set():
            after, count = self._database.transact(Origin.SYNC, piece).value
            yield count
            if after is None:
                return

    def _retire(self) -> None:
        """Delete the older keys, unless a backup from before still needs them."""
        if not self._prices.may_retire or self._stopped.is_set():
            return
        done_at = self._database.read(lambda reader: _when(reader, _DONE)[1])
        copies = backups.find(self._database.path.parent.parent)
        if done_at is not None and all(one.made_at > done_at for one in copies):
            self._prices.retire()

    def _note(self, what: str) -> None:
        """Note the time for the newest key, once."""
        newest = self._prices.newest_key

        def note(work: Work) -> None:
            if newest and _when(work.reader, what)[0] != newest:
                work.driver.execute(_SET, (what, f"{newest} {clock.stamp()}"))
                if what == _MADE:
                    wanted = outbox.read_state(work.reader).get(WANTED, "")
                    outbox.write_state(work.driver, {_FOLLOWED: wanted})

        self._database.transact(Origin.SYNC, note)

    def _count_seals(self, ahead: int) -> None:
        """Count what was sealed, in blocks, one of them ahead: a program that is killed has counted too much."""
        more = ahead + self._prices.take_count() // _BLOCK * _BLOCK

        def count(work: Work) -> None:
            newest = self._prices.newest_key
            number, before = _seals(work.reader)
            if newest not in (0, number):
                number, before = newest, 0
            work.driver.execute(_SET, (_SEALS, f"{number} {before + more}"))

        if more:
            self._database.transact(Origin.SYNC, count)


def note_wanted(work: Work, since: str) -> None:
    """Remember since when head office wants new keys; "" for not any more."""
    outbox.write_state(work.driver, {WANTED: since, **({STORE_WANTED: since} if since else {})})
    work.touch(WANTED)


def followed(state: Mapping[str, str]) -> str:
    """Return since when a new key was wanted, once it is made; "" otherwise."""
    wanted = state.get(WANTED, "")
    return wanted if wanted == state.get(_FOLLOWED, "") else ""


def _seals(reader: Reader) -> tuple[int, int]:
    """Return the number of a key, and how often it has sealed."""
    number, _, count = str(
        reader.value("SELECT v FROM meta WHERE k = ?", _SEALS) or "0 0"
    ).partition(" ")
    return int(number), int(count)


def _when(reader: Reader, what: str) -> tuple[int, datetime | None]:
    number, _, stamp = str(reader.value("SELECT v FROM meta WHERE k = ?", what) or "0 ").partition(
        " "
    )
    return int(number), clock.parse_stamp(stamp) if stamp else None
