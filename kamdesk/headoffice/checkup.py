"""What `doctor` looks at beside the data: the machine, the database's settings, the certificate, the devices."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.headoffice import audit, blobs, health, schema
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store

_LEAST_SPACE = 1024**3
_CLOCK_TOLERANCE = timedelta(minutes=2)
_EXPIRES_SOON = timedelta(days=21)
_STUCK = timedelta(days=7)
_OLDEST_POSTGRESQL = 140_000


def findings(store: Store, *, certificate: Path | None = None) -> Iterator[str]:
    """Name, one a line, what an administrator should see to."""
    with store.read() as connection:
        yield from _clock(connection)
        yield from _settings(connection)
    if store.path is not None:
        yield from _space(store.path)
    if certificate is not None:
        yield from _certificate(certificate)
    yield from _stuck(store)
    for one in blobs.unsound(store):
        yield f"attachment: the bytes of {one.id} are missing or damaged; `database ask-again` has devices hand them in"
    found = audit.verify(store)
    if found is not None:
        yield str(found)


def facts(store: Store) -> dict[str, object]:
    """Tell what this is, for a report to whoever helps."""
    with store.read() as connection:
        dialect = connection.dialect.name
        version = connection.execute(
            text("SELECT version()" if dialect == "postgresql" else "SELECT sqlite_version()")
        ).scalar_one()
        size = health.database_bytes(connection)
    return {
        "database": dialect, "version": str(version), "bytes": size, "format": schema.VERSION,
        "cores": os.cpu_count(), "now": clock.stamp(),
    }  # fmt: skip


def _clock(connection: Connection) -> Iterator[str]:
    """Compare clocks: of the database's machine, and with the newest commit, which cannot be of tomorrow."""
    now = clock.now()
    newest = connection.execute(
        text("SELECT at FROM sync_commit ORDER BY seq DESC LIMIT 1")
    ).scalar()
    if newest and clock.parse_stamp(newest) > now + _CLOCK_TOLERANCE:
        yield f"clock: the newest commit is of {newest}, which is yet to come; set the clock"
    if connection.dialect.name == "postgresql":
        theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(theirs - now) > _CLOCK_TOLERANCE:
            yield f"clock: the database's differs by {abs(theirs - now).total_seconds():.0f} s; set both by NTP"


def _settings(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "postgresql":
        mode = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        if mode != "wal":
            yield f"database: journal mode {mode}; a file share cannot hold a database in use"
        return
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if version < _OLDEST_POSTGRESQL:
        yield f"database: PostgreSQL {version // 10000} is no longer maintained; use 14 or newer"
    for name, wanted, why in (
        ("fsync", "on", "a power cut loses the database"),
        ("full_page_writes", "on", "a power cut may damage the database"),
        ("synchronous_commit", "on", "a power cut loses what devices were told is kept"),
        ("server_encoding", "UTF8", "names in Chinese cannot be kept"),
    ):
        value = connection.execute(text(f"SHOW {name}")).scalar_one()
        if value != wanted and not (name == "synchronous_commit" and value.startswith("remote")):
            yield f"database: {name} is {value}: {why}"
    most = int(connection.execute(text("SHOW max_connections")).scalar_one())
    if most < 50:
        yield f"database: max_connections is {most}; each server process takes up to 25"


def _space(path: Path) -> Iterator[str]:
    usage = shutil.disk_usage(path.absolute().parent)
    needed = max(_LEAST_SPACE, 2 * path.stat().st_size)
    if usage.free < needed:
        yield f"disk: {usage.free // 1024**2} MiB free; {needed // 1024**2} MiB would be safe"


def _certificate(path: Path) -> Iterator[str]:
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        yield f"certificate: {path} cannot be read ({type(error).__name__})"
        return
    left = ends - clock.now()
    if left < timedelta():
        yield f"certificate: ended on {ends.date().isoformat()}; desktops refuse it"
    elif left < _EXPIRES_SOON:
        yield f"certificate: ends on {ends.date().isoformat()}, in {left.days} days"


def _stuck(store: Store) -> Iterator[str]:
    since = clock.stamp(clock.now() - _STUCK)
    for one in health.devices(store):
        if one.status == "active" and one.last_seen < since:
            yield f"device: {one.login}'s {one.name or one.id} was last here on {one.last_seen[:10]}"
        elif one.status == "active" and one.unanswered > 5_000:
            yield f"device: {one.login}'s {one.name or one.id} does not fetch its {one.unanswered} verdicts"
    letters = health.dead_letters(store)
    if letters:
        yield f"dead letters: {len(letters)} changes met a bug; see `health letters`"
