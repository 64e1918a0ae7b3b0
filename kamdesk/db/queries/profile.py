"""Who works in a store, as head office last said."""

from __future__ import annotations

from kamdesk.db.reader import Reader
from kamdesk.domain.connection import Profile

_NAMES = ("user_id", "login", "name", "role", "territory", "company", "server", "device_id")


def profile_of(reader: Reader) -> Profile:
    """Return who works with this store."""
    state = dict(reader.rows("SELECT k, v FROM sync_state"))
    return Profile(*(state.get(name, "") for name in _NAMES))
