"""Deliberate mistakes, switched on for a while: a simulation that does not find them proves nothing.

Each is one that reasonable people make. They live here and nowhere in the product.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from sqlalchemy import text

from kamdesk.db import apply, capture, notices, outbox
from kamdesk.db.queries import attachments
from kamdesk.headoffice import ingest, pages, scopes, verdicts
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.problems import HistoryDiverged
from kamdesk.services import issues
from kamdesk.sync import answers, carrier, engine
from tests.sync.sim import world
from tests.sync.sim.oracle import Violation
from tests.sync.sim.scenarios import play
from tests.sync.sim.shrink import failure

Switch = Callable[[], AbstractContextManager[object]]


@contextmanager
def _no_idempotency() -> Iterator[None]:
    plain = ingest._take

    def take(store: Any, caller: Any, request: Any, groups: Any) -> Any:
        if groups:
            with store.write("mistake") as writer:
                writer.connection.execute(
                    text("UPDATE sync_device SET last_mid = :last WHERE id = :id"),
                    {"last": groups[0].ops[0].mid - 1, "id": caller.device_id},
                )
        return plain(store, caller, request, groups)

    with patch.object(ingest, "_take", take):
        yield


@contextmanager
def _archive_not_sent_again() -> Iterator[None]:
    plain = outbox.queue_again

    def again(connection: Any, last: int) -> Any:
        connection.execute("DELETE FROM sync_op WHERE st = 'acked' AND mid > ?", (last,))
        return plain(connection, last)

    with patch.object(outbox, "queue_again", again):
        yield


@contextmanager
def _cursor_before_rows() -> Iterator[None]:
    plain = engine.Engine._steps

    def steps(self: Any, answer: Any, state: Any, wanted: Any) -> Any:
        first, *others = list(plain(self, answer, state, wanted))
        last = others.pop(-2 if answer.summary else -1)
        return [first, last, *others]

    with patch.object(engine.Engine, "_steps", steps):
        yield


@contextmanager
def _removal_of_any_bucket() -> Iterator[None]:
    plain = apply.remove_rows

    def remove(work: Any, kind: str, entries: Any) -> None:
        held = dict(work.reader.rows(f"SELECT id, _b FROM {kind}"))
        plain(work, kind, [(one[0], one[1], held.get(one[0], one[2])) for one in entries])

    with patch.object(apply, "remove_rows", remove):
        yield


@contextmanager
def _rebase_rewrites_old() -> Iterator[None]:
    plain = apply._set_base

    def set_base(connection: Any, kind: str, record_id: str, **base: Any) -> None:
        plain(connection, kind, record_id, **base)
        document = base["document"] or {}
        for lid, op, f in connection.execute(
            "SELECT lid, op, f FROM sync_op WHERE kind = ? AND id = ? AND st = 'queued'",
            (kind, record_id),
        ).fetchall():
            if op == "patch":
                fields = {
                    name: [document.get(name, one[0]), one[1]] if len(one) == 2 else one
                    for name, one in json.loads(f).items()
                }
                connection.execute(
                    "UPDATE sync_op SET f = ? WHERE lid = ?", (capture.as_json(fields), lid)
                )

    with patch.object(apply, "_set_base", set_base):
        yield


@contextmanager
def _fold_into_what_was_sent() -> Iterator[None]:
    plain = capture.queue

    def queue(connection: Any, fact: Any, gid: str, **rest: Any) -> None:
        last = connection.execute(
            "SELECT lid, op, f, mid FROM sync_op WHERE kind = ? AND id = ? AND st = 'queued' "
            "ORDER BY lid DESC LIMIT 1",
            (fact.spec.kind, fact.id),
        ).fetchone()
        if (
            last
            and last[3]
            and fact.op == "patch"
            and fact.patch
            and last[1] in {"create", "patch"}
        ):
            capture.keep_base(connection, fact)
            capture._fold(connection, fact, last)
        else:
            plain(connection, fact, gid, **rest)

    with patch.object(capture, "queue", queue):
        yield


@contextmanager
def _prices_told_to_everybody() -> Iterator[None]:
    with (
        patch.object(pages, "may_read", lambda *_: True),
        patch.object(scopes, "may_read", lambda *_: True),
    ):
        yield


@contextmanager
def _one_cursor_for_both_streams() -> Iterator[None]:
    plain = answers.advance

    def advance(work: Any, answer: Any) -> None:
        plain(work, answer)
        if answer.delta is not None:
            outbox.write_state(work.driver, {"price_cursor": answer.delta.cursor})

    with patch.object(answers, "advance", advance):
        yield


@contextmanager
def _settled_for_theirs_is_marked_alone() -> Iterator[None]:
    plain = issues._keep

    def keep(work: Any, issue_id: str, mine: Any, *about: Any) -> bool:
        if mine == ():
            issues.dismiss(work, issue_id)
            return True
        return plain(work, issue_id, mine, *about)

    with patch.object(issues, "_keep", keep):
        yield


# ---- the rare ones, each found by a scenario of its own


@contextmanager
def _results_ignore_scope() -> Iterator[None]:
    plain = apply.settle

    def settle(work: Any, op: Any, base: Any, **told: Any) -> None:
        row = told["row"]
        added = row is not None and not work.reader.row(
            "SELECT 1 FROM sync_bucket WHERE b = ?", row[1]
        )
        if added:
            work.driver.execute("INSERT INTO sync_bucket(b, state) VALUES(?, 'live')", (row[1],))
        plain(work, op, base, **told)
        if added:
            work.driver.execute("DELETE FROM sync_bucket WHERE b = ?", (row[1],))

    with patch.object(apply, "settle", settle):
        yield


@contextmanager
def _history_checked_by_cursor() -> Iterator[None]:
    plain = answers.Verdicts.take_answer

    def take(self: Any, work: Any, answer: Any, device: str) -> None:
        names = ("seen_head", "seen_nonce")
        before = outbox.read_state(work.reader)
        plain(self, work, answer, device)
        if answer.delta is None or answer.delta.more:
            outbox.write_state(work.driver, {name: before.get(name, 0) for name in names})

    with patch.object(answers.Verdicts, "take_answer", take):
        yield


@contextmanager
def _stored_results_left_out() -> Iterator[None]:
    plain = ingest._check_history

    def check(*about: Any) -> None:
        try:
            plain(*about)
        except HistoryDiverged as diverged:
            diverged.body.stored = []
            raise

    with patch.object(ingest, "_check_history", check):
        yield


@contextmanager
def _pruned_by_ack_alone() -> Iterator[None]:
    def prune(connection: Any, device_id: str, request: Any) -> None:
        connection.execute(
            text("DELETE FROM sync_result WHERE device_id = :device AND mid <= :ack"),
            {"device": device_id, "ack": request.ack},
        )

    with patch.object(ingest, "_prune", prune):
        yield


@contextmanager
def _refusals_take_no_number() -> Iterator[None]:
    plain = Writer.finish

    def finish(self: Any) -> None:
        if self.changes() or self._origin != "device":
            plain(self)
            return
        head = self.connection.execute(text("SELECT seq FROM sync_head")).scalar_one()
        for do in self._then:
            do(self.connection, head)

    with patch.object(Writer, "finish", finish):
        yield


BY_SEEDS: dict[str, Switch] = {
    "no idempotency": _no_idempotency,
    "archive not sent again after a restore": _archive_not_sent_again,
    "cursor saved before rows": _cursor_before_rows,
    "removal without looking at the bucket": _removal_of_any_bucket,
    "no history check": partial(patch.object, ingest, "_check_history", lambda *_: None),
    "folded into what was sent": _fold_into_what_was_sent,
    "one cursor for records and prices": _one_cursor_for_both_streams,
    "notice not written": partial(patch.object, Writer, "notify", lambda *_: None),
}
WITH_FILES: dict[str, Switch] = {
    "files give way that head office does not have": partial(
        patch.object, attachments, "spare", lambda reader: attachments.known(reader)
    ),
    "files are swept by the records that are shown": partial(
        patch.object, attachments, "known", lambda reader: [one for _, one in attachments.unsent(reader)]
    ),
    "a file that was handed in once is never asked for again": partial(
        patch.object, carrier.Carrier, "heard", lambda _: None
    ),
}
"""Found by seeds with attachments."""
RARE: dict[str, Switch] = {
    "results ignore the scope": _results_ignore_scope,
    "history checked by the cursor": _history_checked_by_cursor,
    "stored results left out of the reset": _stored_results_left_out,
    "results pruned by ack alone": _pruned_by_ack_alone,
    "refusals take no number": _refusals_take_no_number,
    "prices told to every role": _prices_told_to_everybody,
    "rebase rewrites what the user saw": _rebase_rewrites_old,
    "a card overwrites what it did not show": partial(
        patch.object, issues, "_has_moved", lambda *_: False
    ),
    "what is settled for head office is marked alone": _settled_for_theirs_is_marked_alone,
    "who loses a conflict is not told": partial(
        patch.object, verdicts, "_kept_own", lambda *_: set()
    ),
    "notices go on from where they were after a restore": partial(
        patch.object, notices, "begin_anew", lambda _: None
    ),
}
MISTAKES = {**BY_SEEDS, **WITH_FILES, **RARE}


FIRST_SEEDS = 120
"""Every mistake that seeds find is found by one of so many."""


def is_found(name: str) -> bool:
    """Say whether the seeds, or the story that belongs to a rare mistake, find it."""
    with MISTAKES[name]():
        if name not in RARE:
            first = world.WITH_FILES if name in WITH_FILES else 1
            seeds = range(first, first + FIRST_SEEDS)
            return any(failure(seed).startswith("Violation") for seed in seeds)
        try:
            play(name)
        except Violation:
            return True
    return False
