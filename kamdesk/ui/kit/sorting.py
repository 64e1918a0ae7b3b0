"""What every table that can be sorted does alike: what a click on a heading means, and the menu for the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QTableView


class Choice(NamedTuple):
    """One thing to sort by: its words, whether the table is sorted by it, what choosing it does."""

    words: str
    is_it: bool
    act: Callable[[], object]
    is_enabled: bool = True


def after_click(clicked: str, sort: str, *, descending: bool) -> tuple[str, bool]:
    """Return what a table that goes by `sort` goes by next, and which way: upwards, downwards, as it was."""
    is_it = clicked == sort
    return ("", False) if is_it and descending else (clicked, is_it)


def sort_menu(table: QTableView, name: str, choices: Iterable[Choice]) -> QMenu:
    """Make the menu that offers what a table can be sorted by; `name` is for screen readers."""
    menu = QMenu(table)
    menu.setAccessibleName(name)
    for one in choices:
        made = menu.addAction(one.words, one.act)
        made.setEnabled(one.is_enabled)
        made.setCheckable(True)
        made.setChecked(one.is_it)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def pop_up(menu: QMenu, table: QTableView) -> None:
    """Show the menu below the headings of its table."""
    menu.popup(table.mapToGlobal(QPoint(8, table.horizontalHeader().height())))
