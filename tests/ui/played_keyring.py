"""A key store of the system that tests play: entries in a file."""

from __future__ import annotations

import json
from pathlib import Path

from keyring.backend import KeyringBackend


class PlayedKeyring(KeyringBackend):
    """Keeps its entries in the clear; for tests only."""

    priority = 1

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def _entries(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.path.write_text(json.dumps({**self._entries(), f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        del entries[f"{service}/{username}"]
        self.path.write_text(json.dumps(entries))
