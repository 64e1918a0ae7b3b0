"""Taking in what head office answers about what was handed in, and where in its feed this computer stands."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from kamdesk.db import apply, issues, outbox
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.sync import receipts
from kamdesk.sync.protocol import Result, Scope, SyncResponse


def take_results(work: Work, answer: SyncResponse, device: str) -> None:
    """Take verdicts in. What was seen of head office's history is noted before anything of it is stored."""
    values: dict[str, object] = {"seen_head": answer.head[0], "seen_nonce": answer.head[1]}
    if answer.audit[0]:
        # Brought back with the next request: nobody cuts the audit of head office unseen
        values |= {"audit_n": answer.audit[0], "audit_hash": answer.audit[1]}
    outbox.write_state(work.driver, values)
    receipts.keep(work, answer, device)
    take_verdicts(work, answer.results)


def take_verdicts(work: Work, results: Iterable[Result]) -> None:
    """Settle what was handed in, and show the records as they are then."""
    settled = {_take_result(work, result) for result in results}
    for kind, record_id in settled:
        if kind in SPECS:
            apply.rebuild(work, SPECS[kind], record_id)
    if settled:
        work.outbox = True


def _take_result(work: Work, result: Result) -> tuple[str, str]:
    """Settle one verdict; return kind and id of the record, or blanks when it was settled before."""
    op = outbox.by_mid(work.driver, result.mid)
    if op is None:
        return "", ""
    standing = result.row
    document = None
    row = None
    if standing is not None:
        if standing.data is not None and standing.k in SPECS:
            document = dict(zip(SPECS[standing.k].names, standing.data, strict=False))
        row = (standing.rev, standing.b, document)
    if result.st in {"conflict", "rejected", "failed"} or result.overwritten:
        fields = {name: msgspec.to_builtins(one) for name, one in result.fields.items()}
        if result.overwritten and not fields:
            fields = {
                name: {"old": op.f[name][0], "mine": op.f[name][-1], "theirs": value}
                for name, value in result.overwritten.items()
                if name in op.f
            }
        type_ = result.st if result.st in {"conflict", "rejected", "failed"} else "overwritten"
        issues.open_issue(
            work,
            op,
            type_,
            code=result.code,
            params=result.params,
            fields=fields,
            standing=document,
        )
    apply.settle(work, op, status=result.st, rev=result.rev, row=row)
    outbox.confirm(work.driver, result.mid, msgspec.json.encode(result).decode())
    return op.kind, op.id


def take_stored(work: Work, stored: Iterable[Result]) -> None:
    """Take in the verdicts that a restored head office has; where one is another than was told, it counts.

    A request that arrives late, after the restore, is decided anew and perhaps differently.
    """
    known = list(stored)
    for result in known:
        told = outbox.verdict(work.driver, result.mid)
        if told is not None and _core(told) != _core(msgspec.json.encode(result)):
            kind, record_id = outbox.open_again(work.driver, result.mid)
            apply.keep_aside(work, kind, record_id)
            issues.forget_verdict(work, result.mid)
    take_verdicts(work, known)


def _core(verdict: str | bytes) -> dict[str, object]:
    """Give what was decided; the record beside it is as it stood when it was told."""
    return {name: value for name, value in json.loads(verdict).items() if name != "row"}


def queue_again(work: Work, last: int) -> None:
    """Queue what head office no longer knows."""
    for kind, record_id in outbox.queue_again(work.driver, last):
        apply.keep_aside(work, kind, record_id)
    work.outbox = True


def follow(work: Work, scope: Scope, answer: SyncResponse, state: dict[str, str]) -> None:
    """Follow a changed subscription. The first one begins at the head of the answer."""
    is_first = not apply.subscriptions(work.driver)
    cursor = answer.head[0] if is_first else int(state.get("cursor", 0))
    apply.follow(work, scope.buckets, start=cursor)
    outbox.write_state(work.driver, {"cursor": cursor})


def advance(work: Work, answer: SyncResponse) -> None:
    """Move the positions; in the transaction of the last rows, or a crash would leave them behind."""
    for part in answer.load:
        apply.advance(work, part.b, after=part.after, done=part.done)
    if answer.delta is not None:
        outbox.write_state(work.driver, {"cursor": answer.delta.cursor})
