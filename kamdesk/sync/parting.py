"""Leaving: what head office did not get is sealed to it, then the keys of this profile are deleted for ever.

In this order, so that nothing is lost and nothing stays: the sealed file is durable, the keys are gone, the file is
sent. Where it cannot be sent it stays beside the profiles, for head office alone to read.
"""

from __future__ import annotations

import base64
import json
import logging
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from kamdesk.db import outbox
from kamdesk.db.database import Database
from kamdesk.db.queries.waiting import WaitingRow, waiting
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.connection import Farewell
from kamdesk.security import parcel
from kamdesk.security.files import make_private, write_atomically
from kamdesk.security.glance import ENDED
from kamdesk.security.openkeys import OpenKeys
from kamdesk.sync.leases import Leaving
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import Group, Parting
from kamdesk.sync.transport import Transport

FOLDER = "rescue"
_MOST = 1_000_000
_DRAFT = ("id", "form", "title", "data", "saved_at")
_log = logging.getLogger(__name__)


def part(
    database: Database, keys: OpenKeys, transport: Transport, access: str, leaving: Leaving
) -> Farewell:
    """Seal what is left, delete the keys, send what was sealed; say what became of all of it.

    Raises MachineError while nothing was deleted yet: it is tried again.
    """
    state = database.read(outbox.read_state)
    left, lost = database.read(lambda reader: _left(reader, state, leaving.groups))
    device = state["device_id"]
    folder = database.path.parent.parent
    file = make_private(folder.parent.parent / FOLDER) / f"rescue-{device}.kdr"
    sealed = b""
    if left["groups"] or left["drafts"] or lost:
        data = zlib.compress(msgspec.json.encode(left), 6)
        sealed = parcel.seal(base64.b64decode(leaving.order.rescue_key), device, data)
        write_atomically(file, sealed)
    write_atomically(folder / ENDED, b"")
    database.prices.lock()
    keys.erase()
    is_sent = _send(transport, access, sealed)
    if is_sent:
        with suppress(OSError):
            file.unlink(missing_ok=True)
    changes = sum(len(group.ops) for group in leaving.groups if not group.held)
    return Farewell(
        changes=changes,
        drafts=len(left["drafts"]),
        lost=tuple((row.kind, row.title, row.at) for row in lost),
        file="" if is_sent or not sealed else str(file),
    )


def _send(transport: Transport, access: str, sealed: bytes) -> bool:
    try:
        transport.part(access, Parting(base64.b64encode(sealed).decode()))
    except (Unreachable, Answered) as problem:
        _log.warning("what was left could not be sent: %s", problem.code)
        return False
    return True


def _left(
    reader: Reader, state: dict[str, str], groups: Sequence[Group]
) -> tuple[dict[str, Any], list[WaitingRow]]:
    """Write down what is left, and name what cannot be handed in: its prices are locked. All else of it is told."""
    given = {op.mid for group in groups if not group.held for op in group.ops}
    ids = {
        str(row[0])
        for row in reader.rows("SELECT lid, mid FROM sync_op WHERE st = 'queued'")
        if row[1] not in given
    }
    lost = [row for row in waiting(reader, limit=_MOST) if row.id in ids]
    told = _told(reader)
    drafts = [
        dict(zip(_DRAFT, row, strict=True))
        for row in reader.rows(f"SELECT {', '.join(_DRAFT)} FROM draft")
    ]
    left = {
        "device": state["device_id"],
        "user": state["user_id"],
        "login": state["login"],
        "at": clock.stamp(),
        "seen": (int(state.get("seen_head", 0)), int(state.get("seen_nonce", 0))),
        "groups": [group for group in groups if not group.held],
        "drafts": drafts,
        "lost": [
            {
                "kind": row.kind, "title": row.title, "what": row.what,
                "at": clock.stamp(row.at) if row.at else "", **told.get(row.id, {}),
            }
            for row in lost
        ],
    }  # fmt: skip
    return left, lost


def _told(reader: Reader) -> dict[str, dict[str, Any]]:
    """Write down, by the number of a change, all of it that is no price: an administrator can read and type it."""
    found = {}
    for lid, kind, record_id, changed, cmd in reader.rows(
        "SELECT lid, kind, id, f, cmd FROM sync_op WHERE st = 'queued'"
    ):
        spec = SPECS.get(kind)
        sealed = frozenset(spec.sealed) if spec is not None else frozenset()
        fields = json.loads(changed) if changed and spec is not None else {}
        open_ones = {name: pair[-1] for name, pair in fields.items() if name not in sealed}
        if cmd:
            open_ones["cmd"] = cmd
        found[str(lid)] = {"record": record_id, "fields": open_ones}
    return found


def has_ended(folder: Path) -> bool:
    """Say whether the keys of a profile were deleted for ever."""
    return (folder / ENDED).exists()
