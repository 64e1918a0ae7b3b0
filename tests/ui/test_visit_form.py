"""The form that users live in: keyboard alone, nothing typed is ever lost, errors beside their fields."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from kamdesk.db import open_store
from kamdesk.db.queries.customers import Found
from kamdesk.db.queries.today import drafts
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.services.drafts import keep_draft
from kamdesk.services.people import NewPerson, add_person
from kamdesk.services.visits import VisitEntry, plan_visit, report_visit
from kamdesk.ui.kit.forms import DayEdit
from kamdesk.ui.screens.record_visit import VisitForm
from tests.unit.conftest import HUASHAN, MARY, ME, Keys

TODAY = clock.today()


def entry(**changed):
    values = {
        "id": new_id(), "customer_id": HUASHAN, "held_on": TODAY - timedelta(days=3),
        "objective": "Formulary", "outcome": "Agreed", "next_step": "Send the summary",
    }  # fmt: skip
    return VisitEntry(**{**values, **changed})


@pytest.fixture
def form(window, qtbot, tasks):
    """Open the form with what is known."""

    def open_form(**known) -> VisitForm:
        window.record_visit(**known)
        qtbot.waitUntil(lambda: tasks.is_idle)
        window.form.activateWindow()
        qtbot.waitUntil(window.form.isActiveWindow)
        return window.form

    return open_form


@pytest.fixture
def save(window, qtbot, tasks):
    """Press Ctrl+Enter and wait until the form is closed."""

    def press(shown) -> None:
        qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: window.form is None)
        qtbot.waitUntil(lambda: tasks.is_idle)

    return press


def rows(store, sql, *values):
    return store.read(lambda reader: reader.rows(sql, *values))


def typed(qtbot, shown) -> None:
    qtbot.keyClicks(shown.objective, "Formulary meeting")
    qtbot.keyClicks(shown.outcome, "Agreed")
    qtbot.keyClicks(shown.next_step, "Send the summary")


def test_visit_is_recorded_with_the_keyboard_alone(form, save, store, qtbot, window):
    shown = form()
    qtbot.keyClicks(shown.customer, "fddxfshs")
    qtbot.keyClick(shown.customer, Qt.Key.Key_Return)  # before the answer is here
    qtbot.waitUntil(lambda: shown.customer.record_id == HUASHAN)
    typed(qtbot, shown)
    save(shown)
    assert rows(store, "SELECT customer_id, state, outcome FROM visit") == [
        (HUASHAN, "completed", "Agreed")
    ]
    assert rows(store, "SELECT title, customer_id FROM task") == [("Send the summary", HUASHAN)]
    assert window.strip.said.text() == "Saved on this computer"


def test_enter_before_the_answer_never_takes_what_was_found_for_other_words(
    form, store, qtbot, tasks
):
    store.transact(Origin.USER, lambda work: report_visit(work, entry()))
    shown = form()
    shown.customer.setFocus()
    shown.customer._ask()  # visited lately: Huashan
    qtbot.waitUntil(lambda: tasks.is_idle)
    qtbot.keyClicks(shown.customer, "mary")
    qtbot.keyClick(shown.customer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(shown.customer.record_id))
    assert shown.customer.record_id == MARY


def test_what_is_shown_and_not_chosen_is_no_customer(form, qtbot, store, tasks):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.customer, "x")
    assert shown.customer.record_id == ""
    typed(qtbot, shown)
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.fields["customer"]._below.text() == "Choose the customer.")
    assert rows(store, "SELECT 1 FROM visit") == []


def test_missing_field_is_named_beside_it_and_typing_takes_the_words_away(form, qtbot, save, store):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.objective, "Formulary meeting")
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    outcome = shown.fields["outcome"]
    qtbot.waitUntil(lambda: outcome._below.text() == "Say how the visit ended.")
    assert shown.outcome.property("wrong") == "true"
    qtbot.keyClicks(shown.outcome, "Agreed")
    assert outcome._below.text() == ""
    qtbot.keyClicks(shown.next_step, "Call")
    save(shown)
    assert len(rows(store, "SELECT 1 FROM visit")) == 1


def test_doctor_who_is_not_known_is_created_in_the_same_dialog(form, qtbot, save, store):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.met.edit, "Chen Hao")
    qtbot.keyClick(shown.met.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(shown.person_card.isVisible)
    qtbot.keyClicks(shown.person_card.department, "Cardiology")
    qtbot.keyClicks(shown.person_card.title, "Chief physician")
    qtbot.keyClick(shown.person_card.title, Qt.Key.Key_Return)
    assert [one.text for one in shown.met.records] == ["Chen Hao"]
    typed(qtbot, shown)
    save(shown)
    ((person, name, department, title),) = rows(
        store, "SELECT id, name, department, title FROM person"
    )
    assert (name, department, title) == ("Chen Hao", "Cardiology", "Chief physician")
    assert person in rows(store, "SELECT met FROM visit")[0][0]


def test_closed_form_is_offered_again_with_everything(form, qtbot, store, tasks, save):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.met.edit, "Chen Hao")
    qtbot.keyClick(shown.met.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(shown.person_card.isVisible)
    qtbot.keyClick(shown.person_card.title, Qt.Key.Key_Return)
    qtbot.keyClicks(shown.objective, "Half a senten")
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: tasks.is_idle)
    (draft,) = store.read(drafts)
    again = form(draft=draft)
    assert again.objective.toPlainText() == "Half a senten"
    assert again.customer.record_id == HUASHAN
    assert [one.text for one in again.met.records] == ["Chen Hao"]
    qtbot.keyClicks(again.outcome, "Agreed")
    qtbot.keyClicks(again.next_step, "Call")
    save(again)
    assert store.read(drafts) == []
    assert rows(store, "SELECT name FROM person") == [("Chen Hao",)]


def test_draft_is_kept_while_one_types_without_closing(form, qtbot, store):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.objective, "Half")
    qtbot.waitUntil(lambda: "Draft kept on this computer" in shown.kept.text())
    assert [one.values["objective"] for one in store.read(drafts)] == ["Half"]


def test_h25_draft_is_kept_of_somebody_who_types_without_a_pause(form, qtbot, store):
    shown = form(customer_id=HUASHAN)
    for _ in range(25):
        qtbot.keyClicks(shown.objective, "x")
        qtbot.wait(60)
    qtbot.keyClicks(shown.objective, "x")
    assert shown._timer.isActive()  # there was no pause
    (kept,) = store.read(drafts)
    assert len(kept.values["objective"]) > 2


def test_h25_half_typed_form_survives_a_kill(tmp_path):
    keys = Keys(os.urandom(32))
    open_store.create(tmp_path, keys, ME).close()
    script = f"""
