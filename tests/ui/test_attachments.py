"""Attachments in the window: attached, seen, opened and taken away; hostile names and contents (H56, H57)."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel

from kamdesk.db.queries.attachments import attachments_of
from kamdesk.db.queries.customers import Found
from kamdesk.db.queries.today import drafts
from kamdesk.domain import clock
from kamdesk.domain.attachments import Moving
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.domain.roles import Actor, Role
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.services.attachments import NewAttachment, attach
from kamdesk.services.promotions import PromotionEntry, draft_request
from kamdesk.services.visits import VisitEntry, plan_visit, report_visit, submit_visit
from kamdesk.sync.carrier import Carrier
from kamdesk.ui import discreet
from kamdesk.ui.kit.attachment_page import RecordAttachments
from kamdesk.ui.kit.attachment_tile import Place
from kamdesk.ui.kit.picture import decode
from kamdesk.ui.screens.record_visit import VisitForm
from tests.unit.conftest import HUASHAN

PAPER = b"%PDF-1.7 minutes of the meeting"


class Cabinet(Carrier):
    """The real one, with a line that the test plays."""

    way: Moving | None = None
    way_of = ""
    asked: tuple[str, ...] = ()

    def moving(self):
        return {self.way_of: self.way} if self.way is not None else {}

    def fetch(self, attachment_id):
        super().fetch(attachment_id)
        self.asked += (attachment_id,)

    def tell(self, attachment_id="", way=None):
        self.way_of, self.way = attachment_id, way
        self._tell()


def cabinet_at(store, folder) -> Cabinet:
    files = SealedFiles(folder / "attachments", bytearray(b"k" * 32), "0" * 32)
    return Cabinet(store, files, None, folder)


@pytest.fixture
def cabinet(store, tmp_path):
    return cabinet_at(store, tmp_path)


@pytest.fixture
def opened(opened, cabinet):
    return replace(opened, attachments=cabinet)


@pytest.fixture
def form(window, qtbot, tasks):
    def open_form(**known) -> VisitForm:
        window.record_visit(**known)
        qtbot.waitUntil(lambda: tasks.is_idle)
        window.form.activateWindow()
        qtbot.waitUntil(window.form.isActiveWindow)
        return window.form

    return open_form


@pytest.fixture(autouse=True)
def bugs(request):
    """What the program would show as a bug of its own; nothing here is one."""
    if "tasks" not in request.fixturenames:
        yield []
        return
    found = []
    request.getfixturevalue("tasks").unexpected.connect(found.append)
    yield found
    assert found == []


@pytest.fixture
def folder(tmp_path):
    """A place for files of the user."""
    made = tmp_path / "user"
    made.mkdir()
    return made


def picture(folder, name="photo.png", colour="red"):
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(colour)
    path = folder / name
    assert image.save(str(path), "PNG")
    return path


def planned(store):
    entry = VisitEntry(new_id(), HUASHAN, held_on=clock.today(), objective="Formulary")
    return store.transact(Origin.USER, lambda work: plan_visit(work, entry)).value


def attached(store, cabinet, visit, name="photo.png", data=b"\x89PNG\r\n\x1a\n rest"):
    new = NewAttachment(new_id(), "visit", visit, name, cabinet.keep(data))
    return store.transact(Origin.USER, lambda work: attach(work, new)).value


def rows(store, visit):
    return store.read(lambda reader: attachments_of(reader, "visit", [visit]))


def settled(qtbot, tasks, strip):
    qtbot.waitUntil(lambda: tasks.is_idle and not strip.keeping.is_busy)


def names(strip):
    return [strip.tiles[item.id].name.text() for item in strip.items]


def said(strip):
    return [strip.tiles[item.id].status.text() for item in strip.items]


def filled(qtbot, shown):
    for edit, words in (
        (shown.objective, "Formulary"), (shown.outcome, "Agreed"), (shown.next_step, "Send it"),
    ):  # fmt: skip
        edit.setPlainText(words)


def saved(qtbot, window, tasks, shown):
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.form is None)
    qtbot.waitUntil(lambda: tasks.is_idle)


def test_what_is_attached_to_a_new_visit_is_saved_with_it(
    form, window, store, qtbot, tasks, folder
):
    shown = form(customer_id=HUASHAN)
    filled(qtbot, shown)
    shown.attachments.attach_files([picture(folder)])
    settled(qtbot, tasks, shown.attachments)
    assert names(shown.attachments) == ["photo.png"]
    assert said(shown.attachments) == ["Saved on this computer"]
    assert store.read(lambda r: r.value("SELECT count(*) FROM attachment")) == 0
    visit = shown.entry_id
    saved(qtbot, window, tasks, shown)
    [row] = rows(store, visit)
    assert (row.name, row.is_stored) == ("photo.png", False)


def test_a_save_waits_for_the_files(
    form, window, store, qtbot, tasks, folder, cabinet, monkeypatch
):
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    shown = form(customer_id=HUASHAN)
    filled(qtbot, shown)
    shown.attachments.attach_files([picture(folder)])
    visit = shown.entry_id
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "as soon as" in shown.banner.text())
    gate.set()
    qtbot.waitUntil(lambda: window.form is None)
    assert [row.name for row in rows(store, visit)] == ["photo.png"]


def test_who_closes_the_form_while_a_save_waits_finds_in_the_draft_what_was_typed(
    form, window, store, qtbot, tasks, folder, cabinet, monkeypatch
):
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    shown = form(customer_id=HUASHAN)
    shown.attachments.attach_files([picture(folder)])
    filled(qtbot, shown)
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "as soon as" in shown.banner.text())
    typed = shown.values()["objective"]
    assert typed
    shown.reject()
    gate.set()
    qtbot.waitUntil(lambda: window.form is None and tasks.is_idle)
    [draft] = store.read(drafts)
    assert draft.values["objective"] == typed


def test_what_waits_to_be_saved_is_not_typed_over(form, qtbot, tasks, folder, cabinet, monkeypatch):
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    shown = form(customer_id=HUASHAN)
    filled(qtbot, shown)
    shown.attachments.attach_files([folder / "gone.pdf"])
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "as soon as" in shown.banner.text())
    before = shown.outcome.toPlainText()
    qtbot.keyClicks(shown.outcome, "more")
    assert shown.outcome.toPlainText() == before
    gate.set()
    settled(qtbot, tasks, shown.attachments)
    qtbot.keyClicks(shown.outcome, "more")
    assert "more" in shown.outcome.toPlainText()


def test_a_file_that_cannot_be_kept_holds_the_save_back(
    form, store, qtbot, tasks, folder, cabinet, monkeypatch
):
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    shown = form(customer_id=HUASHAN)
    filled(qtbot, shown)
    shown.attachments.attach_files([folder / "gone.pdf"])
    qtbot.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "as soon as" in shown.banner.text())
    gate.set()
    settled(qtbot, tasks, shown.attachments)
    assert "gone.pdf" in shown.attachments.message.text()
    assert shown.save.isEnabled()
    assert not shown.banner.isVisible()
    assert store.read(lambda r: r.value("SELECT count(*) FROM visit")) == 0


def test_a_half_typed_form_keeps_its_attachments_through_a_kill(
    form, window, store, qtbot, tasks, folder, tmp_path
):
    shown = form(customer_id=HUASHAN)
    shown.attachments.attach_files([picture(folder)])
    settled(qtbot, tasks, shown.attachments)
    qtbot.waitUntil(lambda: bool(store.read(drafts)) and tasks.is_idle)
    # What a kill leaves: the store with the draft, and the sealed content; the next start sweeps what nobody names
    for path in (tmp_path / "attachments").iterdir():
        os.utime(path, (1, 1))
    again = cabinet_at(store, tmp_path)
    again.step(lambda call: call(""))
    [draft] = store.read(drafts)
    shown.reject()
    qtbot.waitUntil(lambda: window.form is None and tasks.is_idle)
    shown = form(draft=draft)
    settled(qtbot, tasks, shown.attachments)
    assert names(shown.attachments) == ["photo.png"]
    assert again.read(shown.attachments.items[0].content) == (folder / "photo.png").read_bytes()
    filled(qtbot, shown)
    visit = shown.entry_id
    saved(qtbot, window, tasks, shown)
    assert [row.name for row in rows(store, visit)] == ["photo.png"]


def test_h25_attachments_go_with_what_becomes_a_visit_of_its_own(
    form, window, store, qtbot, tasks, folder
):
    visit = planned(store)
    shown = form(visit_id=visit)
    shown.attachments.attach_files([picture(folder)])
    settled(qtbot, tasks, shown.attachments)
    store.transact(
        Origin.SYNC, lambda work: work.driver.execute("DELETE FROM visit WHERE id = ?", (visit,))
    )
    filled(qtbot, shown)
    saved(qtbot, window, tasks, shown)
    [(made,)] = store.read(lambda reader: reader.rows("SELECT id FROM visit"))
    assert made != visit
    assert [row.name for row in rows(store, made)] == ["photo.png"]


def test_what_a_draft_names_and_is_here_no_more_is_said_and_not_saved(
    form, window, store, qtbot, tasks, folder, cabinet
):
    shown = form(customer_id=HUASHAN)
    shown.attachments.attach_files([picture(folder), picture(folder, "other.png", "blue")])
    settled(qtbot, tasks, shown.attachments)
    lost = shown.attachments.items[0].content
    shown.reject()
    qtbot.waitUntil(lambda: window.form is None and tasks.is_idle)
    cabinet._files.discard(lost)
    [draft] = store.read(drafts)
    shown = form(draft=draft)
    qtbot.waitUntil(lambda: names(shown.attachments) == ["other.png"])
    assert "photo.png is no longer on this computer" in shown.attachments.message.text()
    filled(qtbot, shown)
    visit = shown.entry_id
    saved(qtbot, window, tasks, shown)
    assert [row.name for row in rows(store, visit)] == ["other.png"]


def test_in_train_mode_no_sentence_names_a_file(page, window, store, qtbot, tasks, cabinet):
    visit = planned(store)
    one = attached(store, cabinet, visit, "photo.png", b"no picture")
    discreet.switch(on=True)
    try:
        strip = page(visit)
        qtbot.waitUntil(lambda: names(strip) == ["photo.png"])
        strip.opening.open(strip.items[0])
        qtbot.waitUntil(lambda: "is not what its name says" in strip.message.text())
        assert "photo" not in strip.message.text()
        strip.tiles[one].remove.click()
        qtbot.waitUntil(lambda: "was removed" in window.strip.said.text())
        assert "photo" not in window.strip.said.text()
    finally:
        discreet.switch(on=False)


def test_removing_is_undone_and_only_saved_with_the_form(
    form, window, store, qtbot, tasks, cabinet
):
    visit = planned(store)
    one = attached(store, cabinet, visit)
    shown = form(visit_id=visit)
    strip = shown.attachments
    settled(qtbot, tasks, strip)
    strip.tiles[one].setFocus()
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Delete)
    assert names(strip) == []
    assert "photo.png was removed" in strip.removed.text()
    strip.undo.click()
    assert names(strip) == ["photo.png"]
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Delete)
    assert len(rows(store, visit)) == 1
    filled(qtbot, shown)
    saved(qtbot, window, tasks, shown)
    assert rows(store, visit) == []


def test_what_is_taken_away_in_a_request_goes_before_it_is_handed_in(
    window, store, qtbot, tasks, cabinet, folder
):
    """Head office takes nothing away from what was handed in: the whole save would be refused."""
    entry = PromotionEntry(
        new_id(), HUASHAN, product_id=new_id(), planned_on=clock.today() + timedelta(days=30),
        objective="Teach the switch", estimate=Money(100_00, "CNY"),
    )  # fmt: skip
    store.transact(Origin.USER, lambda work: draft_request(work, entry))
    new = NewAttachment(new_id(), "promotion_request", entry.id, "old.pdf", cabinet.keep(PAPER))
    store.transact(Origin.USER, lambda work: attach(work, new))
    store.transact(Origin.SYNC, lambda work: work.driver.execute("DELETE FROM sync_op"))
    window.request_promotion(request_id=entry.id)
    shown = window.form
    qtbot.waitUntil(lambda: names(shown.attachments) == ["old.pdf"])
    qtbot.keyClick(shown.attachments.tiles[new.id], Qt.Key.Key_Delete)
    shown.attachments.attach_files([picture(folder)])
    settled(qtbot, tasks, shown.attachments)
    shown.product.set_record(Found(entry.product_id, "ENTRESTO", ""))
    saved(qtbot, window, tasks, shown)
    told = store.read(lambda r: list(r.rows("SELECT op, kind FROM sync_op ORDER BY lid")))
    assert told.index(("delete", "attachment")) < told.index(("cmd", "promotion_request"))
    assert ("create", "attachment") in told


def test_an_amended_report_shows_what_its_first_version_has_and_keeps_it(
    form, store, qtbot, tasks, cabinet
):
    entry = VisitEntry(
        new_id(), HUASHAN, held_on=clock.today() - timedelta(days=1), objective="a", outcome="b",
        next_step="c",
    )  # fmt: skip
    store.transact(Origin.USER, lambda work: report_visit(work, entry))
    one = attached(store, cabinet, entry.id)
    shown = form(visit_id=entry.id, amend=True)
    settled(qtbot, tasks, shown.attachments)
    assert names(shown.attachments) == ["photo.png"]
    tile = shown.attachments.tiles[one]
    assert not tile.remove.isVisible()
    qtbot.keyClick(tile, Qt.Key.Key_Delete)
    assert names(shown.attachments) == ["photo.png"]


def drop(widget, path, strip):
    """Drop a file on a widget; the list shows that it will take it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton)
    enter = QDragEnterEvent(QPoint(5, 5), *how, Qt.KeyboardModifier.NoModifier)
    let_go = QDropEvent(QPointF(5, 5), *how, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, enter)
    assert strip.property("drop")
    QApplication.sendEvent(widget, let_go)
    assert not strip.property("drop")


