"""Files that come packed (gz): unpacked beside the program's temporary files while they are read, then gone."""

from __future__ import annotations

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

MAX_UNPACKED = 512 * 1024 * 1024
_CHUNK = 1 << 20


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the file itself or, for one that is packed, its content. Raises UserError where that cannot be done."""
    if not _is_packed(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="kamdesk-") as folder:
        content = Path(folder) / (path.stem or "table")
        try:
            _unpack(path, content)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "importers", "The packed file is damaged. Pack or download it again."
                ),
                code="PACKED_DAMAGED",
                context="importers",
            ) from error
        yield content


def _is_packed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError:
        return False  # whoever opens it says what is wrong


def _unpack(path: Path, content: Path) -> None:
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        size = int.from_bytes(file.read(4), "little")  # what it says; counted as well
    if size > MAX_UNPACKED:
        raise _too_large()
    size = 0
    with gzip.open(path) as packed, content.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > MAX_UNPACKED:
                raise _too_large()
            file.write(chunk)


def _too_large() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers", "The file is larger than {max} MB. Split it and import the parts."
        ),
        code="FILE_TOO_LARGE",
        context="importers",
        max=MAX_UNPACKED // (1024 * 1024),
    )
