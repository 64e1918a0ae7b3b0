"""The part of the settings about how open prices stand on the screen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import Segments, column, fixed, text
from kamdesk.ui.price_lock import HELD, MASKING


class MaskCard(QWidget):
    """Lets the user choose whether open prices are dots until they are held."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        choices = [
            ("", self.tr("Shown while unlocked")),
            (HELD, self.tr("Dots until held")),
        ]
        self.choice = Segments(
            choices, lambda value: desk.prefer(MASKING, value), desk.preference(MASKING)
        )
        told = self.tr(
            "Held with the mouse or the space bar, the prices of a line are shown, and each time is noted. "
            "A price is seen while it is typed."
        )
        self.setLayout(
            column(
                text(self.tr("Prices on the screen"), "heading"),
                self.choice,
                fixed(text(told, "muted", wrap=True)),
            )
        )
