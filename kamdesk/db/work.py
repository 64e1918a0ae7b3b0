"""What a service holds while it does one thing for the user: a transaction it cannot commit."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from kamdesk.db import capture, issues, representatives, text_index
from kamdesk.db.describe import Record, Table, from_wire
from kamdesk.db.reader import DriverConnection, Reader
from kamdesk.domain import commands
from kamdesk.domain.changes import Changes, Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.price_access import Prices
from kamdesk.domain.roles import Actor
from kamdesk.domain.spec import RecordSpec
from kamdesk.i18n import QT_TRANSLATE_NOOP

_MANY = 200
"""So many records of one kind are told one by one."""

R = TypeVar("R", bound=Table)
K = TypeVar("K", bound=Record)


class Work:
    """One user action in progress: add, get, change, delete, say what is meant. No commit.

    What it touches becomes one `Changes` and one group in the outbox, all or nothing at head office too. `gid`
    names the group.
    """

    def __init__(
        self,
        session: Session,
        driver: DriverConnection,
        origin: Origin,
        actor: Actor,
        prices: Prices,
        gid: str = "",
    ) -> None:
        self.origin = origin
        self.actor = actor
        self.prices = prices
        self.reader = Reader(driver)
        self.driver = driver
        self.gid = self._spare = gid or new_id()
        self.outbox = False
        self.issues = False
        self._job = ""
        self._session = session
        self._touched: dict[str, set[str]] = {}
        self._many: set[str] = set()
        self._commanded: dict[str, set[str]] = {}
        self._stale: list[tuple[RecordSpec, str]] = []
        if origin is not Origin.SYNC:
            event.listen(session, "before_flush", self._before_flush)
            event.listen(session, "after_flush", self._after_flush)

    def add(self, record: K) -> K:
        """Bring a record into being."""
        self._session.add(record)
        return record

    def get(self, cls: type[R], record_id: str) -> R | None:
        """Return one record, or None."""
        mapper = inspect(cls)
        if mapper.identity_key_from_primary_key((record_id,)) not in self._session.identity_map:
            # Most are asked for to learn that they are new: the ORM would prepare to load all their columns
            self._session.flush()
            if not self.reader.value(f"SELECT 1 FROM {cls.__tablename__} WHERE id = ?", record_id):
                return None
        return self._session.get(cls, record_id)

    def require(self, cls: type[K], record_id: str) -> K:
        """Return one record. Raises UserError when it has gone."""
        record = self._session.get(cls, record_id)
        if record is None:
            raise UserError(
                QT_TRANSLATE_NOOP("work", "This record is no longer on this computer."),
                code="gone",
                context="work",
            )
        return record

    def all(self, cls: type[R], **equals: object) -> list[R]:
        """Return the records whose fields equal these values."""
        return list(self._session.scalars(select(cls).filter_by(**equals)))

    def delete(self, record: Record) -> None:
        """Delete a record; head office keeps a tombstone."""
        self._session.delete(record)

    def intent(self, record: Record, cmd: str, **args: object) -> None:
        """Say what the user means; it shows at once and head office decides. Raises Refused."""
        representatives.check_args(self, args)
        self._session.flush()
        spec = record.spec()
        change = commands.decide(
            spec.kind, cmd, document=record.document(), args=args, actor=self.actor
        )
        capture.keep_base(
            self.driver,
            capture.Fact(
                spec, record.id, "cmd", record.bucket_name, record.rev, record.document(), {}
            ),
        )
        capture.insert(self.driver, spec.kind, record.id, "cmd", self.gid, cmd=cmd, args=args)
        self._commanded.setdefault(record.id, set()).update(change)
        for name, value in change.items():
            setattr(record, name, from_wire(spec.field(name), value))
        self._session.flush()
        self._commanded.pop(record.id, None)
        self.outbox = True

    def flush(self) -> None:
        """Capture what was changed so far."""
        self._session.flush()

    def begin_group(self, *, job: str) -> None:
        """End the group of the outbox so far: what follows stands or falls for itself, as part of an import."""
        self._session.flush()
        self.gid, self._job = self.next_gid(), job

    def next_gid(self) -> str:
        """Name one more group. The first keeps the name by which the store looks for this transaction."""
        fresh, self._spare = self._spare or new_id(), ""
        return fresh

    def touch(self, kind: str, *ids: str) -> None:
        """Note that records changed; without ids, many of their kind did."""
        known = self._touched.setdefault(kind, set())
        known.update(ids)
        if not ids or len(known) > _MANY:
            self._many.add(kind)

    def finish(self) -> Changes:
        """Flush what is left and say what was touched. Called by `Database` alone."""
        self._session.flush()
        touched = {
            kind: frozenset() if kind in self._many else frozenset(ids)
            for kind, ids in self._touched.items()
        }
        return Changes(self.origin, touched, self.outbox, self.issues)

    def _before_flush(self, session: Session, _context: UOWTransaction, _objects: Any) -> None:
        self._stale = []
        facts = [capture.fact_of_new(one) for one in session.new if isinstance(one, Record)]
        for one in session.dirty:
            if isinstance(one, Record) and session.is_modified(one):
                fact = capture.fact_of_changed(one, frozenset(self._commanded.get(one.id, ())))
                if fact is not None:
                    facts.append(fact)
        for one in session.deleted:
            if isinstance(one, Record):
                facts.append(capture.fact_of_deleted(one))
                if one.searchable and inspect(one).persistent:
                    text_index.forget_ids(self.driver, one.spec(), [one.id])
        for fact in sorted(facts, key=_place):
            capture.check(fact)
            representatives.check_texts(self, fact.spec, fact.patch)
            capture.queue(self.driver, fact, self.gid, job=self._job)
            self.touch(fact.spec.kind, fact.id)
            self.outbox = True
            if fact.op == "patch" and issues.settle_edited(
                self.driver, fact.spec.kind, fact.id, fact.patch
            ):
                self.issues = True
            if fact.spec.searchable and fact.op != "delete":
                self._stale.append((fact.spec, fact.id))
        if facts:
            capture.set_guard(self.driver, capture.CAPTURING)

    def _after_flush(self, _session: Session, _context: UOWTransaction) -> None:
        capture.set_guard(self.driver, capture.SHUT)
        for spec, record_id in self._stale:
            text_index.index_ids(self.driver, spec, [record_id])


def _place(fact: capture.Fact) -> int:
    """Say where among the changes of one flush this one is told.

    A next step stands in its visit and in its task: it is the visit's form that shows what is wrong. What has the
    id of another record, as prices have, comes after that one, and goes before it.
    """
    if fact.spec.kind == "task":
        return 2
    if fact.spec.id_of:
        return -1 if fact.op == "delete" else 1
    return 0
