"""Taking in what devices hand in: every change once, every group whole, every verdict kept until it arrived."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import Connection

from kamdesk.db.records import SPECS
from kamdesk.domain import clock
from kamdesk.domain.commands import RESTORES
from kamdesk.domain.errors import Refused
from kamdesk.domain.ids import is_id
from kamdesk.domain.roles import may_read
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice import audit, marks, newcomers, scopes, verdicts
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.groups import decide
from kamdesk.headoffice.problems import HistoryDiverged, Rejected
from kamdesk.headoffice.seals import Seals
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store, head_of, is_transient
from kamdesk.headoffice.tokens import Caller
from kamdesk.headoffice.verdicts import Session
from kamdesk.sync.protocol import (
    MAX_GROUP,
    MAX_OPS,
    SCHEMA,
    Diverged,
    Group,
    Op,
    Result,
    RowState,
    SyncRequest,
)

GROUPS_AT_ONCE = 250
OLD_EDIT = timedelta(hours=72)
_HASH = re.compile("[0-9a-f]{64}")
_logger = logging.getLogger(__name__)


def push(store: Store, caller: Caller, request: SyncRequest) -> tuple[int, list[Result]]:
    """Decide the changes of one request; return the last number decided and a verdict for each op."""
    _check_shape(store, caller, request)
    groups = request.groups
    last = 0
    if not groups:  # whoever hands in is looked at under the lock
        with store.read() as connection:
            last, ack = _ledger(connection, caller.device_id, lock=False)
            _check_history(connection, store.seals, caller, request, last)
        if request.ack <= ack:
            return last, []
    results: list[Result] = []
    for start in range(0, max(len(groups), 1), GROUPS_AT_ONCE):
        last, decided = _take(store, caller, request, groups[start : start + GROUPS_AT_ONCE])
        results += decided
    return last, results


def _check_shape(store: Store, caller: Caller, request: SyncRequest) -> None:
    if request.server_id != store.server_id:
        raise Rejected(409, "wrong_server", server_id=store.server_id)
    if request.device != caller.device_id:
        raise Rejected(400, "bad_request", field="device")
    if request.schema > SCHEMA:
        raise Rejected(503, "server_older", retry_after=3600, schema=SCHEMA)
    ops = [op for group in request.groups for op in group.ops]
    # One action is never divided: were it refused for its size, nothing would ever come past it
    most = MAX_GROUP if len(request.groups) == 1 else MAX_OPS
    if len(ops) > most:
        raise Rejected(413, "too_large", max=most)
    if any(not group.ops or not 0 < len(group.g) <= 100 for group in request.groups):
        raise Rejected(400, "bad_request", field="groups")
    # Within a group without a gap; between those that were decided before there may be others that were told
    for group in request.groups:
        first = group.ops[0].mid
        if [op.mid for op in group.ops] != list(range(first, first + len(group.ops))):
            raise Rejected(400, "bad_request", field="mid")
    if any(later.mid <= op.mid for op, later in pairwise(ops)):
        raise Rejected(400, "bad_request", field="mid")
    numbers = [
        *request.seen,
        request.cursor,
        max(request.price_cursor, 0),
        request.ack,
        request.audit[0],
        *(op.mid for op in ops),
        *(op.base for op in ops),
    ]
    numbers += [number for one in request.loading for number in (one.after, one.start)]
    if any(not 0 <= number < 1 << 53 for number in numbers) or (ops and ops[0].mid < 1):
        raise Rejected(400, "bad_request", field="numbers")
    names = [*(one.bucket for one in request.loading), *request.compare]
    if any("\x00" in name for name in names):
        raise Rejected(400, "bad_request", field="loading")
    if request.audit[0] and not _HASH.fullmatch(request.audit[1]):
        raise Rejected(400, "bad_request", field="audit")


def _ledger(connection: Connection, device_id: str, *, lock: bool) -> tuple[int, int]:
    suffix = " FOR UPDATE" if lock and connection.dialect.name == "postgresql" else ""
    row = connection.execute(
        text(f"SELECT last_mid, ack FROM sync_device WHERE id = :id{suffix}"),
        {"id": device_id},
    ).one()
    return row.last_mid, row.ack


def _check_history(
    connection: Connection, seals: Seals, caller: Caller, request: SyncRequest, last: int
) -> None:
    """Raise HistoryDiverged when the device has seen a commit that never happened here."""
    number, nonce = request.seen
    if number == 0:
        return
    found = connection.execute(
        text("SELECT nonce FROM sync_commit WHERE seq = :seq"), {"seq": number}
    ).scalar()
    if found == nonce:
        return
    stored = connection.execute(
        text("SELECT mid, body FROM sync_result WHERE device_id = :device ORDER BY mid"),
        {"device": caller.device_id},
    )
    raise HistoryDiverged(
        Diverged(
            "history_diverged",
            last,
            head_of(connection),
            # They may quote what a device that was told to delete it must not be given again
            [] if caller.order else [_verdict(seals, caller, mid, body) for mid, body in stored],
            clock.stamp(),
        )
    )


def _take(
    store: Store, caller: Caller, request: SyncRequest, groups: Sequence[Group]
) -> tuple[int, list[Result]]:
    """Decide some groups in one transaction; where the database refuses one, each on its own."""
    try:
        return _decide(store, caller, request, groups, broken=None)
    except (Rejected, HistoryDiverged):
        raise
    except Exception as error:  # a bug in one group must not hold up the others for ever
        if is_transient(error):
            raise Rejected(503, "busy", retry_after=1) from error
        if not groups:
            raise
        _logger.exception("a transaction of %d groups failed", len(groups))
        if len(groups) == 1:
            return _decide(store, caller, request, groups, broken=error)
    results: list[Result] = []
    last = 0
    for group in groups:
        last, decided = _take(store, caller, request, [group])
        results += decided
    return last, results


def _decide(
    store: Store,
    caller: Caller,
    request: SyncRequest,
    groups: Sequence[Group],
    *,
    broken: Exception | None,
) -> tuple[int, list[Result]]:
    with store.write("device", device=caller.device_id, user=caller.user_id) as writer:
        connection = writer.connection
        # The device's row first: of two copies of one request, the second waits and finds the verdicts.
        last, ack = _ledger(connection, caller.device_id, lock=True)
        _check_history(connection, store.seals, caller, request, last)
        if request.ack > ack:
            _prune(connection, caller.device_id, request)
        fresh = [group for group in groups if group.ops[-1].mid > last]
        results = _decided_before(
            writer, caller, [one for one in groups if one.ops[-1].mid <= last]
        )
        if not fresh:
            return last, results
        if fresh[0].ops[0].mid <= last:
            raise Rejected(409, "device_cloned")  # a group is decided whole: this one is another
        expected = last + 1
        for group in fresh:
            if group.ops[0].mid != expected:
                raise Rejected(409, "mid_gap", last=last)
            expected = group.ops[-1].mid + 1
        old_edit = _is_old(connection, request.seen[0])
        session = _session(writer, caller, fresh, old_edit=old_edit)
        news: list[tuple[Group, list[Result]]] = []
        for group in fresh:
            news.append((group, decide(session, group, broken)))
            last = group.ops[-1].mid
        _note_commands(writer, caller, news)
        writer.ledger_changed()
        writer.then(lambda after, _: newcomers.keep(after, session))
        writer.then(lambda after, seq: _keep(after, store.seals, caller.device_id, last, news, seq))
        return last, [*results, *(result for _, decided in news for result in decided)]


def _note_commands(
    writer: Writer, caller: Caller, news: Sequence[tuple[Group, list[Result]]]
) -> None:
    """Put on record who decided what: the command and the record, never what is in it."""
    with audit.acting(f"user:{caller.user_id}"):
        for group, results in news:
            for op, result in zip(group.ops, results, strict=True):
                done = "restore" if op.args.get(RESTORES) is True else op.cmd
                if (op.op == "cmd" or done == "restore") and result.st == "applied":
                    audit.note(
                        writer, f"{op.k}.{done}", op.id, device=caller.device_id, rev=result.rev
                    )


def _prune(connection: Connection, device_id: str, request: SyncRequest) -> None:
    # Not by `ack` alone: a verdict that was decided anew after a restore may have the same number.
    connection.execute(
        text("DELETE FROM sync_result WHERE device_id = :device AND mid <= :ack AND h <= :seen"),
        {"device": device_id, "ack": request.ack, "seen": request.seen[0]},
    )
    connection.execute(
        text("UPDATE sync_device SET ack = :ack WHERE id = :device"),
        {"device": device_id, "ack": request.ack},
    )


def _decided_before(writer: Writer, caller: Caller, groups: Sequence[Group]) -> list[Result]:
    """Tell the verdicts again, with the records as they stand now: the device may have missed what came after.

    Raises Rejected("device_cloned") where a number was spent on something else, by another copy of the store.
    """
    if not groups:
        return []
    session = _session(writer, caller, groups, old_edit=False)
    stored = {
        row.mid: row
        for row in writer.connection.execute(
            text(
                "SELECT mid, g, body FROM sync_result WHERE device_id = :device AND mid >= :first AND mid <= :last"
            ),
            {
                "device": caller.device_id,
                "first": groups[0].ops[0].mid,
                "last": groups[-1].ops[-1].mid,
            },
        )
    }
    results = []
    for group in groups:
        for op in group.ops:
            row = stored.get(op.mid)
            # A verdict is pruned once the device keeps it for good, and then it never asks again. Whoever does
            # is a copy from before that: to call it done would lose what was typed there.
            if row is None or not marks.is_same(row.g, group, op):
                raise Rejected(409, "device_cloned")
            results.append(
                _as_it_stands(session, op, _verdict(writer.seals, caller, op.mid, row.body))
            )
    return results


def _verdict(seals: Seals, caller: Caller, mid: int, body: str) -> Result:
    """Read a kept verdict, as the caller may have it now; one that quotes prices was sealed."""
    written = seals.opened_text(f"{caller.device_id}/{mid}", body)
    return verdicts.told_again(msgspec.json.decode(written, type=Result), caller)


def _as_it_stands(session: Session, op: Op, told: Result) -> Result:
    """Add the record to a verdict of earlier, where it has changed since."""
    if op.k not in SPECS or not is_id(op.id) or told.code == "not_allowed":
        return told
    if not may_read(session.caller.role, SPECS[op.k].level):
        return told
    row = session.writer.get(op.k, op.id)
    if row is None or (row.rev == told.rev and row.bucket in session.buckets):
        return told
    if row.bucket in session.buckets:
        told.row = verdicts.row_state(session, row)
    elif told.rev:
        told.row = RowState(op.k, op.id, told.rev, "")  # the user may no longer see it
    return told


def _session(writer: Writer, caller: Caller, groups: Sequence[Group], *, old_edit: bool) -> Session:
    ops = [op for group in groups for op in group.ops if op.k in SPECS and is_id(op.id)]
    writer.load((op.k, op.id) for op in ops)
    buckets: set[str] = set()
    for op in ops:
        row = writer.get(op.k, op.id)
        buckets.add(row.bucket if row is not None else _bucket(SPECS[op.k], op))
    allowed = scopes.reachable(writer.connection, caller.user_id, buckets - {""})
    reported = frozenset(op.id for op in ops if op.k == "visit" and op.op == "cmd")
    return Session(writer, caller, frozenset(allowed), old_edit, reported)


def _bucket(spec: RecordSpec, op: Op) -> str:
    try:
        bucket = spec.bucket.of(
            op.id, {name: change[-1] for name, change in op.f.items() if change}
        )
    except Refused:
        return ""
    return "" if "\x00" in bucket or len(bucket) > 200 else bucket


def _is_old(connection: Connection, seen: int) -> bool:
    """Say whether what the device last saw is so old that its edits must not overwrite newer ones."""
    at = connection.execute(
        text("SELECT at FROM sync_commit WHERE seq = :seq"), {"seq": seen}
    ).scalar()
    return at is not None and clock.now() - clock.parse_stamp(at) > OLD_EDIT


def _keep(
    connection: Connection,
    seals: Seals,
    device_id: str,
    last: int,
    news: list[tuple[Group, list[Result]]],
    seq: int,
) -> None:
    """Store the verdicts under the number of the commit that they belong to."""
    rows: list[dict[str, Any]] = [
        {
            "device": device_id,
            "mid": result.mid,
            "h": seq,
            "g": marks.of(group, op),
            "body": _body(seals, device_id, op, result),
        }
        for group, results in news
        for op, result in zip(group.ops, results, strict=True)
    ]
    connection.execute(
        text(
            "INSERT INTO sync_result (device_id, mid, h, g, body) VALUES (:device, :mid, :h, :g, :body) "
            "ON CONFLICT (device_id, mid) DO UPDATE SET h = excluded.h, g = excluded.g, body = excluded.body"
        ),
        rows,
    )
    connection.execute(
        text("UPDATE sync_device SET last_mid = :last WHERE id = :device"),
        {"last": last, "device": device_id},
    )


def _body(seals: Seals, device_id: str, op: Op, result: Result) -> str:
    body = msgspec.json.encode(result).decode()
    if op.k in SPECS and SPECS[op.k].sealed:
        return seals.sealed_text(f"{device_id}/{result.mid}", body)
    return body
