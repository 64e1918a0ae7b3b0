"""Painted pages as a file."""

from __future__ import annotations

from pathlib import Path

from kamdesk.security.files import write_copy


def write_pdf(path: Path, pages: bytes) -> None:
    """Write what was painted, whole or not at all. Raises MachineError where the file cannot be written."""
    write_copy(path, pages)
