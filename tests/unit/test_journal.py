"""Unsent work outside the store: written after each save, read back up to the first bad byte, laid over a backup."""

from __future__ import annotations

import os
from contextlib import closing, suppress

import pytest
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import backups, generations, journal, open_store, salvage
from kamdesk.db.caretaker import Caretaker
from kamdesk.db.connect import connect
from kamdesk.db.reader import Reader
from kamdesk.db.records import Task
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.security import keystore
from kamdesk.security.frames import Chain
from kamdesk.services.customers import change_customer
from kamdesk.services.drafts import keep_draft
from kamdesk.services.tasks import add_task
from tests.unit.conftest import HUASHAN, ME, _two_hospitals

KEY = os.urandom(32)
FRAMES = [{"t": "op", "lid": n, "st": "queued"} for n in range(1, 6)]


def written(tmp_path, frames=FRAMES):
    path = tmp_path / "journal" / "g000001.kdj"
    one = journal.Journal(path, KEY, "store")
    one.write_anew(frames[:2])
    one.append(frames[2:])
    one.close()
    return path


def test_h32_a_torn_tail_is_cut_at_the_last_good_frame(tmp_path):
    path = written(tmp_path)
    whole = path.read_bytes()
    for cut in range(1, 60, 7):
        path.write_bytes(whole[:-cut])
        kept = journal.read(path, KEY, "store")
        assert list(kept.ops) == [1, 2, 3, 4]
        assert not kept.is_whole
    path.write_bytes(whole)
    assert journal.read(path, KEY, "store").is_whole


def test_h32_a_flipped_byte_ends_the_good_part_and_nothing_after_it_is_believed(tmp_path):
    path = written(tmp_path)
    whole = bytearray(path.read_bytes())
    for at in range(0, len(whole), 11):
        changed = bytearray(whole)
        changed[at] ^= 1
        path.write_bytes(changed)
        kept = journal.read(path, KEY, "store")
        assert list(kept.ops) == list(range(1, len(kept.ops) + 1))
        assert len(kept.ops) < 5


def test_h32_frames_that_stand_twice_or_in_another_order_are_not_believed(tmp_path):
    chain = Chain(KEY, "store/g000001")
    one, two = chain.seal(b'{"t":"op","lid":1,"st":"queued"}'), chain.seal(b"{}")
    for data, good in ((one + one, 1), (two + one, 0), (one[:-1] + one, 0)):
        path = tmp_path / "g000001.kdj"
        path.write_bytes(data)
        assert len(journal.read(path, KEY, "store").ops) == good


def test_h5_another_store_or_key_reads_nothing(tmp_path):
    path = written(tmp_path)
    assert journal.read(path, KEY, "other").ops == {}
    assert journal.read(path, os.urandom(32), "store").ops == {}
    assert b"queued" not in path.read_bytes()


# ---- a store, its caretaker and its end ------------------------------------------------------------------


