"""Customers: the list, the page, and finding one by typing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamdesk.db import text_index
from kamdesk.db.queries import day, sending
from kamdesk.db.reader import Reader

_MOST_FOUND = 2000
_REPORTED = "('completed','submitted','reviewed')"
_SPELLED = "coalesce(c.pinyin, lower(c.name))"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of the list. `sending`: saved, sent or confirmed."""

    id: str
    name: str
    city: str
    grade: str
    segment: str
    last_visit: date | None
    next_visit: date | None
    sending: str


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What the list shows: words that were typed, a segment, or all."""

    typed: str = ""
    segment: str = ""


_LINE = f"""
SELECT c.id, c.name, coalesce(c.city, c.province, ''), coalesce(c.grade, ''), coalesce(c.segment, ''),
  (SELECT max(v.held_on) FROM visit v WHERE v.customer_id = c.id AND v.state IN {_REPORTED}),
  (SELECT min(v.held_on) FROM visit v WHERE v.customer_id = c.id AND v.state IN ('planned','in_progress')),
  {sending("customer", "c")}"""


def _line(row: tuple[Any, ...]) -> CustomerRow:
    return CustomerRow(row[0], row[1], row[2], row[3], row[4], day(row[5]), day(row[6]), row[7])


def list_customers(
    reader: Reader, wanted: CustomerFilter, *, offset: int, limit: int
) -> list[CustomerRow]:
    """Return a page of customers: the best matches first when words were typed, else by segment and name."""
    source, clause, values, order = _where(reader, wanted)
    sql = f"{_LINE} FROM {source} WHERE {clause} ORDER BY {order} LIMIT ? OFFSET ?"
    return [_line(row) for row in reader.rows(sql, *values, limit, offset)]


def count_customers(reader: Reader, wanted: CustomerFilter) -> int:
    """Return how many customers the filter leaves; at most 2,000 are found when words were typed."""
    source, clause, values, _ = _where(reader, wanted)
    return int(reader.value(f"SELECT count(*) FROM {source} WHERE {clause}", *values))


def _where(reader: Reader, wanted: CustomerFilter) -> tuple[str, str, list[object], str]:
    clause, values = "coalesce(c.status, 'active') = 'active'", list[object]()
    source, order = (
        "customer c",
        "coalesce(nullif(c.segment, ''), 'Z'), coalesce(c.pinyin, lower(c.name)), c.id",
    )
    if wanted.typed.strip():
        numbers = text_index.find(reader, "customer", wanted.typed, limit=_MOST_FOUND)
        source, order = "json_each(?) r JOIN customer c ON c._n = r.value", "r.key"
        values.append(json.dumps(numbers))
    if wanted.segment:
        clause += " AND c.segment = ?"
        values.append(wanted.segment)
    return source, clause, values, order


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
    """What the page of one customer shows besides its visits, tasks, requests and contracts."""

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
            "SELECT c.id, c.name, coalesce(c.city, '') FROM customer c JOIN visit v ON v.customer_id = c.id"
            " GROUP BY c.id ORDER BY max(coalesce(v.recorded_at, v.held_on)) DESC LIMIT ?",
            limit,
        )
        return [Found(*row) for row in rows]
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
    words = typed.split()
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
