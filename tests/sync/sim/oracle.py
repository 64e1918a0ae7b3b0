"""What must hold, whatever happened: the invariants of docs/sync.md, checked by their names.

The history of head office is read from its tables after every commit, what people did from the screens of
their laptops before and after; nothing here asks the code under test what it thinks it did.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from kamdesk.db.records import SPECS
from kamdesk.domain.merge import same
from kamdesk.domain.roles import Level, Role, may_read
from kamdesk.domain.spec import FieldType, Policy, RecordSpec
from kamdesk.headoffice import schema, upkeep
from kamdesk.sync.protocol import Op, SyncRequest
from tests.sync.sim.secrets import MARK, clear, clear_text

if TYPE_CHECKING:
    from tests.sync.sim.stores import SimStore
    from tests.sync.sim.world import Laptop

Key = tuple[str, str]
Shown = dict[Key, dict[str, Any]]
"""Everything a laptop shows: (kind, id) -> the columns of its row."""
_LISTS = {FieldType.TAGS, FieldType.REFERENCES}
_KINDS = [spec for spec in SPECS.values() if spec.client_edits or spec.client_creates]


class Violation(AssertionError):  # noqa: N818  # what it is
    """An invariant does not hold."""


def violated(name: str, *about: object) -> Violation:
    """Name the invariant and what shows that it does not hold."""
    return Violation(f"{name}: " + " ".join(str(one) for one in about))


@dataclass(slots=True)
class Row:
    """One version of a record in the history of head office."""

    kind: str
    id: str
    seq: int
    document: dict[str, Any] | None
    by_device: str


@dataclass(slots=True)
class Verdict:
    """One op as head office decided it."""

    device: str
    mid: int
    seq: int
    group: str
    body: dict[str, Any]


@dataclass(slots=True)
class Wish:
    """One thing that a person did and was told is saved."""

    device: str
    kind: str
    id: str
    op: str
    gid: str
    field: str = ""
    value: str = ""
    saw: Any = None
    folded: bool = False


@dataclass(slots=True)
class Chronicle:
    """The history of head office in its present line; a restore cuts it."""

    rows: list[Row] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    seen: int = 0

    def catch_up(self, store: SimStore) -> list[Row]:
        """Read what was committed since; check what must hold of every single commit."""
        with store.engine.connect() as connection:
            head = connection.execute(text("SELECT seq FROM sync_head")).scalar_one()
            if head == self.seen:
                return []
            fresh = [
                Row(schema.KINDS[kind].kind, id_, seq, _document(store, schema.KINDS[kind], id_, data), by)
                for kind, id_, seq, data, by in connection.execute(
                    text("SELECT kind, id, seq, data, by_device FROM sync_row WHERE seq > :seen"),
                    {"seen": self.seen},
                )
            ]  # fmt: skip
            decided = [
                Verdict(
                    device,
                    mid,
                    seq,
                    mark.partition(":")[0],
                    json.loads(store.seals.opened_text(f"{device}/{mid}", body)),
                )
                for device, mid, seq, mark, body in connection.execute(
                    text(
                        "SELECT device_id, mid, h, g, body FROM sync_result WHERE h > :seen ORDER BY mid"
                    ),
                    {"seen": self.seen},
                )
            ]
            connection.rollback()
        self._check_verdicts(decided)
        self.seen = head
        self.rows += fresh
        self.verdicts += decided
        return fresh

    def _check_verdicts(self, decided: list[Verdict]) -> None:
        known = {(one.device, one.mid) for one in self.verdicts}
        groups: dict[str, set[bool]] = defaultdict(set)
        for one in decided:
            if (one.device, one.mid) in known:
                raise violated("I3", "decided twice:", one)
            groups[one.group].add(one.body["st"] in {"rejected", "failed"})
        for group, refused in groups.items():
            if len(refused) > 1:
                raise violated("I8", "half of a group stands:", group)

    def copy(self) -> Chronicle:
        """Return what a backup of this moment holds."""
        return Chronicle(list(self.rows), list(self.verdicts), self.seen)

    def before(self, row: Row) -> dict[str, Any] | None:
        """Return the version that stood before."""
        earlier = [
            one.document for one in self.rows
            if (one.kind, one.id) == (row.kind, row.id) and one.seq < row.seq
        ]  # fmt: skip
        return earlier[-1] if earlier else None


def shown(laptop: Laptop) -> Shown:
    """Read everything that a laptop shows of what people can change there."""
    found: Shown = {}
    for spec in _KINDS:
        names = ("id", *spec.names)
        for row in laptop.rows(f"SELECT {', '.join(names)} FROM {spec.kind}"):
            values = dict(zip(names[1:], row[1:], strict=True))
            for name in spec.sealed:
                values[name] = clear(spec.kind, name, row[0], values[name])
            found[spec.kind, row[0]] = values
    return found


def wishes(device: str, gid: str, before: Shown, after: Shown) -> list[Wish]:
    """Say what a person did, from what was shown before and after."""
    found: list[Wish] = []
    for key in after.keys() - before.keys():
        found.append(Wish(device, *key, "create", gid))
        found += [
            Wish(device, *key, "create", gid, name, one)
            for name, value in after[key].items()
            for one in _marked(value)
        ]
    for key in before.keys() - after.keys():
        found.append(Wish(device, *key, "delete", gid))
    for key in before.keys() & after.keys():
        for name, value in after[key].items():
            if value != before[key][name] and SPECS[key[0]].field(name).policy is not Policy.SRV:
                held = set(_marked(before[key][name]))
                found += [
                    Wish(device, *key, "patch", gid, name, one, before[key][name])
                    for one in _marked(value)
                    if one not in held
                ]
    return found


def _held(laptop: Laptop) -> dict[tuple[str, str, str], str]:
    """Read what a laptop has to hand in and what it handed in: by field what was and what is, under "" what is done."""
    held: dict[tuple[str, str, str], str] = defaultdict(str)
    for kind, record_id, op, f in laptop.rows("SELECT kind, id, op, f FROM sync_op"):
        held[kind, record_id, ""] += f"{op} "
        for name, pair in json.loads(f or "{}").items():
            held[kind, record_id, name] += clear_text(kind, record_id, json.dumps(pair))
    return held


def _sought(wish: Wish) -> str:
    """Give what a wish looks like in what is held; of a price all of it: 2.4 CNY is not 12.4 CNY."""
    return f'"{wish.value}' if wish.value.endswith(MARK) else wish.value or wish.op


def _marked(value: Any) -> list[str]:
    """Give the values in a field that exist only once in the world."""
    if not isinstance(value, str):
        return []
    if value.startswith("["):
        return [one for one in json.loads(value) if one.startswith("~")]
    return [value] if value.startswith("~") or value.endswith(MARK) else []


_TAKEN = frozenset({"applied", "merged", "noop"})


def _emptied_by(laptop: Laptop) -> str:
    """Name the nothing that a laptop's own user put in the place of a value."""
    return f"emptied by {laptop.name}"


