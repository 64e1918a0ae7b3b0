"""What a program of before kept beside its records: fields that it did not know, told by a newer head office."""

from __future__ import annotations

from kamdesk.db import text_index
from kamdesk.db.reader import DriverConnection
from kamdesk.domain.spec import RecordSpec


def learn(connection: DriverConnection, spec: RecordSpec) -> None:
    """Put what was kept beside the records of a kind into the fields that this program knows, offline too.

    What the older program did not keep comes when the records are loaded anew.
    """
    names = [
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT f.key FROM {spec.kind} t, json_each(t._x) f WHERE t._x IS NOT NULL"
        ).fetchall()
        if row[0] in spec.names and row[0] not in spec.sealed
    ]
    if not names:
        return
    ids = [
        row[0]
        for row in connection.execute(f"SELECT id FROM {spec.kind} WHERE _x IS NOT NULL").fetchall()
    ]
    values = ", ".join(f"{name} = coalesce({name}, json_extract(_x, '$.{name}'))" for name in names)
    paths = ", ".join(f"'$.{name}'" for name in names)
    connection.execute(
        f"UPDATE {spec.kind} SET {values}, _x = nullif(json_remove(_x, {paths}), '{{}}') WHERE _x IS NOT NULL"
    )
    if spec.searchable:
        text_index.index_ids(connection, spec, ids)
