"""Keeping texts that tell a price with the prices: sealed before the store sees them, in the group of their record."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kamdesk.db.queries.sealed_texts import opened_text
from kamdesk.db.records import Contract, ContractLine, PromotionRequest, SealedText, Visit
from kamdesk.db.work import Work
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import SecretText
from kamdesk.domain.sealed_texts import FIELDS, MARK, is_sealed

_KIND = SealedText.__tablename__
Sealable = Visit | Contract | ContractLine | PromotionRequest


def put_texts(
    work: Work, record: Sealable, texts: Mapping[str, str], sealed: Collection[str]
) -> None:
    """Set these texts of a record; of those that are `sealed`, a mark there and the text with the prices.

    A mark in place of the text leaves what is sealed as it stands. Raises PricesLocked.
    """
    kind = record.spec().kind
    values: dict[str, str | None] = {}
    for name in FIELDS[kind]:
        text, was_sealed = texts.get(name, "").strip(), is_sealed(getattr(record, name))
        if text and name in sealed:
            if not is_sealed(text):
                values[name] = text
            elif not was_sealed:
                raise PricesLocked  # what is to be sealed could not be read
        elif was_sealed:
            values[name] = None  # it may be read by everybody again, or is gone
        setattr(record, name, (MARK if name in sealed and text else text) or None)
    if values:
        _keep(work, record, kind, values)


def text_of(work: Work, record: Sealable, name: str) -> str:
    """Return a text of a record, opened where it is sealed. Raises PricesLocked."""
    text: str = getattr(record, name) or ""
    if not is_sealed(text):
        return text
    kept = work.get(SealedText, record.id)
    envelope = None if kept is None else getattr(kept, name)
    return text if envelope is None else opened_text(work.prices, record.id, name, envelope) or text


def remove_texts(work: Work, record_id: str) -> None:
    """Delete the sealed texts of a record, in the transaction that deletes the record. Needs no key."""
    kept = work.get(SealedText, record_id)
    if kept is not None:
        work.delete(kept)


def _keep(work: Work, record: Sealable, kind: str, values: Mapping[str, str | None]) -> None:
    kept = work.get(SealedText, record.id)
    if kept is None:
        made = {name: text for name, text in values.items() if text is not None}
        if made:
            cells = {name: _sealed(work, record.id, name, text) for name, text in made.items()}
            work.add(
                SealedText(
                    id=record.id, record_id=record.id, record_kind=kind,
                    customer_id=record.customer_id, **cells,
                )
            )  # fmt: skip
        return
    for name, text in values.items():
        standing = getattr(kept, name)
        if text is None:
            setattr(kept, name, None)
        # Sealed again, the same text would look like another one and travel for nothing
        elif standing is None or opened_text(work.prices, record.id, name, standing) != text:
            setattr(kept, name, _sealed(work, record.id, name, text))


def _sealed(work: Work, record_id: str, name: str, text: str) -> bytes:
    return work.prices.seal(_KIND, name, record_id, SecretText(text))
