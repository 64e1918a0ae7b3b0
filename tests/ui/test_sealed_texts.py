"""A text that tells a price, sealed from the form: asked about, kept with the prices, dots while they are locked."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from kamdesk.db import apply
from kamdesk.db.queries.today import drafts as known_drafts
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Role
from kamdesk.domain.sealed_texts import MARK
from kamdesk.ui.kit.forms import Found
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.price_lock import HELD, MASKING
from tests.ui.hands import settled
from tests.ui.test_contracts import (  # noqa: F401  # fixtures
    PASSPHRASE,
    _cheap_passphrases,
    keys,
    lock,
    opened,
    policy,
    role,
    store,
)
from tests.unit.conftest import HUASHAN

TOLD = "他们要求底价降到 198.37 元"


@pytest.fixture
def unlocked(window, lock, qtbot):
    lock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    return lock


def form_of(window):
    window.record_visit()
    form = window.form
    form.customer.set_record(Found(HUASHAN, "Huashan", ""))
    form.objective.setPlainText("prices")
    form.outcome.setPlainText(TOLD)
    form.next_step.setPlainText("call")
    return form


def kept(store) -> list[tuple[str, ...]]:
    return store.read(lambda reader: reader.rows("SELECT outcome FROM visit"))


def test_h7_enter_seals_it_and_it_is_dots_until_prices_are_shown(window, store, qtbot, unlocked):
    form = form_of(window)
    form._save()
    choice = form.guard.choice
    assert (choice.isVisible(), form.focusWidget()) == (True, choice.seal)
    assert "198.37" in form.fields["outcome"]._below.text()
    QTest.keyClick(choice.seal, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(MARK,)]
    [(sealed,)] = store.read(lambda reader: reader.rows("SELECT outcome FROM sealed_text"))
    assert sealed.startswith(b"KD\x01\x01\x02")
    assert (
        store.read(lambda reader: reader.rows("SELECT what FROM reveal WHERE what = 'written'"))
        == []
    )


def test_h15_nothing_is_copied_out_of_a_sealed_text_while_it_is_typed(window, qtbot, unlocked):
    QGuiApplication.clipboard().setText("before")
    form = form_of(window)
    form._save()
    form.guard.sealed.seal("outcome")
    for key in (Qt.Key.Key_C, Qt.Key.Key_X):
        form.outcome.selectAll()
        QTest.keyClick(form.outcome, key, Qt.KeyboardModifier.ControlModifier)
    assert (QGuiApplication.clipboard().text(), form.outcome.toPlainText()) == ("before", TOLD)
    assert form.outcome.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu
    form.objective.selectAll()
    QTest.keyClick(form.objective, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "prices", "any other text is copied as ever"


def test_h7_saving_again_without_a_word_seals_it(window, store, qtbot, unlocked):
    form = form_of(window)
    form._save()
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(MARK,)]


def test_h7_it_can_be_changed_or_kept_on_record(window, store, qtbot, unlocked):
    form = form_of(window)
    form._save()
    QTest.mouseClick(form.guard.choice.change, Qt.MouseButton.LeftButton)
    assert (form.isVisible(), form.guard.choice.isVisible()) == (True, False)
    assert form.focusWidget() is form.outcome
    form._save()
    QTest.mouseClick(form.guard.choice.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(TOLD,)]
    assert store.read(
        lambda reader: reader.rows("SELECT what FROM reveal WHERE what = 'written'")
    ) == [("written",)]


def test_h7_where_prices_are_locked_sealing_asks_for_the_passphrase_first(
    window, store, qtbot, lock
):
    lock.open(PASSPHRASE)
    lock.lock()
    form = form_of(window)
    form._save()
    QTest.mouseClick(form.guard.choice.seal, Qt.MouseButton.LeftButton)
    assert form.isVisible()
    assert kept(store) == []
    lock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(MARK,)]


@pytest.mark.parametrize("policy", ["passphrase"])
def test_h7_who_gives_no_passphrase_has_nothing_sealed_and_saved_when_prices_are_opened_later(
    window, store, qtbot, lock, tasks
):
    lock.open(PASSPHRASE)
    lock.lock()
    form = form_of(window)
    form._save()
    QTest.mouseClick(form.guard.choice.seal, Qt.MouseButton.LeftButton)
    [asking] = form.findChildren(SmallForm)
    asking.reject()
    form.outcome.setPlainText(TOLD + ", and then")
    lock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    settled(tasks)
    assert (window.form, kept(store)) == (form, [])
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(MARK,)]


def test_h7_h13_locking_hides_it_and_the_draft_holds_no_letter_of_it(
    window, store, qtbot, unlocked
):
    form = form_of(window)
    form._keep_draft()
    window.desk.prices.lock()
    assert form.outcome.toPlainText() == MARK
    assert not form.outcome.isEnabled()
    assert form.guard.show_prices.isVisible()
    form.objective.setPlainText("prices of next year")
    form.reject()
    qtbot.waitUntil(lambda: bool(drafts(store)))
    qtbot.waitUntil(lambda: "next year" in drafts(store)[0])
    assert "198" not in drafts(store)[0]
    draft = json.loads(drafts(store)[0])
    assert draft["outcome"] == MARK


def drafts(store) -> list[str]:
    return [row[0] for row in store.read(lambda reader: reader.rows("SELECT data FROM draft"))]


def sealed_visit(window, qtbot) -> str:
    form = form_of(window)
    form._save()
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    return form.entry_id


def test_h7_the_page_shows_it_while_prices_are_open(window, store, qtbot, tasks, unlocked):
    visit = sealed_visit(window, qtbot)
    window.show_screen("visits", visit)
    qtbot.waitUntil(lambda: TOLD in words_of(window))
    window.desk.prices.lock()
    assert TOLD not in words_of(window)
    qtbot.waitUntil(lambda: MARK in words_of(window).splitlines())
    unlocked.open(PASSPHRASE)
    qtbot.waitUntil(lambda: TOLD in words_of(window))
    looks = store.read(
        lambda reader: reader.rows("SELECT what FROM reveal WHERE record = ?", visit)
    )
    assert looks[:1] == [("shown",)]


def words_of(window) -> str:
    return "\n".join(one.text() for one in window.findChildren(QLabel) if one.isVisible())


def test_an_amendment_begins_with_the_text_and_keeps_it_sealed(window, store, qtbot, unlocked):
    visit = sealed_visit(window, qtbot)
    window.record_visit(visit_id=visit, amend=True)
    form = window.form
    qtbot.waitUntil(lambda: form.outcome.toPlainText() == TOLD)
    window.desk.prices.lock()
    form.reason.setText("a slip")
    form._save()
    assert "Prices are locked" in form.fields["outcome"]._below.text()
    qtbot.waitUntil(lambda: form.outcome.toPlainText() == TOLD)  # key ring: opened without a word
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [(MARK,), (MARK,)]


def test_h13_a_draft_is_gone_on_with_while_locked_and_read_when_they_are_open(
    window,
    store,
    qtbot,
    tasks,
    unlocked,
):
    form = form_of(window)
    form._keep_draft()
    form.reject()
    qtbot.waitUntil(lambda: bool(drafts(store)))
    window.desk.prices.lock()
    [draft] = store.read(known_drafts)
    window.record_visit(draft=draft)
    form = window.form
    assert (form.outcome.toPlainText(), form.outcome.isEnabled()) == (MARK, False)
    unlocked.open(PASSPHRASE)
    qtbot.waitUntil(lambda: form.outcome.toPlainText() == TOLD)
    assert form.outcome.isEnabled()
    assert not form.guard.show_prices.isVisible()
    form.reject()


def test_what_was_typed_about_a_sealed_visit_that_was_deleted_can_be_saved_without_it(
    window, store, qtbot, tasks, unlocked
):
    """The sealed text went with the visit: its field is typed in again, and nothing else is lost."""
    window.record_visit(plan=True)
    form = window.form
    form.customer.set_record(Found(HUASHAN, "Huashan", ""))
    form.objective.setPlainText(TOLD)
    form._save()
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    [(visit,)] = store.read(lambda reader: reader.rows("SELECT id FROM visit"))
    window.desk.prices.lock()
    window.record_visit(visit_id=visit)
    form = window.form
    qtbot.waitUntil(lambda: form.objective.toPlainText() == MARK)
    form.outcome.setPlainText("Agreed")
    form.next_step.setPlainText("call")
    form._keep_draft()
    form.reject()
    qtbot.waitUntil(lambda: bool(drafts(store)))
    for kind in ("visit", "sealed_text"):
        store.transact(
            Origin.SYNC,
            lambda work, kind=kind: apply.delete(work, SPECS[kind], [visit]),
        )
    [draft] = store.read(known_drafts)
    window.record_visit(draft=draft)
    form = window.form
    qtbot.waitUntil(lambda: form.objective.isEnabled())
    assert (form.objective.toPlainText(), form.outcome.toPlainText()) == ("", "Agreed")
    assert "Type it again" in form.fields["objective"]._below.text()
    form.objective.setPlainText("Formulary")
    form._save()
    qtbot.waitUntil(lambda: window.form is None)
    assert kept(store) == [("Agreed",)]


def test_who_opens_the_form_of_a_sealed_visit_has_seen_it(window, store, qtbot, tasks, unlocked):
    visit = sealed_visit(window, qtbot)
    window.record_visit(visit_id=visit, amend=True)
    qtbot.waitUntil(lambda: window.form.outcome.toPlainText() == TOLD)
    settled(tasks)
    assert store.read(
        lambda reader: reader.rows("SELECT what FROM reveal WHERE record = ?", visit)
    ) == [("shown",)]


def test_the_objective_of_a_promotion_is_sealed_read_and_gone_on_with(
    window, store, qtbot, tasks, unlocked
):
    window.request_promotion(customer_id=HUASHAN)
    form = window.form
    qtbot.waitUntil(lambda: form.customer.record_id == HUASHAN)
    form.objective.setPlainText(TOLD)
    form.keep.click()
    assert form.guard.choice.isVisible()
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    [(request, objective)] = store.read(
        lambda reader: reader.rows("SELECT id, objective FROM promotion_request")
    )
    assert objective == MARK
    window.show_screen("promotions", request)
    qtbot.waitUntil(lambda: TOLD in words_of(window))
    window.desk.prices.lock()
    qtbot.waitUntil(lambda: MARK in words_of(window).splitlines())
    assert TOLD not in words_of(window)
    unlocked.open(PASSPHRASE)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    window.request_promotion(request_id=request)
    qtbot.waitUntil(lambda: window.form.objective.toPlainText() == TOLD)
    window.form.reject()


class TestWithoutPrices:
    """A representative has no key: he takes the price out, or keeps it on record."""

    @pytest.fixture
    def role(self):
        return Role.REP

    def test_h7_sealing_is_not_offered(self, window, store, qtbot):
        form = form_of(window)
        form._save()
        choice = form.guard.choice
        assert (choice.isVisible(), choice.seal.isVisible()) == (True, False)
        form._save()
        assert (form.isVisible(), kept(store)) == (True, [])
        QTest.mouseClick(choice.leave_out, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.form is None)
        assert kept(store) == [("他们要求[…]",)]


def test_what_is_closed_hears_of_prices_no_more(window, store, qtbot, tasks, unlocked):
    for name in window.rail.shown:
        window.show_screen(name, "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    form = form_of(window)
    form.discard.click()
    qtbot.waitUntil(lambda: window.form is None)
    window.prefer("language", "zh_CN")  # every screen is made anew
    window.prefer("language", "en")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.prefer(MASKING, HELD)
    unlocked.lock()  # an answer of something that is gone fails this test
    qtbot.waitUntil(lambda: not window.desk.prices.is_open and tasks.is_idle)
