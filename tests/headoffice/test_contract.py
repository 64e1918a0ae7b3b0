"""The served OpenAPI document against what is served: no bug, and every answer as it is written there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kamdesk.headoffice import integrations
from tests.headoffice.conftest import Office

EXAMPLES = int(os.environ.get("KAMDESK_CONTRACT_EXAMPLES", "20"))
OPERATIONS = (
    "enroll", "token", "sync", "parting", "bucket", "attachment", "attachment_part",
    "attachment_put", "head", "meta", "alive", "ready", "erp_put_customers",
    "erp_put_products", "erp_put_invoices", "erp_put_flow_lines", "erp_get_customers",
    "erp_get_products", "erp_get_visits", "erp_get_promotions",
)  # fmt: skip
CHECKS = (
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
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


@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_are_as_documented(office: Office, contract: Any, name: str) -> None:
    operation = next(
        one.ok()
        for one in contract.get_all_operations()
        if one.ok().definition.raw["operationId"] == name
    )
    token = (
        integrations.add(office.store, "Fuzz", integrations.SCOPES)
        if name.startswith("erp")
        else office.desk().access
    )
    session = requests.Session()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        case.call_and_validate(
            base_url=office.url,
            headers={"Authorization": f"Bearer {token}"},
            session=session,
            checks=CHECKS,
        )

    ask()
