"""The bytes of attachments over HTTP: thin handlers around `blobs`."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, put

from kamdesk.headoffice import blobs
from kamdesk.headoffice.problems import Rejected
from kamdesk.sync.protocol_files import AttachmentPart

Ask = Request[Any, Any, Any]
_HEADERS = {"Cache-Control": "no-store"}


def _answer(value: msgspec.Struct) -> Response[bytes]:
    # Not packed: what is attached is packed already, and base64 of it is the device's smaller half
    return Response(msgspec.json.encode(value), media_type="application/json", headers=_HEADERS)


@get("/v1/attachment")
async def attachment(request: Ask) -> Response[bytes]:
    """Say how much of an attachment is here."""
    desk = request.app.state.desk
    caller = await desk.caller(request)
    wanted = request.query_params.get("id", "")
    return _answer(await asyncio.to_thread(blobs.state, desk.store, caller, wanted))


@get("/v1/attachment/part")
async def part(request: Ask) -> Response[bytes]:
    """Give one piece of an attachment."""
    desk = request.app.state.desk
    caller = await desk.caller(request)
    wanted, offset = request.query_params.get("id", ""), request.query_params.get("offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= 15):
        raise Rejected(400, "bad_request", field="offset")
    return _answer(await asyncio.to_thread(blobs.give, desk.store, caller, wanted, int(offset)))


@put("/v1/attachment/part")
async def put_part(request: Ask) -> Response[bytes]:
    """Take the next piece of an attachment."""
    desk = request.app.state.desk
    caller = await desk.caller(request)
    async with desk.turn(caller.device_id):
        handed = await desk.read(request, AttachmentPart)
        return _answer(await asyncio.to_thread(blobs.take, desk.store, caller, handed))


ROUTER = Router("/", route_handlers=[attachment, part, put_part])
