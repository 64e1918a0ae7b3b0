"""Contracts in the window: drafted by keyboard, prices sealed while they are typed, dots as soon as they are locked."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import QDate, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton

from kamdesk.db import outbox
from kamdesk.db import reveals as db_reveals
from kamdesk.db.queries.contracts import contract_whole
from kamdesk.db.queries.prices import prices_of
from kamdesk.db.queries.reveals import reveals
from kamdesk.db.queries.today import drafts
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import Look, PriceState
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.importers.files import open_table
from kamdesk.security import keystore
from kamdesk.security.pricelock import PriceLock
from kamdesk.services.reveals import note_look
from kamdesk.ui import discreet, price_lock
from kamdesk.ui.kit import printing
from kamdesk.ui.kit.contract_printing import PrintContract, PrintPrices, offer
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.line_model import LinesModel
from kamdesk.ui.kit.line_table import LineTable
from kamdesk.ui.kit.price_export import PriceExportDialog
from kamdesk.ui.kit.price_words import DOTS
from kamdesk.ui.kit.reveal_card import RevealDialog
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.screens.draft_contract import ContractForm
from tests.played_keys import _cheap_passphrases  # noqa: F401  # fixtures
from tests.ui.conftest import PROFILE
from tests.unit.conftest import HUASHAN, ME

CTRL = Qt.KeyboardModifier.ControlModifier
PRODUCT = "0192f0c1-0000-7000-8000-00000000000c"
OTHER = "0192f0c1-0000-7000-8000-00000000000d"
PASSPHRASE = "prices are shut behind this"


@pytest.fixture
def role():
    return Role.KAM


@pytest.fixture
def policy():
    return "keyring"


@pytest.fixture
def keys(tmp_path):
    made = keystore.create_with_passphrase(tmp_path / "keys", "profile", "the store's passphrase")
    yield made
    made.forget()


@pytest.fixture
def lock(keys, role, policy):
    return PriceLock(keys, policy=policy, is_allowed=role is not Role.REP)


@pytest.fixture
def store(store, lock, role):
    store.prices = lock
    store.actor = Actor(ME.user_id, role, "王敏")
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "INSERT INTO product(id, _rev, _b, name, code, status) VALUES"
            f"('{PRODUCT}', 1, 'ref', 'ENTRESTO 49 mg', 'E49', 'active'),"
            f"('{OTHER}', 1, 'ref', 'LASILIX 40 mg', 'L40', 'active');"
            f"INSERT INTO colleague(id, _rev, _b, name) VALUES('{ME.user_id}', 1, 'ref', '王敏');"
        ),
    )
    return store


@pytest.fixture
def opened(store, line, lock, role):
    return Opened(store, line, replace(PROFILE, role=role.value), store.close, lock)


def settle(qtbot, tasks) -> None:
    qtbot.waitUntil(lambda: tasks.is_idle)
    qtbot.wait(60)
    qtbot.waitUntil(lambda: tasks.is_idle)


def rows(store, sql, *values):
    return store.read(lambda reader: reader.rows(sql, *values))


def press(qtbot, window, words) -> None:
    """Click the button of this name, as soon as the layout shows it."""

    def found() -> list[QPushButton]:
        return [
            one for one in window.findChildren(QPushButton)
            if one.isVisible() and one.accessibleName() == words
        ]  # fmt: skip

    qtbot.waitUntil(lambda: len(found()) > 0)
    found()[0].click()


def show(qtbot, window, tasks) -> None:
    window.show_prices()
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    settle(qtbot, tasks)


@pytest.fixture
def form(window, qtbot, tasks):
    window.draft_contract(customer_id=HUASHAN)
    settle(qtbot, tasks)
    assert isinstance(window.form, ContractForm)
    window.form.activateWindow()
    qtbot.waitUntil(lambda: window.form.customer.record_id == HUASHAN)
    return window.form


def keys_into(qtbot, form, words, *ends) -> None:
    """Type as a hand does: the first key opens the cell, the others go where the cursor then is."""
    for letter in words:
        qtbot.keyClicks(QApplication.focusWidget(), letter)
    for key in ends:
        qtbot.keyClick(QApplication.focusWidget(), key)


def type_line(qtbot, form, product, *cells) -> None:
    """Fill one row with the keyboard: product, pack, volume, unit, then prices."""
    before = form.lines.currentIndex().row()
    keys_into(qtbot, form, product, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: (
            bool(form.lines.rows.lines[before].product_id)
            and form.lines.currentIndex().column() == 1
        )
    )
    for cell in cells:
        keys_into(qtbot, form, cell, Qt.Key.Key_Tab)


def shown(form, key, at=0) -> str:
    model = form.lines.rows
    return model.data(model.index(at, model.keys.index(key)))


def every_text(window) -> str:
    """Everything that widgets and their models show or tell a screen reader."""
    found = [window.windowTitle()]
    for one in window.findChildren(QLabel):
        found += [one.text(), one.toolTip(), one.accessibleName()]
    for one in window.findChildren(QPushButton):
        found += [one.text(), one.toolTip(), one.accessibleName()]
    for table in window.findChildren(LineTable):
        model = table.lines
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole,
                     Qt.ItemDataRole.AccessibleTextRole):  # fmt: skip
            found += [
                str(model.data(model.index(row, column), role))
                for row in range(model.rowCount()) for column in range(model.columnCount())
            ]  # fmt: skip
    return " ".join(found)


def start_grid(qtbot, form) -> None:
    form.title_edit.setText("Supply 2027")
    form.lines.setFocus()
    form.lines.go(0, "product")


# ---- drafting


def test_contract_with_priced_lines_is_drafted_with_the_keyboard_alone(
    form, qtbot, store, window, tasks, lock
):
    show(qtbot, window, tasks)
    qtbot.keyClicks(form.title_edit, "Supply 2027")
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "12,000", "box", "250", "240.5", "199.90", "3")
    assert shown(form, "net") == "199.90"
    qtbot.keyClick(form.lines, Qt.Key.Key_Return)  # Enter in the last cell adds a row
    assert len(form.lines.rows.lines) == 2
    type_line(qtbot, form, "lasilix", "", "5", "box", "", "", "10")
    assert form.total.text() == "2,398,850.00 CNY"
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)
    (contract_id,) = rows(store, "SELECT id FROM contract")[0]
    whole = store.read(lambda reader: contract_whole(reader, contract_id))
    assert whole.row.state == "in_review"
    assert [(line.product, line.volume) for line in whole.lines] == [
        ("ENTRESTO 49 mg", 12_000), ("LASILIX 40 mg", 5),
    ]  # fmt: skip
    ids = [line.id for line in whole.lines]
    prices = store.read(lambda reader: prices_of(reader, lock, ids))
    assert prices[ids[0]].net.reveal() == "199.90"
    assert prices[ids[0]].rebate.reveal() == "3"
    assert prices[ids[1]].net.reveal() == "10.00"
    assert len({gid for (gid,) in rows(store, "SELECT gid FROM sync_op")}) == 1
    assert rows(store, "SELECT count(*) FROM draft") == [(0,)]


@pytest.mark.parametrize(
    ("key", "typed", "words"),
    [
        ("volume", "many", "whole number"),
        ("net", "1,234", "1234.50"),
        ("net", "-1", "1234.50"),
        ("rebate", "120", "0 to 100"),
    ],
)
def test_h10_what_is_wrong_is_said_at_its_cell_and_closes_nothing(
    form, qtbot, store, window, tasks, key, typed, words
):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "10")
    form.lines.rows.type(0, key, typed)
    form.lines.go(0, "product")
    assert words in form.said.text()
    assert "Row 1" in form.said.text()
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: words in form.banner.text())
    settle(qtbot, tasks)
    assert window.form is form
    assert form.lines.rows.keys[form.lines.currentIndex().column()] == key
    assert shown(form, key) == typed
    assert rows(store, "SELECT count(*) FROM contract") == [(0,)]
    form.lines.rows.type(0, key, "10")
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)


def test_net_above_the_contract_price_is_pointed_out_and_allowed(form, qtbot, window, tasks):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "", "10", "box", "", "20", "21")
    form.lines.go(0, "net")
    assert form.said.text() == "The net price is above the contract price."
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)


def test_rows_are_removed_moved_and_brought_back(form, qtbot):
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "", "1")
    form.lines.add_row()
    type_line(qtbot, form, "lasilix", "", "2")

    def volumes():
        return [line.volume for line in form.lines.rows.lines]

    form.lines.go(1, "volume")
    qtbot.keyClick(form.lines, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert volumes() == ["2", "1"]
    qtbot.keyClick(form.lines, Qt.Key.Key_Delete, CTRL)
    assert volumes() == ["1"]
    qtbot.keyClick(form.lines, Qt.Key.Key_Z, CTRL)
    assert volumes() == ["2", "1"]
    qtbot.keyClick(form.lines, Qt.Key.Key_Z, CTRL)
    assert volumes() == ["1", "2"]


def test_tab_leaves_the_grid_at_its_ends(form, qtbot):
    start_grid(qtbot, form)
    form.lines.go(0, "note")
    qtbot.keyClick(form.lines, Qt.Key.Key_Tab)
    assert not form.lines.hasFocus()
    form.lines.setFocus()
    form.lines.go(0, "product")
    qtbot.keyClick(form.lines, Qt.Key.Key_Backtab)
    assert not form.lines.hasFocus()


def test_rows_from_excel_are_pasted_with_their_products_and_prices(
    form, qtbot, store, window, tasks
):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    QGuiApplication.clipboard().setText(
        "entresto 49 MG\t28 tabs\t12,000\tbox\t¥1,250.00\t240.5\t199.90\t3%\nL40\t\t5\tbox\t\t\t10\nUnknown\t\t1\n"
    )
    qtbot.keyClick(form.lines, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: len(form.lines.rows.lines) == 3)
    assert [line.product_id for line in form.lines.rows.lines] == [PRODUCT, OTHER, ""]
    assert (shown(form, "list"), shown(form, "rebate"), shown(form, "volume")) == (
        "1250.00", "3%", "12,000",
    )  # fmt: skip
    assert "Choose the product from the list." in form.said.text()
    form.lines.go(2, "product")
    qtbot.keyClick(form.lines, Qt.Key.Key_Delete, CTRL)
    qtbot.keyClick(form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT count(*) FROM contract_line") == [(2,)]
    assert rows(store, "SELECT count(*) FROM contract_line_price") == [(2,)]


def test_prices_are_left_out_of_a_paste_while_they_are_locked(form, qtbot, window):
    start_grid(qtbot, form)
    QGuiApplication.clipboard().setText("E49\t28 tabs\t12\tbox\t1250\n")
    qtbot.keyClick(form.lines, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: form.lines.rows.lines[0].product_id == PRODUCT)
    assert not form.lines.rows.lines[0].sealed
    assert "prices are locked" in window.strip.said.text()


# ---- drafts


def test_half_typed_contract_keeps_its_prices_sealed_and_goes_on(form, qtbot, store, window, tasks):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "12", "box", "281474976.7106")
    qtbot.waitUntil(lambda: "Draft kept" in form.kept.text())
    settle(qtbot, tasks)
    qtbot.keyClick(form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.form is None)
    settle(qtbot, tasks)
    (written,) = rows(store, "SELECT data FROM draft")[0]
    assert "281474976" not in written
    assert json.loads(written)["lines"][0]["sealed"]["list"]
    window.show_screen("today", "")
    settle(qtbot, tasks)
    press(qtbot, window, "Go on")
    settle(qtbot, tasks)
    assert (shown(window.form, "list"), shown(window.form, "product")) == (
        "281474976.7106", "ENTRESTO 49 mg",
    )  # fmt: skip
    qtbot.keyClick(window.form, Qt.Key.Key_L, CTRL)
    assert shown(window.form, "list") == DOTS


def test_h13_locking_takes_over_the_open_cell_and_the_draft_keeps_it(
    form, qtbot, store, window, tasks
):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "", "12", "box")
    keys_into(qtbot, form, "739.5")  # the cursor is still in the cell
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_L, CTRL)
    assert window.desk.prices.state is PriceState.LOCKED
    assert {shown(form, key) for key in ("list", "contract", "net", "rebate", "value")} == {DOTS}
    assert form.total.text() == DOTS
    keep = form.keep
    keep.click()
    settle(qtbot, tasks)
    assert "Show prices, then save" in form.banner.text()
    assert window.form is form
    assert "739" not in every_text(form)
    show(qtbot, window, tasks)
    assert shown(form, "list") == "739.5"
    keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT count(*) FROM contract_line_price") == [(1,)]


def test_locked_prices_cannot_be_typed_and_other_cells_can(form, qtbot, store, window):
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "12", "box")
    assert (
        form.lines.rows.keys[form.lines.currentIndex().column()] == "note"
    )  # prices are passed by
    assert form.locked.isVisible()
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT count(*) FROM contract_line_price") == [(0,)]


def saved(form, qtbot, window, tasks, *, locked=True) -> None:
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    type_line(qtbot, form, "entresto", "28 tabs", "10", "box", "250", "240", "739148.26", "3")
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    if locked:
        window.desk.prices.lock()
    window.show_screen("contracts", "")
    settle(qtbot, tasks)


def test_stored_prices_stay_when_the_contract_is_changed_while_they_are_locked(
    form, qtbot, store, window, tasks, lock
):
    saved(form, qtbot, window, tasks)
    before = rows(store, "SELECT * FROM contract_line_price")
    press(qtbot, window, "Go on")
    settle(qtbot, tasks)
    window.form.lines.rows.type(0, "volume", "11")
    window.form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    assert rows(store, "SELECT volume FROM contract_line") == [(11,)]
    assert rows(store, "SELECT * FROM contract_line_price") == before


# ---- looking


def cells(window) -> list[str]:
    table = next(one for one in window.findChildren(LineTable) if one.isVisible())
    return [table.lines.data(table.lines.index(0, at)) for at in range(table.lines.columnCount())]


def test_prices_are_dots_until_they_are_shown_and_at_once_after_locking(form, qtbot, window, tasks):
    saved(form, qtbot, window, tasks)
    hidden = ["ENTRESTO 49 mg", "10 box", DOTS, DOTS, DOTS, DOTS, DOTS]
    assert cells(window) == hidden
    assert window.strip.prices.accessibleName() == "Prices locked"
    press(qtbot, window, "Show prices")
    qtbot.waitUntil(lambda: "739,148.26" in cells(window))
    assert cells(window)[2:] == ["250.00", "240.00", "739,148.26", "3", "7,391,482.60"]
    assert window.strip.prices.accessibleName() == "Prices open"
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_L, CTRL)
    assert cells(window) == hidden
    table = next(one for one in window.findChildren(LineTable) if one.isVisible())
    assert table.lines.sealed == {}
    assert "739" not in every_text(window)


def test_a_screen_reader_and_a_tooltip_never_tell_a_price(form, qtbot, window, tasks):
    saved(form, qtbot, window, tasks, locked=False)
    qtbot.waitUntil(lambda: "739,148.26" in cells(window))
    table = next(one for one in window.findChildren(LineTable) if one.isVisible())
    model = table.lines
    for at in range(2, model.columnCount()):
        assert model.data(model.index(0, at), Qt.ItemDataRole.ToolTipRole) is None
        assert model.data(model.index(0, at), Qt.ItemDataRole.AccessibleTextRole) == "a price"
    assert window.screens["contracts"]._total.accessibleName() == "Net value"
    QGuiApplication.clipboard().setText("before")
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "before"


def test_an_export_has_no_prices_even_while_they_are_open(form, qtbot, window, tasks, tmp_path):
    saved(form, qtbot, window, tasks, locked=False)
    path = tmp_path / "contracts.csv"
    dialog = ExportDialog(window.desk, window, window.screens["contracts"].export())
    dialog.save(path)
    qtbot.waitUntil(path.exists)
    settle(qtbot, tasks)
    written = path.read_text(encoding="utf-8-sig")
    assert "Supply 2027" in written
    assert "739" not in written
    assert open_table(path)


def with_prices(form, qtbot, window, tasks) -> LineTable:
    saved(form, qtbot, window, tasks, locked=False)
    qtbot.waitUntil(lambda: "739,148.26" in cells(window))
    return next(one for one in window.findChildren(LineTable) if one.isVisible())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_with_prices_is_watermarked_and_noted_first(
    form, qtbot, window, tasks, tmp_path, store, kind
):
    table = with_prices(form, qtbot, window, tasks)
    path = tmp_path / f"contract.{kind}"
    whole = window.screens["contracts"]._shown
    PriceExportDialog(window.desk, window, whole, table.lines).on_chosen(path)
    qtbot.waitUntil(path.exists)
    settle(qtbot, tasks)
    found = [str(row) for row in open_table(path).rows()]
    assert any("Confidential" in row and "li.wei" in row and "laptop" in row for row in found)
    assert any("739148.26" in row for row in found)
    [noted] = json.loads(store.read(outbox.read_state)["disclosed"])
    assert (noted["what"], noted["record"]) == ("exported", whole.row.id)
    assert "739148" not in json.dumps(noted)


def test_h13_prices_locked_meanwhile_are_not_exported(form, qtbot, window, tasks, tmp_path):
    table = with_prices(form, qtbot, window, tasks)
    path = tmp_path / "contract.csv"
    dialog = PriceExportDialog(window.desk, window, window.screens["contracts"]._shown, table.lines)
    dialog.on_chosen(path)
    window.desk.prices.lock()
    settle(qtbot, tasks)
    assert not path.exists()
    assert not any(one.accessibleName() == "Export with prices…" and one.isVisible()
                   for one in window.findChildren(QPushButton))  # fmt: skip


@pytest.fixture
def sheets(monkeypatch):
    """What is put on paper, which is made all the same."""
    made = []
    print_really = printing.print_on
    monkeypatch.setattr(
        printing, "print_on", lambda p, s, t: made.append(s) or print_really(p, s, t)
    )
    return made


def test_a_contract_is_printed_with_its_prices_and_noted_first(
    form, qtbot, window, tasks, tmp_path, store, sheets
):
    table = with_prices(form, qtbot, window, tasks)
    whole = window.screens["contracts"]._shown
    PrintPrices(window.desk, window, whole, table.lines).print_on(tmp_path / "out.pdf")
    settle(qtbot, tasks)
    [sheet] = sheets
    assert any("739,148.26" in cell for row in sheet.rows for cell in row)
    assert "li.wei" in sheet.watermark
    assert "laptop" in sheet.watermark
    [noted] = json.loads(store.read(outbox.read_state)["disclosed"])
    assert (noted["how"], noted["record"]) == ("printed", whole.row.id)
    assert sorted(one.name for one in tmp_path.glob("out*")) == ["out.pdf"]


@pytest.mark.parametrize("locked", [True, False])
def test_a_contract_is_printed_without_prices_while_they_are_locked_or_open(
    form, qtbot, window, tasks, tmp_path, store, sheets, locked
):
    table = with_prices(form, qtbot, window, tasks)
    if locked:
        window.desk.prices.lock()
    whole = window.screens["contracts"]._shown
    PrintContract(window.desk, window, whole, table.lines).print_on(tmp_path / "out.pdf")
    settle(qtbot, tasks)
    [sheet] = sheets
    assert list(sheet.rows) == [["ENTRESTO 49 mg", "28 tabs", "10", "box"]]
    assert list(sheet.columns) == ["Product", "Pack", "Volume", "Unit"]
    assert not store.read(outbox.read_state).get("disclosed")


def test_prices_are_offered_to_the_printer_only_while_they_are_open(form, qtbot, window, tasks):
    table = with_prices(form, qtbot, window, tasks)
    whole = window.screens["contracts"]._shown

    def offered(model: LinesModel) -> list[str]:
        menu = offer(window.desk, window, whole, model, below=table)
        menu.close()
        return [one.text() for one in menu.actions() if one.text()]

    plain = ["Print…", "Save as PDF…"]
    assert offered(table.lines) == [*plain, "Print with prices…", "Save as PDF with prices…"]
    assert offered(LinesModel(window.desk.prices, "REP")) == plain
    window.desk.prices.lock()
    assert offered(table.lines) == plain
    press(qtbot, window, "Print…")
    window.findChild(QMenu).close()


def test_h13_prices_locked_meanwhile_are_not_printed(form, qtbot, window, tasks, tmp_path):
    table = with_prices(form, qtbot, window, tasks)
    one = PrintPrices(window.desk, window, window.screens["contracts"]._shown, table.lines)
    one.print_on(tmp_path / "out.pdf")
    window.desk.prices.lock()
    settle(qtbot, tasks)
    assert not (tmp_path / "out.pdf").exists()


def test_a_line_is_copied_with_its_prices_and_noted(form, qtbot, window, tasks, store):
    table = with_prices(form, qtbot, window, tasks)
    table.setCurrentIndex(table.lines.index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    settle(qtbot, tasks)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("ENTRESTO 49 mg\t28 tabs\t10\tbox\t250.00\t240.00\t739148.26\t3")
    [noted] = json.loads(store.read(outbox.read_state)["disclosed"])
    assert noted["what"] == "copied"
    window.desk.prices.lock()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "")


def test_h15_no_price_gets_into_the_clipboard_by_another_way(form, qtbot, window, tasks):
    """What is copied otherwise is on no record, in every history, and stays when prices lock."""
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    QGuiApplication.clipboard().setText("before")
    form.lines.go(0, "net")
    for letter in "739148.26":
        qtbot.keyClicks(QApplication.focusWidget(), letter)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    for key in (Qt.Key.Key_C, Qt.Key.Key_X):
        qtbot.keyClick(editor, key, CTRL)
        assert (editor.text(), QGuiApplication.clipboard().text()) == ("739148.26", "before")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert "739" not in form.total.selectedText()
    form.total.setFocus()
    for key in (Qt.Key.Key_A, Qt.Key.Key_C):
        qtbot.keyClick(form.total, key, CTRL)
    assert form.total.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction
    assert QGuiApplication.clipboard().text() == "before"


def looks(store) -> list[tuple[str, str]]:
    return [(one.what.value, one.contract) for one in store.read(partial(reveals, limit=50))][::-1]


def test_looks_at_prices_are_on_record_with_who_when_and_where_and_no_value(
    form, qtbot, window, tasks, store
):
    table = with_prices(form, qtbot, window, tasks)
    settle(qtbot, tasks)
    seen = [("unlocked", ""), ("shown", "Supply 2027")]
    assert looks(store) == seen
    window.show_screen("contracts", window.screens["contracts"]._shown.row.id)  # as it was
    table.setCurrentIndex(table.lines.index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    settle(qtbot, tasks)
    seen.append(("copied", "Supply 2027"))
    assert looks(store) == seen
    window.desk.prices.lock()
    show(qtbot, window, tasks)
    seen += [("unlocked", ""), ("shown", "Supply 2027")]
    assert looks(store) == seen
    newest = store.read(partial(reveals, limit=1))[0]
    assert (newest.who, newest.customer) == ("王敏", "复旦大学附属华山医院")
    assert abs(clock.now() - newest.at) < timedelta(minutes=5)
    kept = str(rows(store, "SELECT * FROM reveal"))
    assert "739148" not in kept
    window.show_screen("settings", "")
    card = window.screens["settings"].reveals
    qtbot.waitUntil(lambda: card.all.isVisible())
    told = " ".join(one.text() for one in card.findChildren(QLabel))
    assert "Saw the prices · Supply 2027 · 复旦大学附属华山医院" in told
    card.all.click()
    settle(qtbot, tasks)
    dialog = card.findChild(RevealDialog)
    assert len(dialog.table.records.rows) == len(seen)
    dialog.close()


def test_a_held_line_is_on_record_and_what_train_mode_masks_is_not(
    form, qtbot, window, tasks, store
):
    discreet.switch(on=True)
    try:
        saved(form, qtbot, window, tasks, locked=False)
        assert looks(store) == [("unlocked", "")]
        table = next(one for one in window.findChildren(LineTable) if one.isVisible())
        table.setCurrentIndex(table.lines.index(0, 0))
        qtbot.keyPress(table, Qt.Key.Key_Space)
        assert any("739,148.26" in one for one in cells(window))
        qtbot.keyRelease(table, Qt.Key.Key_Space)
        settle(qtbot, tasks)
        assert looks(store) == [("unlocked", ""), ("held", "Supply 2027")]
    finally:
        discreet.switch(on=False)


def test_the_record_of_looks_does_not_grow_for_ever(store, monkeypatch):
    monkeypatch.setattr(db_reveals, "KEPT", 3)
    for number in range(5):
        store.transact(Origin.USER, lambda work, n=number: note_look(work, Look.HELD, f"line {n}"))
    assert rows(store, "SELECT record FROM reveal ORDER BY n") == [
        ("line 2",), ("line 3",), ("line 4",),
    ]  # fmt: skip
    assert rows(store, "SELECT count(*) FROM sync_op") == [(0,)]


def test_nobody_at_the_desk_for_five_minutes_locks_by_the_clock_on_the_wall(
    form, qtbot, window, tasks, monkeypatch
):
    saved(form, qtbot, window, tasks, locked=False)
    now = clock.now()
    lock = window.desk.prices
    monkeypatch.setattr(price_lock.clock, "now", lambda: now + timedelta(seconds=200))
    qtbot.mouseMove(window, QPoint(50, 50))
    QApplication.sendEvent(
        window,
        QMouseEvent(
            QEvent.Type.MouseMove, QPoint(60, 60), QPoint(60, 60), Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        ),
    )  # fmt: skip
    monkeypatch.setattr(price_lock.clock, "now", lambda: now + timedelta(seconds=450))
    lock.look()
    assert lock.is_open
    monkeypatch.setattr(price_lock.clock, "now", lambda: now + timedelta(seconds=501))
    lock.look()
    assert lock.state is PriceState.LOCKED


def test_h17_a_clock_that_is_set_back_keeps_no_prices_open(form, qtbot, window, tasks, monkeypatch):
    saved(form, qtbot, window, tasks, locked=False)
    lock = window.desk.prices
    now, passed = clock.now(), time.monotonic()
    monkeypatch.setattr(price_lock.clock, "now", lambda: now - timedelta(days=1))
    monkeypatch.setattr(price_lock.time, "monotonic", lambda: passed + 299)
    lock.look()
    assert lock.is_open
    monkeypatch.setattr(price_lock.time, "monotonic", lambda: passed + 301)
    lock.look()
    assert lock.state is PriceState.LOCKED


@pytest.mark.parametrize("policy", ["passphrase"])
def test_passphrase_is_chosen_first_and_a_wrong_one_is_said_beside_its_line(
    window, qtbot, tasks, policy
):
    window.show_prices()
    dialog = window.findChild(SmallForm)
    qtbot.keyClicks(dialog._edits["passphrase"], PASSPHRASE)
    qtbot.keyClicks(dialog._edits["again"], "something else")
    qtbot.keyClick(dialog._edits["again"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not the same" in dialog._fields["again"]._below.text())
    assert window.desk.prices.state is PriceState.LOCKED
    dialog._edits["again"].setText(PASSPHRASE)
    qtbot.keyClick(dialog._edits["again"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    window.desk.prices.lock()
    settle(qtbot, tasks)
    window.strip.prices.click()
    dialog = window.findChildren(SmallForm)[-1]
    assert list(dialog._edits) == ["passphrase"]
    qtbot.keyClicks(dialog._edits["passphrase"], "a wrong guess, long enough")
    qtbot.keyClick(dialog._edits["passphrase"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog._fields["passphrase"]._below.text() != "")
    assert dialog.isVisible()
    dialog._edits["passphrase"].setText(PASSPHRASE)
    qtbot.keyClick(dialog._edits["passphrase"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.desk.prices.is_open)


@pytest.mark.parametrize("policy", ["passphrase"])
def test_a_forgotten_passphrase_is_replaced_by_signing_in_and_says_what_is_given_up(
    form, window, qtbot, tasks, line, lock, policy, monkeypatch
):
    signed_in = []

    def replace_price_passphrase(sign_in, new):
        if sign_in.password != "at head office":
            raise UserError("Wrong password.", field="password")
        signed_in.append(sign_in.user)
        lock._keys.drop_price_keys()
        lock.open(new)

    monkeypatch.setattr(line, "replace_price_passphrase", replace_price_passphrase, raising=False)
    lock.open(PASSPHRASE)
    saved(form, qtbot, window, tasks)
    window.show_prices()
    asking = window.findChildren(SmallForm)[-1]
    press(qtbot, asking, "Forgotten the passphrase…")
    qtbot.waitUntil(lambda: "again" in window.findChildren(SmallForm)[-1]._edits)
    other = window.findChildren(SmallForm)[-1]
    assert [one for one in window.findChildren(SmallForm) if one.isVisible()] == [other]
    told = " ".join(one.text() for one in other.findChildren(QLabel))
    assert "1 change with prices that was not sent can never be read again" in told
    assert other._edits["user"].text() == window.desk.profile.login
    for name, typed in (
        ("password", "a guess"), ("passphrase", "a new one, long enough"), ("again", "mistyped"),
    ):  # fmt: skip
        other._edits[name].setText(typed)
    press(qtbot, other, "Sign in and open prices")
    qtbot.waitUntil(lambda: "not the same" in other._fields["again"]._below.text())
    other._edits["again"].setText("a new one, long enough")
    press(qtbot, other, "Sign in and open prices")
    qtbot.waitUntil(lambda: "Wrong password" in other._fields["password"]._below.text())
    assert not window.desk.prices.is_open
    other._edits["password"].setText("at head office")
    press(qtbot, other, "Sign in and open prices")
    qtbot.waitUntil(lambda: window.desk.prices.is_open)
    assert signed_in == [window.desk.profile.login]


@pytest.mark.parametrize(("role", "floor"), [(Role.KAM, False), (Role.RM, True)], ids=["KAM", "RM"])
def test_the_floor_is_a_column_only_for_those_who_may_read_it(form, floor):
    assert ("floor" in form.lines.rows.keys) is floor


@pytest.mark.parametrize("role", [Role.REP])
def test_a_rep_sees_the_contract_and_nothing_of_prices(window, qtbot, store, tasks, role):
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "INSERT INTO contract(id, _rev, _b, customer_id, title, state, type) VALUES"
            f"('c1', 1, 'acct:{HUASHAN}', '{HUASHAN}', 'Supply', 'active', 'sales');"
            "INSERT INTO contract_line(id, _rev, _b, contract_id, customer_id, product_id, volume, position)"
            f" VALUES('l1', 1, 'acct:{HUASHAN}', 'c1', '{HUASHAN}', '{PRODUCT}', 7, 1);"
        ),
    )
    assert "contracts" not in window.rail.shown
    assert not window.strip.prices.isVisible()
    window.show_screen("customers", HUASHAN)
    settle(qtbot, tasks)
    customers = window.screens["customers"]
    customers.tabs.setCurrentIndex(2)
    names = [one.accessibleName() for one in customers.findChildren(QPushButton)]
    assert "New contract" not in names
    window.show_screen("contracts", "c1")
    settle(qtbot, tasks)
    assert cells(window) == ["ENTRESTO 49 mg", "7"]
    for words in ("price", "Net", DOTS):
        assert words not in every_text(window.screens["contracts"])
    names = [one.accessibleName() for one in window.screens["contracts"].findChildren(QPushButton)]
    assert not {"Go on", "Copy", "Delete", "Show prices", "New contract"} & set(names)


# ---- the page


def test_withdrawn_copied_deleted_and_brought_back_from_the_page(form, qtbot, store, window, tasks):
    saved(form, qtbot, window, tasks, locked=False)
    screen = window.screens["contracts"]
    press(qtbot, window, "Hand in for review")
    qtbot.waitUntil(lambda: screen._shown.row.state == "in_review")
    press(qtbot, window, "Withdraw")
    qtbot.waitUntil(lambda: screen._shown.row.state == "draft")
    press(qtbot, window, "Copy")
    qtbot.waitUntil(lambda: window.form is not None)
    settle(qtbot, tasks)
    assert shown(window.form, "net") == "739148.26"
    window.form.reject()
    qtbot.waitUntil(lambda: window.form is None)
    settle(qtbot, tasks)
    assert rows(store, "SELECT count(*) FROM contract_line_price") == [(2,)]
    before = rows(store, "SELECT * FROM contract_line_price ORDER BY id")
    press(qtbot, window, "Delete")
    qtbot.waitUntil(lambda: rows(store, "SELECT count(*) FROM contract") == [(1,)])
    qtbot.waitUntil(window.strip.undo.isVisible)
    assert rows(store, "SELECT count(*) FROM contract_line_price") == [(1,)]
    window.strip.undo.click()
    qtbot.waitUntil(lambda: rows(store, "SELECT count(*) FROM contract") == [(2,)])
    again = rows(store, "SELECT * FROM contract_line_price ORDER BY id")
    assert [row[1:] for row in again] == [row[1:] for row in before]


def test_the_draft_is_on_the_first_page_under_its_name(form, qtbot, window, tasks, store):
    form.title_edit.setFocus()
    qtbot.keyClicks(form.title_edit, "Supply")
    form.ends_on.setDate(QDate(2030, 1, 1))
    qtbot.keyClick(form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.form is None)
    settle(qtbot, tasks)
    (kept,) = store.read(drafts)
    assert (kept.form, kept.title) == ("contract", "复旦大学附属华山医院 · Supply")


def test_h25_a_form_about_a_contract_that_was_deleted_meanwhile_makes_a_new_one_with_its_prices(
    form, qtbot, store, window, tasks, lock
):
    saved(form, qtbot, window, tasks, locked=False)
    old = form.entry_id
    window.draft_contract(contract_id=old)
    again = window.form
    qtbot.waitUntil(lambda: "net" in again.lines.rows.lines[0].sealed)
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.executescript(
            "DELETE FROM contract; DELETE FROM contract_line; DELETE FROM contract_line_price;"
        ),
    )
    again.title_edit.setText("Typed meanwhile")
    again.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    [(made, title)] = rows(store, "SELECT id, title FROM contract")
    assert (made != old, title) == (True, "Typed meanwhile")
    [(line,)] = rows(store, "SELECT id FROM contract_line")
    prices = store.read(lambda reader: prices_of(reader, lock, [line]))[line]
    assert prices.net.reveal() == "739148.26"


def test_the_products_of_a_page_stay_sorted_when_it_is_read_again(form, qtbot, store, window, tasks):
    show(qtbot, window, tasks)
    start_grid(qtbot, form)
    for product, net in (("entresto", "300"), ("lasilix", "12")):
        if product == "lasilix":
            form.lines.add_row()
        type_line(qtbot, form, product, "28 tabs", "10", "box", "400", "350", net, "")
    form.keep.click()
    qtbot.waitUntil(lambda: window.form is None)
    window.show_screen("contracts", "")
    settle(qtbot, tasks)

    def products():
        table = next(one for one in window.findChildren(LineTable) if one.isVisible())
        return [one.product.split()[0] for one in table.lines.lines], table

    qtbot.waitUntil(lambda: products()[1].lines.can_sort("net"))
    before, table = products()
    assert len(before) == 2
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    table.setFocus()
    window.lists.sort()
    menu = next(one for one in table.findChildren(QMenu) if one.isVisible())
    menu.actions()[table.lines.keys.index("net")].trigger()
    menu.close()
    assert products()[0] == before[::-1]
    store.transact(
        Origin.SYNC, lambda work: work.driver.execute("UPDATE contract SET title = 'Renamed'")
    )
    window.screens["contracts"].show_page(window.screens["contracts"].shown)
    qtbot.waitUntil(lambda: "Renamed" in every_text(window))
    settle(qtbot, tasks)
    assert products()[1] is not table
    qtbot.waitUntil(lambda: products()[0] == before[::-1])
