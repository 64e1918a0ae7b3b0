"""The recovery screen and the dialog about a bug: words, a way on, nothing silent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.rescue import Findings, StoreCopy, Unsent
from kamdesk.domain.session import KnownProfile
from kamdesk.ui import recovery, translation
from kamdesk.ui.bugs import Bugs
from kamdesk.ui.first_start import FirstStart

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FOUND = Findings(
    "/data/profiles/p",
    (StoreCopy("new.kdb", NOW, 50 << 20), StoreCopy("old.kdb", NOW, 49 << 20)),
    (Unsent("visit", "Formulary meeting", "create", NOW),),
    drafts=1,
    server="https://kamdesk.example.com",
)
LOST = MachineError("Your data is damaged.", code="STORE_DAMAGED", context="store")


class Rescuer:
    """A `domain.rescue.Rescuer` with scripted answers."""

    def __init__(self, opened, found=FOUND):
        self.opened, self.found = opened, found
        self.asked = []
        self.answers = []

    def look(self, profile_id, passphrase):
        self.asked.append(("look", passphrase))
        return self.found

    def open(self, profile_id, passphrase):
        return self._answer("open", passphrase)

    def restore(self, profile_id, passphrase, copy_id):
        return self._answer("restore", copy_id)

    def begin_again(self, profile_id, passphrase, sign_in):
        return self._answer("begin_again", sign_in.user)

    def set_aside(self, profile_id):
        self._answer("set_aside", profile_id)

    def _answer(self, *what):
        self.asked.append(what)
        if self.answers:
            raise self.answers.pop(0)
        return self.opened


@pytest.fixture
def rescuer(opened):
    return Rescuer(opened)


@pytest.fixture
def first(qtbot, door, tasks, rescuer):
    def make(*errors, profile=None, go_back=""):
        door.known = [profile or KnownProfile("p", "Ann · Hehe", by_passphrase=False)]
        door.answers = list(errors)
        window = FirstStart(door, tasks, None, rescuer, go_back)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(lambda: tasks.is_idle and window.recovery is not None)
        qtbot.waitUntil(lambda: tasks.is_idle)
        return window

    return make


def texts(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def buttons(widget: QWidget) -> dict[str, QPushButton]:
    return {
        one.accessibleName(): one for one in widget.findChildren(QPushButton) if one.isVisible()
    }


def press(qtbot, widget: QWidget, name: str) -> None:
    qtbot.waitUntil(lambda: name in buttons(widget))
    buttons(widget)[name].click()


def restore_newest(qtbot, widget: QWidget) -> None:
    qtbot.waitUntil(lambda: any(name.startswith("Restore") for name in buttons(widget)))
    next(one for name, one in buttons(widget).items() if name.startswith("Restore")).click()


def test_h30_a_damaged_store_leads_to_the_recovery_screen(first, qtbot):
    window = first(LOST)
    qtbot.waitUntil(lambda: "Copy details" in buttons(window))
    told = texts(window)
    for words in ("damaged", "Formulary meeting", "50 MB", "1 half-typed", "quarantine"):
        assert words in told
    assert {"Show the folder", "Choose a file…", "Copy details"} <= set(buttons(window))


def test_restoring_the_newest_backup_is_one_press_and_opens_the_program(first, qtbot, rescuer):
    window = first(LOST)
    with qtbot.waitSignal(window.opened):
        restore_newest(qtbot, window)
    assert ("restore", "new.kdb") in rescuer.asked


def test_a_file_that_lies_sealed_in_quarantine_can_be_chosen(first, qtbot, rescuer, monkeypatch):
    asked = []

    class Played(recovery.FileDialog):
        def open(self) -> None:
            asked.append(self.nameFilters())
            self.fileSelected.emit("/aside/20261101T000000Z-g000001.kdb.kdq")

    monkeypatch.setattr(recovery, "FileDialog", Played)
    window = first(LOST)
    with qtbot.waitSignal(window.opened, timeout=5000):
        press(qtbot, window, "Choose a file…")
    assert "*.kdq" in asked[0][0]
    assert rescuer.asked[-1] == ("restore", "/aside/20261101T000000Z-g000001.kdb.kdq")


def test_a_restore_that_fails_says_why_and_offers_everything_again(first, qtbot, rescuer, tasks):
    window = first(LOST)
    rescuer.answers = [MachineError("There is too little room.", code="NO_ROOM")]
    restore_newest(qtbot, window)
    qtbot.waitUntil(lambda: "too little room" in texts(window))
    qtbot.waitUntil(
        lambda: sum(name.startswith("Restore the backup") for name in buttons(window)) == 2
    )


def test_everything_can_be_fetched_again_and_a_wrong_password_keeps_what_was_typed(
    first, qtbot, rescuer
):
    window = first(LOST)
    press(qtbot, window, "Fetch everything from head office again…")
    page = window.recovery
    assert page.edits["server"].text() == FOUND.server
    page.edits["user"].setText("ann")
    page.edits["password"].setText("wrong")
    rescuer.answers = [UserError("User name or password is not right.", field="password")]
    press(qtbot, window, "Fetch everything")
    qtbot.waitUntil(lambda: "not right" in texts(window))
    assert page.edits["user"].text() == "ann"
    with qtbot.waitSignal(window.opened):
        press(qtbot, window, "Fetch everything")


def test_h42_a_lost_key_asks_for_the_passphrase_where_there_is_one(first, qtbot, rescuer):
    lost = MachineError("The key is gone.", code="KEY_MISSING")
    window = first(lost, profile=KnownProfile("p", "Ann", by_passphrase=False, has_passphrase=True))
    rescuer.answers = [UserError("This is not the passphrase.", field="passphrase")]
    window.recovery.edits["passphrase"].setText("wrong")
    press(qtbot, window, "Use the passphrase")
    qtbot.waitUntil(lambda: "not the passphrase" in texts(window))
    window.recovery.edits["passphrase"].setText("right")
    with qtbot.waitSignal(window.opened):
        press(qtbot, window, "Use the passphrase")
    assert ("open", "right") in rescuer.asked


def test_h42_without_a_passphrase_the_profile_is_put_aside_after_a_second_question(
    first, qtbot, rescuer
):
    window = first(MachineError("The key is gone.", code="KEY_MISSING"))
    assert "passphrase" not in window.recovery.edits
    press(qtbot, window, "Set up this computer anew…")
    assert ("set_aside", "p") not in rescuer.asked
    qtbot.waitUntil(lambda: "set-aside" in texts(window))
    press(qtbot, window, "Set aside and set up anew")
    qtbot.waitUntil(lambda: "server" in window.edits)
    assert ("set_aside", "p") in rescuer.asked


def test_other_trouble_is_said_and_can_be_tried_again(first, qtbot, door, tasks, rescuer):
    door.known = [KnownProfile("p", "Ann", by_passphrase=False)]
    door.answers = [MachineError("The key store stayed locked.", code="KEYRING_LOCKED")]
    window = FirstStart(door, tasks, None, rescuer)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "stayed locked" in texts(window))
    with qtbot.waitSignal(window.opened):
        next(one for one in window.findChildren(QPushButton) if one.text().strip() == "Ann").click()


def test_details_are_copied_without_what_was_typed(first, qtbot):
    window = first(LOST)
    press(qtbot, window, "Copy details")
    copied = QGuiApplication.clipboard().text()
    assert "STORE_DAMAGED" in copied
    assert "Formulary" not in copied


def test_going_back_asks_for_the_passphrase_first(first, qtbot, rescuer):
    window = first(profile=KnownProfile("p", "Ann", by_passphrase=True), go_back="p")
    assert "Restore the backup" not in "".join(buttons(window))
    window.recovery.edits["passphrase"].setText("right")
    press(qtbot, window, "Use the passphrase")
    qtbot.waitUntil(lambda: "Go back to a backup" in texts(window) and buttons(window) != {})
    qtbot.waitUntil(lambda: any("Restore the backup" in name for name in buttons(window)))
    assert ("look", "right") in rescuer.asked


def test_older_backups_are_one_press_away(first, qtbot, rescuer):
    rescuer.found = Findings("/data", tuple(StoreCopy(f"{n}.kdb", NOW, 1 << 20) for n in range(9)))
    window = first(LOST)
    qtbot.waitUntil(lambda: "Older backups" in buttons(window))
    labels = [one.text() for one in window.findChildren(QPushButton) if one.isVisible()]
    assert labels.count("Restore") == 3
    press(qtbot, window, "Older backups")
    qtbot.waitUntil(
        lambda: (
            [one.text() for one in window.findChildren(QPushButton) if one.isVisible()].count(
                "Restore"
            )
            == 9
        )
    )


def test_the_screen_is_in_chinese_too(first, qtbot):
    translation.use("zh_CN")
    window = first(LOST)
    assert not any(name.startswith(("Restore", "Show", "Copy")) for name in buttons(window))


# ---- bugs


def test_a_bug_says_that_the_data_is_safe_and_offers_the_details(qapp, spoken):
    bugs = Bugs()
    bugs.show(RuntimeError("23.50"))
    assert "safe" in bugs.box.text()
    next(one for one in bugs.box.buttons() if "Copy" in one.text()).click()
    assert "RuntimeError" in QGuiApplication.clipboard().text()
    assert "23.50" not in QGuiApplication.clipboard().text()


def test_a_storm_of_bugs_is_one_dialog_and_few_lines_in_the_log(qapp, spoken):
    bugs = Bugs()
    for _ in range(200):
        bugs.show(ValueError("in paintEvent"))
    assert not bugs.is_new(ValueError("in paintEvent"))
    bugs.box.done(0)
    bugs.show(ValueError("in paintEvent"))
    assert bugs.box is None
    bugs.show(TypeError("another"))
    assert bugs.box is not None
    bugs.box.done(0)
