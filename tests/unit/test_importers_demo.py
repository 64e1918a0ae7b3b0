"""The demo company's data: what it names exists, and it is what its attribution says."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from kamdesk.db.records import SPECS
from kamdesk.domain.spec import FieldType
from kamdesk.importers.preview import Preview, preview

DEMO = Path(__file__).parents[2] / "resources" / "demo"


@pytest.fixture(scope="module")
def customers() -> Preview:
    return preview(DEMO / "customers_cn.csv")


@pytest.fixture(scope="module")
def products() -> Preview:
    return preview(DEMO / "products_fr.tsv")


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    return json.loads((DEMO / "story.json").read_text(encoding="utf-8"))


def test_the_demo_customers_are_read_without_an_error(customers):
    assert (customers.kind, len(customers.records), customers.errors) == ("customer", 600, ())
    assert {one["province"] for one in customers.records} == {"上海市", "浙江省", "江苏省"}
    names = {one["name"] for one in customers.records}
    assert {"复旦大学附属中山医院", "浙江大学医学院附属第一医院", "南京鼓楼医院"} <= names


def test_the_demo_products_have_classes_and_distinct_codes(products):
    assert (products.kind, len(products.records), products.errors) == ("product", 120, ())
    assert {str(one["atc"])[0] for one in products.records} == {"C", "N", "L"}
    assert len({one["code"] for one in products.records}) == 120
    assert {one["status"] for one in products.records} == {"active"}


def test_every_customer_of_the_story_is_one_customer_of_the_demo(customers, story):
    names = [one["name"] for one in customers.records]
    used = {one["customer"] for part in ("people", "visits", "tasks", "contracts") for one in story[part]
            if "customer" in one}  # fmt: skip
    used |= {name for segment in story["segments"].values() for name in segment}
    assert not [name for name in sorted(used) if names.count(name) != 1]


def test_every_product_and_person_of_the_story_is_there(products, story):
    names = {one["name"] for one in products.records}
    place = {person["key"]: person["customer"] for person in story["people"]}
    for visit in story["visits"]:
        assert set(visit["products"]) <= names
        assert all(place[key] == visit["customer"] for key in visit["met"])


def test_users_of_the_story_work_within_their_territories(customers, story):
    provinces = {one["name"]: one["province"] for one in customers.records}
    territories = {one["name"]: one for one in story["territories"]}
    reach = {}
    for user in story["users"]:
        found = [
            one
            for one in territories.values()
            if one["name"] in user["territories"] or one["parent"] in user["territories"]
        ]
        reach[user["login"]] = {province for one in found for province in one["provinces"]}
    for visit in story["visits"]:
        assert provinces[visit["customer"]] in reach[visit["owner"]]


def test_the_story_fits_the_records(story):
    for kind, part in (("visit", "visits"), ("task", "tasks"), ("contract", "contracts")):
        for name in ("kind", "state", "priority", "type"):
            fields = [
                one for one in SPECS[kind] if one.name == name and one.type is FieldType.CHOICE
            ]
            for field in fields:
                assert {one[name] for one in story[part] if name in one} <= set(field.choices)
    for visit in story["visits"]:
        if visit["state"] in {"completed", "submitted", "reviewed"}:
            assert visit["day"] <= 0
            assert visit["objective"]
            assert visit["outcome"]
            assert visit["next_step"]
        elif visit["state"] == "planned":
            assert visit["day"] >= 0


def test_the_demo_holds_prices_only_in_lines_of_contracts(story):
    for contract in story["contracts"]:
        for line in contract.get("lines", []):
            assert len(line.pop("prices")) == 5
    text = json.dumps(story, ensure_ascii=False)
    assert not re.search(r"price|价格|单价|报价|元/|¥|€|\bCNY\b", text)
    with (DEMO / "products_fr.tsv").open(encoding="utf-8") as file:
        assert not any("prix" in name.lower() for name in next(csv.reader(file, delimiter="\t")))


def test_the_attribution_names_every_file_and_its_licence():
    text = (DEMO / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "Copyright (c) 2019 HUANGHU1" in text
    assert "Licence Ouverte 2.0" in text
    assert all(path.name in text for path in DEMO.iterdir() if path.suffix != ".md")
