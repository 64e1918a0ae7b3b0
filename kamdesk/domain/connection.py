"""What the window may ask of reconciliation, and what it is told. `sync` implements it, `app` hands it in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

CERTIFICATES = {
    "tls": QT_TRANSLATE_NOOP(
        "connection", "The certificate of this address is not trusted on this computer."
    ),
    "tls_ended": QT_TRANSLATE_NOOP(
        "connection",
        "The certificate of head office, issued by {issuer}, ended on {day}. Tell your administrator; "
        "if that day is still to come, set the clock of this computer.",
    ),
    "tls_early": QT_TRANSLATE_NOOP(
        "connection",
        "The certificate of head office, issued by {issuer}, begins on {day}. Check the clock of this computer.",
    ),
    "tls_host": QT_TRANSLATE_NOOP(
        "connection",
        "Who answers has a certificate for {names}, not for {host}. Nothing was sent; check the address.",
    ),
    "tls_issuer": QT_TRANSLATE_NOOP(
        "connection",
        "The certificate was issued by {issuer}, which this computer does not trust. Nothing was sent; "
        "ask your administrator.",
    ),
    "tls_version": QT_TRANSLATE_NOOP(
        "connection",
        "This address offers no secure connection (TLS 1.2 or newer). Nothing was sent; ask your administrator.",
    ),
}
"""Why no secure connection came about, by the code of the problem."""


class Link(StrEnum):
    """Whether head office can be reached, as far as is known."""

    UNKNOWN = "unknown"
    OFFLINE = "offline"
    ONLINE = "online"
    SIGNED_OUT = "signed_out"
    PAUSED = "paused"
    REFUSED = "refused"  # head office answers, but not to this device or program version


@dataclass(frozen=True, slots=True)
class Status:
    """The truth for the status bar. `problem` is a code of ui.messages, never a sentence."""

    link: Link = Link.UNKNOWN
    working: bool = False
    waiting: int = 0  # changes on this computer that head office has not confirmed
    issues: int = 0  # conflicts and refusals that need the user
    last_reconciled: datetime | None = None
    loaded: int = 0  # records of the first load that are here
    expected: int = 0  # records it will bring; 0: no load is going on
    problem: str = ""
    problem_params: dict[str, object] | None = None
    sent_bytes: int = 0  # since the program started, as they travelled
    received_bytes: int = 0
    last_problem: str = ""  # the newest since the program started, also when it is over
    last_problem_params: dict[str, object] | None = None
    last_problem_at: datetime | None = None
    checking: bool = False  # everything is being compared with head office


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the enrolment dialog collects: a code, or user and password."""

    server: str
    user: str = ""
    password: str = ""
    code: str = ""
    device_name: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """Who works on this computer, for the rail and for every record's author."""

    user_id: str
    login: str
    name: str
    role: str
    territory: str
    company: str
    server: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Farewell:
    """What became of the work here when head office had everything deleted.

    `changes` and half-typed `drafts` were sealed for head office, and sent unless they wait in `file`; `lost` could
    not be read without the price passphrase: kind, title and time of each.
    """

    changes: int = 0
    drafts: int = 0
    lost: tuple[tuple[str, str, datetime | None], ...] = ()
    file: str = ""


class Connection(Protocol):
    """Reconciliation as the window sees it. No method but `sign_in` waits; answers come
    through `watch`."""

    def status(self) -> Status:
        """Return the latest status from memory."""
        ...

    def watch(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` from any thread at every change; returns what ends it."""
        ...

    def reconcile_now(self) -> None:
        """Try at once, whatever the back-off says."""
        ...

    def woke(self) -> None:
        """The computer slept: what was open may be dead, so begin again."""
        ...

    def check_now(self) -> None:
        """Compare everything with head office, as is done by itself once a day."""
        ...

    def sign_in(self, sign_in: SignIn) -> None:
        """Introduce this computer again, to the same head office as the same user. This one waits.

        Raises UserError with the field, MachineError.
        """
        ...

    def change_password(self, current: str, new: str) -> None:
        """Choose another password at head office. Waits. Raises UserError with `current` or `new`, MachineError."""
        ...

    def replace_price_passphrase(self, sign_in: SignIn, new: str) -> None:
        """Choose another price passphrase where the one in force was forgotten. Waits for head office.

        The prices come again; unsent changes that hold one are given up. Raises UserError as `sign_in` and
        PASSPHRASE_TOO_SHORT, MachineError where head office is not reached: then everything is as it was.
        """
        ...

    def set_paused(self, *, paused: bool) -> None:
        """Pause or resume; a pause also cancels a first load, which resumes where it was."""
        ...

    def farewell(self) -> Farewell | None:
        """Return what became of the work here, once head office had the keys deleted (problem "wiped")."""
        ...
