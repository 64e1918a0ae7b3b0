"""Parts of forms: a field with its label and its error, finding records while typing, several of them as chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import (
    QDate,
    QEvent,
    QObject,
    QPoint,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDateEdit,
    QFrame,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.customers import Found
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import speech, theme
from kamdesk.ui.icons import icon
from kamdesk.ui.kit.bits import pill, row, text
from kamdesk.ui.kit.discreet_rows import DiscreetRows
from kamdesk.ui.kit.flow import Lines
from kamdesk.ui.tasks import Tasks

PAUSE_MS = 90
_DISPUTED = QT_TRANSLATE_NOOP("forms", "Conflict")
_DISPUTED_MORE = QT_TRANSLATE_NOOP(
    "forms",
    "You and head office changed this. Head office's value is shown; what you type here settles it.",
)
Finder = Callable[[Any, str], Sequence[Found]]
"""(reader, what was typed) -> what was found."""


class Field(QWidget):
    """An editor with its label above and its error below."""

    def __init__(
        self, label: str, editor: QWidget, *, required: bool = False, hint: str = ""
    ) -> None:
        super().__init__()
        self.editor = editor
        editor.setAccessibleName(label)
        self._hint = hint
        self._label = text(f"{label} •" if required else label, "label")
        self._label.setBuddy(editor)
        self._below = text(hint, "caption", wrap=True)
        # Its height is ours to say, see `_fit`: layouts in layouts forget what depends on the width
        self._below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._below.setVisible(bool(hint))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._label)
        layout.addWidget(editor)
        layout.addWidget(self._below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words below the height that they need at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._below.setFixedHeight(max(0, self._below.heightForWidth(self.width())))

    def forget_error(self) -> None:
        """Take the error away, because what it was about is being typed anew."""
        if self._below.property("look") == "error":
            self.set_error("")

    def set_disputed(self) -> None:
        """Mark the field: two people changed it, it shows head office's value, and to edit it settles that."""
        badge = pill(speech.translate("forms", _DISPUTED), "amber")
        badge.setToolTip(speech.translate("forms", _DISPUTED_MORE))
        self.editor.setAccessibleDescription(badge.toolTip())
        line = row(self._label, badge, None)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertLayout(0, line)

    def set_hint(self, hint: str) -> None:
        """Say something quietly below the editor."""
        self._hint = hint
        if self._below.property("look") != "error":
            self._below.setText(hint)
            self._below.setVisible(bool(hint))
            self._fit()

    def set_error(self, words: str) -> None:
        """Say what is wrong, below the editor; "" takes it away."""
        theme.dress(self._below, "error" if words else "caption")
        self._below.setText(words or self._hint)
        self._below.setVisible(bool(words or self._hint))
        self._fit()
        self.editor.setProperty("wrong", "true" if words else "false")
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)
        self.editor.setAccessibleDescription(words)


class DayEdit(QDateEdit):
    """A day, with a calendar."""

    def __init__(self, value: date | None = None) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        self.setDisplayFormat(speech.typed_day())
        self.set_day(value or date(2000, 1, 1))

    def day(self) -> date:
        """Return the day."""
        return date(self.date().year(), self.date().month(), self.date().day())

    def set_day(self, value: date) -> None:
        """Show a day."""
        self.setDate(QDate(value.year, value.month, value.day))


class Paragraph(QPlainTextEdit):
    """Text of some lines. Tab leaves the field, as in every other one."""

    def __init__(self, lines: int = 3, placeholder: str = "") -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setPlaceholderText(placeholder)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * lines + 22)

    def sizeHint(self) -> QSize:
        """Take its lines, and more only of what is left over."""
        return QSize(super().sizeHint().width(), self.minimumHeight())


