"""Whether an answer holds records at all: looked at before anything of it is stored.

What is wrong in the middle of it must not stand half in the store, nor be found out by SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from kamdesk.db.records import SPECS
from kamdesk.domain.spec import FieldType
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import Page, SyncResponse

_SINGLE = frozenset({str, int, float, bool, type(None)})
_SEVERAL = frozenset({list, type(None)})
_LISTS = frozenset({FieldType.REFERENCES, FieldType.TAGS})


def demand(answer: SyncResponse) -> None:
    """Raise Unreachable("bad_answer") for records that are none."""
    deltas = [one.pages for one in (answer.delta, answer.price_delta) if one is not None]
    if not all(map(_is_whole, chain(*deltas, answer.load_pages))):
        raise Unreachable("bad_answer")


def _is_whole(page: Page) -> bool:
    width = len(page.c) + (2 if page.is_bare else 3)
    try:
        page.open()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    if page.cols:
        columns: Sequence[Any] = page.cols
        are_even = (
            all(isinstance(one, list) for one in columns)
            and len({len(one) for one in columns}) == 1
        )
    else:
        columns = list(zip(*page.rows, strict=False))
        are_even = all(len(row) == width for row in page.rows)
    if not are_even or (columns and len(columns) != width):
        return False
    heads = (str, int) if page.is_bare else (str, int, str)
    if any(set(map(type, one)) != {head} for one, head in zip(columns, heads, strict=False)):
        return False
    if page.rule is not None and not _is_followed(page, columns):
        return False
    spec = SPECS.get(page.k)
    return spec is None or all(
        set(map(type, column)) <= (_SEVERAL if spec.field(name).type in _LISTS else _SINGLE)
        for name, column in zip(page.c, columns[len(heads) :], strict=False)
        if name in spec.names
    )


def _is_followed(page: Page, columns: Sequence[Any]) -> bool:
    """Say whether the bucket of each row can be told from it."""
    assert page.rule is not None
    name = page.rule[1]
    if name == "id" or not columns:
        return True
    return name in page.c and set(map(type, columns[2 + page.c.index(name)])) == {str}
