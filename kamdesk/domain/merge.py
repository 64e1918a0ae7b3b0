"""Field-level three-way merging: what the user saw, what the user wants, what stands now.

A patch travels as `{field: [old, new]}`; a set field as `{field: [{"add": [...], "del": [...]}]}`. `old` is
what the user saw when the change was made and is never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from kamdesk.domain.errors import Refused
from kamdesk.domain.spec import Document, FieldSpec, Policy, RecordSpec
from kamdesk.domain.values import dataclass

Patch = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people changed: what was seen, what is wanted, what stands at head office."""

    old: object
    mine: object
    theirs: object


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of one patch: the new document, the fields set, the clashes, what was overwritten."""

    document: dict[str, object]
    set: frozenset[str]
    clashes: dict[str, Clash] = field(default_factory=dict)
    overwritten: dict[str, object] = field(default_factory=dict)


def same(left: object, right: object) -> bool:
    """Compare wire values; null, empty text and an empty list are the same "nothing"."""
    return (left or None) == (right or None) if _blank(left) or _blank(right) else left == right


def _blank(value: object) -> bool:
    return value is None or value == "" or value == []


def merge_patch(spec: RecordSpec, current: Document, patch: Patch, *, old_edit: bool) -> Merged:
    """Merge one patch into what stands. `old_edit`: too old for last-writer-wins, so compare and set.

    Raises Refused for fields that are unknown, of the wrong form, or not the user's to change.
    """
    document = dict(current)
    done: set[str] = set()
    clashes: dict[str, Clash] = {}
    overwritten: dict[str, object] = {}
    for name, change in patch.items():
        described = _writable(spec, name)
        standing = document.get(name)
        if described.policy is Policy.SET:
            value: object = merge_set(standing, change)
        else:
            old, value = _pair(change, name)
            if same(standing, value):
                continue
            if not same(standing, old):
                if described.policy is Policy.CAS or old_edit:
                    clashes[name] = Clash(old, value, standing)
                    continue
                overwritten[name] = standing
        described.check(value)
        if not same(standing, value):
            document[name] = value
            done.add(name)
    for name in _groups_of(spec, clashes):
        # A group stands or falls as one: half an address is worse than either whole one.
        if name in done:
            old, value = _pair(patch[name], name)
            clashes[name] = Clash(old, value, current.get(name))
            document[name] = current.get(name)
            done.discard(name)
            overwritten.pop(name, None)
    return Merged(document, frozenset(done), clashes, overwritten)


def _writable(spec: RecordSpec, name: str) -> FieldSpec:
    try:
        described = spec.field(name)
    except KeyError:
        raise Refused("The field is not known.", code="unknown_field", field=name) from None
    if described.policy in {Policy.SRV, Policy.FIXED}:
        raise Refused("Only head office changes this field.", code="readonly", field=name)
    return described


def _pair(change: Sequence[object], name: str) -> tuple[object, object]:
    if len(change) != 2:
        raise Refused("The change is not of the expected form.", code="bad_value", field=name)
    return change[0], change[1]


def _groups_of(spec: RecordSpec, clashes: Mapping[str, Clash]) -> list[str]:
    groups = {spec.field(name).group for name in clashes} - {""}
    return [one.name for one in spec if one.group in groups]


def merge_set(standing: object, change: Sequence[object]) -> list[str]:
    """Apply `[{"add": [...], "del": [...]}]` to a list, keeping its order. Raises Refused for another form."""
    first = change[0] if len(change) == 1 else None
    if not isinstance(first, Mapping):
        raise Refused("The change is not of the expected form.", code="bad_value")
    added, removed = first.get("add") or [], first.get("del") or []
    if not isinstance(added, list) or not isinstance(removed, list):
        raise Refused("The change is not of the expected form.", code="bad_value")
    present = (
        [item for item in standing if item not in removed] if isinstance(standing, list) else []
    )
    return present + [item for item in added if item not in present]


def difference(spec: RecordSpec, before: Document, after: Document) -> dict[str, list[object]]:
    """Give the patch that leads from one document to the other, in wire form."""
    patch: dict[str, list[object]] = {}
    for one in spec:
        old, new = before.get(one.name), after.get(one.name)
        if same(old, new):
            continue
        if one.policy is Policy.SET:
            had, has = _list(old), _list(new)
            change: dict[str, object] = {}
            if added := [item for item in has if item not in had]:
                change["add"] = added
            if removed := [item for item in had if item not in has]:
                change["del"] = removed
            patch[one.name] = [change]
        else:
            patch[one.name] = [old, new]
    return patch


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def overlay(spec: RecordSpec, document: Document, patch: Patch) -> dict[str, object]:
    """Lay the user's own values over a document: how a record looks while its change is not yet sent."""
    result = dict(document)
    for name, change in patch.items():
        try:
            policy = spec.field(name).policy
        except KeyError:
            continue
        result[name] = merge_set(result.get(name), change) if policy is Policy.SET else change[-1]
    return result


def combine(spec: RecordSpec, first: Patch, second: Patch) -> dict[str, list[object]]:
    """Fold a later patch of the same user into an earlier, never-sent one: its `old`, the later `new`."""
    result: dict[str, list[object]] = {name: list(change) for name, change in first.items()}
    for name, change in second.items():
        before = result.get(name)
        if before is None:
            result[name] = list(change)
        elif spec.field(name).policy is Policy.SET:
            result[name] = [_combine_sets(before[0], change[0])]
        elif same(before[0], change[1]):
            del result[name]
        else:
            result[name] = [before[0], change[1]]
    return {name: change for name, change in result.items() if change != [{}]}


def _combine_sets(first: object, second: object) -> dict[str, object]:
    earlier: Mapping[str, object] = first if isinstance(first, Mapping) else {}
    later: Mapping[str, object] = second if isinstance(second, Mapping) else {}
    add, delete = _list(earlier.get("add")), _list(earlier.get("del"))
    for item in _list(later.get("add")):
        if item in delete:
            delete.remove(item)
        elif item not in add:
            add.append(item)
    for item in _list(later.get("del")):
        if item in add:
            add.remove(item)
        elif item not in delete:
            delete.append(item)
    return {key: value for key, value in (("add", add), ("del", delete)) if value}
