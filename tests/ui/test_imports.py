"""Importing in the window: looked at first, stored behind people's saves, taken back as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
import xlsxwriter
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role
from kamdesk.domain.session import Opened
from kamdesk.importers.apart import Read
from kamdesk.importers.files import open_table
from kamdesk.ui.importing import CREATE, SKIP, UPDATE, item_of
from tests.ui.conftest import PROFILE


@pytest.fixture
def role():
    return "REP"


@pytest.fixture
def opened(store, line, role):
    store.actor = replace(store.actor, role=Role(role))
    return Opened(store, line, replace(PROFILE, role=role), store.close)


def pressed(widget, words):
    next(one for one in widget.findChildren(QPushButton) if one.accessibleName() == words).click()


def imports_of(window):
    window.show_screen("imports", "")
    return window.screens["imports"]


def preview_of(qtbot, window, path):
    """Open a file; the screen with its preview."""
    screen = imports_of(window)
    screen.look_at(path)
    qtbot.waitUntil(lambda: screen.preview is not None, timeout=30_000)
    return screen


def preview_of_copied(qtbot, window, *rows):
    """Copy rows, as a spreadsheet program does, and paste them; the screen with their preview."""
    copy(*rows)
    screen = imports_of(window)
    screen.paste.click()
    qtbot.waitUntil(lambda: screen.preview is not None, timeout=30_000)
    return screen


def bring_in(qtbot, screen):
    """Import what the preview shows."""
    screen.preview.go.click()
    qtbot.waitUntil(lambda: screen.job is not None and screen.job.is_over, timeout=20_000)


def write(path, *rows):
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def select(table, at):
    """Select one row and no other, whatever keys an earlier test left down."""
    flag = QItemSelectionModel.SelectionFlag
    model = table.selectionModel()
    model.select(table.model().index(at, 0), flag.ClearAndSelect | flag.Rows)


def copy(*rows):
    """Fill the clipboard as a spreadsheet program does."""
    QGuiApplication.clipboard().setText("".join(f"{row}\r\n" for row in rows))


def names(store):
    return store.read(
        lambda r: [row[0] for row in r.rows("SELECT name FROM customer ORDER BY name")]
    )


def test_h54_a_file_is_shown_imported_and_taken_back(qtbot, window, store, tasks, tmp_path):
    path = write(
        tmp_path / "new.csv",
        "Hospital name;City;Phone",
        "Charité;Berlin;030 450",
        "Charité;Berlin;030 450 50",
        "St Mary's Hospital;London;020 1",
    )
    screen = preview_of(qtbot, window, path)
    page = screen.preview
    assert (page.delimiter.currentData(), page.header.value()) == (";", 1)
    assert {name: box.currentData() for name, box in page.fields.items()} == {
        "Hospital name": "name", "City": "city", "Phone": "phone",
    }  # fmt: skip
    assert (page.seen.known, page.seen.repeated) == (1, 1)
    page.known.setCurrentIndex(page.known.findData(UPDATE))
    before = names(store)
    bring_in(qtbot, screen)
    assert screen.job.error is None
    assert names(store) == sorted([*before, "Charité"])
    changed = "SELECT phone FROM customer WHERE name = 'St Mary''s Hospital'"
    assert store.read(lambda r: r.value(changed)) == "020 1"
    qtbot.waitUntil(lambda: tasks.is_idle)
    pressed(screen, "Undo the whole import")
    qtbot.waitUntil(lambda: names(store) == before, timeout=20_000)
    assert store.read(lambda r: r.value(changed)) == "021-1"
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_another_mapping_is_read_at_once_and_known_the_next_time(
    qtbot, window, store, tasks, tmp_path
):
    path = write(tmp_path / "odd.csv", "Haus,Ort,Nr", "Charité,Berlin,A1", "Vivantes,Berlin,A2")
    screen = preview_of(qtbot, window, path)
    first = screen.preview
    assert not first.go.isEnabled()
    box = first.fields["Haus"]
    box.setCurrentIndex(box.findData("name"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: screen.preview is not first, timeout=30_000)
    assert screen.preview.seen.told["records"] == 2
    bring_in(qtbot, screen)
    assert "Vivantes" in names(store)
    again = preview_of(qtbot, window, path).preview
    assert again.fields["Haus"].currentData() == "name"
    assert again.seen.known == 2
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_first_rows_have_every_column_and_its_cells(qtbot, window, tasks, tmp_path):
    extras = [f"Extra {n}" for n in range(298)]
    rows = [f"H{n},{','.join(['x'] * 298)},Berlin" for n in range(3)]
    path = write(tmp_path / "wide.csv", ",".join(["Hospital name", *extras, "City"]), *rows, "H3,y")
    shown = preview_of(qtbot, window, path).preview.tabs.widget(1).model()
    assert (shown.rowCount(), shown.columnCount()) == (4, 300)
    assert shown.headerData(299, Qt.Orientation.Horizontal) == "City"
    assert [shown.headerData(at, Qt.Orientation.Vertical) for at in range(3)] == ["2", "3", "4"]
    assert shown.index(0, 299).data() == "Berlin"
    assert shown.index(3, 1).data() == "y"
    assert not shown.index(3, 299).data()  # a row that is shorter
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_a_column_of_hundreds_is_mapped_without_losing_the_others(qtbot, window, tasks, tmp_path):
    extras = [f"Extra {n}" for n in range(298)]
    rows = [f"H{n},{','.join(['x'] * 298)},Berlin" for n in range(3)]
    path = write(tmp_path / "wide.csv", ",".join(["Hospital name", *extras, "City"]), *rows)
    screen = preview_of(qtbot, window, path)
    first = screen.preview
    assert "City" not in first.fields, "its row is made later"
    box = first.fields["Extra 0"]
    box.setCurrentIndex(box.findData("grade"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: screen.preview is not first, timeout=30_000)
    assert screen.preview.seen.told["mapping"] == {
        "Hospital name": "name", "Extra 0": "grade", "City": "city",
    }  # fmt: skip
    qtbot.waitUntil(lambda: len(screen.preview.fields) == 300)
    assert screen.preview.fields["City"].currentData() == "city"
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_another_sheet_of_a_workbook_is_chosen(qtbot, window, store, tasks, tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Name", "of the", "author"])
        book.add_worksheet("List").write_column(0, 0, ["Hospital name", "Charité"])
    screen = preview_of(qtbot, window, path)
    first = screen.preview
    assert [first.sheet.itemText(at) for at in range(2)] == ["Notes", "List"]
    assert not first.encoding.isVisible()
    first.sheet.setCurrentText("List")
    first.sheet.activated.emit(1)
    qtbot.waitUntil(lambda: screen.preview is not first, timeout=30_000)
    assert screen.preview.sheet.currentText() == "List"
    bring_in(qtbot, screen)
    assert "Charité" in names(store)
    qtbot.waitUntil(lambda: tasks.is_idle)


@pytest.mark.parametrize("role", ["KAM"])
def test_products_are_found_known_imported_and_taken_back(
    qtbot, window, store, tasks, tmp_path, role
):
    path = write(
        tmp_path / "p.csv",
        "Product name,ATC,Dosage form",
        "Aspirin 100 mg,B01AC06,tablet",
        "Nifedipine 30 mg,C08CA05,tablet",
    )
    found = "SELECT name, atc FROM product WHERE _rev = 0 ORDER BY name"
    screen = preview_of(qtbot, window, path)
    assert screen.preview.kind.currentData() == "product"
    bring_in(qtbot, screen)
    assert store.read(lambda r: r.rows(found)) == [
        ("Aspirin 100 mg", "B01AC06"),
        ("Nifedipine 30 mg", "C08CA05"),
    ]
    qtbot.waitUntil(lambda: tasks.is_idle)
    screen.look_at(path)
    qtbot.waitUntil(lambda: screen.preview is not None and screen.preview.seen.known == 2)
    assert screen.preview.known.findData(UPDATE) == -1, "head office alone changes a product"
    screen.preview.closed.emit()
    qtbot.waitUntil(lambda: tasks.is_idle)
    pressed(screen, "Undo the whole import")
    qtbot.waitUntil(lambda: store.read(lambda r: r.rows(found)) == [])
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_products_are_refused_with_words(qtbot, window, tasks, tmp_path):
    path = write(
        tmp_path / "p.csv", "Product name,ATC,Dosage form", "Aspirin 100 mg,B01AC06,tablet"
    )
    screen = preview_of(qtbot, window, path)
    assert not screen.preview.go.isEnabled()
    shown = [label.text() for label in screen.preview.findChildren(type(screen.waiting))]
    assert any("head office" in words for words in shown)
    assert not screen.preview.known.isVisible()
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_a_file_that_is_no_table_is_refused_and_the_list_stays(qtbot, window, tasks, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"%PDF-1.7 whatever")
    screen = imports_of(window)
    screen.look_at(path)
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=30_000)
    assert screen.preview is None
    assert screen.open_file.isEnabled()


def test_h55_the_same_file_twice_brings_nothing_new(qtbot, window, store, tasks, tmp_path):
    path = write(tmp_path / "new.csv", "Hospital name;City", "Charité;Berlin", "Necker;Paris")
    screen = preview_of(qtbot, window, path)
    bring_in(qtbot, screen)
    qtbot.waitUntil(lambda: tasks.is_idle)
    after = names(store)
    assert {"Charité", "Necker"} <= set(after)
    screen = preview_of(qtbot, window, path)
    assert screen.preview.seen.known == 2
    bring_in(qtbot, screen)
    assert screen.job.error is None
    assert names(store) == after
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_h55_what_is_known_is_left_out_unless_one_wants_it():
    known = Read(2, {"name": "a"}, new_id(), "same name")
    assert item_of(known, SKIP, SKIP) is None
    assert item_of(known, UPDATE, SKIP).id == known.of
    assert item_of(Read(2, {"name": "a"}), SKIP, SKIP).id == ""


def test_a_choice_for_one_row_goes_before_the_choice_for_all():
    known = Read(2, {"name": "a"}, new_id(), "same name")
    twice = Read(3, {"name": "a"}, 2, "same name")
    assert item_of(known, UPDATE, SKIP, SKIP) is None
    assert item_of(known, SKIP, SKIP, UPDATE).id == known.of
    assert item_of(known, SKIP, SKIP, CREATE).id == ""
    assert item_of(twice, SKIP, SKIP, CREATE).id == ""
    assert item_of(twice, SKIP, CREATE, UPDATE) is None


@pytest.mark.parametrize("name", ["customers", "imports"])
def test_rows_copied_in_excel_are_pasted_and_imported(qtbot, window, store, tasks, name):
    copy("Hospital name\tCity", 'Charité\t"Berlin\nMitte"', "Vivantes\tBerlin")
    window.show_screen(name, "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    window.activateWindow()
    qtbot.keyClick(window.screens[name], Qt.Key.Key_V, modifier=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "imports" in window.screens)
    screen = window.screens["imports"]
    qtbot.waitUntil(lambda: screen.preview is not None)
    assert screen.preview.seen.told["records"] == 2
    assert not screen.preview.encoding.isVisible()
    bring_in(qtbot, screen)
    assert {"Charité", "Vivantes"} <= set(names(store))
    assert store.read(lambda r: r.value("SELECT title FROM import_job")) == "Pasted rows"
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_what_is_no_table_is_not_pasted_and_one_is_told_what_to_copy(qtbot, window, tasks):
    copy("just a name")
    screen = imports_of(window)
    screen.paste.click()
    assert "Ctrl+V" in window.strip.said.text()
    assert screen.open_file.isEnabled()
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_customers_offer_the_import(qtbot, window, tasks):
    asked = []
    window.lists.import_file = lambda: asked.append("file")
    window._make_desk()
    window.show_screen("customers", "")
    pressed(window.screens["customers"], "Import…")
    assert asked == ["file"]
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_people_come_to_their_customers_and_are_taken_back(qtbot, window, store, tasks):
    screen = preview_of_copied(
        qtbot,
        window,
        "姓名\t医院\t科室\t手机",
        "王芳\t复旦大学附属华山医院\t心内科\t138 0000 0000",
        "王 芳\t复旦大学附属华山医院\t肾内科\t",
        "李雷\t北京某某医院\t药剂科\t",
    )
    page = screen.preview
    assert page.kind.currentData() == "person"
    assert page.fields["医院"].currentText() == "Customer: name"
    assert (page.seen.told["records"], page.seen.repeated) == (2, 1)
    assert "北京某某医院" in page.errors.item(0, 2).text()
    bring_in(qtbot, screen)
    found = (
        "SELECT p.name, c.name, p.initials FROM person p JOIN customer c ON c.id = p.customer_id"
    )
    assert store.read(lambda r: r.rows(found)) == [("王芳", "复旦大学附属华山医院", "wf")]
    qtbot.waitUntil(lambda: tasks.is_idle)
    screen.paste.click()
    qtbot.waitUntil(lambda: screen.preview is not None)
    assert screen.preview.seen.known == 2
    screen.preview.closed.emit()
    qtbot.waitUntil(lambda: tasks.is_idle)
    pressed(screen, "Undo the whole import")
    qtbot.waitUntil(lambda: store.read(lambda r: r.rows(found)) == [])
    qtbot.waitUntil(lambda: tasks.is_idle)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_h54_rows_with_errors_are_saved_with_the_reason_beside_each(
    qtbot, window, store, tasks, tmp_path, ending
):
    screen = preview_of_copied(
        qtbot,
        window,
        "Name\tHospital\tPhone",
        "Eve\tNowhere\t=1+1",
        "Al\tSt Mary's Hospital\t1",
        "Ida\tElsewhere",
    )
    assert screen.preview.save_errors.isEnabled()
    dialog = screen.save_errors()
    path = tmp_path / f"wrong.{ending}"
    dialog.save(path)
    qtbot.waitUntil(path.exists)
    dialog.close()
    qtbot.waitUntil(lambda: tasks.is_idle)
    head, eve, ida = (cells for _, cells in open_table(path).rows())
    assert head == ["Row", "Name", "Hospital", "Phone", "What is wrong"]
    assert [eve[0], eve[1], eve[2], eve[3].lstrip("'")] == ["2", "Eve", "Nowhere", "=1+1"]
    assert "Nowhere" in eve[4]
    assert (ida[0], ida[3]) == ("4", "")
    assert "Elsewhere" in ida[4]


def test_without_errors_there_is_nothing_to_save(qtbot, window, tasks):
    screen = preview_of_copied(qtbot, window, "Hospital name\tCity", "Charité\tBerlin")
    assert not screen.preview.save_errors.isEnabled()
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_each_duplicate_row_is_decided_for_itself(qtbot, window, store, tasks):
    screen = preview_of_copied(
        qtbot,
        window,
        "Hospital name\tCity\tPhone",
        "Charité\tBerlin\t030 1",
        "Charité\tBerlin\t030 2",
        "Charité\tBerlin\t030 3",
        "St Mary's Hospital\tLondon\t020 1",
    )
    rows = screen.preview.duplicates
    third, fourth, mary = rows.table.records.rows
    assert [rows.say(one) for one in (third, fourth, mary)] == ["left out"] * 3
    select(rows.table, 0)
    assert not rows.update_known.isEnabled()
    rows.create_anyway.click()
    select(rows.table, 2)
    rows.update_known.click()
    assert [rows.choice(one) for one in (third, fourth, mary)] == [CREATE, SKIP, UPDATE]
    bring_in(qtbot, screen)
    found = "SELECT phone FROM customer WHERE name IN ('Charité', 'St Mary''s Hospital') ORDER BY 1"
    assert store.read(lambda r: [one[0] for one in r.rows(found)]) == ["020 1", "030 1", "030 2"]
    qtbot.waitUntil(lambda: tasks.is_idle)
