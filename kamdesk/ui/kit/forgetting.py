"""What was typed in secret is not left in memory, where Qt frees a text without writing over it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit

_BLOCKS = 128
_HEAD = 16  # of a text of Qt's, before its letters


def forget(edit: QLineEdit) -> None:
    """Empty a field, and write over the room that its text had."""
    length = len(edit.text())
    with QSignalBlocker(edit):
        edit.clear()
    forget_text(length)


def forget_text(length: int) -> None:
    """Write over the room that a text had which was just freed; at once, for it is given out again before others."""
    # A text that grew has room for up to twice as much; it is this thread's freed memory that is given out again
    for size in range(_HEAD + 2 * length, 2 * _HEAD + 4 * length + 32, 16):
        _write_over(size)


def forget_all(edits: Iterable[QLineEdit]) -> None:
    """Empty the fields whose letters are not shown."""
    for one in edits:
        if one.echoMode() is not QLineEdit.EchoMode.Normal:
            forget(one)


def forget_freed() -> None:
    """Write over the texts that widgets of this thread had until now. Takes some milliseconds."""
    for size in range(32, 1040, 16):
        _write_over(size)


def _write_over(size: int) -> None:
    take, give = ctypes.pythonapi.PyMem_RawMalloc, ctypes.pythonapi.PyMem_RawFree
    take.restype, take.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    give.restype, give.argtypes = None, [ctypes.c_void_p]
    blocks = [take(size) for _ in range(_BLOCKS)]
    for block in blocks:
        if block:
            ctypes.memset(block, 0, size)
            give(block)
