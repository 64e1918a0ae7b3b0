"""Columns as all tables of head office declare them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String

# "C": names sort by code point on every server, and an index on them serves prefixes
_Name = String().with_variant(String(collation="C"), "postgresql")


def words(name: str, **options: Any) -> Column[Any]:
    """Declare a text, which must be there unless `nullable` is given."""
    return Column(name, _Name, **{"nullable": False, **options})


def number(name: str, **options: Any) -> Column[Any]:
    """Declare a whole number of 64 bits."""
    return Column(
        name, BigInteger().with_variant(Integer(), "sqlite"), **{"nullable": False, **options}
    )