class Oracle:
    """What people did on all laptops, and the checks."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self.wishes: list[Wish] = []
        self._saw: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        self._kept: set[tuple[str, str, str, str, str]] = set()
        """What was kept on a card although another's value was shown: kind, id, field, both values."""
        self._deleted: dict[tuple[str, str, str, str], Any] = {}
        self._sent: dict[tuple[str, int], str] = {}
        self._is_restored = False
        self._told_before: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)

    # ---- as it happens

    def acted(self, laptop: Laptop, gid: str, before: Shown) -> None:
        """Note what a person just did, and which earlier wishes were folded into it before they left."""
        after = shown(laptop)
        self._give_up(laptop.name, before, after)
        mine = wishes(laptop.name, gid, before, after)
        for one in mine:
            # Who writes a record anew knew what he deleted; head office may take in both at once
            place = (one.device, one.kind, one.id, one.field)
            if one.op == "patch" or place in self._deleted:
                saw = one.saw if one.op == "patch" else self._deleted[place]
                # What was empty, its author may have emptied himself, which is folded into the same change
                self._saw[one.kind, one.id, one.field, one.value] |= {
                    str(saw or ""), *([] if saw else [_emptied_by(laptop)])
                }  # fmt: skip
        for kind, record_id in before.keys() & after.keys():
            for name, value in before[kind, record_id].items():
                if value and not after[kind, record_id][name]:
                    self._saw[kind, record_id, name, _emptied_by(laptop)].add(str(value))
        for key in before.keys() - after.keys():
            for name, value in before[key].items():
                self._deleted[(laptop.name, *key, name)] = value
        self._note_kept(laptop, mine)
        self.wishes += mine
        held = _held(laptop)
        for one in self.wishes:
            if one.device == laptop.name and not one.folded:
                one.folded = _sought(one) not in held[one.kind, one.id, one.field]

    def _give_up(self, name: str, before: Shown, after: Shown) -> None:
        """Let a person take back his own wish: delete what he wrote, take a tag away again, empty a field."""
        for one in self.wishes:
            key = (one.kind, one.id)
            if one.device != name or key not in before:
                continue
            if key not in after:
                one.folded = True
            elif one.field and str(before[key][one.field]).startswith("["):
                had, has = (_marked(row[key][one.field]) for row in (before, after))
                one.folded |= one.value in had and one.value not in has
            elif one.field and before[key][one.field] == one.value:
                one.folded |= not after[key][one.field]  # emptied again by the same hand

    def _note_kept(self, laptop: Laptop, mine: list[Wish]) -> None:
        cards = laptop.rows(
            "SELECT kind, row_id, fields FROM sync_issue WHERE state = 'mine' AND type IN ('conflict', 'replaced')"
        )
        for kind, record_id, told in cards:
            for name, one in json.loads(told).items():
                what = (kind, record_id, name, one.get("mine"), one.get("theirs"))
                if any((w.kind, w.id, w.field, w.value, w.saw) == what for w in mine):
                    self._kept.add(what)

    def committed(self, store: SimStore) -> None:
        """Follow head office's history, and look for values that were overwritten unseen."""
        for row in self.chronicle.catch_up(store):
            if row.by_device and row.document is not None:
                self._check_overwriting(row)

    def _check_overwriting(self, row: Row) -> None:
        before = self.chronicle.before(row)
        if before is None:
            return
        for spec in SPECS[row.kind]:
            new, old = row.document[spec.name], before[spec.name]  # type: ignore[index]
            if spec.policy is not Policy.CAS or same(new, old) or not _marked(new):
                continue
            if not self._knew(row, spec.name, new, old):
                raise violated(
                    "I5", row.kind, spec.name, repr(old), "replaced unseen by", repr(new)
                )

    def _knew(self, row: Row, name: str, new: str, old: Any) -> bool:
        """Say whether the author of `new` had seen `old`, at once or before earlier changes of his own."""
        todo, done = [new], set()
        while todo:
            value = todo.pop()
            for saw in self._saw[row.kind, row.id, name, value] - done:
                if same(saw, old):
                    return True
                done.add(saw)
                todo.append(saw)
        return False

    def sent(self, request: SyncRequest) -> None:
        """Look at what really travels: numbers without a gap, and no change of what was sent before."""
        for group in request.groups:
            if group.held:
                continue  # its numbers are spent without any effect, or it was decided before
            for op in group.ops:
                what = _essence(group.g, op)
                if self._sent.setdefault((request.device, op.mid), what) != what:
                    raise violated("I9", "another op under number", op.mid)

    def not_taken(self, request: SyncRequest) -> None:
        """Forget the numbers of a request that was refused whole: where some were spent, a restore gives others."""
        for group in request.groups:
            for op in group.ops:
                if self._sent.get((request.device, op.mid)) == _essence(group.g, op):
                    del self._sent[request.device, op.mid]

    def numbered_anew(self, device: str, last: int) -> None:
        """Forget what a device sent under numbers past `last`."""
        for key in [key for key in self._sent if key[0] == device and key[1] > last]:
            del self._sent[key]

    def restored(self, chronicle: Chronicle) -> None:
        """Follow a restore, back in time or to another line of history."""
        self._is_restored = True
        for one in self.chronicle.verdicts:
            self._told_before[one.device, one.mid].append(one.body)
        self.chronicle = chronicle.copy()

    # ---- at the end

    def check(self, store: SimStore, laptops: list[Laptop]) -> None:
        """Check everything that must hold once all is quiet."""
        if found := list(upkeep.findings(store)):
            raise violated("I7", "head office:", found)
        for laptop in laptops:
            self._check_queue(laptop)
            self._check_replica(store, laptop)
            self._check_verdicts(laptop)
            self._check_settled(laptop)
        self._check_wishes({one.name: one for one in laptops})
        self._check_told(store, laptops)

    def _check_told(self, store: SimStore, laptops: list[Laptop]) -> None:
        """Look whether every author of a value learned that another replaced it unseen, or kept his own."""
        told: set[tuple[str, ...]] = set()
        for laptop in laptops:
            for kind, record_id, state, fields in laptop.rows(
                "SELECT kind, row_id, state, fields FROM sync_issue WHERE type = 'replaced'"
            ):
                # What was settled on one computer of a user is never told on another that did not know of it yet
                whose = laptop.name if state == "open" else laptop.actor.user_id
                told |= {
                    (at, kind, record_id, name, one.get("mine"))
                    for name, one in json.loads(fields).items()
                    for at in (laptop.name, whose)
                }
        for user, *what in self._replaced(store):
            for laptop in laptops:
                if (
                    laptop.actor.user_id == user
                    and not {(at, *what) for at in (laptop.name, user)} & told
                ):
                    raise violated("N1", laptop.name, "was not told that another replaced", what)

    def _replaced(self, store: SimStore) -> Iterator[tuple[str, str, str, str, str]]:
        """Give whose value of which field was replaced so in the present history: by its rows alone."""
        with store.engine.connect() as connection:
            users = dict(connection.execute(text("SELECT id, user_id FROM sync_device")).all())
            connection.rollback()
        authors: dict[tuple[str, str, str], str] = {}
        last: dict[Key, dict[str, Any]] = {}
        for row in self.chronicle.rows:
            key, user = (row.kind, row.id), users.get(row.by_device, "")
            before, now = last.get(key, {}), row.document or {}
            for spec in SPECS[row.kind]:
                old, new = before.get(spec.name), now.get(spec.name)
                if same(old, new):
                    continue
                author = authors.get((*key, spec.name), "")
                authors[*key, spec.name] = user
                if not (author and user and _marked(old) and _marked(new)) or author == user:
                    continue
                is_unseen = spec.policy is Policy.LWW and not self._knew(row, spec.name, new, old)
                if is_unseen or (*key, spec.name, new, old) in self._kept:
                    yield author, *key, spec.name, old
            last[key] = now

    def _check_settled(self, laptop: Laptop) -> None:
        """Look for values that were settled away and stand all the same, though nobody chose them again."""
        if self._is_restored:
            return  # where a backup lost what clashed, mine is taken after all
        for kind, record_id, told in laptop.rows(
            "SELECT kind, row_id, fields FROM sync_issue WHERE state = 'theirs' AND type = 'conflict'"
        ):
            last = [one for one in self.chronicle.rows if (one.kind, one.id) == (kind, record_id)]
            stands = (last[-1].document if last else None) or {}
            for name, one in json.loads(told).items():
                meant = [
                    each
                    for each in self.wishes
                    if (each.kind, each.id, each.field, each.value)
                    == (kind, record_id, name, one.get("mine"))
                ]
                if len(meant) == 1 and stands.get(name) == one.get("mine"):
                    raise violated("C1", laptop.name, kind, name, "stands again:", one)

    def _check_queue(self, laptop: Laptop) -> None:
        if waiting := laptop.rows("SELECT lid, mid, kind, op FROM sync_op WHERE st = 'queued'"):
            raise violated("L1", laptop.name, "still waits with", waiting)
        if bases := laptop.rows("SELECT kind, id FROM sync_base"):
            raise violated("I2", laptop.name, "keeps bases of clean records", bases)

    def _check_replica(self, store: SimStore, laptop: Laptop) -> None:
        for spec in SPECS.values():
            want = _standing(store, laptop, spec.kind)
            names = ("id", "_rev", "_b", *spec.names)
            have = {
                row[0]: (row[1], row[2], *_clear_cells(spec, row[0], row[3:]))
                for row in laptop.rows(f"SELECT {', '.join(names)} FROM {spec.kind}")
            }
            if have != want:
                wrong = {
                    one: (have.get(one), want.get(one))
                    for one in have.keys() | want.keys()
                    if have.get(one) != want.get(one)
                }
                raise violated("I2", laptop.name, spec.kind, "(here, head office):", wrong)
            if spec.searchable:
                indexed = {row[0] for row in laptop.rows(f"SELECT rowid FROM find_{spec.kind}")}
                if indexed != {row[0] for row in laptop.rows(f"SELECT _n FROM {spec.kind}")}:
                    raise violated("I2", laptop.name, "text index of", spec.kind)

    def answered(self, roles: set[str], answer: bytes) -> None:
        """Look at every answer: whoever may not read prices gets none of them."""
        if MARK.encode() in answer and not any(may_read(Role(one), Level.L3) for one in roles):
            raise violated("S2", "a price was told to", roles)

    def _check_secrecy(self, laptop: Laptop) -> None:
        """Look for prices in the clear in whatever a laptop keeps."""
        for (table,) in laptop.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if table.startswith(("sync_", "contract", "draft", "meta")) and any(
                MARK in str(row) for row in laptop.rows(f"SELECT * FROM {table}")
            ):
                raise violated("S3", laptop.name, "keeps a price in the clear in", table)

    def _told(self, own: Verdict) -> list[dict[str, Any]]:
        """Give what a laptop may keep as the verdict of a change: of another line of history too, if both took it.

        Restored to a backup of before, then to one of after, head office decided it twice; once it was `merged`.
        """
        if own.body["st"] not in _TAKEN:
            return [own.body]
        before = self._told_before[own.device, own.mid]
        return [own.body, *(told for told in before if told["st"] in _TAKEN)]

    def _check_verdicts(self, laptop: Laptop) -> None:
        decided = {one.group: one for one in self.chronicle.verdicts}
        by_number = {(one.device, one.mid): one for one in self.chronicle.verdicts}
        issues = " ".join(str(row) for row in laptop.rows("SELECT op, fields FROM sync_issue"))
        self._check_secrecy(laptop)
        for mid, gid, kind, record_id, res in laptop.rows(
            "SELECT mid, gid, kind, id, res FROM sync_op WHERE st = 'acked'"
        ):
            own = by_number.get((laptop.device_id, mid))
            mine = json.loads(res)
            if _group(gid) not in decided:
                raise violated(
                    "I1", laptop.name, "confirmed, and head office does not know it:", mid, kind
                )
            if own is not None and not any(
                _is_what_was_told(kind, told, mine) for told in self._told(own)
            ):
                raise violated("I8", laptop.name, "the verdict changed:", own.body, mine)
            if mine["st"] in {"conflict", "rejected", "failed"} and f'"mid":{mid}' not in issues:
                raise violated("I1", laptop.name, "no issue tells of", mine, record_id)

    def _check_wishes(self, laptops: dict[str, Laptop]) -> None:
        values: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        records: dict[Key, set[bool]] = defaultdict(set)
        for row in self.chronicle.rows:
            records[row.kind, row.id].add(row.document is None)
            for name, value in (row.document or {}).items():
                values[row.kind, row.id, name].update(
                    value if isinstance(value, list) else [value] if isinstance(value, str) else []
                )
        issues = {
            name: [
                clear_text(row[0], row[1], str(row))
                for row in one.rows("SELECT kind, row_id, op, fields FROM sync_issue")
            ]
            for name, one in laptops.items()
        }
        followed = {(one.device, one.kind, one.id, one.field, one.saw): one for one in self.wishes}

        def arrived(wish: Wish) -> bool:
            """Say whether head office had it, or a later one of the same hand in the same commit."""
            later = followed.get((wish.device, wish.kind, wish.id, wish.field, wish.value))
            has = wish.value in values[wish.kind, wish.id, wish.field]
            return has or (later is not None and arrived(later))

        for wish in self.wishes:
            if wish.folded:
                continue
            if wish.field:
                is_there = arrived(wish)
                told = any(wish.value in one for one in issues[wish.device])
            else:
                is_there = (wish.op == "delete") in records[
                    wish.kind, wish.id
                ] or wish.op == "delete"
                told = any(wish.id in one for one in issues[wish.device])
            if not (is_there or told):
                raise violated("I1", "lost:", wish)


