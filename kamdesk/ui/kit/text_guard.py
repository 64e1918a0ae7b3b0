"""A form's guard over texts that tell a price: asks before they are saved, and seals those that are to be sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.kit.price_question import PriceChoice, PriceQuestion
from kamdesk.ui.kit.sealed_fields import SealedFields
from kamdesk.ui.kit.unlock import show_prices


class TextGuard(QObject):
    """Belongs to one form. `choice`: the row with what can become of a text; `sealed`: None where nothing can be.

    `show_prices`: the button that opens them, while a text of the form cannot be read for want of the key.
    """

    def __init__(self, desk: Desk, form: QWidget) -> None:
        super().__init__(form)
        self._desk, self._form = desk, form
        self._question = PriceQuestion()
        self._asked: tuple[Field, Callable[[], object]] | None = None
        self._waits_for_key = False
        self.sealed: SealedFields | None = None
        self.choice = PriceChoice()
        self.choice.decided.connect(self._decide)
        self.show_prices = button(
            self.tr("Show prices"), lambda: show_prices(desk, form), image="eye", look="quiet"
        )
        self.show_prices.hide()

    def offer_sealing(self, fields: Mapping[str, Field], place: str) -> None:
        """Let these texts be kept with the prices."""
        self.sealed = SealedFields(self._desk, self._form, fields, place)
        self.sealed.shown.connect(self.show_prices.setHidden)
        self._desk.prices.changed.connect(self._go_on)

    @property
    def names(self) -> frozenset[str]:
        """The fields whose texts are kept with the prices."""
        return frozenset(self.sealed.names if self.sealed is not None else ())

    def may_save(
        self, fields: Mapping[str, Field], record_id: str, again: Callable[[], object]
    ) -> bool:
        """Ask about a price in a text, and call `again` once it is answered; say whether nothing is left to ask."""
        before, self._asked = self._asked, None
        self._waits_for_key = False
        self.choice.hide()
        if self.sealed is not None and (shut := self.sealed.unread(record_id)) is not None:
            shut.set_error(speech.words(PricesLocked()))
            show_prices(self._desk, self._form)
            return False
        can_seal = self.sealed.offered if self.sealed is not None else ()
        asked = self._question.asks(self._told_to_all(fields), can_seal)
        if asked is None:
            return True
        if asked in can_seal:
            self._asked = (asked, again)
            self.choice.ask()
            if before is not None and before[0] is asked:
                self._decide("seal")  # saved again without a word about it
        return False

    def noted(
        self, fields: Mapping[str, Field], save: Callable[[Any], object], record_id: str
    ) -> Callable[[Any], object]:
        """Return what saves, and puts on record where somebody kept a price in a text for all."""
        return self._question.noted(self._told_to_all(fields), save, record_id)

    def asks_about(self, text: str) -> str:
        """Return the question about a text that is no field of the form, once; "" where nothing is left to ask."""
        return self._question.asks_about(text)

    def noted_texts(
        self, texts: Iterable[str], save: Callable[[Any], object], record_id: str
    ) -> Callable[[Any], object]:
        """Do as `noted` for texts that are no fields."""
        return self._question.noted_texts(texts, save, record_id)

    def _told_to_all(self, fields: Mapping[str, Field]) -> list[Field]:
        names = self.names
        return [field for name, field in fields.items() if name not in names]

    def _decide(self, what: str) -> None:
        if self._asked is None or self.sealed is None:
            return
        field, again = self._asked
        if what == "seal" and not self._desk.prices.is_open:
            self._waits_for_key = True
            asking = show_prices(self._desk, self._form)
            if asking is not None:
                asking.rejected.connect(self._wait_no_more)
            return
        self._asked = None
        self.choice.hide()
        if what == "change":
            field.set_error("")
            field.editor.setFocus()
            return
        if what == "seal":
            self.sealed.seal(self.sealed.name_of(field))
        else:
            self._question.keep(field)
        again()

    @Slot()
    def _wait_no_more(self) -> None:
        """Seal nothing and save nothing when prices are opened later, for another reason."""
        self._waits_for_key = False

    @Slot(object)
    def _go_on(self, _state: PriceState) -> None:
        """Seal what waited for the prices to be opened."""
        if self._waits_for_key and self._desk.prices.is_open:
            self._waits_for_key = False
            self._decide("seal")
