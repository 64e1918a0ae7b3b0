"""The grid in which the products of a contract are typed: keys do everything, rows come from Excel by paste."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from kamdesk.db.queries import sealed_texts
from kamdesk.db.queries.customers import Found, find_products, products_named
from kamdesk.db.queries.prices import Envelopes
from kamdesk.domain.price_access import PricesLocked
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.forms import RecordPicker
from kamdesk.ui.kit.grid_line import GridLine, with_note
from kamdesk.ui.kit.grid_model import GridModel, Index
from kamdesk.ui.kit.pasting import cells_of, tidy
from kamdesk.ui.secret_clipboard import takes_out

WIDTHS = {"pack": 92, "volume": 84, "unit": 60, "rebate": 80, "value": 116, "note": 120}
PRICE_WIDTH = 88
_ENDS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Cell(QStyledItemDelegate):
    """Edits one cell; Tab and Enter go on to the next one."""

    def __init__(self, grid: LineGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.open: QLineEdit | None = None
        """The editor of the cell that is being typed in."""
        self._is_secret = False

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = self._grid.rows
        key = model.keys[index.column()]
        edit = self._picker() if key == "product" else QLineEdit()
        edit.setParent(parent)
        edit.setProperty("look", "cell")
        edit.setAccessibleName(model.heading(key))
        if key == "volume" or model.is_secret(key):
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._is_secret = model.is_secret_cell(index.row(), key)
        if self._is_secret:
            edit.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            )
            edit.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        edit.setMaxLength(500)
        self.open = edit
        return edit

    def _picker(self) -> RecordPicker:
        picker = RecordPicker(
            self._grid.desk.tasks, find_products, placeholder=self.tr("Name, code or ATC code")
        )
        # Later: the one who tells is not to be gone while it tells
        picker.picked.connect(lambda _: QTimer.singleShot(0, picker, lambda: self._end(picker, 1)))
        return picker

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        line = self._grid.rows.lines[index.row()]
        if isinstance(editor, RecordPicker) and line.product_id:
            editor.set_record(Found(line.product_id, line.words, ""))
        else:
            editor.setText(self._grid.rows.text(index.row(), self._key(index)))

    def setModelData(self, editor: QWidget, _model: Any, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        rows, key = self._grid.rows, self._key(index)
        if isinstance(editor, RecordPicker) and editor.record_id:
            rows.choose(index.row(), Found(editor.record_id, editor.text(), ""))
            return
        may = not rows.is_secret_cell(index.row(), key) or self._grid.desk.prices.is_open
        if may and editor.text() != rows.text(index.row(), key):
            rows.type(index.row(), key, editor.text())

    def _key(self, index: Index) -> str:
        return self._grid.rows.keys[index.column()]

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if self._is_secret:
            if event.type() == QEvent.Type.MouseButtonRelease:
                QTimer.singleShot(0, self, self._empty_selection)
            if isinstance(event, QKeyEvent) and takes_out(event):
                return True
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(editor, event)
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it leaves the cell, not the form
            return True
        if event.type() == QEvent.Type.KeyPress:
            if isinstance(editor, RecordPicker) and self._is_for_list(editor, event):
                return False
            if self._ends(editor, event):
                return True
        return super().eventFilter(editor, event)

    def _empty_selection(self) -> None:
        """Take back what Linux copies of a marked price by itself."""
        clipboard, mode = QGuiApplication.clipboard(), QClipboard.Mode.Selection
        if clipboard.supportsSelection() and clipboard.ownsSelection():
            clipboard.clear(mode)

    @staticmethod
    def _is_for_list(editor: RecordPicker, event: QKeyEvent) -> bool:
        """Say whether a key chooses in the list of what was found."""
        return editor.is_listing and event.key() in {
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Escape,
        }

    def _ends(self, editor: QObject, event: QKeyEvent) -> bool:
        """Leave the cell on Tab, Enter and Escape; False for other keys."""
        key = Qt.Key(event.key())
        assert isinstance(editor, QLineEdit)
        if key == Qt.Key.Key_Escape:
            self.open = None
            self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.RevertModelCache)
            self._grid.setFocus()
            return True
        if key not in _ENDS or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        is_pending = isinstance(editor, RecordPicker) and editor.text() and not editor.record_id
        if is_pending and isinstance(editor, RecordPicker) and editor.choose():
            return True  # it goes on when the product is chosen
        self._end(editor, -1 if key == Qt.Key.Key_Backtab else 1, key)
        return True

    def finish(self) -> None:
        """Take over what stands in the open editor, and close it."""
        editor, self.open = self.open, None
        if editor is not None and shiboken6.isValid(editor):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
            self._grid.setFocus()

    def _end(self, editor: QWidget, step: int, key: Qt.Key = Qt.Key.Key_Return) -> None:
        if editor is not self.open:
            return  # it was left by another way
        self.finish()
        self._grid.step(step, adds=key in {Qt.Key.Key_Return, Qt.Key.Key_Enter})

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if self._grid.rows.complaint(index.row(), self._key(index)):
            painter.save()
            painter.setPen(QPen(theme.colour("red"), 1.4))
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -2), 4, 4)
            painter.restore()


class LineGrid(QTableView):
    """Rows of products. Tab and Enter go on, Enter at the end adds a row, Ctrl+Delete takes one away."""

    def __init__(self, desk: Desk, fields: Sequence[str], *, name: str) -> None:
        super().__init__()
        self.desk = desk
        self.setAccessibleName(name)
        self.rows = GridModel(desk.prices, fields)
        self.rows.setParent(self)
        self.setModel(self.rows)
        self._cell = _Cell(self)
        self.setItemDelegate(self._cell)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setProperty("look", "grid")
        self.verticalHeader().setDefaultSectionSize(theme.ROW - 3)
        self.verticalHeader().setMinimumWidth(32)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setSectionsClickable(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for at, key in enumerate(self.rows.keys):
            self.setColumnWidth(at, WIDTHS.get(key, PRICE_WIDTH))
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        desk.prices.changed.connect(self._on_lock)
        desk.prices.locking.connect(self._on_locking)

    # ---- going

    def step(self, by: int, *, adds: bool = False) -> bool:
        """Go to the next cell that can be typed in, or the one before; at the end add a row or say False."""
        keys, at = self.rows.keys, self.currentIndex()
        place = at.row() * len(keys) + at.column() + by
        while 0 <= place < len(keys) * len(self.rows.lines):
            index = self.rows.index(place // len(keys), place % len(keys))
            if index.flags() & Qt.ItemFlag.ItemIsEditable:
                self.setCurrentIndex(index)
                return True
            place += by
        if adds and by > 0:
            self.add_row()
            return True
        return False

    def add_row(self) -> None:
        """Add an empty row at the end and go there."""
        self.rows.insert(len(self.rows.lines), GridLine())
        self.go(len(self.rows.lines) - 1, "product")

    def go(self, at: int, key: str) -> None:
        """Go to a cell."""
        if at < len(self.rows.lines) and key in self.rows.keys:
            self.setCurrentIndex(self.rows.index(at, self.rows.keys.index(key)))

    def remove_row(self) -> None:
        """Take the current row away; the grid's undo brings it back."""
        at = self.currentIndex().row()
        if at < 0:
            return
        key = self.rows.keys[self.currentIndex().column()]
        self.rows.remove(at)
        if not self.rows.lines:
            self.rows.insert(0, GridLine())
        self.go(min(at, len(self.rows.lines) - 1), key)

    def finish(self) -> None:
        """Take over what stands in an open editor."""
        self._cell.finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        is_ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not is_ctrl:
            self.step(1, adds=True)
        elif key == Qt.Key.Key_Delete and is_ctrl:
            self.remove_row()
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self._clear()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self._undo()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and held & Qt.KeyboardModifier.AltModifier:
            self._move(-1 if key == Qt.Key.Key_Up else 1)
        elif event.matches(QKeySequence.StandardKey.Copy):
            event.accept()  # nothing is copied out of a grid that holds prices
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+Z for the rows, before the window's own."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001  # Qt's signature
        """Go to the next cell with Tab, and out of the grid at its ends."""
        return self.step(1 if forward else -1) or QWidget.focusNextPrevChild(self, forward)

    def _clear(self) -> None:
        index = self.currentIndex()
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.rows.type(index.row(), self.rows.keys[index.column()], "")

    def _undo(self) -> None:
        at = self.currentIndex()
        if self.rows.undo() and self.rows.lines:
            self.setCurrentIndex(
                self.rows.index(
                    min(max(at.row(), 0), len(self.rows.lines) - 1), max(at.column(), 0)
                )
            )

    def _move(self, by: int) -> None:
        at = self.currentIndex()
        if self.rows.move(at.row(), at.row() + by):
            self.setCurrentIndex(self.rows.index(at.row() + by, at.column()))

    # ---- prices

    def _on_locking(self) -> None:
        self.finish()
        with suppress(PricesLocked):  # meanwhile, by another thread
            self.rows.hide_notes()

    def _on_lock(self, _: object) -> None:
        self.show_notes()
        self.viewport().update()

    def show_notes(self) -> None:
        """Let notes be read again that were hidden for as long as prices were locked."""
        if self.desk.prices.is_open:
            with suppress(PricesLocked):
                self.rows.show_notes()

    def wanted_prices(self) -> list[str]:
        """Return the ids of rows whose stored prices are still to be read."""
        return [line.id for line in self.rows.lines if line.waits]

    def take_prices(
        self, prices: dict[str, Envelopes], notes: dict[str, sealed_texts.Envelopes]
    ) -> None:
        """Take in stored prices and sealed notes; where one stands stays current."""
        at = self.currentIndex()
        self.rows.take_prices(prices, notes)
        if at.row() >= 0:
            self.setCurrentIndex(self.rows.index(at.row(), at.column()))

    # ---- pasting

    def paste(self, words: str) -> None:
        """Put rows from Excel where one stands; products are looked up by what they are called."""
        cells = cells_of(words)
        if not cells:
            return
        index, keys = self.currentIndex(), [key for key in self.rows.keys if key != "value"]
        row = max(index.row(), 0)
        first = self.rows.keys[max(index.column(), 0)]
        keys = keys[keys.index(first) if first in keys else 0 :]
        names = [line[0].strip() for line in cells if line] if keys[0] == "product" else []
        self.desk.tasks.read(
            self,
            lambda reader: products_named(reader, names),
            lambda known: self._put_rows(row, keys, cells, known),
            key="paste",
        )

    def _put_rows(
        self, row: int, keys: list[str], cells: list[list[str]], known: dict[str, Found]
    ) -> None:
        lines = list(self.rows.lines)
        is_open = self.desk.prices.is_open
        left_out = False
        for at, given in enumerate(cells, start=row):
            line = lines[at] if at < len(lines) else GridLine()
            for key, typed in zip(keys, given, strict=False):
                is_secret = self.rows.is_secret(key) or (key == "note" and line.note_kept)
                if is_secret and not is_open:
                    left_out |= bool(typed.strip())
                    continue
                line = self._with(line, key, tidy(typed, key), known)
            lines[at : at + 1] = [line]
        self.rows.set_lines(lines)
        self.go(row, keys[0])
        one, many = self.tr("1 row pasted"), self.tr("{n} rows pasted")
        if left_out:
            one = self.tr("1 row pasted, its prices not: prices are locked")
            many = self.tr("{n} rows pasted, their prices not: prices are locked")
        told = speech.counted(len(cells), one, many)
        self.desk.say(told)

    def _with(self, line: GridLine, key: str, typed: str, known: dict[str, Found]) -> GridLine:
        if key == "product":
            found = known.get(typed)
            words = found.text if found else typed
            return replace(line, product_id=found.id if found else "", words=words)
        if self.rows.is_secret(key):
            sealed = {**line.sealed}
            sealed.pop(key, None)
            if typed:
                sealed[key] = self.desk.prices.prices.seal_text(self.rows.place, typed)
            return replace(line, sealed=sealed, typed=True)
        if key == "note":
            return with_note(line, typed, self.desk.prices.prices, self.rows.place)
        return replace(line, **{key: typed})  # type: ignore[arg-type]  # all are texts
