"""Visits: the list, one visit whole, and the last one to copy from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import ClassVar

from kamdesk.db.queries import day, instant, sending_of
from kamdesk.db.queries.customers import Found
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
from kamdesk.db.queries.sealed_texts import Envelopes, sealed_texts
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One line of a list of visits. `sending`: saved, sent, asking or confirmed."""

    id: str
    customer_id: str
    customer: str
    city: str
    held_on: date | None
    held_at: str
    kind: str
    state: str
    objective: str
    outcome: str
    next_step: str
    owner_id: str
    owner: str
    version: int
    late: bool
    sending: str
    attachments: int = 0


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """What the list shows.

    `state`: "" all, "planned", "reported", or a state; amended ones never. `sort`: a key of `SORTS`.
    """

    typed: str = ""
    state: str = ""
    owner_id: str = ""
    customer_id: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = ""
    descending: bool = False
    kind: ClassVar[str] = "visit"

    def order(self, reader: Reader) -> Order:
        """Prepare the order of the rows: planned ones by coming date, all others by latest first."""
        where = _where(reader, self)
        if self.sort:
            chosen = sorted_by(SORTS[self.sort], "v._n", descending=self.descending)
            return Order("v._n", (Leg(f"visit v WHERE {where.sql}", chosen, where.values),))
        way = "ASC" if self.state == "planned" else "DESC"
        order = ", ".join(f"v.{name} {way}" for name in _DAY_KEYS)
        # The few that are open have an index of their own, which SQLite does not choose by itself
        source = "visit v INDEXED BY visit_open" if self.state == "planned" else "visit v"
        return Order("v._n", (Leg(f"{source} WHERE {where.sql}", order, where.values),))

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, VisitRow]:
        """Return the rows of these numbers."""
        return read_lines(reader, _LINE, "v._n", numbers, _line)


SORTS = {
    "held_on": "v.held_on || coalesce(v.held_at, '')",
    "customer": name_of_customer("v"),
    "state": "v.state",
    "owner": name_of_owner("v"),
}
"""What the list can be sorted by."""
_DAY_KEYS = ("held_on", "held_at", "state", "owner_id", "_n")
"""The columns of the index `visit_by_day`, in its order."""

_LINE = f"""
SELECT v.id, v.customer_id, coalesce(c.name, ''), coalesce(c.city, c.province, ''), v.held_on, coalesce(v.held_at, ''),
  coalesce(v.kind, ''), coalesce(v.state, ''), coalesce(v.objective, ''), coalesce(v.outcome, ''),
  coalesce(v.next_step, ''), coalesce(v.owner_id, ''), coalesce(w.name, ''), coalesce(v.version, 1),
  coalesce(v.late, 0), {sending_of("o.kind IN ('visit', 'sealed_text') AND o.id = v.id")},
  (SELECT count(*) FROM attachment a WHERE a.visit_id = v.id), v._n
FROM visit v LEFT JOIN customer c ON c.id = v.customer_id LEFT JOIN colleague w ON w.id = v.owner_id"""


def _line(row: tuple[object, ...]) -> VisitRow:
    values = list(row)
    values[4] = day(row[4] if isinstance(row[4], str) else None)
    values[14] = bool(row[14])
    return VisitRow(*values)  # type: ignore[arg-type]  # the SELECT above gives them in order


def list_visits(reader: Reader, wanted: VisitFilter, *, offset: int, limit: int) -> list[VisitRow]:
    """Return some visits of a list."""
    return page(reader, wanted, offset=offset, limit=limit)


def count_visits(reader: Reader, wanted: VisitFilter) -> dict[str, int]:
    """Return how many visits the filter leaves, by state."""
    where = _where(reader, wanted)
    return dict(
        iter(
            reader.rows(
                f"SELECT v.state, count(*) FROM visit v WHERE {where.sql} GROUP BY v.state",
                *where.values,
            )
        )
    )