def _core(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give what must never change of a verdict; the record beside it is as it stood when it was told.

    Of prices it is which ones: here they are envelopes, and another one each time.
    """
    core = {name: value for name, value in body.items() if name != "row"}
    if kind in SPECS and SPECS[kind].sealed:
        core |= {name: sorted(core[name]) for name in ("fields", "overwritten") if name in core}
    return core


def _is_what_was_told(kind: str, told: dict[str, Any], mine: dict[str, Any]) -> bool:
    """Say whether a laptop keeps the verdict that head office gave."""
    if (
        told["st"] == "held"
    ):  # spent without effect, and refused here where it cannot be handed in any more
        return mine["st"] == "rejected" and mine["code"] in {"not_allowed", "unreadable"}
    told, mine = _core(kind, told), _core(kind, mine)
    quotes = {"fields", "overwritten"}
    if kind in SPECS and SPECS[kind].level >= Level.L3 and not quotes & mine.keys():
        # Told again after the user lost the right: without what it quoted
        told = {name: value for name, value in told.items() if name not in quotes}
    return told == mine


def _document(
    store: SimStore, spec: RecordSpec, record_id: str, data: str | None
) -> dict[str, Any] | None:
    if data is None:
        return None
    return store.seals.opened(spec, record_id, schema.decode(spec, data))


def _clear_cells(spec: RecordSpec, record_id: str, cells: Sequence[Any]) -> Iterator[Any]:
    for name, cell in zip(spec.names, cells, strict=True):
        yield clear(spec.kind, name, record_id, cell) if name in spec.sealed else _plain(cell)


def _essence(gid: str, op: Op) -> str:
    return json.dumps([gid, op.k, op.id, op.op, op.f, op.cmd, op.args], sort_keys=True)


def _group(gid: str) -> str:
    return hashlib.sha256(gid.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("["):
        value = json.loads(value)
    return None if value in ("", []) else int(value) if isinstance(value, bool) else value


def _standing(store: SimStore, laptop: Laptop, kind: str) -> dict[str, tuple[Any, ...]]:
    """Ask head office's tables what a user may see of a kind, without any code of the feed."""
    spec = SPECS[kind]
    with store.engine.connect() as connection:
        role = connection.execute(
            text("SELECT role FROM account WHERE id = :user"), {"user": laptop.actor.user_id}
        ).scalar()
        if not may_read(Role(role), spec.level):
            return {}
        rows = connection.execute(
            text(
                "SELECT r.id, r.rev, r.bucket, r.data FROM sync_row r JOIN user_bucket u "
                "ON u.bucket = r.bucket WHERE u.user_id = :user AND r.kind = :kind AND r.gone = 0"
            ),
            {"user": laptop.actor.user_id, "kind": spec.number},
        ).all()
        connection.rollback()
    return {
        row[0]: (
            row[1], row[2],
            *(_plain(value) if isinstance(value, str | list | bool) else value
              for value in (_document(store, spec, row[0], row[3]) or {}).values()),
        )
        for row in rows
    }  # fmt: skip
