"""What is inside packed and printed files, for the search for prices."""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from kamdesk.security import printed

LARGEST = 64 * 1024 * 1024
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What is raised where a file is not what it begins like."""


def parts_of(path: Path, head: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what is in a packed file, by name."""
    if path.stat().st_size > LARGEST:
        return
    if head.startswith(b"%PDF-"):
        yield path.stem, printed.text_of(path.read_bytes())
        return
    if head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as packed:
            for one in packed.infolist():
                if one.file_size <= LARGEST:
                    yield one.filename, packed.read(one)
        return
    readers: dict[bytes, Callable[[bytes], bytes]] = {
        b"\x1f\x8b": lambda data: zlib.decompressobj(wbits=31).decompress(data, LARGEST),
        b"\xfd7zXZ": lambda data: lzma.LZMADecompressor().decompress(data, LARGEST),
        b"BZh": lambda data: bz2.BZ2Decompressor().decompress(data, LARGEST),
    }
    for magic, unpack in readers.items():
        if head.startswith(magic):
            yield path.stem, unpack(path.read_bytes())
