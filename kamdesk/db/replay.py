"""Laying the unsent work of a journal over a store that lacks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamdesk.db import apply, aside, journal, outbox
from kamdesk.db.capture import drop_base_if_clean
from kamdesk.db.reader import DriverConnection
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work


def replay(work: Work, kept: journal.Kept) -> int:
    """Bring back what a journal holds and this store lacks; return how many changes came back.

    The queue is numbered anew with the next request: what head office decided under those numbers is not known.
    """
    came_back = 0
    outbox.forget_numbers(work.driver)  # before: they may have been given in another order since
    for lid, frame in sorted(kept.ops.items()):
        came_back += _bring_back(work, lid, frame)
    for frame in kept.drafts.values():
        _bring_back_draft(work.driver, frame)
    if kept.state.get("refresh"):
        outbox.write_state(work.driver, {"refresh": kept.state["refresh"]})
    work.driver.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'sync_op'", (kept.last_lid,)
    )
    return came_back


def _bring_back(work: Work, lid: int, frame: journal.Frame) -> int:
    connection = work.driver
    here = connection.execute("SELECT st, kind, id FROM sync_op WHERE lid = ?", (lid,)).fetchone()
    if frame["st"] == "gone":
        if here is not None and here[0] == "queued":
            connection.execute("DELETE FROM sync_op WHERE lid = ?", (lid,))
            if here[1] in SPECS:
                apply.rebuild(work, SPECS[here[1]], here[2])
        return 0
    if here is not None:
        mid = frame["mid"] if frame["st"] == "acked" else None
        # Another that has it was confirmed under an earlier name of this computer
        connection.execute("UPDATE sync_op SET mid = NULL WHERE mid = ? AND lid <> ?", (mid, lid))
        connection.execute(
            "UPDATE sync_op SET st = ?1, f = ?2, mid = ?3, acked_at = iif(?1 = 'acked', at, NULL) WHERE lid = ?4",
            (frame["st"], frame["f"], mid, lid),
        )
    elif frame["st"] == "queued":
        connection.execute(
            f"INSERT INTO sync_op({', '.join(journal.OP)}) VALUES({outbox.places(journal.OP)})",
            tuple(None if name == "mid" else frame.get(name) for name in journal.OP),
        )
    spec = SPECS.get(frame["kind"])
    if spec is None:
        return 0
    if frame["st"] != "queued":
        # Head office has it: what is shown here stays, and its version comes with the next answer
        drop_base_if_clean(connection, frame["kind"], frame["id"])
        return 0
    aside.stand_aside(work, spec, frame["id"], bucket=frame["b"] or "")
    apply.rebuild(work, spec, frame["id"])
    return int(here is None)


def _bring_back_draft(connection: DriverConnection, frame: Mapping[str, Any]) -> None:
    connection.execute("DELETE FROM draft WHERE id = ?", (frame["id"],))
    if frame["form"]:
        connection.execute(
            f"INSERT INTO draft({', '.join(journal.DRAFT)}) VALUES({outbox.places(journal.DRAFT)})",
            tuple(frame[name] for name in journal.DRAFT),
        )
