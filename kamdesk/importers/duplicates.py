"""Finding records that a file brings twice, or that are known already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers.clean import squashed

_PLACE_ENDINGS = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that repeats an earlier row, or a known record (then `of` is its id). `why` is a marked text."""

    row: int
    of: int | str
    code: str
    why: str


IDENTICAL = ("IDENTICAL_ROW", QT_TRANSLATE_NOOP("importers", "identical row, left out"))
SAME_CODE = ("SAME_CODE", QT_TRANSLATE_NOOP("importers", "same code"))
SAME_NAME_CITY = ("SAME_NAME_CITY", QT_TRANSLATE_NOOP("importers", "same name and city"))
SAME_NAME_POSTCODE = (
    "SAME_NAME_POSTCODE",
    QT_TRANSLATE_NOOP("importers", "same name and postcode"),
)
SAME_NAME = ("SAME_NAME", QT_TRANSLATE_NOOP("importers", "same name"))
SAME_PRODUCT = ("SAME_PRODUCT", QT_TRANSLATE_NOOP("importers", "same name, form and holder"))

SAME_PERSON = ("SAME_PERSON", QT_TRANSLATE_NOOP("importers", "same name at the same customer"))

_Reason = tuple[str, str]
_Key = tuple[str, ...]


class Finder:
    """Remembers what has been seen: known records first, then the rows of a file in their order."""

    def __init__(self, kind: str, known: Iterable[Mapping[str, object]] = ()) -> None:
        self._keys = _KEYS[kind]
        self._codes: dict[str, int | str] = {}
        self._seen: dict[_Key, list[tuple[str, int | str]]] = {}
        for document in known:
            self._remember(document, str(document.get("id", "")))

    def take(self, row: int, document: Mapping[str, object]) -> Duplicate | None:
        """Say what a record repeats, if anything, and remember it."""
        found = self._find(row, document)
        if found is None:
            self._remember(document, row)
        return found

    def _find(self, row: int, document: Mapping[str, object]) -> Duplicate | None:
        code = _text(document, "code").casefold()
        if code and code in self._codes:
            return Duplicate(row, self._codes[code], *SAME_CODE)
        key, province, reason = self._keys(document)
        for other_province, of in self._seen.get(key, ()):
            if not province or not other_province or province == other_province:
                return Duplicate(row, of, *reason)
        return None

    def _remember(self, document: Mapping[str, object], of: int | str) -> None:
        code = _text(document, "code").casefold()
        if code:
            self._codes.setdefault(code, of)
        key, province, _ = self._keys(document)
        self._seen.setdefault(key, []).append((province, of))


def _customer_key(document: Mapping[str, object]) -> tuple[_Key, str, _Reason]:
    name = squashed(_text(document, "name"))
    province, city = place(_text(document, "province")), place(_text(document, "city"))
    if city or province:
        return ("place", name, city or province), province, SAME_NAME_CITY
    postcode = squashed(_text(document, "postcode"))
    if postcode:
        return ("postcode", name, postcode), "", SAME_NAME_POSTCODE
    return ("name", name, squashed(_text(document, "address"))), "", SAME_NAME


def _product_key(document: Mapping[str, object]) -> tuple[_Key, str, _Reason]:
    code = _text(document, "code")
    if code:
        # Products of one name with codes of their own are different packs or imports.
        return ("code", code.casefold()), "", SAME_CODE
    parts = (squashed(_text(document, field)) for field in ("name", "form", "holder"))
    return ("product", *parts), "", SAME_PRODUCT


def _person_key(document: Mapping[str, object]) -> tuple[_Key, str, _Reason]:
    # Without a store the customer is what the file calls it
    told = ("customer_id", "customer_code", "customer_name", "customer_city")
    customer = (squashed(_text(document, field)) for field in told)
    return ("person", squashed(_text(document, "name")), *customer), "", SAME_PERSON


_KEYS = {"customer": _customer_key, "person": _person_key, "product": _product_key}


def place(name: str) -> str:
    """Return the name of a province or city for comparing, without what some add to it."""
    for ending in _PLACE_ENDINGS:
        if len(name) > len(ending) + 1 and name.endswith(ending):
            return squashed(name.removesuffix(ending))
    return squashed(name)


def _text(document: Mapping[str, object], field: str) -> str:
    value = document.get(field)
    return value if isinstance(value, str) else ""
