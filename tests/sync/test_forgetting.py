"""What is kept for a while goes when it is over: the archive of confirmed changes, and cards that were settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamdesk.db import notices, outbox
from kamdesk.domain import clock
from kamdesk.services.customers import change_customer
from kamdesk.services.issues import keep_theirs, reopen
from kamdesk.services.tasks import add_task
from tests.sync.world import Laptop, World


def forget(laptop: Laptop, after: timedelta) -> None:
    """End a reconciliation so long after now."""
    now = clock.now() + after
    with clock.frozen(lambda: now):
        laptop.do(lambda work: outbox.forget_old(work.driver, now))


def kept(laptop: Laptop) -> int:
    return int(laptop.value("SELECT count(*) FROM sync_op"))


@pytest.fixture
def laptop(world: World) -> Laptop:
    return world.laptop("ann").sync()


def test_confirmed_changes_go_some_at_a_time_and_the_queue_and_the_last_number_stay(laptop):
    most = outbox.FORGOTTEN_AT_ONCE

    def many(work):
        for n in range(most + 20):
            add_task(work, title=f"Call {n}", due_on=None)

    laptop.do(many)
    laptop.sync()
    laptop.do(lambda work: add_task(work, title="not sent yet", due_on=None))
    forget(laptop, timedelta(days=outbox.ARCHIVE_DAYS - 1))
    assert kept(laptop) == most + 21
    later = timedelta(days=outbox.ARCHIVE_DAYS + 1)
    for left in (21, 2, 2):
        forget(laptop, later)
        assert kept(laptop) == left
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 1
    assert laptop.sync().value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0


def test_a_day_on_which_nothing_old_is_left_is_not_looked_at_again(laptop):
    seen: list[str] = []
    laptop.sync()

    def watch(work) -> None:
        work.driver.set_trace_callback(seen.append)
        outbox.forget_old(work.driver, clock.now())
        work.driver.set_trace_callback(None)

    laptop.do(watch)
    assert [one for one in seen if "sync_op" in one or "sync_issue" in one] == []


def test_settled_cards_go_when_they_cannot_be_taken_up_again_and_open_ones_never(world, laptop):
    customer = world.customer("Huashan", phone="1", city="A")
    laptop.sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    world.edit("customer", customer, phone="9")
    laptop.sync()
    laptop.do(lambda work: change_customer(work, customer, {"city": "B"}))
    world.edit("customer", customer, city="C")
    laptop.sync()
    first, second = (row[0] for row in laptop.rows("SELECT id FROM sync_issue ORDER BY created"))
    laptop.do(lambda work: keep_theirs(work, first))
    laptop.do(lambda work: add_task(work, title="a later number", due_on=None))
    laptop.sync()
    forget(laptop, timedelta(days=30))
    laptop.do(lambda work: reopen(work, first))
    laptop.do(lambda work: keep_theirs(work, first))
    forget(laptop, timedelta(days=outbox.ARCHIVE_DAYS + 1))
    forget(laptop, timedelta(days=outbox.ARCHIVE_DAYS + 2))
    assert laptop.rows("SELECT id FROM sync_issue") == [(second,)]


@pytest.mark.parametrize("is_told", [True, False])
def test_a_notice_that_was_settled_stays_until_head_office_knows(world, laptop, is_told):
    customer = world.customer("Huashan", phone="1")
    laptop.sync()

    def settle(work):
        notices.take(
            work, "notice", "customer", customer, at=clock.stamp(), mine_at=clock.stamp(),
            fields={"phone": {"old": "1", "mine": "2", "theirs": "1", "by": "Kim", "at": clock.stamp()}},
        )  # fmt: skip
        keep_theirs(work, "notice")
        if is_told:
            notices.told(work, ["notice"])

    laptop.do(settle)
    forget(laptop, timedelta(days=outbox.ARCHIVE_DAYS + 1))
    assert laptop.rows("SELECT id FROM sync_issue") == ([] if is_told else [("notice",)])


def test_a_clock_that_is_ahead_ends_no_undo(world, laptop):
    customer = world.customer("Huashan", phone="1")
    laptop.sync()
    laptop.do(lambda work: change_customer(work, customer, {"phone": "2"}))
    world.edit("customer", customer, phone="9")
    laptop.sync()
    [(issue,)] = laptop.rows("SELECT id FROM sync_issue")
    laptop.do(lambda work: keep_theirs(work, issue))
    office = clock.now()
    laptop.do(lambda work: work.driver.execute("DELETE FROM sync_op"))
    with clock.frozen(lambda: office + timedelta(days=400)):
        laptop.do(lambda work: outbox.forget_old(work.driver, office))
    assert laptop.rows("SELECT id FROM sync_issue") == [(issue,)]
