"""What other systems hand in and fetch: once, whole, by code, and only what their token allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import jsonschema_rs
import pytest
import requests
from sqlalchemy import text

from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role
from kamdesk.headoffice import audit, import_log, integrations, seals, upkeep
from kamdesk.headoffice import erp as erp_module
from kamdesk.headoffice.cli import main
from kamdesk.headoffice.contract_erp import paths as erp_paths
from kamdesk.headoffice.erp_forms import EXAMPLES, EXPORTS
from kamdesk.headoffice.erp_routes import GIVEN, TAKEN
from kamdesk.headoffice.kinds import FLOW_LINE, INVOICE
from kamdesk.headoffice.pages import readable_fields, readable_kinds
from kamdesk.headoffice.store import Store
from kamdesk.sync.protocol import SCHEMA
from tests.headoffice.conftest import Office


class System:
    """The ERP of the company, with a token."""

    def __init__(self, office: Office, *scopes: str) -> None:
        self.url = f"{office.url}/v1/erp"
        self.token = integrations.add(office.store, "SAP", scopes or integrations.SCOPES)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request as it is."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(
            method, f"{self.url}/{path}", headers=headers, timeout=30, **options
        )

    def put(self, path: str, *records: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Hand a batch in, and give its verdicts."""
        answer = self.ask("PUT", path, json={"records": list(records), **more})
        assert answer.status_code == 200, answer.text
        verdicts: list[dict[str, Any]] = answer.json()["verdicts"]
        return verdicts

    def fetch(self, path: str, after: str = "", limit: int = 500) -> dict[str, Any]:
        """Fetch one page."""
        answer = self.ask("GET", path, params={"after": after, "limit": limit})
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page


@pytest.fixture
def erp(office: Office) -> System:
    """A system that may do everything."""
    return System(office)


HOSPITAL = {"code": "C1", "name": "武汉市第一医院", "city": "武汉市", "territory": "North"}
INVOICE_1 = {
    "code": "I1", "customer": "C1", "issued_on": "2026-11-02", "currency": "CNY",
    "amount_minor": 1250000, "open_minor": 250000,
}  # fmt: skip


def states(verdicts: list[dict[str, Any]]) -> list[str]:
    """Give the words of verdicts."""
    return [one["st"] for one in verdicts]


