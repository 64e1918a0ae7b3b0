"""The part of the OpenAPI document for other systems, with examples."""

from __future__ import annotations

from typing import Any

from kamdesk.headoffice import erp_forms
from kamdesk.headoffice.erp_routes import GIVEN, TAKEN

STRUCTS = (
    erp_forms.CustomerBatch,
    erp_forms.ProductBatch,
    erp_forms.InvoiceBatch,
    erp_forms.FlowBatch,
    erp_forms.BatchAnswer,
    erp_forms.Export,
)
PROBLEMS = ("400", "401", "403", "408", "413", "415", "429", "500", "503")
_SECURITY: list[dict[str, list[str]]] = [{"system": []}]


def paths(operation: Any) -> dict[str, Any]:
    """Describe `/v1/erp/...`; `operation` describes one in the form of the whole document."""
    found: dict[str, Any] = {}
    for path, (_, form, scope) in TAKEN.items():
        name = form.__name__
        described = operation(
            f"Store {path} by code; the same batch again changes nothing. Scope {scope}.",
            f"erp_put_{path.replace('-', '_')}", takes=name, gives="BatchAnswer", problems=PROBLEMS,
        )  # fmt: skip
        described["security"] = _SECURITY
        _exemplify(described["requestBody"], erp_forms.EXAMPLES[name])
        _exemplify(described["responses"]["200"], erp_forms.EXAMPLES["BatchAnswer"])
        found.setdefault(f"/v1/erp/{path}", {})["put"] = described
    for path, (_, scope) in GIVEN.items():
        described = operation(
            f"Fetch {path} in the order of their changes, page by page. Scope {scope}.",
            f"erp_get_{path.replace('-', '_')}", gives="Export", problems=("400", "401", "403", "429", "500", "503"),
        )  # fmt: skip
        described["security"] = _SECURITY
        described["parameters"] = _PARAMETERS
        _exemplify(described["responses"]["200"], erp_forms.EXPORTS[path])
        found.setdefault(f"/v1/erp/{path}", {})["get"] = described
    return found


def _exemplify(part: dict[str, Any], example: dict[str, Any]) -> None:
    part["content"]["application/json"]["example"] = example


_PARAMETERS = [
    {
        "name": "after",
        "in": "query",
        "description": "The cursor of the page before; nothing for the first",
        "schema": {"type": "string", "pattern": r"^([0-9]{1,15}(\.[0-9a-z-]{0,64})?)?$"},
    },
    {
        "name": "limit",
        "in": "query",
        "description": "Records on one page",
        "schema": {
            "type": "integer", "minimum": 1, "maximum": erp_forms.MOST_PAGE, "default": 500,
        },
    },
]  # fmt: skip
