"""A line between device and head office that loses, repeats, delays, reorders and cuts what it carries.

What travels are the bytes of the real transport, and the real handlers of head office answer them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import msgspec

from kamdesk.domain import clock
from kamdesk.headoffice import blobs, bodies, tokens
from kamdesk.headoffice.api import Desk
from kamdesk.headoffice.problems import HistoryDiverged, Rejected
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import PROTOCOL, SCHEMA, Meta, Problem, SyncRequest, TokenRequest
from kamdesk.sync.protocol_files import AttachmentPart
from kamdesk.sync.transport import STALL_SECONDS, Transport
from tests.sync.sim.stores import Crash

if TYPE_CHECKING:
    from tests.sync.sim.stores import SimStore


class Fault(IntEnum):
    """What happens to one round trip."""

    NONE = 0
    NO_LINE = 1  # no connection comes about
    REQUEST_LOST = 2  # it left, and nobody got it
    ANSWER_LOST = 3
    ANSWER_CUT = 4  # in the middle of its bytes
    TWICE = 5  # a proxy delivers it twice; the second answer arrives
    PORTAL = 6  # somebody else answers
    GATEWAY = 7  # head office got it, and the gateway answers 502
    LATE = 8  # it is thought lost, and arrives much later
    TOO_LARGE = 9  # something on the way takes less than head office does


class Office:
    """The handlers of head office, without HTTP around them."""

    def __init__(self, store: SimStore) -> None:
        self.store = store
        self.desk = Desk(store)

    def handle(self, path: str, access: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request with status and bytes."""
        try:
            return 200, self._handle(path, access, body)
        except HistoryDiverged as diverged:
            return 409, msgspec.json.encode(diverged.body)
        except Rejected as one:
            return one.status, msgspec.json.encode(
                Problem(one.code, one.status, one.params, one.retry_after)
            )

    def _handle(self, path: str, access: str, body: bytes) -> bytes:
        store = self.store
        if path == "/v1/meta":
            meta = Meta("sim", store.company, store.server_id, PROTOCOL, SCHEMA, clock.stamp())
            return msgspec.json.encode(meta)
        if path == "/v1/token":
            return msgspec.json.encode(tokens.trade(store, bodies.parse(body, TokenRequest)))
        caller = tokens.authenticate(store, f"Bearer {access}")
        place = urlsplit(path)
        named = dict(parse_qsl(place.query))
        match place.path:
            case "/v1/attachment":
                return msgspec.json.encode(blobs.state(store, caller, named["id"]))
            case "/v1/attachment/part" if body:
                part = bodies.parse(body, AttachmentPart)
                return msgspec.json.encode(blobs.take(store, caller, part))
            case "/v1/attachment/part":
                return msgspec.json.encode(blobs.give(store, caller, named["id"], int(named["offset"])))
        return self.desk.reconcile(caller, bodies.parse(body, SyncRequest), {})


class Line(Transport):
    """The real transport over a line of the simulation instead of a socket."""

    def __init__(
        self,
        deliver: Callable[[str, str, bytes], tuple[int, bytes]],
        in_flight: Callable[[], None],
    ) -> None:
        super().__init__("http://127.0.0.1")
        self._deliver = deliver
        self._in_flight = in_flight
        self.faults: list[tuple[Fault, int]] = []
        """What happens to the next round trips, with a number that says where."""
        self.late: list[tuple[str, str, bytes]] = []
        self.requests = 0

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytearray | None = None,
        is_secret: bool = False,  # noqa: ARG002  # nothing is packed here
        access: str = "",
        stall: float = STALL_SECONDS,
    ) -> tuple[int, bytes]:
        content = bytes(body or b"")  # what was sent is wiped after it
        fault, where = self.faults.pop(0) if self.faults else (Fault.NONE, 0)
        if fault is Fault.NO_LINE:
            raise Unreachable("connect", never_left=True)
        if fault is Fault.PORTAL:
            raise Unreachable("captive_portal")
        if fault is Fault.TOO_LARGE and path == "/v1/sync":
            return 413, msgspec.json.encode(Problem("too_large", 413, {"max": 1}))
        if path == "/v1/sync":
            self.late.append((path, access, content))
            self.requests += 1
        if fault in {Fault.REQUEST_LOST, Fault.LATE}:
            self._in_flight()
            raise Unreachable("timeout")
        status, answer = self._reach(path, access, content)
        if fault is Fault.TWICE:
            status, answer = self._reach(path, access, content)
        self._in_flight()
        if fault is Fault.ANSWER_LOST:
            raise Unreachable("timeout")
        if fault is Fault.GATEWAY:
            raise Unreachable("server_error", status=502)
        if fault is Fault.ANSWER_CUT:
            return status, answer[: where % max(len(answer), 1)]
        return status, answer

    def _reach(self, path: str, access: str, content: bytes) -> tuple[int, bytes]:
        try:
            return self._deliver(path, access, content)
        except Crash:
            raise Unreachable("connect") from None
