"""A folder that really cannot be written, also not by root, for whom permissions do not count."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be written below `folder`: mounted over itself, or by permission where this user obeys them."""
    if os.name == "posix" and os.geteuid() != 0:
        modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        return
    if not shutil.which("mount") or _mount("--bind", folder, folder):
        pytest.skip("not run: this user is root and may not mount")
    try:
        assert _mount("-o", "remount,ro,bind", folder) == 0
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _mount(*arguments: object) -> int:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True).returncode
