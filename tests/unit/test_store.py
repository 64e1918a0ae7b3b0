"""The store: one action, one transaction, one batch of outbox rows; and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kamdesk.db import open_store, revisions
from kamdesk.db.connect import PLAIN_HEADER
from kamdesk.db.describe import metadata
from kamdesk.db.records import SPECS, Customer, Person, Task
from kamdesk.db.threads import allow_this_thread, forbid_this_thread
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.keystore import store_file
from kamdesk.services.customers import change_customer
from kamdesk.services.tasks import add_task, finish_task
from tests.unit.conftest import HUASHAN


def ops(store):
    rows = store.read(
        lambda reader: reader.rows("SELECT op, kind, f, cmd, mid FROM sync_op ORDER BY lid")
    )
    return [(op, kind, json.loads(f) if f else {}, cmd) for op, kind, f, cmd, _ in rows]


def mark_sent(store):
    store.transact(Origin.SYNC, lambda work: work.driver.execute("UPDATE sync_op SET mid = lid"))


def test_a_change_is_queued_with_what_the_user_saw(store):
    done = store.transact(
        Origin.USER, lambda work: change_customer(work, HUASHAN, {"phone": "021-2"})
    )
    assert ops(store) == [("patch", "customer", {"phone": ["021-1", "021-2"]}, None)]
    assert done.changes.touched == {"customer": frozenset({HUASHAN})}
    assert done.changes.outbox


def test_the_first_change_keeps_head_offices_version_aside(store):
    store.transact(Origin.USER, lambda work: change_customer(work, HUASHAN, {"phone": "021-2"}))
    base = store.read(
        lambda reader: reader.value("SELECT data FROM sync_base WHERE id = ?", HUASHAN)
    )
    assert json.loads(base)["phone"] == "021-1"


def test_a_second_change_folds_into_an_op_that_was_never_sent(store):
    for phone in ("021-2", "021-3"):
        store.transact(
            Origin.USER, lambda work, p=phone: change_customer(work, HUASHAN, {"phone": p})
        )
    assert ops(store) == [("patch", "customer", {"phone": ["021-1", "021-3"]}, None)]


def test_a_change_back_before_sending_leaves_nothing_to_send(store):
    for phone in ("021-2", "021-1"):
        store.transact(
            Origin.USER, lambda work, p=phone: change_customer(work, HUASHAN, {"phone": p})
        )
    assert ops(store) == []
    assert store.read(lambda reader: reader.value("SELECT count(*) FROM sync_base")) == 0


def test_an_op_that_was_sent_is_frozen(store):
    store.transact(Origin.USER, lambda work: change_customer(work, HUASHAN, {"phone": "021-2"}))
    mark_sent(store)
    store.transact(Origin.USER, lambda work: change_customer(work, HUASHAN, {"phone": "021-3"}))
    assert [one[2] for one in ops(store)] == [
        {"phone": ["021-1", "021-2"]},
        {"phone": ["021-2", "021-3"]},
    ]


def test_a_set_field_travels_as_what_was_added_and_removed(store):
    store.transact(
        Origin.USER, lambda work: change_customer(work, HUASHAN, {"tags": ["kol", "vbp"]})
    )
    mark_sent(store)
    store.transact(
        Origin.USER, lambda work: change_customer(work, HUASHAN, {"tags": ["vbp", "new"]})
    )
    assert ops(store)[1][2] == {"tags": [{"add": ["new"], "del": ["kol"]}]}


def test_create_and_delete_before_sending_cancel(store):
    task = store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None)).value
    store.transact(Origin.USER, lambda work: work.delete(work.require(Task, task)))
    assert ops(store) == []
    assert store.read(lambda reader: reader.value("SELECT count(*) FROM task")) == 0


def test_a_failing_action_leaves_nothing_behind(store):
    def half(work):
        add_task(work, title="x", due_on=None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(Origin.USER, half)
    assert ops(store) == []
    assert store.read(lambda reader: reader.value("SELECT count(*) FROM task")) == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE customer SET phone = 'x'",
        "DELETE FROM customer",
        "INSERT INTO task(id, _rev, _b) VALUES('t', 0, 'user:u')",
    ],
)
def test_a_write_that_bypasses_the_outbox_is_refused(store, sql):
    with pytest.raises(Exception, match="write outside the outbox"):
        store.transact(Origin.USER, lambda work: work.driver.execute(sql))
    assert (
        store.read(
            lambda reader: reader.value("SELECT count(*) FROM customer WHERE phone = '021-1'")
        )
        == 2
    )


def test_what_reconciliation_writes_is_not_captured(store):
    store.transact(Origin.SYNC, lambda work: work.driver.execute("UPDATE customer SET phone = 'x'"))
    assert ops(store) == []


def test_a_listener_hears_of_every_commit(store):
    heard = []
    stop = store.on_commit(heard.append)
    store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None))
    stop()
    store.transact(Origin.USER, lambda work: add_task(work, title="y", due_on=None))
    assert len(heard) == 1
    assert heard[0].concerns("task")


def test_a_query_on_the_windows_thread_is_a_mistake(store):
    forbid_this_thread()
    try:
        with pytest.raises(AssertionError):
            store.read(lambda reader: reader.rows("SELECT 1"))
    finally:
        allow_this_thread()


def test_a_person_writes_before_reconciliation_that_waits(store):
    order, started, release = [], threading.Event(), threading.Event()

    def long(work):
        started.set()
        release.wait(10)

    first = threading.Thread(target=store.transact, args=(Origin.SYNC, long))
    first.start()
    started.wait(10)
    later = threading.Thread(
        target=store.transact, args=(Origin.SYNC, lambda work: order.append("sync"))
    )
    later.start()
    person = threading.Thread(
        target=store.transact, args=(Origin.USER, lambda work: order.append("person"))
    )
    person.start()
    while not store._gate._people:
        pass
    release.set()
    for thread in (first, later, person):
        thread.join(10)
    assert order == ["person", "sync"]


def test_h5_the_file_shows_nothing(store, tmp_path, keys):
    store.transact(
        Origin.USER, lambda work: add_task(work, title="a very private plan", due_on=None)
    )
    for path in (tmp_path / "store").iterdir():
        content = path.read_bytes()
        assert b"private" not in content
        assert not content.startswith(PLAIN_HEADER)


def reopened(tmp_path, keys):
    return open_store.open_existing(tmp_path, keys, Actor("u", Role.REP))


def test_a_store_opens_again_with_what_was_saved(store, tmp_path, keys):
    task = store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None)).value
    store.close()
    again = reopened(tmp_path, keys)
    assert again.read(lambda reader: reader.value("SELECT id FROM task")) == task
    again.close()


@pytest.mark.parametrize("content", [None, b""])
def test_h30_a_missing_or_empty_store_is_never_replaced(store, tmp_path, keys, content):
    store.close()
    path = store_file(tmp_path, 1)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MachineError) as caught:
        reopened(tmp_path, keys)
    assert caught.value.code == "STORE_MISSING"
    assert not path.exists() or not path.stat().st_size


def test_another_key_or_rubbish_is_refused_untouched(store, tmp_path, keys):
    store.close()
    path = store_file(tmp_path, 1)
    before = path.read_bytes()
    with pytest.raises(MachineError) as caught:
        open_store.open_existing(tmp_path, type(keys)(os.urandom(32)), Actor("u", Role.REP))
    assert caught.value.code == "STORE_UNREADABLE"
    assert path.read_bytes() == before


def test_h4_a_plain_file_is_refused(store, tmp_path, keys):
    store.close()
    store_file(tmp_path, 1).write_bytes(PLAIN_HEADER + bytes(4096))
    with pytest.raises(MachineError) as caught:
        reopened(tmp_path, keys)
    assert caught.value.code == "STORE_NOT_ENCRYPTED"


def test_the_store_of_another_profile_is_refused(store, tmp_path, keys):
    store.close()
    with pytest.raises(MachineError) as caught:
        reopened(tmp_path, type(keys)(keys.store_key, store_id="other"))
    assert caught.value.code == "STORE_FOREIGN"


def test_h37_a_store_of_a_newer_program_is_refused_untouched(store, tmp_path, keys):
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("UPDATE alembic_version SET version_num = '9999'"),
    )
    store.close()
    before = store_file(tmp_path, 1).read_bytes()
    with pytest.raises(MachineError) as caught:
        reopened(tmp_path, keys)
    assert caught.value.code == "STORE_NEWER"
    assert store_file(tmp_path, 1).read_bytes() == before


def test_the_migrations_make_what_the_records_declare(store):
    tables = {
        name: {
            row[1]
            for row in store.read(lambda reader, n=name: reader.rows(f"PRAGMA table_info({n})"))
        }
        for name in metadata.tables
    }
    assert tables == {
        name: {column.name for column in table.columns} for name, table in metadata.tables.items()
    }
    assert revisions.newest() == store.read(
        lambda reader: reader.value("SELECT version_num FROM alembic_version")
    )


SAVER = """
import sys
from pathlib import Path
from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.tasks import add_task

