"""Asks once whether a price in a text that others can read was meant; what was answered is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from kamdesk.domain.price_access import Look
from kamdesk.domain.price_guard import price_in
from kamdesk.services.reveals import note_look
from kamdesk.ui import discreet
from kamdesk.ui.kit.forms import Field, Paragraph


class PriceQuestion:
    """One form's question. The user answers by saving again, or by changing the text."""

    def __init__(self) -> None:
        self._answered: set[str] = set()

    def asks(self, fields: Iterable[Field]) -> bool:
        """Ask beside the first field that tells a price nobody was asked about yet; say whether one was asked."""
        for field in fields:
            told = price_in(_text_of(field.editor))
            if not told or told in self._answered:
                continue
            self._answered.add(told)
            words = QCoreApplication.translate(
                "price_question",
                "“{price}” looks like a price. Everybody who sees this record can read it, and it is searched. Prices "
                "belong into a contract. Take it out, or save again to keep it.",
            )
            field.set_error(words.format(price=discreet.DOTS if discreet.is_on() else told))
            field.editor.setFocus()
            return True
        return False


    def noted(
        self, fields: Iterable[Field], save: Callable[[Any], object], record_id: str = ""
    ) -> Callable[[Any], object]:
        """Return what saves, and puts on record where somebody kept a price in a text though asked about it."""
        if not any(price_in(_text_of(field.editor)) in self._answered for field in fields):
            return save

        def run(work: Any) -> object:
            note_look(work, Look.WRITTEN, record_id)
            return save(work)

        return run


def _text_of(editor: QWidget) -> str:
    if isinstance(editor, Paragraph):
        return editor.toPlainText()
    if isinstance(editor, QLineEdit) and editor.echoMode() is QLineEdit.EchoMode.Normal:
        return editor.text()
    return ""
