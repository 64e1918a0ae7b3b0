"""The screen of changes with many of them, and the marks of a conflict elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton

from kamdesk.db import apply, notices
from kamdesk.db.issues import open_issue
from kamdesk.db.outbox import QueuedOp
from kamdesk.db.queries.issues import open_issues
from kamdesk.db.queries.waiting import waiting
from kamdesk.db.records import Task
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError
from kamdesk.services.issues import settle_many
from kamdesk.services.tasks import add_task
from kamdesk.ui.kit.conflict_card import ConflictCard
from kamdesk.ui.kit.standing import ASKING
from kamdesk.ui.screens import sync_page
from tests.ui.hands import press, says, settled
from tests.unit.conftest import HUASHAN


@pytest.fixture
def changes(window, tasks):
    def show():
        window.show_screen("sync", "")
        settled(tasks)
        return window.screens["sync"]

    return show


def stand(work, **values):
    """Let the customer be as head office has it."""
    rev, bucket = work.reader.row("SELECT _rev, _b FROM customer WHERE id = ?", HUASHAN)
    apply.put_rows(work, "customer", list(values), [(HUASHAN, rev, bucket, *values.values())])


def op(name, mine):
    """Return the change of a field, as it was handed in."""
    return QueuedOp(
        lid=1, mid=7, gid="g", kind="customer", id=HUASHAN, op="patch",
        f={name: ["was", mine]}, cmd="", args={}, sv=1, at=clock.stamp(),
    )  # fmt: skip


def conflicts(*names):
    """Let these fields of the customer have been changed on both sides, a conflict each."""

    def keep(work):
        for name in names:
            sides = {
                "old": "was",
                "mine": f"my {name}",
                "theirs": f"their {name}",
                "by": "Zhao Lin",
            }
            fields = {name: {**sides, "at": clock.stamp()}}
            open_issue(work, op(name, f"my {name}"), "conflict", fields=fields)
        stand(work, **{name: f"their {name}" for name in names})

    return keep


def held(store, *names):
    columns = ", ".join(names)
    return store.read(
        lambda reader: reader.row(f"SELECT {columns} FROM customer WHERE id = ?", HUASHAN)
    )


def asking(store):
    return len(store.read(open_issues))


@pytest.mark.parametrize("whose", ["mine", "head office's"])
def test_all_conflicts_are_settled_alike_and_one_undo_takes_it_back(
    changes, store, qtbot, window, whose
):
    store.transact(Origin.SYNC, conflicts("phone", "email", "website"))
    shown = changes()
    assert says(shown, "3 conflicts")
    press(shown, f"Keep {whose} for all")
    qtbot.waitUntil(lambda: says(shown, "Nothing needs you"))
    kept = "my" if whose == "mine" else "their"
    assert held(store, "phone", "website") == (f"{kept} phone", f"{kept} website")
    qtbot.waitUntil(lambda: says(window, "3 settled"))
    window.strip.undo.click()
    qtbot.waitUntil(lambda: asking(store) == 3)
    assert held(store, "phone", "website") == ("their phone", "their website")


def test_of_many_that_take_several_transactions_one_undo_takes_all_back(
    changes, store, qtbot, window, monkeypatch
):
    monkeypatch.setattr("kamdesk.ui.screens.sync_page._BULK", 1)
    store.transact(Origin.SYNC, conflicts("phone", "email", "website"))
    shown = changes()
    store.transact(Origin.SYNC, lambda work: stand(work, email="moved on"))
    press(shown, "Keep mine for all")
    qtbot.waitUntil(lambda: says(window, "2 settled"))
    assert says(window, "1 changed meanwhile")
    assert held(store, "phone", "email") == ("my phone", "moved on")
    window.strip.undo.click()
    qtbot.waitUntil(lambda: asking(store) == 3)
    assert held(store, "phone", "website") == ("their phone", "their website")


def test_where_a_later_part_cannot_be_saved_the_earlier_ones_can_be_taken_back(
    changes, store, qtbot, window, monkeypatch
):
    monkeypatch.setattr("kamdesk.ui.screens.sync_page._BULK", 1)
    store.transact(Origin.SYNC, conflicts("phone", "email", "website"))
    parts = []

    def settle(work, part, *, mine):
        parts.append(part)
        if len(parts) == 3:
            raise MachineError("The disk is full.", code="DISK_FULL")
        return settle_many(work, part, mine=mine)

    monkeypatch.setattr("kamdesk.ui.screens.sync_page.settle_many", settle)
    press(changes(), "Keep mine for all")
    qtbot.waitUntil(lambda: says(window, "2 settled"))
    assert asking(store) == 1
    window.strip.undo.click()
    qtbot.waitUntil(lambda: asking(store) == 3)


def test_one_conflict_is_not_offered_in_bulk(changes, store):
    store.transact(Origin.SYNC, conflicts("phone"))
    assert not says(changes(), "for all")


def test_a_refusal_has_its_keys(changes, store, qtbot):
    store.transact(
        Origin.SYNC, lambda work: open_issue(work, op("phone", "021-7"), "rejected", code="locked")
    )
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_1)
    assert "021-7" in QGuiApplication.clipboard().text()
    qtbot.keyClick(shown, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: says(shown, "put aside"))
    assert asking(store) == 0


def test_all_of_the_last_30_days_can_be_looked_through(changes, store, qtbot):
    def many(work):
        for at in range(70):
            open_issue(work, op("phone", f"{at}"), "rejected", code="locked")
        days = timedelta(days=29), timedelta(days=31)
        for number, (at,) in enumerate(list(work.reader.rows("SELECT id FROM sync_issue"))):
            when = clock.stamp(clock.now() - days[number >= 65])
            work.driver.execute(
                "UPDATE sync_issue SET state = 'dismissed', settled = ? WHERE id = ?", (when, at)
            )

    store.transact(Origin.SYNC, many)
    shown = changes()
    for count in (30, 60, 65):
        qtbot.waitUntil(lambda count=count: _lines(shown) == count)
        if count < 65:
            press(shown, "Show more")
    assert not says(shown, "Show more")


def _lines(shown):
    return sum(label.text() == "put aside" for label in shown.findChildren(QLabel))


def test_a_conflict_is_marked_in_list_and_form(window, store, tasks, qtbot):
    store.transact(Origin.SYNC, conflicts("phone"))
    window.show_screen("customers", HUASHAN)
    settled(tasks)
    screen = window.screens["customers"]
    qtbot.waitUntil(lambda: says(screen, "Needs you"))
    table = screen.table
    images = {
        cells[0].image for row in range(table.model().rowCount()) if (cells := table.cells(row))
    }
    assert images == {"", ASKING}
    press(screen, "Edit")
    (form,) = screen.findChildren(QDialog)
    marked = {name for name, field in form._fields.items() if says(field, "Conflict")}
    assert marked == {"phone"}
    form._edits["phone"].setText("021-77")
    press(form, "Save")
    qtbot.waitUntil(lambda: asking(store) == 0)
    assert held(store, "phone") == ("021-77",)


def test_what_was_changed_while_head_office_deleted_it_is_restored(changes, store, qtbot):
    def refused(work):
        task = add_task(work, title="Call", due_on=None)
        work.flush()
        document = work.require(Task, task).document()
        change = QueuedOp(
            lid=1, mid=7, gid="g", kind="task", id=task, op="patch",
            f={"title": ["Call", "Call Li"]}, cmd="", args={}, sv=1, at=clock.stamp(),
        )  # fmt: skip
        open_issue(work, change, "rejected", code="gone", standing=document)
        work.delete(work.require(Task, task))

    store.transact(Origin.USER, refused)
    shown = changes()
    assert says(shown, "was deleted at head office")
    qtbot.keyClick(shown, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: says(shown, "restored"))
    assert store.read(lambda reader: reader.value("SELECT title FROM task")) == "Call Li"


def test_what_cannot_be_restored_is_not_offered(changes, store):
    store.transact(
        Origin.SYNC, lambda work: open_issue(work, op("phone", "021-7"), "rejected", code="gone")
    )
    assert not says(changes(), "Restore")


def test_a_key_that_is_held_settles_one_card_only(changes, store, tasks, qtbot):
    store.transact(Origin.SYNC, conflicts("phone", "city", "county"))
    shown = changes()
    for is_repeated in (False, True, True):
        key = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", is_repeated
        )
        QApplication.sendEvent(shown, key)
        settled(tasks)
        QApplication.processEvents()
    assert asking(store) == 2


def test_what_is_no_plain_key_settles_nothing(changes, store, tasks, qtbot):
    store.transact(Origin.SYNC, conflicts("phone"))
    shown = changes()
    for modifier in (Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier):
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, modifier, "1")
        QApplication.sendEvent(shown, key)
    settled(tasks)
    assert asking(store) == 1
    pad = Qt.KeyboardModifier.KeypadModifier
    QApplication.sendEvent(shown, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, pad, "1"))
    settled(tasks)
    assert asking(store) == 0


def test_enter_is_for_what_has_the_focus(changes, store, tasks, qtbot):
    """On a button it presses that; on a value of another card it settles that card."""
    store.transact(Origin.SYNC, conflicts("phone", "city"))
    shown = changes()
    first, second = shown.findChildren(ConflictCard)
    [theirs] = [
        one for one in first.findChildren(QPushButton) if one.text().startswith("Keep head office")
    ]
    theirs.setFocus()
    qtbot.keyClick(theirs, Qt.Key.Key_Return)
    settled(tasks)
    [gone] = store.read(
        lambda reader: reader.rows("SELECT state FROM sync_issue WHERE state <> 'open'")
    )
    assert gone == ("theirs",)
    store.transact(Origin.SYNC, conflicts("county"))
    shown = changes()
    qtbot.waitUntil(lambda: len(shown.findChildren(ConflictCard)) == 2)
    first, second = shown.findChildren(ConflictCard)
    [mine] = second._mine.values()
    mine.setFocus()
    qtbot.keyClick(mine, Qt.Key.Key_Return)
    settled(tasks)
    assert [one.id for one in store.read(open_issues)] == [first.issue.id]


def test_what_is_typed_into_a_line_settles_nothing(changes, store, tasks, qtbot):
    store.transact(Origin.SYNC, conflicts("phone", "city"))
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_3)
    line = shown.focusWidget()
    qtbot.keyClicks(line, "123")
    settled(tasks)
    assert (line.text()[-3:], asking(store)) == ("123", 2)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    settled(tasks)
    assert asking(store) == 1


def test_the_first_page_tells_of_a_value_that_was_replaced(window, store, tasks, qtbot):
    sides = {"old": "was", "mine": "mine", "theirs": "theirs", "by": "Zhao Lin", "at": "1"}

    def notice(work):
        notices.take(
            work, "f" * 32, "customer", HUASHAN, at="1", mine_at="0", fields={"email": sides}
        )

    store.transact(Origin.SYNC, notice)
    window.show_screen("today", "")
    settled(tasks)
    shown = window.screens["today"]
    qtbot.waitUntil(lambda: says(shown, "A colleague replaced a value of yours"))
    assert not says(shown, "head office did not take it")
    press(shown, "Look")
    settled(tasks)
    qtbot.waitUntil(lambda: says(window.screens["sync"], "Yours was replaced"))


def test_of_many_cards_and_changes_so_many_are_made_as_the_window_can_wait_for(
    changes, store, tasks, qtbot
):
    def keep(work):
        for n in range(40):
            fields = {
                "phone": {"old": "was", "mine": f"my {n}", "theirs": "x", "at": clock.stamp()}
            }
            open_issue(work, op("phone", f"my {n}"), "conflict", fields=fields)

    store.transact(Origin.SYNC, keep)
    for n in range(100):
        store.transact(
            Origin.USER, lambda work, n=n: add_task(work, title=f"task {n}", due_on=None)
        )
    shown = changes()

    def cards() -> int:
        return sum(one.isVisible() for one in shown.findChildren(ConflictCard))

    qtbot.waitUntil(lambda: cards() == 15)
    assert says(shown, "and 40 more")
    assert says(shown, "40 conflicts")
    press(shown, "Show more of these 40")
    qtbot.waitUntil(lambda: cards() == 30)


def test_a_long_queue_is_counted_whole_though_its_beginning_alone_is_read(
    changes, store, tasks, line, monkeypatch
):
    monkeypatch.setattr(sync_page, "READ_AT_ONCE", 3)
    monkeypatch.setattr(sync_page, "waiting", lambda reader: waiting(reader, limit=3))
    for n in range(5):
        store.transact(Origin.USER, lambda work, n=n: add_task(work, title=f"{n}", due_on=None))
    line.tell(waiting=5)
    shown = changes()
    assert shown.property("counted") == "5 waiting"