def test_files_are_dropped_on_a_text_field_and_pasted_into_one(form, qtbot, tasks, folder):
    shown = form(customer_id=HUASHAN)
    drop(shown.objective.viewport(), picture(folder), shown.attachments)
    settled(qtbot, tasks, shown.attachments)
    assert names(shown.attachments) == ["photo.png"]
    QGuiApplication.clipboard().setImage(QImage(3, 3, QImage.Format.Format_RGB32))
    shown.objective.setFocus()
    qtbot.keyClick(shown.objective, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, tasks, shown.attachments)
    assert len(names(shown.attachments)) == 2
    assert names(shown.attachments)[1].startswith("Picture ")
    QGuiApplication.clipboard().setText("words")
    qtbot.keyClick(shown.objective, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert shown.objective.toPlainText() == "words"


def test_limits_are_said_in_words(form, qtbot, tasks, folder):
    shown = form(customer_id=HUASHAN)
    strip = shown.attachments
    large = folder / "large.bin"
    with large.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    strip.attach_files([large])
    settled(qtbot, tasks, strip)
    assert "at most 25 MB" in strip.message.text()
    many = [folder / f"{n}.txt" for n in range(21)]
    for n, path in enumerate(many):
        path.write_text(str(n))
    strip.attach_files(many)
    settled(qtbot, tasks, strip)
    assert len(strip.items) == 20
    assert "There are 20 attachments already" in strip.message.text()
    strip.attach_files([many[0]])
    assert len(strip.items) == 20


def test_what_is_under_way_is_said_as_it_is(form, store, qtbot, tasks, cabinet):
    visit = planned(store)
    one = attached(store, cabinet, visit)
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    cabinet.tell(one, Moving(up=True, done=30, size=40))
    qtbot.waitUntil(lambda: said(strip) == ["On its way, 75 %"])
    assert "On its way, 75 %" in strip.tiles[one].accessibleName()
    cabinet.tell()
    qtbot.waitUntil(lambda: said(strip) == ["Saved on this computer"])
    cabinet.set_metered(metered=True)
    qtbot.waitUntil(lambda: "cost by volume" in strip.tiles[one].name.toolTip())
    assert strip.tiles[one].status.property("look") == "tile-grey"  # nothing is wrong
    store.transact(
        Origin.SYNC,
        lambda work: (
            work.driver.execute("UPDATE attachment SET upload_state = 'stored'")
            and work.touch("attachment", one)
        ),
    )
    qtbot.waitUntil(lambda: said(strip) == ["At head office"])


def test_what_is_not_here_is_fetched_and_opened_when_it_comes(
    form, store, qtbot, tasks, cabinet, folder
):
    visit = planned(store)
    data = picture(folder).read_bytes()
    one = attached(store, cabinet, visit, data=data)
    [row] = rows(store, visit)
    cabinet._files.discard(row.content)
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    assert said(strip) == ["Not on this computer yet"]
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cabinet.asked == (one,))
    cabinet.tell()
    qtbot.waitUntil(lambda: strip.tiles[one].place is Place.WANTED)
    strip.tiles[one].leave.click()
    qtbot.waitUntil(lambda: strip.tiles[one].place is Place.AWAY)
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(cabinet.asked) == 2)
    cabinet.keep(data)
    cabinet._unwant(one)
    cabinet.tell()
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    assert strip.opening.dialog.view.image.width() == 40


