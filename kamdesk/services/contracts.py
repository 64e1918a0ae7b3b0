"""What a user does with contracts: draft, change lines, copy, hand into review, take back, delete and undo that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kamdesk.db.describe import Record
from kamdesk.db.queries.prices import prices_of
from kamdesk.db.records import (
    RECORDS,
    Contract,
    ContractLine,
    ContractLineFloor,
    ContractLinePrice,
    SealedText,
)
from kamdesk.db.work import Work
from kamdesk.domain import contracts
from kamdesk.domain.contracts import LARGEST_VOLUME, MOST_LINES, ContractState, ContractType
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import id_beside, new_id
from kamdesk.domain.price_access import PricesLocked
from kamdesk.domain.prices import LinePrices
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services import drafts
from kamdesk.services.prices import remove_prices, set_prices
from kamdesk.services.sealed_texts import put_texts, remove_texts, text_of


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One row of the grid. `id` is made when the row appears, so that a repeated save is the same save.

    `prices`: None leaves those that are stored as they are, for instance because they are locked.
    """

    id: str
    product_id: str = ""
    pack: str = ""
    volume: int | None = None
    unit: str = ""
    note: str = ""
    prices: LinePrices | None = None
    shown: LinePrices | None = None
    """Prices that nobody typed anew, as they were read: they count where the line has to be made again."""
    unread: bool = False
    """It had prices, or a sealed note, that cannot be read now."""
    is_note_sealed: bool = False
    """The note is kept with the prices; a mark in place of one that stands already."""


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """What the form holds. `id` is made when the form opens; the order of `lines` is theirs in the contract."""

    id: str
    customer_id: str = ""
    no: str = ""
    title: str = ""
    type: str = ContractType.SALES.value
    starts_on: date | None = None
    ends_on: date | None = None
    renew_notice_days: int | None = None
    currency: str = "CNY"
    note: str = ""
    lines: tuple[LineEntry, ...] = ()
    sealed: frozenset[str] = frozenset()
    """The texts that are kept with the prices; a mark in place of one that stands already."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion took away, for its undo: (kind, id, values), what others belong to first."""

    records: tuple[tuple[str, str, Mapping[str, object]], ...]


def draft_contract(work: Work, entry: ContractEntry, *, spare_id: str = "") -> str:
    """Keep a contract that is not in review yet, new or changed, with exactly these lines; return its id.

    `spare_id`: what a contract that was known before is called from now on, should it have been deleted meanwhile.
    Raises UserError, the field of a line is `lines.<id>.<field>`; PricesLocked where prices come with a line.
    """
    contracts.check_draft(
        customer_id=entry.customer_id,
        title=entry.title,
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
    )
    _check_lengths(entry)
    entry = _anew_where_deleted(work, entry, spare_id)
    contract = work.get(Contract, entry.id)
    if contract is None:
        contract = work.add(
            Contract(
                id=entry.id,
                customer_id=entry.customer_id,
                owner_id=work.actor.user_id,
                title=entry.title.strip(),
                type=entry.type,
                state=ContractState.DRAFT.value,
            )
        )
    else:
        _demand_editable(work, contract)
    contract.no = entry.no.strip() or None
    contract.title = entry.title.strip()
    contract.type = entry.type
    contract.starts_on, contract.ends_on = entry.starts_on, entry.ends_on
    contract.renew_notice_days = entry.renew_notice_days
    contract.currency = entry.currency or None
    put_texts(work, contract, {"note": entry.note}, entry.sealed)
    _set_lines(work, contract, entry.lines)
    drafts.discard_draft(work, entry.id)
    return contract.id


def submit_contract(work: Work, entry: ContractEntry, *, spare_id: str = "") -> str:
    """Keep a contract and hand it into review; return its id. Raises UserError with what is missing.

    `spare_id` as in `draft_contract`.
    """
    contracts.check_contract(
        customer_id=entry.customer_id,
        title=entry.title,
        type_=entry.type,
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
        lines=len(entry.lines),
    )
    for line in entry.lines:
        _demand_volume(line.id, line.volume)
    entry = _anew_where_deleted(work, entry, spare_id)
    standing = work.get(Contract, entry.id)
    if standing is not None and standing.state == ContractState.IN_REVIEW:
        return entry.id  # the same save again, after an answer that got lost
    draft_contract(work, entry)
    work.intent(work.require(Contract, entry.id), "submit")
    return entry.id


