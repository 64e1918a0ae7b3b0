"""What the fault tests and `bench faults` count: kills, power cuts, failing writes, damaged pages."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kamdesk.db import backups, generations, open_store
from kamdesk.db.caretaker import Caretaker
from kamdesk.db.connect import connect
from kamdesk.db.database import Database
from kamdesk.domain.errors import MachineError
from kamdesk.security import keystore
from kamdesk.security.keystore import OpenKeys, store_file
from tests.faults import tap
from tests.faults.saver import ME, Keys, add

ROOT = Path(__file__).resolve().parents[2]


def _ids(path: Path, key: bytes) -> tuple[set[str], set[str]]:
    with closing(connect(path, key)) as connection:
        return (
            {row[0] for row in connection.execute("SELECT id FROM task")},
            {row[0] for row in connection.execute("SELECT id FROM sync_op")},
        )


# ---- kill -9 ---------------------------------------------------------------------------------------------


def kills(count: int, folder: Path, seed: int = 1) -> dict[str, int]:
    """Do `_kills` in a process that has no threads, so that it can fork."""
    return _in_a_process("kills", folder, count, seed, environment=dict(os.environ))


def _in_a_process(
    what: str, folder: Path, *numbers: int, environment: dict[str, str]
) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.checks", what, str(folder), *map(str, numbers)],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _kills(count: int, folder: Path, seed: int) -> dict[str, int]:
    """Kill a process that works with one real profile again and again, at random moments.

    It starts, recovers, saves, checkpoints, backs up, writes journal and key store, and restores a backup into a
    new generation. Returns kills, acknowledged, lost, damaged.
    """
    rng = random.Random(seed)
    keys = keystore.create_with_passphrase(folder, "profile", "correct horse battery")
    master = bytes(keys._master)
    open_store.create(folder, keys, ME).close()
    acked: set[str] = set()
    lost = damaged = 0
    for number in range(count):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _work(folder, master, writer, number)
        os.close(writer)
        told = _kill_after(child, reader, rng)
        acked |= {line for line in told if len(line) == 36}
        try:
            opened = _keys(folder, master)
            tasks, ops = _ids(opened.store_file, opened.store_key)
        except (MachineError, OSError) as error:
            damaged += 1
            print(f"kill {number}: {error}", file=sys.stderr)
            continue
        damaged += any(line.startswith("!") for line in told)
        lost = max(lost, len(acked - tasks))
        damaged += tasks != ops
    opened = _keys(folder, master)
    backups.verify(opened.store_file, opened.store_key, opened.store_id)
    return {"kills": count, "acknowledged": len(acked), "lost": lost, "damaged": damaged}


def _keys(folder: Path, master: bytes) -> OpenKeys:
    return keystore.read_keystore(folder)._open(lambda _: bytearray(master))


def _kill_after(child: int, reader: int, rng: random.Random) -> list[str]:
    """Kill at a random moment after the start, or after the work began."""
    content = b""
    if rng.random() < 0.6:
        content = os.read(reader, 4096)
    time.sleep(rng.random() * 0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reader, 65536):
        content += more
    os.close(reader)
    # A line that was cut was not told to anybody
    return content.decode().split("\n")[:-1]


def _work(folder: Path, master: bytes, writer: int, number: int) -> None:
    try:
        keys = _keys(folder, master)
        if number % 7 == 3 and (found := backups.find(folder)):
            generations.restore(folder, keys, found[0].path, ME)
        store = open_store.open_existing(folder, keys, ME)
        generations.demand_newest(folder, keys, store)
        caretaker = Caretaker(store, keys, lambda _: None)
        caretaker._keep_ballast = lambda: None
        caretaker.write_journal()
        store.read(lambda reader: reader.rows("PRAGMA wal_autocheckpoint"))
        while True:
            for _ in range(3):
                os.write(writer, add(store).encode() + b"\n")
            caretaker.write_journal()
            caretaker._raise_mark()
            if number % 7 == 2:
                caretaker.back_up()
            elif number % 3 == 1:
                raw = store._engine.raw_connection().dbapi_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException as error:  # noqa: BLE001  # the parent counts it
        os.write(writer, f"!{type(error).__name__} {error}\n".encode())
    finally:
        time.sleep(1)
        os._exit(1)


# ---- power cuts ------------------------------------------------------------------------------------------


def power(
    count: int, folder: Path, library: Path, *, synchronous: str = "FULL", seed: int = 7
) -> dict[str, int]:
    """Cut the power in the middle of the writes of the real program. Returns states, different, lost, damaged."""
    work = folder / f"work-{synchronous}"
    work.mkdir()
    log = folder / f"log-{synchronous}"
    environment = {
        **os.environ, "LD_PRELOAD": str(library), "TAP_LOG": str(log), "TAP_DIR": str(work),
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "tests.faults.saver", str(work), "--synchronous", synchronous],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    store = str(store_file(work, 1))
    found = [
        one
        for one in tap.events(log)
        if one.path.startswith(store) and not one.path.endswith("-shm") or one.path.endswith("/ack")
    ]
    first = next(at for at, one in enumerate(found) if one.path.endswith("/ack"))
    due = _due(found, first, count)
    rng, disk = random.Random(seed), tap.Disk()
    made = lost = damaged = 0
    known: dict[bytes, tuple[set[str], set[str]] | None] = {}
    scratch = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        for at, event in enumerate(found):
            disk.take(event, "/ack")
            for state in tap.states(disk, rng, due[at] - made):
                made += 1
                mark = _mark(state)
                if mark not in known:  # the same bytes are read once
                    known[mark] = _read_state(scratch, store, state)
                tasks, ops = known[mark] or (set(), {""})
                damaged += tasks != ops
                lost += tasks == ops and not set(disk.acked) <= tasks
    finally:
        shutil.rmtree(scratch)
    return {"states": made, "different": len(known), "lost": lost, "damaged": damaged}


def _due(found: list[tap.Event], first: int, count: int) -> list[int]:
    """Say how many states are to be made after each event: the more, the more of the writes may be lost there."""
    disk, sizes, size = tap.Disk(), [], 0
    for at, event in enumerate(found):
        disk.take(event, "/ack")
        size += 1 + sum(map(len, disk.loose.values())) if at >= first else 0
        sizes.append(size)
    return [count * one // size for one in sizes]


def _mark(state: dict[str, bytearray]) -> bytes:
    mark = hashlib.sha256()
    for path, data in sorted(state.items()):
        mark.update(f"{path} {len(data)} ".encode() + data)
    return mark.digest()


def _read_state(
    scratch: Path, store: str, state: dict[str, bytearray]
) -> tuple[set[str], set[str]] | None:
    """Return the records and the changes that a state holds; None where it cannot be read."""
    target = scratch / "s.kdb"
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = Path(f"{target}{suffix}")
        path.unlink(missing_ok=True)
        if store + suffix in state and suffix != "-shm":
            path.write_bytes(state[store + suffix])
    try:
        return _ids(target, Keys.store_key)
    except Exception:  # noqa: BLE001  # unreadable, whatever the reason
        return None


# ---- failing writes --------------------------------------------------------------------------------------


def write_faults(runs: int, folder: Path, library: Path) -> dict[str, int]:
    """Let the n-th write, sync or truncate fail in a process of its own. Returns runs, false_saved, doubles."""
    environment = {
        **os.environ, "LD_PRELOAD": str(library), "TAP_DIR": str(folder), "TAP_LIB": str(library),
    }  # fmt: skip
    return _in_a_process("writes", folder, runs, environment=environment)


def _write_faults(runs: int, folder: Path, library: ctypes.CDLL) -> dict[str, int]:
    base = folder / "base"
    open_store.create(base, Keys, ME).close()
    result = {"runs": 0, "false_saved": 0, "doubles": 0, "hit": 0, "damaged": 0}
    number = 0
    while result["runs"] < runs:
        number += 1
        for error in (errno.EIO, errno.ENOSPC):
            for sticky in (0, 1):
                if result["runs"] < runs:
                    _one_fault(base, folder, library, (number % 60 + 1, error, sticky), result)
    return result


def _one_fault(
    base: Path,
    folder: Path,
    library: ctypes.CDLL,
    how: tuple[int, int, int],
    result: dict[str, int],
) -> None:
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(base, place)
    path = store_file(place, 1)
    store = Database(path, Keys.store_key, ME)
    raw = store._engine.raw_connection().dbapi_connection
    raw.execute("PRAGMA wal_autocheckpoint=8")
    saved, refused = [], []
    library.tap_arm(*how)
    for title in "abcdef":
        try:
            saved.append(add(store, title))
        except MachineError:
            refused.append(title)
    result["hit"] += library.tap_failed() > 0
    library.tap_arm(0, 0, 0)
    for title in refused:
        add(store, title)
    with suppress(MachineError):
        store.close()
    try:
        with closing(connect(path, Keys.store_key)) as connection:
            rows = connection.execute("SELECT id, title FROM task").fetchall()
    except MachineError:
        result["damaged"] += 1
    else:
        result["false_saved"] += bool(set(saved) - {row[0] for row in rows})
        result["doubles"] += len(rows) != len({row[1] for row in rows})
    result["runs"] += 1


# ---- damaged pages ---------------------------------------------------------------------------------------


def page_faults(count: int, folder: Path) -> dict[str, int]:
    """Flip a bit, zero a page, or put a page in the place of another. Returns runs, silent, found."""
    store = open_store.create(folder, Keys, ME)
    for number in range(400):
        add(store, f"task {number} " + "x" * 300)
    store.close()
    path = store_file(folder, 1)
    whole = path.read_bytes()
    expected = _all_rows(path)
    rng = random.Random(3)
    silent = found = 0
    pages = len(whole) // 4096
    for number in range(count):
        data = bytearray(whole)
        at = rng.randrange(pages) * 4096
        if number % 3 == 0:
            data[at + rng.randrange(4096)] ^= 1 << rng.randrange(8)
        elif number % 3 == 1:
            data[at : at + 4096] = bytes(4096)
        else:
            other = rng.randrange(pages) * 4096
            data[at : at + 4096] = whole[other : other + 4096]
        path.write_bytes(data)
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        try:
            silent += _all_rows(path) != expected
        except Exception:  # noqa: BLE001  # said, so not silent
            found += 1
    path.write_bytes(whole)
    return {"runs": count, "silent": silent, "found": found}


def _all_rows(path: Path) -> list[tuple[Any, ...]]:
    rows = []
    with closing(connect(path, Keys.store_key, query_only=True)) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' ORDER BY name"
            )
        ]
        for table in tables:
            rows += [(table, *row) for row in connection.execute(f"SELECT * FROM {table}")]
    return rows


def main(what: str, folder: str, *numbers: str) -> dict[str, int]:
    """Do one kind of check."""
    if what == "kills":
        return _kills(int(numbers[0]), Path(folder), int(numbers[1]))
    return _write_faults(int(numbers[0]), Path(folder), ctypes.CDLL(os.environ["TAP_LIB"]))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
