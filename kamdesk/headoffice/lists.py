"""Binding a list of any length as one parameter, so that a statement is prepared once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection


def among(connection: Connection, column: str, name: str) -> str:
    """Write "`column` is one of `:name`", where `:name` is bound with `listed`."""
    if connection.dialect.name == "postgresql":
        return f"{column} = ANY(:{name})"
    return f"{column} IN (SELECT value FROM json_each(:{name}))"


def listed(connection: Connection, values: Iterable[Any]) -> Any:
    """Give a list in the form that `among` reads."""
    kept = list(values)
    return kept if connection.dialect.name == "postgresql" else msgspec.json.encode(kept).decode()
