"""Deciding one group of changes, which stand or fall together; a bug in one is put aside and stops no queue."""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.errors import Refused
from kamdesk.domain.ids import is_id, new_id
from kamdesk.domain.roles import may_read
from kamdesk.headoffice import representatives, verdicts
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.verdicts import Session
from kamdesk.sync.protocol import Group, Op, Result

_logger = logging.getLogger(__name__)


def decide(session: Session, group: Group, broken: Exception | None) -> list[Result]:
    """Decide one group: all of its ops stand, or none does."""
    if group.held:
        return [Result(op.mid, "held") for op in group.ops]
    mark = session.writer.mark()
    session.group = group.g
    results: list[Result] = []
    failed_at: Op | None = None
    failure: Result | None = None
    steps = [(do, op) for do in (verdicts.decide, representatives.check_moved) for op in group.ops]
    for do, op in steps:
        try:
            if broken is not None:
                raise broken
            result = do(session, op)
            if result is not None:
                results.append(result)
        except Refused as refusal:
            failed_at = op
            failure = Result(op.mid, "rejected", code=refusal.code, params=dict(refusal.params))
            break
        except SQLAlchemyError as error:
            if broken is None:
                raise
            failed_at, failure = op, _failed(session, op, error)
            break
        except Exception as error:  # noqa: BLE001  # a bug must not stop the queue of a device
            failed_at, failure = op, _failed(session, op, error)
            break
    if failure is None or failed_at is None:
        return results
    session.writer.rewind(mark)
    others = (
        Result(op.mid, "rejected", code="group", params={"mid": failed_at.mid})
        if failure.st == "rejected"
        else Result(op.mid, "failed", code=failure.code, params=failure.params)
        for op in group.ops
    )
    decided = [failure if one.mid == failed_at.mid else one for one in others]
    for op, result in zip(group.ops, decided, strict=True):
        _add_row(session, op, result)
    return decided


def _add_row(session: Session, op: Op, result: Result) -> None:
    """Give what stands where the device's view of it differs; never of what the user may not see."""
    if op.k not in SPECS or not is_id(op.id):
        return
    if not may_read(session.caller.role, SPECS[op.k].level):
        return  # also where another op of the group was refused, and this one for its sake
    row = session.writer.get(op.k, op.id)
    if row is None or not session.covers(row.bucket) or result.code == "not_allowed":
        return
    result.rev = row.rev
    if row.rev != op.base or row.is_gone:
        result.row = verdicts.row_state(session, row)


def _failed(session: Session, op: Op, error: Exception) -> Result:
    incident = new_id()
    is_sealed = op.k in SPECS and SPECS[op.k].sealed
    body = msgspec.json.encode(op).decode()
    _logger.error(
        "incident %s: an op of kind %s failed: %s",
        incident,
        op.op,
        type(error).__name__,
        exc_info=error,
    )
    session.writer.connection.execute(
        text(
            "INSERT INTO sync_deadletter (incident, device_id, mid, body, error, at) "
            "VALUES (:incident, :device, :mid, :body, :error, :at)"
        ),
        {
            "incident": incident,
            "device": session.caller.device_id,
            "mid": op.mid,
            "body": session.writer.seals.sealed_text(incident, body) if is_sealed else body,
            # The text of an error may quote the price that it is about
            "error": type(error).__name__
            if is_sealed
            else f"{type(error).__name__}: {error}"[:2000].replace("\x00", ""),
            "at": clock.stamp(),
        },
    )
    return Result(op.mid, "failed", code="internal", params={"incident": incident})
