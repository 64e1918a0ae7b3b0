"""What a user would miss in a store, whatever form the store has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from kamdesk.db.connect import connect
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS

OWN = ("sync_op", "sync_base", "sync_bucket", "sync_state", "draft")
Content = dict[str, tuple[list[str], list[tuple[object, ...]]]]


def content(path: Path, key: bytes) -> Content:
    """Read all records, the outbox, the drafts, and where reconciliation stood: columns and rows by table."""
    with closing(connect(path, key, query_only=True)) as connection:
        reader = Reader(connection)
        found: Content = {}
        for table in (*SPECS, *OWN):
            names = [row[0] for row in reader.rows("SELECT name FROM pragma_table_info(?)", table)]
            if names:
                found[table] = names, reader.rows(f"SELECT {', '.join(names)} FROM {table}")
        return found


def lost(before: Content, path: Path, key: bytes) -> Content:
    """Return the rows that are not there any more; columns that came since do not count."""
    missing: Content = {}
    with closing(connect(path, key, query_only=True)) as connection:
        reader = Reader(connection)
        for table, (names, rows) in before.items():
            now = set(reader.rows(f"SELECT {', '.join(names)} FROM {table}"))
            if gone := [row for row in rows if row not in now]:
                missing[table] = names, gone
    return missing
