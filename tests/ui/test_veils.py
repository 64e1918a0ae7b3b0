"""Train mode on pages and in forms: what stands in records is dots until it is held or typed in."""

from __future__ import annotations

import gc
import logging

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from kamdesk.domain.changes import Origin
from kamdesk.ui import discreet, speech
from kamdesk.ui.kit.bits import figure, nothing, text
from kamdesk.ui.kit.discreet_rows import DiscreetRows
from kamdesk.ui.veils import Veil
from tests.unit.conftest import HUASHAN

SECRET = "Prof. Zhang wants the formulary"


@pytest.fixture(autouse=True)
def _over():
    yield
    discreet.switch(on=False)


def veiled(widget: QWidget) -> bool:
    effect = widget.graphicsEffect()
    return isinstance(effect, Veil) and effect.is_drawn


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def open_words(window: QWidget) -> set[str]:
    """Return everything that can be read in the labels and editors of a window."""
    read = {
        one.text() for one in window.findChildren(QLabel) if one.isVisible() and not veiled(one)
    }
    return read | {
        one.text() for one in window.findChildren(QLineEdit) if one.isVisible() and not veiled(one)
    }


@pytest.fixture
def page(window, qtbot, tasks):
    """The page of a customer in train mode."""
    window.switch_train_mode()
    window.show_screen("customers", HUASHAN)
    qtbot.waitUntil(lambda: tasks.is_idle)
    screen = window.screens["customers"]
    qtbot.waitUntil(lambda: any("华山" in one.text() for one in screen.findChildren(QLabel)))
    return screen


def title_of(page: QWidget) -> QLabel:
    return next(
        one for one in page.findChildren(QLabel) if "华山" in one.text() and one.isVisible()
    )


def test_a_page_tells_no_name_and_keeps_its_headings(page):
    assert veiled(title_of(page))
    assert not any("华山" in words for words in open_words(page))
    assert {"Last visit", "Next visit"} <= open_words(page)


