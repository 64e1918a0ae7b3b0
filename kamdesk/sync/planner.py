"""What to do next, as pure functions: what to send, when to try again, what an answer means."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from kamdesk.db import buckets, disclosures, notices, outbox, renewal
from kamdesk.db.notices import Asked
from kamdesk.db.outbox import QueuedGroup, QueuedOp
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS, is_price_bucket, opened_with
from kamdesk.domain.connection import Link
from kamdesk.sync.protocol import (
    MAX_ROWS,
    SCHEMA,
    About,
    Disclosure,
    Group,
    Limit,
    Loading,
    Op,
    SyncRequest,
    scope_hash,
    scope_hash_of,
)

ROWS_AT_ONCE = 2000
ROWS_OF_FIRST_LOAD = 2000
"""To begin with; see `portions`."""
LONGEST_BACKOFF = 300.0
REFUSED_RETRY = 15.0


@dataclass(frozen=True, slots=True)
class Position:
    """How far this computer is: the hash of its subscription, "" before there is one; what of that is being loaded, as
    (bucket, after, start); up to which of its changes it has the verdicts."""

    scope: str
    loading: Sequence[tuple[str, int, int]]
    ack: int


class Reaction(Enum):
    """What to do about a problem that head office answered."""

    RETRY = "retry"
    REFRESH = "refresh"
    SIGN_IN = "sign_in"
    STOP = "stop"
    HALVE = "halve"
    REQUEUE = "requeue"
    RELOAD = "reload"


_REACTIONS = {
    "token_expired": Reaction.REFRESH,
    "token_invalid": Reaction.REFRESH,
    "token_reused": Reaction.SIGN_IN,
    "device_revoked": Reaction.SIGN_IN,
    "device_cloned": Reaction.SIGN_IN,
    "user_disabled": Reaction.STOP,
    "wrong_server": Reaction.STOP,
    "bad_request": Reaction.STOP,
    "upgrade_required": Reaction.STOP,
    "too_old": Reaction.STOP,
    "server_older": Reaction.STOP,
    "too_large": Reaction.HALVE,
    "mid_gap": Reaction.REQUEUE,
    "cursor_expired": Reaction.RELOAD,
}


def reaction(code: str) -> Reaction:
    """Say what to do about a problem; what is not known is tried again."""
    return _REACTIONS.get(code, Reaction.RETRY)


def link_of(what: Reaction) -> Link:
    """Say how the connection looks to the user after a problem."""
    return {Reaction.SIGN_IN: Link.SIGNED_OUT, Reaction.STOP: Link.REFUSED}.get(what, Link.ONLINE)


@dataclass(slots=True)
class Backoff:
    """When to try again: full jitter, doubling up to five minutes; within 15 s while nobody answers at all."""

    rng: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def after_refusal(self) -> float:
        """Return the seconds to wait when no connection came about: a tunnel ends without a notice."""
        self.failures += 1
        return self.rng.uniform(0.5, min(REFUSED_RETRY, 2.0**self.failures))

    def after_error(self, retry_after: float = 0) -> float:
        """Return the seconds to wait when head office answered with an error."""
        self.failures += 1
        jitter = self.rng.uniform(0.0, min(LONGEST_BACKOFF, 2.0**self.failures))
        return max(retry_after, jitter)

    def reset(self) -> None:
        """Begin anew, after a success or when the user asks."""
        self.failures = 0


def request(
    state: Mapping[str, str],
    position: Position,
    groups: Sequence[Group],
    *,
    has_prices: bool,
    rows: int = ROWS_AT_ONCE,
    check_after: str | None = None,
    lease: int | None = None,
    schema: int = SCHEMA,
    compare: Sequence[str] = (),
    asked: Asked | None = None,
    about: About | None = None,
) -> SyncRequest:
    """Write the request that carries these groups and asks for what is missing, in a version that both know.

    `rows`: of a first load. `check_after`: compare the next buckets too, past this name; `compare`: and these.
    """
    loading = list(due(position, has_prices))
    return SyncRequest(
        server_id=state["server_id"],
        device=state["device_id"],
        schema=schema,
        seen=(int(state.get("seen_head", 0)), int(state.get("seen_nonce", 0))),
        cursor=int(state.get("cursor", 0)),
        price_cursor=price_cursor(state) if has_prices else -1,
        scope=position.scope,
        loading=loading,
        ack=position.ack,
        groups=list(groups),
        check_after=check_after,
        brief=True,
        compare=list(compare),
        noticed=notices.position(state),
        settled=asked.settled if asked else [],
        disputed=asked.disputed if asked else [],
        about=about,
        limit=_limit(rows if loading else ROWS_AT_ONCE),
        audit=(int(state.get("audit_n", 0)), state.get("audit_hash", "")),
        lease=lease,
        renewed=renewal.followed(state),
        disclosed=[Disclosure(**one) for one in disclosures.waiting(state)[: disclosures.AT_ONCE]],  # type: ignore[arg-type]
    )


def _limit(rows: int) -> Limit | None:
    return None if rows == MAX_ROWS else Limit(rows)


def position(reader: Reader, groups: Sequence[Group] = ()) -> Position:
    """Read how far this computer is, once head office has taken these groups in."""
    connection = reader.connection
    return Position(
        scope(buckets.names(connection), groups),
        buckets.loading(connection),
        outbox.acknowledged(connection),
    )


def scope(names: str, groups: Iterable[Group]) -> str:
    """Hash the buckets that head office will have this user follow once it has taken these groups in.

    `names`: those that are followed, sorted, one a line.
    """
    created = [
        op.id
        for group in groups
        for op in group.ops
        if op.op == "create" and op.k in SPECS and SPECS[op.k].opens_bucket
    ]
    if not names or not created:
        return scope_hash_of(names) if names else ""
    followed = set(names.split("\n"))
    prefixes = opened_with({bucket.partition(":")[0] for bucket in followed})
    return scope_hash(followed | {f"{prefix}:{one}" for prefix in prefixes for one in created})


def price_cursor(state: Mapping[str, str]) -> int:
    """Return how far prices were taken in; a store from before there were any has none to miss."""
    return int(state.get("price_cursor", state.get("cursor", 0)))


def due(position: Position, has_prices: bool) -> Iterator[Loading]:  # noqa: FBT001  # a state, no choice
    """Give what is to be loaded now: prices only while they are open."""
    for bucket, after, start in position.loading:
        if has_prices or not is_price_bucket(bucket):
            yield Loading(bucket, after, start)


def group(
    queued: QueuedGroup, changes: Sequence[Mapping[str, list[Any]]] | None, schema: int = SCHEMA
) -> Group:
    """Write a group with these changes, one for each op; None: held, without values."""
    if changes is None:
        bare = [Op(mid=op.mid, k=op.kind, id=op.id, op=op.op, sv=1) for op in queued.ops]  # type: ignore[arg-type]
        return Group(queued.gid, bare, held=True)
    return Group(
        queued.gid, [_op(op, its, schema) for op, its in zip(queued.ops, changes, strict=True)]
    )


def _op(op: QueuedOp, changes: Mapping[str, list[Any]], schema: int) -> Op:
    return Op(
        mid=op.mid,
        k=op.kind,
        id=op.id,
        op=op.op,  # type: ignore[arg-type]
        base=op.base,
        sv=min(op.sv, schema),
        at=f"{op.at[:19]}Z",  # to the second: a user's changes come faster than that only by the hundred
        f=dict(changes),
        cmd=op.cmd,
        args=dict(op.args),
    )
