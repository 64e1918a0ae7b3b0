"""H35: a migration cut off anywhere. Every write of a real one is logged; the files are put back as after the n-th."""

from __future__ import annotations

import random
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kamdesk.db import backups, open_store
from kamdesk.db.connect import connect
from kamdesk.security import keystore
from kamdesk.security.unlock import open_keys
from tests.faults import tap
from tests.faults.trees import Tree
from tests.migrations import write
from tests.migrations.conftest import copied
from tests.migrations.looking import content, lost

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="not run: the write tap is of Linux"
)
STATES = 32
CUTS = 80


@pytest.mark.parametrize(("version", "may_differ"), [("0001", set()), ("0005", {"sync_op"})])
def test_h35_a_migration_killed_anywhere_loses_nothing(version, may_differ, tmp_path):
    library = tap.compiled(tmp_path)
    if library is None:
        pytest.skip("not run: there is no gcc for the write tap")
    old = copied(version, tmp_path / "run")
    keys = open_keys(old, write.PASSPHRASE)
    before, master = content(keys.store_file, keys.store_key), bytes(keys._master)
    events = _events_of_a_migration(old, tmp_path / "log", library)
    assert len(events) > 2 * STATES
    backed_up = migrated = 0
    for number in _chosen(events):
        killed = tmp_path / "killed"
        shutil.rmtree(killed, ignore_errors=True)
        tap.put_back(copied(version, killed), old, events[:number])
        found = backups.find(killed)
        backed_up += bool(found)
        opened = keystore.read_keystore(killed)._open(lambda _: bytearray(master))
        for one in found:
            assert content(one.path, opened.store_key) == before
        now = content(opened.store_file, opened.store_key)
        migrated += opened.generation > keys.generation
        assert ("import_job" in _tables(opened)) == (opened.generation > keys.generation)
        assert {*lost(before, opened.store_file, opened.store_key)} <= may_differ, number
        assert len(now["sync_op"][1]) == len(before["sync_op"][1])
        open_store.open_existing(killed, opened, write.KIM).close()
        assert "import_job" in _tables(opened)
        assert {*lost(before, opened.store_file, opened.store_key)} == may_differ, number
    assert 0 < migrated <= backed_up < STATES


def test_h35_a_power_cut_in_a_migration_leaves_the_old_store_or_the_new(tmp_path):
    library = tap.compiled(tmp_path)
    if library is None:
        pytest.skip("not run: there is no gcc for the write tap")
    old = copied("0001", tmp_path / "run")
    tree = Tree.of(old)
    keys = open_keys(old, write.PASSPHRASE)
    before, master = content(keys.store_file, keys.store_key), bytes(keys._master)
    events = tap.events_of("tests.migrations.update", old, tmp_path / "log", library)
    rng, found = random.Random(5), {"old": 0, "new": 0}
    due = {*rng.sample(range(len(events)), CUTS // 2), *range(len(events) - CUTS // 2, len(events))}
    for at, event in enumerate(events):
        tree.take(event)
        if at not in due:
            continue
        cut = tmp_path / "cut"
        shutil.rmtree(cut, ignore_errors=True)
        tree.write_to(cut, rng, old)
        opened = keystore.read_keystore(cut)._open(lambda _: bytearray(master))
        is_new = opened.generation > keys.generation
        found["new" if is_new else "old"] += 1
        assert ("import_job" in _tables(opened)) == is_new
        assert lost(before, opened.store_file, opened.store_key) == {}
    assert min(found.values()) > 10


def _tables(keys: keystore.OpenKeys) -> set[str]:
    with closing(connect(keys.store_file, keys.store_key, query_only=True)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def _events_of_a_migration(folder: Path, log: Path, library: Path) -> list[tap.Event]:
    return tap.changes_of("tests.migrations.update", folder, log, library)


def _chosen(events: list[tap.Event]) -> list[int]:
    """Choose moments evenly, and all of those about a file that gets its name or goes."""
    special = {
        at + beside
        for at, one in enumerate(events)
        if one.what == "R" or (one.what == "U" and one.path.endswith(".kdb"))
        for beside in (0, 1)
    }
    even = range(0, len(events) + 1, max(1, len(events) // (STATES - len(special) - 1)))
    return sorted(special | {*even} | {len(events)})[-STATES:]
