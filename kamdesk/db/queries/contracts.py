"""Contracts: the list with its counts, and one contract with its lines; prices are not read here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import ClassVar

from kamdesk.db.queries import day, sending_of
from kamdesk.db.queries.listing import Leg, Order, name_of_customer, page, read_lines, sorted_by
from kamdesk.db.queries.narrowing import Narrowing
from kamdesk.db.queries.proof import Receipt, receipt_of
from kamdesk.db.queries.sealed_texts import NONE, Envelopes, sealed_texts
from kamdesk.db.reader import Reader
from kamdesk.domain.contracts import OVER
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.domain.values import dataclass

OVER_CHOICE = "over"
"""The filter's word for everything that has ended."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One contract as lists show it. `sending`: saved, sent, asking or confirmed, its lines and prices included."""

    id: str
    customer_id: str
    customer: str
    city: str
    no: str
    title: str
    type: str
    starts_on: date | None
    ends_on: date | None
    state: str
    owner_id: str
    owner: str
    currency: str
    lines: int
    sending: str


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """What the list shows to `user_id`: others' drafts never.

    `state`: "" all that is not over, `OVER_CHOICE`, or one state. `sort`: a key of `SORTS`.
    """

    user_id: str
    typed: str = ""
    state: str = ""
    owner_id: str = ""
    customer_id: str = ""
    sort: str = ""
    descending: bool = False
    kind: ClassVar[str] = "contract"

    def order(self, reader: Reader) -> Order:
        """Prepare the order of the rows: drafts first, then by the day they end."""
        where = _where(reader, self)
        order = "t.state <> 'draft', t.ends_on DESC, t._n DESC"
        if self.sort:
            order = sorted_by(SORTS[self.sort], "t._n", descending=self.descending)
        return Order("t._n", (Leg(f"contract t WHERE {where.sql}", order, where.values),))

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, ContractRow]:
        """Return the rows of these numbers."""
        return read_lines(reader, _LINE, "t._n", numbers, _line)


SORTS = {
    "customer": name_of_customer("t"),
    "title": "lower(t.title)",
    "no": "nullif(t.no, '')",
    "starts_on": "t.starts_on",
    "ends_on": "t.ends_on",
    "state": "t.state",
}
"""What the list can be sorted by."""


@dataclass(frozen=True, slots=True)
class ContractLineRow:
    """One product of a contract. `sending`: saved, sent, asking or confirmed."""

    id: str
    product_id: str
    product: str
    pack: str
    volume: int | None
    unit: str
    note: str
    sending: str


@dataclass(frozen=True, slots=True)
class ContractWhole:
    """One contract with everything the form and the page need besides prices."""

    row: ContractRow
    receipt: Receipt | None
    renew_notice_days: int | None
    note: str
    lines: tuple[ContractLineRow, ...]
    sealed: Envelopes = field(default_factory=dict)
    sealed_lines: Mapping[str, Envelopes] = field(default_factory=dict)
    """The sealed notes, by line."""


_VISIBLE = "(t.state <> 'draft' OR coalesce(t.owner_id, '') IN ('', ?))"


_ITS_OPS = sending_of(
    "(o.kind IN ('contract', 'sealed_text') AND o.id = t.id"
    " OR (o.kind LIKE 'contract\\_line%' ESCAPE '\\' OR o.kind = 'sealed_text')"
    " AND o.id IN (SELECT l.id FROM contract_line l WHERE l.contract_id = t.id))"
)
_LINE_OPS = sending_of(
    "(o.kind LIKE 'contract\\_line%' ESCAPE '\\' OR o.kind = 'sealed_text') AND o.id = l.id"
)
_LINE = f"""
SELECT t.id, t.customer_id, coalesce(c.name, ''), coalesce(c.city, c.province, ''), coalesce(t.no, ''),
  coalesce(t.title, ''), coalesce(t.type, ''), t.starts_on, t.ends_on, coalesce(t.state, ''),
  coalesce(t.owner_id, ''), coalesce(w.name, ''), coalesce(t.currency, ''),
  (SELECT count(*) FROM contract_line l WHERE l.contract_id = t.id), {_ITS_OPS}, t._n
FROM contract t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN colleague w ON w.id = t.owner_id"""