def _where(reader: Reader, wanted: VisitFilter) -> Narrowing:
    where = Narrowing("v", "v.state <> 'amended'")
    if wanted.state == "planned":
        where.add("v.state IN ('planned','in_progress')")
    elif wanted.state == "reported":
        where.add("v.state IN ('completed','submitted','reviewed')")
    else:
        where.equal(state=wanted.state)
    where.equal(owner_id=wanted.owner_id, customer_id=wanted.customer_id)
    where.between("held_on", wanted.since, wanted.until)
    where.about(
        reader,
        wanted.typed,
        "instr(lower(coalesce(v.objective,'') || coalesce(v.outcome,'') || coalesce(v.next_step,'')), lower(?)) > 0",
    )
    return where


@dataclass(frozen=True, slots=True)
class VisitVersion:
    """An earlier version of a report."""

    id: str
    version: int
    recorded_at: datetime | None
    objective: str
    outcome: str
    next_step: str


@dataclass(frozen=True, slots=True)
class VisitWhole:
    """One visit with everything the form and the page need."""

    row: VisitRow
    zone: str
    next_step_due: date | None
    met: tuple[Found, ...]
    products: tuple[Found, ...]
    reason: str
    recorded_at: datetime | None
    amends: str
    superseded_by: str
    versions: tuple[VisitVersion, ...]
    receipt: Receipt | None
    sealed: Mapping[str, Envelopes] = field(default_factory=dict)
    """The sealed texts of this and the earlier versions, by the ids of these."""


def visit_whole(reader: Reader, visit_id: str) -> VisitWhole | None:
    """Return one visit, or None when it is not on this computer."""
    row = reader.row(f"{_LINE} WHERE v.id = ?", visit_id)
    if row is None:
        return None
    versions = tuple(_versions(reader, row[0]))
    zone, due, met, products, reason, recorded, amends, superseded = reader.rows(
        "SELECT coalesce(zone,''), next_step_due, met, products, coalesce(reason,''), recorded_at,"
        " coalesce(amends,''), coalesce(superseded_by,'') FROM visit WHERE id = ?",
        visit_id,
    )[0]
    return VisitWhole(
        row=_line(row[:-2]),  # the page reads its attachments itself
        zone=zone,
        next_step_due=day(due),
        met=_named(
            reader,
            "SELECT id, name, trim(coalesce(department,'') || ' ' || coalesce(title,'')) FROM person",
            met,
        ),
        products=_named(reader, "SELECT id, name, coalesce(form,'') FROM product", products),
        reason=reason,
        recorded_at=instant(recorded),
        amends=amends,
        superseded_by=superseded,
        versions=versions[1:],
        receipt=receipt_of(reader, visit_id),
        sealed=sealed_texts(reader, [one.id for one in versions]),
    )


def _named(reader: Reader, select: str, ids: str | None) -> tuple[Found, ...]:
    wanted = json.loads(ids) if ids else []
    known = {
        row[0]: Found(*row)
        for row in reader.rows(
            f"{select} WHERE id IN (SELECT value FROM json_each(?))", ids or "[]"
        )
    }
    return tuple(known.get(one) or Found(one, "…", "") for one in wanted)


def _versions(reader: Reader, visit_id: str) -> list[VisitVersion]:
    found: list[VisitVersion] = []
    while visit_id and len(found) < 50:
        row = reader.row(
            "SELECT id, coalesce(version,1), recorded_at, coalesce(objective,''), coalesce(outcome,''),"
            " coalesce(next_step,''), coalesce(amends,'') FROM visit WHERE id = ?",
            visit_id,
        )
        if row is None:
            break
        found.append(VisitVersion(row[0], row[1], instant(row[2]), row[3], row[4], row[5]))
        visit_id = row[6]
    return found


def last_visit(reader: Reader, *, customer_id: str, owner_id: str) -> VisitWhole | None:
    """Return the user's last reported visit to a customer (or to any, without one), to copy from."""
    found = list_visits(
        reader,
        VisitFilter(state="reported", owner_id=owner_id, customer_id=customer_id),
        offset=0,
        limit=1,
    )
    return visit_whole(reader, found[0].id) if found else None
