"""A tour of the main job: the real program, offscreen, against a real head office process that really goes away.

Every step is done with keys and clicks, checked, and photographed; the first thing that is not as it should be
ends the tour with an error. `python dev.py tour --out DIR`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QInputMethodEvent, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from kamdesk import app as desktop
from kamdesk.app import Program
from kamdesk.db.queries.today import drafts
from kamdesk.domain.connection import Link
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.story import PASSWORD
from kamdesk.sync import planner
from kamdesk.ui import theme, translation
from kamdesk.ui.kit.small_form import SmallForm
from tests import tour_attachments, tour_contracts, tour_imports

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "demo passphrase, no secret"
SIZE = (1440, 900)
HOSPITAL = "浙江大学医学院附属第一医院"


class Office:
    """A head office in a process of its own, always at the same address."""

    complaints: int | IO[bytes] = subprocess.DEVNULL
    """Where its log goes."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "headoffice.db"
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._run("demo", str(ROOT / "resources" / "demo"))

    def _command(self, *arguments: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "kamdesk.headoffice",
            "--database",
            str(self.database),
            *arguments,
        ]

    def _run(self, *arguments: str) -> None:
        subprocess.run(self._command(*arguments), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_there(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command("serve", "--port", str(self._port)), cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=self.complaints,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline().rsplit(":", 1)[1])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def edit_customer(self, customer_id: str, **values: object) -> None:
        """Change a customer as somebody else would, while the laptop is away."""
        self.edit("customer", customer_id, **values)

    def edit(self, kind: str, record_id: str, **values: object) -> None:
        """Change any record as somebody else would."""
        with closing(Store.open(str(self.database))) as store, store.write("office") as writer:
            row = writer.get(kind, record_id)
            assert row is not None
            writer.put(kind, record_id, {**row.document, **values})

    def document(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return a record as head office has it."""
        with closing(Store.open(str(self.database))) as store, store.write("look") as writer:
            row = writer.get(kind, record_id)
            assert row is not None
            return dict(row.document)

    def has(self, kind: str, record_id: str) -> bool:
        """Say whether a record has arrived."""
        with closing(Store.open(str(self.database))) as store, store.write("look") as writer:
            return writer.get(kind, record_id) is not None

    def visits_of(self, outcome: str) -> int:
        """Count the visits that head office holds with this outcome."""
        with closing(Store.open(str(self.database))) as store, store.read() as connection:
            rows = connection.exec_driver_sql("SELECT data FROM sync_row WHERE gone = 0").scalars()
            return sum(outcome in data for data in rows)


class Tour:
    """One guest who does everything once and takes pictures."""

    def __init__(self, app: QApplication, out: Path, folder: Path) -> None:
        self.app, self.out, self.folder = app, out, folder
        self.number = 0
        self.bugs: list[BaseException] = []
        self.office = Office(folder)
        self.program: Program | None = None

    # ---- hands and eyes

    def turn(self) -> None:
        """Let the program go on for an instant; what it wants deleted goes, as in its own loop."""
        self.app.processEvents()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.005)

    def until(self, met: Callable[[], Any], what: str, seconds: float = 30.0) -> None:
        """Let the program go on until something has happened."""
        end = time.monotonic() + seconds
        while not met():
            if self.bugs:
                raise self.bugs[0]
            if time.monotonic() > end:
                raise AssertionError(f"it did not happen: {what}")
            self.turn()

    def rest(self, seconds: float = 0.3) -> None:
        """Let the program go on for a moment, and until no answer is outstanding."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()
        assert self.program is not None
        self.until(lambda: self.program and self.program.tasks.is_idle, "answers of the store")

    def type(self, widget: QWidget, words: str) -> None:
        """Type, Latin key by key and Chinese as an input method commits it."""
        if words.isascii():
            QTest.keyClicks(widget, words)
            return
        event = QInputMethodEvent()
        event.setCommitString(words)
        QApplication.sendEvent(widget, event)

    def press(self, widget: QWidget, key: Qt.Key, *, ctrl: bool = False) -> None:
        """Press one key."""
        held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(widget, key, held)

    @property
    def window(self) -> Any:
        assert self.program is not None
        assert self.program.window is not None
        return self.program.window

    def status(self) -> Any:
        """Return what the status strip shows."""
        return self.window.desk.connection.status()

    def say(self, words: str) -> None:
        """Announce a step."""
        self.number += 1
        print(f"{self.number:02} {words}", flush=True)
        self.words = words

    def shoot(self, widget: QWidget | None = None, *, variant: str = "light-en") -> None:
        """Save a picture of the window as it stands, with an open form over it."""
        self.rest(0.12)
        window = widget or self.window
        window.resize(*SIZE)
        self.rest(0.05)
        picture: QPixmap = window.grab()
        form = None if widget else self.window.form
        if form is not None:
            painter = QPainter(picture)
            painter.fillRect(picture.rect(), QColor(0, 0, 0, 80))
            at = picture.rect().center() - form.rect().center()
            painter.drawPixmap(at, form.grab())
            painter.end()
        name = "".join(letter if letter.isalnum() else "-" for letter in self.words.lower())
        path = self.out / f"{self.number:02}-{name[:48].strip('-')}-{variant}.png"
        assert picture.save(str(path)), f"{path} cannot be written"
        assert picture.size().toTuple() == SIZE, picture.size()

    def shoot_all(self) -> None:
        """Save the screen light and dark, English and Chinese; the switches are made while it runs."""
        for language in ("en", "zh_CN"):
            self.window.prefer("language", language)
            for look in ("light", "dark"):
                self.window.prefer("theme", look)
                self.rest(0.1)
                self.shoot(variant=f"{look}-{language[:2]}")
        self.window.prefer("theme", "light")
        self.window.prefer("language", "en")
        self.rest()

    def shoot_first(self, first: Any) -> None:
        """Save the first window in every variant."""
        for language in ("zh_CN", "en"):
            translation.use(language)
            first._paint_enrolment(first._keys)
            for look in ("dark", "light"):
                theme.apply(self.app, look)
                self.shoot(first, variant=f"{look}-{language[:2]}")

    def shoot_form(self) -> None:
        """Save an open form in every variant; for Chinese it is left and taken up again, as a user may."""
        for language in ("en", "zh_CN"):
            if language == "zh_CN":
                self.take_up("zh_CN")
            for look in ("dark", "light"):
                self.window.prefer("theme", look)
                self.shoot(variant=f"form-{look}-{language[:2]}")
        self.take_up("en")

    def take_up(self, language: str) -> None:
        """Leave the form, switch the language, go on with the draft."""
        self.until(lambda: self.window.form.kept.text(), "the draft")
        self.press(self.window.form, Qt.Key.Key_Escape)
        self.until(lambda: self.window.form is None, "the form is closed")
        self.window.prefer("language", language)
        self.rest()
        found: list[Any] = []
        self.window.desk.tasks.read(self.window, drafts, found.extend)
        self.until(lambda: found, "the draft")
        go_on = {"visit": "record_visit", "contract": "draft_contract"}
        getattr(self.window, go_on.get(found[0].form, "request_promotion"))(draft=found[0])
        self.rest()

    # ---- the day

    def open_program(self, name: str, login: str) -> None:
        """Start the program as on a new computer, sign in, choose a passphrase where one is asked for."""
        os.environ["KAMDESK_DEMO_PASSWORD"] = PASSWORD
        self.program = desktop.start(
            [
                "--data-dir",
                str(self.folder / name),
                "--demo-server",
                self.office.address,
                "--demo-user",
                login,
            ]
        )
        assert self.program is not None
        self.program.tasks.unexpected.connect(self.bugs.append)
        for kept, value in (("theme", "light"), ("language", "en")):
            self.program.preferences.set(kept, value)
        self.program.show()
        first = self.program.first
        self.until(lambda: "server" in first.edits, "the form that introduces this computer")
        if name == "rep":
            self.shoot_first(first)
        for field in ("passphrase", "again"):
            if field in first.edits:
                self.type(first.edits[field], PASSPHRASE)

    def set_up(self, name: str, login: str) -> None:
        """Set up a computer and wait until everything is loaded."""
        self.open_program(name, login)
        assert self.program is not None
        self.press(next(reversed(self.program.first.edits.values())), Qt.Key.Key_Return)
        self.until(lambda: self.program and self.program.window, "the window", 60)
        self.until(
            lambda: self.status().last_reconciled and not self.status().expected,
            "the first load",
            120,
        )

    def day(self) -> None:
        """Do everything once."""
        self.office.start()
        self.say("set up this computer")
        self.open_program("rep", "li.wei")
        assert self.program is not None
        edit = next(reversed(self.program.first.edits.values()))
        planner.ROWS_OF_FIRST_LOAD = 10  # so that the first load can be seen on a fast line
        self.press(edit, Qt.Key.Key_Return)
        self.until(lambda: self.program and self.program.window, "the window", 60)
        self.say("the territory is loading and can be paused")
        self.until(lambda: self.status().loaded > 40, "a part of the first load")
        self.window.strip.pause.click()
        self.until(
            lambda: self.status().link is Link.PAUSED and not self.status().working, "the pause"
        )
        half = self.status().loaded
        assert 0 < half < self.status().expected
        self.shoot_all()
        self.window.strip.pause.click()
        self.until(
            lambda: self.status().last_reconciled and not self.status().expected,
            "the first load",
            120,
        )
        planner.ROWS_OF_FIRST_LOAD = 2000
        self.say("today")
        self.window.show_screen("today", "")
        self.shoot_all()

        self.say("the connection is gone")
        self.office.stop()
        self.until(lambda: self.status().link is Link.OFFLINE, "offline in the strip")
        self.shoot_all()
        self.find_hospital()
        self.record()
        self.half_typed()
        self.miss()
        self.amend()
        self.ask_for_promotion()
        self.conflict_begins()
        self.waiting()

        self.say("the connection returns by itself")
        self.office.edit_customer(self.hospital, phone="0571-8723 9999")
        self.office.start()
        self.until(
            lambda: self.status().link is Link.ONLINE and not self.status().waiting, "sent", 40
        )
        assert self.office.visits_of("asks for the guideline") == 2  # the report and its amendment
        self.window.show_screen("today", "")
        self.shoot_all()
        self.settle()
        self.second_laptop()

    def find_hospital(self) -> None:
        """Find a hospital by its initials and look at its page."""
        self.say("a hospital found by its initials")
        self.window.show_screen("customers", "")
        customers = self.window.screens["customers"]
        self.rest()
        QTest.keyClick(self.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        customers.search()
        self.type(customers.typed, "zjdxyxyfsdyyy")
        self.until(
            lambda: [one.name for one in customers.table.records.rows][:1] == [HOSPITAL],
            "the hospital is found",
        )
        self.hospital = customers.table.records.rows[0].id
        customers.open_record(self.hospital)
        self.until(lambda: customers._whole and customers._whole[0].name == HOSPITAL, "its page")
        self.shoot_all()

    def record(self) -> None:
        """Record a visit with the keyboard alone, with a doctor who is not known yet."""
        self.say("a visit recorded offline")
        self.window.record_visit()
        form = self.window.form
        self.rest()
        self.type(form.customer, "zjdxyxyfsdyyy")
        self.press(form.customer, Qt.Key.Key_Return)
        self.until(lambda: form.customer.record_id == self.hospital, "the hospital is chosen")
        self.type(form.met.edit, "陈晓明")
        self.press(form.met.edit, Qt.Key.Key_Return)
        self.until(form.person_card.isVisible, "the card for a new person")
        self.type(form.person_card.department, "Cardiology")
        self.type(form.person_card.title, "Chief physician")
        self.press(form.person_card.title, Qt.Key.Key_Return)
        self.type(form.products.edit, "entresto")
        self.press(form.products.edit, Qt.Key.Key_Return)
        self.until(lambda: form.products.records, "the product is chosen")
        self.type(form.objective, "Formulary meeting: keep the switch protocol on the agenda.")
        self.press(form, Qt.Key.Key_Return, ctrl=True)
        self.until(
            lambda: form.fields["outcome"]._below.property("look") == "error", "what is missing"
        )
        self.shoot()
        self.type(form.outcome, "Supports the protocol; asks for the guideline summary.")
        self.type(form.next_step, "Send the guideline summary before Thursday.")
        tour_attachments.attach(self, form)
        self.shoot_form()
        self.press(self.window.form, Qt.Key.Key_Return, ctrl=True)
        self.until(lambda: self.window.form is None, "the visit is saved")
        assert self.window.strip.said.text() == "Saved on this computer"
        self.until(lambda: self.status().waiting == 5, "visit, doctor, task and two files wait")
        self.say("saved on this computer")
        self.window.show_screen("visits", "")
        self.rest()
        visits = self.window.screens["visits"]
        recorded = next(one for one in visits.table.records.rows if "guideline" in one.outcome)
        visits.open_record(recorded.id)
        self.recorded = recorded.id
        self.rest()
        self.shoot_all()

    def half_typed(self) -> None:
        """Leave a form half-typed; it is offered again, in either language."""
        self.say("a form left half-typed is offered again")
        self.window.record_visit(customer_id=self.hospital)
        form = self.window.form
        self.until(lambda: form.customer.record_id == self.hospital, "the customer")
        self.type(form.met.edit, "cxm")
        self.press(form.met.edit, Qt.Key.Key_Return)
        self.until(
            lambda: [one.text for one in form.met.records] == ["陈晓明"],
            "the doctor of the last visit, by the initials that were spelled in the meantime",
        )
        self.type(form.objective, "了解药事会的开会安排")
        self.until(lambda: "Draft kept" in form.kept.text(), "the draft")
        self.press(form, Qt.Key.Key_Escape)
        self.until(lambda: self.window.form is None, "the form is closed")
        self.window.show_screen("today", "")
        self.until(
            lambda: (
                self.window.screens["today"]._shown and self.window.screens["today"]._shown.drafts
            ),
            "the draft on the first page",
        )
        self.shoot_all()
        self.window.prefer("language", "zh_CN")
        self.window.show_screen("today", "")
        self.rest(0.5)
        draft = self.window.screens["today"]._shown.drafts[0]
        self.window.record_visit(draft=draft)
        assert self.window.form.objective.toPlainText() == "了解药事会的开会安排"
        self.shoot(variant="form-light-zh")
        self.window.form.discard.click()
        self.until(lambda: self.window.form is None, "the form is closed")
        self.window.prefer("language", "en")

    def miss(self) -> None:
        """Note that somebody could not be seen, with a new date."""
        self.say("could not see them, with a new date")
        self.window.show_screen("today", "")
        today = self.window.screens["today"]
        self.until(lambda: today._shown and today._shown.visits, "the visits of today")
        planned = today._shown.visits[0]
        self.window.record_visit(visit_id=planned.id, missed=True)
        form = self.window.form
        self.until(
            lambda: form.customer.record_id and form.missed_card.isVisible(), "the card for it"
        )
        self.type(form.missed_card.reason, "In surgery all morning")
        self.shoot(variant="form-light-en")
        self.press(form.missed_card.reason, Qt.Key.Key_Return)
        self.until(lambda: self.window.form is None, "it is noted")
        self.window.show_screen("visits", planned.id)
        self.rest()
        assert self.window.screens["visits"]._whole.row.state == "missed"
        self.shoot_all()

    def amend(self) -> None:
        """Amend the report; the old version stays."""
        self.say("amended, with the old version kept")
        self.window.record_visit(visit_id=self.recorded, amend=True)
        form = self.window.form
        self.until(lambda: form.outcome.toPlainText(), "the report")
        self.type(form.reason, "He called back")
        self.type(form.outcome, " Agreed by phone.")
        self.shoot(variant="form-light-en")
        self.press(form, Qt.Key.Key_Return, ctrl=True)
        self.until(lambda: self.window.form is None, "the amendment is saved")
        visits = self.window.screens["visits"]
        self.rest()
        newest = next(one for one in visits.table.records.rows if one.version == 2)
        self.window.show_screen("visits", newest.id)
        self.until(lambda: visits._whole and len(visits._whole.versions) == 1, "the old version")
        self.shoot_all()
        tour_attachments.look(self)

    def ask_for_promotion(self) -> None:
        """Hand in a promotion request without a connection."""
        self.say("a promotion request handed in offline")
        self.window.request_promotion(customer_id=self.hospital)
        form = self.window.form
        self.until(lambda: form.customer.record_id == self.hospital, "the customer")
        self.type(form.product, "entresto")
        self.press(form.product, Qt.Key.Key_Return)
        self.until(lambda: form.product.record_id, "the product is chosen")
        self.type(form.audience, "心内科医生二十位")
        self.type(form.place, "门诊楼六楼会议室")
        self.type(form.estimate, "9,800")
        self.type(form.objective, "Agree on the switch protocol with the whole department.")
        self.shoot_form()
        self.press(self.window.form, Qt.Key.Key_Return, ctrl=True)
        self.until(lambda: self.window.form is None, "the request is handed in")
        self.window.show_screen("promotions", "")
        screen = self.window.screens["promotions"]
        self.until(lambda: screen.table.records.rows, "the list")
        asked = next(one for one in screen.table.records.rows if one.sending != "confirmed")
        assert (asked.state, asked.estimate.minor) == ("submitted", 980_000)
        screen.open_record(asked.id)
        self.asked = asked.id
        self.rest()
        self.shoot_all()

    def conflict_begins(self) -> None:
        """Change a phone number that somebody else changes too."""
        self.say("a customer edited offline")
        self.window.show_screen("customers", self.hospital)
        customers = self.window.screens["customers"]
        self.until(lambda: customers._whole and customers._whole[0].id == self.hospital, "its page")
        customers._edit(customers._whole[0])
        form = customers.findChild(SmallForm)
        form._edits["phone"].setText("0571-8723 6666")
        self.press(form._edits["phone"], Qt.Key.Key_Return)
        self.until(lambda: customers._whole[0].phone == "0571-8723 6666", "the new number")
        self.shoot_all()

    def waiting(self) -> None:
        """Look at what waits."""
        self.say("what waits to be sent")
        self.window.show_screen("sync", "")
        self.rest()
        assert self.status().waiting >= 8
        self.shoot_all()

    def settle(self) -> None:
        """Settle the conflict with one key."""
        self.say("a conflict with both values")
        self.until(lambda: self.status().issues == 1, "the conflict")
        self.window.show_screen("sync", "")
        page = self.window.screens["sync"]
        self.until(lambda: page._first is not None, "the card")
        self.shoot_all()
        self.say("settled with one key and handed in")
        self.window.show_screen("sync", "")
        page = self.window.screens["sync"]
        self.until(lambda: page._first is not None, "the card")
        self.press(page, Qt.Key.Key_1)
        self.until(
            lambda: not self.status().issues and not self.status().waiting, "settled and sent"
        )
        self.shoot_all()

    def second_laptop(self) -> None:
        """Open the manager's laptop; the visit is there."""
        self.say("the manager's laptop shows the visit")
        self.window.close()
        assert self.program is not None
        self.program.end()
        self.set_up("kam", "wang.min")
        self.window.show_screen("visits", "")
        visits = self.window.screens["visits"]
        self.until(
            lambda: any("Agreed by phone" in one.outcome for one in visits.table.records.rows),
            "the visit",
        )
        seen = next(one for one in visits.table.records.rows if "Agreed by phone" in one.outcome)
        visits.open_record(seen.id)
        self.until(lambda: visits._whole and visits._whole.row.id == seen.id, "its page")
        assert visits._whole.met[0].text == "陈晓明"
        self.shoot_all()
        self.answer()
        tour_contracts.team(self)
        tour_contracts.contract(self)
        tour_imports.bring_in(self, self.folder)
        self.say("settings")
        self.window.show_screen("settings", "")
        self.shoot_all()
        self.window.close()

    def answer(self) -> None:
        """Approve the request of the rep on the manager's laptop; head office has the answer."""
        self.say("the manager answers the request")
        self.window.show_screen("today", "")
        today = self.window.screens["today"]
        self.until(lambda: today._shown and today._shown.to_decide, "requests to decide")
        self.window.show_screen("promotions", self.asked)
        screen = self.window.screens["promotions"]
        self.until(lambda: screen._shown and screen._shown.id == self.asked, "the request")
        self.shoot_all()
        self.window.show_screen("promotions", self.asked)
        screen = self.window.screens["promotions"]
        self.until(lambda: screen._shown and screen._shown.id == self.asked, "the request")
        approve = next(b for b in screen.findChildren(QPushButton) if b.text() == "Approve")
        approve.click()
        self.until(lambda: screen._shown.state == "approved", "the answer is shown")
        self.until(lambda: not self.status().waiting, "the answer is sent")
        assert self.office.document("promotion_request", self.asked)["state"] == "approved"

    def end(self) -> None:
        """End everything."""
        if self.program is not None:
            self.program.end()
        self.office.stop()


def main() -> int:
    """Play the tour; 0 when every step was as it should be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    app = QApplication([*sys.argv[:1], *theme.STYLE])
    app.setQuitOnLastWindowClosed(False)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        tour = Tour(app, out, Path(name))
        sys.excepthook = lambda _kind, error, _trace: tour.bugs.append(error)
        try:
            tour.day()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        except Exception:  # noqa: BLE001  # whatever it is, it is told and photographed
            traceback.print_exc()
            if tour.program is not None and tour.program.window is not None:
                tour.program.window.grab().save(str(out / "failed.png"))
            return 1
        finally:
            tour.end()
    print(f"{len(list(out.glob('*.png')))} pictures, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the platform plugin of offscreen has nothing to tidy up
