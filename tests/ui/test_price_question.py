"""The form asks once about a price in a text, beside the field, and keeps what was meant."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kamdesk.ui.kit.small_form import SmallForm


def form_of(qtbot, window, kept: list[dict[str, str]]) -> SmallForm:
    form = SmallForm(
        window.desk, window, "A person", {"name": "Name", "note": "Note"}, {},
        lambda _work, typed: kept.append(typed),
    )  # fmt: skip
    form.open()
    return form


def said(form: SmallForm) -> str:
    return form._fields["note"]._below.text()


def save(form: SmallForm) -> None:
    QTest.mouseClick(form._save, Qt.MouseButton.LeftButton)


def written(store) -> list[tuple[str, str]]:
    return store.read(lambda reader: reader.rows("SELECT what, record FROM reveal ORDER BY n"))


def test_h7_it_is_left_out_by_choice_alone_however_often_one_saves(qtbot, window, store):
    kept: list[dict[str, str]] = []
    form = form_of(qtbot, window, kept)
    form._edits["note"].setText("they want 底价 23.50 by May")
    save(form)
    assert "“底价 23.50” looks like a price" in said(form)
    assert (form.isVisible(), kept) == (True, [])
    choice = form.question.choice
    assert choice.isVisible()
    for one in (choice.change, choice.keep, choice.leave_out):
        assert one.width() >= one.sizeHint().width(), "its words are not cut off"
    for _ in range(3):
        save(form)
        QTest.keyClick(form.focusWidget(), Qt.Key.Key_Return)
    assert (form._edits["note"].text(), kept) == ("they want 底价 23.50 by May", [])
    QTest.mouseClick(choice.leave_out, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shiboken6.isValid(form))
    assert kept == [{"name": "", "note": "they want […] by May"}]
    assert written(store) == []


def test_h7_it_can_be_kept_on_record_and_is_not_asked_about_again(qtbot, window, store):
    kept: list[dict[str, str]] = []
    form = form_of(qtbot, window, kept)
    form._edits["note"].setText("底价 23.50")
    save(form)
    QTest.mouseClick(form.question.choice.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shiboken6.isValid(form))
    assert kept == [{"name": "", "note": "底价 23.50"}]
    assert written(store) == [("written", "")]


def test_h7_it_can_be_changed(qtbot, window, store):
    kept: list[dict[str, str]] = []
    form = form_of(qtbot, window, kept)
    form._edits["note"].setText("底价 23.50")
    save(form)
    QTest.mouseClick(form.question.choice.change, Qt.MouseButton.LeftButton)
    assert form.isVisible()
    assert (said(form), form.question.choice.isVisible(), kept) == ("", False, [])
    assert form.focusWidget() is form._edits["note"]


def test_another_price_is_asked_about_again_and_none_is_not(qtbot, window, store):
    kept: list[dict[str, str]] = []
    form = form_of(qtbot, window, kept)
    form._edits["note"].setText("net 23.50 CNY")
    save(form)
    form._edits["note"].setText("net 19 CNY")
    save(form)
    assert "19" in said(form)
    form._edits["note"].setText("room 2350")
    save(form)
    qtbot.waitUntil(lambda: not shiboken6.isValid(form))
    assert kept[0]["note"] == "room 2350"
    assert written(store) == []


def test_h7_a_visit_that_tells_a_price_stays_open_with_the_question(qtbot, window, store):
    window.record_visit()
    form = window.form
    form.outcome.setPlainText("他们要求供货价降到 198 元")

    def keep():
        form.write(lambda _work: None, again=keep)

    keep()
    assert form.isVisible()
    assert not form.is_saving
    assert "198" in form.fields["outcome"]._below.text()
    visit = form.entry_id
    QTest.mouseClick(form.guard.choice.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.form is None)
    assert written(store) == [("written", visit)]


def test_h7_a_task_that_tells_a_price_is_asked_about_and_kept_on_record(qtbot, window, store):
    window.show_screen("tasks", "")
    page = window.screens["tasks"]
    page.typed.setText("告诉他们底价23.50")
    QTest.keyClick(page.typed, Qt.Key.Key_Return)
    assert "“底价23.50” looks like a price" in page.error.text()
    assert store.read(lambda reader: reader.rows("SELECT title FROM task")) == []
    QTest.mouseClick(page.question.choice.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.typed.text())
    assert store.read(lambda reader: reader.rows("SELECT title FROM task")) == [
        ("告诉他们底价23.50",)
    ]
    assert written(store) == [("written", "")]


def test_h7_a_price_is_left_out_of_a_task_by_choice(qtbot, window, store):
    window.show_screen("tasks", "")
    page = window.screens["tasks"]
    page.typed.setText("告诉他们底价23.50，并约下次")
    for _ in range(3):
        QTest.keyClick(page.typed, Qt.Key.Key_Return)
    assert window.focusWidget() is page.typed
    assert store.read(lambda reader: reader.rows("SELECT title FROM task")) == []
    QTest.keyClick(page.question.choice.leave_out, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.typed.text())
    assert store.read(lambda reader: reader.rows("SELECT title FROM task")) == [
        ("告诉他们[…]，并约下次",)
    ]
    assert (written(store), page.error.isVisible()) == ([], False)
