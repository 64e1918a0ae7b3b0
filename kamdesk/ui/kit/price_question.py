"""Asks what becomes of a price in a text that others can read; what was answered is not asked again.

Nothing of it is saved before that is said. A text that can be sealed is sealed by who just saves again, for that loses
nothing; one that cannot loses its price only by somebody's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from kamdesk.domain.price_access import Look
from kamdesk.domain.price_guard import price_in, without_prices
from kamdesk.domain.values import dataclass
from kamdesk.services.reveals import note_look
from kamdesk.ui import discreet
from kamdesk.ui.kit.bits import button, column, fill, fixed, row, text
from kamdesk.ui.kit.forms import Field, Paragraph

SEAL, LEAVE_OUT, KEEP, CHANGE = "seal", "leave_out", "keep", "change"
"""What can become of a text that tells a price."""


class Asked(Protocol):
    """A text that a form asks about. Two of the same place are equal."""

    def text(self) -> str:
        """Return what is typed there; "" where nobody can read it."""

    def put(self, words: str) -> None:
        """Type something else there."""

    def say(self, words: str) -> None:
        """Say something beside it; "" takes that away."""

    def go(self) -> None:
        """Go there."""


@dataclass(frozen=True)
class FieldText:
    """What is typed in a field."""

    field: Field

    def text(self) -> str:
        editor = self.field.editor
        if isinstance(editor, Paragraph):
            return editor.toPlainText()
        if isinstance(editor, QLineEdit) and editor.echoMode() is QLineEdit.EchoMode.Normal:
            return editor.text()
        return ""

    def put(self, words: str) -> None:
        editor = self.field.editor
        if isinstance(editor, Paragraph):
            editor.setPlainText(words)
        elif isinstance(editor, QLineEdit):
            editor.setText(words)

    def say(self, words: str) -> None:
        self.field.set_error(words)

    def go(self) -> None:
        self.field.editor.setFocus()


@dataclass(frozen=True)
class LineText:
    """What is typed in a line that is no field; `tell` says something beside it."""

    edit: QLineEdit
    tell: Callable[[str], object]

    def text(self) -> str:
        return self.edit.text()

    def put(self, words: str) -> None:
        self.edit.setText(words)

    def say(self, words: str) -> None:
        self.tell(words)

    def go(self) -> None:
        self.edit.setFocus()


class PriceQuestion(QObject):
    """Belongs to one form. `choice`: where the user answers; saving again answers too, where that seals the text."""

    def __init__(self, form: QWidget, *, is_narrow: bool = False) -> None:
        super().__init__(form)
        self._kept: set[str] = set()
        self._asked: tuple[Asked, Callable[[], object]] | None = None
        self._told = ""
        self.choice = PriceChoice(is_narrow=is_narrow)
        self.choice.decided.connect(self.decide)

    def may_save(self, texts: Iterable[Asked], again: Callable[[], object]) -> bool:
        """Ask about the first of these texts that tells a price, and call `again` once that is answered.

        Returns whether nothing is left to ask.
        """
        before, self._asked = self._asked, None
        told_before, self._told = self._told, ""
        self.choice.hide()
        for one in texts:
            told = price_in(one.text())
            if told and told not in self._kept:
                break
        else:
            return True
        self._asked, self._told = (one, again), told
        words = self.tr(
            "“{price}” looks like a price. Everybody who sees this record can read it, and it is searched."
        )
        one.say(words.format(price=discreet.DOTS if discreet.is_on() else told))
        one.go()
        self.choice.ask(can_seal=self.can_seal(one))
        is_asked_again = before is not None and (before[0], told_before) == (one, told)
        if is_asked_again and self.can_seal(one):
            self.decide(SEAL)
        return False

    def is_kept(self, words: str) -> bool:
        """Say whether the price in these words was meant to be read by all."""
        return price_in(words) in self._kept

    def can_seal(self, _asked: Asked) -> bool:
        """Say whether a text can be kept with the prices."""
        return False

    def seal(self, _asked: Asked) -> None:
        """Keep a text that `can_seal` named with the prices."""

    def decide(self, what: str) -> None:
        """Do what was decided about the text that is asked about."""
        if self._asked is None:
            return
        one, again = self._asked
        self._asked = None
        self.choice.hide()
        one.say("")
        if what == CHANGE:
            one.go()
            return
        if what == LEAVE_OUT:
            one.put(without_prices(one.text()))
        elif what == SEAL:
            self.seal(one)
        else:
            self._kept.add(price_in(one.text()))
        again()

    def noted(
        self, texts: Iterable[Asked], save: Callable[[Any], object], record_id: str = ""
    ) -> Callable[[Any], object]:
        """Return what saves, and puts on record where somebody kept a price in a text though asked about it."""
        if not any(self.is_kept(one.text()) for one in texts):
            return save

        def run(work: Any) -> object:
            note_look(work, Look.WRITTEN, record_id)
            return save(work)

        return run


class PriceChoice(QFrame):
    """What can become of a text that tells a price: Enter seals it, where it can be sealed."""

    decided = Signal(str)
    """One of the ways above."""

    def __init__(self, *, is_narrow: bool = False) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._words = fixed(text("", "muted", wrap=True))
        self.change = button(self.tr("Change the text"), lambda: self.decided.emit(CHANGE))
        self.keep = button(self.tr("Keep it as it is, on record"), lambda: self.decided.emit(KEEP))
        self.leave_out = self._first(self.tr("Leave the price out"), LEAVE_OUT)
        self.seal = self._first(self.tr("Seal with the prices"), SEAL)
        self.seal.setAutoDefault(True)
        ways = (self.change, self.keep, self.leave_out, self.seal)
        if is_narrow:
            layout: Any = column(self._words, row(None, *ways))
        else:
            layout = row(self._words, *ways)
            layout.setStretch(0, 1)
        fill(self, layout, margin=10)
        self.hide()

    def _first(self, words: str, way: str) -> QPushButton:
        return button(words, lambda: self.decided.emit(way), look="primary")

    def ask(self, *, can_seal: bool) -> None:
        """Show the choice. One goes to sealing; to leaving out only by hand, for what was typed is gone with it."""
        self._words.setText(
            self.tr(
                "Sealed, it is read only by those who may see prices, while they are shown, and it is not searched."
            )
            if can_seal
            else self.tr("Prices belong in a contract, where they are sealed.")
        )
        self.seal.setVisible(can_seal)
        self.leave_out.setVisible(not can_seal)
        self.show()
        if can_seal:
            self.seal.setFocus()
