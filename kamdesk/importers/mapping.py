"""What a table holds, and which column is which field: guessed from names and content, decided by the user."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from kamdesk.domain.errors import UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers.clean import squashed
from kamdesk.importers.fields import TARGETS, Target, is_enough, target
from kamdesk.importers.files import Row
from kamdesk.importers.layouts import Layout, recognise

_HEADER_WITHIN = 20  # rows
_BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a table become records. `fields` says which field each column is, "" for none."""

    kind: str
    header_row: int | None
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    layout: Layout | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields by position of their column."""
        return tuple(self.mapping.get(column, "") for column in self.columns)


def plan(
    rows: Sequence[Row],
    *,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    header_row: int | None = None,
) -> Plan:
    """Work out kind, header and mapping from the first rows; what the caller gives is taken as it is.

    `header_row` 0: there is none.

    Raises UserError where the kind cannot be told, or where the mapping names what is not there.
    """
    if kind is not None and kind not in TARGETS:
        raise _unknown_kind()
    layout = recognise([cells for _, cells in rows])
    if layout is not None and kind in {None, layout.kind} and not header_row:
        columns = _numbered(layout.width)
        guess = {columns[at]: field for at, field in layout.mapping.items()}
        return _checked(
            Plan(layout.kind, None, columns, guess if mapping is None else mapping, layout)
        )
    header_row, names = (
        _header(rows, kind) if header_row is None else _chosen_header(rows, header_row)
    )
    body = [cells for number, cells in rows if header_row is None or number > header_row]
    columns = _distinct(names) if header_row is not None else _numbered(_usual_width(body))
    kinds = (kind,) if kind is not None else tuple(TARGETS)
    guesses = {each: _guess(each, columns, body, header_row) for each in kinds}
    if kind is None:
        kind = _likeliest(guesses, mapping)
    return _checked(Plan(kind, header_row, columns, guesses[kind] if mapping is None else mapping))


def _checked(made: Plan) -> Plan:
    for column, field in made.mapping.items():
        if column not in made.columns:
            raise UserError(
                QT_TRANSLATE_NOOP("importers", "The file has no column {column}."),
                code="MAPPING_COLUMN",
                context="importers",
                column=column,
            )
        if field and target(made.kind, field) is None:
            raise UserError(
                QT_TRANSLATE_NOOP("importers", "The field {field} is not known."),
                code="MAPPING_FIELD",
                context="importers",
                field=field,
            )
    return made


def _unknown_kind() -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers",
            "The file does not tell whether it holds customers, people or products. Choose one.",
        ),
        code="KIND_UNKNOWN",
        context="importers",
    )


def _chosen_header(rows: Sequence[Row], header_row: int) -> tuple[int | None, list[str]]:
    """Take the row that the user chose; a blank one has no names, and the first filled row after it is taken."""
    found = next((row for row in rows if row[0] >= header_row), None) if header_row else None
    return (found[0], found[1]) if found is not None else (None, [])


def _header(rows: Sequence[Row], kind: str | None) -> tuple[int | None, list[str]]:
    """Find the row of column names: the one with most known names, else a row that looks like one."""
    kinds = (kind,) if kind is not None else tuple(TARGETS)
    best: tuple[int, Row | None] = (0, None)
    for number, cells in rows[:_HEADER_WITHIN]:
        # By kind: the name of a customer is also what a person's customer is called, and one cell no two fields
        known = max((_fields_named(each, cells) for each in kinds), key=len)
        filled = [cell for cell in cells if cell.strip()]
        enough = len(known) >= 2 or (known == {"name"} and len(filled) <= 2)
        if enough and len(known) > best[0]:
            best = (len(known), (number, cells))
    if best[1] is not None:
        return best[1]
    if _looks_like_names(rows):
        return rows[0]
    return None, []


def _fields_named(kind: str, cells: Sequence[str]) -> set[str]:
    return {each.field for each in TARGETS[kind] for cell in cells if _names_target(cell, each)}


def _looks_like_names(rows: Sequence[Row]) -> bool:
    """Say whether the first row differs in kind from those below: short, distinct, no digits."""
    if len(rows) < 2:
        return False
    cells = [cell.strip() for cell in rows[0][1]]
    if len(set(cells)) != len(cells) or any(not cell or len(cell) > 30 for cell in cells):
        return False
    if any(re.search(r"\d", cell) for cell in cells):
        return False
    below = [value for _, row in rows[1:21] for value in row]
    return any(re.search(r"\d", value) for value in below) and not set(cells) & {
        v.strip() for v in below
    }


def _names_target(cell: str, each: Target) -> bool:
    return squashed(cell) in _squashed_names(each) or squashed(
        _BRACKETED.sub("", cell)
    ) in _squashed_names(each)


_NAMES: dict[tuple[str, int], dict[str, int]] = {}


def _squashed_names(each: Target) -> dict[str, int]:
    """Return the names of a target ready for comparing, with their rank."""
    key = (each.field, id(each))
    if key not in _NAMES:
        _NAMES[key] = {squashed(name): rank for rank, name in reversed(list(enumerate(each.names)))}
    return _NAMES[key]


def _usual_width(body: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(cells) for cells in body)
    return widths.most_common(1)[0][0] if widths else 0


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, width + 1))


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Give every column a name of its own: unnamed ones their number, repeated ones a count."""
    given: dict[str, None] = {}
    for number, raw in enumerate(names, start=1):
        plain = " ".join(raw.replace("\ufeff", "").split()) or str(number)
        name, count = plain, 1
        while name in given:
            count += 1
            name = f"{plain} ({count})"
        given[name] = None
    return tuple(given)


