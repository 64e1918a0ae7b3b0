"""HTTP to head office: the only place that talks to the network.

Certificates are the system's (corporate proxies), redirects are not followed (captive portals redirect), and
an answer counts only when it is JSON of the expected form. `close` cuts a running request.
"""

from __future__ import annotations

import gzip
import threading
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import process
from kamdesk.sync.problems import Answered, HistoryChanged, Unreachable
from kamdesk.sync.protocol import (
    Diverged,
    EnrollRequest,
    EnrollResponse,
    Head,
    Listing,
    Meta,
    Parted,
    Parting,
    PasswordAnswer,
    PasswordRequest,
    Problem,
    SyncRequest,
    SyncResponse,
    TokenRequest,
    TokenResponse,
)
from kamdesk.sync.protocol_files import AttachmentPart, AttachmentState

if TYPE_CHECKING:
    from kamdesk.sync.wire import Wire

STALL_SECONDS = 60.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ZIP_FROM = 1024
_ROOM = 64 * 1024
_ENCODER = msgspec.json.Encoder()

T = TypeVar("T")


def server_address(typed: str) -> str:
    """Return the address to call for what was typed. Raises UserError(field="server")."""
    text = typed.strip().rstrip("/")
    if "://" not in text:
        host = text.split("/")[0].rsplit(":", 1)[0].strip("[]")
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or " " in text or parts.scheme not in {"http", "https"} or parts.query:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "connection", "Type the address of head office, for example kamdesk.example.com."
            ),
            field="server",
            code="bad_address",
            context="connection",
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "connection",
                "This address is not encrypted. Head office is reached by an address with https://.",
            ),
            field="server",
            code="not_encrypted",
            context="connection",
        )
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path}"


class Transport:
    """A line to one head office. One request at a time per thread; `close` may come from any thread."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.bytes_sent = 0
        self._wire: Wire | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def bytes_received(self) -> int:
        """How many bytes of answers have come, as they came over the line."""
        return self._wire.bytes_received if self._wire is not None else 0

    def renew(self) -> None:
        """Cut what is open: after sleep it may be dead without anybody having said so."""
        with self._lock:
            if self._wire is not None:
                self._wire.renew()

    def close(self) -> None:
        """Cut every connection; a request that is under way fails at once."""
        with self._lock:
            self._is_closed = True
            if self._wire is not None:
                self._wire.close()

    def _wired(self) -> Wire:
        from kamdesk.sync.wire import Wire

        with self._lock:
            if self._is_closed:
                raise Unreachable("closed")
            if self._wire is None:
                is_here = urlsplit(self.server).hostname in _LOOPBACK
                self._wire = Wire(self.server, is_here=is_here)
            return self._wire

    def meta(self) -> Meta:
        """Ask what is at this address. Raises Unreachable("not_kamdesk") for anything but a head office."""
        status, body = self._send("GET", "/v1/meta")
        try:
            found = msgspec.json.decode(body, type=Meta)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = None
        if status != 200 or found is None or not found.server_id:
            raise Unreachable("not_kamdesk")
        return found

    def enroll(self, request: EnrollRequest) -> EnrollResponse:
        """Introduce this device. Raises Answered, Unreachable."""
        return self._call("POST", "/v1/enroll", EnrollResponse, body=request)

    def token(self, request: TokenRequest) -> TokenResponse:
        """Trade the refresh token. Raises Answered, Unreachable."""
        return self._call("POST", "/v1/token", TokenResponse, body=request)

    def password(self, request: PasswordRequest) -> PasswordAnswer:
        """Choose another password. Raises Answered, Unreachable."""
        return self._call("POST", "/v1/password", PasswordAnswer, body=request)

    def sync(self, access: str, request: SyncRequest) -> SyncResponse:
        """Hand in and fetch. Raises Answered, HistoryChanged, Unreachable."""
        try:
            return self._call("POST", "/v1/sync", SyncResponse, body=request, access=access)
        finally:
            if request.price_cursor >= 0:
                # Prices were in the bodies: they do not stay in memory until somebody locks
                process.write_over_freed()

    def part(self, access: str, left: Parting) -> Parted:
        """Hand in what is left and be let in no more. Raises Answered, Unreachable."""
        return self._call("POST", "/v1/parting", Parted, body=left, access=access)

    def listing(self, access: str, bucket: str) -> Listing:
        """List what a bucket holds there. Raises Answered, Unreachable."""
        status, body = self._send("GET", f"/v1/bucket?{urlencode({'name': bucket})}", access=access)
        return _decoded(status, body, Listing)

    def attachment(self, access: str, attachment_id: str) -> AttachmentState:
        """Ask how much of an attachment is there. Raises Answered, Unreachable."""
        path = f"/v1/attachment?{urlencode({'id': attachment_id})}"
        status, body = self._send("GET", path, access=access)
        return _decoded(status, body, AttachmentState)

    def bring(self, access: str, attachment_id: str, offset: int) -> AttachmentPart:
        """Fetch one piece of an attachment. Raises Answered, Unreachable."""
        path = f"/v1/attachment/part?{urlencode({'id': attachment_id, 'offset': offset})}"
        status, body = self._send("GET", path, access=access)
        return _decoded(status, body, AttachmentPart)

    def hand_in(self, access: str, part: AttachmentPart) -> AttachmentState:
        """Hand in one piece of an attachment. Raises Answered, Unreachable."""
        return self._call("PUT", "/v1/attachment/part", AttachmentState, body=part, access=access)

    def wait_for_news(self, access: str, *, after: int, seconds: int) -> int | None:
        """Wait until head office has a newer commit for this user; None when it has not."""
        status, body = self._send(
            "GET", f"/v1/head?wait={seconds}&cursor={after}", access=access, stall=seconds + 15.0
        )
        if status == 204:
            return None
        return _decoded(status, body, Head).head

    def _call(
        self, method: str, path: str, type_: type[T], *, body: msgspec.Struct, access: str = ""
    ) -> T:
        # Written into one piece of memory that is wiped: what is handed in may hold prices
        written = bytearray(_ROOM)
        _ENCODER.encode_into(body, written)
        try:
            # Packed, so that no copy of it in the clear is made on the way
            is_secret = isinstance(body, SyncRequest) and bool(body.groups)
            status, answer = self._send(
                method, path, body=written, is_secret=is_secret, access=access
            )
        finally:
            written[:] = bytes(len(written))
        return _decoded(status, answer, type_)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytearray | None = None,
        is_secret: bool = False,
        access: str = "",
        stall: float = STALL_SECONDS,
    ) -> tuple[int, bytes]:
        wire = self._wired()
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        sent: bytes | None = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            if is_secret or len(body) >= _ZIP_FROM:
                sent = gzip.compress(body, 6)
                headers["Content-Encoding"] = "gzip"
            else:
                sent = bytes(body)
            self.bytes_sent += len(sent)
        return wire.send(method, path, sent, headers, stall)


def _decoded(status: int, body: bytes, type_: type[T]) -> T:
    try:
        if status == 200:
            return msgspec.json.decode(body, type=type_)
        problem = msgspec.json.decode(body, type=Problem)
        if problem.code == "history_diverged":
            raise HistoryChanged(msgspec.json.decode(body, type=Diverged))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreachable("bad_answer") from error
    raise Answered(status, problem)
