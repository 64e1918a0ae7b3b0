"""Attachments in the simulation: the real carrier and the real handlers of head office, contents kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from kamdesk.db.records import SPECS
from kamdesk.domain.attachments import Content, pieces
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import blobs, schema
from kamdesk.services import attachments
from kamdesk.sync.carrier import Carrier
from tests.sync.sim.oracle import violated

if TYPE_CHECKING:
    from tests.sync.sim.stores import SimStore
    from tests.sync.sim.world import Laptop, Sim

LITTLE = 40
"""Bytes of contents that a laptop of a little disk keeps of what head office has."""
_MOST_STEPS = 400
_GRACE = timedelta(hours=1)
_KIND = "attachment"


class MemoryFiles:
    """What `security.sealedfiles.SealedFiles` promises, in memory. It outlives the program."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._whole: dict[Content, bytes] = {}
        self._coming: dict[Content, bytes] = {}
        self._used: dict[Content, datetime] = {}

    def keep(self, data: bytes) -> Content:
        content = Content(hashlib.sha256(data).hexdigest(), len(data))
        self._whole[content] = data
        self._used[content] = self._now()
        return content

    def holds(self, content: Content) -> bool:
        return content in self._whole

    def read(self, content: Content) -> bytes:
        if content not in self._whole:
            raise MachineError("It is not here.", code="ATTACHMENT_NOT_HERE")
        self._used[content] = self._now()
        return self._whole[content]

    def piece(self, content: Content, number: int) -> bytes:
        size = blobs.PIECE  # as it is in this run
        return self.read(content)[number * size : (number + 1) * size]

    def arrived(self, content: Content) -> int:
        return len(self._coming.get(content, b"")) // blobs.PIECE

    def take(self, content: Content, number: int, data: bytes) -> bool:
        whole = self._coming.get(content, b"")[: number * blobs.PIECE] + data
        self._coming[content] = whole
        if number + 1 < pieces(content.size):
            return False
        del self._coming[content]
        if hashlib.sha256(whole).hexdigest() != content.sha256:
            raise ValueError("not the content that was named")
        self.keep(whole)
        return True

    def sweep(self, known: Collection[Content]) -> int:
        oldest = self._now() - _GRACE
        gone = [one for one in self._whole if one not in known and self._used[one] < oldest]
        for one in gone:
            del self._whole[one]
        return len(gone)

    def evict(self, spare: Collection[Content], most: int) -> int:
        gone = 0
        for one in sorted((one for one in spare if one in self._whole), key=self._used.__getitem__):
            if sum(map(len, self._whole.values())) <= most:
                break
            del self._whole[one]
            gone += 1
        return gone


@dataclass(frozen=True, slots=True)
class Attached:
    """One file that somebody attached and was told is saved."""

    laptop: str
    id: str
    content: Content