import os, signal
from pathlib import Path
from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.services.drafts import keep_draft
from tests.unit.conftest import Keys, ME
keys = Keys(bytes.fromhex({keys.store_key.hex()!r}))
store = open_store.open_existing(Path({str(tmp_path)!r}), keys, ME)
values = {{"objective": "Half"}}
store.transact(Origin.USER, lambda work: keep_draft(work, "d", form="visit", title="", values=values))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False, timeout=60
    )
    store = open_store.open_existing(tmp_path, keys, ME)
    assert [one.values["objective"] for one in store.read(drafts)] == ["Half"]
    store.close()


def test_draft_about_a_planned_visit_is_there_when_it_is_reported(form, qtbot, store, tasks):
    planned = entry(outcome="", next_step="")
    store.transact(Origin.USER, lambda work: plan_visit(work, planned))
    shown = form(visit_id=planned.id)
    qtbot.keyClicks(shown.outcome, "Agreed")
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: tasks.is_idle)
    again = form(visit_id=planned.id)
    assert again.outcome.toPlainText() == "Agreed"
    assert again.customer.record_id == HUASHAN


def test_discarded_draft_is_gone(form, qtbot, store, tasks, window):
    shown = form(customer_id=HUASHAN)
    qtbot.keyClicks(shown.objective, "Half")
    qtbot.waitUntil(lambda: bool(store.read(drafts)))
    shown.discard.click()
    qtbot.waitUntil(lambda: window.form is None and tasks.is_idle)
    assert store.read(drafts) == []


def test_last_visit_is_copied_without_its_outcome(form, qtbot, store, tasks):
    store.transact(Origin.USER, lambda work: report_visit(work, entry(objective="Formulary")))
    shown = form(customer_id=HUASHAN)
    qtbot.keyClick(shown, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.objective.toPlainText() == "Formulary")
    assert shown.outcome.toPlainText() == ""
    assert shown.held_on.day() == TODAY


def test_copy_without_an_earlier_visit_says_so(form, qtbot):
    shown = form(customer_id=HUASHAN)
    shown.copy.click()
    qtbot.waitUntil(lambda: "not yet visited" in shown.banner.text())


def test_could_not_see_them_plans_anew(form, qtbot, store, tasks, window):
    planned = entry(outcome="", next_step="", held_on=TODAY)
    store.transact(Origin.USER, lambda work: plan_visit(work, planned))
    shown = form(visit_id=planned.id, missed=True)
    qtbot.keyClick(shown.missed_card.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.missed_card.field._below.property("look") == "error")
    qtbot.keyClicks(shown.missed_card.reason, "In surgery")
    qtbot.keyClick(shown.missed_card.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.form is None)
    assert sorted(rows(store, "SELECT state, held_on, reason FROM visit")) == [
        ("missed", TODAY.isoformat(), "In surgery"),
        ("planned", (TODAY + timedelta(days=7)).isoformat(), None),
    ]