def _line(row: tuple[object, ...]) -> ContractRow:
    values = [*row[:7], _day(row[7]), _day(row[8]), *row[9:]]
    return ContractRow(*values)  # type: ignore[arg-type]  # the SELECT above gives them in order


def _day(value: object) -> date | None:
    return day(value if isinstance(value, str) else None)


def list_contracts(
    reader: Reader, wanted: ContractFilter, *, offset: int, limit: int
) -> list[ContractRow]:
    """Return some contracts of a list."""
    return page(reader, wanted, offset=offset, limit=limit)


def count_contracts(reader: Reader, wanted: ContractFilter) -> dict[str, int]:
    """Return how many contracts the filter leaves, by state."""
    where = _where(reader, wanted)
    return dict(
        iter(
            reader.rows(
                f"SELECT coalesce(t.state, ''), count(*) FROM contract t WHERE {where.sql} GROUP BY 1",
                *where.values,
            )
        )
    )


def contracts_of(reader: Reader, *, user_id: str, customer_id: str) -> list[ContractRow]:
    """Return all contracts of a customer, ended ones too, the latest end first."""
    rows = reader.rows(
        f"{_LINE} WHERE t.customer_id = ? AND {_VISIBLE} ORDER BY t.ends_on DESC, t.id DESC",
        customer_id,
        user_id,
    )
    return [_line(row[:-1]) for row in rows]


def contract_whole(reader: Reader, contract_id: str) -> ContractWhole | None:
    """Return one contract, or None when it is not on this computer."""
    row = reader.row(f"{_LINE} WHERE t.id = ?", contract_id)
    if row is None:
        return None
    notice, note = reader.rows(
        "SELECT renew_notice_days, coalesce(note, '') FROM contract WHERE id = ?", contract_id
    )[0]
    rows = reader.rows(
        "SELECT l.id, coalesce(l.product_id, ''), coalesce(p.name, ''), coalesce(l.pack, ''), l.volume,"
        f" coalesce(l.unit, ''), coalesce(l.note, ''), {_LINE_OPS}"
        " FROM contract_line l LEFT JOIN product p ON p.id = l.product_id WHERE l.contract_id = ?"
        " ORDER BY l.position, l.id",
        contract_id,
    )
    lines = tuple(ContractLineRow(*one) for one in rows)
    sealed = [one.id for one in lines if is_sealed(one.note)]
    return ContractWhole(
        _line(row[:-1]),
        receipt_of(reader, contract_id, *(one.id for one in lines)),
        notice,
        note,
        lines,
        sealed_texts(reader, [contract_id]).get(contract_id, NONE),
        sealed_texts(reader, sealed),
    )


def _where(reader: Reader, wanted: ContractFilter) -> Narrowing:
    where = Narrowing("t", _VISIBLE, wanted.user_id)
    if wanted.state in {"", OVER_CHOICE}:
        negated = "" if wanted.state else "NOT "
        where.add(f"coalesce(t.state, '') {negated}IN ({_quoted(OVER)})")
    else:
        where.equal(state=wanted.state)
    where.equal(owner_id=wanted.owner_id, customer_id=wanted.customer_id)
    where.about(
        reader,
        wanted.typed,
        "instr(lower(coalesce(t.no,'') || ' ' || coalesce(t.title,'')), lower(?)) > 0",
        "t.id IN (SELECT l.contract_id FROM contract_line l JOIN product p ON p.id = l.product_id"
        " WHERE instr(lower(p.name), lower(?)) > 0)",
    )
    return where


def _quoted(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))