class Shelf:
    """All files of one run: what people attach, take away and ask for, and what must hold of that in the end."""

    def __init__(self, sim: Sim, *, is_little: bool) -> None:
        self._sim = sim
        self._most = LITTLE if is_little else 1 << 30
        self._files: dict[str, MemoryFiles] = {}
        self._attached: dict[str, Attached] = {}
        self._removed: set[str] = set()
        self._asked: set[tuple[str, str]] = set()

    def carrier(self, laptop: Laptop) -> Carrier:
        """Make the cabinet of a program that starts."""
        files = self._files.setdefault(laptop.name, MemoryFiles(lambda: self._sim.time.true))
        return Carrier(laptop.database, files, laptop.line, Path("/nowhere"), most=self._most)  # type: ignore[arg-type]

    def act(self, laptop: Laptop, what: int, a: int, size: int) -> None:
        """Let somebody attach a file, take one away, or ask for one; or let head office lose one."""
        match what % 8:
            case 0:
                self._remove(laptop, a)
            case 1 | 2:
                self._ask(laptop, a)
            case 3 if self._most > LITTLE:
                self._lose(a)
            case _:
                self._attach(laptop, a, size)

    def _attach(self, laptop: Laptop, a: int, size: int) -> None:
        found = [
            (kind, row[0])
            for kind in ("visit", "promotion_request")
            for row in laptop.rows(f"SELECT id FROM {kind} WHERE owner_id = '{laptop.actor.user_id}' ORDER BY id")
        ]  # fmt: skip
        if not found:
            return
        kind, parent = found[a % len(found)]
        name = self._sim.fresh()
        content = laptop.carrier.keep((name * 9).encode()[: 6 + size % 24])
        new = attachments.NewAttachment(new_id(), kind, parent, f"{name}png", content)
        self._sim.do(laptop, lambda work: attachments.attach(work, new))
        for record_id, sha256, length in laptop.rows(f"SELECT id, sha256, size FROM {_KIND}"):
            if Content(sha256, length) == content:
                self._attached.setdefault(record_id, Attached(laptop.name, record_id, content))

    def _remove(self, laptop: Laptop, a: int) -> None:
        before = self._shown(laptop)
        if before:
            one = sorted(before)[a % len(before)]
            self._sim.do(laptop, lambda work: attachments.remove(work, one))
            self._removed |= before - self._shown(laptop)

    def _ask(self, laptop: Laptop, a: int) -> None:
        if found := sorted(self._shown(laptop)):
            one = found[a % len(found)]
            laptop.carrier.fetch(one)
            laptop.carrier.remember()
            self._asked.add((laptop.name, one))

    def _lose(self, a: int) -> None:
        """Damage what head office has, and let it ask again."""
        store = self._sim.store
        with store.write("damage") as writer:
            found = writer.connection.execute(
                text("SELECT bucket, sha256, n FROM blob_part ORDER BY bucket, sha256, n")
            ).all()
            if found:
                place = dict(zip(("bucket", "sha256", "n"), found[a % len(found)], strict=True))
                writer.connection.execute(
                    text("DELETE FROM blob_part WHERE bucket = :bucket AND sha256 = :sha256 AND n = :n"), place
                )  # fmt: skip
        blobs.ask_again(store)

    def _shown(self, laptop: Laptop) -> set[str]:
        return {row[0] for row in laptop.rows(f"SELECT id FROM {_KIND}")}

    def carry(self, laptop: Laptop) -> None:
        """Move all there is to move, as after every reconciliation."""
        laptop.carrier.heard()
        shown = self._shown(laptop)  # what left with its customer is not waited for
        self._asked = {one for one in self._asked if one[0] != laptop.name or one[1] in shown}
        for _ in range(_MOST_STEPS):
            has_more = laptop.carrier.step(laptop.engine.ask)
            self._asked -= {  # they were told why it does not come, and may ask again
                one for one in self._asked
                if one[0] == laptop.name and laptop.carrier.problem(one[1])
            }  # fmt: skip
            if not has_more:
                laptop.carrier.remember()
                return
        raise violated("L3", laptop.name, "moves files without an end")

    def check(self, store: SimStore, laptops: list[Laptop]) -> None:
        """Check, once all is quiet, that no file was lost and that who asked for one has it."""
        if found := blobs.unsound(store):
            raise violated("A1", "head office says that it has", found)
        there = _documents(store)
        by_name = {one.name: one for one in laptops}
        for one in self._attached.values():
            laptop, document = by_name[one.laptop], there.get(one.id)
            is_stored = document is not None and document["upload_state"] is not None
            if document is not None and document["sha256"] != one.content.sha256:
                raise violated("A1", "another content:", one, document)
            if is_stored or one.id in self._removed:
                continue
            if not self._files[one.laptop].holds(one.content):
                raise violated("A1", "given up before head office has it:", one)
            if document is not None and one.id in self._shown(laptop):
                raise violated("A2", "never handed in:", one, laptop.carrier.problem(one.id))
        self._check_asked(by_name)

    def _check_asked(self, laptops: dict[str, Laptop]) -> None:
        shown = {name: self._shown(one) for name, one in laptops.items()}
        for name, record_id in self._asked:
            [*found] = laptops[name].rows(
                f"SELECT sha256, size, upload_state FROM {_KIND} WHERE id = '{record_id}'"
            )
            if record_id not in shown[name] or found[0][2] is None:
                continue
            is_here = self._files[name].holds(Content(*found[0][:2]))
            if not is_here and self._most > LITTLE:  # of the others, some gave way again
                raise violated("A3", name, "asked for it and does not have it:", record_id)


def _documents(store: SimStore) -> dict[str, dict[str, object]]:
    spec = SPECS[_KIND]
    with store.engine.connect() as connection:
        rows = connection.execute(
            text(f"SELECT id, data FROM sync_row WHERE kind = {spec.number} AND gone = 0")
        ).all()
        connection.rollback()
    return {row[0]: schema.decode(spec, row[1]) for row in rows}
