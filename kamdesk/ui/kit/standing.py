"""How far a record has come on its way to head office, and by which receipt that is known."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel

from kamdesk.db.queries.proof import Receipt
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import speech
from kamdesk.ui.kit.bits import SENDING, fixed, pill, text

ASKING = "circle-alert"
"""The picture at the end of a row in a list whose record needs the user."""


def asking_image(one: Any) -> str:
    """Return the picture for a row of a list, or "" where nothing about the record needs the user."""
    return ASKING if one.sending == "asking" else ""


def standing_of(sending: str, receipt: Receipt | None) -> list[QLabel]:
    """Make the word for how far a record is, and name head office's receipt for what was changed here."""
    made = [pill(speech.word(sending), SENDING[sending])]
    if receipt is not None:
        told = speech.translate("visits", QT_TRANSLATE_NOOP("visits", "receipt {name}, {time}"))
        words = told.format(name=receipt.name, time=speech.instant(receipt.at))
        made.append(fixed(text(words, "caption", select=True)))
    return made
