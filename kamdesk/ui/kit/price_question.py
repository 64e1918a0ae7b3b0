"""Asks whether a price in a text that others can read was meant; what was answered is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from kamdesk.domain.price_access import Look
from kamdesk.domain.price_guard import price_in
from kamdesk.services.reveals import note_look
from kamdesk.ui import discreet
from kamdesk.ui.kit.bits import button, fill, fixed, row, text
from kamdesk.ui.kit.forms import Field, Paragraph


class PriceQuestion:
    """One form's question. The user answers by saving again, or by changing the text."""

    def __init__(self) -> None:
        self._answered: set[str] = set()

    def asks(self, fields: Iterable[Field], sealable: Collection[Field] = ()) -> Field | None:
        """Ask beside the first field that tells a price nobody was asked about yet; return it.

        Of those that are `sealable` the question stays open until `keep` is called, or the text is sealed or changed.
        """
        for field in fields:
            told = price_in(_text_of(field.editor))
            if not told or told in self._answered:
                continue
            if field in sealable:
                words = QCoreApplication.translate(
                    "price_question",
                    "“{price}” looks like a price. Everybody who sees this record can read it, and it is searched.",
                )
            else:
                words = self._to_keep(told)
            field.set_error(words.format(price=discreet.DOTS if discreet.is_on() else told))
            field.editor.setFocus()
            return field
        return None

    def asks_about(self, text: str) -> str:
        """Return the question about a text that is no field of its own; "" where nothing is left to ask."""
        told = price_in(text)
        if not told or told in self._answered:
            return ""
        return self._to_keep(told).format(price=discreet.DOTS if discreet.is_on() else told)

    def _to_keep(self, told: str) -> str:
        self._answered.add(told)
        return QCoreApplication.translate(
            "price_question",
            "“{price}” looks like a price. Everybody who sees this record can read it, and it is searched. "
            "Prices belong into a contract. Take it out, or save again to keep it.",
        )

    def keep(self, field: Field) -> None:
        """Note that the price in a field was meant for everybody."""
        self._answered.add(price_in(_text_of(field.editor)))

    def noted(
        self, fields: Iterable[Field], save: Callable[[Any], object], record_id: str = ""
    ) -> Callable[[Any], object]:
        """Return what saves, and puts on record where somebody kept a price in a text though asked about it."""
        return self.noted_texts((_text_of(field.editor) for field in fields), save, record_id)

    def noted_texts(
        self, texts: Iterable[str], save: Callable[[Any], object], record_id: str = ""
    ) -> Callable[[Any], object]:
        """Do as `noted` for texts that are no fields."""
        if not any(price_in(one) in self._answered for one in texts):
            return save

        def run(work: Any) -> object:
            note_look(work, Look.WRITTEN, record_id)
            return save(work)

        return run


class PriceChoice(QFrame):
    """What becomes of a text that tells a price, where it can be sealed: Enter seals it."""

    decided = Signal(str)
    """`change`, `keep` or `seal`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        told = self.tr(
            "Sealed, it is read only by those who may see prices, while they are shown, and it is not searched."
        )
        self.change = button(self.tr("Change the text"), lambda: self.decided.emit("change"))
        self.keep = button(
            self.tr("Keep it as it is, on record"), lambda: self.decided.emit("keep")
        )
        self.seal = button(
            self.tr("Seal with the prices"), lambda: self.decided.emit("seal"), look="primary"
        )
        self.seal.setAutoDefault(True)
        words = fixed(text(told, "muted", wrap=True))
        layout = row(words, self.change, self.keep, self.seal)
        layout.setStretch(0, 1)
        fill(self, layout, margin=10)
        self.hide()

    def ask(self) -> None:
        """Show the choice, the safe one first."""
        self.show()
        self.seal.setFocus()


def _text_of(editor: QWidget) -> str:
    if isinstance(editor, Paragraph):
        return editor.toPlainText()
    if isinstance(editor, QLineEdit) and editor.echoMode() is QLineEdit.EchoMode.Normal:
        return editor.text()
    return ""
