"""A form's guard over texts that tell a price: asks before they are saved, and seals those that are to be sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.kit.price_question import SEAL, Asked, FieldText, PriceQuestion
from kamdesk.ui.kit.sealed_fields import SealedFields
from kamdesk.ui.kit.unlock import show_prices


@runtime_checkable
class SealableText(Protocol):
    """A text besides those of the fields that can be sealed with the prices."""

    def seal(self) -> None:
        """Keep it with the prices from now on; they are open."""


class TextGuard(PriceQuestion):
    """Belongs to one form. `sealed`: its fields that can be sealed; None where none can be.

    `show_prices`: the button that opens them, while a text of the form cannot be read for want of the key.
    """

    def __init__(self, desk: Desk, form: QWidget) -> None:
        super().__init__(form)
        self._desk, self._form = desk, form
        self._waits_for_key = False
        self.sealed: SealedFields | None = None
        self.show_prices = button(
            self.tr("Show prices"), lambda: show_prices(desk, form), image="eye", look="quiet"
        )
        self.show_prices.hide()
        desk.prices.changed.connect(self._go_on)

    def offer_sealing(self, fields: Mapping[str, Field], place: str) -> None:
        """Let these texts be kept with the prices."""
        self.sealed = SealedFields(self._desk, self._form, fields, place)
        self.sealed.shown.connect(self.show_prices.setHidden)

    @property
    def names(self) -> frozenset[str]:
        """The fields whose texts are kept with the prices."""
        return frozenset(self.sealed.names if self.sealed is not None else ())

    def has_key_for(self, record_id: str) -> bool:
        """Say whether every text can be saved to this record; ask for the key where one cannot."""
        shut = self.sealed.unread(record_id) if self.sealed is not None else None
        if shut is None:
            return True
        shut.set_error(speech.words(PricesLocked()))
        show_prices(self._desk, self._form)
        return False

    def may_save(self, texts: Iterable[Asked], again: Callable[[], object]) -> bool:
        """Do as every question, but of the texts that are sealed already."""
        self._waits_for_key = False
        return super().may_save(self._told_to_all(texts), again)

    def noted(
        self, texts: Iterable[Asked], save: Callable[[Any], object], record_id: str = ""
    ) -> Callable[[Any], object]:
        """Do as every question, but of the texts that are sealed."""
        return super().noted(self._told_to_all(texts), save, record_id)

    def _told_to_all(self, texts: Iterable[Asked]) -> list[Asked]:
        sealed = [self.sealed.field(name) for name in self.names] if self.sealed else []
        return [one for one in texts if not (isinstance(one, FieldText) and one.field in sealed)]

    def can_seal(self, asked: Asked) -> bool:
        """Say whether a text can be kept with the prices."""
        if isinstance(asked, FieldText):
            return self.sealed is not None and asked.field in self.sealed.offered
        is_allowed = self._desk.prices.state is not PriceState.ABSENT
        return is_allowed and isinstance(asked, SealableText)

    def decide(self, what: str) -> None:
        """Do what was decided; ask for the key first where it takes one."""
        if self._asked is not None and what == SEAL and not self._desk.prices.is_open:
            self._waits_for_key = True
            asking = show_prices(self._desk, self._form)
            if asking is not None:
                asking.rejected.connect(self._wait_no_more)
            return
        super().decide(what)

    def seal(self, asked: Asked) -> None:
        """Keep a field or another text with the prices from now on; they are open."""
        if isinstance(asked, FieldText) and self.sealed is not None:
            self.sealed.seal(self.sealed.name_of(asked.field))
        elif isinstance(asked, SealableText):
            asked.seal()

    @Slot()
    def _wait_no_more(self) -> None:
        """Seal nothing and save nothing when prices are opened later, for another reason."""
        self._waits_for_key = False

    @Slot(object)
    def _go_on(self, _state: PriceState) -> None:
        """Seal what waited for the prices to be opened."""
        if self._waits_for_key and self._desk.prices.is_open:
            self._waits_for_key = False
            self.decide(SEAL)