class Desk:
    """A profile with a store that can be lost."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = keystore.create_with_passphrase(folder, "profile", "correct horse battery")
        self.store = open_store.create(folder, self.keys, ME)
        self.store.transact(Origin.SYNC, _two_hospitals)
        self.told = []
        self.care()

    def care(self):
        self.caretaker = Caretaker(self.store, self.keys, self.told.append)
        self.caretaker.start()

    def stop(self):
        """End as a crash would: no last journal, no last backup."""
        self.caretaker._unwatch()
        self.caretaker._stop.set()
        self.caretaker._dirty.set()
        self.caretaker._thread.join()
        self.store.close()

    def do(self, fn):
        return self.store.transact(Origin.USER, fn).value

    def titles(self):
        return {row[0] for row in self.store.read(lambda r: r.rows("SELECT title FROM task"))}

    def reopen(self):
        self.store = open_store.open_existing(self.folder, self.keys, ME)
        generations.demand_newest(self.folder, self.keys, self.store)
        self.care()

    @property
    def path(self):
        return self.keys.store_file


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.caretaker.stop()
    desk.store.close()


def test_h29_unsent_work_of_a_lost_store_comes_back_over_the_backup(desk):
    desk.do(lambda work: add_task(work, title="before", due_on=None))
    backup = desk.caretaker.back_up()
    desk.do(lambda work: add_task(work, title="after", due_on=None))
    desk.do(lambda work: change_customer(work, HUASHAN, {"phone": "021-9"}))
    desk.do(lambda work: keep_draft(work, "d", form="visit", title="Half", values={"a": "typed"}))
    desk.caretaker.write_journal()
    desk.stop()
    broken = b"\x00" * 50_000
    desk.path.write_bytes(broken)
    with pytest.raises(MachineError):
        open_store.open_existing(desk.folder, desk.keys, ME)
    assert generations.restore(desk.folder, desk.keys, backup.path, ME) == 2
    desk.reopen()
    assert desk.titles() == {"before", "after"}
    read = desk.store.read
    assert read(lambda r: r.value("SELECT phone FROM customer WHERE id = ?", HUASHAN)) == "021-9"
    assert read(lambda r: r.value("SELECT title FROM draft")) == "Half"
    assert read(lambda r: r.value("SELECT count(*) FROM sync_op WHERE st = 'queued'")) == 3
    assert any(one.read_bytes() == broken for one in (desk.folder / "quarantine").glob("*.kdb"))


def test_h29_a_damaged_store_gives_all_unsent_work_that_is_not_on_the_damaged_page(desk):
    """The journal is gone too: only the store has it, and one connection would read little of it."""
    for number in range(400):
        desk.do(lambda work, n=number: add_task(work, title=f"task {n} " + "x" * 300, due_on=None))
    desk.do(lambda work: keep_draft(work, "d", form="visit", title="Half", values={"a": "typed"}))
    desk.stop()
    whole = desk.path.read_bytes()
    with closing(connect(desk.path, desk.keys.store_key)) as connection:
        all_of_it = journal.everything(Reader(connection))
    known = {frame["lid"]: frame for frame in all_of_it if frame["t"] == "op"}
    assert len(known) == 400
    hit = 0
    for page in range(1, len(whole) // 4096, 7):
        broken = bytearray(whole)
        broken[page * 4096 + 100] ^= 1
        desk.path.write_bytes(broken)
        with suppress(driver.Error, MachineError):
            with closing(connect(desk.path, desk.keys.store_key)) as connection:
                journal.everything(Reader(connection))
            continue
        found = salvage.unsent_of(desk.path, desk.keys.store_key)
        ops = {frame["lid"]: frame for frame in found if frame["t"] == "op"}
        assert all(known[lid] == frame for lid, frame in ops.items())
        if len(ops) < 300:
            continue  # the page that leads to all others
        hit += 1
        assert found[-1]["t"] == "state"
    assert hit > 5
    # And it comes back: with the last page of these damaged
    journal.file_of(desk.path).unlink(missing_ok=True)
    came_back = generations.kept_of(desk.folder, desk.keys)
    assert len(came_back.unsent) == len(salvage_ops(desk))
    desk.path.write_bytes(whole)


def salvage_ops(desk) -> list[journal.Frame]:
    found = salvage.unsent_of(desk.path, desk.keys.store_key)
    return [frame for frame in found if frame["t"] == "op"]


def test_h29_what_cannot_be_read_at_all_gives_nothing_and_does_not_fail(desk):
    desk.do(lambda work: add_task(work, title="one", due_on=None))
    desk.stop()
    for broken in (b"", b"\0" * 50_000, desk.path.read_bytes()[:5000]):
        desk.path.write_bytes(broken)
        assert salvage_ops(desk) == []


def test_h26_an_older_store_that_is_put_back_is_noticed(desk):
    desk.do(lambda work: add_task(work, title="before", due_on=None))
    desk.caretaker.stop()
    desk.store.close()
    older = desk.path.read_bytes()
    desk.reopen()
    desk.do(lambda work: add_task(work, title="after", due_on=None))
    desk.caretaker.write_journal()
    desk.stop()
    desk.path.write_bytes(older)
    for suffix in ("-wal", "-shm"):
        desk.path.with_name(desk.path.name + suffix).unlink(missing_ok=True)
    store = open_store.open_existing(desk.folder, desk.keys, ME)
    with pytest.raises(MachineError) as caught:
        generations.demand_newest(desk.folder, desk.keys, store)
    store.close()
    assert caught.value.code == "STORE_OLDER"
    generations.restore(desk.folder, desk.keys, desk.path, ME)
    desk.reopen()
    assert desk.titles() == {"before", "after"}


def test_h26_the_key_store_remembers_when_the_journal_is_gone_too(desk):
    desk.caretaker.stop()
    desk.store.close()
    older = desk.path.read_bytes()
    desk.reopen()
    desk.do(lambda work: add_task(work, title="after", due_on=None))
    desk.caretaker.stop()
    desk.store.close()
    desk.path.write_bytes(older)
    journal.file_of(desk.path).unlink()
    store = open_store.open_existing(desk.folder, desk.keys, ME)
    with pytest.raises(MachineError) as caught:
        generations.demand_newest(desk.folder, desk.keys, store)
    store.close()
    assert caught.value.code == "STORE_OLDER"
    generations.restore(desk.folder, desk.keys, backups.find(desk.folder)[0].path, ME)
    desk.reopen()
    assert desk.titles() == {"after"}


@pytest.mark.parametrize("state", ["queued", "acked"])
def test_changes_that_were_numbered_in_another_order_since_the_backup_come_back(desk, state):
    """As where a request never left, whose numbers were taken away again, or under another name of the computer."""
    first, second = (
        desk.do(lambda work, n=n: add_task(work, title=f"task {n}", due_on=None)) for n in (1, 2)
    )

    def number(**numbers):
        def write(work):
            work.driver.execute("UPDATE sync_op SET mid = NULL")
            for task, mid in ((first, numbers.get("first")), (second, numbers.get("second"))):
                work.driver.execute(
                    "UPDATE sync_op SET mid = ?, st = ?, acked_at = at WHERE id = ?",
                    (mid, state if mid else "queued", task),
                )

        desk.store.transact(Origin.SYNC, write)

    number(second=1)
    backup = desk.caretaker.back_up()
    number(first=1, second=2)
    desk.do(lambda work: add_task(work, title="task 3", due_on=None))
    desk.caretaker.write_journal()
    desk.stop()
    desk.path.write_bytes(b"\x00" * 50_000)
    assert generations.restore(desk.folder, desk.keys, backup.path, ME) == 1
    desk.reopen()
    assert desk.titles() == {"task 1", "task 2", "task 3"}


def test_what_was_withdrawn_does_not_come_back(desk):
    task = desk.do(lambda work: add_task(work, title="typed by mistake", due_on=None))
    backup = desk.caretaker.back_up()
    desk.do(lambda work: work.delete(work.require(Task, task)))
    desk.caretaker.write_journal()
    desk.stop()
    desk.path.unlink()
    generations.restore(desk.folder, desk.keys, backup.path, ME)
    desk.reopen()
    assert desk.titles() == set()
    assert desk.store.read(lambda r: r.value("SELECT count(*) FROM sync_op")) == 0


def test_the_journal_hears_of_each_change_once_and_of_what_became_of_it(desk):
    def heard():
        return [
            (one["t"], one.get("lid") or one.get("title"), one.get("st"))
            for one in desk.store.touched()
            if one["t"] != "state"
        ]

    desk.caretaker.write_journal()
    one = desk.do(lambda work: add_task(work, title="one", due_on=None))
    two = desk.do(lambda work: add_task(work, title="two", due_on=None))
    desk.do(lambda work: work.delete(work.require(Task, two)))
    desk.do(lambda work: keep_draft(work, "d", form="visit", title="Half", values={}))
    assert heard() == [("op", 1, "queued"), ("op", 2, "gone"), ("draft", "Half", None)]
    assert heard() == []
    with pytest.raises(ZeroDivisionError):
        desk.do(lambda work: (add_task(work, title="never", due_on=None), 1 // 0))
    assert heard() == []
    desk.store.transact(
        Origin.SYNC, lambda work: work.driver.execute("UPDATE sync_op SET st = 'acked'")
    )
    assert heard() == [("op", 1, "acked")]
    desk.do(lambda work: work.delete(work.require(Task, one)))
    assert heard() == [("op", 3, "queued")]


def test_the_journal_is_pruned_to_what_is_not_confirmed(desk):
    for n in range(5):
        desk.do(lambda work, n=n: add_task(work, title=str(n), due_on=None))
    desk.store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("UPDATE sync_op SET st = 'acked' WHERE lid < 5"),
    )
    desk.caretaker.write_journal()
    assert [one["lid"] for one in generations.kept_of(desk.folder, desk.keys).unsent] == [5]
    desk.caretaker.stop()
    desk.store.close()
    desk.reopen()
    assert list(generations.kept_of(desk.folder, desk.keys).ops) == [5]


@pytest.mark.parametrize("point", range(1, 9))
def test_h35_a_restore_that_is_killed_leaves_the_old_or_the_new_whole(desk, point, monkeypatch):
    desk.do(lambda work: add_task(work, title="a", due_on=None))
    desk.do(lambda work: add_task(work, title="b", due_on=None))
    desk.caretaker.stop()
    desk.store.close()
    backup = backups.find(desk.folder)[0]

    class Killed(BaseException):
        pass

    calls = 0

    def counted(name, owner):
        real = getattr(owner, name)

        def call(*args, **how):
            nonlocal calls
            calls += 1
            if calls == point:
                raise Killed
            return real(*args, **how)

        monkeypatch.setattr(owner, name, call)

    for name, owner in (
        ("verify", backups), ("copy", backups), ("bring_up_to_date", generations),
        ("_laid_over", generations), ("_seal_up", generations), ("sync_directory", generations.files),
        ("set_aside", generations),
    ):  # fmt: skip
        counted(name, owner)
    with suppress(Killed):
        generations.restore(desk.folder, desk.keys, backup.path, ME)
    monkeypatch.undo()
    desk.keys.forget()
    desk.keys = keystore.read_keystore(desk.folder).open_with_passphrase("correct horse battery")
    desk.reopen()
    assert desk.titles() == {"a", "b"}


def test_a_draft_is_kept_again_and_again_before_the_journal_is_written(store):
    """An upsert overrides the conflict clause inside the trigger that notes it: the second one was refused."""
    for typed in ("H", "Ha", "Hal", "Half"):
        store.transact(
            Origin.USER,
            lambda work, typed=typed: keep_draft(
                work, "d", form="visit", title="", values={"objective": typed}
            ),
        )
    frames = [one for one in store.touched() if one["t"] == "draft"]
    assert [one["data"] for one in frames] == ['{"objective": "Half"}']