def test_a_picture_is_shown_without_a_file_and_in_train_mode_while_it_is_held(
    form, store, qtbot, tasks, cabinet, folder, tmp_path
):
    visit = planned(store)
    one = attached(store, cabinet, visit, data=picture(folder).read_bytes())
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    before = sorted(tmp_path.rglob("*"))
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    view = strip.opening.dialog.view
    assert view.is_seen
    assert sorted(tmp_path.rglob("*")) == before
    discreet.switch(on=True)
    try:
        assert not view.is_seen
        qtbot.keyPress(view, Qt.Key.Key_Space)
        assert view.is_seen
        qtbot.keyRelease(view, Qt.Key.Key_Space)
        assert not view.is_seen
    finally:
        discreet.switch(on=False)


def test_another_program_gets_a_copy_only_when_the_user_says_so(
    form, store, qtbot, tasks, cabinet, monkeypatch
):
    shown_elsewhere = []
    monkeypatch.setattr(
        "kamdesk.ui.kit.attachment_opening.show_elsewhere",
        lambda path: shown_elsewhere.append(path) or True,
    )
    visit = planned(store)
    one = attached(store, cabinet, visit, "minutes.pdf", PAPER)
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    assert "not encrypted" in strip.opening.dialog.text()
    assert shown_elsewhere == []
    strip.opening.dialog.buttons()[0].click()
    qtbot.waitUntil(lambda: len(shown_elsewhere) == 1)
    [path] = shown_elsewhere
    assert path.read_bytes() == PAPER
    cabinet.remove_copies()
    assert not path.exists()


