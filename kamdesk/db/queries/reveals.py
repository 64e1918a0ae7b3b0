"""Looks at prices, as the user sees them."""

from __future__ import annotations

from datetime import datetime

from kamdesk.db.queries import instant
from kamdesk.db.reader import Reader
from kamdesk.domain.price_access import Look
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class RevealRow:
    """One look. `contract` and `customer`: "" where it was at no single contract, or that is not here any more."""

    id: str
    at: datetime | None
    who: str
    what: Look
    contract_id: str
    contract: str
    customer: str


def reveals(reader: Reader, *, limit: int) -> list[RevealRow]:
    """Return looks, the newest first."""
    rows = reader.rows(
        "SELECT r.n, r.at, coalesce(w.name, ''), r.what, coalesce(c.id, ''),"
        " coalesce(c.title, c.no, ''), coalesce(u.name, '')"
        " FROM reveal r LEFT JOIN contract_line l ON l.id = r.record"
        " LEFT JOIN contract c ON c.id = coalesce(l.contract_id, r.record)"
        " LEFT JOIN visit v ON v.id = r.record"
        " LEFT JOIN promotion_request p ON p.id = r.record"
        " LEFT JOIN customer u ON u.id = coalesce(c.customer_id, v.customer_id, p.customer_id)"
        " LEFT JOIN colleague w ON w.id = r.who"
        " ORDER BY r.n DESC LIMIT ?",
        limit,
    )
    return [RevealRow(str(r[0]), instant(r[1]), r[2], Look(r[3]), *r[4:]) for r in rows]
