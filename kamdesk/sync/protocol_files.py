"""What travels of attachments: the bytes, in pieces, beside the records; published as OpenAPI too."""

from __future__ import annotations

from kamdesk.sync.protocol import Wire


class AttachmentState(Wire):
    """How much of an attachment head office has: the first `have` bytes of `size`."""

    id: str
    sha256: str
    size: int
    have: int


class AttachmentPart(Wire):
    """One piece of a content, in base64. `sha256` is of the piece; `offset` a multiple of the length of pieces."""

    id: str
    offset: int
    data: bytes
    sha256: str