def test_a_copy_is_saved_where_the_user_wants_it(
    form, store, qtbot, tasks, cabinet, folder, window
):
    visit = planned(store)
    one = attached(store, cabinet, visit, "minutes.pdf", PAPER)
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    strip.opening.dialog.close()
    strip.opening.write(strip.items[0], folder / "copy.pdf")
    qtbot.waitUntil(lambda: "copy.pdf is saved" in window.strip.said.text())
    assert (folder / "copy.pdf").read_bytes() == PAPER
    strip.opening.write(strip.items[0], folder / "nowhere" / "copy.pdf")
    qtbot.waitUntil(lambda: "could not be written" in strip.message.text())


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("..\\..\\CON.png", "_CON.png"),
        ("photo.png. . ", "photo.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
    ],
)
def test_h56_a_hostile_name_is_safe_from_the_moment_it_is_seen(
    form, store, qtbot, tasks, cabinet, folder, hostile, safe
):
    visit = planned(store)
    strip = form(visit_id=visit).attachments
    path = folder / hostile
    path.write_bytes(b"some bytes")
    strip.attach_files([path])
    settled(qtbot, tasks, strip)
    assert names(strip) == [safe]


def test_h56_a_hostile_name_from_head_office_leads_out_of_no_folder(
    form, store, qtbot, tasks, cabinet, tmp_path, monkeypatch
):
    opened = []
    monkeypatch.setattr(
        "kamdesk.ui.kit.attachment_opening.show_elsewhere", lambda path: opened.append(path) or True
    )
    visit = planned(store)
    one = attached(store, cabinet, visit, "minutes.pdf", PAPER)
    hostile = "../../../" + "x" * 300 + "\u202e.pdf"
    store.transact(
        Origin.SYNC, lambda work: work.driver.execute("UPDATE attachment SET name = ?", (hostile,))
    )
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    [name] = names(strip)
    assert "/" not in name
    assert "\u202e" not in name
    assert len(name) <= 120
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    asked, strip.opening.dialog = strip.opening.dialog, None
    assert asked.selectedFiles()[0].endswith(name)
    asked.close()
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    strip.opening.dialog.buttons()[0].click()
    qtbot.waitUntil(lambda: len(opened) == 1)
    assert opened[0].name == name
    assert opened[0].parents[2] == tmp_path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("photo.png", b"MZ\x90\x00 a program"),
        ("photo.png", b"\x89PNG\r\n\x1a\n and then nothing of a picture"),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n another kind"),
        ("minutes.pdf", b"MZ\x90\x00 a program"),
    ],
)
def test_h57_what_is_not_what_its_name_says_is_never_opened_and_said(
    form, store, qtbot, tasks, cabinet, monkeypatch, name, data
):
    opened = []
    monkeypatch.setattr("kamdesk.ui.kit.attachment_opening.show_elsewhere", opened.append)
    visit = planned(store)
    one = attached(store, cabinet, visit, name, data)
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "is not what its name says" in strip.message.text())
    assert strip.opening.dialog is None
    assert opened == []


