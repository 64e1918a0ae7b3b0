"""Promotion requests in the window: drafted by keyboard, handed in, answered; nothing typed is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from kamdesk.db.database import Database
from kamdesk.db.queries.customers import Found
from kamdesk.db.queries.today import drafts
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.importers.files import open_table
from kamdesk.services.promotions import (
    PromotionEntry,
    draft_request,
    return_request,
    submit_request,
)
from kamdesk.ui import speech
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.screens.request_promotion import PromotionForm
from tests.ui.conftest import PROFILE
from tests.ui.hands import press, settled
from tests.unit.conftest import HUASHAN, ME

CTRL = Qt.KeyboardModifier.ControlModifier
KAM = Actor("0192f0c1-0000-7000-8000-000000000002", Role.KAM, "王敏")
PRODUCT = "0192f0c1-0000-7000-8000-00000000000c"


def asked(**changed) -> PromotionEntry:
    values = {
        "id": new_id(), "customer_id": HUASHAN, "product_id": PRODUCT,
        "planned_on": clock.today() + timedelta(days=30), "objective": "Teach the switch",
        "estimate": Money(1_200_000, "CNY"),
    }  # fmt: skip
    return PromotionEntry(**{**values, **changed})


def by(store: Database, actor: Actor, fn):
    """Do something as somebody."""
    before, store.actor = store.actor, actor
    try:
        return store.transact(Origin.USER, fn).value
    finally:
        store.actor = before


@pytest.fixture
def store(store):
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "INSERT INTO product(id, _rev, _b, name, status) VALUES"
            f"('{PRODUCT}', 1, 'ref', 'ENTRESTO 49 mg', 'active');"
            "INSERT INTO colleague(id, _rev, _b, name, role) VALUES"
            f"('{ME.user_id}', 1, 'ref', '李伟', 'REP'), ('{KAM.user_id}', 1, 'ref', '王敏', 'KAM');"
        ),
    )
    return store


def rows(store, sql, *values):
    return store.read(lambda reader: reader.rows(sql, *values))


@pytest.fixture
def form(window, qtbot, tasks):
    window.request_promotion()
    settled(tasks)
    assert isinstance(window.form, PromotionForm)
    window.form.activateWindow()
    return window.form


def fill(qtbot, form) -> None:
    qtbot.keyClicks(form.customer, "fddxfshs")
    qtbot.keyClick(form.customer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.customer.record_id == HUASHAN)
    qtbot.keyClicks(form.product, "entresto")
    qtbot.keyClick(form.product, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.product.record_id == PRODUCT)
    qtbot.keyClicks(form.objective, "Teach the switch")
    qtbot.keyClicks(form.estimate, "12,000")


def test_request_is_handed_in_with_the_keyboard_alone(form, qtbot, store, window, tasks):
    fill(qtbot, form)
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(
        store, "SELECT state, estimate_minor, currency, owner_id FROM promotion_request"
    ) == [("submitted", 1_200_000, "CNY", ME.user_id)]
    assert rows(store, "SELECT count(*) FROM draft") == [(0,)]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("", "Enter the estimated amount."), ("12.345", "2 digits"), ("much", "12,000.50")],
)
def test_a_wrong_amount_is_said_beside_it_and_closes_nothing(
    form, qtbot, store, window, tasks, amount, words
):
    fill(qtbot, form)
    form.estimate.setText(amount)
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: words in form.fields["estimate"]._below.text())
    settled(tasks)
    assert window.form is form
    assert rows(store, "SELECT count(*) FROM promotion_request") == [(0,)]
    form.estimate.setText("9000")
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)


def test_who_promotes_with_a_filing_is_asked_for_the_registration_of_the_visit(
    qtbot, store, window, tasks
):
    until = clock.today() + timedelta(days=60)
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute(
            "UPDATE colleague SET mr_mode = 1, mr_filing_no = '沪-1', mr_filing_until = ? WHERE id = ?",
            (until.isoformat(), ME.user_id),
        ),
    )
    window.request_promotion(customer_id=HUASHAN)
    qtbot.waitUntil(lambda: window.form is not None)
    shown = window.form
    qtbot.waitUntil(lambda: shown.fields["registration"].isVisible())
    qtbot.waitUntil(lambda: shown.customer.record_id == HUASHAN)
    shown.product.set_record(Found(PRODUCT, "ENTRESTO 49 mg", ""))
    shown.objective.setPlainText("王主任每周开 30 张处方")
    shown.estimate.setText("12,000")
    press(shown, "Submit")
    settled(tasks)
    assert "registered" in shown.fields["registration"]._below.text()
    shown.registration.setText("R-77")
    press(shown, "Submit")
    settled(tasks)
    assert "30" in shown.fields["objective"]._below.text()
    shown.objective.setPlainText("Teach the switch")
    press(shown, "Submit")
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT state, registration_no FROM promotion_request") == [
        ("submitted", "R-77")
    ]
    window.show_screen("settings", "")
    settings = window.screens["settings"]
    qtbot.waitUntil(lambda: settings.filing.isVisible())
    assert settings.filing.text().startswith("沪-1, until")


def test_half_typed_request_is_offered_on_the_first_page_and_goes_on(
    form, qtbot, store, window, tasks
):
    fill(qtbot, form)
    qtbot.waitUntil(lambda: "Draft kept" in form.kept.text())
    qtbot.keyClick(form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.form is None)
    window.show_screen("today", "")
    settled(tasks)
    press(window, "Go on")
    settled(tasks)
    again = window.form
    assert isinstance(again, PromotionForm)
    assert (again.customer.record_id, again.product.record_id) == (HUASHAN, PRODUCT)
    assert (again.objective.toPlainText(), again.estimate.text()) == ("Teach the switch", "12,000")
    again.discard.click()
    settled(tasks)
    assert store.read(drafts) == []


def test_kept_as_a_draft_it_needs_no_amount_yet(form, qtbot, store, window, tasks):
    qtbot.keyClicks(form.customer, "fddxfshs")
    qtbot.keyClick(form.customer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.customer.record_id == HUASHAN)
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT state FROM promotion_request") == [("draft",)]
    window.show_screen("promotions", "")
    settled(tasks)
    screen = window.screens["promotions"]
    assert [one.state for one in screen.table.records.rows] == ["draft"]
    screen.on_opened(screen.shown)
    settled(tasks)
    assert window.form.customer.record_id == HUASHAN
    assert not window.form.customer.isEnabled(), "a request stays with its customer"


def test_returned_request_says_why_and_is_handed_in_again(window, qtbot, store, tasks):
    one = asked()
    by(store, ME, lambda work: submit_request(work, one))
    by(store, KAM, lambda work: return_request(work, one.id, reason="Fewer guests"))
    window.show_screen("promotions", one.id)
    settled(tasks)
    press(window, "Go on")
    settled(tasks)
    assert "王敏" in window.form.returned.text()
    assert "Fewer guests" in window.form.returned.text()
    window.form.estimate.setText("8000")
    qtbot.keyClick(window.form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT state, estimate_minor, reason FROM promotion_request") == [
        ("submitted", 800_000, None)
    ]


def test_a_rep_is_not_offered_to_answer(window, qtbot, store, tasks):
    one = asked()
    by(store, KAM, lambda work: submit_request(work, one))
    window.show_screen("promotions", one.id)
    settled(tasks)
    shown = {b.accessibleName() for b in window.screens["promotions"].findChildren(QPushButton)}
    assert not shown & {"Approve", "Return", "Withdraw", "Call off", "To decide"}
    assert not window.screens["promotions"].team.isVisible()


class TestManager:
    """The window of a key account manager."""

    @pytest.fixture
    def opened(self, store, line) -> Opened:
        store.actor = KAM
        profile = replace(PROFILE, user_id=KAM.user_id, name=KAM.name, role="KAM")
        return Opened(store, line, profile, store.close)

    @pytest.fixture
    def request_of_the_rep(self, store):
        one = asked()
        by(store, ME, lambda work: submit_request(work, one))
        return one

    def test_finds_it_on_the_first_page_and_approves(
        self, request_of_the_rep, window, qtbot, store, tasks
    ):
        window.show_screen("today", "")
        settled(tasks)
        press(window.screens["today"], "Look")
        settled(tasks)
        assert window.stack.currentWidget().name == "promotions"
        press(window, "Approve")
        settled(tasks)
        assert rows(store, "SELECT state, decided_by FROM promotion_request") == [
            ("approved", KAM.user_id)
        ]

    def test_returns_it_with_a_reason_and_not_without(
        self, request_of_the_rep, window, qtbot, store, tasks
    ):
        window.show_screen("promotions", request_of_the_rep.id)
        settled(tasks)
        press(window, "Return")
        asking = window.findChild(SmallForm)
        qtbot.keyClick(asking, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "Give the reason." in asking._fields["reason"]._below.text())
        qtbot.keyClicks(asking._edits["reason"], "Fewer guests")
        qtbot.keyClick(asking, Qt.Key.Key_Return)
        settled(tasks)
        assert rows(store, "SELECT state, reason FROM promotion_request") == [
            ("returned", "Fewer guests")
        ]

    def test_filters_by_colleague_and_sees_the_sum(
        self, request_of_the_rep, window, qtbot, store, tasks
    ):
        by(store, KAM, lambda work: submit_request(work, asked(estimate=Money(50_050, "CNY"))))
        window.show_screen("promotions", "")
        settled(tasks)
        screen = window.screens["promotions"]
        assert "12,500.50" in window.header.counted.text()
        assert screen.team.isVisible()
        assert [screen.team.itemText(at) for at in range(3)] == ["Everyone", "李伟", "Mine"]
        screen.team.setCurrentIndex(1)
        settled(tasks)
        assert [one.owner for one in screen.table.records.rows] == ["李伟"]
        assert "12,000" in window.header.counted.text()
        press(screen, "To decide")
        settled(tasks)
        assert [one.id for one in screen.table.records.rows] == [request_of_the_rep.id]

    def test_what_changed_meanwhile_is_said_in_words(
        self, request_of_the_rep, window, qtbot, store, tasks
    ):
        window.show_screen("promotions", request_of_the_rep.id)
        settled(tasks)
        screen = window.screens["promotions"]
        seen = screen._shown
        screen._approve(replace(seen, estimate=Money(1, "CNY")))
        settled(tasks)
        assert any(
            "The amount was changed" in label.text()
            for label in window.findChildren(type(window.header.title))
            if label.isVisible()
        )
        assert rows(store, "SELECT state FROM promotion_request") == [("submitted",)]


def test_money_is_written_as_the_locale_does(spoken):
    from kamdesk.ui import translation

    assert speech.money(Money(1_200_000, "CNY")) == "¥12,000"
    assert speech.money(Money(1_200_050, "CNY")) == "¥12,000.50"
    assert speech.money(Money(1_200, "JPY")) == "JP¥1,200"
    assert speech.money(None) == "—"
    translation.use("zh_CN")
    assert speech.money(Money(1_200_000, "CNY")) == "¥12,000"


# ---- lists as files


def exported(window, qtbot, tasks, path):
    qtbot.keyClick(window, Qt.Key.Key_E, CTRL)
    dialog = window.findChild(ExportDialog)
    dialog.fileSelected.emit(str(path))
    settled(tasks)
    dialog.close()
    return open_table(path)


def test_list_is_exported_as_it_is_filtered(window, qtbot, store, tasks, tmp_path):
    by(store, ME, lambda work: submit_request(work, asked(objective="=1+1")))
    by(store, ME, lambda work: submit_request(work, asked(objective="Round table")))
    window.show_screen("promotions", "")
    settled(tasks)
    window.screens["promotions"].typed.setText("Round")
    qtbot.wait(150)
    settled(tasks)
    rows = [cells for _, cells in exported(window, qtbot, tasks, tmp_path / "list.xlsx").rows()]
    assert rows[0][:3] == ["Date", "Customer", "City"]
    assert len(rows) == 2
    assert rows[1][0] == (clock.today() + timedelta(days=30)).isoformat()
    assert "12000" in rows[1]
    assert "1 row is in list.xlsx" in window.strip.said.text()


@pytest.mark.parametrize("name", ["customers", "visits", "tasks"])
def test_every_list_can_be_exported(window, qtbot, store, tasks, tmp_path, name):
    window.show_screen(name, "")
    settled(tasks)
    table = exported(window, qtbot, tasks, tmp_path / "list.csv")
    assert len(list(table.rows())) == 1 + len(window.screens[name].table.records.rows)


def test_failed_export_is_said_and_nothing_ends(window, qtbot, store, tasks, tmp_path):
    window.show_screen("customers", "")
    settled(tasks)
    qtbot.keyClick(window, Qt.Key.Key_E, CTRL)
    dialog = window.findChild(ExportDialog)
    dialog.fileSelected.emit(str(tmp_path / "no" / "list.xlsx"))
    settled(tasks)
    shown = [
        one.text() for one in window.findChildren(type(window.header.title)) if one.isVisible()
    ]
    assert any("could not be written" in words for words in shown)
    dialog.close()


def test_page_without_a_list_says_so(window, qtbot, tasks):
    window.show_screen("today", "")
    settled(tasks)
    qtbot.keyClick(window, Qt.Key.Key_E, CTRL)
    assert "no list here" in window.strip.said.text()


@pytest.mark.parametrize("button", ["keep", "save"])
def test_h25_a_draft_about_a_request_that_was_deleted_meanwhile_is_a_new_one(
    window, store, qtbot, tasks, button
):
    one = asked()
    store.transact(Origin.USER, lambda work: draft_request(work, one))
    window.request_promotion(request_id=one.id)
    qtbot.waitUntil(lambda: window.form.objective.toPlainText() == one.objective)
    window.form.objective.setPlainText("Typed meanwhile")
    window.form.reject()
    settled(tasks)
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("DELETE FROM promotion_request WHERE id = ?", (one.id,)),
    )
    [draft] = store.read(drafts)
    window.request_promotion(draft=draft)
    getattr(window.form, button).click()
    qtbot.waitUntil(lambda: window.form is None)
    settled(tasks)
    [(made, objective)] = rows(store, "SELECT id, objective FROM promotion_request")
    assert (made != one.id, objective) == (True, "Typed meanwhile")
    assert store.read(drafts) == []
