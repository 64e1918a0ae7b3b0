"""The lock on the prices of one profile. Implements `domain.price_access.Prices`.

Keys are in memory only while it is open, and only inside the ciphers. Whoever reads compares the epoch
before and after: what was read across a lock is dropped.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.price_index import Number
from kamdesk.domain.prices import Secret, SecretText, Unreadable
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import envelope, process, values, wrapping
from kamdesk.security.envelope import KeyMissing, Purpose, SealError
from kamdesk.security.keyfile import PriceUnlock
from kamdesk.security.openkeys import OpenKeys

Listener = Callable[[PriceState], None]

_FREE_TRIES = 3
_TOGETHER = 1024
"""Prices of a list that are opened between two looks whether they were locked."""
_LONGEST_WAIT = 30.0
_log = logging.getLogger(__name__)


class PriceLock:
    """Opens and locks the price keys of a profile, and seals single values while it is open."""

    def __init__(
        self, keys: OpenKeys, *, policy: PriceUnlock = "passphrase", is_allowed: bool = True
    ) -> None:
        self._keys = keys
        self._policy: PriceUnlock = policy
        self._is_allowed = is_allowed
        self._store_id = envelope.row_bytes(keys.store_id)
        self._ciphers: dict[int, AESGCM] = {}
        self._head = b""
        self._epoch = 0
        self._wrong = 0
        self._not_before = 0.0
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._listeners: list[Listener] = []
        self._renewed = False
        self._sealed = 0
        self.must_mask = False
        """Head office wants open prices to be dots until they are held."""
        self.is_due: Callable[[], bool] = bool
        """Says, while prices are opened, whether the price key is to be replaced on this occasion."""

    def __repr__(self) -> str:
        return f"<PriceLock {self.state}>"

    # ---- the lock

    @property
    def state(self) -> PriceState:
        """Say whether prices can be read now."""
        if not self._is_allowed:
            return PriceState.ABSENT
        return PriceState.OPEN if self._ciphers else PriceState.LOCKED

    @property
    def epoch(self) -> int:
        """Grows with every lock."""
        return self._epoch

    @property
    def needs_passphrase(self) -> bool:
        """Say whether `open` needs the price passphrase."""
        return (self._keys.price_unlock or self._policy) == "passphrase"

    @property
    def is_new(self) -> bool:
        """Say whether the first passphrase that `open` is given becomes the price passphrase."""
        return self.needs_passphrase and self._keys.price_unlock is None

    def open(self, passphrase: str = "") -> None:
        """Unlock; makes the first price key where there is none. May wait.

        Raises UserError WRONG_PASSPHRASE, PASSPHRASE_TOO_SHORT; MachineError where keys cannot be kept.
        """
        with self._opening:
            if not self._is_allowed:
                raise _absent()
            if self._ciphers:
                return
            epoch = self._epoch
            self._wait_for_turn()
            if self._keys.price_unlock is None:
                self._keys.make_price_keys(self._policy, passphrase)
            try:
                found = self._keys.open_price_keys(passphrase)
            except UserError as error:
                if error.code == "WRONG_PASSPHRASE":
                    self._note_wrong()
                raise
            self._wrong = 0
            if self.is_due():
                for key in found.values():
                    wrapping.erase(key)
                found = self._next(passphrase)
            self._take(found, epoch)
        self._tell()

    def _next(self, passphrase: str) -> dict[int, bytearray]:
        self._keys.add_price_key(passphrase)
        self._renewed = True
        return self._keys.open_price_keys(passphrase)

    def _take(self, found: dict[int, bytearray], epoch: int) -> None:
        ciphers = {key_id: AESGCM(key) for key_id, key in found.items()}
        for key in found.values():
            wrapping.erase(key)
        with self._lock:
            if self._epoch != epoch:
                raise PricesLocked  # somebody locked while the passphrase was stretched
            self._head = envelope.header(Purpose.PRICE, max(ciphers))
            self._ciphers = ciphers

    def _wait_for_turn(self) -> None:
        wait = self._not_before - time.monotonic()
        if wait > 0:
            time.sleep(wait)

    def _note_wrong(self) -> None:
        """Make every guess wait longer than the last. Nothing is ever erased for a wrong passphrase."""
        self._wrong += 1
        if self._wrong > _FREE_TRIES:
            wait = min(_LONGEST_WAIT, 2.0 ** (self._wrong - _FREE_TRIES - 1))
            self._not_before = time.monotonic() + wait

    def lock(self) -> None:
        """Forget the keys at once; sweeps memory on a thread of its own."""
        with self._lock:
            was_open = bool(self._ciphers)
            self._epoch += 1
            self._ciphers = {}
        if was_open:
            self._tell()
            # Not on the runners' threads: this is also called when they are gone
            threading.Thread(target=process.sweep, name="sweep", daemon=True).start()

    # ---- replacing the key

    @property
    def newest_key(self) -> int:
        """The number of the key that seals; 0 while locked."""
        return max(self._ciphers, default=0)

    @property
    def has_older_keys(self) -> bool:
        """Say whether something may still be sealed by a key that was replaced; False while locked."""
        return len(self._ciphers) > 1

    @property
    def may_retire(self) -> bool:
        """Say whether an older key can go. Not in the run that replaced it: a form may hold what it sealed."""
        return self.has_older_keys and not self._renewed

    def renew(self, passphrase: str = "") -> None:
        """Make a new key, which seals whatever is sealed from now on; the older ones go on opening.

        Raises PricesLocked, UserError WRONG_PASSPHRASE, MachineError where keys cannot be kept.
        """
        with self._opening:
            if not self._ciphers:
                raise PricesLocked
            epoch = self._epoch
            self._wait_for_turn()
            try:
                found = self._next(passphrase)
            except UserError:
                self._note_wrong()
                raise
            self._wrong = 0
            self._take(found, epoch)

    def take_count(self) -> int:
        """Return how often was sealed since this was asked the last time."""
        count, self._sealed = self._sealed, 0
        return count

    def retire(self) -> None:
        """Delete the older keys: what they sealed can never be read again. Raises PricesLocked."""
        with self._opening:
            newest = self.newest_key
            if not newest:
                raise PricesLocked
            self._keys.drop_price_keys(keep=newest)
            with self._lock:
                self._ciphers = {key: one for key, one in self._ciphers.items() if key == newest}

    def reseal(self, kind: str, field: str, record_id: str, sealed: bytes) -> bytes | None:
        """Seal a value anew under the newest key; None for one that is, or that cannot be opened.

        Raises PricesLocked.
        """
        return self._resealed(kind, field, record_id, sealed, envelope.purpose_of(sealed))

    def reseal_text(self, place: str, sealed: str) -> str | None:
        """Do as `reseal` with what `seal_text` made."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except ValueError:  # binascii.Error, or what is not ASCII at all
            return None
        made = self._resealed("draft", "data", _row_of(place), data, Purpose.DRAFT)
        return None if made is None else base64.b64encode(made).decode("ascii")

    def _resealed(
        self, kind: str, field: str, row: str, sealed: bytes, purpose: Purpose
    ) -> bytes | None:
        cipher, head = self._newest()
        head = envelope.header(purpose, int.from_bytes(head[6:], "big"))
        if sealed[: envelope.HEADER_BYTES] == head:
            return None
        try:
            data = self._opened(self._ciphers, kind, field, row, sealed, purpose)
        except SealError as error:
            if not self._ciphers:
                raise PricesLocked from None
            _log.warning("a sealed value of %s stays as it is: %s", kind, error.why)
            return None
        return envelope.seal(
            cipher, head, store_id=self._store_id, table=kind, column=field, row=row, data=data
        )

    def set_allowed(self, *, is_allowed: bool) -> None:
        """Follow a changed role. Losing the right locks and deletes the keys: the erasure of what was held."""
        if is_allowed == self._is_allowed:
            return
        self._is_allowed = is_allowed
        self.lock()
        if not is_allowed:
            self._keys.drop_price_keys()
        elif not self.needs_passphrase:
            self.open()
        self._tell()

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every change, from whichever thread made it; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _tell(self) -> None:
        state = self.state
        for listener in tuple(self._listeners):
            listener(state)

    def set_masked(self, *, on: bool) -> None:
        """Follow head office in how open prices are shown."""
        if on != self.must_mask:
            self.must_mask = on
            self._tell()

    # ---- cells

    def seal(self, kind: str, field: str, record_id: str, value: Secret | None) -> bytes:
        """Return the envelope of a value. Raises PricesLocked."""
        cipher, head = self._newest()
        if isinstance(value, SecretText):
            head = envelope.header(Purpose.TEXT, int.from_bytes(head[6:], "big"))
        return envelope.seal(
            cipher, head, store_id=self._store_id, table=kind, column=field, row=record_id,
            data=values.encode(value),
        )  # fmt: skip

    def unseal(
        self, kind: str, field: str, record_id: str, sealed: bytes
    ) -> Secret | Unreadable | None:
        """Return what an envelope holds. Raises PricesLocked."""
        ciphers = self._ciphers
        if not ciphers:
            raise PricesLocked
        try:
            return values.decode(
                self._opened(ciphers, kind, field, record_id, sealed, envelope.purpose_of(sealed))
            )
        except SealError as error:
            _log.warning("a sealed value of %s cannot be opened: %s", kind, error.why)
            return Unreadable(error.why)

    def _opened(
        self, ciphers: dict[int, AESGCM], kind: str, field: str, record_id: str, sealed: bytes,
        purpose: Purpose = Purpose.PRICE,
    ) -> bytes:  # fmt: skip
        return envelope.unseal(
            _cipher_of(ciphers, sealed, purpose), sealed, store_id=self._store_id, table=kind,
            column=field, row=record_id,
        )  # fmt: skip

    def numbers(
        self, kind: str, field: str, rows: Iterable[tuple[str, bytes | None]]
    ) -> Iterator[Number | None]:
        """Open (id, envelope) one after the other as mantissa, places and unit; what cannot be opened is None.

        Raises PricesLocked, also where they are locked meanwhile.
        """
        remaining = iter(rows)
        while some := list(islice(remaining, _TOGETHER)):
            ciphers = self._ciphers
            if not ciphers:
                raise PricesLocked
            sealed = [(row, cell) for row, cell in some if cell is not None]
            try:
                found = self._together(ciphers, kind, field, sealed) if sealed else []
            except (SealError, ValueError):
                found = [self._number(ciphers, kind, field, *one) for one in sealed]
            if len(found) == len(some):
                yield from found
            else:
                its = iter(found)
                yield from [None if cell is None else next(its) for _, cell in some]

    def _together(
        self, ciphers: dict[int, AESGCM], kind: str, field: str, rows: list[tuple[str, bytes]]
    ) -> list[Number | None]:
        """Open cells that are all under one key. Raises SealError or ValueError where one is not, or is spoilt."""
        data = envelope.unseal_together(
            _cipher_of(ciphers, rows[0][1], Purpose.PRICE), rows, store_id=self._store_id,
            table=kind, column=field, length=values.VALUE_BYTES,
        )  # fmt: skip
        return values.numbers(data)

    def _number(
        self, ciphers: dict[int, AESGCM], kind: str, field: str, record_id: str, sealed: bytes
    ) -> Number | None:
        try:
            return values.number(self._opened(ciphers, kind, field, record_id, sealed))
        except SealError:
            return None  # the list shows which; see `unseal`

    def seal_text(self, place: str, text: str) -> str:
        """Seal what is being typed into a draft. Raises PricesLocked."""
        cipher, head = self._newest()
        sealed = envelope.seal(
            cipher, envelope.header(Purpose.DRAFT, int.from_bytes(head[6:], "big")),
            store_id=self._store_id, table="draft", column="data", row=_row_of(place),
            data=values.encode_text(text),
        )  # fmt: skip
        return base64.b64encode(sealed).decode("ascii")

    def unseal_text(self, place: str, sealed: str) -> str | None:
        """Return what `seal_text` sealed for the same place, or None. Raises PricesLocked."""
        ciphers = self._ciphers
        if not ciphers:
            raise PricesLocked
        try:
            data = base64.b64decode(sealed, validate=True)
            return values.decode_text(
                self._opened(ciphers, "draft", "data", _row_of(place), data, Purpose.DRAFT)
            )
        except (SealError, ValueError):
            return None

    def _newest(self) -> tuple[AESGCM, bytes]:
        with self._lock:
            if not self._ciphers:
                raise PricesLocked
            self._sealed += 1
            return self._ciphers[max(self._ciphers)], self._head


def _row_of(place: str) -> str:
    """Return the 16 bytes, as hex, that stand for the id of a draft."""
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _absent() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP("prices", "Your role does not work with prices."),
        code="PRICES_ABSENT",
        context="prices",
    )


def _cipher_of(ciphers: dict[int, AESGCM], sealed: bytes, purpose: Purpose) -> AESGCM:
    """Check the header of an envelope and return what opens it. Raises SealFormatError, KeyMissing."""
    key_id = envelope.key_id_of(sealed, purpose)
    cipher = ciphers.get(key_id)
    if cipher is None:
        raise KeyMissing(key_id)
    return cipher
