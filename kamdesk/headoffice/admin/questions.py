"""What is asked before something is done that cannot be undone, or that shuts somebody out."""

from __future__ import annotations

from dataclasses import dataclass

from kamdesk.headoffice import health
from kamdesk.headoffice.store import Store


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what follows from yes, the word on the button, and where no leads."""

    title: str
    told: str
    verb: str
    back: str


WIPE = Question(
    "Wipe this computer?",
    "At its next contact it hands in what it has, then deletes its keys and with them everything on it. "
    "What cannot be handed in is sealed to head office.",
    "Wipe at next contact",
    "/admin/devices",
)
PRICES = Question(
    "Withdraw the prices of this computer?",
    "At its next contact it hands in what it has, then deletes its prices and their keys. Everything else "
    "stays. The order can be taken back.",
    "Withdraw prices",
    "/admin/devices",
)
LOST = Question(
    "Shut this computer out?",
    "It is let in no more from this moment: nothing is handed in from it, and no order to wipe reaches it. "
    "What is on it stays encrypted, and its prices shut when its lease ends.",
    "Lost or stolen",
    "/admin/devices",
)
REPLACED = Question(
    "Is everything handed in from the old computer?",
    "It is let in no more from this moment. You are then shown a code that enrols the new one.",
    "Replaced: new code",
    "/admin/devices",
)
DISABLE = Question(
    "Disable this user?",
    "Nobody signs in as this user any more, and no computer of the user is let in. What was recorded stays, "
    "and the user can be enabled again.",
    "Disable",
    "/admin/users",
)
SYSTEM = Question(
    "Shut this system out?",
    "Its token ends at once. To let the system in again it has to be added anew, and gets another token.",
    "Revoke",
    "/admin/systems",
)
EVERY = (WIPE, PRICES, LOST, REPLACED, DISABLE, SYSTEM)


def device(store: Store, device_id: str) -> str:
    """Name a device and whose it is; "" for one that is not there, which the action then says."""
    held = health.devices(store)
    return next((f"{one.name} ({one.login})" for one in held if one.id == device_id), "")