def test_h7_a_price_in_the_reason_of_a_missed_visit_is_asked_about_and_left_out(
    form, qtbot, store, window
):
    planned = entry(outcome="", next_step="", held_on=TODAY)
    store.transact(Origin.USER, lambda work: plan_visit(work, planned))
    shown = form(visit_id=planned.id, missed=True)
    qtbot.waitUntil(shown.missed_card.isVisible)
    shown.missed_card.reason.setText("they wait for net 23.50 CNY first")
    qtbot.keyClick(shown.missed_card.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "23.50" in shown.missed_card.field._below.text())
    assert shown.guard.choice.isVisible()
    assert rows(store, "SELECT state FROM visit") == [("planned",)]
    qtbot.keyClick(shown.missed_card.reason, Qt.Key.Key_Return)
    qtbot.wait(20)
    assert rows(store, "SELECT state FROM visit") == [("planned",)]
    qtbot.keyClick(shown.guard.choice.leave_out, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT reason FROM visit WHERE state = 'missed'") == [
        ("they wait for […] first",)
    ]


def test_a_day_on_which_it_cannot_be_tried_again_is_said_at_that_day(form, qtbot):
    shown = form()
    shown.missed_card.ask()
    shown.refused(UserError("Not on that day.", field="again_on", code="no_filing"))
    assert shown.missed_card.again._below.text() == "Not on that day."
    assert shown.fields["held_on"]._below.text() != "Not on that day."


def test_amendment_keeps_the_old_version(form, save, qtbot, store):
    old = entry()
    store.transact(Origin.USER, lambda work: report_visit(work, old))
    shown = form(visit_id=old.id, amend=True)
    assert not shown.customer.isEnabled()
    qtbot.keyClicks(shown.reason, "He called back")
    qtbot.keyClicks(shown.outcome, " in writing")
    save(shown)
    assert sorted(rows(store, "SELECT version, state, outcome FROM visit")) == [
        (1, "amended", "Agreed"),
        (2, "completed", "Agreed in writing"),
    ]


def test_full_disk_is_said_and_the_form_stays(form, qtbot, store, tasks, monkeypatch):
    shown = form(customer_id=HUASHAN)
    typed(qtbot, shown)
    qtbot.waitUntil(lambda: tasks.is_idle and "Draft kept" in shown.kept.text())

    def full(origin, fn):
        raise MachineError("The disk is full.", code="DISK_FULL", context="store")

    monkeypatch.setattr(store, "transact", full)
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.banner.text() == "The disk is full.")
    assert shown.isVisible()
    assert shown.outcome.toPlainText() == "Agreed"
    monkeypatch.undo()


def test_rubbish_in_a_draft_does_not_keep_the_form_from_opening(form, store):
    store.transact(
        Origin.USER,
        lambda work: keep_draft(
            work, "d", form="visit", title="", values={"held_on": "soon", "due": 7}
        ),
    )
    (draft,) = store.read(drafts)
    assert form(draft=draft).held_on.day() == TODAY


def test_tab_leaves_every_field_in_reading_order(form, qtbot):
    shown = form(customer_id=HUASHAN)
    seen = []
    shown.customer.setFocus()
    for _ in range(12):
        seen.append(QTest.qWaitForWindowActive(shown) and shown.focusWidget())
        QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Tab)
    wanted = [shown.customer, shown.held_on, shown.held_at, shown.kind, shown.met.edit,
              shown.products.edit, shown.objective, shown.outcome, shown.next_step, shown.due]  # fmt: skip
    places = [seen.index(one) for one in wanted if not isinstance(one, DayEdit)]
    assert places == sorted(places)


def test_doctor_created_here_gets_pinyin_in_the_background(window, store, qtbot):
    store.transact(
        Origin.USER,
        lambda work: add_person(work, NewPerson("陈浩", id=new_id()), customer_id=HUASHAN),
    )
    qtbot.waitUntil(
        lambda: rows(store, "SELECT pinyin, initials FROM person") == [("chen hao", "ch")],
        timeout=20_000,
    )
    assert rows(store, "SELECT count(*) FROM sync_op") == [(1,)], "it belongs to the creation"


def test_many_products_break_into_lines_and_leave_the_form_its_columns(form, qtbot):
    shown = form()
    wide = shown.customer.width()
    shown.products.set_records(
        [Found(str(n), f"Entresto {n} mg/51 mg film-coated", "") for n in range(5)]
    )
    chips = shown.products.findChildren(QPushButton)
    qtbot.waitUntil(lambda: all(one.isVisible() for one in chips))
    assert len({one.mapTo(shown, one.rect().topLeft()).y() for one in chips}) > 1
    area = shown.products.rect()
    assert all(area.contains(one.mapTo(shown.products, one.rect().bottomRight())) for one in chips)
    assert abs(shown.customer.width() - wide) <= 12  # what a scroll bar takes
    shown.products.remove("0")
    left = [one for one in shown.products.findChildren(QPushButton) if one.isVisible()]
    assert len(left) == 4
