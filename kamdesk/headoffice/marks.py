"""What came under a number of a device, as hashes: the same number with anything else is a copy of its store."""

from __future__ import annotations

import hashlib

import msgspec

from kamdesk.sync.protocol import Group, Op


def of(group: Group, op: Op) -> str:
    """Mark one change: its group, and its values unless it came without them.

    In a copy of the store the same action may have been edited on before it got the same number. The group's id,
    of which nothing but a hash is stored, salts the hash of the values.
    """
    mark = hashlib.sha256(group.g.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    if group.held:
        return mark
    change = [group.g, op.k, op.id, op.op, op.f, op.cmd, op.args]
    content = msgspec.json.encode(change, order="deterministic")
    return f"{mark}:{hashlib.sha256(content).hexdigest()[:32]}"


def is_same(stored: str, group: Group, op: Op) -> bool:
    """Say whether a stored mark is of this change; where only one of the two had values, by the group alone."""
    mark = of(group, op)
    if ":" in stored and ":" in mark:
        return stored == mark
    return stored.partition(":")[0] == mark.partition(":")[0]
