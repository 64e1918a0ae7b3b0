"""One row of a contract's grid while it is typed, and its note where that is kept with the prices.

What is secret of it is kept sealed, in memory, in undo and in drafts alike: opened for a paint or an editor only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from kamdesk.db.queries.sealed_texts import NONE, Envelopes, opened_text
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import Prices
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.sealed_texts import MARK
from kamdesk.domain.values import dataclass

STORED, TYPED, HIDDEN = "stored", "typed", "hidden"
"""How the note of a row is kept: sealed as it is stored, sealed as it was typed, hidden while prices are locked."""


@dataclass(frozen=True)
class GridLine:
    """One row. `words`: what stands in the product cell; `sealed`: its prices as typed, each sealed.

    `unreadable`: the stored prices that cannot be opened; they stay until something is typed over them.
    `waits`: its stored prices were not read yet, because prices are locked. `typed`: a price was typed here.
    `note_kept`: how the note is kept where a mark stands in its place; `note_seal`: what is sealed, once it was read.
    """

    id: str = field(default_factory=new_id)
    product_id: str = ""
    words: str = ""
    pack: str = ""
    volume: str = ""
    unit: str = ""
    note: str = ""
    sealed: Mapping[str, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    waits: bool = False
    typed: bool = False
    note_kept: str = ""
    note_seal: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nobody typed anything here."""
        return not (self.words or self.pack or self.volume or self.unit or self.note or self.sealed)

    @property
    def is_note_sealed(self) -> bool:
        """Say whether the note is to be kept with the prices."""
        return self.note_kept in {STORED, TYPED}


def note_of(line: GridLine, prices: Prices, place: str) -> str:
    """Return the note of a row; the mark where what is stored cannot be read. Raises PricesLocked."""
    if not line.note_seal:
        return line.note
    return prices.unseal_text(place, line.note_seal) or line.note


def with_note(line: GridLine, typed: str, prices: Prices, place: str) -> GridLine:
    """Return the row with another note, sealed where the note before it was. Raises PricesLocked."""
    if line.is_note_sealed and typed.strip():
        return _sealed(line, typed, TYPED, prices, place)
    return replace(line, note=typed, note_kept="", note_seal="")


def seal_note(line: GridLine, prices: Prices, place: str) -> GridLine:
    """Return the row with its note kept with the prices from now on. Raises PricesLocked."""
    return _sealed(line, note_of(line, prices, place), TYPED, prices, place)


def hide_note(line: GridLine, prices: Prices, place: str) -> GridLine:
    """Return the row without a letter of a note that tells a price. Raises PricesLocked."""
    if line.note_kept or not price_in(line.note):
        return line
    return _sealed(line, line.note, HIDDEN, prices, place)


def show_note(line: GridLine, prices: Prices, place: str) -> GridLine:
    """Undo `hide_note`. Raises PricesLocked."""
    if line.note_kept != HIDDEN:
        return line
    return replace(line, note=note_of(line, prices, place), note_kept="", note_seal="")


def take_note(
    line: GridLine, stored: Mapping[str, Envelopes], prices: Prices, place: str
) -> GridLine:
    """Return the row with its stored note, where that is sealed and was not read yet. Raises PricesLocked."""
    envelope = stored.get(line.id, NONE).get("note")
    if line.note_kept != STORED or line.note_seal or envelope is None:
        return line
    text = opened_text(prices, line.id, "note", envelope)
    return line if text is None else _sealed(line, text, STORED, prices, place)


def _sealed(line: GridLine, text: str, kept: str, prices: Prices, place: str) -> GridLine:
    return replace(line, note=MARK, note_kept=kept, note_seal=prices.seal_text(place, text.strip()))
