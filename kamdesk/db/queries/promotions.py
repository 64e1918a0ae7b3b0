"""Promotion requests: the list with its sums, and one request whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import date
from typing import ClassVar

from kamdesk.db.queries import day, sending
from kamdesk.db.queries.listing import (
    Leg,
    Order,
    name_of_customer,
    name_of_owner,
    page,
    read_lines,
    sorted_by,
)
from kamdesk.db.queries.narrowing import Narrowing
from kamdesk.db.queries.proof import Receipt, receipt_of
from kamdesk.db.queries.sealed_texts import NONE, Envelopes, sealed_texts
from kamdesk.db.reader import Reader
from kamdesk.domain.money import Money
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """One request as lists and pages show it. `sending`: saved, sent, asking or confirmed."""

    id: str
    customer_id: str
    customer: str
    city: str
    type: str
    state: str
    product_id: str
    product: str
    planned_on: date | None
    place: str
    audience: str
    objective: str
    estimate: Money | None
    owner_id: str
    owner: str
    reason: str
    decided_by: str
    decided_on: date | None
    registration: str
    sending: str
    receipt: Receipt | None = None
    """Of one request alone, not in lists."""
    sealed: Envelopes = field(default_factory=dict)
    """Its sealed texts; read for its page alone."""


@dataclass(frozen=True, slots=True)
class PromotionFilter:
    """What the list shows to `user_id`: others' drafts never.

    `state`: "" all but the called off, or one; `not_owner_id`: others' alone; `sort`: a key of `SORTS`.
    """

    user_id: str
    typed: str = ""
    state: str = ""
    owner_id: str = ""
    not_owner_id: str = ""
    customer_id: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = ""
    descending: bool = False
    kind: ClassVar[str] = "promotion_request"

    def order(self, reader: Reader) -> Order:
        """Prepare the order of the rows, the latest date first."""
        where = _where(reader, self)
        source = f"promotion_request p WHERE {where.sql}"
        order = "p.planned_on DESC, p._n DESC"
        if self.sort:
            order = sorted_by(SORTS[self.sort], "p._n", descending=self.descending)
        return Order("p._n", (Leg(source, order, where.values),))

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, PromotionRow]:
        """Return the rows of these numbers."""
        return read_lines(reader, _LINE, "p._n", numbers, _line)


SORTS = {
    "planned_on": "p.planned_on",
    "customer": name_of_customer("p"),
    "estimate": "CASE WHEN p.estimate_minor IS NOT NULL"
    " THEN printf('%s%020d', coalesce(p.currency, ''), p.estimate_minor) END",
    "state": "p.state",
    "owner": name_of_owner("p"),
}
"""What the list can be sorted by."""


@dataclass(frozen=True, slots=True)
class PromotionSums:
    """How many requests a filter leaves, in all and by state, and what they are to cost, by currency."""

    count: int
    sums: tuple[Money, ...]
    by_state: Mapping[str, int]


_LINE = f"""
SELECT p.id, p.customer_id, coalesce(c.name, ''), coalesce(c.city, c.province, ''), coalesce(p.type, ''),
  coalesce(p.state, ''), coalesce(p.product_id, ''), coalesce(m.name, ''), p.planned_on, coalesce(p.place, ''),
  coalesce(p.audience, ''), coalesce(p.objective, ''), p.estimate_minor, p.currency, coalesce(p.owner_id, ''),
  coalesce(w.name, ''), coalesce(p.reason, ''), coalesce(d.name, ''), p.decided_on,
  coalesce(p.registration_no, ''), {sending("promotion_request", "p")}, p._n
FROM promotion_request p LEFT JOIN customer c ON c.id = p.customer_id LEFT JOIN product m ON m.id = p.product_id
LEFT JOIN colleague w ON w.id = p.owner_id LEFT JOIN colleague d ON d.id = p.decided_by"""


def _line(row: tuple[object, ...]) -> PromotionRow:
    minor, currency = row[12], row[13]
    estimate = (
        Money(minor, currency) if isinstance(minor, int) and isinstance(currency, str) else None
    )
    values = [*row[:8], _day(row[8]), *row[9:12], estimate, *row[14:18], _day(row[18]), *row[19:]]
    return PromotionRow(*values)  # type: ignore[arg-type]  # the SELECT above gives them in order


def _day(value: object) -> date | None:
    return day(value if isinstance(value, str) else None)


def list_promotions(
    reader: Reader, wanted: PromotionFilter, *, offset: int, limit: int
) -> list[PromotionRow]:
    """Return some requests of a list."""
    return page(reader, wanted, offset=offset, limit=limit)


def sum_promotions(reader: Reader, wanted: PromotionFilter) -> PromotionSums:
    """Count what the filter leaves and add it up, the largest sum first; currencies are never mixed."""
    where = _where(reader, wanted)
    rows = reader.rows(
        f"SELECT p.currency, count(*), sum(p.estimate_minor) FROM promotion_request p WHERE {where.sql}"
        " GROUP BY p.currency ORDER BY 3 DESC",
        *where.values,
    )
    return PromotionSums(
        count=sum(row[1] for row in rows),
        sums=tuple(Money(row[2], row[0]) for row in rows if row[0] and row[2] is not None),
        by_state=dict(
            iter(
                reader.rows(
                    f"SELECT p.state, count(*) FROM promotion_request p WHERE {where.sql} GROUP BY 1",
                    *where.values,
                )
            )
        ),
    )


def promotion(reader: Reader, request_id: str) -> PromotionRow | None:
    """Return one request, or None when it is not on this computer."""
    row = reader.row(f"{_LINE} WHERE p.id = ?", request_id)
    if row is None:
        return None
    sealed = sealed_texts(reader, [request_id]).get(request_id, NONE)
    receipt = receipt_of(reader, request_id)
    return replace(_line(row[:-1]), receipt=receipt, sealed=sealed)


def to_decide(reader: Reader, *, user_id: str, limit: int) -> list[PromotionRow]:
    """Return others' requests that wait for an answer, the earliest date first."""
    rows = reader.rows(
        f"{_LINE} WHERE p.state = 'submitted' AND p.owner_id <> ? ORDER BY p.planned_on, p.id LIMIT ?",
        user_id,
        limit,
    )
    return [_line(row[:-1]) for row in rows]


def returned_to(reader: Reader, *, user_id: str, limit: int) -> list[PromotionRow]:
    """Return the user's own requests that came back with a reason."""
    rows = reader.rows(
        f"{_LINE} WHERE p.state = 'returned' AND p.owner_id = ? ORDER BY p.planned_on, p.id LIMIT ?",
        user_id,
        limit,
    )
    return [_line(row[:-1]) for row in rows]


def _where(reader: Reader, wanted: PromotionFilter) -> Narrowing:
    where = Narrowing("p", "(p.state <> 'draft' OR p.owner_id = ?)", wanted.user_id)
    if wanted.state:
        where.equal(state=wanted.state)
    else:
        where.add("p.state <> 'cancelled'")
    where.equal(owner_id=wanted.owner_id, customer_id=wanted.customer_id)
    if wanted.not_owner_id:
        where.add("p.owner_id <> ?", wanted.not_owner_id)
    where.between("planned_on", wanted.since, wanted.until)
    where.about(
        reader,
        wanted.typed,
        "instr(lower(coalesce(p.objective,'') || coalesce(p.audience,'')), lower(?)) > 0",
        "p.product_id IN (SELECT id FROM product WHERE instr(lower(name), lower(?)) > 0)",
    )
    return where
