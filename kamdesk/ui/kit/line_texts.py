"""The texts of a contract's grid in which a price could stand, as the form's question about prices sees them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.values import dataclass
from kamdesk.ui.kit.grid_line import GridLine
from kamdesk.ui.kit.line_grid import LineGrid

_KEYS = ("pack", "unit", "note")


@dataclass(frozen=True)
class CellText:
    """What is typed in one cell. `tell` says something beside the grid."""

    grid: LineGrid
    line_id: str
    key: str
    tell: Callable[[str], object]

    def text(self) -> str:
        """Return what everybody who sees the contract reads there; "" for a note that is sealed."""
        if self.key == "note" and self._line.is_note_sealed:
            return ""
        try:
            return self.grid.rows.text(self._at, self.key)
        except PricesLocked:
            return ""

    def put(self, words: str) -> None:
        self.grid.rows.type(self._at, self.key, words)

    def say(self, words: str) -> None:
        self.tell(words)

    def go(self) -> None:
        self.grid.setFocus()
        self.grid.go(self._at, self.key)

    @property
    def _at(self) -> int:
        return [line.id for line in self.grid.rows.lines].index(self.line_id)

    @property
    def _line(self) -> GridLine:
        return self.grid.rows.lines[self._at]


@dataclass(frozen=True)
class NoteText(CellText):
    """A note: it can be sealed, and with it all others that tell a price and were not asked about."""

    is_kept: Callable[[str], bool]

    def seal(self) -> None:
        """Keep the notes that tell a price with the prices from now on; they are open."""
        self.grid.rows.seal_notes(self.is_kept)


def texts_of(
    grid: LineGrid, tell: Callable[[str], object], is_kept: Callable[[str], bool]
) -> list[CellText]:
    """Return the texts of all rows that tell a price, each once: a pack or a unit stands in many of them."""
    found: dict[tuple[str, str], CellText] = {}
    for at, line in enumerate(grid.rows.lines):
        for key in _KEYS:
            words = ""
            if not (key == "note" and line.is_note_sealed):
                with suppress(PricesLocked):
                    words = grid.rows.text(at, key)
            if (key, words) in found or not price_in(words):
                continue
            made = CellText(grid, line.id, key, tell)
            if key == "note":
                made = NoteText(grid, line.id, key, tell, is_kept)
            found[key, words] = made
    return list(found.values())
