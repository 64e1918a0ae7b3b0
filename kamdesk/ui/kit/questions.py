"""Short questions over a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.small_form import SmallForm


def ask_reason(
    desk: Desk, parent: QWidget, title: str, label: str, save: Callable[[Any, str], object]
) -> None:
    """Ask for a reason and hand it to `save(work, reason)`; an error stands beside the line."""
    form = SmallForm(
        desk, parent, title, {"reason": label}, {}, lambda work, typed: save(work, typed["reason"])
    )
    form.open()