def test_dots_look_alike_whatever_they_hide(window, qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    one, other = text("Huashan Hospital", "strong"), text("Mary", "strong")
    for label in (one, other):
        label.setFixedSize(200, 20)
        layout.addWidget(label)
    discreet.switch(on=True)
    holder.show()
    assert picture(one) == picture(other)
    discreet.switch(on=False)
    assert picture(one) != picture(other)


def test_a_line_that_is_held_is_read_and_noted_without_its_words(page, caplog):
    title = title_of(page)
    hidden = picture(title)
    with caplog.at_level(logging.INFO, "reveal"):
        QTest.mousePress(title, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not veiled(title)
    assert picture(title) != hidden
    QTest.mouseRelease(title, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert veiled(title)
    assert len(caplog.records) == 1
    assert "华山" not in caplog.text


def test_the_space_bar_holds_it_too(page, qtbot):
    title = title_of(page)
    page.window().activateWindow()
    title.setFocus()
    qtbot.waitUntil(title.hasFocus)
    QTest.keyPress(title, Qt.Key.Key_Space)
    assert not veiled(title)
    QTest.keyRelease(title, Qt.Key.Key_Space)
    assert veiled(title)


def test_of_a_form_only_the_field_that_is_typed_in_is_read(window, qtbot, tasks):
    window.record_visit(customer_id=HUASHAN)
    qtbot.waitUntil(lambda: tasks.is_idle)
    form = window.form
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.outcome.setPlainText(SECRET)
    form.objective.setFocus()
    plain = picture(form.outcome)
    discreet.switch(on=True)
    assert veiled(form.outcome)
    assert picture(form.outcome) != plain
    assert not any("华山" in words for words in open_words(form))
    form.outcome.setFocus()
    assert not veiled(form.outcome)
    assert form.windowTitle() == "Record visit"
    discreet.switch(on=False)
    assert form.outcome.graphicsEffect() is None
    form.objective.setFocus()
    assert picture(form.outcome) == plain


def test_people_of_a_visit_are_dots_and_say_nothing_beside_the_pointer(qtbot, spoken, window):
    discreet.switch(on=True)
    chip = QPushButton("Prof. Zhang")
    chip.setProperty("look", "chip")
    chip.setToolTip("Prof. Zhang · Cardiology")
    qtbot.addWidget(chip)
    chip.show()
    assert veiled(chip)
    beside = QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), chip.mapToGlobal(QPoint(3, 3)))
    QApplication.sendEvent(chip, beside)
    assert QToolTip.text() == ""
    discreet.switch(on=False)
    assert not veiled(chip)


def test_words_of_the_program_are_read(qtbot, window):
    discreet.switch(on=True)
    box = QMessageBox(QMessageBox.Icon.Information, "KAMDesk", "Ctrl+N records a visit")
    for one in (box, figure("Last visit", "today"), nothing("user", "No person", "Add one.")):
        qtbot.addWidget(one)
        one.show()
        assert not any(veiled(label) for label in one.findChildren(QLabel))


def test_sentences_of_the_program_name_nobody():
    params = {"code": "TAKEN", "name": "Huashan", "n": 3}
    assert speech._fill("{code} {name} {n}", params) == "TAKEN Huashan 3"
    discreet.switch(on=True)
    assert speech._fill("{code} {name} {n}", params) == f"TAKEN {discreet.DOTS} 3"


@pytest.mark.parametrize("kind", ["rejected", "overwritten"])
def test_headings_of_what_needs_the_user_name_nobody(window, qtbot, tasks, store, kind):
    op = '{"op": "patch", "f": {"title": ["a", "b"]}}'
    fields = '{"title": {"old": "a", "mine": "b", "theirs": "c", "by": "", "at": ""}}'
    sql = (
        "INSERT INTO sync_issue(id, kind, row_id, type, title, fields, op, code, params, created)"
        " VALUES('i', 'task', 't', ?, ?, ?, ?, 'not_allowed', '{}', '2026-11-30T08:00:00.000Z')"
    )
    store.transact(Origin.SYNC, lambda work: work.driver.execute(sql, (kind, SECRET, fields, op)))
    window.switch_train_mode()
    window.show_screen("sync", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    page = window.screens["sync"]
    dots = f" · {discreet.DOTS}"
    qtbot.waitUntil(lambda: any(one.endswith(dots) for one in open_words(page)))
    read = open_words(page)
    assert not [one for one in read if SECRET in one]


def test_what_the_program_says_in_the_settings_is_read(window, qtbot, tasks):
    told = "What you save without a connection"
    window.switch_train_mode()
    for screen, words in (
        ("settings", {"Role", "Representative", "This computer"}),
        ("sync", set()),
    ):
        window.show_screen(screen, "")
        qtbot.waitUntil(lambda: tasks.is_idle)
        page = window.screens[screen]

        def labels(page=page) -> list[QLabel]:
            return [one for one in page.findChildren(QLabel) if one.isVisible() and one.text()]

        qtbot.waitUntil(lambda labels=labels: len(labels()) > 3)
        assert words <= {one.text() for one in labels()}
        assert [one.text() for one in labels() if veiled(one)] == []
    assert any(told in one for one in open_words(window))


def test_of_what_is_found_only_the_marked_row_is_read(window, qtbot, tasks):
    window.switch_train_mode()

    def shown(*names: str, marked: int) -> list[QImage]:
        found = QListWidget()
        found.setItemDelegate(DiscreetRows(found))
        found.addItems(names)
        found.setCurrentRow(marked)
        found.resize(300, 200)
        qtbot.addWidget(found)
        whole = found.viewport().grab().toImage()
        return [whole.copy(found.visualItemRect(found.item(row))) for row in range(len(names))]

    one, other = shown("Huashan", "Zhongshan", marked=0), shown("St Mary's", "Ruijin", marked=0)
    assert one[0] != other[0]
    assert one[1] == other[1]
    window.open_finder()
    qtbot.keyClicks(window.finder.typed, "vis")
    qtbot.waitUntil(lambda: tasks.is_idle)
    items = [window.finder.found.item(row) for row in range(window.finder.found.count())]
    assert items
    assert {bool(one.data(DiscreetRows.OPEN)) for one in items} == {True}  # screens and actions
    window.finder.close()
    discreet.switch(on=False)
    assert shown("Huashan", "Zhongshan", marked=0)[1] != shown("St Mary's", "Ruijin", marked=0)[1]


def test_what_qt_made_itself_stays_veiled_when_the_collector_has_been_there(window, qtbot):
    asked = QInputDialog(
        window
    )  # its label and its field are known to Python only while somebody holds them
    asked.setTextValue(SECRET)
    asked.show()
    window.switch_train_mode()
    gc.collect()
    [field] = asked.findChildren(QLineEdit)
    field.clearFocus()
    picture(asked)
    assert veiled(field)
    del field
    gc.collect()
    for _ in range(3):
        QApplication.processEvents()
        picture(asked)
    again = asked.findChildren(QLineEdit)[0]
    again.clearFocus()
    assert veiled(again)
    asked.close()
    asked.deleteLater()
