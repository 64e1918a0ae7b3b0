"""A file that cannot be read and must not be deleted, sealed whole: a key that was replaced opens it no more.

Frames of `frames.Chain`: what opened it (every key 32 bytes), its bytes in pieces, and an empty one at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kamdesk.security.files import sync_directory
from kamdesk.security.frames import Chain
from kamdesk.security.wrapping import KEY_BYTES

ENDING = ".kdq"
_PIECE = 1 << 20


def seal_file(path: Path, key: bytes, store_id: str, opened_by: Iterable[bytes]) -> Path:
    """Put a sealed file in the place of this one, with the keys that may open it inside. Raises OSError."""
    target = path.with_name(path.name + ENDING)
    taken = 1
    while target.exists():  # never over another one
        taken += 1
        target = path.with_name(f"{path.name}.{taken}{ENDING}")
    _write(target, key, store_id, opened_by, _pieces(path))
    path.unlink()
    return target


def put_under(path: Path, old: bytes, new: bytes, store_id: str) -> None:
    """Put a sealed file under another key, in its own place. Raises OSError, ValueError for damage: it is as it was."""
    opened_by, content = unseal_file(path, old, store_id)
    pieces = (content[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    _write(path, new, store_id, opened_by, pieces)


def _write(
    target: Path, key: bytes, store_id: str, opened_by: Iterable[bytes], pieces: Iterator[bytes]
) -> None:
    temporary = target.with_name(target.name + ".new")
    chain = Chain(key, _place(target.name, store_id))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
        file.write(chain.seal(b"".join(opened_by)))
        for piece in pieces:
            file.write(chain.seal(piece))
        file.write(chain.seal(b""))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
    sync_directory(target.parent)


def is_sealed_by(path: Path, key: bytes, store_id: str) -> bool:
    """Say whether a sealed file is under this key. Raises OSError."""
    head = Chain(key, _place(path.name, store_id))
    with path.open("rb") as file:
        return next(head.open(file.read(64 * 1024)), None) is not None


def unseal_file(path: Path, key: bytes, store_id: str) -> tuple[list[bytes], bytes]:
    """Return the keys that may open what was sealed, and that content. Raises OSError, ValueError for damage."""
    return unseal(path.name, path.read_bytes(), key, store_id)


def unseal(name: str, sealed: bytes, key: bytes, store_id: str) -> tuple[list[bytes], bytes]:
    """Do as `unseal_file` with the content of a file of this name. Raises ValueError for damage."""
    frames = list(Chain(key, _place(name, store_id)).open(sealed))
    if len(frames) < 2 or frames[-1]:
        raise ValueError("not whole, or not of this key")
    head = frames[0]
    keys = [head[at : at + KEY_BYTES] for at in range(0, len(head), KEY_BYTES)]
    return keys, b"".join(frames[1:])


def _place(name: str, store_id: str) -> str:
    return f"{store_id}/{name}"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
