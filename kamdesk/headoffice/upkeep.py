"""Keeping a head office: copies of the database, and the question whether it is sound."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection
from sqlcipher3 import dbapi2 as driver

from kamdesk.domain import clock
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.headoffice import audit, schema, scopes, sealkey
from kamdesk.headoffice.commit import unsigned
from kamdesk.headoffice.seals import SealError, Seals
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.sync.protocol import row_hash, scope_hash

_PREFIX = "headoffice-"


def back_up(store: Store, target: Path) -> None:
    """Copy the database, also while it is in use, into a new file that appears whole or not at all."""
    if store.path is None:
        raise MachineError("Back up a PostgreSQL database with pg_dump.", code="USE_PG_DUMP")
    if target.exists():
        raise MachineError(
            "The file {path} is there already.", code="FILE_EXISTS", path=str(target)
        )
    _copy(store.path, target)
    try:
        _check_copy(target)
    except MachineError:
        target.unlink()
        raise


def back_up_and_keep(store: Store, folder: Path, *, keep: int) -> Path:
    """Back up into a dated file of a folder; of those that stand there, the newest `keep` stay."""
    if keep < 1:
        raise UserError("Keep at least one copy.", code="KEEP_NOTHING")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{_PREFIX}{clock.stamp().replace(':', '').replace('.', '')}.db"
    back_up(store, target)
    # Only after the new one is whole: the last good copy is never the one that goes
    for old in sorted(folder.glob(f"{_PREFIX}*.db"))[:-keep]:
        old.unlink()
    return target


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        origin, copy = driver.connect(str(source)), driver.connect(str(part))
        try:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
        finally:
            copy.close()
            origin.close()
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except (OSError, driver.Error) as error:
        part.unlink(missing_ok=True)
        raise MachineError(
            "The copy {path} could not be written: {reason}.",
            code="COPY_FAILED",
            path=str(target),
            reason=str(error),
        ) from error


def restore(database: Path, copy: Path) -> Path | None:
    """Put a copy in place of the database; return where the database that stood there is kept.

    Devices notice by themselves that head office went back in time, and hand in again what it lost.
    """
    _check_copy(copy)
    kept = None
    if database.exists():
        stamp = clock.stamp().replace(":", "").replace("-", "").replace(".", "")
        kept = database.with_name(f"{database.name}.before-restore-{stamp}")
        _copy(database, kept)
    origin, target = driver.connect(str(copy)), driver.connect(str(database), timeout=5)
    try:
        # In place and in one transaction: a server that runs meanwhile sees the old database or the new one
        origin.backup(target)
    except driver.Error as error:
        raise MachineError(
            "The database {path} could not be replaced: {reason}. Stop the server and try again.",
            code="RESTORE_FAILED",
            path=str(database),
            reason=str(error),
        ) from error
    finally:
        target.close()
        origin.close()
    with closing(Store.open(database)) as store:
        audit.note_in(store, audit.RESTORED, "database")
    return kept


def _check_copy(copy: Path) -> None:
    if not copy.is_file():
        raise MachineError("There is no file {path}.", code="NO_FILE", path=str(copy))
    connection = driver.connect(str(copy))
    try:
        version = connection.execute("SELECT v FROM meta WHERE k = 'headoffice_schema'").fetchone()
        sound = connection.execute("PRAGMA integrity_check").fetchone()
    except driver.Error as error:
        raise MachineError(
            "{path} is not a copy of a head office. Nothing was changed.",
            code="NOT_A_COPY",
            path=str(copy),
        ) from error
    finally:
        connection.close()
    if version is None or int(version[0]) > schema.VERSION or sound != ("ok",):
        raise MachineError(
            "The copy {path} is damaged, or of a newer version. Nothing was changed.",
            code="NOT_A_COPY",
            path=str(copy),
        )


def findings(store: Store) -> Iterator[str]:
    """Compare what head office keeps ready with what it can be computed from; name each difference."""
    with store.read() as connection:
        if store.path is not None:
            for (line,) in connection.execute(text("PRAGMA integrity_check")):
                if line != "ok":
                    yield f"file: {line}"
        yield from _key_findings(store)
        yield from _digest_findings(connection, store.seals)
        yield from _scope_findings(connection)
        yield from _number_findings(connection)


def _key_findings(store: Store) -> Iterator[str]:
    path = sealkey.place(store.path, store.server_id)
    if sealkey.is_open_to_others(path):
        yield f"key: {path} can be read by others; make it yours alone (chmod 600)"


def _digest_findings(connection: Connection, seals: Seals) -> Iterator[str]:
    counted: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for kind, record_id, bucket, rev, data in connection.execute(
        text("SELECT kind, id, bucket, rev, data FROM sync_row WHERE gone = 0")
    ):
        spec = schema.KINDS[kind]
        n, x = counted[bucket, kind]
        counted[bucket, kind] = (n + 1, x ^ row_hash(spec.kind, record_id, rev))
        try:
            document = schema.decode(spec, data)
            seals.opened(spec, record_id, document)
        except SealError as error:
            yield f"price: {spec.kind} {record_id} cannot be opened ({error.why})"
        except (ValueError, TypeError):
            yield f"record: {spec.kind} {record_id} does not have the fields of its kind"
    stored = {
        (bucket, kind): (n, unsigned(x))
        for bucket, kind, n, x in connection.execute(
            text("SELECT bucket, kind, n, x FROM sync_digest")
        )
    }
    for key in sorted(counted.keys() | stored.keys()):
        if counted.get(key, (0, 0)) != stored.get(key, (0, 0)):
            yield f"digest: bucket {key[0]}, kind {schema.KINDS[key[1]].kind}"


def _scope_findings(connection: Connection) -> Iterator[str]:
    for user, stored in connection.execute(text("SELECT id, scope_hash FROM account")).all():
        buckets = scopes.buckets_of(connection, user)
        if scope_hash(buckets) != stored or set(buckets) != scopes.wanted(connection, user):
            yield f"subscription: user {user}"


def _number_findings(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        text(
            "SELECT 'head', seq FROM sync_head "
            "UNION ALL SELECT 'row', coalesce(max(seq), 0) FROM sync_row "
            "UNION ALL SELECT 'commit', coalesce(max(seq), 0) FROM sync_commit"
        )
    )
    values = {str(row[0]): int(row[1]) for row in rows}
    if values["row"] > values["head"] or values["commit"] != values["head"]:
        yield f"numbers: head {values['head']}, newest row {values['row']}, newest commit {values['commit']}"
