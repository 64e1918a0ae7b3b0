"""H50, H51: the matrix of role, route and column. Every column has a value of its own; who is told which?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from kamdesk.db import records
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role, may_read
from kamdesk.domain.spec import FieldSpec, FieldType, RecordSpec
from kamdesk.headoffice import accounts
from kamdesk.headoffice.kinds import SPECS
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import Desk

TEXTS = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.SEALED_TEXT}
EVERYWHERE = {Role.PRC, Role.LEG, Role.FIN, Role.GM, Role.ADM}
Column = tuple[str, str]


class Marked:
    """One record of each kind at one customer; `told` finds the columns whose values stand in an answer."""

    def __init__(self, office: Office) -> None:
        self.office, self.customer = office, new_id()
        self.ids = {spec.kind: new_id() for spec in SPECS.values()} | {"customer": self.customer}
        self.marks: dict[str, Column] = {}
        for spec in sorted(SPECS.values(), key=lambda one: one.kind != "customer"):
            self.put(spec, 1)

    def put(self, spec: RecordSpec, time: int) -> None:
        """Write the record of a kind, with other values each time."""
        number = time * 100_000 + spec.number * 100
        document = {
            one.name: self._value(spec, one, number + at) for at, one in enumerate(spec.fields)
        }
        with self.office.store.write("office") as writer:
            writer.put(spec.kind, self.ids[spec.kind], document)

    def _value(self, spec: RecordSpec, one: FieldSpec, number: int) -> Any:
        if one.name == "customer_id":
            return self.customer
        if one.name == "territory_id":
            return self.office.north
        if spec.id_of == one.name and "line_id" in spec.names:
            return self.ids[spec.kind]
        if one.type is FieldType.REFERENCE:
            return self.ids.get(one.kind, self.office.south)
        if one.type in TEXTS and not one.choices:
            return self._marked(spec, one, f"mark{number}e")
        if one.type is FieldType.TAGS:
            return [self._marked(spec, one, f"mark{number}e")]
        if one.type is FieldType.PRICE:
            return self._marked(spec, one, f"7391{number}.2613") + " CNY"
        if one.type is FieldType.RATIO:
            return self._marked(spec, one, f"12.739{number}1") + " PCT"
        if one.type is FieldType.INTEGER:
            return int(self._marked(spec, one, f"83{number}7"))
        if one.type is FieldType.DATE:
            return "2026-11-24"
        if one.type is FieldType.INSTANT:
            return "2026-11-24T08:00:00.000Z"
        return one.choices[0] if one.choices else None

    def _marked(self, spec: RecordSpec, one: FieldSpec, mark: str) -> str:
        self.marks[mark] = (spec.kind, one.name)
        return mark

    def told(self, text: str) -> set[Column]:
        return {column for mark, column in self.marks.items() if mark in text}

    def columns(self, role: Role) -> set[Column]:
        """The columns that a role may be told of: not of what only head office holds, nor of another's tasks."""
        return {
            (kind, name)
            for kind, name in self.marks.values()
            if kind in records.SPECS and SPECS[kind].bucket.prefix != "user"
            and may_read(role, SPECS[kind].level) and may_read(role, SPECS[kind].field(name).level)
        }  # fmt: skip


class Listening(Desk):
    """A device that keeps every answer as text, by its route."""

    heard: dict[str, str]
    route = "load"

    def post(self, body: Any) -> requests.Response:
        answer = super().post(body)
        self.heard[self.route] = self.heard.get(self.route, "") + answer.text
        return answer


@pytest.fixture
def marked(office: Office) -> Iterator[Marked]:
    return Marked(office)


@pytest.mark.parametrize("role", list(Role))
def test_h51_every_role_is_told_its_columns_by_every_route_and_no_other(
    marked: Marked, role: Role
) -> None:
    office = marked.office
    places = [] if role in EVERYWHERE else [office.north]
    accounts.add_user(
        office.store, login="eve", name="Eve", role=role, password=PASSWORD, territories=places
    )
    eve = Listening.enrol(office.url, user="eve", password=PASSWORD)
    eve.heard, eve.has_prices = {}, True
    eve.reconcile()
    eve.route = "delta"
    for spec in SPECS.values():
        marked.put(spec, 2)
    eve.reconcile()
    for route in ("load", "delta"):
        assert marked.told(eve.heard[route]) == marked.columns(role), route
    eve.route = "verdict"
    for spec in SPECS.values():
        _push_everything(eve, marked, spec)
    eve.heard["list"] = _lists(eve, marked)
    if role is not Role.ADM:  # who reads no business data
        assert "conflict" in eve.heard["verdict"]
        assert marked.told(eve.heard["verdict"])
    for route in ("verdict", "list"):
        assert marked.told(eve.heard[route]) <= marked.columns(role), route


def _push_everything(eve: Listening, marked: Marked, spec: RecordSpec) -> None:
    """Change, delete and create what is there, wrongly as well as may be: refusals and conflicts tell values."""
    record = marked.ids[spec.kind]
    groups = [
        eve.group(
            {
                "k": spec.kind,
                "id": record,
                "op": "patch",
                "base": 1,
                "f": {one.name: ["seen wrongly", f"mine {number}"]},
            }
        )
        for number, one in enumerate(spec.fields)
    ]
    mine = dict.fromkeys(spec.names, "mine") | {"customer_id": marked.customer}
    groups.append(eve.group(eve.create(spec.kind, mine, record)))
    groups.append(eve.group(eve.command(spec.kind, record, "cancel", reason="mine")))
    assert eve.post(eve.request(*groups)).status_code == 200
    eve.post(eve.request(eve.group({"k": spec.kind, "id": record, "op": "delete", "base": 1})))


def _lists(eve: Listening, marked: Marked) -> str:
    """Ask for the list of every bucket that there is about the customer, and for the openings of the others."""
    prefixes = {spec.bucket.prefix for spec in SPECS.values()}
    headers = {"Authorization": f"Bearer {eve.access}"}
    told = ""
    for prefix in sorted(prefixes):
        for name in (prefix, f"{prefix}:{marked.customer}", f"{prefix}:{marked.office.south}"):
            told += requests.get(
                f"{eve.url}/v1/bucket", params={"name": name}, headers=headers, timeout=30
            ).text
            told += eve.post(eve.request(loading=[[name, 0, 0]])).text
    for path in (
        "head?cursor=0",
        f"attachment?id={marked.ids['attachment']}",
        "erp/customers",
        "erp/prices",
    ):
        told += requests.get(f"{eve.url}/v1/{path}", headers=headers, timeout=30).text
    return told
