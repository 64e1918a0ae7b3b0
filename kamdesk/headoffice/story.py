"""The demo company: real hospitals and medicines from files, and an invented story around them.

Days of the story count from the day on which it is told, so that a demo never looks old.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.prices import read_price, read_ratio, to_wire
from kamdesk.headoffice import accounts, imports
from kamdesk.headoffice.schema import KINDS
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.importers.pinyin import spell_person
from kamdesk.importers.preview import preview

PASSWORD = "demo company, no secrets"  # noqa: S105  # printed for whoever tries the demo


def company(folder: Path) -> str:
    """Return the name of the demo company."""
    story = json.loads((folder / "story.json").read_text(encoding="utf-8"))
    return str(story["company"]["name"])


def tell(store: Store, folder: Path, *, today: date) -> None:
    """Fill an empty head office from the files in `folder`. Raises UserError where there are users already."""
    if accounts.users(store):
        raise UserError(
            "This head office has users already; the demo needs an empty one.", code="NOT_EMPTY"
        )
    story = json.loads((folder / "story.json").read_text(encoding="utf-8"))
    accounts.set_price_unlock(store, "keyring")  # nobody types a passphrase of a demo
    places = _territories(store, story)
    customers = _customers(store, folder, story, places)
    imports.store_preview(store, preview(folder / "products_fr.tsv", kind="product"))
    products = _names(store, "product")
    users = {
        one["login"]: accounts.add_user(
            store, login=one["login"], name=one["name"], role=one["role"], password=PASSWORD,
            territories=one["territories"],
        )
        for one in story["users"]
    }  # fmt: skip
    people = _people(store, story, customers)
    _visits(store, story, customers, people, products, users, today)
    _tasks(store, story, customers, users, today)
    _contracts(store, story, customers, products, users, today)
    _promotions(store, story, customers, products, users, today)


def _territories(store: Store, story: Mapping[str, Any]) -> dict[str, str]:
    places = {}
    for one in story["territories"]:
        place = accounts.add_territory(store, one["name"], parent=one["parent"])
        places.update(dict.fromkeys(one["provinces"], place))
    return places


def _customers(
    store: Store, folder: Path, story: Mapping[str, Any], places: Mapping[str, str]
) -> dict[str, str]:
    segments = {name: segment for segment, names in story["segments"].items() for name in names}
    seen = preview(folder / "customers_cn.csv", kind="customer")
    imports.store_records(
        store,
        "customer",
        [
            {
                **one,
                "territory_id": places.get(str(one.get("province"))),
                "segment": segments.get(str(one.get("name"))),
            }
            for one in seen.records
        ],
    )
    return _names(store, "customer")


def _names(store: Store, kind: str) -> dict[str, str]:
    """Return the ids of all records of a kind by name."""
    number, spec = next((number, spec) for number, spec in KINDS.items() if spec.kind == kind)
    at = spec.names.index("name")
    with store.read() as connection:
        rows = connection.execute(
            text("SELECT id, data FROM sync_row WHERE kind = :kind AND gone = 0"), {"kind": number}
        )
        return {json.loads(data)[at]: record_id for record_id, data in rows}


def _people(store: Store, story: Mapping[str, Any], customers: Mapping[str, str]) -> dict[str, str]:
    ids, documents = {}, []
    for one in story["people"]:
        ids[one["key"]] = new_id()
        pinyin, initials = spell_person(one["name"])
        documents.append(
            {
                "id": ids[one["key"]], "name": one["name"], "customer_id": customers[one["customer"]],
                "department": one["department"], "title": one["title"], "pinyin": pinyin,
                "initials": initials, "status": "active",
            }
        )  # fmt: skip
    imports.store_records(store, "person", documents)
    return ids


def _day(today: date, offset: int | None) -> str | None:
    return None if offset is None else (today + timedelta(days=offset)).isoformat()


def _visits(
    store: Store,
    story: Mapping[str, Any],
    customers: Mapping[str, str],
    people: Mapping[str, str],
    products: Mapping[str, str],
    users: Mapping[str, str],
    today: date,
) -> None:
    documents = []
    for one in story["visits"]:
        held_on = _day(today, one["day"])
        documents.append(
            {
                "id": new_id(), "customer_id": customers[one["customer"]], "owner_id": users[one["owner"]],
                "kind": one["kind"], "state": one["state"], "held_on": held_on,
                "held_at": one.get("time"), "zone": "Asia/Shanghai",
                "objective": one.get("objective"), "outcome": one.get("outcome"),
                "next_step": one.get("next_step"),
                "next_step_due": _day(today, one.get("next_step_day")), "reason": one.get("reason"),
                "met": [people[key] for key in one.get("met", [])],
                "products": [products[name] for name in one.get("products", [])],
                "recorded_at": f"{held_on}T10:00:00.000Z" if one["day"] < 0 else clock.stamp(),
                "version": 1,
            }
        )  # fmt: skip
    _demand(imports.store_records(store, "visit", documents))


def _tasks(
    store: Store,
    story: Mapping[str, Any],
    customers: Mapping[str, str],
    users: Mapping[str, str],
    today: date,
) -> None:
    documents = [
        {
            "id": new_id(), "title": one["title"], "due_on": _day(today, one.get("due_day")),
            "priority": one["priority"], "state": one["state"], "assignee_id": users[one["for"]],
            "customer_id": customers.get(one.get("customer", "")),
        }
        for one in story["tasks"]
    ]  # fmt: skip
    _demand(imports.store_records(store, "task", documents))


def _contracts(
    store: Store,
    story: Mapping[str, Any],
    customers: Mapping[str, str],
    products: Mapping[str, str],
    users: Mapping[str, str],
    today: date,
) -> None:
    contracts, lines = [], []
    for one in story["contracts"]:
        contract_id, customer = new_id(), customers[one["customer"]]
        contracts.append(
            {
                "id": contract_id, "customer_id": customer, "owner_id": users[one["owner"]],
                "no": one["no"], "title": one["title"], "type": one["type"],
                "starts_on": _day(today, one["starts_day"]), "ends_on": _day(today, one["ends_day"]),
                "renew_notice_days": one["renew_notice_days"], "currency": "CNY",
                "state": one["state"],
            }
        )  # fmt: skip
        for at, line in enumerate(one.get("lines", []), start=1):
            document = {
                "id": new_id(), "contract_id": contract_id, "customer_id": customer, "position": at,
                "product_id": products[line["product"]], "pack": line["pack"],
                "volume": line["volume"], "unit": line["unit"],
            }  # fmt: skip
            lines.append((document, line["prices"]))
    _demand(imports.store_records(store, "contract", contracts))
    _demand(imports.store_records(store, "contract_line", [line for line, _ in lines]))
    _prices(store, lines)


def _prices(store: Store, lines: list[tuple[dict[str, Any], list[str]]]) -> None:
    """Store the invented prices: list, contract and net price, rebate, and the floor as a record of its own."""
    prices, floors = [], []
    for line, typed in lines:
        ids = {key: line[key] for key in ("id", "customer_id")} | {"line_id": line["id"]}
        *amounts, rebate, floor = typed
        names = ("list_price", "contract_price", "net_price")
        amount = {
            name: to_wire(read_price(one, "CNY", field=name))
            for name, one in zip(names, amounts, strict=True)
        }
        prices.append({**ids, **amount, "rebate": to_wire(read_ratio(rebate, field="rebate"))})
        floors.append({**ids, "floor_price": to_wire(read_price(floor, "CNY", field="floor"))})
    _demand(imports.store_records(store, "contract_line_price", prices))
    _demand(imports.store_records(store, "contract_line_floor", floors))


def _promotions(
    store: Store,
    story: Mapping[str, Any],
    customers: Mapping[str, str],
    products: Mapping[str, str],
    users: Mapping[str, str],
    today: date,
) -> None:
    documents = [
        {
            "id": new_id(), "customer_id": customers[one["customer"]], "owner_id": users[one["owner"]],
            "type": one["type"], "state": one["state"], "product_id": products[one["product"]],
            "planned_on": _day(today, one["day"]), "objective": one["objective"],
            "audience": one["audience"], "place": one["place"], "estimate_minor": one["minor"],
            "currency": "CNY", "reason": one.get("reason"),
            "decided_by": users.get(one.get("decided_by", "")),
            "decided_on": _day(today, one.get("decided_day")),
        }
        for one in story["promotions"]
    ]  # fmt: skip
    _demand(imports.store_records(store, "promotion_request", documents))


def _demand(stored: imports.Stored) -> None:
    """Raise UserError where a record of the story breaks a rule."""
    for at, refused in stored.refused:
        raise UserError(
            "Record {at} of the story was refused: {why}", code="STORY", at=at, why=str(refused)
        )
