"""Head office over HTTP: thin handlers around accounts, ingest and feed."""

from __future__ import annotations

import asyncio
import base64
import logging
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from litestar import Litestar, Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from sqlalchemy.exc import SQLAlchemyError

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import (
    audit,
    bodies,
    comparing,
    devices,
    disclosed,
    durable,
    feed,
    horizon,
    ingest,
    leases,
    notices,
    rescues,
    tokens,
    window,
)
from kamdesk.headoffice.admin.routes import ROUTER as ADMIN
from kamdesk.headoffice.blob_routes import ROUTER as FILES
from kamdesk.headoffice.contract import openapi
from kamdesk.headoffice.erp_routes import ROUTER as ERP
from kamdesk.headoffice.metrics import Metrics
from kamdesk.headoffice.nudges import Nudges
from kamdesk.headoffice.observe import facts
from kamdesk.headoffice.problems import HistoryDiverged, Rejected
from kamdesk.headoffice.rates import Rates
from kamdesk.headoffice.store import Store, is_transient
from kamdesk.headoffice.tokens import Caller
from kamdesk.sync.protocol import (
    PROTOCOL,
    SCHEMA,
    EnrollRequest,
    Head,
    Meta,
    Parting,
    PasswordRequest,
    Problem,
    SyncRequest,
    SyncResponse,
    TokenRequest,
    receipt_message,
)

_LONGEST_WAIT = 55.0
_AT_ONCE = 2
"""Requests of one device that are worked on at the same time."""
_ZIP_FROM = 1024
_ZIP_LEVEL = 3
_logger = logging.getLogger(__name__)

T = TypeVar("T")
Ask = Request[Any, Any, Any]


