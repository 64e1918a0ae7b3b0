"""Which customer a row of people names: found by its code, without one by name and city; never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers.clean import squashed
from kamdesk.importers.duplicates import place
from kamdesk.importers.rows import BadRow, Problem

CODE, NAME, CITY = "customer_code", "customer_name", "customer_city"


@dataclass(frozen=True, slots=True)
class _Customer:
    """Which customer it is, and where."""

    id: str
    city: str


@dataclass(slots=True)
class Customers:
    """The customers of the store, by what a file may call them."""

    _codes: dict[str, list[_Customer]] = field(default_factory=dict)
    _names: dict[str, list[_Customer]] = field(default_factory=dict)
    _squashed: dict[str, list[_Customer]] = field(default_factory=dict)
    _aliases: dict[str, list[_Customer]] = field(default_factory=dict)

    def add(self, document: Mapping[str, object]) -> None:
        """Take in one customer of the store."""
        code, name, city = (str(document.get(each) or "") for each in ("code", "name", "city"))
        one = _Customer(str(document["id"]), place(city))
        if code:
            self._codes.setdefault(code.casefold(), []).append(one)
        self._names.setdefault(name, []).append(one)
        self._squashed.setdefault(squashed(name), []).append(one)
        aliases = document.get("aliases")
        for alias in _listed(aliases):
            self._aliases.setdefault(squashed(alias), []).append(one)

    def settle(self, row: int, document: dict[str, object]) -> None:
        """Put the id of the customer where the document says how it is called.

        Raises BadRow where there is no such customer, or more than one.
        """
        code, name, city = (str(document.pop(each, "")) for each in (CODE, NAME, CITY))
        if not code and not name:
            text = QT_TRANSLATE_NOOP("importers", "The row names no customer.")
            raise BadRow(Problem(row, None, "CUSTOMER_MISSING", text))
        found = self._found(code.casefold(), name, place(city))
        called = code or ", ".join(filter(None, (name, city)))
        if not found:
            text = QT_TRANSLATE_NOOP(
                "importers",
                "None of your customers is “{customer}”. Correct it, or import the customer first.",
            )
            raise BadRow(Problem(row, None, "CUSTOMER_UNKNOWN", text, {"customer": called}))
        if len(found) > 1:
            text = QT_TRANSLATE_NOOP(
                "importers",
                "{count} of your customers are “{customer}”. Add a column with the code or the city.",
            )
            params = {"customer": called, "count": len(found)}
            raise BadRow(Problem(row, None, "CUSTOMER_AMBIGUOUS", text, params))
        document["customer_id"] = found[0].id

    def _found(self, code: str, name: str, city: str) -> list[_Customer]:
        if code:
            return self._codes.get(code, [])
        for names, called in (
            (self._names, name),
            (self._squashed, squashed(name)),
            (self._aliases, squashed(name)),
        ):
            # A customer in another city is another customer
            fitting = [one for one in names.get(called, ()) if not city or one.city in {"", city}]
            if fitting:
                return [one for one in fitting if city and one.city == city] or fitting
        return []


def _listed(aliases: object) -> list[str]:
    return [str(one) for one in aliases] if isinstance(aliases, list) else []
