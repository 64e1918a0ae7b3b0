"""Loading some buckets anew: their records are marked in short transactions first, and after a break that goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from kamdesk.db import buckets, outbox
from kamdesk.db.capture import as_json
from kamdesk.db.database import Database
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.sync import intake, planner
from kamdesk.sync.intake import Intake, Step
from kamdesk.sync.protocol import SyncResponse

_SPOKEN = "spoken"
_MARKING = "marking"
"""In what reconciliation remembers: the buckets whose records are being marked."""


def begin(database: Database, store: Intake, names: Sequence[str], **noted: object) -> None:
    """Load these buckets anew; note in the same moment why. Raises Stopped; `finish` goes on with it then."""
    values = {**noted, _MARKING: as_json(list(names))}
    database.transact(Origin.SYNC, lambda work: outbox.write_state(work.driver, values))
    finish(database, store)


def spoken(state: Mapping[str, str]) -> int:
    """Return the version of the declarations in which all that is here was told."""
    return int(state.get(_SPOKEN, 1))


def follow_version(database: Database, store: Intake, before: int, now: int) -> bool:
    """Load anew what head office told in an older version of the declarations and left out, or was not understood.

    After an answer in version `now`. Returns whether there is something to load.
    """
    names = database.read(lambda reader: buckets.with_news(reader, before, now))
    begin(database, store, names, **{_SPOKEN: now})
    return bool(names)


def finish(database: Database, store: Intake) -> None:
    """Go on with what was begun and broken off. Until then nothing else may be taken in."""
    names = json.loads(database.read(outbox.read_state).get(_MARKING) or "[]")
    if not names:
        return
    store.unconfirm(names)

    def reload(work: Work) -> None:
        state = outbox.read_state(work.reader)
        start, price_start = int(state.get("cursor", 0)), planner.price_cursor(state)
        buckets.reload(work, names, start=start, price_start=price_start)
        outbox.write_state(work.driver, {_MARKING: ""})

    database.transact(Origin.SYNC, reload)


def sweeping(database: Database, answer: SyncResponse) -> Iterator[Step]:
    """Divide what goes at the end of buckets that were loaded anew: what head office did not confirm.

    Looked for before the answer is stored and without its own records, so that no save waits for that.
    """
    ended = [part.b for part in answer.load if part.done]
    if not ended:
        return iter(())
    found = database.read(lambda reader: buckets.records_in(reader, ended, unconfirmed=True))
    for page in answer.load_pages if found else ():
        if page.k in found:
            came = page.ids()
            found[page.k] = [one for one in found[page.k] if one not in came]
    return intake.taking_out(found, ended, unconfirmed=True)


def dropping(database: Database, answer: SyncResponse) -> Iterator[Step]:
    """Divide what goes with the buckets that left a user's subscription."""
    if answer.scope is None:
        return iter(())
    told = answer.scope.buckets
    left = database.read(lambda reader: buckets.leaving(reader, told))
    if not left:
        return iter(())
    found = database.read(lambda reader: buckets.records_in(reader, left, unconfirmed=False))
    return _dropping(left, intake.taking_out(found, left, unconfirmed=False))


def _dropping(left: Sequence[str], parts: Iterator[Step]) -> Iterator[Step]:
    yield 0, lambda work: buckets.begin_dropping(work, left)
    yield from parts
