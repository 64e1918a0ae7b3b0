"""Getting from a started program to an open store: what the first windows ask for, and what they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kamdesk.domain.connection import Connection, Profile, SignIn
from kamdesk.domain.price_access import NoPrices, Prices
from kamdesk.domain.store import Store
from kamdesk.domain.values import dataclass

if TYPE_CHECKING:
    from kamdesk.domain.attachments import Cabinet
    from kamdesk.domain.rescue import Upkeep


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """A profile on this computer: one head office and one user. `by_passphrase`: it asks for one;
    `has_passphrase`: one opens it, should the key store fail."""

    id: str
    label: str
    by_passphrase: bool
    last_used: datetime | None = None
    has_passphrase: bool = False


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Whether this computer's key store can be trusted. `reason` is a code when it cannot."""

    trusted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open profile, ready for the main window."""

    store: Store
    connection: Connection
    profile: Profile
    close: Callable[[], None]
    prices: Prices = field(default_factory=NoPrices)
    upkeep: Upkeep | None = None
    attachments: Cabinet | None = None


class Doorkeeper(Protocol):
    """Opens profiles and enrols new ones. Every method may wait; never call one on the GUI thread."""

    def profiles(self) -> list[KnownProfile]:
        """Return the profiles on this computer, the last used first."""
        ...

    def check_keys(self) -> KeyCheck:
        """Ask whether keys can be kept in this computer's key store."""
        ...

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open a profile. Raises UserError for a wrong passphrase, MachineError for everything else."""
        ...

    def enrol(self, sign_in: SignIn, passphrase: str) -> Opened:
        """Enrol this computer, make its store and open it. Raises UserError with the field, MachineError."""
        ...
