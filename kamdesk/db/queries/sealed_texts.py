"""Sealed texts for the screens: read as envelopes, opened in memory while prices are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kamdesk.db.outbox import places
from kamdesk.db.reader import Reader
from kamdesk.domain.price_access import Cells, PricesLocked
from kamdesk.domain.prices import SecretText
from kamdesk.domain.sealed_texts import FIELDS, is_sealed

KIND = "sealed_text"
_NAMES = ("objective", "outcome", "next_step", "note")
Envelopes = Mapping[str, bytes]
"""The sealed texts of one record, by the fields that they belong to."""
NONE: Envelopes = {}


def sealed_texts(reader: Reader, ids: Iterable[str]) -> dict[str, Envelopes]:
    """Return the sealed texts of those of these records that have any here."""
    wanted = list(dict.fromkeys(ids))
    rows = reader.rows(
        f"SELECT id, {', '.join(_NAMES)} FROM {KIND} WHERE id IN ({places(wanted)})", *wanted
    )
    return {
        row[0]: {name: one for name, one in zip(_NAMES, row[1:], strict=True) if one is not None}
        for row in rows
    }


def gone_records(reader: Reader, ids: Iterable[str]) -> set[str]:
    """Return those of these ids under which no record with sealed texts is here any more."""
    wanted = set(ids)
    for kind in FIELDS:
        wanted -= {
            row[0]
            for row in reader.rows(
                f"SELECT id FROM {kind} WHERE id IN ({places(wanted)})", *sorted(wanted)
            )
        }
    return wanted


def opened_text(prices: Cells, record_id: str, name: str, sealed: bytes) -> str | None:
    """Open one text; None for nothing, or where it cannot be opened. Raises PricesLocked."""
    found = prices.unseal(KIND, name, record_id, sealed)
    return found.reveal() if isinstance(found, SecretText) else None


def told_text(prices: Cells, record_id: str, name: str, text: str, sealed: Envelopes) -> str:
    """Return what stands in a field: its text, or what its mark stands for while prices are open."""
    if not is_sealed(text) or name not in sealed:
        return text
    try:
        return opened_text(prices, record_id, name, sealed[name]) or text
    except PricesLocked:
        return text
