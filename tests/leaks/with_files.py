"""The part of the session about texts and files: a note that tells a price, attachments, a workbook with prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton

from kamdesk.ui.kit.attachment_page import RecordAttachments
from tests.leaks.planted import CANARIES

if TYPE_CHECKING:
    from tests.leaks.session import Session


def outside_of(folder: Path) -> Path:
    """Say where what the user takes out goes: beside the folder that is looked through."""
    return folder.with_name(folder.name + ".out")


def users_own(session: Session) -> Path:
    """Return the folder of the user's own files, which are not of this program."""
    folder = session.folder.with_name(f"user-of-{session.folder.name}")
    folder.mkdir(exist_ok=True)
    return folder


def note(session: Session) -> None:
    """Type a price into a report, be asked about it, leave the form, take it up, have it sealed, read it."""
    session.say("a price typed into a note, asked about, kept as a draft, sealed, sent and read")
    session.window.record_visit(customer_id=session.hospital)
    form = session.window.form
    session.until(lambda: form.customer.record_id, "the customer")
    for edit in (form.objective, form.next_step):
        session.type(edit, "Canaries")
    session.type(form.outcome, f"net price {CANARIES['note']} CNY agreed")
    session.press(form, Qt.Key.Key_Return, ctrl=True)
    session.until(form.guard.choice.isVisible, "the question")
    session.rest(1.5)
    session.take_up("en")
    form, visit = session.window.form, session.window.form.entry_id
    assert CANARIES["note"] in form.outcome.toPlainText()
    session.press(form, Qt.Key.Key_Return, ctrl=True)
    session.until(form.guard.choice.isVisible, "the question again")
    form.guard.choice.seal.click()
    session.until(lambda: session.window.form is None, "it is saved")
    session.until(lambda: session.office.has("sealed_text", visit), "it is sent", 40)
    assert CANARIES["note"] in session.office.document("sealed_text", visit)["outcome"]
    session.window.show_screen("visits", visit)
    screen = session.window.screens["visits"]
    session.until(lambda: screen._whole and screen._whole.row.id == visit, "its page")
    session.until(
        lambda: any(CANARIES["note"] in one.text() for one in screen.findChildren(QLabel)),
        "what it says",
    )


def attach(session: Session) -> None:
    """Attach files full of prices: kept through a draft, sent, given way, fetched, looked at."""
    session.say("files full of prices attached, kept through a draft, sent, given way, fetched")
    sources = users_own(session)
    prices = "".join(f"{one} " for one in CANARIES.values()).encode()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill("white")
    picture, paper = sources / "board.png", sources / "minutes.pdf"
    assert image.save(str(picture))
    picture.write_bytes(picture.read_bytes() + prices * 3_000)  # two pieces on the line
    paper.write_bytes(b"%PDF-1.7 " + prices * 40)
    session.window.show_screen("customers", "")
    session.window.record_visit(customer_id=session.hospital)
    form = session.window.form
    session.until(lambda: form.customer.record_id, "the customer")
    form.attachments.attach_files([picture, paper])
    session.until(lambda: len(form.attachments.items) == 2, "they are kept")
    for edit in (form.objective, form.outcome, form.next_step):
        session.type(edit, "Canaries")
    session.take_up("en")
    form, visit = session.window.form, session.window.form.entry_id
    session.until(lambda: len(form.attachments.items) == 2, "they are there again")
    session.press(form, Qt.Key.Key_Return, ctrl=True)
    session.until(lambda: session.window.form is None, "it is saved")
    session.window.show_screen("visits", visit)
    session.until(
        lambda: all(one.is_stored for one in _strip(session, visit).items), "they are sent", 60
    )
    session.until(
        lambda: not session.status().waiting, "nothing waits that would paint the page anew"
    )
    session.rest()
    strip = _strip(session, visit)
    one = strip.items[0]
    strip.cabinet._files.discard(one.content)
    strip.opening.open(one)
    session.until(lambda: strip.opening.dialog is not None, "it is fetched and shown", 60)
    strip.opening.dialog.accept()
    strip.take_away(strip.items[1])
    session.until(lambda: len(strip.items) == 1, "one is taken away")
    session.window.strip.undo.click()
    session.until(lambda: len(strip.items) == 2, "and comes back")


def _strip(session: Session, visit: str) -> Any:
    """Return the list of attachments on the page of a visit."""
    screen = session.window.screens["visits"]
    session.until(lambda: screen._whole and screen._whole.row.id == visit, "its page")
    # A page that is painted anew, because its visit was sent meanwhile, has another one
    session.until(
        lambda: [len(one.items) for one in screen.findChildren(RecordAttachments)][-1:] == [2],
        "its files",
    )
    return screen.findChildren(RecordAttachments)[-1]


def bring_in(session: Session) -> None:
    """Import customers from a workbook that has their prices beside them, save its bad rows, take it back."""
    session.say("a workbook with prices imported, its bad rows saved, taken back")
    path = users_own(session) / "名单.xlsx"
    rows: list[list[Any]] = [["医院名称", "省份", "城市", "电话", "净价"]]
    rows += [
        [f"试验医院{n}", "浙江省", "杭州市", f"0571-6372 00{n:02}", float(CANARIES["import"])]
        for n in range(1, 6)
    ]
    rows.append(["", "浙江省", "杭州市", "", CANARIES["import"]])
    with xlsxwriter.Workbook(
        str(path), {"in_memory": True}
    ) as book:  # or it writes files of its own
        sheet = book.add_worksheet("医院")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    session.window.show_screen("imports", "")
    screen = session.window.screens["imports"]
    session.rest()
    screen.look_at(path)
    session.until(
        lambda: screen.preview is not None and not screen.busy.isVisible(), "the preview", 60
    )
    errors = (
        outside_of(session.folder) / "errors.csv"
    )  # with all that stood in the rows, as it should be
    screen.save_errors().on_chosen(errors)
    session.until(errors.exists, "the rows with errors")
    screen.preview.go.click()
    session.until(lambda: screen.job is not None and screen.job.is_over, "the import", 60)
    assert screen.job.created >= 5, screen.job.created
    session.until(lambda: not session.status().waiting, "the new customers are sent", 60)
    session.window.show_screen("imports", "")
    session.rest()
    words = "Undo the whole import"
    undo = next(one for one in screen.findChildren(QPushButton) if one.text().strip() == words)
    undo.click()
    session.until(lambda: "taken back" in session.window.strip.said.text(), "it is taken back", 60)
    session.until(lambda: not session.status().waiting, "head office knows", 60)
