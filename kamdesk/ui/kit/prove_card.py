"""The part of the settings that proves it: looks for the user's prices in every file that KAMDesk wrote."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from kamdesk.domain.price_access import PriceState
from kamdesk.domain.rescue import Upkeep
from kamdesk.services import proving
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, clear, column, fixed, row, text
from kamdesk.ui.kit.unlock import show_prices

SHOWN = 20
_STEPS = 1000


class ProveCard(QWidget):
    """Searches on a thread of its own, with progress and a way to stop; says what was searched and what was found."""

    _told = Signal(int)

    def __init__(self, desk: Desk, upkeep: Upkeep) -> None:
        super().__init__()
        self._desk, self._upkeep = desk, upkeep
        self._stop = threading.Event()
        self._step = -1
        self._is_wanted = False  # as soon as prices are open
        self.prove = button(self.tr("Prove it"), self.start, image="search")
        self.stop = button(self.tr("Stop"), self._stop.set, look="quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("How far the search is"))
        self.said = QVBoxLayout()
        self.said.setSpacing(4)
        told = self.tr(
            "Looks for your real prices, in every form a number can be written in, and for the texts that are sealed "
            "with them, in all files that KAMDesk keeps on this computer."
        )
        self.setLayout(
            column(
                text(self.tr("No price in the clear"), "heading"),
                fixed(text(told, "muted", wrap=True)),
                self.said,
                self.bar,
                row(self.prove, self.stop, None),
            )
        )
        self._told.connect(self.bar.setValue)
        desk.prices.changed.connect(self._on_prices)
        self._show_busy(is_busy=False)

    def start(self) -> None:
        """Search; prices have to be open, for they are what is looked for."""
        if not self._desk.prices.is_open:
            self._is_wanted = True
            show_prices(self._desk, self)
            return
        self._is_wanted = False
        self._stop.clear()
        self._step = -1
        self._show_busy(is_busy=True)
        prices = self._desk.prices.prices
        self._desk.tasks.read(
            self,
            lambda reader: proving.needles_of(reader, prices),
            self._search,
            failed=self._failed,
        )

    def _search(self, needles: proving.Needles) -> None:
        folder = Path(self._upkeep.folder)
        self._desk.tasks.run(
            self,
            lambda: proving.search(
                proving.places_of(folder), needles, self._progress, self._stop.is_set
            ),
            self._paint,
            failed=self._failed,
        )

    def _progress(self, done: int, everything: int) -> None:
        step = done * _STEPS // max(everything, 1)
        if step != self._step:
            self._step = step
            self._told.emit(step)

    def _on_prices(self, state: PriceState) -> None:
        if state is not PriceState.OPEN:
            self._stop.set()  # what is looked for is not to be known any more
        elif self._is_wanted:
            self.start()

    def _show_busy(self, *, is_busy: bool) -> None:
        self.prove.setEnabled(not is_busy)
        self.stop.setVisible(is_busy)
        self.bar.setVisible(is_busy)
        self.bar.setValue(0)

    def _paint(self, report: proving.Report) -> None:
        self._show_busy(is_busy=False)
        clear(self.said)
        for words, look in self.lines(report):
            self.said.addWidget(fixed(text(words, look, wrap=True, select=True)))

    def lines(self, report: proving.Report) -> list[tuple[str, str]]:
        """Say what was searched and what was found, each with how it looks."""
        searched = self.tr(
            "{files} files, {size} MB, searched in {seconds} s for {prices} prices in {forms} forms."
        ).format(
            files=speech.number(report.files),
            size=speech.number(-(-report.bytes // 1_000_000)),
            seconds=speech.number(max(1, round(report.seconds))),
            prices=speech.number(report.prices),
            forms=len(proving.FORMS),
        )
        if report.texts:
            searched += " " + speech.counted(
                report.texts,
                self.tr("1 sealed text was looked for too."),
                self.tr("{n} sealed texts were looked for too."),
            )
        if not report.is_whole:
            return [(self.tr("Stopped before the end."), "strong"), (searched, "muted")]
        if report.prices == report.texts == 0:
            return [(self.tr("There is no price on this computer to look for."), "strong")]
        leaked = [one for one in report.hits if not one.is_opened]
        verdict = (
            speech.counted(
                len(leaked),
                self.tr("1 place holds a price in the clear. Tell your administrator."),
                self.tr("{n} places hold a price in the clear. Tell your administrator."),
            )
            if leaked
            else self.tr("No price was found in the clear.")
        )
        lines = [(verdict, "error" if leaked else "strong"), (searched, "muted")]
        lines += [(f"{one.place} ({one.form})", "") for one in leaked[:SHOWN]]
        opened = self.tr("{name} is a copy that you opened; it is removed when KAMDesk closes.")
        lines += [
            (opened.format(name=name), "muted")
            for name in sorted({Path(one.place).name for one in report.hits if one.is_opened})
        ]
        if report.unread:
            unread = speech.counted(
                len(report.unread),
                self.tr("1 file could not be opened:"),
                self.tr("{n} files could not be opened:"),
            )
            lines.append((unread, "muted"))
            lines += [(one, "muted") for one in report.unread[:SHOWN]]
        return lines

    def _failed(self, error: Exception) -> None:
        self._show_busy(is_busy=False)
        self._desk.fail(error)

    def hideEvent(self, event: Any) -> None:
        """Stop when nobody looks any more."""
        self._stop.set()
        super().hideEvent(event)