def _anew_where_deleted(work: Work, entry: ContractEntry, spare_id: str) -> ContractEntry:
    """Head office takes no record under the id of a deleted one: the lines are new ones too."""
    if not spare_id or work.get(Contract, entry.id) is not None:
        return entry
    if any(line.unread for line in entry.lines):
        raise PricesLocked
    drafts.discard_draft(work, entry.id)
    lines = tuple(
        replace(line, id=id_beside(spare_id, line.id), prices=line.prices or line.shown)
        for line in entry.lines
    )
    # What was sealed and not read went with the contract
    note = "" if is_sealed(entry.note) else entry.note
    return replace(entry, id=spare_id, lines=lines, note=note)


def submit_standing(work: Work, contract_id: str) -> None:
    """Hand a kept draft into review as it stands. Raises UserError with what is missing."""
    contract = work.require(Contract, contract_id)
    lines = work.all(ContractLine, contract_id=contract_id)
    contracts.check_contract(
        customer_id=contract.customer_id,
        title=contract.title,
        type_=contract.type or "",
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        lines=len(lines),
    )
    for line in lines:
        _demand_volume(line.id, line.volume)
    work.intent(contract, "submit")


def withdraw_contract(work: Work, contract_id: str) -> None:
    """Take a contract back out of review; it is a draft again. Raises Refused once somebody approved."""
    work.intent(work.require(Contract, contract_id), "withdraw")


def copy_contract(work: Work, contract_id: str) -> str:
    """Draft a new contract like an old one, without its number and term; return the new id.

    Prices and what is sealed with them are copied while they are open; while they are locked the copy has none.
    """
    old = work.require(Contract, contract_id)
    lines = _lines_of(work, contract_id)
    try:
        prices = prices_of(work.reader, work.prices, [line.id for line in lines])
    except PricesLocked:
        prices = {}
    note, is_note_sealed = _note_to_copy(work, old)
    entry = ContractEntry(
        id=new_id(),
        customer_id=old.customer_id,
        title=old.title,
        type=old.type or ContractType.SALES.value,
        renew_notice_days=old.renew_notice_days,
        currency=old.currency or "",
        note=note,
        sealed=frozenset({"note"} if is_note_sealed else ()),
        lines=tuple(_line_to_copy(work, line, prices.get(line.id)) for line in lines),
    )
    return draft_contract(work, entry)


def _line_to_copy(work: Work, line: ContractLine, prices: LinePrices | None) -> LineEntry:
    note, is_note_sealed = _note_to_copy(work, line)
    return LineEntry(
        id=new_id(),
        product_id=line.product_id or "",
        pack=line.pack or "",
        volume=line.volume,
        unit=line.unit or "",
        note=note,
        is_note_sealed=is_note_sealed,
        prices=prices,
    )


def _note_to_copy(work: Work, record: Contract | ContractLine) -> tuple[str, bool]:
    """Return a note and whether it is sealed; nothing of one that cannot be read."""
    if not is_sealed(record.note):
        return record.note or "", False
    try:
        note = text_of(work, record, "note")
    except PricesLocked:
        return "", False
    return ("", False) if is_sealed(note) else (note, True)


def delete_contract(work: Work, contract_id: str) -> Deleted:
    """Delete a draft with its lines; return what `restore_contract` needs. Raises UserError in another state."""
    contract = work.require(Contract, contract_id)
    _demand_editable(work, contract)
    lines = _lines_of(work, contract_id)
    priced = [
        record
        for cls in (ContractLinePrice, ContractLineFloor)
        for line in lines
        if (record := work.get(cls, line.id)) is not None
    ]
    texts = [
        record for one in (contract, *lines) if (record := work.get(SealedText, one.id)) is not None
    ]
    gone: list[Record] = [contract, *lines, *priced, *texts]
    kept = Deleted(tuple((one.spec().kind, one.id, _values(one)) for one in gone))
    # What belongs to it first: head office asks the contract whether its lines may go
    for one in reversed(gone):
        work.delete(one)
    return kept


