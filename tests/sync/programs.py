"""Head offices and a desktop as programs of their own, to be killed and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from kamdesk.db.database import Database
from kamdesk.headoffice import upkeep
from kamdesk.headoffice.server import bind
from kamdesk.headoffice.store import Store
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.transport import Transport
from tests.sync.world import Laptop, World, until

ROOT = Path(__file__).parents[2]


class Served:
    """Head office on a database, always at one port."""

    def __init__(self, database: str, port: int = 0) -> None:
        self.database = database
        if not port:
            with closing(bind("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        """Serve."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kamdesk.headoffice", "serve", "--port", str(self.port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
            env={**os.environ, "KAMDESK_DATABASE": self.database},
        )  # fmt: skip
        assert self.process.stdout is not None
        assert "http" in self.process.stdout.readline()

    def kill(self) -> None:
        """End it without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Desktop:
    """A desktop without a window, that saves and reconciles; `saved`: what it said was saved, whoever it was."""

    def __init__(self, laptop: Laptop, url: str) -> None:
        self._path, self._key = laptop.database.path, laptop.database._key
        self._actor, self._url = laptop.database.actor, url
        self.saved: list[str] = []
        laptop.close()

    def start(self, *visits: str) -> None:
        """Work, until killed."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.desk_process", str(self._path), self._key.hex(),
             self._actor.user_id, self._url, *visits],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip
        said = self.process.stdout
        assert said is not None
        assert said.readline() == "ready\n"
        self._listening = threading.Thread(target=lambda: self.saved.extend(map(str.strip, said)))
        self._listening.start()

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait()
        self._listening.join()

    def acknowledged(self) -> set[str]:
        """Return the ids of what was said to be saved; the last line may have been cut."""
        return {one for one in self.saved if len(one) == 36}

    def opened(self) -> Laptop:
        """Open its store here."""
        store = Database(self._path, self._key, self._actor)
        return Laptop(store, Transport(self._url), self._actor.user_id)


def reconciled(laptop: Laptop) -> bool:
    """Reconcile; say whether head office was there."""
    try:
        laptop.sync()
    except (Unreachable, Answered):
        return False
    return True


def kills(count: int, folder: Path, database: str = "", seed: int = 1) -> Counter[str]:
    """Kill a desktop that works and its head office, in any order; count what was saved, lost, doubled and damaged."""
    done: Counter[str] = Counter()
    rng = random.Random(seed)
    world = World(folder, database)
    desktop = Desktop(world.laptop("ann").sync(), world.url)
    world.laptops.clear()
    world.cut()
    world.store.close()
    served = Served(world.file, world._port)
    try:
        desktop.start()
        for _ in range(count):
            time.sleep(rng.uniform(0.05, 0.6))
            victim = rng.choice(("desktops", "servers"))
            if victim == "desktops":
                desktop.kill()
                desktop.start()
            else:
                served.kill()
                time.sleep(rng.uniform(0, 0.3))
                served.start()
            done[victim] += 1
        desktop.kill()
        with closing(desktop.opened()) as again:
            until(lambda: reconciled(again), 60)
            there = dict(again.rows("SELECT id, _rev FROM task"))
            done["damaged"] += again.value("PRAGMA integrity_check") != "ok"
            done["waiting"] = again.value("SELECT count(*) FROM sync_op WHERE st = 'queued'")
            done["refused"] = len(again.issues)
    finally:
        desktop.kill()
        served.kill()
    acknowledged = desktop.acknowledged()
    done["acknowledged"] = len(acknowledged)
    done["doubled"] = sum(rev != 1 for rev in there.values())
    with closing(Store.open(world.file)) as store, store.write("look") as writer:
        known = {one for one in acknowledged if writer.get("task", one) is not None}
        done["lost"] = len(acknowledged - (known & there.keys()))
    with closing(Store.open(world.file)) as store:
        done["damaged"] += len(list(upkeep.findings(store)))
    return done
