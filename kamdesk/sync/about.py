"""What head office is told of this computer: which program, which system, whether its disk is encrypted."""

from __future__ import annotations

import platform
import threading
from pathlib import Path

from kamdesk import __version__
from kamdesk.security import posture
from kamdesk.sync.protocol import About

_LONGEST = 200


def system() -> str:
    """Name the operating system of this computer."""
    return f"{platform.system()} {platform.release()}"[:_LONGEST]


class Knowing:
    """Finds out about the disk of a folder on a thread of its own; called, it says what is known, None before that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._about: About | None = None
        threading.Thread(target=self._look, name="posture", daemon=True).start()

    def __call__(self) -> About | None:
        return self._about

    def _look(self) -> None:
        self._about = About(__version__, system(), posture.disk_of(self._folder).value)
