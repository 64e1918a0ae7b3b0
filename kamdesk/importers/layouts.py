"""Official files that have no header: they are recognised by what stands in their columns.

The medicines of the French authority (ANSM) come as several tables that share the code of the speciality
(CIS); where the table of ATC codes or of names lies beside the file that is read, it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from kamdesk.domain.errors import KamError
from kamdesk.domain.values import dataclass
from kamdesk.importers.files import open_table

_CIS = r"\d{8}"
_DAY = r"\d\d/\d\d/\d{4}"
_ATC = r"[A-Z]\d\d[A-Z]{2}\d\d"


@dataclass(frozen=True, slots=True)
class Beside:
    """A field that another file of the same edition gives: where it lies, and in which column."""

    stem: str  # the beginning of the file's name, small letters
    signature: Mapping[int, str]
    width: int
    value_column: int
    field: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One headerless official file. Columns count from 0 here; people see "1", "2", ..."""

    kind: str
    width: int
    signature: Mapping[int, str]
    mapping: Mapping[int, str]
    key_column: int = 0
    beside: tuple[Beside, ...] = field(default=())


_NAMES_BESIDE = Beside("cis_bdpm", {0: _CIS, 4: "Autorisation.*|Enreg.*", 7: _DAY}, 12, 1, "name")
_ATC_BESIDE = Beside("cis_mitm", {0: _CIS, 1: _ATC}, 4, 1, "atc")

LAYOUTS = (
    Layout(
        kind="product",
        width=12,
        signature={0: _CIS, 4: "Autorisation.*|Enreg.*", 6: "(Non c|C)ommercialis.*", 7: _DAY},
        mapping={
            0: "code",
            1: "name",
            2: "form",
            3: "route",
            4: "status",
            6: "status",
            10: "holder",
        },
        beside=(_ATC_BESIDE,),
    ),
    Layout(
        kind="product",
        width=4,
        signature={0: _CIS, 1: _ATC, 3: "https?://.*"},
        mapping={0: "code", 1: "atc", 2: "name"},
    ),
    Layout(
        kind="product",
        width=13,
        signature={0: _CIS, 1: r"\d{7}", 3: "Présentation .*", 5: _DAY, 6: r"\d{13}"},
        mapping={2: "name", 3: "status", 4: "status", 6: "code"},
        beside=(_NAMES_BESIDE, _ATC_BESIDE),
    ),
)


def recognise(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Return the official layout that these first rows follow."""
    for layout in LAYOUTS:
        if rows and _follow(rows, layout.signature, layout.width):
            return layout
    return None


def _follow(rows: Sequence[Sequence[str]], signature: Mapping[int, str], width: int) -> bool:
    fitting = sum(
        len(cells) == width
        and all(
            re.fullmatch(form, cells[column].strip()) is not None
            for column, form in signature.items()
        )
        for cells in rows
    )
    return fitting >= len(rows) * 0.9


def values_beside(layout: Layout, path: Path) -> dict[str, dict[str, str]]:
    """Read the companions of a file: field -> (key -> value). What is absent or unreadable is left out."""
    found: dict[str, dict[str, str]] = {}
    for beside in layout.beside:
        for other in sorted(path.parent.iterdir()):
            if other != path and other.name.lower().startswith(beside.stem) and other.is_file():
                values = _values(other, beside)
                if values:
                    found[beside.field] = values
                    break
    return found


def _values(path: Path, beside: Beside) -> dict[str, str]:
    values: dict[str, str] = {}
    try:
        rows = [cells for _, cells in open_table(path).rows()]
    except KamError:
        # A companion only adds; the file that was asked for is still read.
        return {}
    if not _follow(rows[:50], beside.signature, beside.width):
        return {}
    for cells in rows:
        if len(cells) > beside.value_column:
            values.setdefault(cells[0].strip(), cells[beside.value_column].strip())
    return values
