"""Reading the body of a request within limits, whatever it claims to be."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

import msgspec

from kamdesk.headoffice.problems import Rejected
from kamdesk.sync.protocol import MAX_BODY, MAX_INFLATED, SyncRequest

_MOST_DEPTH = 32
_FREE_RATIO_UP_TO = 1024 * 1024
_MOST_RATIO = 100
_STEP = 64 * 1024
STALLED = 30.0
"""Seconds without a byte of the body."""
LONGEST = 600.0
"""Seconds for a whole body: 8 MiB at 112 kbit/s."""

T = TypeVar("T")


async def read_body(stream: AsyncIterator[bytes], *, content_type: str, encoding: str) -> bytes:
    """Return the inflated body. Raises Rejected as soon as a limit is passed."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Rejected(415, "unsupported_media_type", expected="application/json")
    inflate = _inflater(encoding.strip().lower())
    received = 0
    parts: list[bytes] = []
    size = 0
    async for chunk in _in_time(stream):
        received += len(chunk)
        if received > MAX_BODY:
            raise Rejected(413, "too_large", max=MAX_BODY)
        for part in inflate.feed(chunk):
            size += len(part)
            if size > MAX_INFLATED or (size > _FREE_RATIO_UP_TO and size > received * _MOST_RATIO):
                raise Rejected(413, "too_large", max=MAX_INFLATED)
            parts.append(part)
    if not inflate.is_whole():
        raise Rejected(400, "bad_encoding")
    return b"".join(parts)


async def _in_time(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give what comes while it comes: slow lines may be slow, but not stand still, nor last for ever."""
    until = time.monotonic() + LONGEST
    chunks = aiter(stream)
    while True:
        try:
            left = min(STALLED, until - time.monotonic())
            chunk = await asyncio.wait_for(anext(chunks), max(left, 0))
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Rejected(408, "too_slow") from None
        yield chunk


class _Plain:
    def feed(self, chunk: bytes) -> list[bytes]:
        return [chunk]

    def is_whole(self) -> bool:
        return True


class _Gzip(_Plain):
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    def feed(self, chunk: bytes) -> list[bytes]:
        parts = []
        rest = chunk
        try:
            # Small steps: the caller stops a bomb after the first ones
            while rest and not self._stream.eof:
                parts.append(self._stream.decompress(rest, _STEP))
                rest = self._stream.unconsumed_tail
                if sum(map(len, parts)) > MAX_INFLATED:
                    break
        except zlib.error as error:
            raise Rejected(400, "bad_encoding") from error
        if self._stream.unused_data:
            raise Rejected(400, "bad_encoding")
        return parts

    def is_whole(self) -> bool:
        return self._stream.eof


def _inflater(encoding: str) -> _Plain:
    if encoding in {"", "identity"}:
        return _Plain()
    if encoding in {"gzip", "x-gzip"}:
        return _Gzip()
    raise Rejected(415, "unsupported_encoding", expected="gzip")


def check_depth(values: Iterable[object], left: int = _MOST_DEPTH) -> None:
    """Raise Rejected for values nested deeper than any message of ours."""
    for value in values:
        inner = (
            value.values()
            if isinstance(value, dict)
            else value
            if isinstance(value, list)
            else None
        )
        if inner is not None:
            if left <= 0:
                raise Rejected(400, "too_deep", max=_MOST_DEPTH)
            check_depth(inner, left - 1)


def parse(body: bytes, type_: type[T]) -> T:
    """Decode a body. Raises Rejected, saying where it is wrong but never quoting what it holds."""
    try:
        value = msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise Rejected(400, "bad_request", detail=str(error)[:300]) from error
    except RecursionError as error:
        raise Rejected(400, "too_deep", max=_MOST_DEPTH) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(400, "bad_json") from error
    if isinstance(value, SyncRequest):
        # The only members that admit any form
        check_depth(
            member for group in value.groups for op in group.ops for member in (op.f, op.args)
        )
    return value