class SearchEdit(QLineEdit):
    """A line that finds while one types: a list opens below, arrows and Enter choose."""

    picked = Signal(object)
    """A Found, or the typed text when something new is to be made of it."""

    def __init__(
        self, tasks: Tasks, find: Finder, *, placeholder: str = "", offer_new: str = ""
    ) -> None:
        super().__init__()
        self._tasks, self._find, self._offer_new = tasks, find, offer_new
        self._found: list[Found | str] = []
        self._found_for: str | None = None
        self._picks_first = False
        self.setPlaceholderText(placeholder)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._ask)
        self.textEdited.connect(self._on_edited)
        self._list = QListView(self.window())
        self._list.setWindowFlags(Qt.WindowType.ToolTip)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(placeholder)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setStyleSheet("QListView { border: 1px solid palette(mid); padding: 4px; }")
        self._texts = QStringListModel(self)
        self._list.setModel(self._texts)
        self._list.setItemDelegate(DiscreetRows(self._list))
        self._list.clicked.connect(lambda index: self._pick(index.row()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.text() and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._timer.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._timer.stop()
        self._list.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self._list.isVisible():
            at = self._list.currentIndex().row()
            if key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
                step = 1 if key == Qt.Key.Key_Down else -1
                at = max(0, min(len(self._found) - 1, at + step))
                self._list.setCurrentIndex(self._texts.index(at, 0))
                return
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
                self._pick_now()
                return
            if key == Qt.Key.Key_Escape:
                self._list.hide()
                return
        elif key == Qt.Key.Key_Down:
            self._ask()
            return
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._timer.isActive():
            self._pick_now()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Tab
            and (self._list.isVisible() or self._timer.isActive())
            and self.text().strip()
        ):
            self._pick_now()
        return super().event(event)

    @property
    def is_listing(self) -> bool:
        """Say whether the list of what was found is open."""
        return self._list.isVisible()

    def choose(self) -> bool:
        """Choose what is marked, or the first of an answer still to come; False where nothing was found."""
        if self._found_for == self.text() and not self._found:
            return False
        self._pick_now()
        return True

    def search_again(self) -> None:
        """Forget what was found, because what can be found has changed."""
        self._found, self._found_for = [], None
        self._list.hide()

    def _on_edited(self, _: str) -> None:
        self._picks_first = False
        self._timer.start()

    def _pick_now(self) -> None:
        """Choose what is marked; where the answer to the last key is still to come, the first of it."""
        if self._found_for == self.text():
            self._pick(max(self._list.currentIndex().row(), 0))
            return
        self._picks_first = True
        self._timer.stop()
        self._ask()

    def _ask(self) -> None:
        typed = self.text()
        self._tasks.read(
            self,
            lambda reader: (typed, list(self._find(reader, typed))),
            lambda answer: self._show(*answer),
            key="find",
        )

    def _show(self, typed: str, found: list[Found]) -> None:
        if typed != self.text():
            return
        self._found, self._found_for = [*found], typed
        if self._offer_new and typed.strip():
            self._found.append(typed.strip())
        self._texts.setStringList([self._line(one) for one in self._found])
        if self._picks_first and self._found:
            self._picks_first = False
            self._pick(0)
            return
        if not self._found or not self.hasFocus():
            self._list.hide()
            return
        height = self._list.sizeHintForRow(0) * min(len(self._found), 9) + 14
        wide = self._list.sizeHintForColumn(0) + 40
        self._list.resize(max(self.width(), wide), height)
        self._list.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self._list.setCurrentIndex(self._texts.index(0, 0))
        self._list.show()
        self._list.raise_()

    def _line(self, one: Found | str) -> str:
        if isinstance(one, str):
            return self._offer_new.format(name=one)
        return f"{one.text}    {one.detail}" if one.detail else one.text

    def _pick(self, at: int) -> None:
        self._list.hide()
        self._timer.stop()
        if 0 <= at < len(self._found):
            self.picked.emit(self._found[at])


class RecordPicker(SearchEdit):
    """One record, found while typing; what is shown and not chosen counts as nothing."""

    changed = Signal()

    def __init__(self, tasks: Tasks, find: Finder, *, placeholder: str = "") -> None:
        super().__init__(tasks, find, placeholder=placeholder)
        self._chosen: Found | None = None
        self.picked.connect(self.set_record)
        self.textEdited.connect(self._forget)

    @property
    def record_id(self) -> str:
        """The id of the chosen record, or ""."""
        return self._chosen.id if self._chosen else ""

    def set_record(self, one: Found | None) -> None:
        """Choose a record."""
        self._chosen = one
        self.setText(one.text if one else "")
        self.setCursorPosition(0)
        self.changed.emit()

    def _forget(self, _: str) -> None:
        if self._chosen is not None:
            self._chosen = None
            self.changed.emit()


class Chips(QFrame):
    """Several records: each a word with a cross, and a line to find more."""

    changed = Signal()
    new_wanted = Signal(str)

    def __init__(
        self, tasks: Tasks, find: Finder, *, placeholder: str, remove: str, offer_new: str = ""
    ) -> None:
        super().__init__()
        self.setProperty("look", "chips")
        self._remove = remove
        self._chips: dict[str, Found] = {}
        self.edit = SearchEdit(tasks, find, placeholder=placeholder, offer_new=offer_new)
        self.edit.setAccessibleName(placeholder)
        self.edit.picked.connect(self._on_picked)
        self.edit.installEventFilter(self)
        self._lines = Lines()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.edit)
        layout.addWidget(self._lines)
        self.setFocusProxy(self.edit)

    @property
    def records(self) -> tuple[Found, ...]:
        """What was chosen, in its order."""
        return tuple(self._chips.values())

    def set_records(self, records: Sequence[Found]) -> None:
        """Show these."""
        self._chips = {one.id: one for one in records}
        self._paint()

    def add(self, one: Found) -> None:
        """Add one, unless it is there."""
        self._chips[one.id] = one
        self._paint()
        self.changed.emit()

    def remove(self, record_id: str) -> None:
        """Take one away."""
        self._chips.pop(record_id, None)
        self._paint()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Backspace
            and not self.edit.text()
            and self._chips
        ):
            self.remove(list(self._chips)[-1])
            return True
        return super().eventFilter(watched, event)

    def _on_picked(self, one: object) -> None:
        self.edit.clear()
        if isinstance(one, str):
            self.new_wanted.emit(one)
        elif isinstance(one, Found):
            self.add(one)

    def _paint(self) -> None:
        self._lines.show_parts([self._chip(one) for one in self._chips.values()])

    def _chip(self, one: Found) -> QPushButton:
        chip = QPushButton(self._short(one.text))
        chip.setProperty("look", "chip")
        chip.setIcon(icon("x"))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setToolTip(" · ".join(filter(None, (one.text, one.detail))))
        chip.setAccessibleName(self._remove.format(name=one.text))
        chip.setAutoDefault(False)
        chip.clicked.connect(lambda _=False, id_=one.id: self.remove(id_))
        return chip

    @staticmethod
    def _short(words: str) -> str:
        return words if len(words) <= 26 else words[:25] + "…"
