"""Which threads may ask the store. The window's may not: it must never wait."""

from __future__ import annotations

import threading

_forbidden: set[int] = set()


def forbid_this_thread() -> None:
    """Make every query on this thread an AssertionError."""
    _forbidden.add(threading.get_ident())


def allow_this_thread() -> None:
    """Undo `forbid_this_thread`, when the window is gone."""
    _forbidden.discard(threading.get_ident())


def is_forbidden() -> bool:
    """Say whether this thread must not ask the store."""
    return threading.get_ident() in _forbidden
