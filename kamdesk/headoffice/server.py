"""Running head office: the socket, the signals, a quick end."""

from __future__ import annotations

import signal
import socket
import ssl
import sys
from types import FrameType

import uvicorn

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice.api import create_app
from kamdesk.headoffice.metrics import Metrics
from kamdesk.headoffice.observe import observed
from kamdesk.headoffice.patience import PatientProtocol
from kamdesk.headoffice.store import Store

_BACKLOG = 1024
_PROXIES = "127.0.0.1,::1"
"""Whom to believe where no proxy is named: those of this machine."""
_GRACE = 5
"""Seconds that requests under way have to end."""


class Server(uvicorn.Server):
    """uvicorn, which lets those go who only wait, before it waits for the others."""

    def __init__(
        self,
        store: Store,
        *,
        certificate: str | None = None,
        key: str | None = None,
        proxies: str = "",
    ) -> None:
        self._app = create_app(store)
        self.metrics: Metrics = self._app.state.desk.metrics
        super().__init__(
            uvicorn.Config(
                observed(self._app, self.metrics, is_tls=certificate is not None),
                http=PatientProtocol,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=_GRACE,
                ssl_certfile=certificate,
                ssl_keyfile=key,
                # Whose word counts for who asks and whether that was by TLS: throttling goes by address, cookies by TLS
                forwarded_allow_ips=proxies or _PROXIES,
            )
        )
        if certificate is not None:
            self.config.load()
            assert self.config.ssl is not None
            self.config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2

    def end(self) -> None:
        """Stop serving; from any thread."""
        self.should_exit = True
        self._app.state.desk.is_ending = True
        self._app.state.desk.nudges.close()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at a signal, the second time at once."""
        # Not uvicorn's own: it raises the signal again at the end, so that an orderly stop looks killed
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.end()


def bind(host: str, port: int) -> socket.socket:
    """Take an address; port 0 takes a free one. Raises MachineError with a sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP by name: where a socket does not say it, asyncio lets small pieces wait. The body of an answer then waits
    # until the client's system has confirmed the headers, 40 ms on Linux
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs take one port
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        # At once: until somebody listens, a second program could take the same port
        taken.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        taken.close()
        raise MachineError(
            "Port {port} on {host} cannot be used: {reason}.",
            code="PORT_UNUSABLE",
            host=host,
            port=port,
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    return taken


def address_of(taken: socket.socket, *, is_tls: bool) -> str:
    """Write the address of a bound socket as a URL."""
    host, port = taken.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if is_tls else 'http'}://{shown}:{port}"
