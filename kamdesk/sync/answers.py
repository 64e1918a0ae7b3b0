"""Taking in what head office answers about what was handed in, and where in its feed this computer stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import msgspec

from kamdesk.db import apply, aside, buckets, issues, notices, outbox, sending
from kamdesk.db import receipts as proofs
from kamdesk.db.outbox import QueuedOp
from kamdesk.db.records import SPECS, is_price_bucket
from kamdesk.db.sending import Hold
from kamdesk.db.work import Work
from kamdesk.domain import clock
from kamdesk.domain.price_access import PricesLocked, PriceState
from kamdesk.domain.roles import Actor, Level, may_read
from kamdesk.sync import intake, planner, receipts
from kamdesk.sync.intake import Step
from kamdesk.sync.planner import Position
from kamdesk.sync.protocol import SCHEMA, Page, Result, Scope, SyncRequest, SyncResponse
from kamdesk.sync.sealing import sealed_result, sealed_rows

_PROBLEMS = frozenset({"conflict", "rejected", "failed"})


class Verdicts:
    """Settles verdicts, and remembers which ones must wait for the price key. Used by one thread at a time."""

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        self.spoken = SCHEMA
        """The version of the declarations that head office and this program both know."""
        self.unsendable: set[str] = set()
        """Groups whose sealed values cannot be opened any more."""

    def hold(self, state: PriceState) -> Hold | None:
        """Say what cannot be handed in in this state of the prices."""
        if state is not PriceState.LOCKED:
            # What waited is asked for again: told with its price, or without it to who lost the right to it
            self._waiting.clear()
        if state is PriceState.OPEN and self.spoken == SCHEMA:
            return None
        return Hold(
            frozenset(self._waiting),
            numbers_all=state is PriceState.ABSENT,
            has_prices=state is PriceState.OPEN,
            schema=self.spoken,
        )

    def take_answer(self, work: Work, answer: SyncResponse, device: str) -> None:
        """Take in what one request was answered.

        What was seen of head office's history is noted before anything of it is stored.
        """
        outbox.write_state(work.driver, _seen(answer))
        receipts.keep(work, answer, device)
        self.take(work, answer.results, answer.now)

    def take(self, work: Work, results: Iterable[Result], now: str) -> None:
        """Settle verdicts and show the records as they are now; those of a group are settled together."""
        told = list(results)
        batch = _Batch.read(work, [one.mid for one in told], now)
        groups: dict[str, list[tuple[QueuedOp, Result]]] = {}
        for result in told:
            op = batch.ops.pop(result.mid, None)
            if op is not None:
                groups.setdefault(op.gid, []).append((op, result))
        for group in groups.values():
            self._take(work, batch, group)
        outbox.confirm(work.driver, batch.verdicts, now)
        for kind, ids in batch.settled.items():
            if kind in SPECS:
                bases = batch.bases[kind]
                shown = {one: bases[one] for one in ids if one in bases}
                apply.rebuild_many(work, SPECS[kind], shown)
        if groups:
            work.outbox = True

    def take_stored(self, work: Work, stored: Iterable[Result], now: str) -> None:
        """Take in the verdicts that a restored head office has; where one is another than was told, it counts.

        A request that arrives late, after the restore, is decided anew and perhaps differently.
        """
        known = list(stored)
        for result in known:
            told = outbox.verdict(work.driver, result.mid)
            if told is not None and _core(told) != _core(msgspec.json.encode(result)):
                issues.forget_decided(work, "o.mid = ?", result.mid)
                kind, record_id = outbox.open_again(work.driver, result.mid)
                aside.keep_aside(work, kind, record_id)
        self.take(work, known, now)

    def begin_after(self, work: Work, last: int) -> None:
        """Queue again what head office does not know, past `last`, and forget what it said about that."""
        # No verdict waits for the key any more: there will be another
        self._waiting = {mid for mid in self._waiting if mid <= last}
        issues.forget_decided(work, outbox.lost_after(last), last)
        proofs.forget_after(work.driver, last)
        for kind, record_id in outbox.queue_again(work.driver, last):
            aside.keep_aside(work, kind, record_id)
        work.outbox = True

    def _take(self, work: Work, batch: _Batch, group: Sequence[tuple[QueuedOp, Result]]) -> None:
        """Settle the verdicts on one group."""
        try:
            sealed = [
                result if result.st == "held" else sealed_result(work.prices, op, result)
                for op, result in group
            ]
        except PricesLocked:
            # One quotes a price, which must not be kept in the clear. Head office says it again, and knows a group
            # only as a whole
            self._waiting |= {result.mid for _, result in group}
            return
        for (op, _), result in zip(group, sealed, strict=True):
            if result.st == "held":
                self._take_held(work, batch, op)
            else:
                batch.settle(work, op, result)

    def _take_held(self, work: Work, batch: _Batch, op: QueuedOp) -> None:
        is_priced = sending.needs_key(op.kind, op.f)
        if work.prices.state is PriceState.ABSENT and (is_priced or self.spoken == SCHEMA):
            # The user may have them, this computer may not
            is_withdrawn = may_read(work.actor.role, Level.L3)
            code = "prices_withdrawn" if is_withdrawn else "not_allowed"
        elif op.gid in self.unsendable:
            code = "unreadable"
        else:
            outbox.unnumber(work.driver, op.mid)
            return
        batch.settle(work, op, Result(op.mid, "rejected", code=code))


@dataclass(slots=True)
class _Batch:
    """What many verdicts are about, read at once; what becomes of it is written at once too."""

    ops: dict[int, QueuedOp]
    bases: dict[str, dict[str, apply.Base]]
    verdicts: dict[int, str] = field(default_factory=dict)
    settled: dict[str, dict[str, None]] = field(default_factory=dict)
    """By kind, the ids of the records to show anew."""
    now: str = ""
    """By head office's clock."""

    @classmethod
    def read(cls, work: Work, mids: Sequence[int], now: str) -> _Batch:
        """Read the changes that these verdicts are on, and the bases of their records."""
        ops = outbox.by_mids(work.driver, mids) if mids else {}
        ids: dict[str, set[str]] = {}
        for op in ops.values():
            ids.setdefault(op.kind, set()).add(op.id)
        bases = {kind: apply.bases_of(work.driver, kind, some) for kind, some in ids.items()}
        return cls(ops, bases, now=now)

    def settle(self, work: Work, op: QueuedOp, result: Result) -> None:
        """Settle one verdict, as far as it concerns its record alone."""
        standing = result.row
        document = None
        row = None
        if standing is not None:
            if standing.data is not None and standing.k in SPECS:
                document = dict(zip(SPECS[standing.k].names, standing.data, strict=False))
            row = (standing.rev, standing.b, document)
        base = self.bases[op.kind].get(op.id)
        if result.st in _PROBLEMS or result.overwritten:
            # Of a record that was deleted, what it was is kept here alone: it can be restored with it
            was = base.document if base is not None and result.code == "gone" else None
            _open_issue(work, op, result, document or was, at=corrected(op.at, self.now))
        if base is not None and op.kind in SPECS:
            apply.settle(work, op, base, status=result.st, rev=result.rev, row=row)
        self.verdicts[op.mid] = msgspec.json.encode(result).decode()
        self.settled.setdefault(op.kind, {})[op.id] = None


