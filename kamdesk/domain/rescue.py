"""A profile whose data cannot be used as it is: what happened, what is safe, what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import KamError
from kamdesk.domain.session import Opened

ASKED = "ASKED"
"""Nothing is wrong: the user wants to go back to a backup."""
STORE_CODES = frozenset(
    {
        "STORE_MISSING", "STORE_UNREADABLE", "STORE_DAMAGED", "STORE_FOREIGN", "STORE_NOT_ENCRYPTED",
        "STORE_OLDER",
    }
)  # fmt: skip
"""The store is not what it was; its keys are here."""
KEY_CODES = frozenset(
    {
        "KEYSTORE_MISSING", "KEYSTORE_DAMAGED", "KEYSTORE_UNREADABLE", "KEY_MISSING", "KEY_WRONG",
        "KEYRING_CHANGED", "KEYRING_LIES", "UNTRUSTED_BACKEND", "NO_KEYRING", "NO_PASSPHRASE",
    }
)  # fmt: skip
"""The store may be whole, but its key is not here."""


@dataclass(frozen=True, slots=True)
class StoreCopy:
    """A backup on this computer. `id` names it to `Rescuer.restore`; `size` in bytes."""

    id: str
    made_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """A change that head office had not confirmed. `what`: create, patch, delete or cmd."""

    kind: str
    title: str
    what: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What is there to go on with. `drafts`: how many half-typed forms are kept."""

    folder: str
    copies: tuple[StoreCopy, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    drafts: int = 0
    server: str = ""


class Rescuer(Protocol):
    """What the recovery screen asks for. Every method may wait; never call one on the GUI thread."""

    def look(self, profile_id: str, passphrase: str) -> Findings:
        """Say what there is to go on with; without the keys, only where the files are."""
        ...

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open it as it is. Raises KamError."""
        ...

    def restore(self, profile_id: str, passphrase: str, copy_id: str) -> Opened:
        """Put a backup (or any file) in force with the unsent work on top, and open. Raises KamError."""
        ...

    def begin_again(self, profile_id: str, passphrase: str, sign_in: SignIn) -> Opened:
        """Let head office send everything again, with the unsent work on top, and open. Raises KamError."""
        ...

    def set_aside(self, profile_id: str) -> None:
        """Move a profile whose keys are gone out of the way, whole, so that it can be set up again."""
        ...


class Upkeep(Protocol):
    """What the window knows of the care for an open profile's store."""

    @property
    def folder(self) -> str:
        """Where the profile is."""
        ...

    def copies(self) -> list[StoreCopy]:
        """Return the backups, the newest first. Waits for the disk."""
        ...

    def back_up(self) -> StoreCopy:
        """Make a verified backup now. Waits. Raises MachineError."""
        ...

    def watch(self, listener: Callable[[KamError], None]) -> Callable[[], None]:
        """Call `listener` from any thread with what the user should know; returns what ends it."""
        ...
