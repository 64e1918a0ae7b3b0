"""Whose the value of a field is, and since which commit: beside the record, which knows its last writer alone.

Stored as JSON in `sync_row.written`: by field `[user, commit]`, under "" whoever wrote all others; null for what the
record's last writer wrote. Nothing is stored while one commit, or head office alone, wrote the whole record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from kamdesk.domain.merge import same
from kamdesk.domain.spec import Policy

if TYPE_CHECKING:
    from kamdesk.headoffice.commit import Row



class Stored(Protocol):
    """What tells whose the fields of a stored record are."""

    @property
    def by_user(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def written(self) -> str | None: ...


Author = tuple[str, int]
"""A user, "" for head office itself, and the number of a commit."""
_ELSE = ""
_MERGED = frozenset({Policy.CAS, Policy.LWW})
"""Only of these can one value stand in the place of another's."""
_decode = msgspec.json.Decoder(dict[str, Author | None]).decode


def of(row: Stored, name: str) -> Author:
    """Say who wrote a field of a stored record."""
    last = (row.by_user, row.seq)
    if row.written is None:
        return last
    known = _decode(row.written)
    return known.get(name, known[_ELSE]) or last


def follow(before: Row, row: Row) -> str | None:
    """Give what is to be stored with a record that takes the place of another."""
    last = (before.by_user, before.seq)
    if row.is_gone or before.is_gone:
        return None
    if before.written is None and not (before.by_user or row.by_user):
        return None
    known: dict[str, Author | None] = {_ELSE: last}
    if before.written is not None:
        known = {name: one or last for name, one in _decode(before.written).items()}
    was, now = before.document, row.document
    for one in row.spec:
        if one.policy in _MERGED and not same(was.get(one.name), now.get(one.name)):
            known[one.name] = None
    return msgspec.json.encode(known).decode()
