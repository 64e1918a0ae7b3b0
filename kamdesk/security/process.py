"""What this process denies to others: no core file, no reading of its memory, no leftovers in it.

It locks no memory against being swapped; see docs/decisions/0017.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PR_SET_DUMPABLE = 4
_NO_BOX_OF_A_CRASH = 0x0001 | 0x0002  # SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX
_CHURN = 2000
_TWO_DIGITS, _NUMBERS = 1 << 40, 20_000
_HEAD_OF_BYTES = sys.getsizeof(b"")
_PIECES = 10
_FREED = (*range(520, 1040, 16), 1296, 1552, 2064, 2576, 3088, 4112, 6160, 8208, 12304, 16400)
"""Sizes in bytes of what is not Python's own: larger pieces go back to the system."""
_CAPABILITIES_3 = 0x20080522
_CAP_IPC_LOCK = 14


def harden() -> None:
    """Forbid core files and reading of this process's memory, where the system can do so.

    Never fails: a system without these calls is used as it is.
    """
    if sys.platform == "win32":
        leave_out_of_reports(ctypes.WinDLL)
        return
    keep_files_private()
    import resource  # noqa: PLC0415  # not on Windows

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Also for crash collectors behind a pipe, which the limit above does not bind.
        # The price: xdg-desktop-portal answers no process that it cannot look into
        # (https://github.com/flatpak/xdg-desktop-portal/issues/785), so file dialogs must be Qt's
        # own, and light or dark cannot come from the portal.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def leave_out_of_reports(load: Callable[[str], Any]) -> None:
    """Have Windows make no report, and so no image of memory, of this program when it crashes. Never fails.

    `load` gives a library of Windows. Only the built program has a name of its own: the list is of names of files, and
    "python.exe" on it would be every program of this account.
    """
    with contextlib.suppress(OSError, AttributeError):
        load("kernel32").SetErrorMode(_NO_BOX_OF_A_CRASH)
        if getattr(sys, "frozen", False):
            load("wer").WerAddExcludedApplication(ctypes.c_wchar_p(Path(sys.executable).name), 0)


def keep_files_private() -> None:
    """Have every file that this process makes be readable by its own account alone, whatever made it."""
    os.umask(0o077)


def lock_no_memory() -> None:
    """Have every mlock of SQLCipher refused at once, in this thread and those that it starts. Wiping goes on.

    Never fails. An administrator's thread may lock whatever the limit says, so it gives that right up.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on Windows

    with contextlib.suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, most))
    if sys.platform == "linux" and os.geteuid() == 0:
        with contextlib.suppress(OSError, AttributeError):
            _give_up(_CAP_IPC_LOCK)


def _give_up(capability: int) -> None:
    """Take a capability (below 32) out of this thread's effective set; see capset(2)."""
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # twice effective, permitted, inheritable
    if library.capget(header, sets) == 0 and sets[0] & 1 << capability:
        sets[0] &= ~(1 << capability)
        library.capset(header, sets)


def write_over_freed() -> None:
    """Write over what C code freed on this thread in pieces of up to some pages, such as bodies of HTTP.

    An allocator gives freed pieces of a size out again before it takes new room. Takes about a millisecond.
    """
    take, give = ctypes.pythonapi.PyMem_RawMalloc, ctypes.pythonapi.PyMem_RawFree
    take.restype, take.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    give.restype, give.argtypes = None, [ctypes.c_void_p]
    held = [(take(size), size) for size in _FREED for _ in range(_PIECES)]
    for block, size in held:
        if block:
            ctypes.memset(block, 0, size)
            give(block)


def sweep() -> None:
    """Write over what the allocator holds and give free pages back.

    Collects no garbage: a collection on a thread of its own may destroy what belongs to the window and freeze it.
    Takes some tens of milliseconds and gives way to other threads; never call it on the GUI thread.
    """
    for size in range(
        48, 528, 16
    ):  # every size class of Python's small objects, to the last byte of each
        held = [bytes(size - _HEAD_OF_BYTES) for _ in range(_CHURN)]
        del held
        time.sleep(0)
    # The class below those, which no bytes fit into, is that of whole numbers: a price that was sorted by is one
    numbers = list(range(_TWO_DIGITS, _TWO_DIGITS + _NUMBERS))
    del numbers
    time.sleep(0)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # musl has no such call
            ctypes.CDLL(None).malloc_trim(0)
