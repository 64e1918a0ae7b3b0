"""The served OpenAPI document against what is served: no bug, and every answer as it is written there."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    status_code_conformance,
)

from tests.headoffice.conftest import Office
from tests.headoffice.known import Known

EXAMPLES = int(os.environ.get("KAMDESK_CONTRACT_EXAMPLES", "20"))
OPERATIONS = (
    "enroll", "token", "password", "sync", "parting", "bucket", "attachment", "attachment_part",
    "attachment_put", "head", "meta", "alive", "ready", "erp_put_customers",
    "erp_put_products", "erp_put_invoices", "erp_put_flow_lines", "erp_get_customers",
    "erp_get_products", "erp_get_invoices", "erp_get_flow_lines", "erp_get_visits", "erp_get_promotions",
)  # fmt: skip
CHECKS = (
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The forms are the same on either database."""
    return str(tmp_path / "office.db")


@pytest.fixture
def contract(office: Office, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The document as it is served, and nobody slowed down."""
    from kamdesk.headoffice import rates, throttle

    monkeypatch.setattr(rates, "BURST", 1e9)
    monkeypatch.setattr(throttle, "check", lambda *_: None)
    return schemathesis.openapi.from_url(f"{office.url}/schema/openapi.json")


def test_every_operation_is_asked(contract: Any) -> None:
    served = {one.ok().definition.raw["operationId"] for one in contract.get_all_operations()}
    assert served == set(OPERATIONS)


def judge(document: Any, responses: Any, answer: Any) -> None:
    """Compare a body with its description; schemathesis itself turns the tuples in it into another dialect."""
    for form, content in responses[str(answer.status_code)].get("content", {}).items():
        if answer.headers["content-type"][0].startswith(form):
            whole = {**content["schema"], "components": document["components"]}
            jsonschema_rs.Draft202012Validator(whole).validate(answer.json())
            return
    assert not answer.content


@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_are_as_documented(office: Office, contract: Any, name: str) -> None:
    """Of four requests three come from a device or a system that head office knows, about what is there."""
    operation = next(
        one.ok()
        for one in contract.get_all_operations()
        if one.ok().definition.raw["operationId"] == name
    )
    known = Known(office)
    session = requests.Session()
    document = requests.get(f"{office.url}/schema/openapi.json", timeout=30).json()
    responses = document["paths"][operation.path][operation.method.lower()]["responses"]
    told: Counter[tuple[bool, int]] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), data=strategies.data())
    def ask(case: Any, data: Any) -> None:
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        is_known = data.draw(strategies.integers(0, 3)) < 3
        known.believe(name, case, data.draw, everything=is_known)
        answer = case.call(
            base_url=office.url,
            headers={"Authorization": f"Bearer {known.token}"},
            session=session,
        )
        case.validate_response(answer, checks=CHECKS)
        judge(document, responses, answer)
        known.learn(name, answer)
        told[is_known, answer.status_code] += 1

    ask()
    asked = sum(count for (is_known, _), count in told.items() if is_known)
    taken = told[True, 200] + told[True, 204]
    assert asked >= told.total() // 3, told
    assert taken == asked, told
