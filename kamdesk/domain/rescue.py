"""A profile whose data cannot be used as it is: what happened, what is safe, what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import KamError
from kamdesk.domain.session import Opened
from kamdesk.domain.values import dataclass

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
    """What is there to go on with. `drafts`: how many half-typed forms are kept; `is_opened`: the keys could be
    opened, so that nothing unsent is left out."""

    folder: str
    copies: tuple[StoreCopy, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    drafts: int = 0
    server: str = ""
    is_opened: bool = False


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

    def replace_key(
        self,
        profile_id: str,
        passphrase: str,
        told: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> Opened:
        """Put the data of a closed profile under a new key and open it, telling how many bytes are done of how many;
        when it was `stopped`, open it under the old one. Raises KamError; then nothing was changed.

        `passphrase`: the one that opens it too, where there is one.
        """
        ...

    def set_aside(self, profile_id: str) -> None:
        """Move a profile whose keys are gone out of the way, whole, so that it can be set up again."""
        ...

    def remove(self, profile_id: str) -> None:
        """Delete the keys of a closed profile for ever, then its files. Raises MachineError where it is open."""
        ...


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What opens a profile. `by_keyring`: this computer's key store does; `keyring_failed`: it did not this time;
    `has_passphrase`: a passphrase does, as the only way or for an emergency; `price_key_made_at`: since when the
    price key seals, None where prices were never opened; `store_key_made_at`: since when the key of the data is in
    force; `old_copies`: how many backups are not under that key yet; `replaces_at_close`: it is due to be replaced;
    `disk`: encrypted or plain, "" where the system does not tell."""

    by_keyring: bool
    has_passphrase: bool
    keyring_failed: bool = False
    price_key_made_at: datetime | None = None
    store_key_made_at: datetime | None = None
    old_copies: int = 0
    replaces_at_close: bool = False
    disk: str = ""


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

    def keys(self) -> KeyFacts:
        """Say what opens the profile. Waits."""
        ...

    def set_passphrase(self, current: str, new: str) -> None:
        """Let a passphrase open the profile. `current` counts where one is the only way in. Waits.

        Raises UserError WRONG_PASSPHRASE with the field `current`, PASSPHRASE_TOO_SHORT; MachineError.
        """
        ...

    def check_passphrase(self, passphrase: str) -> None:
        """Raise UserError WRONG_PASSPHRASE where this is not the passphrase of the profile. Waits."""
        ...

    def use_keyring(self) -> None:
        """Let this computer's key store open the profile, again or for the first time. Waits. Raises MachineError."""
        ...

    def use_passphrase_alone(self, passphrase: str) -> None:
        """Let only this passphrase, which has been set, open the profile; it is asked for at every start. Waits.

        Raises UserError WRONG_PASSPHRASE, MachineError.
        """
        ...

    def renew_price_key(self, passphrase: str) -> None:
        """Make a new price key, which seals from now on. Waits. Raises PricesLocked, UserError, MachineError."""
        ...

    def seal_prices_anew(self, told: Callable[[int, int], None]) -> None:
        """Seal all prices under the new key, telling how many are done of how many. Waits.

        Raises KamError; then it goes on the next time that prices are opened.
        """
        ...

    def watch(self, listener: Callable[[KamError], None]) -> Callable[[], None]:
        """Call `listener` from any thread with what the user should know; returns what ends it."""
        ...