def _open_issue(
    work: Work, op: QueuedOp, result: Result, standing: Mapping[str, object] | None, *, at: str
) -> None:
    fields = {name: msgspec.to_builtins(one) for name, one in result.fields.items()}
    if result.overwritten and not fields:
        fields = {
            name: {
                "old": op.f[name][0],
                "mine": op.f[name][-1],
                "theirs": value,
                **dict(zip(("by", "at"), result.by.get(name, ()), strict=False)),
            }
            for name, value in result.overwritten.items()
            if name in op.f
        }
    issues.open_issue(
        work,
        op,
        result.st if result.st in _PROBLEMS else "overwritten",
        code=result.code,
        params=result.params,
        fields=fields,
        standing=standing,
        at=at,
    )


def corrected(at: str, now: str) -> str:
    """Give an instant of this computer's clock by head office's, which says that it is `now`."""
    try:
        office = clock.parse_stamp(now)
        here = clock.parse_stamp(at) - (clock.now() - office)
    except ValueError:
        return at
    return clock.stamp(min(here, office))


def _core(verdict: str | bytes) -> dict[str, object]:
    """Give what was decided; the record beside it is as it stood when it was told."""
    return {name: value for name, value in json.loads(verdict).items() if name != "row"}


def load_anew(work: Work, head: int, touched: Sequence[tuple[str, str]] = ()) -> None:
    """Begin to load every bucket again, as it stands from this commit on; the queue is left as it is.

    After `intake.Intake.unconfirm`; `touched`: records that were written since.
    """
    buckets.reload_all(work, start=head, touched=touched)
    outbox.write_state(work.driver, {"cursor": head, "price_cursor": head})


def follow(work: Work, scope: Scope, answer: SyncResponse, state: dict[str, str]) -> None:
    """Follow a changed subscription."""
    is_first = not buckets.names(work.driver)
    cursor = answer.head[0] if is_first else int(state.get("cursor", 0))
    price_cursor = answer.head[0] if is_first else planner.price_cursor(state)
    buckets.follow(work, scope.buckets, start=cursor, price_start=price_cursor)
    outbox.write_state(work.driver, {"cursor": cursor, "price_cursor": price_cursor})


