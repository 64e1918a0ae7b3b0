"""Power cuts over a whole profile: what is in files may be lost, and so may the names that they were given.

A name is sure only after its folder was flushed; until then the folder may be as after any of the changes in it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kamdesk.db import generations, journal
from kamdesk.db.connect import connect
from kamdesk.db.reader import Reader
from kamdesk.security import keystore
from tests.faults import tap
from tests.faults.keeper import PASSPHRASE
from tests.faults.tap import Event

LOOKED_AT = ("keystore.json", "keystore.prev", "store/", "journal/")
Names = dict[str, "Content"]


@dataclass
class Content:
    """What a file holds for sure, and what was written since."""

    sure: bytearray = field(default_factory=bytearray)
    loose: list[Event] = field(default_factory=list)

    def may_be(self, rng: random.Random) -> bytearray:
        """Return what may be left of it."""
        disk = tap.Disk({"x": self.sure}, {"x": self.loose})
        how = rng.randrange(3)
        return [*tap.states(disk, rng, how + 1)][how]["x"]


@dataclass
class Tree:
    """A folder with everything below it, as the program sees it and as the disk has it."""

    seen: Names = field(default_factory=dict)
    sure: Names = field(default_factory=dict)
    loose: dict[str, list[dict[str, Content | None]]] = field(default_factory=dict)
    """By folder: the names that were given or taken away since it was flushed, in their order."""

    @classmethod
    def of(cls, folder: Path) -> Tree:
        """Take a folder as it stands on the disk, for sure."""
        names = {
            str(path): Content(bytearray(path.read_bytes()))
            for path in folder.rglob("*")
            if path.is_file()
        }
        return cls(dict(names), dict(names))

    def write_to(self, place: Path, rng: random.Random, work: Path) -> None:
        """Write what may be left of the folder `work` into another."""
        for path, content in self.may_be(rng).items():
            target = place / path.removeprefix(f"{work}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.may_be(rng))

    def take(self, event: Event) -> None:
        """Follow one event."""
        path = event.path
        if event.what in "WT":
            if path not in self.seen:
                self.seen[path] = Content()
                self._name(path, {path: self.seen[path]})
            self.seen[path].loose.append(event)
        elif event.what == "S" and path in self.seen:
            content = self.seen[path]
            for loose in content.loose:
                tap.apply(content.sure, loose)
            content.loose.clear()
        elif event.what == "S":
            for change in self.loose.pop(path, []):
                _change(self.sure, change)
        elif event.what == "U" and self.seen.pop(path, None) is not None:
            self._name(path, {path: None})
        elif event.what == "R" and path in self.seen:
            target = event.data.decode()
            self.seen[target] = self.seen.pop(path)
            self._name(target, {path: None, target: self.seen[target]})

    def _name(self, path: str, change: dict[str, Content | None]) -> None:
        self.loose.setdefault(str(Path(path).parent), []).append(change)

    def may_be(self, rng: random.Random) -> Names:
        """Return names as the disk may have them."""
        names = dict(self.sure)
        for changes in self.loose.values():
            for change in changes[: rng.randint(0, len(changes))]:
                _change(names, change)
        return names


def _change(names: Names, change: dict[str, Content | None]) -> None:
    for path, content in change.items():
        if content is None:
            names.pop(path, None)
        else:
            names[path] = content


def power(
    count: int, folder: Path, library: Path, *, how: str = "careful", seed: int = 3
) -> dict[str, int]:
    """Cut the power while a whole profile is at work. Returns states, lost, damaged, forgotten.

    `forgotten`: the journal does not hold what it had taken. `how` careless: no folder is flushed.
    """
    work = folder / f"profile-{how}"
    work.mkdir()
    found = tap.events_of("tests.faults.keeper", work, folder / f"log-{how}", library, how)
    told = {"ack": set(), "noted": {"0"}}  # type: dict[str, set[str]]
    begun = next(at for at, one in enumerate(found) if one.path == f"{work}/ack")
    rng, tree = random.Random(seed), Tree()
    result = {"states": 0, "lost": 0, "damaged": 0, "forgotten": 0}
    scratch = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    master = bytes(keystore.read_keystore(work).open_with_passphrase(PASSPHRASE)._master)
    try:
        for at, event in enumerate(found):
            name = event.path.removeprefix(f"{work}/")
            if name in told:
                told[name] |= {*event.data.decode().split()}
            elif name.startswith(LOOKED_AT) or event.what == "S":
                tree.take(event)
            due = count * (at - begun + 1) // (len(found) - begun) if at >= begun else 0
            while result["states"] < due:
                result["states"] += 1
                place = scratch / "profile"
                shutil.rmtree(place, ignore_errors=True)
                tree.write_to(place, rng, work)
                for what in _wrong(place, master, told):
                    result[what] += 1
    finally:
        shutil.rmtree(scratch)
    return result


def _wrong(place: Path, master: bytes, told: dict[str, set[str]]) -> Iterator[str]:
    try:
        keys = keystore.read_keystore(place)._open(lambda _: bytearray(master))
        connection = connect(keys.store_file, keys.store_key)
        try:
            tasks = {row[0] for row in connection.execute("SELECT id FROM task")}
            ops = {row[0] for row in connection.execute("SELECT id FROM sync_op")}
            last = journal.last_lid(Reader(connection))
            generation = connection.execute("SELECT v FROM meta WHERE k = 'generation'").fetchone()
        finally:
            connection.close()
        kept = generations.kept_of(place, keys)
        noted = journal.read(journal.file_of(keys.store_file), keys.store_key, keys.store_id)
    except Exception:  # noqa: BLE001  # cannot be opened, whatever the reason
        yield "damaged"
        return
    if (
        tasks != ops
        or generation != (str(keys.generation),)
        or last < max(keys.high_water, kept.last_lid)
    ):
        yield "damaged"
    if not told["ack"] <= tasks:
        yield "lost"
    if noted.last_lid < max(map(int, told["noted"])):
        yield "forgotten"
