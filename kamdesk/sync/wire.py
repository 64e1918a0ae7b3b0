"""What HTTP is made of: requests, imported by the thread that first asks head office, for no window waits for that.

Of `transport` alone; redirects are not followed, connections can be cut.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import MAX_INFLATED, PROTOCOL

CONNECT_SECONDS = 10.0
LONGEST_SECONDS = 900.0


class Wire:
    """The connections to one head office; `close` may come from any thread."""

    def __init__(self, server: str, *, is_here: bool) -> None:
        self._server = server
        self._line = _Line()
        self.bytes_received = 0
        scheme = urlsplit(server).scheme
        if scheme == "https":
            truststore.inject_into_ssl()
        self._session = requests.Session()
        # A proxy of the environment is for the world outside
        self._session.trust_env = not is_here
        # With none set, the account's .netrc would be looked up and put in the place of our token
        self._session.auth = _as_it_is
        self._session.mount(f"{scheme}://", _Recording(self._line))
        # Nothing that goes without saying: an idle computer asks once a minute, also over a metered line
        self._session.headers.clear()
        self._session.headers.update(
            {"User-Agent": "KAMDesk", "KD-Protocol": str(PROTOCOL), "Accept-Encoding": "gzip"}
        )

    def renew(self) -> None:
        """Cut what is open; a request that is under way fails at once, the next one has a connection of its own."""
        self._line.shut()

    def close(self) -> None:
        """Cut every connection; a request that is under way fails at once."""
        self._line.cut()
        self._session.close()

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], stall: float
    ) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises Unreachable."""
        if self._line.is_cut:
            raise Unreachable("closed")
        try:
            with self._session.request(
                method,
                self._server + path,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, stall),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, self._read(response)
        except requests.exceptions.SSLError as error:
            raise self._why_refused(error) from error
        except requests.exceptions.ProxyError as error:
            raise Unreachable("proxy") from error
        except requests.exceptions.ConnectTimeout as error:
            raise Unreachable("timeout", never_left=True) from error
        except requests.exceptions.Timeout as error:
            raise Unreachable("timeout") from error
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            raise Unreachable("connect", never_left=_is_new(error)) from error

    def _why_refused(self, error: BaseException) -> Unreachable:
        from kamdesk.sync.certificates import why_refused

        parts = urlsplit(self._server)
        return why_refused(error, parts.hostname or "", parts.port or 443, self._line.opened)

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


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _is_new(error: BaseException | None) -> bool:
    """Say whether an error is that of a connection that did not come about."""
    for inner in error.args if error is not None else ():
        reason = getattr(inner, "reason", inner)
        if isinstance(reason, NewConnectionError):
            return True
    return False


class _Line:
    """The open connections of one transport, so that they can be cut, also one that is just coming about."""

    def __init__(self) -> None:
        self._live: WeakSet[HTTPConnection | socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self.is_cut = False

    def opened(self, connection: HTTPConnection | socket.socket) -> None:
        """Note a connection; cut it at once when the line was cut meanwhile."""
        with self._lock:
            self._live.add(connection)
            if self.is_cut:
                _shut(connection)

    def cut(self) -> None:
        """Cut what is open, and what is still to come."""
        self.is_cut = True
        self.shut()

    def shut(self) -> None:
        """Cut what is open."""
        with self._lock:
            for connection in list(self._live):
                _shut(connection)


def _shut(connection: HTTPConnection | socket.socket) -> None:
    sock = connection if isinstance(connection, socket.socket) else connection.sock
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
