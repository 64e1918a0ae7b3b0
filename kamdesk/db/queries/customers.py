"""Customers: the list, the page, and finding one by typing."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

from kamdesk.db import text_index
from kamdesk.db.queries import closeness, day, sending
from kamdesk.db.queries.closeness import NAME_KEY
from kamdesk.db.queries.issues import asking_of, disputed_fields
from kamdesk.db.queries.listing import Leg, Order, page, read_lines
from kamdesk.db.queries.proof import Receipt, receipt_of
from kamdesk.db.reader import Reader
from kamdesk.domain.values import dataclass

_REPORTED = "('completed','submitted','reviewed')"
_OPEN = "('planned','in_progress')"
_ACTIVE = "coalesce(c.status, 'active') = 'active'"
_ARCHIVED = "SELECT a._n FROM customer a WHERE coalesce(a.status, 'active') <> 'active'"
_TIER = "CASE WHEN c.segment > '' THEN c.segment ELSE 'Z' END"
_CITY = "coalesce(c.city, c.province, '')"
_MANY = 2000
_LATEST_VISITS = 300


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of the list. `sending`: saved, sent, asking or confirmed."""

    id: str
    name: str
    city: str
    grade: str
    segment: str
    last_visit: date | None
    next_visit: date | None
    sending: str


_LINE = f"""
SELECT c.id, c.name, {_CITY}, coalesce(c.grade, ''), coalesce(c.segment, ''),
  (SELECT max(v.held_on) FROM visit v WHERE v.customer_id = c.id AND v.state IN {_REPORTED}),
  (SELECT min(v.held_on) FROM visit v WHERE v.customer_id = c.id AND v.state IN {_OPEN}),
  {sending("customer", "c")}, c._n FROM customer c"""


def _line(row: tuple[Any, ...]) -> CustomerRow:
    return CustomerRow(row[0], row[1], row[2], row[3], row[4], day(row[5]), day(row[6]), row[7])


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What the list shows: words that were typed, a segment, or all.

    `sort`: name, city, segment, last_visit or next_visit; "" is by closeness to what was typed, or by segment.
    """

    typed: str = ""
    segment: str = ""
    sort: str = ""
    descending: bool = False
    kind: ClassVar[str] = "customer"

    def lines(self, reader: Reader, numbers: Collection[int]) -> dict[int, CustomerRow]:
        """Return the rows of these numbers."""
        return read_lines(reader, _LINE, "c._n", numbers, _line)

    def order(self, reader: Reader) -> Order:
        """Prepare the order of the rows."""
        clause, values = _ACTIVE, list[object]()
        if self.segment:
            clause += " AND c.segment = ?"
            values.append(self.segment)
        if self.typed.strip():
            if not self.sort and text_index.is_ready(reader, "customer"):
                return self._by_closeness(reader)
            found, more = _among_found(reader, self.typed)
            clause += f" AND {found}"
            values += more
        if self.sort in _VISITED:
            return self._by_visit(clause, tuple(values))
        way = "DESC" if self.descending else "ASC"
        keys = [*_KEYS[self.sort], "c._n"]
        order = ", ".join(f"{key} {way}" for key in keys)
        return Order("c._n", (Leg(f"customer c WHERE {clause}", order, tuple(values)),))

    def _by_closeness(self, reader: Reader) -> Order:
        chosen = _ACTIVE + (
            f" AND c.segment = '{self.segment}'" if self.segment in _SEGMENTS else ""
        )
        found = closeness.ranked(reader, self.typed, clause=chosen)
        if not found.rest:
            return Order("c._n", (), found.numbers)
        clause = f"rowid NOT IN ({_ARCHIVED}) AND rowid NOT IN (SELECT value FROM json_each(?))"
        values: list[object] = [found.rest, json.dumps(found.numbers)]
        if self.segment:
            clause += " AND (SELECT c.segment FROM customer c WHERE c._n = rowid) = ?"
            values.append(self.segment)
        rest = Leg(
            f"find_customer WHERE find_customer MATCH ? AND {clause}", "rowid", tuple(values)
        )
        return Order("rowid", (rest,), found.numbers)

    def _by_visit(self, clause: str, values: tuple[object, ...]) -> Order:
        """Walk the visits by day and take each customer at its last, or next, one; then those without any."""
        states, beyond = _VISITED[self.sort]
        way = "DESC" if self.descending else "ASC"
        others = f"FROM visit w WHERE w.customer_id = {{}} AND w.state IN {states}"
        none_beyond = (
            f"NOT EXISTS (SELECT 1 {others.format('v.customer_id')}"
            f" AND (w.held_on, w._n) {beyond} (v.held_on, v._n))"
        )
        # CROSS JOIN: by day first, one look at the customer after it
        index = " INDEXED BY visit_open" if states == _OPEN else ""
        visited = Leg(
            f"visit v{index} CROSS JOIN customer c ON c.id = v.customer_id"
            f" WHERE v.state IN {states} AND {none_beyond} AND {clause}",
            f"v.held_on {way}, v.held_at {way}, v.state {way}, v.owner_id {way}, v._n {way}",
            values,
        )
        never = Leg(
            f"customer c WHERE {clause} AND NOT EXISTS (SELECT 1 {others.format('c.id')})",
            f"{NAME_KEY}, c._n",
            values,
        )
        return Order("c._n", (visited, never))


_SEGMENTS = frozenset({"A", "B", "C"})
_KEYS = {
    "": (_TIER, NAME_KEY),
    "segment": (_TIER, NAME_KEY),
    "name": (NAME_KEY,),
    "city": (_CITY, NAME_KEY),
}
_VISITED = {"last_visit": (_REPORTED, ">"), "next_visit": (_OPEN, "<")}


def _among_found(reader: Reader, typed: str) -> tuple[str, list[object]]:
    """Give the clause that leaves what was typed, in a list that has another order than closeness."""
    if not text_index.is_ready(reader, "customer"):
        clause, texts = text_index.scan(typed)
        return f"({clause})", list(texts)
    found, rest = closeness.matching(reader, typed, most=_MANY)
    if not rest:
        return "c._n IN (SELECT value FROM json_each(?))", [json.dumps(found)]
    # The plus keeps SQLite from looking up and sorting all of them: it walks the order and takes who is among them
    return "+c._n IN (SELECT rowid FROM find_customer WHERE find_customer MATCH ?)", [rest]


def list_customers(
    reader: Reader, wanted: CustomerFilter, *, offset: int, limit: int
) -> list[CustomerRow]:
    """Return some rows of the list."""
    return page(reader, wanted, offset=offset, limit=limit)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody at a customer."""

    id: str
    name: str
    department: str
    title: str
    phone: str
    last_met: date | None
    sending: str


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """What the page of one customer shows besides its visits, tasks, requests and contracts.

    `asking`: of how many of all these records a change was not taken and waits for the user; `files`: of how many
    attachments head office does not have the contents; `disputed`: the fields of the customer that wait for the user.
    """

    id: str
    kind: str
    name: str
    pinyin: str
    aliases: tuple[str, ...]
    code: str
    grade: str
    segment: str
    province: str
    city: str
    county: str
    address: str
    postcode: str
    phone: str
    email: str
    website: str
    parent_name: str
    tags: tuple[str, ...]
    sending: str
    receipt: Receipt | None
    asking: int
    files: int
    disputed: frozenset[str]
    last_visit: date | None
    next_visit: date | None
    visits_90_days: int
    people: tuple[PersonLine, ...]


