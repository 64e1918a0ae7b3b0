"""The modules that PySide holds as text are compiled once, not at each start.

libshiboken has its package `shibokensupport` as source in a zip archive and compiles it whenever PySide6 is imported
(6.11, signature_bootstrap.py): a seventh of the time until a bare window is there. Its own remedy, `SBK_EMBED=0`,
unpacks the files into site-packages. `tests/ui/test_compiled.py` tells when this is of no use any more.
"""

from __future__ import annotations

import builtins
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from types import CodeType
from typing import Any

_PACKAGE = "shibokensupport/"


def kept_file() -> Path:
    """Return where the compiled modules are kept: beside ours, and trusted as they are."""
    return Path(cache_from_source(__file__)).with_suffix(".shiboken")


@contextmanager
def kept(file: Path) -> Iterator[None]:
    """Take what PySide compiles in here from `file`, and keep there what is new."""
    known = _read(file)
    used: dict[bytes, CodeType] = {}
    truly = builtins.compile

    def taken(source: Any, filename: Any, mode: str, *how: Any, **named: Any) -> Any:
        if how or named or not str(filename).startswith(_PACKAGE):
            return truly(source, filename, mode, *how, **named)
        key = MAGIC_NUMBER + source_hash(source) + filename.encode()
        used[key] = known[key] if key in known else truly(source, filename, mode)
        return used[key]

    builtins.compile = taken
    try:
        yield
    finally:
        builtins.compile = truly
    if not used.keys() <= known.keys() and not sys.dont_write_bytecode:
        _write(file, used)


def _read(file: Path) -> dict[bytes, CodeType]:
    """Return what is kept; a damaged file is none."""
    with suppress(OSError, EOFError, ValueError, TypeError):
        found = marshal.loads(file.read_bytes())  # noqa: S302  # as Python's own files of this folder
        if isinstance(found, dict):
            return found
    return {}


def _write(file: Path, codes: dict[bytes, CodeType]) -> None:
    made = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        made.write_bytes(marshal.dumps(codes))
        made.replace(file)
    except OSError:  # a folder that is not ours, or a full disk, costs the time and nothing else
        with suppress(OSError):
            made.unlink()
