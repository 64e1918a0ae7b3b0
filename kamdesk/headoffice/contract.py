"""The interface as an OpenAPI document, made from the structs that both sides decode with."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

import kamdesk
from kamdesk.headoffice import contract_erp, contract_files
from kamdesk.sync import protocol

_PROBLEMS = {
    "400": "Not of the form that this document describes",
    "401": "No token, or one that is not or no longer good",
    "403": "The user is disabled",
    "404": "There is no such address",
    "405": "The address has no such method",
    "409": "The device and head office do not agree about what was before",
    "408": "The body came too slowly",
    "410": "The position is from before the deletions that are still told: load anew",
    "426": "The program is too old for what is asked",
    "413": "The body is larger than head office takes",
    "415": "Not JSON, or packed in another way than gzip",
    "429": "Too many attempts; wait",
    "500": "A bug, with the number of the incident",
    "503": "Busy, or older than the device; try again",
}
_STRUCTS = (
    protocol.EnrollRequest,
    protocol.EnrollResponse,
    protocol.PasswordRequest,
    protocol.PasswordAnswer,
    protocol.TokenRequest,
    protocol.TokenResponse,
    protocol.SyncRequest,
    protocol.SyncResponse,
    protocol.Head,
    protocol.Listing,
    protocol.Meta,
    protocol.Parting,
    protocol.Parted,
    protocol.Problem,
    protocol.Diverged,
    *contract_erp.STRUCTS,
    *contract_files.STRUCTS,
)


@cache
def openapi() -> bytes:
    """Return the document as JSON."""
    _, components = msgspec.json.schema_components(
        _STRUCTS, ref_template="#/components/schemas/{name}"
    )
    paths = {
        "/v1/enroll": {
            "post": _operation(
                "Take in a device, by code or by user and password",
                "enroll",
                takes="EnrollRequest",
                gives="EnrollResponse",
                problems=("400", "401", "403", "408", "413", "415", "429", "500", "503"),
            )
        },
        "/v1/token": {
            "post": _operation(
                "Trade a refresh token for the next pair",
                "token",
                takes="TokenRequest",
                gives="TokenResponse",
                problems=("400", "401", "403", "408", "413", "415", "500", "503"),
            )
        },
        "/v1/sync": {
            "post": _operation(
                "Hand in changes and fetch what is new",
                "sync",
                takes="SyncRequest",
                gives="SyncResponse",
                problems=(
                    *("400", "401", "403", "408", "409", "410", "413", "415", "426", "429", "500"),
                    "503",
                ),
                is_open=False,
            )
        },
        "/v1/password": {
            "post": _operation(
                "Choose another password, by the one in force", "password", takes="PasswordRequest",
                gives="PasswordAnswer",
                problems=("400", "401", "403", "408", "413", "415", "429", "500", "503"),
            )
        },
        "/v1/parting": {
            "post": _operation(
                "Take what a device leaves that was told to delete everything",
                "parting",
                takes="Parting",
                gives="Parted",
                problems=("400", "401", "403", "408", "409", "413", "415", "429", "500", "503"),
                is_open=False,
            )
        },
        "/v1/bucket": {"get": _bucket()},
        "/v1/head": {"get": _head()},
        "/v1/meta": {
            "get": _operation("Say what this is", "meta", gives="Meta", problems=("500",))
        },
        "/healthz": {"get": _health("alive", with_head=False)},
        "/readyz": {"get": _health("ready", with_head=True)},
    }
    paths |= contract_erp.paths(_operation) | contract_files.paths(_operation)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "KAMDesk head office",
            "version": kamdesk.__version__,
            "description": "What the desktop and head office say to each other; see docs/architecture.md.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "device": {"type": "http", "scheme": "bearer"},
                "system": {"type": "http", "scheme": "bearer"},
            },
        },
    }
    return msgspec.json.encode(document)


def _content(name: str, form: str = "application/json") -> dict[str, Any]:
    return {form: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _operation(
    summary: str,
    name: str,
    *,
    gives: str,
    problems: tuple[str, ...],
    takes: str = "",
    is_open: bool = True,
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": summary, "content": _content(gives)}}
    for status in problems:
        body = _content("Problem", "application/problem+json")
        if status == "409":
            schemas = [{"$ref": f"#/components/schemas/{one}"} for one in ("Problem", "Diverged")]
            body = {"application/problem+json": {"schema": {"anyOf": schemas}}}
        responses[status] = {"description": _PROBLEMS[status], "content": body}
    operation: dict[str, Any] = {"summary": summary, "operationId": name, "responses": responses}
    operation["security"] = [] if is_open else [{"device": []}]
    if takes:
        operation["requestBody"] = {"required": True, "content": _content(takes)}
    return operation


def _bucket() -> dict[str, Any]:
    operation = _operation(
        "List what a bucket holds",
        "bucket",
        gives="Listing",
        problems=("400", "401", "403", "404", "500", "503"),
        is_open=False,
    )
    operation["parameters"] = [
        {
            "name": "name",
            "in": "query",
            "required": True,
            "description": "A bucket that the user is subscribed to",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
    ]
    return operation


def _head() -> dict[str, Any]:
    operation = _operation(
        "Wait until there is something for the user",
        "head",
        gives="Head",
        problems=("400", "401", "403", "429", "500", "503"),
        is_open=False,
    )
    operation["responses"]["204"] = {"description": "Nothing within the time"}
    operation["parameters"] = [
        {
            "name": name,
            "in": "query",
            "description": description,
            "schema": {"type": "integer", "minimum": 0, "maximum": most},
        }
        for name, description, most in (
            ("wait", "Seconds to wait", 55),
            ("cursor", "The highest head that the device has", 10**15 - 1),
        )
    ]
    return operation


def _health(name: str, *, with_head: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "ok"}},
    }
    if with_head:
        schema["required"].append("head")
        schema["properties"]["head"] = {"type": "integer"}
    summary = "Say whether the database answers" if with_head else "Say that the process runs"
    operation = _operation(summary, name, gives="Head", problems=("500", "503"))
    operation["responses"]["200"]["content"] = {"application/json": {"schema": schema}}
    return operation