def advance(work: Work, answer: SyncResponse) -> None:
    """Note how far the buckets and the two streams are taken in."""
    buckets.advance(work, [(part.b, part.after, part.done) for part in answer.load])
    if answer.delta is not None:
        outbox.write_state(work.driver, {"cursor": answer.delta.cursor})
    if answer.price_delta is not None:
        outbox.write_state(work.driver, {"price_cursor": answer.price_delta.cursor})


def take_notices(work: Work, answer: SyncResponse, me: Actor) -> None:
    """Keep what an answer tells about values that others replaced, and who wrote what waits for the user here."""
    for one in answer.notices:
        if one.settled:
            notices.settled_elsewhere(work, one.id)
            continue
        fields = {
            name: {
                "old": each.old,
                "mine": each.mine,
                "theirs": each.theirs,
                "by": one.by,
                "at": one.at,
            }
            for name, each in one.fields.items()
        }
        mine_at = max((each.at for each in one.fields.values()), default="")
        notices.take(work, one.id, one.k, one.row, at=one.at, mine_at=mine_at, fields=fields)
    for each in answer.written:
        notices.take_written(work, each.k, each.id, each.fields, me)
    notices.advance(work, answer.noticed)


def followed(
    answer: SyncResponse, state: Mapping[str, str], position: Position
) -> tuple[dict[str, str], Position]:
    """Say how state and position will be once an answer is stored."""
    values: dict[str, object] = _seen(answer)
    for name, delta in (("cursor", answer.delta), ("price_cursor", answer.price_delta)):
        if delta is not None:
            values[name] = delta.cursor
    if answer.noticed >= 0:
        values[notices.KEY] = answer.noticed
    parts = {part.b: part for part in answer.load}
    loading = [
        (bucket, part.after if part else after, start)
        for bucket, after, start in position.loading
        if not ((part := parts.get(bucket)) and part.done)
    ]
    followed = replace(position, loading=loading)
    return {**state, **{name: str(value) for name, value in values.items()}}, followed


def _seen(answer: SyncResponse) -> dict[str, object]:
    values: dict[str, object] = {"seen_head": answer.head[0], "seen_nonce": answer.head[1]}
    if answer.audit[0]:
        # Brought back with the next request: nobody cuts the audit of head office unseen
        values |= {"audit_n": answer.audit[0], "audit_hash": answer.audit[1]}
    return values


def touched(work: Work, answer: SyncResponse, wanted: SyncRequest) -> set[tuple[str, str]]:
    """Name the buckets and kinds that the `summary` of an answer is about, once that is stored.

    These are what its delta tells of, and what it need not tell: records as this computer's own changes made them.
    """
    deltas = [answer.delta, answer.price_delta]
    has_prices = answer.price_delta is not None and not answer.price_delta.more
    found = {
        (bucket, page.k)
        for delta in deltas
        for page in (delta.pages if delta is not None else [])
        for bucket in (*page.buckets(), *(one[2] for one in (*page.dele, *page.rem)))
    }
    plain = {one.mid for one in answer.results if one.st == "applied" and one.row is None}
    own: dict[str, list[str]] = {}
    for group in wanted.groups:
        for op in group.ops:
            if op.op == "patch" and op.mid in plain and op.k in SPECS and not SPECS[op.k].sealed:
                own.setdefault(op.k, []).append(op.id)
    loading = {one.bucket for one in wanted.loading}
    for kind, ids in own.items():
        found |= {(one, kind) for one in buckets.live_of(work, kind, ids) if one not in loading}
    return {one for one in found if has_prices or not is_price_bucket(one[0])}


def put(work: Work, page: Page, rows: Sequence[Sequence[Any]]) -> None:
    """Store records of one page, prices sealed."""
    names, spec = page.c, SPECS.get(page.k)
    if spec is not None and spec.sealed:
        # What is not known here is not kept beside these: it may be a price, which must not be kept in the clear
        known = [at for at, name in enumerate(names) if name in spec.names]
        if len(known) < len(names):
            names = [names[at] for at in known]
            rows = [[*row[:3], *(row[at + 3] for at in known)] for row in rows]
        rows = sealed_rows(work.prices, page.k, names, rows)
    apply.put_rows(work, page.k, names, rows)


def steps_of(page: Page) -> Iterator[Step]:
    """Divide a page into parts that are stored one by one."""
    rows = iter(page.puts())
    while part := list(islice(rows, intake.STEP_ROWS)):
        yield len(part), lambda work, part=part: put(work, page, part)  # type: ignore[misc]
    gone: list[Any] = [*page.dele, *page.rem]
    for start in range(0, len(gone), intake.FEWEST_ROWS):
        few = gone[start : start + intake.FEWEST_ROWS]
        yield len(few), lambda work, few=few: apply.remove_rows(work, page.k, few)  # type: ignore[misc]
