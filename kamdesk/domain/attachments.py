"""Rules of attachments: how large, of which record, whose; and what may be opened by a click.

The bytes travel apart from the records, in pieces of `PIECE` bytes; both sides know a content by its SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.filenames import is_what_it_says, may_open
from kamdesk.domain.promotions import PromotionState
from kamdesk.domain.roles import Actor
from kamdesk.domain.rules import Find, only_owner
from kamdesk.domain.visits import VisitState
from kamdesk.i18n import QT_TRANSLATE_NOOP

LARGEST = 25 * 1024 * 1024
"""Bytes of one attachment."""
PIECE = 256 * 1024
"""Bytes of one piece of a content; the last one is shorter."""
MOST = 20
"""Attachments of one record."""
PARENTS = {"visit": "visit_id", "promotion_request": "request_id"}
"""What an attachment can belong to, and the field that names it."""
OPENED = "opened"
"""The folder, in the profile, of copies in the clear that the user has open in another program."""
_HASH = re.compile("[0-9a-f]{64}")
_SETTLED = frozenset(
    {
        VisitState.SUBMITTED,
        VisitState.REVIEWED,
        VisitState.AMENDED,
        PromotionState.RECONCILED,
        PromotionState.CLOSED,
    }
)
"""States of a visit or a request from which on nothing is taken away from it."""


class UploadState(StrEnum):
    """What head office says about the bytes; it says nothing until it has them."""

    STORED = "stored"


def pieces(size: int) -> int:
    """Return in how many pieces so many bytes travel."""
    return -(-size // PIECE)


def piece_length(size: int, number: int) -> int:
    """Return how many bytes a piece has; pieces count from 0."""
    return min(PIECE, size - number * PIECE)


def check_size(size: int) -> None:
    """Raise UserError for a file that is empty or too large."""
    if size <= 0:
        raise UserError(
            QT_TRANSLATE_NOOP("attachment", "The file is empty."),
            field="attachment",
            code="empty_file",
            context="attachment",
        )
    if size > LARGEST:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "attachment",
                "The file has {size} MB; at most {max} MB can be attached. Make it smaller, or attach a part of it.",
            ),
            field="attachment",
            code="file_too_large",
            context="attachment",
            size=-(-size // 1_048_576),
            max=LARGEST // 1_048_576,
        )


def check_count(count: int) -> None:
    """Raise UserError where a record has as many attachments as it may have."""
    if count >= MOST:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "attachment", "There are {max} attachments already; that is the most."
            ),
            code="too_many_attachments",
            context="attachment",
            max=MOST,
        )


def check_opened(name: str, data: bytes) -> None:
    """Raise UserError for a content that is not opened: its name says that it is something else, or a program."""
    if not may_open(name) or not is_what_it_says(name, data):
        raise UserError(
            QT_TRANSLATE_NOOP(
                "attachment",
                "{name} is not what its name says, so it is not opened. Ask who sent it before you trust it.",
            ),
            code="false_name",
            context="attachment",
            name=name,
        )


def check_part(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may attach this: to a visit or request of his own that is there."""
    only_owner(document, actor)
    parent = _parent(document, find)
    only_owner(parent, actor)
    size, sha256 = document.get("size"), document.get("sha256")
    if not isinstance(size, int) or not 0 < size <= LARGEST:
        raise Refused("The file is too large.", code="bad_value", field="size")
    if not isinstance(sha256, str) or not _HASH.fullmatch(sha256):
        raise Refused("The value is not of the expected form.", code="bad_value", field="sha256")


def check_delete(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` attached this, and the record that it belongs to is not settled yet."""
    only_owner(document, actor)
    if _parent(document, find).get("state") in _SETTLED:
        raise Refused("What was handed in keeps its attachments.", code="locked")


def may_remove(*, owner_id: str, state: str, actor: Actor) -> bool:
    """Say whether `actor` may take away what `owner_id` attached to a record in this state."""
    return owner_id == actor.user_id and state not in _SETTLED


def _parent(document: Mapping[str, object], find: Find) -> Mapping[str, object]:
    named = [(kind, document.get(name)) for kind, name in PARENTS.items() if document.get(name)]
    if len(named) != 1:
        raise Refused("An attachment belongs to one record.", code="bad_value", field="visit_id")
    [(kind, parent_id)] = named
    parent = find(kind, str(parent_id))
    if parent is None:
        raise Refused("There is no such record.", code="not_found")
    if document.get("customer_id") != parent.get("customer_id"):
        raise Refused("It names another customer.", code="bad_value", field="customer_id")
    return parent


@dataclass(frozen=True, slots=True)
class Content:
    """A content that is kept on this computer: its SHA-256 and its length."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Moving:
    """How far one attachment has travelled. `up`: to head office."""

    up: bool
    done: int
    size: int


class Cabinet(Protocol):
    """The contents of attachments as the window sees them.

    Those that read or write contents wait: `keep`, `keep_file`, `holds`, `read`, `open_copy` and `save_copy`.
    """

    @property
    def is_metered(self) -> bool:
        """Say whether the connection costs by volume."""
        ...

    def keep(self, data: bytes) -> Content:
        """Keep a content, sealed and durable when this returns. Raises UserError, MachineError."""
        ...

    def keep_file(self, path: Path) -> Content:
        """Keep what is in a file. Raises UserError for one that is empty or too large, MachineError."""
        ...

    def holds(self, content: Content) -> bool:
        """Say whether a content is on this computer, whole."""
        ...

    def read(self, content: Content) -> bytes:
        """Return a content. Raises MachineError where it is not here or damaged."""
        ...

    def open_copy(self, name: str, data: bytes) -> Path:
        """Write a copy in the clear for another program; it is removed when the profile closes or opens next."""
        ...

    def save_copy(self, content: Content, path: Path) -> None:
        """Write a content in the clear to where the user wants it. Raises MachineError."""
        ...

    def fetch(self, attachment_id: str) -> None:
        """Have a content brought from head office as soon as it can be reached."""
        ...

    def leave(self, attachment_id: str) -> None:
        """Stop waiting for what `fetch` asked for; what has come of it stays."""
        ...

    def is_wanted(self, attachment_id: str) -> bool:
        """Say whether a content was asked for and has not come yet."""
        ...

    def send_anyway(self, attachments: Collection[str]) -> None:
        """Hand these in though the connection costs by volume."""
        ...

    def moving(self) -> Mapping[str, Moving]:
        """Return what is under way, by attachment."""
        ...

    def problem(self, attachment_id: str) -> str:
        """Return why an attachment could not be moved, as a code; "" where nothing is known."""
        ...

    def set_metered(self, *, metered: bool) -> None:
        """Say whether the connection costs by volume: then only what was asked for is moved."""
        ...

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` from any thread when something moved; returns what ends it."""
        ...