class Desk:
    """What the handlers share: the store, who waits, who is being served."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.nudges = Nudges(store)
        self.metrics = Metrics(store)
        self.is_ending = False
        self.rates = Rates()
        self._busy: dict[str, int] = {}
        # Of their own: a flood of guesses, each tens of milliseconds of a core, must not hold up the others
        self._sign_ins = ThreadPoolExecutor(2, thread_name_prefix="sign-in")

    async def read(self, request: Ask, type_: type[T]) -> T:
        """Read and decode a body within limits."""
        body = await bodies.read_body(
            request.stream(),
            content_type=request.headers.get("content-type", ""),
            encoding=request.headers.get("content-encoding", ""),
        )
        return (
            await asyncio.to_thread(bodies.parse, body, type_)
            if len(body) > 65_536
            else bodies.parse(body, type_)
        )

    async def caller(self, request: Ask, *, leaving: bool = False) -> Caller:
        """Say who calls. Raises Rejected, also for a device that asks too often.

        `leaving`: a device that is to delete everything comes through here, and nowhere else.
        """
        header = request.headers.get("authorization", "")
        caller = await asyncio.to_thread(tokens.authenticate, self.store, header)
        if caller.order == leases.WIPE and not leaving:
            raise Rejected(403, "device_leaving")
        facts(request.scope)["device"] = caller.device_id
        self.rates.take(caller.device_id)
        return caller

    async def sign_in(self, do: Callable[..., T], *arguments: Any) -> T:
        """Run what checks a password, beside everything else."""
        return await asyncio.get_running_loop().run_in_executor(self._sign_ins, do, *arguments)

    @asynccontextmanager
    async def turn(self, device_id: str) -> AsyncIterator[None]:
        """Serve a device, unless it is being served twice already. Raises Rejected."""
        if self._busy.get(device_id, 0) >= _AT_ONCE:
            raise Rejected(409, "device_busy", retry_after=1)
        self._busy[device_id] = self._busy.get(device_id, 0) + 1
        try:
            yield
        finally:
            self._busy[device_id] -= 1
            if not self._busy[device_id]:
                del self._busy[device_id]

    def reconcile(self, caller: Caller, request: SyncRequest, told: dict[str, Any]) -> bytes:
        """Take in, then tell; in a thread of its own, for as long as the database takes."""
        window.check(request)
        disclosed.check(request.disclosed)
        notices.check(request)
        devices.check_about(request.about)
        last, results = ingest.push(self.store, caller, request) if caller.is_active else (0, [])
        answer = SyncResponse(self.store.server_id, "", (0, 0), last, results, hint=window.hint())
        leases.tell(self.store, caller, request, answer)
        disclosed.note(self.store, caller, request.disclosed)
        notices.settle(self.store, caller, request.settled)
        devices.note_about(self.store, caller, request.about)
        with self.store.read(subscriber=caller.user_id) as connection:
            if caller.order == leases.WIPE:
                feed.greet(connection, caller, answer)
            elif window.may_pull(request):
                feed.pull(connection, caller, request, answer, self.store.seals)
            else:
                feed.greet(connection, caller, answer)
            newest = audit.head(connection)
            is_behind = durable.is_behind(connection)
        if is_behind:
            self.store.settle()
        signature = self.store.sign(receipt_message(caller.device_id, answer))
        if newest != request.audit:
            answer.audit = newest
        answer.receipt = base64.b64encode(signature).decode()
        body = msgspec.json.encode(answer)
        tokens.note_seen(self.store, caller, request.audit, newest)
        self.metrics.answered(answer)
        told |= {
            "groups": len(request.groups), "changes": len(results),
            "rows": sum(one.n for one in [*(answer.delta.pages if answer.delta else []), *answer.load_pages]),
        }  # fmt: skip
        return body


def _desk(request: Ask) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _address(request: Ask) -> str:
    return request.client.host if request.client else ""


def _answer(request: Ask, body: bytes, *, status: int = 200) -> Response[bytes]:
    headers = {"Cache-Control": "no-store"}
    if len(body) >= _ZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        squeeze = zlib.compressobj(_ZIP_LEVEL, wbits=31)
        body = squeeze.compress(body) + squeeze.flush()
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type="application/json", headers=headers)


@post("/v1/enroll", status_code=200)
async def enroll(request: Ask) -> Response[bytes]:
    """Take in a device, by code or by user and password."""
    desk = _desk(request)
    wanted = await desk.read(request, EnrollRequest)
    answer = await desk.sign_in(devices.enrol, desk.store, wanted, _address(request))
    return _answer(request, msgspec.json.encode(answer))


@post("/v1/token", status_code=200)
async def token(request: Ask) -> Response[bytes]:
    """Trade a refresh token for the next pair."""
    desk = _desk(request)
    wanted = await desk.read(request, TokenRequest)
    return _answer(
        request, msgspec.json.encode(await asyncio.to_thread(tokens.trade, desk.store, wanted))
    )


@post("/v1/password", status_code=200)
async def password(request: Ask) -> Response[bytes]:
    """Let a user choose another password, by the one in force."""
    desk = _desk(request)
    wanted = await desk.read(request, PasswordRequest)
    answer = await desk.sign_in(devices.change_password, desk.store, wanted, _address(request))
    return _answer(request, msgspec.json.encode(answer))


@post("/v1/sync", status_code=200)
async def sync(request: Ask) -> Response[bytes]:
    """Take in what a device hands in, and tell it what is new."""
    desk = _desk(request)
    caller = await desk.caller(request, leaving=True)
    async with desk.turn(caller.device_id):
        wanted = await desk.read(request, SyncRequest)
        body = await asyncio.to_thread(desk.reconcile, caller, wanted, facts(request.scope))
        return await asyncio.to_thread(_answer, request, body)


@post("/v1/parting", status_code=200)
async def parting(request: Ask) -> Response[bytes]:
    """Take what a device leaves that deletes everything, and let it in no more."""
    desk = _desk(request)
    caller = await desk.caller(request, leaving=True)
    left = await desk.read(request, Parting)
    answer = await asyncio.to_thread(rescues.take, desk.store, caller, left)
    return _answer(request, msgspec.json.encode(answer))


@get("/v1/bucket")
async def bucket(request: Ask) -> Response[bytes]:
    """List what a bucket holds, for a device that found a difference and wants to name it."""
    desk = _desk(request)
    caller = await desk.caller(request)
    name = request.query_params.get("name", "")
    if not name or "\x00" in name or len(name) > 200:
        raise Rejected(400, "bad_request", field="name")

    def read() -> bytes:
        with desk.store.read(subscriber=caller.user_id) as connection:
            return msgspec.json.encode(comparing.listing(connection, caller, name))

    answer = _answer(request, await asyncio.to_thread(read))
    desk.metrics.mismatch()
    return answer


@get("/v1/head")
async def head(request: Ask) -> Response[bytes]:
    """Wait until there is something for the user past `cursor`: 200 with the head, or 204."""
    desk = _desk(request)
    caller = await desk.caller(request)
    wait = min(float(_whole(request, "wait", 0)), _LONGEST_WAIT)
    number = await desk.nudges.wait(
        caller.user_id, after=_whole(request, "cursor", 0), seconds=wait
    )
    if number is None:
        return Response(b"", status_code=204, headers={"Cache-Control": "no-store"})
    return _answer(request, msgspec.json.encode(Head(number)))


def _whole(request: Ask, name: str, otherwise: int) -> int:
    written = request.query_params.get(name)
    if written is None:
        return otherwise
    if not (written.isascii() and written.isdigit() and len(written) <= 15):
        raise Rejected(400, "bad_request", field=name)
    return int(written)


@get("/v1/meta")
async def meta(request: Ask) -> Response[bytes]:
    """Say what this is; needs no sign-in."""
    store = _desk(request).store
    answer = Meta(
        "KAMDesk head office", store.company, store.server_id, PROTOCOL, SCHEMA, clock.stamp()
    )
    return _answer(request, msgspec.json.encode(answer))


@get("/healthz")
async def alive(request: Ask) -> Response[bytes]:
    """Say that this process runs; asks nobody."""
    return _answer(request, msgspec.json.encode({"status": "ok"}))


@get("/readyz")
async def ready(request: Ask) -> Response[bytes]:
    """Say whether requests should come here: the database answers and this process is not about to end."""
    desk = _desk(request)
    if desk.is_ending:
        raise Rejected(503, "ending", retry_after=5)
    number = await asyncio.to_thread(desk.store.head)
    return _answer(request, msgspec.json.encode({"status": "ok", "head": number}))


@get("/schema/openapi.json")
async def contract(request: Ask) -> Response[bytes]:
    """Publish this interface, made from the structs that both sides read."""
    return _answer(request, openapi())


def _problem(request: Ask, rejected: Rejected) -> Response[bytes]:
    facts(request.scope)["code"] = rejected.code
    body = Problem(
        code=rejected.code,
        status=rejected.status,
        params=rejected.params,
        retry_after=rejected.retry_after,
        title=rejected.code.replace("_", " ").capitalize(),
    )
    response = _answer(request, msgspec.json.encode(body), status=rejected.status)
    response.media_type = "application/problem+json"
    if rejected.retry_after:
        response.headers["Retry-After"] = str(rejected.retry_after)
    if rejected.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _on_rejected(request: Ask, error: Rejected) -> Response[bytes]:
    return _problem(request, error)


def _on_diverged(request: Ask, error: HistoryDiverged) -> Response[bytes]:
    facts(request.scope)["code"] = error.body.code
    response = _answer(request, msgspec.json.encode(error.body), status=409)
    response.media_type = "application/problem+json"
    return response


_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 400: "bad_request", 413: "too_large"}


def _on_http(request: Ask, error: HTTPException) -> Response[bytes]:
    response = _problem(
        request, Rejected(error.status_code, _HTTP_CODES.get(error.status_code, "http_error"))
    )
    response.headers.update(error.headers or {})
    return response


def _on_database(request: Ask, error: SQLAlchemyError) -> Response[bytes]:
    if is_transient(error):
        return _problem(request, Rejected(503, "busy", retry_after=2))
    return _on_bug(request, error)


def _on_bug(request: Ask, error: Exception) -> Response[bytes]:
    incident = new_id()
    facts(request.scope)["incident"] = incident
    _logger.error("incident %s: %s", incident, type(error).__name__, exc_info=error)
    return _problem(request, Rejected(500, "internal", incident=incident))


def create_app(store: Store) -> Litestar:
    """Make the application for one store; the caller closes the store."""
    desk = Desk(store)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        desk.nudges.start()
        forgetting = asyncio.create_task(horizon.keep_forgetting(store))
        try:
            yield
        finally:
            forgetting.cancel()
            await desk.nudges.stop()

    handlers: dict[Any, Callable[..., Response[bytes]]] = {
        Rejected: _on_rejected,
        HistoryDiverged: _on_diverged,
        HTTPException: _on_http,
        SQLAlchemyError: _on_database,
        Exception: _on_bug,
    }
    app = Litestar(
        [
            Router(
                "/",
                route_handlers=[
                    enroll,
                    token,
                    password,
                    sync,
                    parting,
                    bucket,
                    head,
                    meta,
                    alive,
                    ready,
                    contract,
                ],
            ),
            ADMIN,
            ERP,
            FILES,
        ],
        openapi_config=None,
        lifespan=[lifespan],
        exception_handlers=handlers,
        request_max_body_size=None,
        logging_config=None,
    )
    app.state.desk = desk
    return app
