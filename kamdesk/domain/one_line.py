"""A text that somebody chose, for a log or a terminal: it ends no line, moves no cursor and turns no direction."""

from __future__ import annotations

import json


def one_line(text: str, *, keep: str = "") -> str:
    """Return the text with all that is not visible written as JSON writes it, but for the characters in `keep`."""
    return "".join(one if one.isprintable() or one in keep else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return json.dumps(one)[1:-1] if one != "\x7f" else "\\u007f"