_TEXTS = "kind name pinyin code grade segment province city county address postcode phone email website parent_name"


def customer_page(reader: Reader, customer_id: str, *, today: date) -> CustomerPage | None:
    """Return one customer's page, or None when the record is not on this computer."""
    names = _TEXTS.split()
    columns = ", ".join(f"coalesce(c.{name}, '')" for name in names)
    row = reader.row(
        f"SELECT {columns}, c.aliases, c.tags, {sending('customer', 'c')} FROM customer c WHERE c.id = ?",
        customer_id,
    )
    if row is None:
        return None
    last, coming, count = reader.rows(
        f"SELECT max(CASE WHEN state IN {_REPORTED} THEN held_on END),"
        " min(CASE WHEN state IN ('planned','in_progress') THEN held_on END),"
        f" count(CASE WHEN state IN {_REPORTED} AND held_on > date(?, '-90 days') THEN 1 END)"
        " FROM visit WHERE customer_id = ?",
        today.isoformat(),
        customer_id,
    )[0]
    texts = dict(zip(names, row[: len(names)], strict=True))
    return CustomerPage(
        id=customer_id,
        **texts,
        aliases=_list(row[-3]),
        tags=_list(row[-2]),
        sending=row[-1],
        receipt=receipt_of(reader, customer_id),
        asking=asking_of(reader, customer_id),
        files=reader.value(
            "SELECT count(*) FROM attachment WHERE upload_state IS NULL AND customer_id = ?", customer_id
        ),
        disputed=disputed_fields(reader, customer_id),
        last_visit=day(last),
        next_visit=day(coming),
        visits_90_days=count,
        people=tuple(people_of(reader, customer_id)),
    )


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def people_of(reader: Reader, customer_id: str) -> list[PersonLine]:
    """Return the people of a customer, the ones met last first."""
    rows = reader.rows(
        "SELECT p.id, p.name, coalesce(p.department, ''), coalesce(p.title, ''), coalesce(p.phone, ''),"
        " (SELECT max(v.held_on) FROM visit v, json_each(v.met) m"
        f"  WHERE v.customer_id = p.customer_id AND m.value = p.id AND v.state IN {_REPORTED}) last_met,"
        f" {sending('person', 'p')}"
        " FROM person p WHERE p.customer_id = ? AND coalesce(p.status, 'active') = 'active'"
        " ORDER BY last_met DESC NULLS LAST, coalesce(p.pinyin, p.name)",
        customer_id,
    )
    return [PersonLine(row[0], row[1], row[2], row[3], row[4], day(row[5]), row[6]) for row in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """One answer while typing: an id, its text, and what tells it from its like."""

    id: str
    text: str
    detail: str


def find_customers(reader: Reader, typed: str, *, limit: int = 12) -> list[Found]:
    """Find customers by name, part of it, pinyin, initials, code or city, for a field or the palette."""
    if not typed.strip():
        rows = reader.rows(
            "SELECT c.id, c.name, coalesce(c.city, '') FROM (SELECT customer_id,"
            " coalesce(recorded_at, held_on) AS at FROM visit ORDER BY held_on DESC, held_at DESC LIMIT ?) v"
            " CROSS JOIN customer c ON c.id = v.customer_id GROUP BY c.id ORDER BY max(v.at) DESC LIMIT ?",
            _LATEST_VISITS,
            limit,
        )
        return [Found(*row) for row in rows]
    if text_index.is_ready(reader, "customer"):
        numbers = list(closeness.ranked(reader, typed, clause="1").numbers[:limit])
    else:
        numbers = text_index.find(reader, "customer", typed, limit=limit)
    rows = reader.rows(
        "SELECT c.id, c.name, coalesce(c.city, c.province, '') FROM json_each(?) r JOIN customer c ON c._n = r.value"
        " ORDER BY r.key",
        json.dumps(numbers),
    )
    return [Found(*row) for row in rows]


def found_customer(reader: Reader, customer_id: str) -> Found | None:
    """Return one customer as `find_customers` would, or None when it is not here."""
    row = reader.row(
        "SELECT id, name, coalesce(city, province, '') FROM customer WHERE id = ?", customer_id
    )
    return Found(*row) if row else None


def find_people(reader: Reader, customer_id: str, typed: str, *, limit: int = 12) -> list[Found]:
    """Find people of one customer by name, pinyin, initials or department."""
    lines = people_of(reader, customer_id)
    if typed.strip():
        numbers = text_index.find(reader, "person", typed, limit=500)
        known = {
            row[0]
            for row in reader.rows(
                "SELECT id FROM person WHERE _n IN (SELECT value FROM json_each(?))",
                json.dumps(numbers),
            )
        }
        lines = [line for line in lines if line.id in known]
    return [
        Found(line.id, line.name, " · ".join(filter(None, (line.department, line.title))))
        for line in lines[:limit]
    ]


def find_products(reader: Reader, typed: str, *, limit: int = 12) -> list[Found]:
    """Find products by any words of their name, code or ATC code."""
    words = unicodedata.normalize("NFC", typed).split()  # as names are kept
    clause = " AND ".join("(name LIKE ? OR code LIKE ? OR atc LIKE ?)" for _ in words) or "1"
    values = [value for word in words for value in (f"%{word}%", f"{word}%", f"{word}%")]
    rows = reader.rows(
        f"SELECT id, name, coalesce(form, '') FROM product WHERE coalesce(status, 'active') = 'active' AND {clause}"
        " ORDER BY name LIMIT ?",
        *values,
        limit,
    )
    return [Found(*row) for row in rows]


def people_without_spelling(reader: Reader, *, limit: int = 200) -> dict[str, str]:
    """Return id and name of people created on this computer whose pinyin is still to be computed."""
    rows = reader.rows(
        "SELECT p.id, p.name FROM person p WHERE p.initials IS NULL AND EXISTS (SELECT 1 FROM sync_op o"
        " WHERE o.kind = 'person' AND o.id = p.id AND o.op = 'create') LIMIT ?",
        limit,
    )
    return dict(iter(rows))


def products_named(reader: Reader, names: Iterable[str]) -> dict[str, Found]:
    """Return the products that are called exactly so, or have that code; names of several are left out."""
    wanted = sorted({name for name in names if name})
    rows = reader.rows(
        "SELECT w.value, p.id, p.name, coalesce(p.form, '') FROM json_each(?) w JOIN product p"
        " ON lower(p.name) = lower(w.value) OR p.code = w.value"
        " WHERE coalesce(p.status, 'active') = 'active'",
        json.dumps(wanted),
    )
    found: dict[str, list[Found]] = {}
    for name, *product in rows:
        found.setdefault(name, []).append(Found(*product))
    return {name: some[0] for name, some in found.items() if len(some) == 1}
