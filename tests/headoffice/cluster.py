"""A PostgreSQL of our own: made, started and stopped by the tests, also as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def binaries() -> Path | None:
    """Return the folder that holds initdb, the newest one; None where PostgreSQL is not installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3])
    )
    if found:
        return found[-1].parent
    plain = shutil.which("initdb")
    return Path(plain).resolve().parent if plain else None


class Cluster:
    """A running server with one database, which is emptied between tests: making one takes far longer."""

    def __init__(self, sockets: Path, user: str, crash: Callable[[], None]) -> None:
        self.crash = crash
        """End the server as a power cut would, and start it again."""
        self._where = f"host={sockets} user={user}"
        self._user = user
        self._sockets = sockets

    def empty_database(self) -> str:
        """Empty the database and return its URL; nobody else may be connected."""
        with psycopg.connect(f"{self._where} dbname=postgres", autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return f"postgresql://{self._user}@/postgres?host={self._sockets}"


    @contextmanager
    def other_database(self) -> Iterator[psycopg.Connection]:
        """Connect to a database of somebody else in the same cluster."""
        with psycopg.connect(f"{self._where} dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE somebody")
        try:
            with psycopg.connect(f"{self._where} dbname=somebody") as other:
                yield other
        finally:
            with psycopg.connect(f"{self._where} dbname=postgres", autocommit=True) as connection:
                connection.execute("DROP DATABASE somebody WITH (FORCE)")


@contextmanager
def running(*, durable: bool = False, more: str = "") -> Iterator[Cluster]:
    """Start a cluster in a temporary folder, for benches `durable` as in earnest.

    PostgreSQL refuses to run as root, so root lends it a user.
    """
    where = binaries()
    assert where is not None
    owner = pwd.getpwnam("postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name)
    folder = Path(tempfile.mkdtemp(prefix="kdpg"))
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    lent = (
        {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        if os.getuid() == 0
        else {}
    )

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **lent)  # type: ignore[call-overload]  # the options of root

    data = folder / "data"
    try:
        run(
            str(where / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        options = f"-k {folder} -c listen_addresses= -c max_connections=200"
        options += more if durable else " -c fsync=off"
        control = (str(where / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"))
        run(*control, "-o", options, "start")
        try:
            yield Cluster(
                folder,
                owner.pw_name,
                lambda: run(*control, "-o", options, "-m", "immediate", "restart"),
            )
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
