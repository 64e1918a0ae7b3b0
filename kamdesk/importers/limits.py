"""Bounds on a child process that reads what others wrote."""

from __future__ import annotations

import sys


def bound(*, memory: int, cpu_seconds: int) -> None:
    """Bound the memory (bytes of address space) and the time of this process, where the system can."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on Windows

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