def test_the_same_batch_twice_at_once_is_there_once(
    office: Office, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a system that did not wait for the answer and asked again."""
    both, keep = Barrier(2), erp_module._Batch.keep_codes

    def at_the_same_time(batch: Any) -> None:
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        keep(batch)

    monkeypatch.setattr(erp_module._Batch, "keep_codes", at_the_same_time)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: erp.put("customers", HOSPITAL), range(2)))
    assert sorted(one["st"] for (one,) in answers) == ["created", "unchanged"]
    assert len({one["id"] for (one,) in answers}) == 1


def test_a_batch_that_cannot_be_put_on_record_is_not_stored(
    office: Office, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    head = office.store.head()
    with monkeypatch.context() as patched:
        patched.setattr(audit, "note", broken)
        assert erp.ask("PUT", "customers", json={"records": [HOSPITAL]}).status_code == 500
    assert office.store.head() == head
    assert import_log.imports(office.store) == []
    (stored,) = erp.put("customers", HOSPITAL)
    assert (stored["st"], office.store.head()) == ("created", head + 1)


@pytest.mark.parametrize("price", ["１２.３", "12.3\n", "12.", "1e3", "-1"])
def test_a_price_is_digits_and_nothing_else(erp: System, price: str) -> None:
    line = {
        "code": "F1", "customer": "C1", "source": "C1", "product": "P1", "sold_on": "2026-11-05",
        "quantity": 4, "unit_price": price, "currency": "CNY",
    }  # fmt: skip
    assert erp.ask("PUT", "flow-lines", json={"records": [line]}).status_code == 400


def test_the_same_batch_again_changes_nothing(office: Office, erp: System) -> None:
    (first,) = erp.put("customers", HOSPITAL)
    assert first["st"] == "created"
    head = office.store.head()
    (again,) = erp.put("customers", HOSPITAL)
    assert (again["st"], again["id"]) == ("unchanged", first["id"])
    assert office.store.head() == head + 1, "the log of imports alone"
    (changed,) = erp.put("customers", {**HOSPITAL, "grade": "3A"})
    assert (changed["st"], changed["id"]) == ("updated", first["id"])
    held = office.desk().reconcile().of_kind("customer")[first["id"]]
    assert (held["name"], held["grade"], held["pinyin"]) == (
        "武汉市第一医院", "3A", "wu han shi di yi yi yuan",
    )  # fmt: skip
    assert not office.desk("sam").reconcile().of_kind("customer"), "it is in the north"


def test_a_customer_of_a_file_is_found_by_its_code(office: Office, erp: System) -> None:
    customer = office.customer("By hand", code="C1", phone="021")
    (verdict,) = erp.put("customers", HOSPITAL)
    assert (verdict["st"], verdict["id"]) == ("updated", customer)
    held = office.desk().reconcile().of_kind("customer")[customer]
    assert held["phone"] == "021", "what the batch does not name stays"


def test_one_bad_record_stops_no_other(office: Office, erp: System) -> None:
    verdicts = erp.put(
        "customers",
        HOSPITAL,
        {"code": "C2", "name": "x", "territory": "Mars"},
        {"code": "C1", "name": "twice"},
        {"code": "C3", "name": "fine"},
        {"code": "C4", "name": "nul \x00"},
    )
    assert states(verdicts) == ["created", "rejected", "rejected", "created", "rejected"]
    assert [one.get("reason") for one in verdicts] == [
        None, "unknown_territory", "duplicate_code", None, "bad_value",
    ]  # fmt: skip
    (kept,) = import_log.imports(office.store)
    assert (kept.rows, kept.created, kept.refused, kept.actor) == (5, 2, 3, "system:SAP")
    assert [one["line"] for one in kept.errors] == [2, 3, 5]
    assert audit.newest(office.store)[0].action == "import"


def test_a_dry_run_stores_nothing(office: Office, erp: System) -> None:
    head = office.store.head()
    assert states(erp.put("customers", HOSPITAL, dry_run=True)) == ["created"]
    assert office.store.head() == head
    assert states(erp.put("customers", HOSPITAL)) == ["created"]


def test_invoices_and_flow_data_name_others_by_code(office: Office, erp: System) -> None:
    erp.put("customers", HOSPITAL, {"code": "D1", "name": "九州通", "kind": "distributor"})
    erp.put("products", {"code": "P1", "name": "阿司匹林"})
    assert states(erp.put("invoices", INVOICE_1)) == ["created"]
    assert states(erp.put("invoices", INVOICE_1)) == ["unchanged"]
    assert states(erp.put("invoices", {**INVOICE_1, "open_minor": 0, "state": "paid"})) == [
        "updated"
    ]
    line = {
        "code": "F1", "customer": "C1", "source": "D1", "product": "P1", "sold_on": "2026-11-05",
        "quantity": 400, "unit_price": "12.3456789012345",
    }  # fmt: skip
    bad = [{**line, "unit_price": "12.3", "code": "F2", "product": "P9"}]
    assert erp.ask("PUT", "flow-lines", json={"records": [line]}).status_code == 400
    verdicts = erp.put("flow-lines", {**line, "unit_price": "12.3456"}, *bad)
    assert states(verdicts) == ["created", "rejected"]
    assert verdicts[1]["reason"] == "unknown_code"
    assert verdicts[1]["field"] == "product"
    (lost,) = erp.put("invoices", {**INVOICE_1, "code": "I2", "customer": "C9"})
    assert (lost["reason"], lost["field"]) == ("unknown_code", "customer")
    assert list(upkeep.findings(office.store)) == []


def test_receivables_are_not_for_everybody(office: Office, erp: System) -> None:
    for role in (Role.REP, Role.QA, Role.ADM):
        assert INVOICE.number not in readable_kinds(role, SCHEMA)
    assert INVOICE.number in readable_kinds(Role.KAM, SCHEMA)
    price = FLOW_LINE.names.index("unit_price")
    assert price not in readable_fields(FLOW_LINE, Role.REP)
    assert price in readable_fields(FLOW_LINE, Role.FIN)
    erp.put("customers", HOSPITAL)
    ann, kim = office.desk().reconcile(), office.desk("kim").reconcile()
    erp.put("invoices", INVOICE_1)
    for desk in (ann, kim):
        answer = desk.post(desk.request())
        assert b"1250000" not in answer.content
        assert not any(kind == "invoice" for kind, _ in desk.reconcile().rows)


def _stored(store: Store) -> str:
    with store.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT data FROM sync_row WHERE kind IN (:one, :two)"),
            {"one": INVOICE.number, "two": FLOW_LINE.number},
        )
        return " ".join(row[0] for row in rows)


def _some_amounts(erp: System) -> None:
    erp.put("customers", HOSPITAL, {"code": "D1", "name": "九州通", "kind": "distributor"})
    erp.put("products", {"code": "P1", "name": "阿司匹林"})
    erp.put("invoices", INVOICE_1)
    erp.put("flow-lines", {
        "code": "F1", "customer": "C1", "source": "D1", "product": "P1", "sold_on": "2026-11-05",
        "quantity": 400, "unit_price": "12.3456",
    })  # fmt: skip


def test_amounts_are_sealed_at_rest(office: Office, erp: System) -> None:
    _some_amounts(erp)
    assert INVOICE_1["code"] in _stored(office.store)
    for amount in ("1250000", "12.3456"):
        assert amount not in _stored(office.store)
    with office.store.write("test") as writer:
        [invoice] = _rows(office.store, INVOICE.number)
        row = writer.get("invoice", invoice)
        assert row is not None
        assert row.document["amount_minor"] == INVOICE_1["amount_minor"]


def test_amounts_of_before_are_sealed_when_the_database_is_opened(
    office: Office, erp: System
) -> None:
    with pytest.MonkeyPatch.context() as older:
        older.setattr(seals, "AT_REST", {})
        _some_amounts(erp)
        assert "1250000" in _stored(office.store)
    with office.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM meta WHERE k = 'amounts'"))
    with closing(Store.open(office.store.path or office.store.url)) as again:
        for amount in ("1250000", "12.3456"):
            assert amount not in _stored(again)
        assert list(upkeep.findings(again)) == []
    assert states(erp.put("invoices", INVOICE_1)) == ["unchanged"]


def _rows(store: Store, kind: int) -> list[str]:
    with store.read() as connection:
        found = connection.execute(
            text("SELECT id FROM sync_row WHERE kind = :kind"), {"kind": kind}
        )
        return list(found.scalars())


def test_a_page_follows_a_page_and_then_only_what_changed(office: Office, erp: System) -> None:
    erp.put("customers", *({"code": f"C{n}", "name": f"H{n}"} for n in range(7)))
    found: list[str] = []
    page = erp.fetch("customers", limit=3)
    while True:
        found += [one["code"] for one in page["records"]]
        if not page["more"]:
            break
        page = erp.fetch("customers", after=page["cursor"], limit=3)
    assert sorted(found) == [f"C{n}" for n in range(7)]
    assert erp.fetch("customers", after=page["cursor"])["records"] == []
    erp.put("customers", {"code": "C3", "name": "new name"})
    (changed,) = erp.fetch("customers", after=page["cursor"])["records"]
    assert (changed["code"], changed["name"], changed["deleted"]) == ("C3", "new name", False)


def test_invoices_and_flow_data_are_given_with_their_amounts_and_codes(
    office: Office, erp: System
) -> None:
    _some_amounts(erp)
    [invoice] = erp.fetch("invoices")["records"]
    assert {name: invoice[name] for name in INVOICE_1} == INVOICE_1
    assert (invoice["state"], invoice["deleted"]) == ("open", False)
    page = erp.fetch("flow-lines")
    [line] = page["records"]
    assert (line["code"], line["customer"], line["source"], line["product"]) == ("F1", "C1", "D1", "P1")
    assert (line["sold_on"], line["quantity"], line["unit_price"]) == ("2026-11-05", 400, "12.3456")
    assert erp.fetch("customers")["records"][0]["id"] in {line["customer_id"], line["from_id"]}
    assert erp.fetch("flow-lines", after=page["cursor"])["records"] == []
    assert audit.newest(office.store)[0].action == "export"
    erp.put("invoices", {**INVOICE_1, "open_minor": 0, "state": "paid"})
    [paid] = erp.fetch("invoices", after=erp.fetch("customers")["cursor"])["records"]
    assert (paid["open_minor"], paid["state"]) == (0, "paid")


def test_unit_prices_leave_by_a_scope_of_their_own(office: Office, erp: System) -> None:
    _some_amounts(erp)
    erp.token = integrations.add(office.store, "Wholesale", ["flow:read"])
    answer = erp.ask("GET", "flow-lines")
    assert answer.status_code == 200
    assert "12.3456" not in answer.text
    assert "unit_price" not in answer.json()["records"][0]
    assert erp.ask("GET", "invoices").status_code == 403


def test_of_visits_only_facts_leave(office: Office, erp: System) -> None:
    customer = office.customer("H")
    desk = office.desk().reconcile()
    visit = {
        "customer_id": customer, "owner_id": desk.user_id, "kind": "visit", "state": "planned",
        "held_on": "2026-11-24", "objective": "secret aim", "zone": "Asia/Shanghai", "version": 1,
    }  # fmt: skip
    with office.store.write("office") as writer:
        writer.put("visit", new_id(), visit)
    answer = erp.ask("GET", "visits")
    assert "secret" not in answer.text
    (one,) = answer.json()["records"]
    assert (one["customer_id"], one["state"]) == (customer, "planned")
    assert audit.newest(office.store)[0].action == "export"


@pytest.mark.parametrize("path", sorted({*TAKEN, *GIVEN}))
def test_a_token_opens_what_its_scopes_say(office: Office, path: str) -> None:
    poor = System(office, "visits:read" if path != "visits" else "products:write")
    for method in ("PUT" if path in TAKEN else "GET", "GET" if path in GIVEN else "PUT"):
        answer = poor.ask(method, path, json={} if method == "PUT" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    desk = office.desk()
    for token in ("", "kdi_x", desk.access, poor.token + "x"):
        poor.token = token
        assert poor.ask("GET" if path in GIVEN else "PUT", path).status_code == 401


def test_a_revoked_token_opens_nothing(office: Office, erp: System) -> None:
    where = office.store.url or str(office.store.path)
    assert main(["--database", where, "system", "revoke", "SAP"]) == 0
    assert erp.ask("GET", "customers").status_code == 401
    sync = requests.post(
        f"{office.url}/v1/sync",
        json={},
        headers={"Authorization": f"Bearer {erp.token}"},
        timeout=30,
    )
    assert sync.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"records": [{"code": "C1", "name": "x"}] * 501},
        {"records": [{"code": "C1", "name": "x", "nmae": "typo"}]},
        {"records": [{"code": "", "name": "x"}]},
        {"records": [{"name": "no code"}]},
        {"records": "x"},
        [],
    ],
)
def test_what_is_not_of_the_form_is_refused_whole(erp: System, body: Any) -> None:
    answer = erp.ask("PUT", "customers", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("query", ["after=x", "after=1.%00", "limit=0", "limit=1001", "limit=x"])
def test_an_odd_query_is_refused(erp: System, query: str) -> None:
    assert erp.ask("GET", f"customers?{query}").status_code == 400


def test_the_examples_of_the_contract_are_true(office: Office, erp: System) -> None:
    contract = requests.get(f"{office.url}/schema/openapi.json", timeout=30).json()
    for path, example in EXPORTS.items():
        schema = {"$ref": "#/components/schemas/Export", "components": contract["components"]}
        jsonschema_rs.validate(schema, example)
        given = contract["paths"][f"/v1/erp/{path}"]["get"]["responses"]["200"]["content"]
        assert given["application/json"]["example"] == example
    assert EXPORTS.keys() == GIVEN.keys()
    for name, example in EXAMPLES.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
        jsonschema_rs.validate(schema, example)
    from kamdesk.headoffice import accounts

    accounts.add_territory(office.store, "湖北")
    assert states(erp.put("customers", *EXAMPLES["CustomerBatch"]["records"])) == ["created"]
    erp.put("customers", {"code": "D-20004", "name": "九州通", "kind": "distributor"})
    for path, name in (
        ("products", "ProductBatch"), ("invoices", "InvoiceBatch"), ("flow-lines", "FlowBatch"),
    ):  # fmt: skip
        assert states(erp.put(path, *EXAMPLES[name]["records"])) == ["created"]
    with office.store.write("office") as writer:
        writer.put("visit", new_id(), {"kind": "call", "state": "planned", "customer_id": new_id(),
            "owner_id": new_id()})
        writer.put("promotion_request", new_id(), {"customer_id": new_id(), "state": "draft"})
    for path, example in EXPORTS.items():
        found = erp.fetch(path)["records"][0]
        assert found.keys() == example["records"][0].keys(), path
    assert set(erp_paths(lambda *_a, **_k: {"requestBody": {"content": {"application/json": {}}},
        "responses": {"200": {"content": {"application/json": {}}}}})) <= set(contract["paths"])  # fmt: skip
