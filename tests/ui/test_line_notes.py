"""Notes of contract lines that tell a price: asked about, sealed from the grid, dots while prices are locked."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from kamdesk.db.queries.today import drafts as known_drafts
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.sealed_texts import MARK
from kamdesk.ui.kit.price_words import DOTS
from tests.ui.test_contracts import (  # noqa: F401  # fixtures
    _cheap_passphrases,
    every_text,
    form,
    keys,
    lock,
    opened,
    policy,
    role,
    rows,
    settle,
    show,
    shown,
    start_grid,
    store,
    type_line,
)

TOLD = "他们知道底价198.37元"
PLAIN = "after the tender"


@pytest.fixture
def priced(form, qtbot, window, tasks):
    """A form with two lines; the first has a note that tells a price."""
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "10", "box", "250", "240", "19", "3")
    form.lines.rows.type(0, "note", TOLD)
    form.lines.add_row()
    type_line(qtbot, form, "lasilix", "", "5", "box")
    form.lines.rows.type(1, "note", PLAIN)
    return form


def notes(store) -> list[tuple[str, ...]]:
    return rows(store, "SELECT note FROM contract_line ORDER BY position")


def sealed(store) -> int:
    return rows(store, "SELECT count(*) FROM sealed_text WHERE note IS NOT NULL")[0][0]


def kept(form, qtbot, window) -> str:
    """Keep the draft with its note sealed; return its id."""
    form.keep.click()
    QTest.keyClick(form.guard.choice.seal, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.form is None)
    return form.entry_id


def test_h7_it_is_asked_about_and_enter_seals_it(priced, qtbot, store, window):
    priced.keep.click()
    choice = priced.guard.choice
    assert window.form is priced
    assert "“底价198.37” looks like a price" in priced.banner.text()
    assert priced.lines.rows.keys[priced.lines.currentIndex().column()] == "note"
    assert (choice.seal.isVisible(), priced.focusWidget()) == (True, choice.seal)
    QTest.keyClick(choice.seal, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.form is None)
    assert notes(store) == [(MARK,), (PLAIN,)]
    assert sealed(store) == 1
    assert rows(store, "SELECT what FROM reveal WHERE what = 'written'") == []


def test_h7_it_can_be_kept_on_record(priced, qtbot, store, window):
    priced.keep.click()
    QTest.mouseClick(priced.guard.choice.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.form is None)
    assert (notes(store), sealed(store)) == ([(TOLD,), (PLAIN,)], 0)
    assert rows(store, "SELECT what FROM reveal WHERE what = 'written'") == [("written",)]


def test_h7_one_answer_seals_all_notes_of_the_grid(priced, qtbot, store, window):
    priced.lines.rows.type(1, "note", "net 23.50 CNY")
    kept(priced, qtbot, window)
    assert (notes(store), sealed(store)) == ([(MARK,), (MARK,)], 2)


def test_h7_a_pack_that_tells_a_price_loses_it_unless_it_is_kept(priced, qtbot, store, window):
    priced.lines.rows.type(0, "note", "")
    priced.lines.rows.type(0, "pack", "28 tabs, net 23.50 CNY")
    priced.keep.click()
    priced.keep.click()
    assert rows(store, "SELECT pack FROM contract_line") == []
    QTest.mouseClick(priced.guard.choice.leave_out, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT pack FROM contract_line ORDER BY position")[0] == ("28 tabs, […]",)


def test_h7_the_page_shows_it_while_prices_are_open_and_no_tooltip_does(
    priced, qtbot, store, window, tasks
):
    contract = kept(priced, qtbot, window)
    window.show_screen("contracts", contract)
    qtbot.waitUntil(lambda: TOLD in every_text(window))
    assert PLAIN in every_text(window)
    window.desk.prices.lock()
    assert "198.37" not in every_text(window)
    settle(qtbot, tasks)
    assert PLAIN in every_text(window)
    assert ("shown",) in rows(store, "SELECT what FROM reveal WHERE record = ?", contract)


def test_h7_h13_locking_leaves_no_letter_of_it_in_the_form_and_its_draft(
    priced, qtbot, store, window, tasks
):
    priced.lines.rows.type(1, "note", "net 23.50 CNY")
    window.desk.prices.lock()
    rows_ = priced.lines.rows
    assert "198.37" not in repr(rows_.lines) + repr(rows_._before)
    assert shown(priced, "note") == DOTS
    note = rows_.index(0, rows_.keys.index("note"))
    assert not rows_.flags(note) & Qt.ItemFlag.ItemIsEditable
    assert rows_.data(note, Qt.ItemDataRole.ToolTipRole) in (None, "")
    priced.keep.click()
    assert window.form is priced
    assert "Show prices" in priced.banner.text()
    priced.reject()
    qtbot.waitUntil(lambda: bool(store.read(known_drafts)))
    settle(qtbot, tasks)
    [(draft,)] = rows(store, "SELECT data FROM draft")
    assert "198.37" not in draft
    assert [line["note"] for line in json.loads(draft)["lines"]] == [MARK, MARK]


def test_h7_a_draft_holds_no_letter_of_it_before_anybody_was_asked(priced, store, qtbot, tasks):
    priced._keep_draft()
    qtbot.waitUntil(lambda: bool(store.read(known_drafts)))
    settle(qtbot, tasks)
    [(draft,)] = rows(store, "SELECT data FROM draft")
    assert "198.37" not in draft
    assert PLAIN in draft


def test_h13_a_draft_is_gone_on_with_and_read_again_when_prices_are_open(
    priced, qtbot, store, window, tasks
):
    window.desk.prices.lock()
    priced.reject()
    qtbot.waitUntil(lambda: bool(store.read(known_drafts)))
    settle(qtbot, tasks)
    [draft] = store.read(known_drafts)
    window.draft_contract(draft=draft)
    settle(qtbot, tasks)
    form = window.form
    assert (shown(form, "note"), shown(form, "note", 1)) == (DOTS, PLAIN)
    show(qtbot, window, tasks)
    assert shown(form, "note") == TOLD
    assert not form.lines.rows.lines[0].is_note_sealed, "nobody was asked yet"
    kept(form, qtbot, window)
    assert (notes(store), sealed(store)) == ([(MARK,), (PLAIN,)], 1)


def test_a_known_note_is_dots_until_it_is_read_and_stays_sealed(
    priced, qtbot, store, window, tasks
):
    contract = kept(priced, qtbot, window)
    window.desk.prices.lock()
    window.draft_contract(contract_id=contract)
    settle(qtbot, tasks)
    form = window.form
    assert shown(form, "note") == DOTS
    form.title_edit.setText("Supply 2028")
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert (notes(store), sealed(store)) == ([(MARK,), (PLAIN,)], 1)

    window.draft_contract(contract_id=contract)
    settle(qtbot, tasks)
    show(qtbot, window, tasks)
    form = window.form
    assert shown(form, "note") == TOLD
    form.lines.rows.type(0, "note", TOLD + ", and more")
    assert "198.37" not in repr(form.lines.rows.lines)
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert notes(store) == [(MARK,), (PLAIN,)]
    window.show_screen("contracts", contract)
    qtbot.waitUntil(lambda: TOLD + ", and more" in every_text(window))


def test_a_sealed_note_can_be_emptied_and_typed_anew_for_all(priced, qtbot, store, window, tasks):
    contract = kept(priced, qtbot, window)
    window.draft_contract(contract_id=contract)
    settle(qtbot, tasks)
    form = window.form
    qtbot.waitUntil(lambda: shown(form, "note") == TOLD)
    form.lines.rows.type(0, "note", "")
    form.lines.rows.type(0, "note", "no price")
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert (notes(store), sealed(store)) == ([("no price",), (PLAIN,)], 0)


def test_h15_nothing_is_copied_out_of_a_sealed_note_while_it_is_typed(priced, qtbot, window):
    QGuiApplication.clipboard().setText("before")
    priced.lines.rows.seal_notes(lambda _: False)
    rows_ = priced.lines.rows
    priced.lines.edit(rows_.index(0, rows_.keys.index("note")))
    editor = priced.lines._cell.open
    assert editor.text() == TOLD
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"


def test_a_long_contract_with_notes_does_not_hold_the_window_up_when_it_locks(
    priced, window, monkeypatch
):
    """Undo holds the same rows many times over: each is looked at once."""
    rows_ = priced.lines.rows
    rows_.set_lines([replace(rows_.lines[0], id=str(at), note=f"{at} CNY") for at in range(300)])
    for at in range(40):
        rows_.type(at, "pack", "box")
    asked = []
    monkeypatch.setattr(
        "kamdesk.ui.kit.grid_line.price_in", lambda text: (asked.append(1), price_in(text))[1]
    )
    window.desk.prices.lock()
    assert len(asked) < 2 * 300
    states = [lines for lines in rows_._before if len(lines) == 300]
    assert len(states) == 40
    assert {line.note for lines in states for line in lines} == {MARK}
