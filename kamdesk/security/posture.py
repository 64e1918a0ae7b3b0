"""Whether what this computer writes is encrypted by the system: what is swapped out, and the image of a sleeping one.

KAMDesk encrypts its own files. Memory that the system puts on the disk holds keys and open prices, and only the system
can encrypt that (docs/security.md).
"""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePath

_PATIENCE_SECONDS = 20
_CRYPT = "CRYPT-"  # how device-mapper's uuid of an encrypted volume begins, LUKS or plain
_ENCRYPTING = frozenset({"ecryptfs", "fuse.encfs", "fuse.gocryptfs", "fuse.cryfs"})
# System.Volume.BitLockerProtection as Windows' shell tells it to every user: 1 on, 2 off, 3 being encrypted, 4 being
# decrypted, 5 suspended, 6 on and locked
_BITLOCKER = {"1": True, "6": True, "2": False, "3": False, "4": False, "5": False}


class Disk(StrEnum):
    """What is known of the disk."""

    ENCRYPTED = "encrypted"
    PLAIN = "plain"
    UNKNOWN = ""


@cache
def disk_of(folder: Path) -> Disk:
    """Say how the disk with this folder is kept; on Linux what is swapped out too. Asks the system, for up to seconds.

    Never raises: what nobody tells is unknown.
    """
    try:
        if sys.platform == "win32":
            return _on_windows(folder)
        if sys.platform == "darwin":
            return _on_macos()
        return _on_linux(folder)
    except (OSError, ValueError, subprocess.SubprocessError):
        return Disk.UNKNOWN


def _told(is_encrypted: bool | None) -> Disk:  # noqa: FBT001  # one of three answers
    if is_encrypted is None:
        return Disk.UNKNOWN
    return Disk.ENCRYPTED if is_encrypted else Disk.PLAIN


# ---- Linux


def _on_linux(folder: Path, system: Path = Path("/")) -> Disk:
    found = [_of_mount(folder, system), *_of_swap(system)]
    if False in found:
        return Disk.PLAIN
    return _told(None if None in found else True)


def _of_mount(folder: Path, system: Path) -> bool | None:
    source, kind = _mount_of(folder, system)
    if kind in _ENCRYPTING:
        return True
    if kind == "tmpfs":
        return None  # in memory; what of it is swapped out, the swap says
    return _of_device(system / source.lstrip("/"), system) if source.startswith("/dev/") else None


def _mount_of(folder: Path, system: Path) -> tuple[str, str]:
    """Return the device and the type of the file system that a folder is on; see proc(5), mountinfo."""
    wanted = PurePath(os.path.realpath(folder))
    best, found = -1, ("", "")
    for line in (system / "proc/self/mountinfo").read_text("utf-8").splitlines():
        before, _, after = line.partition(" - ")
        point = PurePath(before.split()[4].encode().decode("unicode_escape"))
        if wanted.is_relative_to(point) and len(point.parts) >= best:
            kind, source = after.split()[:2]
            best, found = len(point.parts), (source, kind)
    return found


def _of_swap(system: Path) -> list[bool | None]:
    told = []
    for line in (system / "proc/swaps").read_text("utf-8").splitlines()[1:]:
        name, kind = line.split()[:2]
        if Path(name).name.startswith("zram"):
            continue  # memory again
        if kind == "partition":
            told.append(_of_device(system / name.lstrip("/"), system))
        else:
            told.append(_of_mount(Path(name), system))
    return told


def _of_device(device: Path, system: Path) -> bool | None:
    """Say whether a device is an encrypted volume, or lies on such ones alone."""
    block = system / "sys/class/block" / Path(os.path.realpath(device)).name
    if not block.is_dir():
        return None
    uuid = block / "dm/uuid"
    if uuid.is_file() and uuid.read_text("utf-8").startswith(_CRYPT):
        return True
    slaves = block / "slaves"
    below = sorted(slaves.iterdir()) if slaves.is_dir() else []
    if not below:
        return False
    found = [_of_device(system / "dev" / one.name, system) for one in below]
    return None if None in found else all(found)


# ---- Windows and macOS, which tell it to programs of theirs


def _on_windows(folder: Path) -> Disk:
    drive = PurePath(os.path.realpath(folder)).drive
    if len(drive) != len("C:"):
        return Disk.UNKNOWN
    script = (
        f"(New-Object -ComObject Shell.Application).NameSpace('{drive}').Self"
        ".ExtendedProperty('System.Volume.BitLockerProtection')"
    )
    asked = ["powershell", "-NoProfile", "-NonInteractive", "-Command", script]
    return _told(_BITLOCKER.get(_ask(asked).strip()))


def _on_macos() -> Disk:
    said = _ask(["fdesetup", "status"])
    known = {"FileVault is On": True, "FileVault is Off": False}
    return _told(next((value for words, value in known.items() if words in said), None))


def _ask(command: list[str]) -> str:
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(  # noqa: S603  # no word of it is anybody's but ours
        command,
        capture_output=True,
        timeout=_PATIENCE_SECONDS,
        check=True,
        stdin=subprocess.DEVNULL,
        creationflags=quiet,
    )
    return done.stdout.decode(errors="replace")
