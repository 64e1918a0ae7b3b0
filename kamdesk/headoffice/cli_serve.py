"""`kamdesk-headoffice serve`: one process, or several on one address."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.headoffice.cli_common import Add, Commands, complain, open_store, say

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


def declare(commands: Commands, add: Add) -> None:
    """Add the command to the parser."""
    serve = add(commands, "serve", _serve, "Serve the desktops.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8440, help="0 takes a free one and prints it")
    serve.add_argument("--company", default="", help="shown on the desktops; kept in the database")
    serve.add_argument("--certificate", help="PEM file for TLS, with the chain")
    serve.add_argument("--key", help="PEM file of the certificate's key")
    serve.add_argument(
        "--proxy",
        default="",
        metavar="ADDRESSES",
        help="whose X-Forwarded-For and -Proto are believed, as 10.0.0.5,10.1.0.0/16; otherwise this machine's",
    )
    serve.add_argument(
        "--workers", type=int, default=1, help="processes to serve with; PostgreSQL only"
    )
    serve.add_argument(
        "--metrics-port",
        type=int,
        help="answer Prometheus here; the second process one port further",
    )
    serve.add_argument("--metrics-host", default="127.0.0.1")
    serve.add_argument("--log", choices=("json", "text"), default="json")
    serve.add_argument("--socket-fd", type=int, help=argparse.SUPPRESS)


def _serve(chosen: argparse.Namespace) -> int:
    # Here: the other commands need no web framework, and it takes longer to load than they run
    from kamdesk.headoffice.observe import log_to_stderr
    from kamdesk.headoffice.server import Server, address_of, bind
    from kamdesk.headoffice.workers import bound

    is_tls = bool(chosen.certificate)
    if chosen.workers > 1:
        return _serve_many(chosen)
    with closing(open_store(chosen)) as store:
        taken = (
            bind(chosen.host, chosen.port) if chosen.socket_fd is None else bound(chosen.socket_fd)
        )
        if chosen.socket_fd is None:
            _warn(chosen)
        server = Server(
            store,
            certificate=chosen.certificate,
            key=chosen.key,
            proxies=chosen.proxy,
        )
        if chosen.metrics_port is not None:
            try:
                server.metrics.serve(chosen.metrics_port, chosen.metrics_host)
            except OSError as error:
                raise MachineError(
                    "Port {port} cannot be used for metrics: {reason}.",
                    code="PORT_UNUSABLE",
                    port=chosen.metrics_port,
                    reason=str(error.strerror),
                ) from error
        if chosen.socket_fd is None:
            say(f"listening on {address_of(taken, is_tls=is_tls)}")
        log_to_stderr(as_json=chosen.log == "json")
        server.run([taken])
    return 0


def _warn(chosen: argparse.Namespace) -> None:
    if not chosen.certificate and chosen.host not in _LOCAL:
        complain(
            "Without a certificate, passwords cross the network in clear. Use TLS, here or in front."
        )


def _serve_many(chosen: argparse.Namespace) -> int:
    from kamdesk.headoffice.server import address_of, bind
    from kamdesk.headoffice.workers import Workers

    if sys.platform == "win32" or not str(chosen.database).startswith("postgres"):
        raise UserError(
            "Several processes need PostgreSQL, and another system than Windows.",
            code="WORKERS_NEED_POSTGRESQL",
        )
    with closing(open_store(chosen)):  # made or brought up to date once, before all start
        pass
    taken = bind(chosen.host, chosen.port)
    _warn(chosen)

    def command(number: int, fd: int) -> Sequence[str]:
        made = [
            sys.executable, "-m", "kamdesk.headoffice", "serve", "--socket-fd", str(fd),
            "--log", chosen.log, "--metrics-host", chosen.metrics_host,
        ]  # fmt: skip
        if chosen.certificate:
            made += ["--certificate", chosen.certificate]
        if chosen.key:
            made += ["--key", chosen.key]
        if chosen.proxy:
            made += ["--proxy", chosen.proxy]
        if chosen.metrics_port is not None:
            made += ["--metrics-port", str(chosen.metrics_port + number)]
        return made

    # Not on the command line, where every user of the computer could read the password in it
    os.environ["KAMDESK_DATABASE"] = str(chosen.database)
    say(f"listening on {address_of(taken, is_tls=bool(chosen.certificate))}")
    return Workers(taken, chosen.workers, command).run()
