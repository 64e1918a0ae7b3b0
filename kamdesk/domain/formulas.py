"""Texts that a spreadsheet program would run as formulas: guarded on the way out, as they were on the way in."""

from __future__ import annotations

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def guarded(text: str) -> str:
    """Keep a spreadsheet program from running a text: an apostrophe before what begins like a formula."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def unguarded(text: str) -> str:
    """Take away what `guarded` put before a text; anything else stays as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA, "'")) else text
