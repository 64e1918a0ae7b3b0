"""A screen with a list that is searched on the left and the chosen record on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.listing import Wanted, page
from kamdesk.domain.changes import Changes
from kamdesk.domain.price_access import Look, PriceState
from kamdesk.ui import discreet, theme
from kamdesk.ui.desk import Desk, Export, Screen
from kamdesk.ui.kit.bits import Segments, card, column, fill, row
from kamdesk.ui.kit.list_model import PAUSE_MS
from kamdesk.ui.kit.lists import Column, RecordTable, keep_sorting

KEEP_MS = 600


class ListScreen(Screen):
    """Subclasses call `lay_out` and write `wanted`, `show_page` and, if need be, `list_again` and `on_opened`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.chosen_value = ""
        """The value of the segment that is down."""
        self.shown = ""
        """The id of the record whose page is shown."""
        self.page = QVBoxLayout()
        self._painted: Any = None
        self._seen = ""
        desk.prices.masked.connect(self._tell_seen)

    def lay_out(
        self,
        columns: Sequence[Column],
        choices: list[tuple[str, str]],
        *,
        placeholder: str,
        name: str,
        empty: QWidget,
        filters: Sequence[QWidget] = (),
        sizes: tuple[int, int] = (560, 600),
    ) -> None:
        """Build both sides; `empty` is shown in place of a list without rows, `filters` beside the search.

        `sizes`: of list and page, until somebody moves what is between them.
        """
        self._columns = columns
        # From the outside in: whatever moves into another widget later takes on its style anew with all it holds
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        layout.addWidget(self._splitter)
        left, right = card(), card()
        self._splitter.addWidget(left)
        self._splitter.addWidget(right)
        fill(right, self.page, margin=18)
        self.typed = QLineEdit(left)
        self.typed.setPlaceholderText(placeholder)
        self.typed.setAccessibleName(placeholder)
        self.typed.setClearButtonEnabled(True)
        # Without a pause: the question of the key before is interrupted
        self.typed.textChanged.connect(lambda _: self.list_again())
        self._left = QStackedWidget(left)
        self.table = RecordTable(self.desk.tasks, columns, self.wanted, self._left, name=name)
        keep_sorting(self, self.table, self.list_again)
        self.table.typed.connect(self._on_typed_elsewhere)
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self.on_opened)
        self.table.records.loaded.connect(self._on_listed)
        self._left.addWidget(self.table)
        self._left.addWidget(empty)
        choosing = Segments(choices, self._on_segment, "")
        listing = column(row(self.typed, *filters), choosing, self._left, gap=theme.SMALL)
        fill(left, listing, margin=12)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes(list(sizes))
        kept = self.desk.preference(f"splitter.{self.name}")
        self._splitter.restoreState(QByteArray.fromBase64(kept.encode()))
        self._moving = self._after(KEEP_MS, self._keep_splitter)
        # The page of the first record comes when its row is on the screen
        self._opening = self._after(PAUSE_MS // 2, self._open_first)
        self._splitter.splitterMoved.connect(lambda *_: self._moving.start())

    def _after(self, pause: int, run: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(pause)
        timer.timeout.connect(run)
        return timer

    # ---- for subclasses

    def wanted(self) -> Wanted:
        """Return what the list is to show now, by what was typed and chosen."""
        raise NotImplementedError

    def list_again(self) -> None:
        """Read the list anew, and what is said about it."""
        self.table.records.refresh()

    def show_page(self, record_id: str) -> None:
        """Read and paint the page of one record."""
        raise NotImplementedError

    def paint(self, found: Any) -> None:
        """Have `paint_page` paint what was read, unless it stands there already."""
        if found is None or found != self._painted:
            self._painted = found
            self.paint_page()

    def paint_page(self) -> None:
        """Paint the page of what was read last."""

    def follow_prices(self) -> None:
        """Paint the page anew whenever prices are opened or locked: it has sealed texts."""
        self.desk.prices.changed.connect(self._on_prices)

    @Slot(object)
    def _on_prices(self, _state: PriceState) -> None:
        self.paint_page()

    def shows_sealed(self, record_id: str) -> None:
        """Note whose prices or sealed texts stand on the page, "": nobody's; who sees them goes on record."""
        self._seen = record_id
        self._tell_seen()

    @Slot()
    def _tell_seen(self) -> None:
        lock = self.desk.prices
        is_read = lock.is_open and not lock.is_masked and not discreet.is_on()
        if self._seen and is_read and self.isVisible():  # a page behind another one is seen by nobody
            lock.looked.emit(Look.SHOWN, self._seen)

    def on_opened(self, record_id: str) -> None:
        """Do what Enter or a double click on a row means."""

    def export_columns(self) -> Sequence[Column]:
        """Return what an export holds, which may be more than the list has room for."""
        return self._columns

    # ---- Screen

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_seen()

    def export(self) -> Export:
        """Give the list as it is filtered."""
        wanted = self.wanted()
        return Export(
            self.title(),
            self.export_columns(),
            lambda reader, offset, limit: page(reader, wanted, offset=offset, limit=limit),
        )

    def search(self) -> None:
        """Go to the search field."""
        self.typed.setFocus()
        self.typed.selectAll()

    def sort(self) -> None:
        """Offer the columns to sort by."""
        self.table.ask_sort()

    def memory(self) -> dict[str, str]:
        """Keep what was typed and what is shown."""
        return {"typed": self.typed.text(), "shown": self.shown}

    def recall(self, memory: dict[str, str]) -> None:
        """Show the same again."""
        self.typed.setText(memory["typed"])
        if memory["shown"]:
            self.open_record(memory["shown"])

    def concerns(self, changes: Changes) -> bool:
        """Also when something needs the user: it is said beside its record."""
        return super().concerns(changes) or changes.issues

    def refresh(self) -> None:
        """Read list and page again."""
        self.list_again()
        if self.shown:
            self.show_page(self.shown)

    def open_record(self, record_id: str) -> None:
        """Show one record, listed or not."""
        self.table.choose(record_id)
        if self.shown != record_id:  # it is not among the rows that were read
            self._on_chosen(record_id)

    def _on_chosen(self, record_id: str) -> None:
        self.shown = record_id
        self.show_page(record_id)

    def _on_segment(self, value: str) -> None:
        self.chosen_value = value
        self.list_again()

    def _on_listed(self) -> None:
        first = self.table.records.line(0)
        self._left.setCurrentIndex(0 if self.table.records.rowCount() else 1)
        if not self.shown and first is not None:
            self._opening.start()

    def _open_first(self) -> None:
        first = self.table.records.line(0)
        if not self.shown and first is not None:
            self.open_record(first.id)

    def _on_typed_elsewhere(self, typed: str) -> None:
        self.typed.setFocus()
        self.typed.insert(typed)

    def _keep_splitter(self) -> None:
        state = self._splitter.saveState().toBase64().toStdString()
        self.desk.prefer(f"splitter.{self.name}", state)
