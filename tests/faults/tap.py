"""The write tap and what is done with it: reading its log, making the states that a power cut may leave."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
_HEAD = struct.Struct("<cIQI")


def compiled(folder: Path) -> Path | None:
    """Compile the tap; None where there is no compiler (or no Linux), which the caller has to say."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    made = folder / "tap.so"
    done = subprocess.run(
        [
            gcc,
            "-shared",
            "-fPIC",
            "-O1",
            "-w",
            "-o",
            made,
            Path(__file__).with_name("tap.c"),
            "-ldl",
        ],
        capture_output=True,
    )
    return made if done.returncode == 0 else None


@dataclass(frozen=True)
class Event:
    """One thing that the program did to a file."""

    what: str
    path: str
    offset: int
    data: bytes


def events(log: Path) -> list[Event]:
    """Read a log."""
    data, at, found = log.read_bytes(), 0, []
    while at + _HEAD.size <= len(data):
        what, named, offset, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        path = data[at : at + named].decode()
        at += named
        found.append(Event(what.decode(), path, offset, data[at : at + length]))
        at += length
    return found


@dataclass
class Disk:
    """What is surely on the disk, and what the program wrote since and may be there in part."""

    files: dict[str, bytearray] = field(default_factory=dict)
    loose: dict[str, list[Event]] = field(default_factory=dict)
    acked: list[str] = field(default_factory=list)

    def take(self, event: Event, ack: str) -> None:
        """Follow one event. What is written to the file `ack` was told to the user by then."""
        if event.path.endswith(ack):
            self.acked += event.data.decode().split()
        elif event.what in "WT":
            self.loose.setdefault(event.path, []).append(event)
        elif event.what == "S":
            for loose in self.loose.pop(event.path, []):
                apply(self.files.setdefault(event.path, bytearray()), loose)
        elif event.what == "U":
            self.files.pop(event.path, None)
            self.loose.pop(event.path, None)


def apply(file: bytearray, event: Event, kept: slice | None = None) -> None:
    """Do to a file what an event did, or a part of it."""
    if event.what == "T":
        if len(file) > event.offset:
            del file[event.offset :]
        else:
            file.extend(bytes(event.offset - len(file)))
        return
    data = event.data if kept is None else event.data[kept]
    start = event.offset + (kept.start if kept is not None else 0)
    if len(file) < start:
        file.extend(bytes(start - len(file)))
    file[start : start + len(data)] = data


def states(disk: Disk, rng: random.Random, count: int) -> Iterator[dict[str, bytearray]]:
    """Make states that the disk may be in if the power goes now: prefixes, subsets, torn sectors."""
    for number in range(count):
        made = {path: bytearray(data) for path, data in disk.files.items()}
        for path, loose in disk.loose.items():
            file = made.setdefault(path, bytearray())
            how = number % 3
            reached = rng.randint(0, len(loose))
            for at, event in enumerate(loose):
                if how == 0 and at >= reached:
                    break
                if how > 0 and rng.random() < 0.5:
                    continue
                sectors = len(event.data) // SECTOR
                if how == 2 and sectors > 1 and event.what == "W":
                    first = rng.randrange(sectors) * SECTOR
                    last = rng.randint(first // SECTOR + 1, sectors) * SECTOR
                    apply(file, event, slice(first, last))
                else:
                    apply(file, event)
        yield made


def events_of(module: str, folder: Path, log: Path, library: Path, *how: str) -> list[Event]:
    """Run `python -m module folder how` and return what it did to the files there."""
    environment = {
        **os.environ, "LD_PRELOAD": str(library), "TAP_LOG": str(log), "TAP_DIR": str(folder),
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", module, str(folder), *how], cwd=ROOT, env=environment, check=True
    )
    return [one for one in events(log) if not one.path.endswith("-shm")]


def changes_of(module: str, folder: Path, log: Path, library: Path) -> list[Event]:
    """Run `python -m module folder` and return how it changed the files there, one write after the other."""
    return [one for one in events_of(module, folder, log, library) if one.what in "WTUR"]


def put_back(target: Path, source: Path, events: list[Event]) -> None:
    """Let `target` have the files of `source` as they were after these events."""
    files = {path: bytearray(path.read_bytes()) for path in target.rglob("*") if path.is_file()}

    def here(path: str) -> Path:
        return target / Path(path).relative_to(source)

    for event in events:
        if event.what == "U":
            files.pop(here(event.path), None)
        elif event.what == "R":
            files[here(event.data.decode())] = files.pop(here(event.path), bytearray())
        else:
            apply(files.setdefault(here(event.path), bytearray()), event)
    for path in target.rglob("*"):
        if path.is_file() and path not in files:
            path.unlink()
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
