"""What is seen of every request from outside: one line of JSON, numbers for Prometheus; never what it held."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from kamdesk.domain import clock
from kamdesk.domain.one_line import one_line
from kamdesk.headoffice.metrics import Metrics
from kamdesk.logs import CalmFormatter

App = Callable[[Any, Any, Any], Awaitable[None]]
ACCESS = "kamdesk.headoffice.access"
_FIELDS = (
    "request", "method", "route", "status", "code", "ms", "device", "in", "out", "groups", "changes", "rows",
    "incident",
)  # fmt: skip
_logger = logging.getLogger(ACCESS)


class JsonLines(logging.Formatter):
    """One JSON object per line, with what a record was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        line: dict[str, Any] = {
            "at": clock.stamp(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in _FIELDS if name in record.__dict__}
        if record.exc_info and record.exc_info[0] is not None:
            # Where it happened, not the values that the exception quotes
            line["error"] = record.exc_info[0].__name__
            line["where"] = _frames(record.exc_info[2])
        return one_line(json.dumps(line, ensure_ascii=False))


def _frames(trace: Any) -> list[str]:
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-12:]


def log_to_stderr(*, as_json: bool) -> None:
    """Send the log of this process to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else CalmFormatter())
    logging.basicConfig(handlers=[handler], level=logging.INFO)


def facts(scope: Any) -> dict[str, Any]:
    """Give the place where a handler leaves what the line should tell: device, counts, a problem's code."""
    kept: dict[str, Any] = scope.setdefault("kamdesk", {})
    return kept


def observed(app: App, metrics: Metrics, *, is_tls: bool) -> App:
    """Wrap the application: a number for every request, headers of caution, the log, the metrics."""

    async def run(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        seen = _Seen(scope, is_tls=is_tls)

        async def noted(message: Any) -> None:
            seen.sending(message)
            await send(message)

        async def counted() -> Any:
            message = await receive()
            seen.bytes_in += len(message.get("body", b""))
            return message

        try:
            await app(scope, counted, noted)
        except asyncio.CancelledError:
            seen.status = seen.status or 499
            raise
        finally:
            seen.tell(metrics)

    return run


class _Seen:
    """One request under way."""

    def __init__(self, scope: Any, *, is_tls: bool) -> None:
        self.scope = scope
        self.bytes_in = 0
        self.status = 0
        self._bytes_out = 0
        self._began = time.perf_counter()
        self._id = secrets.token_hex(8)
        self._headers = [
            (b"x-request-id", self._id.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if is_tls:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))
        facts(scope)

    def sending(self, message: Any) -> None:
        """Look at one part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        else:
            self._bytes_out += len(message.get("body", b""))

    def tell(self, metrics: Metrics) -> None:
        """Write the line and count."""
        seconds = time.perf_counter() - self._began
        # The template of the route, never the address: it may hold ids, or whatever a stranger typed
        route = str(self.scope.get("path_template") or "unknown")
        method = self.scope["method"] if self.scope["method"] in _METHODS else "OTHER"
        told = {
            "request": self._id, "method": method, "route": route, "status": self.status,
            "ms": round(seconds * 1000), "in": self.bytes_in, "out": self._bytes_out,
            "code": "ok" if self.status < 400 else "other", **facts(self.scope),
        }  # fmt: skip
        _logger.info("%s %s %d", method, route, self.status, extra=told)
        metrics.request(
            route, self.status, told["code"], seconds, came=self.bytes_in, went=self._bytes_out
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
