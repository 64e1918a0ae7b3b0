"""HTTP to head office: the only place that talks to the network.

Certificates are the system's (corporate proxies), redirects are not followed (captive portals redirect), and
an answer counts only when it is JSON of the expected form. `close` cuts a running request.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from weakref import WeakSet

import msgspec
import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.sync.problems import Answered, HistoryChanged, Unreachable
from kamdesk.sync.protocol import (
    MAX_INFLATED,
    PROTOCOL,
    Diverged,
    EnrollRequest,
    EnrollResponse,
    Head,
    Listing,
    Meta,
    Parted,
    Parting,
    Problem,
    SyncRequest,
    SyncResponse,
    TokenRequest,
    TokenResponse,
)

CONNECT_SECONDS = 10.0
STALL_SECONDS = 60.0
LONGEST_SECONDS = 900.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ZIP_FROM = 1024

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
        self.bytes_received = 0
        self._line = _Line()
        parts = urlsplit(server)
        if parts.scheme == "https":
            truststore.inject_into_ssl()
        self._session = requests.Session()
        # A proxy of the environment is for the world outside
        self._session.trust_env = parts.hostname not in _LOOPBACK
        self._session.mount(f"{parts.scheme}://", _Recording(self._line))
        self._session.headers.update(
            {"KD-Protocol": str(PROTOCOL), "Accept": "application/json", "Accept-Encoding": "gzip"}
        )

    def close(self) -> None:
        """Cut every connection; a request that is under way fails at once."""
        self._line.cut()
        self._session.close()

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

    def sync(self, access: str, request: SyncRequest) -> SyncResponse:
        """Hand in and fetch. Raises Answered, HistoryChanged, Unreachable."""
        return self._call("POST", "/v1/sync", SyncResponse, body=request, access=access)

    def part(self, access: str, left: Parting) -> Parted:
        """Hand in what is left and be let in no more. Raises Answered, Unreachable."""
        return self._call("POST", "/v1/parting", Parted, body=left, access=access)

    def listing(self, access: str, bucket: str) -> Listing:
        """List what a bucket holds there. Raises Answered, Unreachable."""
        status, body = self._send("GET", f"/v1/bucket?{urlencode({'name': bucket})}", access=access)
        return _decoded(status, body, Listing)

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
        status, answer = self._send(method, path, body=msgspec.json.encode(body), access=access)
        return _decoded(status, answer, type_)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        access: str = "",
        stall: float = STALL_SECONDS,
    ) -> tuple[int, bytes]:
        if self._line.is_cut:
            raise Unreachable("closed")
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) >= _ZIP_FROM:
                body = gzip.compress(body, 6)
                headers["Content-Encoding"] = "gzip"
            self.bytes_sent += len(body)
        try:
            with self._session.request(
                method,
                self.server + path,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, stall),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, self._read(response)
        except requests.exceptions.SSLError as error:
            raise Unreachable("tls") from error
        except requests.exceptions.ProxyError as error:
            raise Unreachable("proxy") from error
        except requests.exceptions.ConnectTimeout as error:
            raise Unreachable("timeout", never_left=True) from error
        except requests.exceptions.Timeout as error:
            raise Unreachable("timeout") from error
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            raise Unreachable("connect", never_left=_is_new(error)) from error

    def _read(self, response: requests.Response) -> bytes:
        if 300 <= response.status_code < 400:
            raise Unreachable("captive_portal")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if response.status_code != 204 and kind not in {
            "application/json",
            "application/problem+json",
        }:
            if response.status_code >= 500:
                raise Unreachable("server_error", status=response.status_code)
            raise Unreachable("captive_portal" if kind == "text/html" else "bad_answer")
        began = time.monotonic()
        parts: list[bytes] = []
        size = 0
        for chunk in response.iter_content(65_536):
            size += len(chunk)
            parts.append(chunk)
            if size > MAX_INFLATED or time.monotonic() - began > LONGEST_SECONDS:
                raise Unreachable("bad_answer")
        self.bytes_received += int(response.headers.get("Content-Length", "0") or 0) or size
        return b"".join(parts)


def _is_new(error: BaseException | None) -> bool:
    """Say whether an error is that of a connection that did not come about."""
    for inner in error.args if error is not None else ():
        reason = getattr(inner, "reason", inner)
        if isinstance(reason, NewConnectionError):
            return True
    return False


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


class _Line:
    """The open connections of one transport, so that they can be cut, also one that is just coming about."""

    def __init__(self) -> None:
        self._live: WeakSet[HTTPConnection] = WeakSet()
        self._lock = threading.Lock()
        self.is_cut = False

    def opened(self, connection: HTTPConnection) -> None:
        """Note a connection; cut it at once when the line was cut meanwhile."""
        with self._lock:
            self._live.add(connection)
            if self.is_cut:
                _shut(connection)

    def cut(self) -> None:
        """Cut what is open, and what is still to come."""
        with self._lock:
            self.is_cut = True
            for connection in list(self._live):
                _shut(connection)


def _shut(connection: HTTPConnection) -> None:
    sock = getattr(connection, "sock", None)
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class _Recording(HTTPAdapter):
    """An adapter whose connections belong to a line."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        super().__init__(pool_connections=1, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        line = self._line

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line.opened(self)

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line.opened(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