@pytest.mark.parametrize("ending", ["png", "jpg", "jpeg", "bmp", "webp"])
def test_a_picture_is_read_as_what_its_name_says_and_as_nothing_else(qapp, folder, ending):
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill("red")
    assert image.save(str(folder / f"one.{ending}"))
    data = (folder / f"one.{ending}").read_bytes()
    assert decode(f"one.{ending}", data).width() == 40
    for other in {"png", "jpg", "bmp", "webp"} - {ending.replace("jpeg", "jpg")}:
        with pytest.raises(UserError, match="not what its name says"):
            decode(f"one.{other}", data)
    with pytest.raises(UserError, match="not what its name says"):
        decode(f"one.{ending}", b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def test_a_picture_that_would_take_all_memory_is_not_read(qapp):
    head = struct.pack(">4sIIBBBBB", b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    bomb += struct.pack(">I4s", 0, b"IDAT") + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(UserError, match="too large to be shown"):
        decode("bomb.png", bomb)


def test_h57_a_program_has_no_way_to_be_opened_and_a_false_picture_is_said_when_it_is_attached(
    form, store, qtbot, tasks, cabinet, folder
):
    visit = planned(store)
    one = attached(store, cabinet, visit, "setup.exe", b"MZ\x90\x00 a program")
    strip = form(visit_id=visit).attachments
    settled(qtbot, tasks, strip)
    qtbot.mouseClick(strip.tiles[one], Qt.MouseButton.LeftButton)
    assert tasks.is_idle
    assert [action.text().split("\t")[0] for action in strip.tiles[one].menu().actions()] == [
        "Save as…",
        "Remove",
    ]
    qtbot.keyClick(strip.tiles[one], Qt.Key.Key_Return)  # it can only be saved
    qtbot.waitUntil(lambda: strip.opening.dialog is not None)
    assert strip.opening.dialog.windowTitle() == "Save a copy"
    strip.opening.dialog.close()
    false = folder / "holiday.png"
    false.write_bytes(b"<html>")
    strip.attach_files([false])
    settled(qtbot, tasks, strip)
    assert "is not what its name says" in strip.message.text()


def test_a_store_that_takes_nothing_says_so(form, qtbot, tasks, folder, cabinet, monkeypatch):
    def full(_path):
        raise MachineError("The disk is full.", code="DISK_FULL", context="attachment")

    monkeypatch.setattr(cabinet, "keep_file", full)
    strip = form(customer_id=HUASHAN).attachments
    strip.attach_files([picture(folder)])
    settled(qtbot, tasks, strip)
    assert names(strip) == []
    assert "photo.png: The disk is full." in strip.message.text()


@pytest.fixture
def page(window, qtbot, tasks):
    """Open the page of a visit; return the list of its attachments."""

    def open_page(visit) -> RecordAttachments:
        window.show_screen("visits", visit)
        qtbot.waitUntil(lambda: tasks.is_idle)
        found = window.screens["visits"].findChildren(RecordAttachments)
        return found[-1] if found else None

    return open_page


def test_on_a_page_it_is_saved_at_once_and_what_is_removed_comes_back(
    page, window, store, qtbot, tasks, folder
):
    visit = planned(store)
    strip = page(visit)
    assert strip.attach.isVisible()
    strip.attach_files([picture(folder)])
    qtbot.waitUntil(lambda: names(strip) == ["photo.png"])
    strip.attach_files([picture(folder)])
    qtbot.waitUntil(lambda: "attached already" in strip.message.text())
    [row] = rows(store, visit)
    qtbot.waitUntil(lambda: tasks.is_idle)
    strip.tiles[row.id].remove.click()
    qtbot.waitUntil(lambda: names(strip) == [])
    assert rows(store, visit) == []
    window.strip.undo.click()
    qtbot.waitUntil(lambda: names(strip) == ["photo.png"])
    assert [one.content for one in rows(store, visit)] == [row.content]


def test_a_file_is_dropped_anywhere_on_a_page_also_when_it_was_painted_anew(
    page, window, store, qtbot, folder
):
    visit = planned(store)
    page(visit)
    window.screens["visits"]._painted = None
    window.screens["visits"].refresh()
    strip = page(visit)
    heading = next(
        one
        for one in window.screens["visits"].findChildren(QLabel)
        if one.property("look") == "title"
    )
    drop(heading, picture(folder), strip)
    qtbot.waitUntil(lambda: names(strip) == ["photo.png"])
    assert len(rows(store, visit)) == 1


def test_what_is_being_saved_on_a_page_goes_to_its_record_whatever_is_shown_then(
    page, window, store, qtbot, tasks, folder, cabinet, monkeypatch
):
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    visit, other = planned(store), planned(store)
    page(visit).attach_files([picture(folder)])
    window.show_screen("visits", other)
    gate.set()
    qtbot.waitUntil(lambda: len(rows(store, visit)) == 1)
    assert rows(store, other) == []


def test_a_page_says_nothing_of_what_is_kept_for_another_one(
    page, window, store, qtbot, tasks, folder, cabinet, monkeypatch
):
    path = picture(folder)
    visit, other = planned(store), planned(store)
    attached(store, cabinet, other, data=path.read_bytes())
    gate, keep = Event(), cabinet.keep_file
    monkeypatch.setattr(cabinet, "keep_file", lambda path: (gate.wait(10), keep(path))[1])
    page(visit).attach_files([path])
    window.show_screen("visits", other)
    screen = window.screens["visits"]
    lists = lambda: [names(one) for one in screen.findChildren(RecordAttachments)]  # noqa: E731
    qtbot.waitUntil(lambda: lists()[-1:] == [["photo.png"]])
    gate.set()
    qtbot.waitUntil(lambda: len(rows(store, visit)) == 1 and tasks.is_idle)
    assert screen.findChildren(RecordAttachments)[-1].message.text() == ""


def test_a_report_that_was_handed_in_keeps_what_it_has_and_a_colleagues_is_only_read(
    page, store, qtbot, tasks, cabinet
):
    entry = VisitEntry(
        new_id(), HUASHAN, held_on=clock.today(), objective="a", outcome="b", next_step="c"
    )
    store.transact(Origin.USER, lambda work: report_visit(work, entry))
    one = attached(store, cabinet, entry.id)
    store.transact(Origin.USER, lambda work: submit_visit(work, entry.id))
    strip = page(entry.id)
    qtbot.waitUntil(lambda: names(strip) == ["photo.png"])
    assert not strip.tiles[one].remove.isVisible()
    theirs = VisitEntry(new_id(), HUASHAN, held_on=clock.today(), objective="theirs")
    mine, store.actor = store.actor, Actor("another", Role.REP, "Kim")
    store.transact(Origin.USER, lambda work: plan_visit(work, theirs))
    store.actor = mine
    assert page(theirs.id) is None


def test_the_list_of_visits_marks_those_with_attachments(window, store, qtbot, tasks, cabinet):
    visit, other = planned(store), planned(store)
    window.show_screen("visits", visit)
    table = window.screens["visits"].table
    qtbot.waitUntil(lambda: table.records.rowCount() == 2 and tasks.is_idle)
    attached(store, cabinet, visit)

    def marked():
        shown = [table.records.line(at) for at in range(table.records.rowCount())]
        return {
            one.id: [cell.image for cell in table.cells(at)][1]
            for at, one in enumerate(shown)
            if one is not None
        }

    qtbot.waitUntil(lambda: marked() == {visit: "paperclip", other: ""})


def test_a_customers_page_tells_which_visits_have_attachments(window, store, qtbot, cabinet):
    attached(store, cabinet, planned(store))
    window.show_screen("customers", HUASHAN)
    screen = window.screens["customers"]
    qtbot.waitUntil(
        lambda: "Attachments: 1" in [one.toolTip() for one in screen.findChildren(QLabel)]
    )
