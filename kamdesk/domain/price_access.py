"""Who opens and locks the prices of a profile, and what can be asked of the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NoReturn, Protocol

from kamdesk.domain.errors import UserError
from kamdesk.domain.prices import Secret, Unreadable
from kamdesk.i18n import QT_TRANSLATE_NOOP


class PriceState(StrEnum):
    """Whether prices can be read now: absent for a role that never has them."""

    ABSENT = "absent"
    LOCKED = "locked"
    OPEN = "open"


class Look(StrEnum):
    """What somebody did to see prices: unlocked them, had those of a contract on the screen, held one line of it in
    train mode, took them out of the program, or kept one in a text that others read though asked about it."""

    UNLOCKED = "unlocked"
    SHOWN = "shown"
    HELD = "held"
    COPIED = "copied"
    EXPORTED = "exported"
    PRINTED = "printed"
    WRITTEN = "written"


class PricesLocked(UserError):  # noqa: N818  # what is the matter
    """Prices are locked, or were locked while they were being read: whatever was read is dropped."""

    def __init__(self) -> None:
        super().__init__(
            QT_TRANSLATE_NOOP("prices", "Prices are locked. Unlock them first."),
            code="PRICES_LOCKED",
            context="prices",
        )


class Cells(Protocol):
    """Sealing single values, each bound to its place: kind, field and record. Raises PricesLocked."""

    @property
    def epoch(self) -> int:
        """Grows with every lock: what was read in an earlier epoch is dropped."""
        ...

    def seal(self, kind: str, field: str, record_id: str, value: Secret | None) -> bytes:
        """Return the envelope of a value; nothing is a value too."""
        ...

    def unseal(
        self, kind: str, field: str, record_id: str, sealed: bytes
    ) -> Secret | Unreadable | None:
        """Return what an envelope holds."""
        ...

    def numbers(
        self, kind: str, field: str, rows: Iterable[tuple[str, bytes | None]]
    ) -> Iterator[tuple[int, int, str] | None]:
        """Open many (id, envelope) for a `PriceIndex`; what cannot be opened is None."""
        ...


class Prices(Cells, Protocol):
    """The lock on a profile's prices. `open` waits; everything else may be called on the GUI thread."""

    @property
    def state(self) -> PriceState:
        """Say whether prices can be read now."""
        ...

    @property
    def needs_passphrase(self) -> bool:
        """Say whether `open` needs the price passphrase."""
        ...

    @property
    def is_new(self) -> bool:
        """Say whether no passphrase was chosen yet: the first that `open` is given becomes it."""
        ...

    def open(self, passphrase: str = "") -> None:
        """Unlock. Takes about 0.3 s with a passphrase, longer after wrong ones.

        Raises UserError WRONG_PASSPHRASE, PASSPHRASE_TOO_SHORT; MachineError where keys cannot be kept.
        """
        ...

    def lock(self) -> None:
        """Forget the keys at once; what is left in memory is swept in the background."""
        ...

    def watch(self, listener: Callable[[PriceState], None]) -> Callable[[], None]:
        """Call `listener` at every change, from whichever thread made it; returns what ends it."""
        ...

    def set_allowed(self, *, is_allowed: bool) -> None:
        """Follow a changed role; for reconciliation. Losing the right deletes the keys."""
        ...

    @property
    def must_mask(self) -> bool:
        """Say whether head office wants open prices to be dots until they are held."""
        ...

    def set_masked(self, *, on: bool) -> None:
        """Follow head office in how open prices are shown; for reconciliation."""
        ...

    def seal_text(self, place: str, text: str) -> str:
        """Seal what is being typed into a draft; `place` is the draft's id. Raises PricesLocked."""
        ...

    def unseal_text(self, place: str, sealed: str) -> str | None:
        """Return what `seal_text` sealed for the same place; None where it cannot be opened."""
        ...


class NoPrices:
    """The lock of somebody who has no prices."""

    state = PriceState.ABSENT
    needs_passphrase = False
    is_new = False
    must_mask = False
    epoch = 0

    def open(self, passphrase: str = "") -> None:  # noqa: ARG002  # the signature of Prices
        """Refuse."""
        raise PricesLocked

    def lock(self) -> None:
        """There is nothing to lock."""

    def set_allowed(self, *, is_allowed: bool) -> None:
        """Nothing changes."""

    def set_masked(self, *, on: bool) -> None:
        """Nothing changes."""

    def watch(self, listener: Callable[[PriceState], None]) -> Callable[[], None]:  # noqa: ARG002  # as above
        """Never call it: nothing changes."""
        return lambda: None

    def seal(self, kind: str, field: str, record_id: str, value: Secret | None) -> bytes:  # noqa: ARG002  # as above
        """Refuse."""
        raise PricesLocked

    def unseal(self, kind: str, field: str, record_id: str, sealed: bytes) -> NoReturn:  # noqa: ARG002  # as above
        """Refuse."""
        raise PricesLocked

    def numbers(self, kind: str, field: str, rows: Iterable[tuple[str, bytes | None]]) -> NoReturn:  # noqa: ARG002  # as above
        """Refuse."""
        raise PricesLocked

    def seal_text(self, place: str, text: str) -> str:  # noqa: ARG002  # as above
        """Refuse."""
        raise PricesLocked

    def unseal_text(self, place: str, sealed: str) -> str | None:  # noqa: ARG002  # as above
        """Refuse."""
        raise PricesLocked
