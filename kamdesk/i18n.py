"""Mark texts for translation without Qt, so that domain and db can name what people read."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802  # the name that lupdate looks for
    """Return `text` unchanged; lupdate finds the call and puts the text under `context`."""
    del context
    return text
