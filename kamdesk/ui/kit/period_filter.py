"""From when a list shows what it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QComboBox

from kamdesk.domain import clock
from kamdesk.domain.period import Period, bounds
from kamdesk.ui import speech


class PeriodFilter(QComboBox):
    """Any time, or a period that moves with today."""

    def __init__(self, chosen: Callable[[], object], at: Period = Period.ANY) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Period"))
        for one in Period:
            self.addItem(speech.word(one.value), one.value)
        self.choose(at)
        self.currentIndexChanged.connect(lambda _: chosen())

    def choose(self, period: Period) -> None:
        """Choose a period."""
        self.setCurrentIndex(self.findData(period.value))

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """The first and the last day that are shown; None without an end."""
        return bounds(Period(self.currentData()), clock.today())
