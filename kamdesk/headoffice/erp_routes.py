"""`/v1/erp/...`: what other systems hand in and fetch, with a token of their own."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, put
from litestar.handlers import HTTPRouteHandler

from kamdesk.headoffice import erp, integrations
from kamdesk.headoffice.erp_forms import (
    MOST_PAGE,
    Batch,
    CustomerBatch,
    FlowBatch,
    InvoiceBatch,
    ProductBatch,
)
from kamdesk.headoffice.integrations import Integration
from kamdesk.headoffice.observe import facts
from kamdesk.headoffice.problems import Rejected

Ask = Request[Any, Any, Any]
TAKEN: dict[str, tuple[str, type[Batch], str]] = {
    "customers": ("customer", CustomerBatch, "customers:write"),
    "products": ("product", ProductBatch, "products:write"),
    "invoices": ("invoice", InvoiceBatch, "invoices:write"),
    "flow-lines": ("flow_line", FlowBatch, "flow:write"),
}
GIVEN: dict[str, tuple[str, str]] = {
    "customers": ("customer", "customers:read"),
    "products": ("product", "products:read"),
    "invoices": ("invoice", "invoices:read"),
    "flow-lines": ("flow_line", "flow:read"),
    "visits": ("visit", "visits:read"),
    "promotions": ("promotion_request", "promotions:read"),
}


async def _system(request: Ask, scope: str) -> Integration:
    desk = request.app.state.desk
    header = request.headers.get("authorization", "")
    system = await asyncio.to_thread(integrations.authenticate, desk.store, header)
    facts(request.scope)["device"] = system.id
    desk.rates.take(system.id)
    system.demand(scope)
    return system


def _answer(body: object) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _putting(path: str) -> HTTPRouteHandler:
    kind, form, scope = TAKEN[path]

    @put(f"/{path}", name=f"erp put {path}")
    async def take(request: Ask) -> Response[bytes]:
        desk = request.app.state.desk
        system = await _system(request, scope)
        batch: Any = await desk.read(request, form)
        answer = await asyncio.to_thread(
            erp.take, desk.store, system, kind, batch.records, dry_run=batch.dry_run
        )
        facts(request.scope)["changes"] = len(answer.verdicts)
        return _answer(answer)

    return take


def _getting(path: str) -> HTTPRouteHandler:
    kind, scope = GIVEN[path]

    @get(f"/{path}", name=f"erp get {path}")
    async def give(request: Ask) -> Response[bytes]:
        desk = request.app.state.desk
        system = await _system(request, scope)
        page = await asyncio.to_thread(
            erp.export, desk.store, system, kind,
            after=request.query_params.get("after", ""), limit=_limit(request),
        )  # fmt: skip
        facts(request.scope)["rows"] = len(page.records)
        return _answer(page)

    return give


def _limit(request: Ask) -> int:
    written = request.query_params.get("limit", "500")
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= MOST_PAGE):
        raise Rejected(400, "bad_request", field="limit")
    return int(written)


ROUTER = Router(
    "/v1/erp", route_handlers=[*(_putting(one) for one in TAKEN), *(_getting(one) for one in GIVEN)]
)
