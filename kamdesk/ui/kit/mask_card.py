"""The part of the settings about how open prices stand on the screen, and what locks them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import Segments, column, fixed, text
from kamdesk.ui.price_lock import HELD, LOCKS, MASKING, MINIMISED


class MaskCard(QWidget):
    """Lets the user choose whether open prices are dots until they are held, and locked with the window minimised."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        choices = [
            ("", self.tr("Shown while unlocked")),
            (HELD, self.tr("Dots until held")),
        ]
        self.choice = Segments(
            choices, lambda value: desk.prefer(MASKING, value), desk.preference(MASKING)
        )
        self.decided = fixed(text(self.tr("Head office decided this for your role."), wrap=True))
        self.minimised = Segments(
            [
                ("", self.tr("Stay open when minimised")),
                (LOCKS, self.tr("Lock when minimised")),
            ],
            lambda value: desk.prefer(MINIMISED, value),
            desk.preference(MINIMISED),
        )
        locks = self.tr(
            "They lock by themselves after five minutes without a key or the mouse, when the screen is locked and when "
            "the computer sleeps."
        )
        told = self.tr(
            "Held with the mouse or the space bar, the prices of a line are shown, and each time is noted. "
            "A price is seen while it is typed."
        )
        self.setLayout(
            column(
                text(self.tr("Prices on the screen"), "heading"),
                self.choice,
                self.decided,
                fixed(text(told, "muted", wrap=True)),
                self.minimised,
                fixed(text(locks, "muted", wrap=True)),
            )
        )
        desk.prices.masked.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what holds: head office's decision, or what the user chose."""
        is_decided = self._desk.prices.must_mask
        self.choice.setEnabled(not is_decided)
        self.choice.show_value(HELD if is_decided else self._desk.preference(MASKING))
        self.decided.setVisible(is_decided)