class Keys:
    store_key, store_id, generation = bytes.fromhex(sys.argv[2]), sys.argv[3], 1

store = open_store.open_existing(Path(sys.argv[1]), Keys, Actor("u", Role.REP))
while True:
    print(store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None)).value, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 30])
def test_what_was_acknowledged_survives_kill_9(store, tmp_path, keys, after):
    store.close()
    saver = subprocess.Popen(
        [sys.executable, "-c", SAVER, str(tmp_path), keys.store_key.hex(), keys.store_id],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    acknowledged = [saver.stdout.readline().strip() for _ in range(after)]
    saver.send_signal(signal.SIGKILL)
    acknowledged += saver.stdout.read().split("\n")[:-1]
    saver.wait()
    saver.stdout.close()
    again = reopened(tmp_path, keys)
    kept = {row[0] for row in again.read(lambda reader: reader.rows("SELECT id FROM task"))}
    queued = {row[0] for row in again.read(lambda reader: reader.rows("SELECT id FROM sync_op"))}
    again.close()
    assert set(acknowledged) <= kept
    assert kept == queued


def test_every_kind_has_its_own_number():
    numbers = [spec.number for spec in SPECS.values()]
    assert len(numbers) == len(set(numbers))


def test_searchable_kinds_have_the_columns_that_searching_reads():
    for record in (Customer, Person):
        assert {"name", "pinyin", "initials"} <= set(record.spec().names)


def test_finishing_a_task_can_be_undone_and_is_one_op(store):
    task = store.transact(Origin.USER, lambda work: add_task(work, title="x", due_on=None)).value
    store.transact(Origin.USER, lambda work: finish_task(work, task))
    assert [one[0] for one in ops(store)] == ["create"]
    assert ops(store)[0][2]["state"] == [None, "done"]


def test_save_is_a_save_whatever_a_listener_does(store):
    def fails(changes):
        raise RuntimeError("a listener")

    store.on_commit(fails)
    told = []
    store.on_commit(told.append)
    done = store.transact(
        Origin.USER, lambda work: change_customer(work, HUASHAN, {"phone": "021-2"})
    )
    assert told == [done.changes]
    assert (
        store.read(lambda reader: reader.value("SELECT phone FROM customer WHERE id = ?", HUASHAN))
        == "021-2"
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("phone", "1" * 400, "400"),
        ("segment", "D", "not one of the choices"),
        ("name", "", "required"),
    ],
)
def test_what_head_office_would_refuse_is_said_at_its_field_and_changes_nothing(
    store, name, value, told
):
    with pytest.raises(UserError) as refused:
        store.transact(
            Origin.USER, lambda work: setattr(work.require(Customer, HUASHAN), name, value)
        )
    assert refused.value.field == name
    if told != "400":
        assert told in str(refused.value)
    assert ops(store) == []


def test_a_new_record_that_head_office_would_refuse_is_not_saved(store):
    person = Person(customer_id=HUASHAN, name="x" * 3000, status="active")
    with pytest.raises(UserError) as refused:
        store.transact(Origin.USER, lambda work: work.add(person))
    assert refused.value.field == "name"
    assert ops(store) == []