def _guess(
    kind: str, columns: Sequence[str], body: Sequence[Sequence[str]], header_row: int | None
) -> dict[str, str]:
    found: dict[str, str] = {}
    if header_row is not None:
        found = _by_names(kind, columns)
    if "name" not in found.values():
        for column, field in _by_content(kind, columns, body).items():
            if column not in found and field not in found.values():
                found[column] = field
    return {column: found[column] for column in columns if column in found}


def _by_names(kind: str, columns: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in TARGETS[kind]:
        names = _squashed_names(each)
        ranked = []
        for at, column in enumerate(columns):
            if column not in found and _names_target(column, each):
                plain = squashed(column)
                ranked.append((names.get(plain, len(names)), at, column))
        for _, _, column in sorted(ranked)[: None if each.joined else 1]:
            found[column] = each.field
    _by_parts_of_names(kind, columns, found)
    fields = set(found.values())
    if kind == "customer" and "county" in fields and "city" not in fields:
        # Where a table has states and districts only, the district is the place people know.
        found = {column: "city" if field == "county" else field for column, field in found.items()}
    return found


def _by_parts_of_names(kind: str, columns: Sequence[str], found: dict[str, str]) -> None:
    """Let columns that say more than a known name count too: "Medicine Proprietary Name", "ATC 4"."""
    for each in TARGETS[kind]:
        if each.field in found.values():
            continue
        for column in columns:
            if column not in found and _says_more(column, each):
                found[column] = each.field
                break


def _says_more(column: str, each: Target) -> bool:
    words = column.casefold().split()
    for name in each.names:
        parts = name.split()
        if name.isascii():
            is_telling = len(parts) > 1 or name in _TELLING
            if is_telling and parts in (words[: len(parts)], words[-len(parts) :]):
                return True
        elif len(name) >= 4 and column.endswith(name):
            return True
    return False


_TELLING = frozenset({"atc", "email", "e-mail", "postcode", "website"})
"""Single words that mean one thing wherever they stand."""

_HOSPITAL = (
    r".*(医院|卫生院|诊所|医学中心|卫生服务中心|保健院|[Hh]ospital|[Cc]linic|[Hh]ôpital|CHU|[Hh]ealth [Cc]ent|"
    r"[Ii]nfirmary|Klinik|Krankenhaus|医药有限公司|公司).*"
)
_MEDICINE = (
    r"\W*[^\W\d_]{4,}.*(\d ?(mg|g|ml|mL|µg|UI|IU|%)\b|comprimé|gélule|tablet|capsule|injection).*|"
    r".{2,}(片|胶囊|注射液|颗粒).*"
)
_CONTENT: dict[str, tuple[tuple[str, str], ...]] = {
    "customer": (
        ("name", _HOSPITAL),
        ("email", r"[^@\s]+@[^@\s]+\.\w+"),
        ("website", r"(https?://|www\.).+"),
        ("province", r".{2,8}(省|自治区|特别行政区)|(北京|上海|天津|重庆)市?"),
        ("city", r".{2,10}(市|自治州|地区|盟)"),
        ("county", r".{1,10}(区|县|旗)"),
        ("grade", r"[一二三][级级甲乙].{0,6}|未定级"),
        ("phone", r"[+(]?\d[\d\s()/*-]{6,30}"),
        ("address", r".*(路|街|道|号|镇|Road|Street|Avenue|Lane| rue |avenue).*"),
    ),
    "product": (
        ("atc", r"[A-Z]\d\d[A-Z]{2}\d\d"),
        ("name", _MEDICINE),
        ("code", r"\d{7,14}|国药准字.+"),
        ("route", r"(orale|oral|intraveineuse|intravenous|cutanée|口服|静脉).*"),
        ("form", r"(comprimé|gélule|solution|tablet|capsule|片剂|胶囊剂|注射剂).*"),
    ),
}

_OF_ITS_OWN = frozenset({"name", "code"})  # most rows have one that no other row has


def _by_content(kind: str, columns: Sequence[str], body: Sequence[Sequence[str]]) -> dict[str, str]:
    """Recognise columns by what stands in them; each field takes the column that fits it best."""
    found: dict[str, str] = {}
    for field, form in _CONTENT.get(kind, ()):
        best, best_share = "", 0.6
        for at, column in enumerate(columns):
            values = [cells[at].strip() for cells in body if at < len(cells) and cells[at].strip()]
            if column in found or len(values) * 2 < len(body):
                continue
            if field in _OF_ITS_OWN and len(set(values)) * 2 < len(values):
                continue
            share = sum(re.fullmatch(form, value[:300]) is not None for value in values) / len(
                values
            )
            if share > best_share:
                best, best_share = column, share
        if best:
            found[best] = field
    return found


def _likeliest(guesses: Mapping[str, Mapping[str, str]], mapping: Mapping[str, str] | None) -> str:
    """Choose the kind whose own fields the table has. Raises UserError where it does not tell."""
    if mapping is not None:
        fitting = [
            kind for kind in guesses if all(not f or target(kind, f) for f in mapping.values())
        ]
        if len(fitting) == 1:
            return fitting[0]
    scores = {}
    for kind, guess in guesses.items():
        others = {each.field for other in TARGETS if other != kind for each in TARGETS[other]}
        fields = set(guess.values())
        own = 2 * len(fields - others) + len(fields & others)
        scores[kind] = own if is_enough(kind, fields) else 0
    (first, best), *rest = sorted(scores.items(), key=lambda item: -item[1])
    if best < 2 or (rest and rest[0][1] >= best):
        raise _unknown_kind()
    return first
