"""The addresses of attachments in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kamdesk.sync import protocol_files

STRUCTS = (protocol_files.AttachmentState, protocol_files.AttachmentPart)
_READ = ("400", "401", "403", "404", "429", "500", "503")
_TAKE = ("400", "401", "403", "404", "408", "409", "413", "415", "429", "500", "503")


def paths(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Describe how bytes are asked for and handed in."""
    ident = _parameter("id", "An attachment that the user may read", {"type": "string"})
    offset = _parameter(
        "offset",
        "Where the piece begins, a multiple of 262,144",
        {"type": "integer", "minimum": 0, "maximum": 10**9},
    )
    state = operation(
        "Say how much of an attachment is here", "attachment", gives="AttachmentState",
        problems=_READ, is_open=False,
    )  # fmt: skip
    give = operation(
        "Give one piece of an attachment", "attachment_part", gives="AttachmentPart",
        problems=_READ, is_open=False,
    )  # fmt: skip
    take = operation(
        "Take the next piece of an attachment", "attachment_put", takes="AttachmentPart",
        gives="AttachmentState", problems=_TAKE, is_open=False,
    )  # fmt: skip
    return {
        "/v1/attachment": {"get": {**state, "parameters": [ident]}},
        "/v1/attachment/part": {"get": {**give, "parameters": [ident, offset]}, "put": take},
    }


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": True, "description": description, "schema": schema,
    }  # fmt: skip
