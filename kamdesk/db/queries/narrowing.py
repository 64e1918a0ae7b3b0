"""The WHERE of a list, put together from what its user chose and typed."""

from __future__ import annotations

import json
from datetime import date

from kamdesk.db import text_index
from kamdesk.db.reader import Reader

_MOST_CUSTOMERS = 2000
"""Customers that typed words may mean; who types more of a name gets fewer."""


class Narrowing:
    """Clauses on one table, which the query calls `alias`; what was not chosen leaves the list as it is."""

    def __init__(self, alias: str, clause: str, *values: object) -> None:
        self._alias = alias
        self._clauses = [clause]
        self._values = list(values)

    def add(self, clause: str, *values: object) -> None:
        """Leave only rows of which `clause` is true."""
        self._clauses.append(clause)
        self._values += values

    def equal(self, **chosen: str) -> None:
        """Leave only rows that have these values in these columns."""
        for column, value in chosen.items():
            if value:
                self.add(f"{self._alias}.{column} = ?", value)

    def between(self, column: str, since: date | None, until: date | None) -> None:
        """Leave only rows from one day to another, both included."""
        for sign, bound in ((">=", since), ("<=", until)):
            if bound is not None:
                self.add(f"{self._alias}.{column} {sign} ?", bound.isoformat())

    def about(self, reader: Reader, typed: str, *others: str) -> None:
        """Leave only rows of customers that are found by what was typed, or of which one of `others` is true.

        `others` are clauses that ask for the words once, as `?`.
        """
        words = typed.strip()
        if not words:
            return
        numbers = text_index.find(reader, "customer", words, limit=_MOST_CUSTOMERS)
        customers = (
            f"{self._alias}.customer_id IN"
            " (SELECT id FROM customer WHERE _n IN (SELECT value FROM json_each(?)))"
        )
        either = " OR ".join((customers, *others))
        self.add(f"({either})", json.dumps(numbers), *[words] * len(others))

    @property
    def sql(self) -> str:
        """What stands behind WHERE."""
        return " AND ".join(self._clauses)

    @property
    def values(self) -> tuple[object, ...]:
        """What the clauses are asked with, in their order."""
        return tuple(self._values)
