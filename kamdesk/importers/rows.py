"""One row of a table becomes one document, with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from kamdesk.domain import formulas
from kamdesk.domain.errors import KamError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers import clean
from kamdesk.importers.fields import Target, TooLong, target
from kamdesk.importers.mapping import Plan
from kamdesk.importers.pinyin import spell, spell_person

_IDENTIFYING = frozenset({"name", "code", "holder"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one row. `message` is a marked text that `params` fill after translation."""

    row: int
    column: str | None
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.params)


class BadRow(Exception):  # noqa: N818  # never leaves this package
    """The row cannot become a record; the others can."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Source:
    """One field and the columns that it comes from, by position and name."""

    target: Target
    columns: tuple[tuple[int, str], ...]


class RowReader:
    """Turns rows into documents by one plan. `beside` holds values that companion files give by key."""

    def __init__(self, plan: Plan, beside: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._kind = plan.kind
        self._width = len(plan.columns)
        self._sources = _sources(plan)
        self._beside = beside or {}
        self._key = plan.layout.key_column if plan.layout is not None else 0

    def read(self, number: int, cells: Sequence[str]) -> tuple[dict[str, object], list[Problem]]:
        """Return the document of a row and what was left out of it. Raises BadRow."""
        self._check_width(number, cells)
        problems: list[Problem] = []
        document: dict[str, object] = {}
        for source in self._sources:
            value = self._value(number, cells, source, problems)
            if value is not None and value != "" and value != []:
                document[source.target.field] = value
        self._add_from_beside(cells, document)
        if "name" not in document:
            raise BadRow(self._name_missing(number))
        if clean.is_total(str(document["name"])) and _is_amounts(cells):
            raise BadRow(_total(number))
        self._complete(document)
        return document, problems

    def continues(self, cells: Sequence[str]) -> bool:
        """Say whether a row only adds to the product above, as a further ingredient of a pack does."""
        if self._kind != "product" or len(cells) > self._width:
            return False
        own = [
            at
            for each in self._sources
            if each.target.field in _IDENTIFYING
            for at, _ in each.columns
        ]
        return bool(own) and not any(at < len(cells) and cells[at].strip() for at in own)

    def _check_width(self, number: int, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[self._width :] if cell.strip()]
        if beyond:
            text = QT_TRANSLATE_NOOP(
                "importers",
                "The row has {found} columns instead of {width}; a delimiter stands in a text.",
            )
            raise BadRow(
                Problem(
                    number, None, "ROW_TOO_WIDE", text, {"found": len(cells), "width": self._width}
                )
            )
        if len(cells) == 1 and self._width > 2:
            text = QT_TRANSLATE_NOOP("importers", "The row has one column instead of {width}.")
            raise BadRow(Problem(number, None, "ROW_TOO_SHORT", text, {"width": self._width}))

    def _value(
        self, number: int, cells: Sequence[str], source: _Source, problems: list[Problem]
    ) -> object | None:
        parts = []
        for at, column in source.columns:
            if at >= len(cells):
                continue
            if "\ufffd" in cells[at]:
                self._report(_unreadable(number, column), source, problems)
                continue
            part = clean.text(formulas.unguarded(cells[at]))
            if not clean.is_nothing(part) and part not in parts:
                parts.append(part)
        if not parts:
            return None
        joined = "; " if source.target.tidy is not None else ", "
        column = source.columns[0][1]
        return self._tidied(
            number, joined.join(parts), column=column, source=source, problems=problems
        )

    def _tidied(
        self, number: int, text: str, *, column: str, source: _Source, problems: list[Problem]
    ) -> object | None:
        each = source.target
        try:
            value: object = each.tidy(text) if each.tidy is not None else text
        except KamError as error:
            problems.append(Problem(number, column, error.code, error.text, error.params))
            return None
        if not each.max_length or not isinstance(value, str) or len(value) <= each.max_length:
            return value
        self._report(_too_long(number, column, each), source, problems)
        if each.too_long is TooLong.FIT:
            return clean.fitting_phones(value, each.max_length)
        return value[: each.max_length] if each.too_long is TooLong.CUT else None

    def _report(self, problem: Problem, source: _Source, problems: list[Problem]) -> None:
        if source.target.too_long is TooLong.REFUSE_ROW:
            raise BadRow(problem)
        problems.append(problem)

    def _add_from_beside(self, cells: Sequence[str], document: dict[str, object]) -> None:
        key = cells[self._key].strip() if self._key < len(cells) else ""
        for name, values in self._beside.items():
            value = clean.text(values.get(key, ""))
            if value and name == "name" and "name" in document:
                document["name"] = f"{value} ({document['name']})"[:400]
            elif value:
                document.setdefault(name, value)

    def _name_missing(self, number: int) -> Problem:
        column = next(
            (each.columns[0][1] for each in self._sources if each.target.field == "name"), None
        )
        return Problem(
            number, column, "NAME_MISSING", QT_TRANSLATE_NOOP("importers", "The name is missing.")
        )

    def _complete(self, document: dict[str, object]) -> None:
        """Add what follows from the rest. What a file does not say (kind, status) is for the importer."""
        if self._kind == "product":
            return
        if document.get("latitude_e6") == 0 and document.get("longitude_e6") == 0:
            del document["latitude_e6"], document["longitude_e6"]
        spelled = spell_person if self._kind == "person" else spell
        pinyin, initials = spelled(str(document["name"]))
        if pinyin:
            document["pinyin"] = pinyin
        if initials:
            document["initials"] = initials


def _sources(plan: Plan) -> tuple[_Source, ...]:
    columns: dict[str, list[tuple[int, str]]] = {}
    for at, name in enumerate(plan.fields):
        if name:
            columns.setdefault(name, []).append((at, plan.columns[at]))
    found = []
    for name, where in columns.items():
        each = target(plan.kind, name)
        if each is not None:
            found.append(_Source(each, tuple(where)))
    return tuple(found)


def _is_amounts(cells: Sequence[str]) -> bool:
    """Say whether a row holds one text at most, and otherwise numbers."""
    return sum(any(char.isalpha() for char in cell) for cell in cells) <= 1


def _total(number: int) -> Problem:
    text = QT_TRANSLATE_NOOP("importers", "This row is a total, not a record; it was left out.")
    return Problem(number, None, "TOTAL_ROW", text)


def _unreadable(number: int, column: str) -> Problem:
    text = QT_TRANSLATE_NOOP(
        "importers",
        "Some characters cannot be read. Save the file as UTF-8 or choose another encoding.",
    )
    return Problem(number, column, "UNREADABLE_CHARACTERS", text)


def _too_long(number: int, column: str, each: Target) -> Problem:
    texts = {
        TooLong.REFUSE_ROW: QT_TRANSLATE_NOOP(
            "importers", "The name is longer than {max} characters."
        ),
        TooLong.CUT: QT_TRANSLATE_NOOP(
            "importers", "Longer than {max} characters; the end was cut off."
        ),
        TooLong.LEAVE_OUT: QT_TRANSLATE_NOOP(
            "importers", "Longer than {max} characters; it was left out."
        ),
        TooLong.FIT: QT_TRANSLATE_NOOP(
            "importers", "Longer than {max} characters; the first numbers that fit were kept."
        ),
    }
    return Problem(number, column, "TOO_LONG", texts[each.too_long], {"max": each.max_length})
