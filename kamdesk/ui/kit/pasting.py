"""Rows as they come from the clipboard of a spreadsheet."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

MOST_ROWS = 500
MOST_PASTED = 16_000_000  # characters
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+\.\d+")


def cells_of(words: str) -> list[list[str]]:
    """Divide what was copied into rows and cells, at most 500 rows; a cell may hold line ends in quotes."""
    if "\t" not in words and '"' not in words:
        lines = [[line] for line in words.splitlines()]
    else:
        lines = list(csv.reader(words.splitlines(keepends=True), delimiter="\t"))
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    return lines[:MOST_ROWS]


def is_table(words: str) -> bool:
    """Say whether what was copied are cells: several columns."""
    return "\t" in words.strip("\r\n")


def on_paste(screen: QWidget, run: Callable[[], object]) -> None:
    """Run something on Ctrl+V anywhere in a screen, except in a field that takes the text itself."""
    shortcut = QShortcut(QKeySequence.StandardKey.Paste, screen)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(run)


def tidy(typed: str, key: str) -> str:
    """Take away what a spreadsheet adds to a number: blanks, the sign of a currency, groups that are sure to be some.

    "1,234" stays as it is: it may be one and a quarter.
    """
    plain = " ".join(typed.split())
    if key in {"product", "pack", "unit", "note"}:
        return plain
    plain = unicodedata.normalize("NFKC", plain).replace(" ", "").strip("¥€£$")
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
