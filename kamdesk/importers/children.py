"""Parts of this program that run in a process of their own, from source and in an installed program alike."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

CHILD = "child"
"""The word by which an installed program is told to be one of its parts."""
PARTS = ("apart", "sheets", "spelling")


def command(part: str, *arguments: str) -> list[str]:
    """Return the command line that runs a part; each is a module of this room with a `main`."""
    assert part in PARTS, part
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD, part, *arguments]
    return [sys.executable, "-m", f"{__package__}.{part}", *arguments]


def run(arguments: Sequence[str]) -> int:
    """Be a part: its name, then its arguments. Returns the exit code."""
    part, *rest = arguments
    if part not in PARTS:
        return 2
    sys.argv = [part, *rest]
    return int(import_module(f"{__package__}.{part}").main())
