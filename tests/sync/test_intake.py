"""Saving goes before reconciliation: what it brings is stored in parts that end when somebody waits."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from kamdesk.db import apply, buckets, lost, text_index
from kamdesk.db.connect import wrong
from kamdesk.db.database import GaveWay
from kamdesk.db.records import Task
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts
from kamdesk.services.tasks import add_task
from kamdesk.sync import anew, first_load, intake, planner, portions
from kamdesk.sync.ahead import Ahead
from kamdesk.sync.intake import Intake
from kamdesk.sync.problems import Unreachable
from tests.sync.world import until


@pytest.fixture
def laptop(world):
    world.customer("Huashan")
    return world.laptop("ann").sync()


def save_on_a_thread(laptop, log):
    def save():
        laptop.do(
            lambda work: (
                add_task(work, title="Call", due_on=date(2026, 11, 24)),
                log.append("saved"),
            )
        )

    thread = threading.Thread(target=save)
    thread.start()
    until(lambda: laptop.database.is_awaited)
    return thread


def test_save_goes_before_the_steps_that_are_left(laptop):
    log: list[object] = []
    threads = []

    def step(number):
        def run(_work):
            log.append(number)
            if number == 2:
                threads.append(save_on_a_thread(laptop, log))

        return 10, run

    Intake(laptop.database, lambda: False).store(step(number) for number in range(6))
    threads[0].join()
    assert log == [0, 1, 2, "saved", 3, 4, 5]


def test_steps_are_stored_whole_where_a_full_disk_had_to_be_made_room_on(laptop, monkeypatch):
    monkeypatch.setattr(laptop.database, "make_room", lambda: True)
    log: list[int] = []

    def step(number):
        def run(work):
            work.driver.execute("INSERT INTO meta(k, v) VALUES(?, '')", (f"step {number}",))
            log.append(number)
            if log == [0, 1]:
                raise wrong("DISK_FULL")

        return 10, run

    Intake(laptop.database, lambda: False).store(step(number) for number in range(4))
    assert laptop.value("SELECT count(*) FROM meta WHERE k LIKE 'step %'") == 4


def test_parts_that_need_not_last_leave_the_store_as_strict_as_it_was(laptop):
    strict = laptop.database.transact(
        Origin.SYNC, lambda work: work.reader.value("PRAGMA synchronous")
    ).value
    eased = laptop.database.transact(
        Origin.SYNC, lambda work: work.reader.value("PRAGMA synchronous"), lasts=False
    ).value
    after = laptop.database.transact(
        Origin.USER, lambda work: work.reader.value("PRAGMA synchronous")
    ).value
    assert (strict, eased, after) == (2, 1, 2)


def test_long_statement_is_taken_back_for_a_save(laptop):
    log: list[object] = []
    threads = []
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )

    def build(work):
        work.driver.execute("INSERT INTO meta(k, v) VALUES('half', 'done')")
        threads.append(save_on_a_thread(laptop, log))
        work.driver.execute(endless).fetchone()

    with pytest.raises(GaveWay):
        laptop.database.transact(Origin.SYNC, build, gives_way=True)
    threads[0].join()
    assert log == ["saved"]
    assert laptop.value("SELECT count(*) FROM meta WHERE k = 'half'") == 0


def test_indexes_are_built_while_somebody_saves_without_a_pause(world, monkeypatch):
    monkeypatch.setattr(first_load, "_MOST_WAYS", 3)
    world.customer("Huashan")
    one = world.laptop("ann")
    real, left = one.transport.sync, []

    def sync(access, request):
        if len(left) < 12:  # while that lasts there is always something to hand in
            left.append(one.database.read(buckets.has_index_left))
            one.do(lambda work: add_task(work, title="Call", due_on=date(2026, 11, 24)))
        return real(access, request)

    monkeypatch.setattr(one.transport, "sync", sync)
    one.sync()
    assert len(left) == 12
    assert not left[-1]


def test_save_beside_the_building_of_indexes_costs_the_request_that_hands_it_in(world, monkeypatch):
    world.customer("Huashan")
    one = world.laptop("ann")
    real, asked = one.transport.sync, []
    monkeypatch.setattr(one.transport, "sync", lambda *a: asked.append(a) or real(*a))
    built = buckets.index_next

    def beside(work, rows):
        has_more = built(work, rows)
        if not threads:
            threads.append(save_on_a_thread(one, []))
        return has_more

    threads: list[threading.Thread] = []
    monkeypatch.setattr(buckets, "index_next", beside)
    one.sync()
    threads[0].join()
    assert not one.database.read(buckets.has_index_left)
    before = len(asked)
    one.sync()
    assert before <= 3  # the subscription, the records, and perhaps the save
    assert len(asked) - before == 1
    assert not one.value("SELECT count(*) FROM sync_op WHERE st = 'queued'")


def test_save_goes_before_what_is_left_of_a_reset(world, monkeypatch):
    for number in range(6):
        world.customer(f"Hospital {number}")
    one = world.laptop("ann").sync()
    monkeypatch.setattr(intake, "STEP_ROWS", 2)
    real, log, threads = buckets.unconfirm, [], []

    def mark(work, kind, after, last):
        real(work, kind, after, last)
        if kind == "customer":
            log.append(after)
            if after == 2:
                threads.append(save_on_a_thread(one, log))

    monkeypatch.setattr(buckets, "unconfirm", mark)
    Intake(one.database, lambda: False).unconfirm()
    threads[0].join()
    assert log == [0, 2, "saved", 4]
    assert one.rows("SELECT DISTINCT _rev FROM customer") == [(0,)]


def test_save_goes_before_what_is_left_of_a_bucket_that_is_loaded_anew(laptop, world, monkeypatch):
    """Both where its records are marked and where those go that head office does not have."""
    monkeypatch.setattr(intake, "STEP_ROWS", 2)
    monkeypatch.setattr(intake, "FEWEST_ROWS", 2)
    [(customer, bucket)] = laptop.rows("SELECT id, _b FROM customer")
    known = [new_id() for _ in range(9)]
    with world.store.write("office") as writer:
        for one in known:
            writer.put("person", one, {"name": "Somebody", "customer_id": customer})
    laptop.sync()
    strays = [new_id() for _ in range(6)]
    laptop.database.transact(Origin.SYNC, lambda work: work.driver.executemany(
        "INSERT INTO person(id, _rev, _b, name, customer_id) VALUES(?,3,?,'Nobody',?)",
        [(one, bucket, customer) for one in strays],
    ))  # fmt: skip
    log: list[object] = []
    threads = []

    def watch(module, name, rows):
        real = getattr(module, name)

        def beside(work, **how):
            real(work, **how)
            if how["kind"] == "person":
                log.append((name, len(how[rows])))
                if len(log) == 1 or log[-2] == "saved" and name == "take_out_counted":
                    threads.append(save_on_a_thread(laptop, log))

        monkeypatch.setattr(module, name, beside)

    watch(buckets, "unconfirm_some", "numbers")
    watch(lost, "take_out_counted", "ids")
    anew.begin(laptop.database, laptop.engine._intake, [bucket])
    marked, log[:] = log[:], ["saved"]
    laptop.sync()
    for thread in threads:
        thread.join()
    assert marked == [
        ("unconfirm_some", 2),
        "saved",
        *[("unconfirm_some", 2)] * 6,
        ("unconfirm_some", 1),
    ]
    assert log == [
        "saved",
        ("take_out_counted", 2),
        "saved",
        ("take_out_counted", 2),
        "saved",
        ("take_out_counted", 2),
        "saved",
    ]
    assert {row[0] for row in laptop.rows("SELECT id FROM person")} == set(known)


def test_save_goes_before_what_is_left_of_a_customer_that_leaves(laptop, world, monkeypatch):
    monkeypatch.setattr(intake, "FEWEST_ROWS", 2)
    [(customer,)] = laptop.rows("SELECT id FROM customer")
    with world.store.write("office") as writer:
        for _ in range(5):
            writer.put("person", new_id(), {"name": "Somebody", "customer_id": customer})
    laptop.sync()
    accounts.assign(world.store, "ann", [])
    real, log, threads = lost.take_out_counted, [], []

    def beside(work, **how):
        real(work, **how)
        log.append((how["kind"], len(how["ids"])))
        if len(log) == 2:
            threads.append(save_on_a_thread(laptop, log))

    monkeypatch.setattr(lost, "take_out_counted", beside)
    laptop.sync()
    threads[0].join()
    assert log == [("customer", 1), ("person", 2), "saved", ("person", 2), ("person", 1)]
    assert laptop.value("SELECT count(*) FROM person") == 0


def test_who_works_during_a_first_load_waits_for_no_index_at_its_end(world, monkeypatch):
    for number in range(6):
        world.customer(f"Hospital {number}")
    monkeypatch.setattr(planner, "ROWS_OF_FIRST_LOAD", 1)
    monkeypatch.setattr(portions, "MOST", 1)
    one = world.laptop("ann")
    real, left = one.transport.sync, []

    def sync(access, request):
        left.append(one.value("SELECT count(*) FROM meta WHERE k LIKE 'order:%'"))
        if len(left) == 3:
            one.do(lambda work: add_task(work, title="Call", due_on=date(2026, 11, 24)))
        return real(access, request)

    monkeypatch.setattr(one.transport, "sync", sync)
    one.sync()
    assert left[2] == 1
    assert left[-1] == 0
    assert one.value("SELECT count(*) FROM sqlite_master WHERE name = 'visit_by_day'") == 1


def test_rows_are_stored_whether_some_or_all_or_none_of_them_are_here(laptop):
    def put(*rows):
        laptop.database.transact(
            Origin.SYNC, lambda work: apply.put_rows(work, "customer", ["name", "tags"], rows)
        )

    def shown():
        found = laptop.rows("SELECT id, _rev, name, tags FROM customer WHERE _b = 'b'")
        return {row[0]: row[1:] for row in found}

    ids = sorted(new_id() for _ in range(4))
    put(*((one, 1, "b", f"old {one}", None) for one in ids[1:3]))
    put(*((one, 2, "b", "new", ["key"]) for one in ids))  # the first is not here, others are
    assert shown() == dict.fromkeys(ids, (2, "new", '["key"]'))
    put(*((one, 1, "b", "late", None) for one in ids))  # older than what is here
    assert shown() == dict.fromkeys(ids, (2, "new", '["key"]'))
    put(*((one, 4, "b", "new", ["key"]) for one in ids))  # as it is here, and newer
    assert shown() == dict.fromkeys(ids, (4, "new", '["key"]'))
    put((ids[0], 5, "b", "first", None), (ids[0], 5, "b", "last", None))
    assert shown()[ids[0]] == (5, "last", None)


def test_answer_that_came_ahead_counts_for_its_own_request_alone():
    asked = []

    def ask(request):
        asked.append(request)
        if request == "bad":
            raise Unreachable("connect")
        return f"answer to {request}"

    ahead = Ahead(ask, lambda do: do())  # type: ignore[arg-type]
    ahead.begin("one")  # type: ignore[arg-type]
    assert ahead.answer("two") is None  # type: ignore[arg-type]
    assert ahead.answer("one") is None  # type: ignore[arg-type]
    ahead.begin("three")  # type: ignore[arg-type]
    came = ahead.answer("three")  # type: ignore[arg-type]
    assert came is not None
    assert came[0] == "answer to three"
    ahead.begin("bad")  # type: ignore[arg-type]
    assert ahead.answer("bad") is None  # type: ignore[arg-type]
    assert asked == ["one", "three", "bad"]


def test_quick_line_brings_more_at_once_and_a_broken_or_slow_one_less(monkeypatch):
    monkeypatch.setattr(planner, "ROWS_OF_FIRST_LOAD", 16)
    portion = portions.Portion()
    asked = [portion.rows]
    for seconds in (0.1, 0.1, 0.1, 5.0, 20.0):
        portion.came(seconds)
        asked.append(portion.rows)
    assert asked == [16, 32, 64, 64, 64, 32]
    for _ in range(9):
        portion.broke()
    assert portion.rows == 2


def test_first_load_asks_ahead_and_each_part_once(world, monkeypatch):
    monkeypatch.setattr(planner, "ROWS_OF_FIRST_LOAD", 3)
    monkeypatch.setattr(portions, "MOST", 1)
    monkeypatch.setattr(intake, "MOST_ROWS", 2)
    ids = {world.customer(f"Hospital {number}") for number in range(20)}
    one = world.laptop("ann")
    real, asked, threads = one.transport.sync, [], set()

    def sync(access, request):
        asked.append(request)
        threads.add(threading.current_thread().name)
        return real(access, request)

    monkeypatch.setattr(one.transport, "sync", sync)
    one.sync()
    assert {row[0] for row in one.rows("SELECT id FROM customer")} == ids
    assert "sync-ahead" in threads
    assert len({repr(request) for request in asked}) == len(asked)


def test_own_change_is_not_told_again_and_another_of_the_same_record_is(world):
    one, two = world.laptop("ann").sync(), world.laptop("ann").sync()
    one.do(lambda work: add_task(work, title="Call", due_on=date(2026, 11, 24)))
    one.sync()
    [(task,)] = two.sync().rows("SELECT id FROM task")
    told = []
    real = one.transport.sync

    def sync(access, request):
        told.append(real(access, request))
        return told[-1]

    def change(laptop, name, value):
        laptop.do(lambda work: setattr(work.require(Task, task), name, value))
        laptop.sync()

    one.transport.sync = sync
    change(one, "title", "mine")
    assert [result.st for result in told[0].results] == ["applied"]
    assert not any(page.n for page in told[0].delta.pages)
    assert one.rows("SELECT title, _rev FROM task") == [("mine", 2)]
    change(two.sync(), "priority", "high")
    change(one, "title", "again")
    assert one.rows("SELECT title, priority, _rev FROM task") == [("again", "high", 4)]
    assert world.document("task", task)["title"] == "again"


def test_columns_that_stayed_are_not_written_again(laptop):
    def put(rev, name, city):
        row = ("one", rev, "b", name, city)
        laptop.database.transact(
            Origin.SYNC, lambda work: apply.put_rows(work, "customer", ["name", "city"], [row])
        )

    put(1, "Huashan", "Shanghai")
    laptop.database.transact(
        Origin.SYNC,
        lambda work: work.driver.execute(
            "CREATE TEMP TRIGGER told AFTER UPDATE OF name ON main.customer "
            "BEGIN SELECT RAISE(FAIL, 'written again'); END"
        ),
    )
    put(2, "Huashan", "Beijing")
    assert laptop.rows("SELECT _rev, city FROM customer WHERE _b = 'b'") == [(2, "Beijing")]


def test_text_is_found_where_some_of_the_rows_were_here(laptop):
    def put(*rows):
        laptop.database.transact(
            Origin.SYNC, lambda work: apply.put_rows(work, "customer", ["name"], rows)
        )

    laptop.sync()
    put(("b", 1, "b", "Beta"), ("d", 1, "b", "Delta"))
    put(
        ("a", 1, "b", "Alpha"),
        ("b", 2, "b", "Gamma"),
        ("c", 1, "b", "Kappa"),
        ("d", 2, "b", "Delta"),
    )
    for word, count in (("Alpha", 1), ("Beta", 0), ("Gamma", 1), ("Kappa", 1), ("Delta", 1)):
        found = laptop.database.read(
            lambda reader, word=word: text_index.find(reader, "customer", word, limit=9)
        )
        assert len(found) == count, word
