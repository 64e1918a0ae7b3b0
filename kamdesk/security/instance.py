"""One running program per profile, known by a lock that the system frees when the holder dies."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from types import TracebackType

_LOCK_NAME = "LOCK"
_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})


class InstanceLock:
    """The right to use one profile, until `release` or the end of the process.

    A child made by fork() keeps the lock alive; children of this program are spawned.
    """

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def release(self) -> None:
        """Let the next program in. The file stays: removing it would let two programs in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> InstanceLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def acquire(directory: Path) -> InstanceLock:
    """Take the profile in `directory`. Raises MachineError IN_USE where another program has it."""
    # What the file contains never counts: a process id in it may belong to somebody else by now
    try:
        handle = os.open(directory / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if not is_read_only(directory):
            raise _cannot_lock(error) from error
        try:
            handle = os.open(directory / _LOCK_NAME, os.O_RDONLY)
        except OSError:
            return InstanceLock(None)  # nobody can write, so nobody has to be kept out
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        if error.errno in _HELD:
            raise MachineError(
                QT_TRANSLATE_NOOP(
                    "security",
                    "KAMDesk is already open with this profile. Use the window that is open.",
                ),
                code="IN_USE",
                context="security",
            ) from error
        raise _cannot_lock(error) from error
    return InstanceLock(handle)


def is_read_only(directory: Path) -> bool:
    """Say whether nothing can be written in a folder that is there."""
    return directory.is_dir() and not os.access(directory, os.W_OK)


def _cannot_lock(error: OSError) -> MachineError:
    return MachineError(
        QT_TRANSLATE_NOOP(
            "security",
            "The profile cannot be locked for this program ({reason}). "
            "Check that its folder is on this computer and can be written.",
        ),
        code="LOCK_FAILED",
        context="security",
        reason=error.strerror or type(error).__name__,
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        # flock, not lockf: a lockf lock goes when any other handle to the file is closed
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
