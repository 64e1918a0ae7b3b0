"""How the user likes the program: theme, language, sizes. A damaged file is the defaults, never an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

DEFAULTS: dict[str, Any] = {"theme": "system", "language": "system"}


class Preferences:
    """Values by name, written through `save` (which must not wait) at every change."""

    def __init__(self, written: str, save: Callable[[str], None]) -> None:
        self._save = save
        try:
            found = json.loads(written)
        except (ValueError, RecursionError):
            found = {}
        self._values: dict[str, Any] = {**DEFAULTS, **(found if isinstance(found, dict) else {})}

    def text(self, name: str) -> str:
        """Return a text; "" when there is none."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def set(self, name: str, value: object) -> None:
        """Keep a value."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._save(json.dumps(self._values))