def restore_contract(work: Work, deleted: Deleted) -> None:
    """Undo `delete_contract`."""
    for kind, record_id, values in deleted.records:
        work.add(RECORDS[kind](id=record_id, **values))


def _values(record: Record) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in record.spec()}


def _lines_of(work: Work, contract_id: str) -> list[ContractLine]:
    lines = work.all(ContractLine, contract_id=contract_id)
    return sorted(lines, key=lambda line: (line.position or 0, line.id))


def _set_lines(work: Work, contract: Contract, entries: tuple[LineEntry, ...]) -> None:
    standing = {line.id: line for line in _lines_of(work, contract.id)}
    for at, entry in enumerate(entries, start=1):
        line = standing.pop(entry.id, None)
        if line is None:
            line = work.add(
                ContractLine(id=entry.id, contract_id=contract.id, customer_id=contract.customer_id)
            )
        line.position = at
        line.product_id = entry.product_id
        line.pack = entry.pack.strip() or None
        line.volume = entry.volume
        line.unit = entry.unit.strip() or None
        put_texts(work, line, {"note": entry.note}, {"note"} if entry.is_note_sealed else ())
        if entry.prices is not None:
            _set_prices(work, line, entry.prices)
    for line in standing.values():
        remove_prices(work, line_id=line.id)
        remove_texts(work, line.id)
        work.delete(line)


def _set_prices(work: Work, line: ContractLine, prices: LinePrices) -> None:
    try:
        set_prices(work, line_id=line.id, customer_id=line.customer_id, prices=prices)
    except UserError as error:
        if error.field:
            error.field = f"lines.{line.id}.{error.field}"
        raise


def _demand_editable(work: Work, contract: Contract) -> None:
    if not contracts.may_edit(
        state=contract.state or "", owner_id=contract.owner_id or "", actor=work.actor
    ):
        raise UserError(
            QT_TRANSLATE_NOOP("contract", "Only a draft of your own can be changed."),
            code="in_review",
            context="contract",
        )


def _demand_volume(line_id: str, volume: int | None) -> None:
    if not volume:
        raise UserError(
            QT_TRANSLATE_NOOP("contract", "Enter the volume."),
            field=f"lines.{line_id}.volume",
            context="contract",
        )


def _check_lengths(entry: ContractEntry) -> None:
    for name in ("no", "title", "note"):
        _check_length(Contract.spec().field(name).max_length, getattr(entry, name), name)
    if len(entry.lines) > MOST_LINES:
        raise UserError(
            QT_TRANSLATE_NOOP("contract", "A contract has at most {max} products."),
            field=f"lines.{entry.lines[MOST_LINES].id}.product",
            code="too_many_lines",
            context="contract",
            max=MOST_LINES,
        )
    for line in entry.lines:
        at = f"lines.{line.id}."
        if not line.product_id:
            raise UserError(
                QT_TRANSLATE_NOOP("contract", "Choose the product."),
                field=at + "product",
                context="contract",
            )
        if line.volume is not None and not 0 <= line.volume <= LARGEST_VOLUME:
            raise UserError(
                QT_TRANSLATE_NOOP("contract", "The volume is a whole number up to {max}."),
                field=at + "volume",
                context="contract",
                max=LARGEST_VOLUME,
            )
        for name in ("pack", "unit", "note"):
            _check_length(
                ContractLine.spec().field(name).max_length, getattr(line, name), at + name
            )


def _check_length(limit: int, words: str, field: str) -> None:
    if len(words) > limit:
        raise UserError(
            QT_TRANSLATE_NOOP("contract", "This is too long: at most {max} characters."),
            field=field,
            context="contract",
            max=limit,
        )
